/* The shell's promises held by the real main process, its real preload script and its real window. */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { IPC_CHANNELS } from '#contract/ipc.ts';
import { type BareApp, openBareApp } from './bare-app.ts';

const OUT = path.join(import.meta.dirname, '..', '..', 'out');
const PRELOAD = path.join(OUT, 'main', 'preload.cjs');

let bare: BareApp;
let page: Page;
beforeAll(async () => {
  bare = await openBareApp();
  ({ page } = bare);
});
afterAll(() => bare[Symbol.asyncDispose]());

const countWindows = (): Promise<number> => bare.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length);
/** What each channel answers to a request made where this page code runs, in the order of the channels. */
const askAll = (sender: string): string =>
  `Promise.all(${JSON.stringify(IPC_CHANNELS)}.map((channel) => ${sender}.call(channel, 'no request').then(() => 'answered', (error) => error.message)))`;

test('[E20] the bridge is three functions, frozen, and nothing else of Electron or Node is in the page', async () => {
  expect(
    await page.evaluate(() => {
      const bridge = (globalThis as unknown as { sotto: object }).sotto;
      const before = { ...bridge };
      const tried: string[] = [];
      for (const spoil of [
        () => Object.assign(bridge, { call: () => 'mine' }),
        () => Object.assign(bridge, { more: 1 }),
        () => Object.setPrototypeOf(bridge, { more: 1 }),
        () => Object.defineProperty(bridge, 'onChange', { value: 1 }),
      ]) {
        try {
          spoil();
        } catch {
          tried.push('refused');
        }
      }
      return {
        names: Object.keys(bridge).toSorted(),
        kinds: Object.values(bridge).map((member) => typeof member),
        frozen: Object.isFrozen(bridge),
        tried,
        same: Object.entries(before).every(([name, member]) => (bridge as Record<string, unknown>)[name] === member),
        strangers: ['require', 'process', 'module', 'exports', 'Buffer', 'global', 'ipcRenderer', 'electron', '__dirname'].filter(
          (name) => name in globalThis,
        ),
      };
    }),
  ).toEqual({
    names: ['call', 'onChange', 'onNews'],
    kinds: ['function', 'function', 'function'],
    frozen: true,
    tried: ['refused', 'refused', 'refused', 'refused'],
    same: true,
    strangers: [],
  });
});

test('[E17] a sub-frame, another page in our preload and a frame that navigated away get nothing from any channel', async () => {
  const asked = await bare.app.evaluate(
    async ({ BrowserWindow }, { preload, fromSubFrame, fromPage }) => {
      const window = new BrowserWindow({
        show: false,
        webPreferences: { preload, sandbox: true, contextIsolation: true, nodeIntegrationInSubFrames: true },
      });
      const ask = (source: string): Promise<string[]> => window.webContents.executeJavaScript(source) as Promise<string[]>;
      try {
        await window.loadURL('app://bundle/index.html');
        const ours = await ask(fromPage);
        const subFrame = await ask(fromSubFrame);
        await window.loadURL('data:text/html,<title>elsewhere</title>');
        const navigated = await ask(fromPage);
        return { ours, subFrame, navigated };
      } finally {
        window.destroy();
      }
    },
    {
      preload: PRELOAD,
      fromPage: askAll('sotto'),
      // The policy lets no frame of ours be filled, so a blank one is all there can be.
      fromSubFrame: `new Promise((resolve, reject) => {
        const frame = document.createElement('iframe');
        frame.src = 'about:blank#inner';
        document.body.append(frame);
        let looks = 0;
        const look = () => {
          if (frame.contentWindow?.sotto !== undefined) return resolve(frame.contentWindow);
          if (++looks > 100) return reject(new Error('no bridge in the sub-frame: ' + frame.contentWindow.location.href));
          if (looks % 20 === 0) frame.contentWindow.location = 'about:blank?' + looks;
          setTimeout(look, 20);
        };
        look();
      }).then((inner) => ${askAll('inner.sotto')})`,
    },
  );
  expect(IPC_CHANNELS.length).toBeGreaterThanOrEqual(15);
  const refused = IPC_CHANNELS.map((channel) => expect.stringContaining(`${channel} refused: sender`) as string);
  expect(asked.subFrame).toEqual(refused);
  expect(asked.navigated).toEqual(refused);
  // The canary: the same window showing our own page is heard, so the refusals above are about where the request came from.
  expect(asked.ours).toEqual(IPC_CHANNELS.map((channel) => expect.stringContaining(`${channel} refused: schema`) as string));
});

test('[E7] the page is served with the policy, and what it forbids is seen to be stopped', async () => {
  const stopped = await page.evaluate(async () => {
    const seen: string[] = [];
    document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => seen.push(effectiveDirective));
    const script = document.createElement('script');
    script.append('globalThis.inlineRan = true');
    document.body.append(script);
    const image = new Image();
    image.src = 'https://elsewhere.test/pixel.png';
    document.body.append(image);
    const frame = document.createElement('iframe');
    frame.src = 'https://elsewhere.test/';
    document.body.append(frame);
    const fetched = await fetch('https://elsewhere.test/').then(
      () => 'answered',
      () => 'stopped',
    );
    let html = 'taken';
    try {
      document.body.insertAdjacentHTML('beforeend', '<b></b>');
    } catch {
      html = 'stopped';
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
    for (const element of [script, image, frame]) element.remove();
    return { seen: [...new Set(seen)].toSorted(), fetched, html, ran: 'inlineRan' in globalThis };
  });
  expect(stopped).toMatchObject({ fetched: 'stopped', html: 'stopped', ran: false });
  expect(stopped.seen).toEqual(expect.arrayContaining(['connect-src', 'frame-src', 'img-src', 'require-trusted-types-for']));
});

test('[E13 E14] links, scripts and pop-ups in the real window lead nowhere', async () => {
  const home = page.url();
  const tried = await page.evaluate(async () => {
    const opened: unknown[] = [];
    for (const address of ['https://elsewhere.test/', 'file:///etc/passwd', 'app://bundle/index.html?again', 'smb://host/share']) {
      opened.push(window.open(address));
      for (const target of ['_blank', '_self', '_top']) {
        const link = document.createElement('a');
        link.href = address;
        link.target = target;
        document.body.append(link);
        link.click();
        link.remove();
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return opened;
  });
  await wait(300);
  expect(tried.filter((opened) => opened !== null)).toEqual([]);
  expect(page.url()).toBe(home);
  expect(await countWindows()).toBe(1);
  expect(await page.locator('#root > *').count()).toBeGreaterThan(0);
});

test('[E5] the real session denies what a page can ask for', async () => {
  expect(
    await page.evaluate(async () => {
      const names = ['geolocation', 'notifications', 'camera', 'microphone', 'midi', 'clipboard-read'] as unknown as PermissionName[];
      return Promise.all(names.map(async (name) => (await navigator.permissions.query({ name })).state));
    }),
  ).toEqual(['denied', 'denied', 'denied', 'denied', 'denied', 'denied']);
});

const DEEP_LINKS = [
  'app://bundle/../../etc/passwd',
  'app://evil/index.html',
  'sotto://open?call=1',
  'file:///etc/passwd',
  'smb://host/share',
  'ms-msdt:/id PCWDiagnostic',
  'https://good.example@evil.test/',
  'https://good.example.evil.test/',
  'https://gооd.example/',
  'javascript:alert(1)',
  '--central=http://evil.test',
  '--agent=ag-somebody',
  '--remote-debugging-port=0',
];

test('[E15] a deep link handed to a second start opens nothing: it shows the window there is', async () => {
  const home = page.url();
  const { executable, args, env } = bare.command;
  const child = spawn(executable, ['--no-sandbox', ...args, ...DEEP_LINKS], { env, stdio: 'ignore' });
  const code = await new Promise((resolve) => {
    child.once('exit', resolve);
  });
  expect(code).toBe(0);
  await wait(200);
  expect(await countWindows()).toBe(1);
  expect(page.url()).toBe(home);
  expect(bare.app.windows()).toHaveLength(1);
});

test('the door of the real window: 2,000 requests at once, unknown channels, 100 MB and polluted objects are refused, and the window lives', async () => {
  const answers = await page.evaluate(async (channels) => {
    const { call } = (globalThis as unknown as { sotto: { call(channel: string, request: unknown): Promise<unknown> } }).sotto;
    const ask = (channel: string, request: unknown): Promise<string> =>
      call(channel, request).then(
        () => 'answered',
        (error: Error) => error.message,
      );
    const unknown = await Promise.all(
      ['toString', '__proto__', 'constructor', 'desk:opened', '', 'engine-port'].map((name) => ask(name, {})),
    );
    const big = await ask('call:quiet', { callId: 'x'.repeat(100 * 1024 * 1024), quiet: true });
    const polluted = await ask('call:quiet', JSON.parse('{"callId":"call-1","quiet":true,"__proto__":{"quiet":true}}'));
    const started = performance.now();
    const flood = await Promise.all(Array.from({ length: 2_000 }, (_, i) => ask(channels[i % channels.length] ?? '', { i })));
    return { unknown, big, polluted, flood, floodMs: performance.now() - started };
  }, IPC_CHANNELS);
  for (const answer of answers.unknown) expect(answer).toMatch(/No handler registered|refused/);
  expect(answers.big).toContain('refused: size');
  expect(answers.polluted).not.toBe('answered');
  expect(answers.flood.filter((answer) => answer === 'answered')).toEqual([]);
  const byRate = answers.flood.filter((answer) => answer.includes('refused: rate')).length;
  // A hundred a second at most come as far as the schema.
  expect(byRate).toBeGreaterThanOrEqual(2_000 - 100 * (Math.ceil(answers.floodMs / 1_000) + 1));
  await wait(1_100);
  await expect(
    page.evaluate(() =>
      (globalThis as unknown as { sotto: { call(channel: string, request: unknown): Promise<unknown> } }).sotto.call('window:theme', {
        theme: 'system',
      }),
    ),
  ).resolves.toEqual({});
});

/** Names that only tests, drivers, debuggers or unfinished builds have. */
const NOT_SHIPPED =
  /sourceMappingURL|vitest|fast-check|playwright|openDevTools|toggleDevTools|react-dom\.development|jsx-dev-runtime|SOTTO_FULL|electron-stand-in|node:inspector|storageBackend/;

test('least function: nothing of tests, debuggers or source maps is in what is packed', () => {
  const files = ['main', 'renderer'].flatMap((folder) =>
    readdirSync(path.join(OUT, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath, entry.name)),
  );
  expect(files.length).toBeGreaterThanOrEqual(8);
  expect(files.filter((file) => !/\.(?:js|mjs|cjs|css|html|woff2|svg|png)$/.test(file))).toEqual([]);
  const code = files.filter((file) => /\.(?:js|mjs|cjs|css|html)$/.test(file));
  expect(code.filter((file) => NOT_SHIPPED.test(readFileSync(file, 'utf8')))).toEqual([]);
  // The canary: the pattern finds such a name where it may be.
  expect(NOT_SHIPPED.test(readFileSync(import.meta.filename, 'utf8'))).toBe(true);
});

test('[E1] what is packed names no address that is not encrypted, but names of XML and of JSON schemas', () => {
  const bundles = ['main', 'renderer'].flatMap((folder) =>
    readdirSync(path.join(OUT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(?:js|mjs|cjs|css|html)$/.test(name))
      .map((name) => readFileSync(path.join(OUT, folder, name), 'utf8')),
  );
  const found = bundles.flatMap((text) => text.match(/\b(?:http|ws|ftp):\/\/[\w.-]+/g) ?? []);
  expect(found.length).toBeGreaterThan(0);
  const names = ['http://www.w3.org', 'http://json-schema.org', 'http://www.apache.org'];
  expect([...new Set(found)].filter((address) => !names.includes(address))).toEqual([]);
});
