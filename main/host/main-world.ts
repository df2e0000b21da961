/** The half that runs in a page's own world, before any of its scripts. Self-contained: only its source text runs. */
import type { makeBridge } from './context-bridge.ts';

interface HandOver extends Event {
  readonly relatedTarget: EventTarget | null;
}

/** Waits for the isolated world's node, joins the bridge and turns `window.open` into a question to the app. */
export function runMainWorld(bridgeOf: typeof makeBridge, handOverKey: string): void {
  const page = globalThis as unknown as { readonly document: EventTarget & { readonly baseURI: string }; open: unknown };
  const take = (event: Event): void => {
    event.stopImmediatePropagation();
    page.document.removeEventListener(handOverKey, take);
    const node = (event as HandOver).relatedTarget;
    if (node === null) return;
    const bridge = bridgeOf(node, 'main', () => undefined);
    const text = String;
    const canParse = URL.canParse.bind(URL);
    const DOMExceptionHere = DOMException;
    // Electron returns null to a page whose window was denied; here no window of a page's own is ever allowed.
    page.open = function open(url?: unknown, name?: unknown, features?: unknown) {
      if (url !== undefined && !canParse(text(url), page.document.baseURI))
        throw new DOMExceptionHere(
          `Failed to execute 'open' on 'Window': Unable to open a window with invalid URL '${text(url)}'.`,
          'SyntaxError',
        );
      bridge.open({
        url: url === undefined ? '' : text(url),
        name: name === undefined ? '' : text(name),
        features: features === undefined ? '' : text(features),
      });
      return null;
    };
  };
  page.document.addEventListener(handOverKey, take);
}
