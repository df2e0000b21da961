/** The app under test is the one in the sources: built by the step every start runs, by one of the workers at a time. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

const root = path.join(import.meta.dirname, '..', '..');
/** Main and its processes, bundled as they ship: they start in a fraction of the time the sources take. */
export const BUILT_MAIN = path.join(root, 'out', 'main');
export const BUILT_WINDOW = path.join(root, 'out', 'renderer');
const LOCK = path.join(root, 'node_modules', '.cache', 'sotto-building');
/** Nothing builds for longer: whoever made the lock is gone. */
const STALE_MS = 60_000;

let built: Promise<void> | null = null;

/** Once for each test file. */
export function ensureFreshBuild(): Promise<void> {
  return (built ??= build());
}

async function build(): Promise<void> {
  mkdirSync(path.dirname(LOCK), { recursive: true });
  while (!isLocked()) await wait(50);
  try {
    execFileSync(process.execPath, ['main/build/ensure-built.ts'], { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] });
  } finally {
    rmSync(LOCK, { recursive: true, force: true });
  }
}

function isLocked(): boolean {
  try {
    mkdirSync(LOCK);
    return true;
  } catch {
    const ageMs = Date.now() - (statSync(LOCK, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (ageMs > STALE_MS) rmSync(LOCK, { recursive: true, force: true });
    return false;
  }
}
