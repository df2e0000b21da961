/** Somebody signs in at an identity provider in the whole app: the window shows it, and what is in the window holds no token of anybody. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { _electron, type ElectronApplication } from 'playwright-core';
import { expect, test } from 'vitest';
import { deskCommand } from '#main/demonstration/launch-desk.ts';
import type { Levers } from '#main/host/levers.ts';
import { DURABLE, onPostgres } from '../central/engines.ts';
import { until } from '../central/fixture.ts';
import { productionCentral, TestProvider } from '../central/provider.ts';
import { ensureFreshBuild } from './fresh-build.ts';

/** What the app opened outside itself. */
const opened = (app: ElectronApplication): Promise<readonly string[]> =>
  app.evaluate(() => {
    const levers = Reflect.get(globalThis, Symbol.for('sotto.electron-stand-in')) as Levers;
    return levers.recorded.filter(({ kind }) => kind === 'external-link').map(({ details }) => (details as { url: string }).url);
  });

onPostgres((engine) => {
  test('signed in in the browser, on the screen and connected: no token in the window’s heap, nor in a file as it is, nor printed', async () => {
    await ensureFreshBuild();
    const userData = mkdtempSync(path.join(tmpdir(), 'sotto-browser-'));
    await using provider = await TestProvider.open();
    await using production = await productionCentral(await engine.open(), provider.issuer);
    const { executable, args, env } = deskCommand({
      central: production.central.url,
      agent: 'x',
      userData,
      clock: 'system',
      headless: true,
    });
    const app = await _electron.launch({
      executablePath: executable,
      args: args.filter((arg) => arg !== '--demonstration' && !arg.startsWith('--agent=')),
      env: { ...(env as Record<string, string>), SOTTO_TEST_STORAGE_BACKEND: 'gnome_libsecret' },
      timeout: 30_000,
    });
    const printed: string[] = [];
    for (const stream of [app.process().stdout, app.process().stderr]) stream?.on('data', (data) => printed.push(String(data)));
    try {
      const page = await app.firstWindow();
      const button = page.getByRole('button', { name: 'Sign in with Example ID' });
      await button.click();
      await page.getByRole('status').getByText('Finish in your browser.').waitFor();
      await until('the browser is opened', async () => (await opened(app)).length === 1, 10_000);
      provider.signsInAs = 'sub-ann';
      const [address = ''] = await opened(app);
      expect(new URL(address).origin).toBe(provider.issuer);
      await provider.browser()(new URL(address));
      await page.locator('.link-state[data-state="live"]').waitFor({ timeout: 30_000 });
      expect(production.central.desks()).toBe(1);

      const chunks: string[] = [];
      const session = await page.context().newCDPSession(page);
      session.on('HeapProfiler.addHeapSnapshotChunk', ({ chunk }) => chunks.push(chunk));
      // Something that is there, so that what is not found was looked for.
      await page.evaluate(() => Object.assign(globalThis, { canary: ['heap', 'canary', 'of', 'this', 'test'].join('-') }));
      await session.send('HeapProfiler.takeHeapSnapshot', { reportProgress: false });
      const heap = chunks.join('');
      expect(heap.length).toBeGreaterThan(100_000);
      expect(heap).toContain('heap-canary-of-this-test');
      const files = readdirSync(userData, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
      expect(files.some(({ name }) => name.endsWith('.refresh'))).toBe(true);
      const kept = files.map((entry) => readFileSync(path.join(entry.parentPath, entry.name)).toString('latin1')).join('\n');
      expect(provider.given.length).toBeGreaterThanOrEqual(3);
      for (const token of provider.given) for (const place of [heap, kept, printed.join('')]) expect(place.includes(token)).toBe(false);
      // Central's own for the desk are in the engine's process: no token of any kind is in the window.
      expect(heap).not.toMatch(/eyJ[\w-]{10,}\.eyJ[\w-]{10,}\./);
    } finally {
      await app.close();
      rmSync(userData, { recursive: true, force: true });
    }
  });
}, DURABLE);
