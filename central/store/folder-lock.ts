/** One process per folder: a second PGlite on the same files would destroy them. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Takes the folder for this process and returns what gives it back. A lock whose process is gone (killed) is taken over.
 * Throws when another living process has it.
 */
export function lockFolder(folder: string): () => void {
  const path = join(folder, 'central.lock');
  const mine = identify(process.pid);
  for (let tries = 0; tries < 3; tries++) {
    try {
      writeFileSync(path, mine, { flag: 'wx', mode: 0o600 });
      return () => rmSync(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = read(path);
    const pid = Number.parseInt(holder, 10);
    if (pid > 0 && isAlive(pid) && identify(pid) === holder)
      throw new Error(`${folder} is in use by process ${pid}: stop it, or choose another folder`);
    rmSync(path, { force: true });
  }
  throw new Error(`${folder} cannot be locked: another process keeps taking it`);
}

/** The process id and, on Linux, when it started: ids are used again after a restart of the machine. */
function identify(pid: number): string {
  const stat = read(`/proc/${pid}/stat`);
  return `${pid} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''}`.trim();
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
