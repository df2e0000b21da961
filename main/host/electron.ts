/**
 * The module `electron` of the stand-in: the part of Electron's API that Sotto uses, over a local Chromium. It exists so
 * that the same main, preload, renderer and engine code runs where Electron's binary is not there.
 *
 *   electron (sh) ─► start.ts ─► register.ts maps 'electron' to this file ─► the app's main file
 *   app, windows, sessions … (this process) ── DevTools over a pipe ──► Chromium, one page a window
 *   utility processes: Node children with parentPort (utility-runtime.ts)
 *
 * IMPLEMENTED, each with its contract test in test/host (the same suite runs on a binary: SOTTO_ELECTRON=/path/to/electron):
 * app, BrowserWindow, webContents, WebFrameMain, ipcMain; contextBridge and ipcRenderer in a sandboxed preload; protocol,
 * session.defaultSession, utilityProcess, MessageChannelMain, safeStorage (asynchronous), nativeTheme, Menu, Notification,
 * dialog, shell, powerMonitor, screen, net.fetch of files. Anything else throws `electron stand-in: X is not implemented`:
 * members, events, window options, preferences. Levers for tests: levers.ts.
 *
 * WHAT DIFFERS
 * - No claim about Electron's own sandbox: policies and handlers are exercised, the binary's hardening is not.
 * - `app://bundle` is `https://bundle.app.localhost` inside the page (`location`, Playwright's `page.url()`); the app sees
 *   its own URLs everywhere. Schemes must be standard and secure. CSP sources of such schemes are rewritten.
 * - Pages have no network: what no `protocol.handle` answers fails, as a host that cannot be resolved does.
 * - A window a page asks for is always denied; a handler that allows one is reported as an error.
 * - Permissions are asked from the handlers before a page loads, not when it asks. A `location` with a scheme Chromium
 *   does not load (mailto:) reaches no handler.
 * - safeStorage keeps its key in a file of userData and says `basic_text`; SOTTO_TEST_STORAGE_BACKEND or a lever changes that.
 * - Dialogs, notifications, links: written down (and printed), not shown. Menus have no bar and no accelerators.
 * - A person who closes a real window closes its page: `close` is emitted, preventing it has no effect.
 * - `document.visibilityState` does not follow hide(); always-on-top and content protection are state only.
 * - Playwright's Electron driver emulates a light theme unless launched with `colorScheme: null`; on Electron too.
 *
 * With a display the first window has no browser controls; further ones are ordinary windows of Chromium. A window is real
 * when there is a display and SOTTO_HEADLESS is not 1, or when SOTTO_HEADED is 1.
 * SOTTO_CHROMIUM names the browser, SOTTO_NODE the Node that the launcher uses, SOTTO_CHROMIUM_LOG=1 shows its log.
 */
import { App, electronVersion } from './app.ts';
import { BrowserWindow } from './browser-window.ts';
import { Chromium } from './chromium.ts';
import { CommandLine } from './command-line.ts';
import { createDialog, createNet, createScreen, createShell, PowerMonitor } from './desktop.ts';
import type { Host } from './host.ts';
import { IpcMain } from './ipc-main.ts';
import { launchedApp } from './launched-app.ts';
import { type Levers, leversSymbol } from './levers.ts';
import { createMenu } from './menu.ts';
import { MessageChannelMain } from './message-ports.ts';
import { NativeTheme } from './native-theme.ts';
import { Notification } from './notification.ts';
import { Protocol } from './protocol.ts';
import { Recorder } from './recorder.ts';
import { createSafeStorage } from './safe-storage.ts';
import { SchemeMap } from './scheme-map.ts';
import { Session } from './session.ts';
import { strict } from './strict.ts';
import { createUtilityProcess } from './utility-process.ts';

const { env } = process;
const cannotStart = 69;

Object.defineProperty(process, 'type', { value: 'browser' });
Object.defineProperty(process, 'versions', { value: { ...process.versions, electron: electronVersion }, configurable: true });

function wantsDisplay(): boolean {
  if (env['SOTTO_HEADLESS'] === '1') return false;
  if (env['SOTTO_HEADED'] === '1' || process.platform === 'darwin' || process.platform === 'win32') return true;
  return Boolean(env['DISPLAY'] ?? env['WAYLAND_DISPLAY']);
}

const commandLine = new CommandLine(process.argv);
const recorder = new Recorder();
const schemes = new SchemeMap();
const windows: Host['windows'] = new Map();
const contents: Host['contents'] = new Map();
const headed = wantsDisplay();

const app = new App(launchedApp(process.argv), commandLine, () => [...windows.values()]);
const isReady = (): boolean => app.isReady();
const ipcMain = new IpcMain();
const nativeTheme = new NativeTheme();
const protocol = new Protocol(schemes, isReady);
const defaultSession = new Session(schemes, protocol);
const powerMonitor = new PowerMonitor();
const { dialog, answerNext } = createDialog(recorder);
Notification.recordWith(recorder);
const storage = createSafeStorage(isReady, () => app.getPath('userData'), env['SOTTO_TEST_STORAGE_BACKEND']);
const utility = createUtilityProcess({ isReady, childGone: (details) => app.childProcessGone(details) });

const starting = Promise.withResolvers<Chromium>();
let chromium: Chromium | undefined;

BrowserWindow.joinHost({
  headed,
  chromium: () => starting.promise,
  app: {
    isReady,
    name: () => app.getName(),
    contentsCreated: (created) => app.contentsCreated(created),
    renderProcessGone: (gone, details) => app.renderProcessGone(gone, details),
    allWindowsClosed: () => app.allWindowsClosed(),
    closeRefused: () => app.closeRefused(),
  },
  ipcMain,
  nativeTheme,
  protocol,
  recorder,
  schemes,
  session: defaultSession,
  windows,
  contents,
});
nativeTheme.on('updated', () => {
  for (const page of contents.values()) page.refreshLook();
});

async function start(): Promise<void> {
  const port = commandLine.hasSwitch('remote-debugging-port') ? Number(commandLine.getSwitchValue('remote-debugging-port')) : undefined;
  chromium = await Chromium.start({ headed, debuggingPort: port, switches: commandLine.forChromium(), failed: recorder.failed });
  chromium.onExit(() => browserEnded());
  const { product } = await chromium.root.send('Browser.getVersion');
  Object.assign(process.versions, { chrome: product.replace(/^[^/]*\//u, '') });
  if (port !== undefined) {
    console.error(`DevTools listening on ${await chromium.endpoint()}`);
    leaveWithParent();
  }
  starting.resolve(chromium);
  app.started();
}

/** A person closed the browser, or it crashed: its windows are gone, which the app hears as of any window. No other can be opened. */
function browserEnded(): void {
  if (!app.leaving && windows.size > 0) console.error('electron stand-in: the browser has ended');
  for (const window of windows.values()) window.pageGone();
}

/** A test driver that was killed cannot quit its app. */
function leaveWithParent(): void {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) app.exit(1);
  }, 500).unref();
}

// In a later turn: an app that is not the first instance leaves before a browser is started for it.
setImmediate(() => {
  if (app.leaving) return;
  start().catch((cause: unknown) => {
    console.error(cause);
    process.exit(cannotStart);
  });
});
process.on('exit', () => {
  chromium?.close();
  utility.killAll();
  app.releaseSingleInstanceLock();
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => app.quit());

const levers: Levers = {
  recorded: recorder.calls,
  suspend: () => void powerMonitor.emit('suspend'),
  resume: () => void powerMonitor.emit('resume'),
  systemDark: (dark) => nativeTheme.systemBecame(dark),
  answerNextDialog: answerNext,
  clickLastNotification: () => Notification.clickLast(),
  storageBackend: storage.choose,
  proxy: (answer) => defaultSession.answerProxy(answer),
};
Object.defineProperty(globalThis, leversSymbol, { value: levers });

const allContents = () => [...contents.values()].map((one) => one.asElectron());
const session = strict(
  {
    get defaultSession() {
      if (!isReady()) throw new Error('Session can only be received when app is ready');
      return defaultSession;
    },
  },
  'session',
);
const webContents = strict(
  {
    getAllWebContents: allContents,
    fromId: (id: number) => contents.get(id)?.asElectron(),
    fromDevToolsTargetId: (targetId: string) => [...contents.values()].find((one) => one.targetId === targetId)?.asElectron(),
  },
  'webContents',
);
const Menu = strict(createMenu(recorder, { quit: () => app.quit(), close: () => BrowserWindow.getFocusedWindow()?.close() }), 'Menu');
const net = createNet();
const safeStorage = strict(storage.safeStorage, 'safeStorage');
const screen = createScreen();
const shell = createShell(recorder);
const utilityProcess = strict(utility.utilityProcess, 'utilityProcess');
const StrictBrowserWindow = strict(BrowserWindow, 'BrowserWindow');
const StrictNotification = strict(Notification, 'Notification');

const electron = strict(
  {
    app,
    BrowserWindow: StrictBrowserWindow,
    dialog,
    ipcMain,
    Menu,
    MessageChannelMain,
    nativeTheme,
    net,
    Notification: StrictNotification,
    powerMonitor,
    protocol,
    safeStorage,
    screen,
    session,
    shell,
    utilityProcess,
    webContents,
  },
  'electron',
);

export { StrictBrowserWindow as BrowserWindow, StrictNotification as Notification };
export {
  app,
  dialog,
  ipcMain,
  Menu,
  MessageChannelMain,
  nativeTheme,
  net,
  powerMonitor,
  protocol,
  safeStorage,
  screen,
  session,
  shell,
  utilityProcess,
  webContents,
};
// `import electron from 'electron'` and `require('electron')`, as Electron has them.
// oxlint-disable-next-line import/no-default-export
export { electron as default, electron as 'module.exports' };
