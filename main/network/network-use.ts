/**
 * Connections as the system would make them: through its proxy, trusting what it trusts. Only main can ask the system for a proxy; it
 * hands the other processes what it was told, and each reads the system's certificates itself.
 */
import { setGlobalProxyFromEnv } from 'node:http';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { NO_PROXY, type NetworkRoute } from '#contract/engine-port.ts';

const LOOPBACK = ['127.0.0.1', 'localhost', '::1'];

let restoreProxy: (() => void) | null = null;
let isTrusting = false;

/** From now on this process goes by the proxy, but for `direct` hosts and this computer itself; the system's certificates are trusted beside Node's own. */
export function useNetwork({ proxy, direct }: NetworkRoute): void {
  if (!isTrusting) {
    setDefaultCACertificates([...getCACertificates('default'), ...getCACertificates('system')]);
    isTrusting = true;
  }
  restoreProxy?.();
  restoreProxy = null;
  if (proxy === null) return;
  restoreProxy = setGlobalProxyFromEnv({ http_proxy: proxy, https_proxy: proxy, no_proxy: [...LOOPBACK, ...direct].join(',') });
}

/** The first of what the system names that can be gone by, as a URL; null = without a proxy. */
export function proxyOf(answer: string): string | null {
  for (const each of answer.split(';')) {
    const [kind = '', address = ''] = each.trim().split(/\s+/);
    if (kind === 'DIRECT') return null;
    if (kind === 'PROXY' || kind === 'HTTP') return `http://${address}`;
    if (kind === 'HTTPS') return `https://${address}`;
  }
  return null;
}

export class NetworkUse {
  readonly #resolve: (url: string) => Promise<string>;
  #route = NO_PROXY;

  /** `resolve`: what the system answers for an address, as `session.resolveProxy` gives it. */
  constructor(resolve: (url: string) => Promise<string>) {
    this.#resolve = resolve;
  }

  /** The way to each of these; where they have different proxies, the first one's is gone by. */
  async use(urls: readonly string[]): Promise<void> {
    const ways = await Promise.all(urls.map(async (url) => ({ host: new URL(url).hostname, proxy: proxyOf(await this.#resolve(url)) })));
    const proxy = ways.find((way) => way.proxy !== null)?.proxy ?? null;
    this.#route = { proxy, direct: ways.filter((way) => way.proxy === null).map(({ host }) => host) };
    useNetwork(this.#route);
  }

  /** As it was last asked for, for another process. */
  get route(): NetworkRoute {
    return this.#route;
  }
}
