import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import type { Plugin } from 'vite';
import { BUILT_WINDOW, ensureFreshBuild } from '../e2e/fresh-build.ts';

export interface BuiltWindow extends AsyncDisposable {
  readonly folder: string;
}

/** The window as it ships and as the sources are now; altered by plugins, it is built into a folder of its own. */
export async function buildWindow(plugins: readonly Plugin[] = []): Promise<BuiltWindow> {
  if (plugins.length === 0) {
    await ensureFreshBuild();
    return { folder: BUILT_WINDOW, [Symbol.asyncDispose]: () => Promise.resolve() };
  }
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
