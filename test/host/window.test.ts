import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launch, logged, openWindow, realElectron, type Running, until } from './contract-app.ts';

let running: Running;
beforeAll(async () => {
  running = await launch();
});
afterAll(() => running.close());

/** Levers exist only on the stand-in. */
const systemDark = (dark: boolean): Promise<void> =>
  running.app.evaluate((_electron, value) => {
    const levers = Reflect.get(globalThis, Symbol.for('sotto.electron-stand-in')) as { systemDark(dark: boolean): void };
    levers.systemDark(value);
  }, dark);

describe('BrowserWindow', () => {
  test('is found by its contents, its id and among all', async () => {
    const found = await running.app.evaluate(({ BrowserWindow, webContents }) => {
      const [window] = BrowserWindow.getAllWindows();
      if (!window) return [];
      return [
        BrowserWindow.fromWebContents(window.webContents) === window,
        BrowserWindow.fromId(window.id) === window,
        webContents.fromId(window.webContents.id) === window.webContents,
        webContents.getAllWebContents().includes(window.webContents),
        window.webContents.isDestroyed(),
        window.webContents.isLoading(),
        window.webContents.getURL(),
        window.webContents.mainFrame.url,
      ];
    });
    expect(found).toEqual([true, true, true, true, false, false, 'app://bundle/index.html', 'app://bundle/index.html']);
  });

  test('is found from its page by a driver', async () => {
    const handle = await running.app.browserWindow(running.page);
    expect(await handle.evaluate((window) => window.webContents.getURL())).toBe('app://bundle/index.html');
    expect(await running.app.evaluate(({ webContents }) => webContents.fromDevToolsTargetId('nothing'))).toBe(undefined);
  });

  test('has the size it was given, and the page has it too', async () => {
    expect(await running.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.getSize())).toEqual([900, 600]);
    expect(await running.page.evaluate('innerWidth')).toBe(900);
  });

  test('is resized, moved and kept above its minimum, and says so', async () => {
    const seen = await running.app.evaluate(({ BrowserWindow }) => {
      const window = BrowserWindow.getAllWindows()[0] as Electron.BrowserWindow;
      const heard: string[] = [];
      window.on('resize', () => heard.push('resize'));
      window.on('move', () => heard.push('move'));
      window.setMinimumSize(320, 480);
      window.setBounds({ x: 11, y: 12, width: 700, height: 500 });
      const bounds = window.getBounds();
      window.setSize(100, 100);
      const small = window.getSize();
      window.setSize(900, 600);
      return { heard: [...new Set(heard)].toSorted(), bounds, small, minimum: window.getMinimumSize() };
    });
    expect(seen).toEqual({
      heard: ['move', 'resize'],
      bounds: { x: 11, y: 12, width: 700, height: 500 },
      small: [320, 480],
      minimum: [320, 480],
    });
    await until(running.page, 'innerWidth === 900');
  });

  test('shows, hides, focuses, minimises and restores, and says so', async () => {
    const seen = await running.app.evaluate(async ({ BrowserWindow }) => {
      const window = await globalThis.fixture.openWindow('inner.html');
      const heard: string[] = [];
      for (const event of ['show', 'hide', 'focus', 'blur', 'minimize', 'restore'] as const)
        window.on(event as 'show', () => heard.push(event));
      const states: unknown[] = [window.isVisible()];
      window.showInactive();
      states.push(window.isVisible(), window.isFocused());
      window.focus();
      states.push(window.isFocused(), BrowserWindow.getFocusedWindow() === window);
      window.minimize();
      states.push(window.isMinimized());
      window.restore();
      states.push(window.isMinimized());
      window.hide();
      states.push(window.isVisible());
      window.show();
      window.blur();
      states.push(window.isFocused());
      window.destroy();
      return { heard, states, gone: window.isDestroyed() };
    });
    expect(seen).toEqual({
      heard: ['show', 'focus', 'blur', 'minimize', 'restore', 'hide', 'show', 'focus', 'blur'],
      states: [false, true, false, true, true, true, false, false, false],
      gone: true,
    });
  });

  test('keeps title, colour, always-on-top and content protection', async () => {
    const kept = await running.app.evaluate(({ BrowserWindow }) => {
      const window = BrowserWindow.getAllWindows()[0] as Electron.BrowserWindow;
      window.setTitle('Renamed');
      window.setBackgroundColor('#101010');
      window.setAlwaysOnTop(true);
      window.setContentProtection(true);
      window.setMenuBarVisibility(false);
      window.setMenu(null);
      const result = [window.getTitle(), window.getBackgroundColor(), window.isAlwaysOnTop(), window.isContentProtected()];
      window.setAlwaysOnTop(false);
      return result;
    });
    expect(kept).toEqual(['Renamed', '#101010', true, true]);
  });

  test('is ready to show once its first page is there', async () => {
    expect((await logged(running.app, 'ready-to-show')).length).toBeGreaterThanOrEqual(1);
    expect(await logged(running.app, 'did-finish-load')).toContainEqual(['did-finish-load', 'app://bundle/index.html']);
    expect((await logged(running.app, 'web-contents-created'))[0]).toEqual(['web-contents-created', 1]);
  });

  test('closes with close, then closed; a destroyed window refuses use', async () => {
    const page = await openWindow(running.app, 'inner.html');
    await running.app.evaluate(() => void globalThis.fixture.log.splice(0));
    await page.close();
    expect(page.isClosed()).toBe(true);
    await expect.poll(() => running.app.evaluate(() => globalThis.fixture.log.map(([name]) => name))).toEqual(['close', 'closed']);
    const refusal = await running.app.evaluate(() => {
      try {
        globalThis.fixture.windows.at(-1)?.show();
        return 'shown';
      } catch (error) {
        return (error as Error).message;
      }
    });
    expect(refusal).toBe('Object has been destroyed');
  });

  test('a close the app prevents leaves the window', async () => {
    const page = await openWindow(running.app, 'inner.html');
    const left = await running.app.evaluate(async () => {
      globalThis.fixture.holdClose = true;
      const window = globalThis.fixture.windows.at(-1) as Electron.BrowserWindow;
      window.close();
      await new Promise((resolve) => setTimeout(resolve, 100));
      globalThis.fixture.holdClose = false;
      return window.isDestroyed();
    });
    expect(left).toBe(false);
    await page.close();
  });
});

describe('webContents', () => {
  test('the theme the app chooses is the one the page sees', async () => {
    const choose = (source: 'dark' | 'light' | 'system'): Promise<unknown> =>
      running.app.evaluate(({ nativeTheme }, wanted) => {
        let heard = 0;
        nativeTheme.once('updated', () => (heard += 1));
        nativeTheme.themeSource = wanted;
        return [nativeTheme.themeSource, nativeTheme.shouldUseDarkColors, heard];
      }, source);
    const background = 'getComputedStyle(document.body).backgroundColor';
    expect(await choose('dark')).toEqual(['dark', true, 1]);
    await until(running.page, `${background} === 'rgb(9, 9, 9)'`);
    expect(await choose('light')).toEqual(['light', false, 1]);
    await until(running.page, `${background} === 'rgb(250, 250, 250)'`);
    await choose('system');
  });

  test.skipIf(realElectron)("the system's theme is followed when the app chooses none", async () => {
    await systemDark(true);
    await until(running.page, "matchMedia('(prefers-color-scheme: dark)').matches");
    expect(await running.app.evaluate(({ nativeTheme }) => nativeTheme.shouldUseDarkColors)).toBe(true);
    await systemDark(false);
    await until(running.page, "!matchMedia('(prefers-color-scheme: dark)').matches");
  });

  test('a zoomed page has fewer, larger pixels', async () => {
    const zoom = (factor: number): Promise<number> =>
      running.app.evaluate(({ BrowserWindow }, value) => {
        const contents = (BrowserWindow.getAllWindows()[0] as Electron.BrowserWindow).webContents;
        contents.setZoomFactor(value);
        return contents.getZoomFactor();
      }, factor);
    expect(await zoom(2)).toBe(2);
    await until(running.page, 'innerWidth === 450');
    await zoom(1);
    await until(running.page, 'innerWidth === 900');
  });

  test('reload brings the page and its bridge back', async () => {
    await running.page.evaluate("(globalThis.seen.ready = 'old')");
    await running.app.evaluate(({ BrowserWindow }) => (BrowserWindow.getAllWindows()[0] as Electron.BrowserWindow).webContents.reload());
    await until(running.page, 'globalThis.seen?.ready === true');
    expect(await running.page.evaluate("fixture.call('echo', 1)")).toBe(1);
  });

  test('loading what is not there fails with its reason', async () => {
    const failure = await running.app.evaluate(async ({ BrowserWindow }) => {
      const window = new BrowserWindow({ show: false, webPreferences: { sandbox: true } });
      const heard: string[] = [];
      window.webContents.on('did-fail-load', (_event, _code, description) => heard.push(description));
      const message = await window.loadURL('other://nowhere/').catch((error: Error) => error.message);
      window.destroy();
      return [message, heard.length];
    });
    expect(failure).toEqual([expect.stringMatching(/^ERR_\w+ \(-?\d+\) loading 'other:\/\/nowhere\/'$/u), 1]);
  });

  test('executeJavaScript returns values and rejects errors', async () => {
    const results = await running.app.evaluate(async ({ BrowserWindow }) => {
      const contents = (BrowserWindow.getAllWindows()[0] as Electron.BrowserWindow).webContents;
      return [
        await contents.executeJavaScript("fixture.call('echo', 3)"),
        await contents.executeJavaScript('nothing.here').then(
          () => 'no error',
          () => 'rejected',
        ),
      ];
    });
    expect(results).toEqual([3, 'rejected']);
  });

  test('console messages reach the app with their level', async () => {
    await running.page.evaluate("(console.warn('a', 1), console.error('b'), console.log('c'))");
    for (const entry of [
      ['console', 'warning', 'a 1'],
      ['console', 'error', 'b'],
      ['console', 'info', 'c'],
    ])
      await expect.poll(() => logged(running.app, 'console')).toContainEqual(entry);
  });

  test('a renderer that crashes is reported and can be loaded again', async () => {
    await openWindow(running.app, 'inner.html');
    const crashed = await running.app.evaluate(async () => {
      const window = globalThis.fixture.windows.at(-1) as Electron.BrowserWindow;
      window.webContents.forcefullyCrashRenderer();
      await new Promise<void>((resolve) => window.webContents.once('render-process-gone', () => setImmediate(resolve)));
      return window.webContents.isCrashed();
    });
    expect(crashed).toBe(true);
    expect(await logged(running.app, 'contents-gone')).toHaveLength(1);
    expect(await logged(running.app, 'render-process-gone')).toHaveLength(1);
    const answer = await running.app.evaluate(async () => {
      const window = globalThis.fixture.windows.at(-1) as Electron.BrowserWindow;
      window.reload();
      await new Promise<void>((resolve) => window.webContents.once('did-finish-load', () => resolve()));
      const alive: unknown = await window.webContents.executeJavaScript("fixture.call('echo', 'alive')");
      const crashedStill = window.webContents.isCrashed();
      window.destroy();
      return [alive, crashedStill];
    });
    expect(answer).toEqual(['alive', false]);
  });
});
