/**
 * Builds what runs: the decision core as one dependency-free file whose hash every record names, main and the engine
 * process around it, the preload script, and the window. `node main/build/build.ts`
 */
import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { build, type InlineConfig } from 'vite';
import { type Bundle, BUNDLES, CORE } from './bundles.ts';

const root = path.join(import.meta.dirname, '..', '..');
const out = path.join(root, 'out');
const MAIN = path.join(out, 'main');
const ENGINE = path.join(root, 'engine') + path.sep;

/** Loaded from node_modules at run time: they carry native libraries. */
const NATIVE = ['better-sqlite3', 'onnxruntime-node'];

/** `file`: where to, if not its place in out/main. */
function bundleConfig({ entry, format, withCore = false, ...bundle }: Bundle, file = path.join(MAIN, bundle.file)): InlineConfig {
  return {
    configFile: false,
    root,
    logLevel: 'warn',
    ssr: { noExternal: true, external: ['electron', ...NATIVE] },
    build: {
      ssr: path.join(root, entry),
      outDir: path.dirname(file),
      emptyOutDir: false,
      minify: false,
      target: 'node24',
      rolldownOptions: {
        external: ['electron', ...NATIVE, ...(withCore ? ['#core'] : [])],
        // Nothing of the engine does anything by being loaded: what nobody asks for stays out, and with it the libraries that it alone needs.
        treeshake: { moduleSideEffects: (id) => !id.startsWith(ENGINE) },
        output: {
          format,
          entryFileNames: path.basename(file),
          codeSplitting: false,
          ...(withCore ? { paths: { '#core': './core.mjs' } } : {}),
        },
      },
    },
  };
}

/** Builds the core alone, beside the engine process or where it is wanted, and returns its SHA-256, as records name it. */
export async function buildCore(file: string): Promise<string> {
  await build(bundleConfig(CORE, file));
  return createHash('sha256')
    .update(await readFile(file))
    .digest('hex');
}

/** Builds everything into out/. */
export async function buildAll(): Promise<void> {
  // Whoever asks for the build, a test runner too, gets what ships: React's development build draws everything twice.
  process.env['NODE_ENV'] = 'production';
  await rm(MAIN, { recursive: true, force: true });
  for (const bundle of BUNDLES) await build(bundleConfig(bundle));
  await build({ root: path.join(root, 'renderer'), configFile: path.join(root, 'vite.config.ts'), logLevel: 'warn' });
}

if (import.meta.main) await buildAll();
