import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import type { Plugin } from 'vite';

export interface BuiltWindow extends AsyncDisposable {
  readonly folder: string;
}

/** Builds the window as it ships, into a folder of its own, so that what is tested is what the sources say now. */
export async function buildWindow(plugins: readonly Plugin[] = []): Promise<BuiltWindow> {
  const folder = await mkdtemp(join(tmpdir(), 'sotto-window-'));
  // The test runner's own NODE_ENV would make a development build of React.
  process.env['NODE_ENV'] = 'production';
  await build({
    configFile: fileURLToPath(new URL('../../vite.config.ts', import.meta.url)),
    logLevel: 'error',
    plugins: [...plugins],
    build: { outDir: folder },
  });
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}
