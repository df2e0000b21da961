/** [D6] A disk that fails a write, writes only part of one, or fails a sync. */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { counts } from './counts.ts';
import { canBuildShim, DiskShim } from './power/build-shim.ts';
import { type FaultReport, report } from './report.ts';

const FAULTS = counts(250, 5_000);
const CHILD = fileURLToPath(new URL('power/failing-disk-child.ts', import.meta.url));
const exec = promisify(execFile);

interface Seen extends FaultReport {
  readonly notOpened: number;
  readonly yesAfterFault: number;
  readonly byKind: Readonly<Record<'write' | 'short' | 'sync', number>>;
}

describe.skipIf(!canBuildShim())('a failing disk', () => {
  let shim: DiskShim;
  beforeAll(() => {
    shim = new DiskShim();
  });
  afterAll(() => shim[Symbol.dispose]());

  async function run(seed: number, faults: number, variant = ''): Promise<Seen> {
    const home = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'sotto-disk-'));
    try {
      const { stdout } = await exec(process.execPath, [CHILD, home, String(seed), String(faults), variant], {
        env: shim.env(home),
      });
      return JSON.parse(stdout) as Seen;
    } finally {
      rmSync(home, { recursive: true });
    }
  }

  test(`[D6] the n-th write, short write or sync fails, ${FAULTS} times: nothing promised is lost, and nothing is promised after it`, {
    timeout: 1_200_000,
  }, async () => {
    const seen = await run(6, FAULTS);
    console.log(`[D6] ${JSON.stringify(seen)}`);
    report('[D6] failing disk', seen, { faults: FAULTS });
    expect(seen.yesAfterFault, 'a failed sync is never tried again').toBe(0);
    for (const [kind, count] of Object.entries(seen.byKind)) expect(count, kind).toBeGreaterThan(FAULTS / 10);
  });

  test('[D6] canary: a store that says yes whatever the disk said loses answers, and this suite sees it', async () => {
    const seen = await run(7, 20, 'believe-everything');
    expect(seen.lost).toBeGreaterThan(0);
  });
});
