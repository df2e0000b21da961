/** Builds only when a source, the lock file or the build itself has changed since the last build. `node main/build/ensure-built.ts` */
import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const root = path.join(import.meta.dirname, '..', '..');
const stamp = path.join(root, 'out', 'built');
const SOURCES = [
  'engine/**/*.ts',
  'main/{build,crash,engine-process,shell}/**/*.ts',
  'migrations/desktop/*.sql',
  'renderer/**/*',
  'package-lock.json',
  'vite.config.ts',
];

/** One hash over the path and content of every source. */
function sourceHash(): string {
  const hash = createHash('sha256');
  const files = SOURCES.flatMap((pattern) => globSync(pattern, { cwd: root, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .toSorted();
  for (const file of files) hash.update(path.relative(root, file)).update('\0').update(readFileSync(file)).update('\0');
  return hash.digest('hex');
}

const hash = sourceHash();
if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== hash) {
  process.stderr.write('Building …\n');
  const startedAtMs = performance.now();
  const { buildAll } = await import('./build.ts');
  await buildAll();
  writeFileSync(stamp, hash);
  process.stderr.write(`  done in ${((performance.now() - startedAtMs) / 1000).toFixed(1)} s\n`);
}
