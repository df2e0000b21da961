/** `webContents` of a window: loading, messages, and the handlers that refuse. */
import type {
  HandlerDetails,
  RenderProcessGoneDetails,
  Session as ElectronSession,
  WebContents as ElectronWebContents,
  WebFrameMain as ElectronFrame,
  WebPreferences,
  WindowOpenHandlerResponse,
} from 'electron';
import { randomBytes } from 'node:crypto';
import { ContentsIpc } from './contents-ipc.ts';
import { Departures } from './departures.ts';
import { ignoreGone } from './devtools-session.ts';
import { type WebContentsEvents, webContentsEvents } from './emitted-events.ts';
import { electronEvent } from './event.ts';
import type { Host } from './host.ts';
import type { PageSettings, PageToHost } from './page-messages.ts';
import { decideRequest, type HeldRequest } from './page-requests.ts';
import { Page, type PageConsoleMessage } from './page.ts';
import { type Agrees, StrictEmitter } from './strict.ts';
import { asElectronFrame, FrameTree, type WebFrame } from './web-frame.ts';

/** The window around the contents. */
export interface Surroundings {
  size(): { readonly width: number; readonly height: number };
  painted(): void;
  pageGone(): void;
  close(): void;
}

let lastId = 0;

function secretName(): string {
  return `_${randomBytes(12).toString('hex')}`;
}

export class WebContents extends StrictEmitter<WebContentsEvents> implements Agrees<WebContents, ElectronWebContents> {
  readonly id: number;
  readonly frames: FrameTree;
  /** Chromium's id of the page, once it exists. */
  targetId: string | undefined;
  readonly #host: Host;
  readonly #around: Surroundings;
  readonly #preload: string | undefined;
  readonly #page: Promise<Page>;
  readonly #ipc: ContentsIpc;
  readonly #departures: Departures;
  #ready: Page | undefined;
  #destroyed = false;
  #crashed = false;
  #loading = false;
  #zoom = 1;

  constructor(host: Host, around: Surroundings, preferences: WebPreferences) {
    super('webContents', webContentsEvents);
    lastId += 1;
    this.id = lastId;
    this.targetId = undefined;
    this.#host = host;
    this.#around = around;
    this.#preload = preferences.preload;
    this.frames = new FrameTree({ schemes: host.schemes, push: (frame, channel, args) => this.#push(frame, channel, args) });
    this.#departures = new Departures(host.schemes, host.recorder, {
      willFrameNavigate: (details) => void this.emit('will-frame-navigate', details),
      willNavigate: (details) => void this.emit('will-navigate', details, details.url, details.isSameDocument, details.isMainFrame),
    });
    host.contents.set(this.id, this);
    this.#ipc = new ContentsIpc(this.asElectron(), host.ipcMain, () => this.page, host.recorder);
    this.#page = this.#open(preferences);
    ignoreGone(this.#page, host.recorder.failed('opening a page'));
  }

  get session(): ElectronSession {
    return this.#host.session as unknown as ElectronSession;
  }

  get mainFrame(): ElectronFrame {
    return asElectronFrame(this.frames.main);
  }

  getURL(): string {
    return this.frames.main.url;
  }

  getZoomFactor(): number {
    return this.#zoom;
  }

  setZoomFactor(factor: number): void {
    this.#zoom = factor;
    this.refreshLook();
  }

  isDestroyed(): boolean {
    return this.#destroyed;
  }

  isCrashed(): boolean {
    return this.#crashed;
  }

  isLoading(): boolean {
    return this.#loading;
  }

  setWindowOpenHandler(handler: (details: HandlerDetails) => WindowOpenHandlerResponse): void {
    this.#departures.handleWindowOpen(handler);
  }

  send(channel: string, ...args: unknown[]): void {
    this.#push(this.frames.main, channel, args);
  }

  async loadURL(url: string): Promise<void> {
    this.#loading = true;
    const page = await this.#page;
    await this.#host.session.settlePermissions(this.asElectron(), url, (await this.#host.chromium()).root);
    const finished = Promise.withResolvers<void>();
    this.once('did-finish-load', finished.resolve);
    const failure = await page.navigate(new URL(this.#host.schemes.toChromium(url)).href);
    if (failure === undefined) return finished.promise;
    this.off('did-finish-load', finished.resolve);
    this.#loading = false;
    const code = failure.replace('net::', '');
    this.emit('did-fail-load', electronEvent(), -2, code, url, true);
    throw Object.assign(new Error(`${code} (-2) loading '${url}'`), { code, errno: -2, url });
  }

  reload(): void {
    this.#loading = true;
    // A page whose process died cannot reload itself; loading its address again gives it a new one.
    const reload = this.#page.then((page) =>
      this.#crashed ? page.navigate(this.#host.schemes.toChromium(this.getURL())) : page.session.send('Page.reload'),
    );
    ignoreGone(reload, this.#host.recorder.failed('reloading a page'));
  }

  async executeJavaScript(code: string): Promise<unknown> {
    const page = await this.#page;
    const { result, exceptionDetails } = await page.session.send('Runtime.evaluate', {
      expression: code,
      awaitPromise: true,
      returnByValue: true,
    });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value as unknown;
  }

  forcefullyCrashRenderer(): void {
    // The command ends with its target, so it never answers.
    ignoreGone(
      this.#page.then((page) => page.session.send('Page.crash')),
      () => undefined,
    );
  }

  close(): void {
    this.#around.close();
  }

  asElectron(): ElectronWebContents {
    return this as unknown as ElectronWebContents;
  }

  /** The page while it is there. */
  get page(): Page | undefined {
    return this.#destroyed ? undefined : this.#ready;
  }

  /** Applies size, zoom and theme again. */
  refreshLook(): void {
    if (this.page) ignoreGone(this.page.applyLook(this.#look()), this.#host.recorder.failed('sizing a page'));
  }

  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    this.#host.contents.delete(this.id);
    ignoreGone(
      this.#page.then((page) => page.close()),
      this.#host.recorder.failed('closing a page'),
    );
    this.emit('destroyed');
  }

  #look() {
    return { ...this.#around.size(), zoom: this.#zoom, dark: this.#host.nativeTheme.shouldUseDarkColors };
  }

  async #open(preferences: WebPreferences): Promise<Page> {
    const settings: PageSettings = {
      handOverKey: secretName(),
      bindingName: secretName(),
      receiverName: secretName(),
      preloadInSubFrames: preferences.nodeIntegrationInSubFrames === true,
      process: {
        platform: process.platform,
        arch: process.arch,
        versions: { ...process.versions },
        argv: [process.argv[0] ?? '', ...(preferences.additionalArguments ?? [])],
      },
    };
    const chromium = await this.#host.chromium();
    const page = await Page.open(chromium, this.#observer(), this.frames, {
      settings,
      preload: this.#preload,
      look: this.#look(),
      headed: this.#host.headed,
    });
    this.targetId = page.targetId;
    this.#ready = page;
    this.refreshLook();
    return page;
  }

  #push(frame: WebFrame, channel: string, args: readonly unknown[]): void {
    this.page?.push(frame, channel, args);
  }

  #observer() {
    const { schemes, recorder, app } = this.#host;
    return {
      failed: recorder.failed,
      heard: (frame: WebFrame, message: PageToHost) => this.#heard(frame, message),
      askedForWindow: (url: string, name: string) => this.#departures.askedForWindow(url, this.getURL(), name, ''),
      askedToLeave: (frame: WebFrame, url: string) => this.#departures.askedToLeave(frame, url),
      requested: (held: HeldRequest) => this.#requested(held),
      navigated: (frame: WebFrame, url: string, sameDocument: boolean) => {
        frame.url = schemes.toApp(url);
        if (sameDocument) this.emit('did-navigate-in-page', electronEvent(), frame.url, !frame.above);
        else if (!frame.above) this.emit('did-navigate', electronEvent(), frame.url);
      },
      domReady: () => {
        if (this.#hasDocument()) this.emit('dom-ready', electronEvent());
      },
      loaded: () => {
        if (!this.#hasDocument()) return;
        this.#loading = false;
        this.#crashed = false;
        this.emit('did-finish-load');
        this.#around.painted();
      },
      logged: (message: PageConsoleMessage) => {
        this.emit('console-message', electronEvent({ ...message, sourceId: schemes.toApp(message.sourceId), frame: this.mainFrame }));
      },
      crashed: (status: string, exitCode: number) => {
        this.#crashed = true;
        this.#loading = false;
        const details: RenderProcessGoneDetails = { reason: status === 'killed' || status === 'oom' ? status : 'crashed', exitCode };
        this.emit('render-process-gone', electronEvent(), details);
        app.renderProcessGone(this.asElectron(), details);
      },
      gone: () => this.#around.pageGone(),
    };
  }

  /** False while the page still shows the blank document it was born with. */
  #hasDocument(): boolean {
    return this.getURL() !== '' && this.getURL() !== 'about:blank';
  }

  #heard(frame: WebFrame, message: PageToHost): void {
    switch (message.kind) {
      case 'send':
      case 'invoke':
        this.#ipc.heard(frame, message);
        return;
      case 'open':
        this.#departures.askedForWindow(message.url || 'about:blank', frame.url, message.name, message.features);
        return;
      case 'preload-failed': {
        const error = Object.assign(new Error(message.message), { stack: message.stack });
        console.error(`Unable to load preload script: ${this.#preload ?? ''}\n${message.stack}`);
        this.emit('preload-error', electronEvent(), this.#preload ?? '', error);
      }
    }
  }

  #requested(held: HeldRequest): Promise<void> {
    const page = this.#ready;
    if (!page) return this.#page.then(() => this.#requested(held));
    const { schemes, protocol, session } = this.#host;
    return decideRequest(held, {
      schemes,
      protocol,
      session,
      page: page.session,
      webContentsId: this.id,
      isMainFrame: (id) => this.frames.get(id) === this.frames.main,
      frame: (id) => {
        const frame = this.frames.get(id);
        return frame ? asElectronFrame(frame) : null;
      },
      allowsNavigation: (id, url) => this.#departures.allows(this.frames.seen(id, undefined), url),
    });
  }
}
