/** The app's main process: a window, a door for its requests, and an engine process to answer them. Nothing is decided or stored here. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import {
  app,
  type BrowserWindow,
  dialog,
  ipcMain,
  nativeTheme,
  Notification,
  powerMonitor,
  protocol,
  safeStorage,
  session,
  shell,
  utilityProcess,
} from 'electron';
import { DESK_CHANGED, NEWS_CAME } from '#contract/bridge.ts';
import { CENTRAL_CHANNEL_NAMES, type CentralChannel } from '#contract/central-channels.ts';
import type { DeskChange, DeskView } from '#contract/desk.ts';
import { FaultCause, faultLine, InWords, wordsOf } from '#contract/fault.ts';
import { IPC, IPC_CHANNELS, type IpcChannel, type IpcRequest, type IpcResponse, type Saved } from '#contract/ipc.ts';
import { Notices } from './notices.ts';
import { APP_SCHEME, APP_START, serveBundle } from './app-protocol.ts';
import { NetworkUse } from '../network/network-use.ts';
import { BrowserPeople } from './browser-sign-in/browser-people.ts';
import { openInBrowser } from './browser-sign-in/open-in-browser.ts';
import { ProviderClient } from './browser-sign-in/provider-client.ts';
import { RefreshTokens } from './browser-sign-in/refresh-tokens.ts';
import { deskSettings } from './desk-settings.ts';
import { AWAY } from './central-door/central-door.ts';
import { DeviceIdentity } from './device-identity.ts';
import { EngineAway } from './engine-supervisor.ts';
import { type IpcHandlers, openIpcGate } from './ipc-gate.ts';
import { installLastResort } from './last-resort.ts';
import { denyPermissions } from './lock-down.ts';
import { People } from './people.ts';
import { openSeal } from './seal.ts';
import { createSecureWindow } from './secure-window.ts';
import { StandingOrderFile } from './standing-order-file.ts';
import { Sessions } from './sessions.ts';
import { COMPACT_SIZE, FULL_SIZE } from './window-options.ts';

const here = import.meta.dirname;

installLastResort(app);
app.enableSandbox();
protocol.registerSchemesAsPrivileged([{ scheme: APP_SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } }]);

const warn = (text: string): void => void process.stderr.write(`warn: ${text}\n`);

let window: BrowserWindow | undefined;
let sessions: Sessions | undefined;
/** The last one shown: without a reference it could not be clicked for long. */
let notice: Notification | undefined;

const NOTICES_EVERY_MS = 2_000;
const isOnCall = (call: DeskView['call']): boolean => call !== null && call.phase !== 'wrap-up' && call.phase !== 'ended';

if (app.requestSingleInstanceLock()) {
  app.on('second-instance', () => {
    window?.restore();
    window?.focus();
  });
  app.on('window-all-closed', () => app.quit());
  let stopped = false;
  app.on('will-quit', (event) => {
    if (stopped || sessions === undefined) return;
    // The engine flushes first; then quitting goes on.
    event.preventDefault();
    stopped = true;
    void sessions.close().finally(() => app.quit());
  });
  app.whenReady().then(start).catch(refuseToStart);
} else {
  app.quit();
}

/** What stops the start is said to the person at the machine, in the terminal too. */
function refuseToStart(error: unknown): void {
  process.stderr.write(`Sotto cannot start: ${faultLine('start', error)}\n`);
  dialog.showErrorBox('Sotto cannot start', wordsOf(error));
  app.exit(1);
}

async function start(): Promise<void> {
  const settings = deskSettings(app.commandLine, process.env);
  const folder = app.getPath('userData');
  const say = (kind: string, body: object): void => {
    if (settings.lines) process.stdout.write(`${JSON.stringify({ sotto: kind, ...body })}\n`);
  };

  denyPermissions(session.defaultSession);
  protocol.handle(APP_SCHEME, serveBundle(path.join(here, '..', 'renderer')));

  const opened = await openSeal(safeStorage, folder, settings.demonstration, process.platform);
  if (!opened.ok) throw new InWords(opened.words);
  if (opened.throwAway) process.stderr.write('Demonstration: the store is protected by a throw-away key file only.\n');
  const coreHash = createHash('sha256')
    .update(await readFile(path.join(here, 'core.mjs')))
    .digest('hex');

  // While another person is let in, nothing goes to the window of the one before.
  let isChanging = false;
  const pushOn = (channel: string, pushed: unknown): void => {
    if (!isChanging && window !== undefined && !window.isDestroyed()) window.webContents.send(channel, pushed);
  };
  const push = (change: DeskChange): void => pushOn(DESK_CHANGED, change);
  /** Does it, then loads the window anew if it was done: a new document knows nothing of the one before. */
  const inNewWindow = async <T>(change: () => Promise<T>, isDone: (result: T) => boolean): Promise<T> => {
    isChanging = true;
    try {
      const result = await change();
      if (isDone(result)) {
        notices.clear();
        await window?.loadURL(APP_START);
      }
      return result;
    } finally {
      isChanging = false;
    }
  };
  const notices = new Notices({
    nowMs: Date.now,
    person: () => opening.person,
    show: ({ title, body }) => {
      if (!Notification.isSupported()) return;
      notice = new Notification({ title, body });
      notice.on('click', () => {
        window?.restore();
        window?.focus();
      });
      notice.show();
    },
  });
  setInterval(() => notices.pass(), NOTICES_EVERY_MS).unref();
  const opening: Sessions = new Sessions({
    people: await People.open(opened.seal, folder),
    device: await DeviceIdentity.open(opened.seal, folder),
    orders: await StandingOrderFile.open(opened.seal, folder),
    browser: new BrowserPeople({
      client: new ProviderClient({ open: (url, origin) => openInBrowser(shell, url, origin), nowMs: Date.now }),
      refreshTokens: new RefreshTokens(opened.seal, folder),
      nowMs: Date.now,
      onLog: warn,
    }),
    network: new NetworkUse((url) => session.defaultSession.resolveProxy(url)),
    central: settings.central,
    basics: { folder, coreHash, demonstration: settings.demonstration, clock: settings.clock },
    fork: (script) => utilityProcess.fork(path.join(here, script), [], { serviceName: 'sotto-engine', stdio: 'inherit' }),
    events: {
      onChange: (change) => {
        if (change.call !== undefined) notices.call(isOnCall(change.call));
        push(change);
      },
      onNews: (news) => {
        notices.take(news);
        pushOn(NEWS_CAME, news);
      },
      onState: (state, trouble) => {
        say('engine', { state, pid: opening.engine?.pid ?? null });
        if (state !== 'ready') return push({ engine: { state, trouble, rung: 'refrain' } });
        // After a restart the window is behind by whatever it missed: being asked, the engine pushes the whole view.
        opening.engine?.request('desk:open', {}).catch((error: unknown) => process.stderr.write(`${faultLine('view', error)}\n`));
      },
      onDecided: (line) => say('decided', line),
      onMeasured: (samples) => say('measured', samples),
      onLog: (level, text) => process.stderr.write(`${level}: ${text}\n`),
    },
    nowMs: Date.now,
    onLog: warn,
  });
  sessions = opening;

  openIpcGate(
    ipcMain,
    {
      ...handlers(opening),
      'session:people': () => opening.roster(),
      'session:enter': async ({ agentId }) => {
        const entered = await inNewWindow(
          () => opening.enter(agentId),
          ({ ok }) => ok,
        );
        window?.focus();
        return entered.ok ? { entered: true } : { entered: false, words: entered.words };
      },
      'session:offer': async () => {
        const offer = await opening.offer();
        return { offer: offer === null ? null : { by: offer.by, name: offer.by === 'browser' ? offer.name : '' } };
      },
      'session:cancel': async () => {
        opening.cancel();
        return {};
      },
      'session:leave': async () => {
        await inNewWindow(
          () => opening.leave(),
          () => true,
        );
        return {};
      },
    },
    () => performance.now(),
  );
  powerMonitor.on('suspend', () => opening.engine?.tell({ op: 'suspend' }));
  powerMonitor.on('resume', () => opening.engine?.tell({ op: 'resume' }));

  // Named at the start, or asked for in the window.
  if (settings.agent !== null) {
    const entered = await opening.enter(settings.agent);
    if (!entered.ok) throw new InWords(entered.words);
  }
  window = createSecureWindow(path.join(here, 'preload.cjs'));
  window.once('ready-to-show', () => window?.show());
  await window.loadURL(APP_START);
}

/** Engine channels are passed on; the few about the window itself are answered here. */
function handlers(sessions: Sessions): Omit<IpcHandlers, `session:${'people' | 'offer' | 'enter' | 'cancel' | 'leave'}`> {
  const ask = (channel: string, request: unknown): Promise<unknown> =>
    sessions.engine?.request(channel, request) ?? Promise.reject(new EngineAway('nobody is signed in'));
  const passOn =
    <C extends IpcChannel>(channel: C) =>
    async (request: IpcRequest<C>): Promise<IpcResponse<C>> =>
      (await ask(channel, request)) as IpcResponse<C>;
  /** An answer that could not be handed over is a refusal with words, never an exception in the window. */
  const save =
    <C extends 'card:answer' | 'card:reason' | 'card:undo'>(channel: C) =>
    async (request: IpcRequest<C>): Promise<Saved> => {
      try {
        return (await ask(channel, request)) as Saved;
      } catch (error) {
        if (!(error instanceof EngineAway)) throw error;
        return {
          saved: false,
          reason: 'engine-away',
          detail: 'Suggestions are restarting. Look again in a moment and repeat the answer if it is not shown.',
        };
      }
    };
  const byEngine = Object.fromEntries(
    IPC_CHANNELS.filter((channel) => IPC[channel].by === 'engine').map((channel) => [channel, passOn(channel)]),
  );
  const byCentral = Object.fromEntries(
    CENTRAL_CHANNEL_NAMES.map((channel) => [
      channel,
      (request: IpcRequest<CentralChannel>) => sessions.door?.ask(channel, request) ?? Promise.resolve(AWAY),
    ]),
  );
  return {
    ...(byEngine as unknown as IpcHandlers),
    ...byCentral,
    'news:open': async () => ({ live: sessions.door?.isLive ?? false }),
    'wall:watch': async ({ on }) => {
      sessions.door?.watchWall(on);
      return {};
    },
    'card:answer': save('card:answer'),
    'card:reason': save('card:reason'),
    'card:undo': save('card:undo'),
    'window:theme': async ({ theme }) => {
      nativeTheme.themeSource = theme;
      return {};
    },
    'window:compact': async ({ compact, onTop }) => {
      window?.setSize(compact ? COMPACT_SIZE.width : FULL_SIZE.width, compact ? COMPACT_SIZE.height : FULL_SIZE.height);
      window?.setAlwaysOnTop(compact && onTop);
      return {};
    },
    'renderer:fault': async ({ name, where }) => {
      // What a window says is not believed: only what looks like an error's name and a place is repeated.
      const said = [FaultCause.shape.name.safeParse(name).data ?? 'Error', /^[a-z]+(?::[a-z-]+)?$/.exec(where)?.[0] ?? 'a view'];
      process.stderr.write(`error: the window reported ${said.join(' in ')}\n`);
      return {};
    },
  };
}
