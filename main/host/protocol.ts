/** `protocol`: the app's own schemes and who answers them. */
import type { CustomScheme, Protocol as ElectronProtocol } from 'electron';
import type { SchemeMap } from './scheme-map.ts';
import { type Agrees, notImplemented, StrictObject } from './strict.ts';

export type ProtocolHandler = (request: Request) => Response | Promise<Response>;

export class Protocol extends StrictObject implements Agrees<Protocol, ElectronProtocol> {
  readonly #handlers = new Map<string, ProtocolHandler>();
  readonly #schemes: SchemeMap;
  readonly #isReady: () => boolean;

  constructor(schemes: SchemeMap, isReady: () => boolean) {
    super('protocol');
    this.#schemes = schemes;
    this.#isReady = isReady;
  }

  registerSchemesAsPrivileged(schemes: readonly CustomScheme[]): void {
    if (this.#isReady()) throw new Error('protocol.registerSchemesAsPrivileged should be called before app is ready');
    for (const { scheme, privileges = {} } of schemes) {
      if (!privileges.standard || !privileges.secure) throw notImplemented(`a scheme that is not standard and secure ('${scheme}')`);
      if (privileges.bypassCSP || privileges.allowServiceWorkers)
        throw notImplemented(`the privileges bypassCSP and allowServiceWorkers ('${scheme}')`);
      this.#schemes.register(scheme);
    }
  }

  handle(scheme: string, handler: ProtocolHandler): void {
    if (!this.#isReady()) throw new Error('protocol.handle can be called only after app is ready');
    if (!this.#schemes.has(scheme)) throw notImplemented(`protocol.handle for '${scheme}', which was not registered as privileged`);
    if (this.#handlers.has(scheme)) throw new Error(`Failed to register protocol: ${scheme}`);
    this.#handlers.set(scheme, handler);
  }

  unhandle(scheme: string): void {
    this.#handlers.delete(scheme);
  }

  isProtocolHandled(scheme: string): boolean {
    return this.#handlers.has(scheme);
  }

  /** Who answers a URL as the app sees it. */
  handlerOf(url: string): ProtocolHandler | undefined {
    return this.#handlers.get(url.slice(0, url.indexOf(':')));
  }
}
