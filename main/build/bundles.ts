/** Everything of out/main: what is built, and without which a package is not whole. */
export interface Bundle {
  readonly entry: string;
  /** Its name in out/main. */
  readonly file: string;
  readonly format: 'es' | 'cjs';
  /** Use the built core beside it instead of bundling it again, so that what decides is what was hashed. */
  readonly withCore?: boolean;
}

export const CORE: Bundle = { entry: 'engine/core/mod.ts', file: 'core.mjs', format: 'es' };

export const BUNDLES: readonly Bundle[] = [
  CORE,
  { entry: 'main/shell/main.ts', file: 'main.js', format: 'es' },
  { entry: 'main/shell/preload.ts', file: 'preload.cjs', format: 'cjs' },
  { entry: 'main/engine-process/engine-process.ts', file: 'engine-process.js', format: 'es', withCore: true },
  { entry: 'main/engine-process/drain-process.ts', file: 'drain-process.js', format: 'es', withCore: true },
  { entry: 'main/engine-process/probe-process.ts', file: 'probe-process.js', format: 'es', withCore: true },
  { entry: 'main/engine-process/memory-watch.ts', file: 'memory-watch.js', format: 'es' },
];
