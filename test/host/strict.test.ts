import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launch, realElectron, type Running } from './contract-app.ts';

/** Members the stand-in has for itself; Electron's types do not show them to an app. */
const internal: ReadonlySet<string> = new Set([
  'answer',
  'answerProxy',
  'allWindowsClosed',
  'asElectron',
  'childProcessGone',
  'clickLast',
  'closeRefused',
  'contents',
  'contentsCreated',
  'contextId',
  'deliver',
  'forChromium',
  'frames',
  'handlerOf',
  'joinHost',
  'leaving',
  'page',
  'pageGone',
  'recordWith',
  'refreshLook',
  'refusesRequest',
  'renderProcessGone',
  'settlePermissions',
  'started',
  'systemBecame',
  'take',
  'targetId',
]);

describe.skipIf(realElectron)('what the stand-in lacks', () => {
  let running: Running;
  beforeAll(async () => {
    running = await launch();
  });
  afterAll(() => running.close());

  test('throws by name: members, events, options, preferences', async () => {
    const refusals = await running.app.evaluate((electron) => {
      const { app, BrowserWindow, ipcMain, session, utilityProcess, MessageChannelMain } = electron;
      const window = BrowserWindow.getAllWindows()[0] as Electron.BrowserWindow;
      const attempts: Record<string, () => unknown> = {
        module: () => electron.Tray,
        app: () => app.relaunch(),
        'app event': () => app.on('login', () => undefined),
        'app setter': () => Reflect.set(app, 'userAgentFallback', 'x'),
        window: () => window.setOpacity(0.5),
        'window event': () => window.on('unmaximize', () => undefined),
        'window class': () => BrowserWindow.fromBrowserView({} as never),
        'window option': () => new BrowserWindow({ transparent: true }),
        preference: () => new BrowserWindow({ webPreferences: { nodeIntegration: true } }),
        'unknown preference': () => new BrowserWindow({ webPreferences: { offscreen: true } }),
        contents: () => window.webContents.openDevTools(),
        'contents event': () => window.webContents.on('did-start-loading', () => undefined),
        frame: () => window.webContents.mainFrame.reload(),
        ipcMain: () => ipcMain.handleOnce('x', () => undefined),
        session: () => session.fromPartition('x'),
        'default session': () => session.defaultSession.cookies,
        webRequest: () => session.defaultSession.webRequest.onCompleted(() => undefined),
        commandLine: () => app.commandLine.removeSwitch('x'),
        fork: () => utilityProcess.fork('x.js', [], { partition: 'x' }),
        'fork stdio': () => utilityProcess.fork('x.js', [], { stdio: 'overlapped' }),
        port: () => new MessageChannelMain().port1.on('messageerror' as 'message', () => undefined),
        safeStorage: () => electron.safeStorage.encryptString('x'),
        theme: () => electron.nativeTheme.shouldUseHighContrastColors,
        dialog: () => electron.dialog.showOpenDialogSync({}),
        shell: () => electron.shell.beep(),
        path: () => app.getPath('music'),
      };
      return Object.entries(attempts).map(([what, attempt]) => {
        try {
          attempt();
          return `${what}: nothing thrown`;
        } catch (error) {
          return `${what}: ${(error as Error).message}`;
        }
      });
    });
    expect(refusals.length).toBeGreaterThanOrEqual(26);
    for (const refusal of refusals) expect(refusal).toMatch(/: electron stand-in: .+ is not implemented$/u);
    expect(refusals).toContain('app: electron stand-in: app.relaunch is not implemented');
    expect(refusals).toContain("app event: electron stand-in: app event 'login' is not implemented");
    expect(refusals).toContain('preference: electron stand-in: webPreferences nodeIntegration: true is not implemented');
    expect(refusals).toContain('module: electron stand-in: electron.Tray is not implemented');
  });

  test('every member it has is used by a contract test', async () => {
    const members = await running.app.evaluate((electron) => {
      const window = electron.BrowserWindow.getAllWindows()[0] as Electron.BrowserWindow;
      const { port1 } = new electron.MessageChannelMain();
      const objects: object[] = [
        electron,
        electron.app,
        electron.app.commandLine,
        electron.BrowserWindow,
        window,
        electron.webContents,
        window.webContents,
        window.webContents.mainFrame,
        electron.ipcMain,
        electron.protocol,
        electron.session.defaultSession,
        electron.session.defaultSession.webRequest,
        electron.utilityProcess,
        globalThis.fixture.child,
        port1,
        electron.safeStorage,
        electron.nativeTheme,
        electron.Menu,
        electron.Notification,
        new electron.Notification(),
        electron.dialog,
        electron.shell,
        electron.powerMonitor,
        electron.screen,
        electron.net,
      ];
      const names = new Set<string>();
      for (const object of objects) {
        // Up to Node's emitter, whose members need no test of ours.
        for (
          let level: object | null = object;
          level !== null &&
          !Object.hasOwn(level, 'emit') &&
          !Object.hasOwn(level, 'defaultMaxListeners') &&
          level !== Object.prototype &&
          level !== Function.prototype;
          level = Object.getPrototypeOf(level) as object | null
        )
          for (const name of Object.getOwnPropertyNames(level)) names.add(name);
      }
      return [...names].filter((name) => !name.startsWith('_') && !['constructor', 'prototype', 'length', 'name'].includes(name));
    });
    expect(members.length).toBeGreaterThanOrEqual(130);
    const folder = import.meta.dirname;
    const sources = [...readdirSync(folder), ...readdirSync(join(folder, 'app')).map((name) => `app/${name}`)]
      .filter((name) => /\.(?:test\.ts|js|cjs)$/u.test(name) && name !== 'strict.test.ts')
      .map((name) => readFileSync(join(folder, name), 'utf8'))
      .join('\n');
    const untested = members.filter((name) => !internal.has(name) && !new RegExp(`\\b${name}\\b`, 'u').test(sources));
    expect(untested).toEqual([]);
  });
});
