/**
 * The app's own schemes as Chromium sees them. Chromium refuses to navigate to a scheme it was not built with, so
 * `app://bundle/x` is loaded as `https://bundle.app.localhost/x`, a secure origin of its own. Host names below
 * `.localhost` never leave the machine, and the resolver rule of chromium.ts keeps even those from being looked up.
 */
const appUrl = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)([^]*)$/iu;
const chromiumUrl = /^https:\/\/([^/?#]*)\.([a-z0-9+-]+)\.localhost([^]*)$/u;

export class SchemeMap {
  readonly #schemes = new Set<string>();

  register(scheme: string): void {
    this.#schemes.add(scheme.toLowerCase());
  }

  has(scheme: string): boolean {
    return this.#schemes.has(scheme.toLowerCase());
  }

  toChromium(url: string): string {
    const [, scheme = '', host = '', rest = ''] = appUrl.exec(url) ?? [];
    return this.has(scheme) ? `https://${host}.${scheme.toLowerCase()}.localhost${rest || '/'}` : url;
  }

  toApp(url: string): string {
    const [, host = '', scheme = '', rest = ''] = chromiumUrl.exec(url) ?? [];
    return this.has(scheme) ? `${scheme}://${host}${rest}` : url;
  }

  /** Rewrites the sources of a content security policy: `app:` and `app://bundle`. */
  policyToChromium(policy: string): string {
    let rewritten = policy;
    for (const scheme of this.#schemes) {
      rewritten = rewritten.replace(
        new RegExp(`(^|[\\s;])${scheme}:(//[^\\s;]+)?`, 'gu'),
        (_match, before: string, host: string | undefined) =>
          host === undefined ? `${before}https://*.${scheme}.localhost` : before + this.toChromium(`${scheme}:${host}`).replace(/\/$/u, ''),
      );
    }
    return rewritten;
  }

  /** `scheme://host` of an app URL, `null` for URLs without one. */
  originOf(url: string): string {
    return /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/iu.exec(url)?.[0] ?? 'null';
  }
}
