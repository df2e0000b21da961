import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { launch, logged, openWindow, type Running, until } from './contract-app.ts';

let running: Running;
beforeAll(async () => {
  running = await launch();
});
afterAll(() => running.close());

const inPage = (source: string): Promise<unknown> => running.page.evaluate(source);
const settle = (): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, 300));

/** The page did not leave, and no other page came. */
const stillThere = async (): Promise<void> => {
  expect(running.page.url()).toMatch(/\/index\.html$/u);
  expect(running.app.windows()).toHaveLength(1);
  expect(await running.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1);
  expect(await inPage('seen.ready')).toBe(true);
};

/** The text of a page opened for the purpose, or why it did not load. */
const load = (path: string): Promise<string> =>
  running.app.evaluate(async ({ BrowserWindow }, url) => {
    const window = new BrowserWindow({ show: false, webPreferences: { sandbox: true } });
    try {
      await window.loadURL(url);
      return String(await window.webContents.executeJavaScript('document.documentElement.textContent'));
    } catch (error) {
      return `failed: ${(error as Error).message}`;
    } finally {
      window.destroy();
    }
  }, path);

describe('the content security policy the app sent holds for page scripts', () => {
  test('no eval, no inline script, no connection, no HTML from strings, and each is reported', async () => {
    await until(running.page, 'seen.fetch !== undefined');
    expect(await inPage('[seen.eval, globalThis.inlineRan, seen.fetch, seen.html, seen.secure]')).toEqual([
      'EvalError',
      undefined,
      'TypeError',
      'TypeError',
      true,
    ]);
    expect(await inPage('[...new Set(seen.violations)].sort()')).toEqual(['connect-src', 'require-trusted-types-for']);
    // Reports travel on their own, so they may come after what they report.
    for (const part of ['inline script', 'by-id.js', 'TrustedHTML'])
      await expect
        .poll(
          async () =>
            (await logged(running.app, 'console')).some(([, level, message]) => level === 'error' && String(message).includes(part)),
          { message: part },
        )
        .toBe(true);
  });

  test('styles and modules of the app load', async () => {
    expect(await inPage('getComputedStyle(document.body).backgroundColor')).toBe('rgb(250, 250, 250)');
    expect(await inPage('seen.ready')).toBe(true);
  });
});

describe('leaving the app is denied', () => {
  beforeEach(() => running.app.evaluate(() => void globalThis.fixture.log.splice(0)));

  test('a link', async () => {
    await running.page.click('#away', { noWaitAfter: true });
    await settle();
    expect(await logged(running.app, 'will-navigate')).toEqual([['will-navigate', 'https://elsewhere.test/away']]);
    await stillThere();
  });

  test('a script that sets location', async () => {
    await running.page.click('#jump', { noWaitAfter: true });
    await settle();
    expect(await logged(running.app, 'will-navigate')).toEqual([['will-navigate', 'https://elsewhere.test/jump']]);
    await stillThere();
  });

  test('window.open: the handler is asked once, the page gets null', async () => {
    await running.page.click('#popup');
    await settle();
    expect(await inPage('[seen.popup, seen.noAddress]')).toEqual([null, 'SyntaxError']);
    expect(await logged(running.app, 'window-open')).toEqual([['window-open', 'https://elsewhere.test/popup', 'new-window']]);
    await stillThere();
  });

  test('target=_blank: the handler is asked once, no page is left', async () => {
    await running.page.click('#blank', { noWaitAfter: true });
    await settle();
    expect(await logged(running.app, 'window-open')).toEqual([['window-open', 'https://elsewhere.test/blank', 'foreground-tab']]);
    await stillThere();
  });

  test('a click with a modifier', async () => {
    await running.page.click('#away', { modifiers: ['Shift'], noWaitAfter: true });
    await settle();
    expect((await logged(running.app, 'window-open')).map(([, url]) => url)).toEqual(['https://elsewhere.test/away']);
    await stillThere();
  });

  test('a link in a sub-frame', async () => {
    const page = await openWindow(running.app, 'frames.html');
    const inner = page.frames()[1]!;
    await until(inner, 'globalThis.bridge !== undefined');
    await inner.click('#leave', { noWaitAfter: true });
    await settle();
    expect((await logged(running.app, 'will-frame-navigate')).map(([, url]) => url)).toEqual([
      'app://bundle/inner.html',
      'app://bundle/index.html',
    ]);
    expect(inner.url()).toMatch(/\/inner\.html$/u);
    await page.close();
  });
});

describe('permissions', () => {
  test('are denied when the handlers deny', async () => {
    expect(
      await inPage(`Promise.all(['geolocation', 'notifications', 'camera', 'microphone', 'midi', 'clipboard-read']
        .map((name) => navigator.permissions.query({ name }).then(({ state }) => state)))`),
    ).toEqual(['denied', 'denied', 'denied', 'denied', 'denied', 'denied']);
    expect(await inPage('navigator.mediaDevices.getUserMedia({ audio: true }).catch((error) => error.name)')).toMatch(
      /NotAllowedError|NotFoundError/u,
    );
    expect(
      await inPage(
        "new Promise((resolve) => navigator.geolocation.getCurrentPosition(() => resolve('here'), (error) => resolve(error.code)))",
      ),
    ).toBe(1);
  });
});

describe('protocol and requests', () => {
  test('the handler sees the URL it registered for', async () => {
    const served = await running.app.evaluate(() => globalThis.fixture.served);
    expect(served.slice(0, 2)).toEqual(['app://bundle/index.html', 'app://bundle/style.css']);
  });

  test('paths out of the folder reach nothing', async () => {
    for (const path of ['..%2fmain.js', '%2e%2e%2fmain.js', '../main.js', '....//main.js', 'x/%2e%2e/%2e%2e/main.js'])
      expect(await load(`app://bundle/${path}`), path).toBe('not here');
    expect(await load('app://elsewhere/index.html')).toBe('not here');
    expect(await load('app://bundle/none.html')).toBe('not here');
  });

  test('the request filter is asked about a web address and refuses it', async () => {
    const before = await running.app.evaluate(() => globalThis.fixture.blockedUrls);
    expect(await load('https://elsewhere.test/')).toMatch(/^failed: ERR_BLOCKED_BY_CLIENT/u);
    expect(await running.app.evaluate(() => globalThis.fixture.blockedUrls)).toBe(before + 1);
  });

  test('a handler is there once', async () => {
    expect(
      await running.app.evaluate(({ protocol, session }) => {
        const taken = protocol.isProtocolHandled('app');
        let again = 'handled twice';
        try {
          session.defaultSession.protocol.handle('app', () => new Response(''));
        } catch {
          again = 'refused';
        }
        return [taken, again];
      }),
    ).toEqual([true, 'refused']);
  });

  test('a scheme whose handler is taken away is not answered', async () => {
    const answers = await running.app.evaluate(async ({ protocol, BrowserWindow }) => {
      protocol.unhandle('app');
      const window = new BrowserWindow({ show: false, webPreferences: { sandbox: true } });
      const failure = await window.loadURL('app://bundle/index.html').then(
        () => 'loaded',
        () => 'failed',
      );
      window.destroy();
      protocol.handle('app', () => new Response('another'));
      return [failure, protocol.isProtocolHandled('app')];
    });
    expect(answers).toEqual(['failed', true]);
    expect(await load('app://bundle/index.html')).toBe('another');
  });
});
