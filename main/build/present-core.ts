/** The core as its sources are now, as one file named by its hash: built when they have changed, else the one that is there. */
import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

const root = path.join(import.meta.dirname, '..', '..');
/** Every core that was built here, as `<sha256>.mjs`. */
const BUILT_CORES = path.join(root, 'out', 'cores');
const SOURCES = ['engine/core/**/*.ts', 'engine/contract/*.ts', 'main/build/{build,bundles}.ts', 'package-lock.json'];

export interface CoreFile {
  /** SHA-256 of the file, as records name it. */
  readonly hash: string;
  readonly file: string;
}

const sourceHash = (): string => {
  const hash = createHash('sha256');
  for (const name of SOURCES.flatMap((pattern) => globSync(pattern, { cwd: root })).toSorted())
    hash
      .update(name)
      .update('\0')
      .update(readFileSync(path.join(root, name)))
      .update('\0');
  return hash.digest('hex');
};

/** Several processes may ask at once: what they write is the same, and is put in its place whole. */
export async function presentCore(): Promise<CoreFile> {
  const stamp = path.join(BUILT_CORES, `of-sources-${sourceHash()}`);
  if (existsSync(stamp)) {
    const hash = await readFile(stamp, 'utf8');
    const file = path.join(BUILT_CORES, `${hash}.mjs`);
    if (existsSync(file)) return { hash, file };
  }
  await mkdir(BUILT_CORES, { recursive: true });
  const folder = await mkdtemp(path.join(BUILT_CORES, '.building-'));
  try {
    const { buildCore } = await import('./build.ts');
    const built = path.join(folder, 'core.mjs');
    const hash = await buildCore(built);
    const file = path.join(BUILT_CORES, `${hash}.mjs`);
    await rename(built, file);
    await writeFile(path.join(folder, 'stamp'), hash);
    await rename(path.join(folder, 'stamp'), stamp);
    return { hash, file };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
