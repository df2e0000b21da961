/** Compiles the shim between a process and its disk. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const COMPILER = process.env['CC'] ?? 'cc';
const SOURCE = fileURLToPath(new URL('disk-shim.c', import.meta.url));

/** Whether this machine can; where it should and cannot, that is a failure. */
export function canBuildShim(): boolean {
  const isThere = process.platform === 'linux' && spawnSync(COMPILER, ['--version']).status === 0;
  if (isThere) return true;
  if (process.env['CI'] === 'true') throw new Error('no C compiler (cc): the disk faults cannot be tried');
  console.warn('SKIPPED: disk faults need Linux and a C compiler (cc).');
  return false;
}

export class DiskShim implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'sotto-shim-'));
  readonly #file = join(this.#folder, 'disk-shim.so');

  constructor() {
    execFileSync(COMPILER, ['-O1', '-shared', '-fPIC', '-Wall', '-Werror', '-o', this.#file, SOURCE, '-ldl']);
  }

  /** The environment of a process whose files below `prefix` it stands before; what is done to them goes to `log` if given. */
  env(prefix: string, log = ''): NodeJS.ProcessEnv {
    return { ...process.env, LD_PRELOAD: this.#file, SOTTO_DISK_PREFIX: prefix, SOTTO_DISK_LOG: log };
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true });
  }
}
