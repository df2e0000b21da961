/** `session.defaultSession`: permissions, one request filter, the proxy question. */
import type {
  CallbackResponse,
  OnBeforeRequestListenerDetails,
  ProxyConfig,
  Session as ElectronSession,
  WebContents,
  WebRequest,
  WebRequestFilter,
} from 'electron';
import type { DevToolsSession } from './devtools-session.ts';
import type { Protocol } from './protocol.ts';
import type { SchemeMap } from './scheme-map.ts';
import { type Agrees, notImplemented, strict, StrictObject } from './strict.ts';

type CheckHandler = Parameters<ElectronSession['setPermissionCheckHandler']>[0];
type RequestHandler = Parameters<ElectronSession['setPermissionRequestHandler']>[0];
type ElectronPermission = Parameters<NonNullable<RequestHandler>>[1];
type BeforeRequest = (details: OnBeforeRequestListenerDetails, callback: (response: CallbackResponse) => void) => void;

/** Chromium's name of each permission a page can ask for, with Electron's. */
const permissions: readonly (readonly [chromium: string, electron: ElectronPermission])[] = [
  ['geolocation', 'geolocation'],
  ['notifications', 'notifications'],
  ['camera', 'media'],
  ['microphone', 'media'],
  ['midi', 'midi'],
  ['clipboard-read', 'clipboard-read'],
  ['clipboard-write', 'clipboard-sanitized-write'],
  ['display-capture', 'display-capture'],
  ['idle-detection', 'idle-detection'],
  ['window-management', 'window-management'],
  ['local-fonts', 'local-fonts'],
  ['storage-access', 'storage-access'],
  ['persistent-storage', 'persistent-storage'],
];

function matcherOf(patterns: readonly string[]): (url: string) => boolean {
  const expressions = patterns.map((pattern) =>
    pattern === '<all_urls>'
      ? /^/u
      : new RegExp(
          `^${pattern
            .replace(/[.+?^${}()|[\]\\]/gu, '\\$&')
            .replace(/^\*:/u, '(?:https?|wss?|ftp):')
            .replace(/\*/gu, '.*')}$`,
          'u',
        ),
  );
  return (url) => expressions.some((expression) => expression.test(url));
}

export class Session extends StrictObject implements Agrees<Session, ElectronSession> {
  readonly webRequest: WebRequest;
  readonly #schemes: SchemeMap;
  readonly #protocol: Protocol;
  #check: CheckHandler = null;
  #request: RequestHandler = null;
  #beforeRequest: { readonly matches: (url: string) => boolean; readonly listener: BeforeRequest } | undefined;
  #proxy = 'DIRECT';

  constructor(schemes: SchemeMap, protocol: Protocol) {
    super('session');
    this.#schemes = schemes;
    this.#protocol = protocol;
    const onBeforeRequest = (first: WebRequestFilter | BeforeRequest | null, second?: BeforeRequest | null): void => {
      const [filter, listener] = typeof first === 'function' || first === null ? [{ urls: ['<all_urls>'] }, first] : [first, second];
      this.#beforeRequest = listener ? { matches: matcherOf(filter.urls ?? ['<all_urls>']), listener } : undefined;
    };
    this.webRequest = strict({ onBeforeRequest } satisfies Pick<WebRequest, 'onBeforeRequest'>, 'session.webRequest') as WebRequest;
  }

  get protocol(): ElectronSession['protocol'] {
    return this.#protocol as unknown as ElectronSession['protocol'];
  }

  setPermissionCheckHandler(handler: CheckHandler): void {
    this.#check = handler;
  }

  setPermissionRequestHandler(handler: RequestHandler): void {
    this.#request = handler;
  }

  setSpellCheckerEnabled(enable: boolean): void {
    if (enable) throw notImplemented('the spell checker');
  }

  async setProxy(config: ProxyConfig): Promise<void> {
    if (config.mode === 'direct' || config.mode === 'system') this.#proxy = 'DIRECT';
    else if (config.proxyRules !== undefined) this.#proxy = `PROXY ${config.proxyRules}`;
    else throw notImplemented('session.setProxy with a script or detection');
  }

  async resolveProxy(_url: string): Promise<string> {
    return this.#proxy;
  }

  /** What `resolveProxy` answers from now on; a lever of tests. */
  answerProxy(answer: string): void {
    this.#proxy = answer;
  }

  /** Asks the app's request filter; true when it refuses. */
  async refusesRequest(details: OnBeforeRequestListenerDetails): Promise<boolean> {
    const filter = this.#beforeRequest;
    if (!filter?.matches(details.url)) return false;
    const { cancel, redirectURL } = await new Promise<CallbackResponse>((resolve) => filter.listener(details, resolve));
    if (redirectURL !== undefined) throw notImplemented('a redirect from webRequest.onBeforeRequest');
    return cancel === true;
  }

  /**
   * Works out every permission of an origin and tells Chromium, before a page of that origin loads. (Electron asks when
   * the page asks. A handler that decides by origin cannot tell the difference.)
   */
  async settlePermissions(contents: WebContents, url: string, browser: DevToolsSession): Promise<void> {
    const origin = this.#schemes.originOf(this.#schemes.toChromium(url));
    if (!origin.startsWith('https://')) return;
    await Promise.all(
      permissions.map(async ([name, permission]) => {
        const granted = await this.#grants(contents, permission, url);
        await browser.send('Browser.setPermission', { permission: { name }, setting: granted ? 'granted' : 'denied', origin });
      }),
    );
  }

  async #grants(contents: WebContents, permission: ElectronPermission, url: string): Promise<boolean> {
    const [check, request] = [this.#check, this.#request];
    if (check && !check(contents, permission, this.#schemes.originOf(url), { isMainFrame: true, requestingUrl: url })) return false;
    if (!request) return true;
    return new Promise((resolve) => request(contents, permission, resolve, { isMainFrame: true, requestingUrl: url }));
  }
}
