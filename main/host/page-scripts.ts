/** The texts injected into each document of a page, made from the functions that hold their meaning. */
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { makeCodec } from './codec.ts';
import { makeBridge } from './context-bridge.ts';
import { runMainWorld } from './main-world.ts';
import type { PageSettings } from './page-messages.ts';
import { runIsolatedWorld } from './preload-runtime.ts';

export function mainWorldScript(settings: PageSettings): string {
  return `(${String(runMainWorld)})(${String(makeBridge)}, ${JSON.stringify(settings.handOverKey)});`;
}

/** @param preload path of a CommonJS file, as sandboxed preloads are; undefined for none */
export function isolatedWorldScript(settings: PageSettings, preload: string | undefined): string {
  const source = preload === undefined ? '' : readFileSync(preload, 'utf8');
  const address = preload === undefined ? 'electron-stand-in' : pathToFileURL(preload).href;
  return `(${String(runIsolatedWorld)})(${String(makeBridge)}, (${String(makeCodec)})(), ${JSON.stringify(settings)}, function (require, module, exports, process) {${source}
});
//# sourceURL=${address}`;
}
