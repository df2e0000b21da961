/**
 * One window's page, driven over DevTools. It is held from birth until its scripts, its request filter and its binding
 * are in place; only then is anything loaded into it.
 */
import { type Chromium, startPage } from './chromium.ts';
import { type Codec, makeCodec } from './codec.ts';
import { type DevToolsSession, ignoreGone } from './devtools-session.ts';
import type { HostToPage, PageSettings, PageToHost } from './page-messages.ts';
import type { HeldRequest } from './page-requests.ts';
import { isolatedWorldScript, mainWorldScript } from './page-scripts.ts';
import type { FrameTree, WebFrame } from './web-frame.ts';

const isolatedWorld = 'electron-preload';

export interface PageConsoleMessage {
  readonly level: 'info' | 'warning' | 'error' | 'debug';
  readonly message: string;
  readonly lineNumber: number;
  readonly sourceId: string;
}

/** What happens to a page, as its web contents hear it. URLs are Chromium's. */
export interface PageObserver {
  readonly failed: (operation: string) => (cause: unknown) => void;
  heard(frame: WebFrame, message: PageToHost): void;
  /** By a link or a form; window.open comes as a message of the page. */
  askedForWindow(url: string, name: string): void;
  askedToLeave(frame: WebFrame, url: string): void;
  requested(held: HeldRequest): Promise<void>;
  navigated(frame: WebFrame, url: string, sameDocument: boolean): void;
  domReady(): void;
  loaded(): void;
  logged(message: PageConsoleMessage): void;
  crashed(reason: string, exitCode: number): void;
  gone(): void;
}

export interface PageLook {
  readonly width: number;
  readonly height: number;
  readonly zoom: number;
  readonly dark: boolean;
}

const consoleLevels: Readonly<Record<string, PageConsoleMessage['level']>> = {
  warning: 'warning',
  error: 'error',
  assert: 'error',
  debug: 'debug',
  verbose: 'debug',
};

export class Page {
  readonly session: DevToolsSession;
  readonly targetId: string;
  readonly #chromium: Chromium;
  readonly #observer: PageObserver;
  readonly #frames: FrameTree;
  readonly #settings: PageSettings;
  readonly #headed: boolean;
  readonly #codec: Codec = makeCodec();

  private constructor(
    chromium: Chromium,
    born: { session: DevToolsSession; targetId: string },
    observer: PageObserver,
    frames: FrameTree,
    settings: PageSettings,
    headed: boolean,
  ) {
    this.#chromium = chromium;
    this.session = born.session;
    this.targetId = born.targetId;
    this.#observer = observer;
    this.#frames = frames;
    this.#settings = settings;
    this.#headed = headed;
  }

  static async open(
    chromium: Chromium,
    observer: PageObserver,
    frames: FrameTree,
    options: { settings: PageSettings; preload: string | undefined; look: PageLook; headed: boolean },
  ): Promise<Page> {
    const born = await chromium.createPage(options.look);
    const page = new Page(chromium, born, observer, frames, options.settings, options.headed);
    await page.#prepare(options.preload, options.look);
    return page;
  }

  /** Resolves once Chromium has begun, not once it has loaded; the text is Chromium's error, if any. */
  async navigate(url: string): Promise<string | undefined> {
    const { errorText } = await this.session.send('Page.navigate', { url, transitionType: 'typed' });
    return errorText;
  }

  async applyLook({ width, height, zoom, dark }: PageLook): Promise<void> {
    const theme = this.session.send('Emulation.setEmulatedMedia', {
      features: [{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }],
    });
    // A real window has a real size. Without one, a zoomed page is one with fewer and larger pixels.
    const size = this.#headed
      ? undefined
      : this.session.send('Emulation.setDeviceMetricsOverride', {
          width: Math.round(width / zoom),
          height: Math.round(height / zoom),
          deviceScaleFactor: zoom,
          mobile: false,
        });
    await Promise.all([theme, size]);
  }

  /** Shows, hides or moves the real window; without a display there is none. */
  async applyWindow(
    bounds: { readonly left: number; readonly top: number; readonly width: number; readonly height: number },
    shown: boolean,
  ): Promise<void> {
    if (!this.#headed) return;
    const { windowId } = await this.#chromium.root.send('Browser.getWindowForTarget', { targetId: this.targetId });
    await this.#chromium.root.send('Browser.setWindowBounds', { windowId, bounds: { windowState: shown ? 'normal' : 'minimized' } });
    if (shown) await this.#chromium.root.send('Browser.setWindowBounds', { windowId, bounds });
  }

  async activate(): Promise<void> {
    if (this.#headed) await this.#chromium.root.send('Target.activateTarget', { targetId: this.targetId });
  }

  /** Dropped when the frame has no document of ours, as a message to a page that is being replaced is. */
  tell(frame: WebFrame, message: HostToPage): void {
    if (frame.contextId === undefined) return;
    const call = this.session.send('Runtime.callFunctionOn', {
      functionDeclaration: `function (text) { globalThis[${JSON.stringify(this.#settings.receiverName)}]?.(text); }`,
      executionContextId: frame.contextId,
      arguments: [{ value: JSON.stringify(message) }],
      silent: true,
    });
    ignoreGone(call, (cause) => {
      // The document was replaced while the message was on its way.
      if (!/Cannot find context|context was destroyed|uniqueContextId/iu.test(String(cause)))
        this.#observer.failed('sending to a page')(cause);
    });
  }

  push(frame: WebFrame, channel: string, args: readonly unknown[]): void {
    this.tell(frame, { kind: 'push', channel, args: this.#codec.pack(args) });
  }

  close(): void {
    this.#chromium.closePage(this.targetId);
  }

  async #prepare(preload: string | undefined, look: PageLook): Promise<void> {
    this.#listen();
    const { session } = this;
    // One session answers in order, so none of these waits for another.
    const [{ frameTree }] = await Promise.all([
      session.send('Page.getFrameTree'),
      session.send('Page.enable'),
      session.send('Runtime.enable'),
      session.send('Inspector.enable'),
      session.send('Log.enable'),
      session.send('Fetch.enable', { patterns: [{ urlPattern: '*' }] }),
      session.send('Runtime.addBinding', { name: this.#settings.bindingName, executionContextName: isolatedWorld }),
      session.send('Page.addScriptToEvaluateOnNewDocument', { source: mainWorldScript(this.#settings) }),
      session.send('Page.addScriptToEvaluateOnNewDocument', {
        worldName: isolatedWorld,
        source: isolatedWorldScript(this.#settings, preload),
      }),
      this.applyLook(look),
    ]);
    this.#frames.nameMain(frameTree.frame.id);
    await session.send('Runtime.runIfWaitingForDebugger');
  }

  #listen(): void {
    this.#listenToFrames();
    this.#listenToNavigation();
    this.#listenToConsole();
    this.session.onGone(() => this.#observer.gone());
    this.#chromium.root.on('Target.targetCrashed', ({ targetId, status, errorCode }) => {
      if (targetId !== this.targetId) return;
      this.#frames.allContextsGone();
      this.#observer.crashed(status, errorCode);
    });
  }

  #listenToFrames(): void {
    const { session } = this;
    session.on('Page.frameAttached', ({ frameId, parentFrameId }) => void this.#frames.seen(frameId, parentFrameId));
    session.on('Page.frameDetached', ({ frameId, reason }) => {
      if (reason === 'remove') this.#frames.detach(frameId);
    });
    session.on('Runtime.executionContextCreated', ({ context }) => {
      const { frameId } = (context.auxData ?? {}) as { readonly frameId?: string };
      if (context.name === isolatedWorld && frameId !== undefined) this.#frames.contextMade(context.id, frameId);
    });
    session.on('Runtime.executionContextDestroyed', ({ executionContextId }) => this.#frames.contextGone(executionContextId));
    session.on('Runtime.executionContextsCleared', () => this.#frames.allContextsGone());
    session.on('Runtime.bindingCalled', ({ name, payload, executionContextId }) => {
      const frame = this.#frames.ofContext(executionContextId);
      if (name === this.#settings.bindingName && frame) this.#observer.heard(frame, JSON.parse(payload) as PageToHost);
    });
  }

  #listenToNavigation(): void {
    const { session } = this;
    session.on('Fetch.requestPaused', (held) => ignoreGone(this.#observer.requested(held), (cause) => this.#requestFailed(cause)));
    session.on('Page.frameRequestedNavigation', ({ frameId, url, disposition }) => {
      if (disposition === 'currentTab') this.#observer.askedToLeave(this.#frames.seen(frameId, undefined), url);
      else if (disposition !== 'download') this.#observer.askedForWindow(url, '');
    });
    session.on('Page.windowOpen', ({ url, windowName }) => this.#observer.askedForWindow(url, windowName));
    session.on('Page.frameNavigated', ({ frame }) => {
      if (frame.url === startPage) return;
      this.#observer.navigated(this.#frames.seen(frame.id, frame.parentId), frame.url + (frame.urlFragment ?? ''), false);
    });
    session.on('Page.navigatedWithinDocument', ({ frameId, url }) =>
      this.#observer.navigated(this.#frames.seen(frameId, undefined), url, true),
    );
    session.on('Page.domContentEventFired', () => this.#observer.domReady());
    session.on('Page.loadEventFired', () => this.#observer.loaded());
  }

  #listenToConsole(): void {
    const { session } = this;
    session.on('Runtime.consoleAPICalled', ({ type, args, stackTrace }) => {
      const [at] = stackTrace?.callFrames ?? [];
      const message = args.map((arg) => String(arg.value ?? arg.description ?? arg.type)).join(' ');
      this.#observer.logged({ level: consoleLevels[type] ?? 'info', message, lineNumber: at?.lineNumber ?? 0, sourceId: at?.url ?? '' });
    });
    session.on('Runtime.exceptionThrown', ({ exceptionDetails: { text, exception, lineNumber, url } }) => {
      this.#observer.logged({ level: 'error', message: `${text} ${exception?.description ?? ''}`.trim(), lineNumber, sourceId: url ?? '' });
    });
    session.on('Log.entryAdded', ({ entry }) => {
      this.#observer.logged({
        level: consoleLevels[entry.level] ?? 'info',
        message: entry.text,
        lineNumber: entry.lineNumber ?? 0,
        sourceId: entry.url ?? '',
      });
    });
  }

  #requestFailed(cause: unknown): void {
    // The page gave the request up while it was being decided.
    if (!String(cause).includes('Invalid InterceptionId')) this.#observer.failed('deciding a request')(cause);
  }
}
