/** [D2] The power is cut at any moment: what was promised is on the disk, whatever of the rest is. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSqliteStore } from '#adapters/sqlite/open-store.ts';
import { KEY, MIGRATIONS, NOW_MS } from '../conformance/sqlite-scratch.ts';
import { counts } from './counts.ts';
import { canBuildShim, DiskShim } from './power/build-shim.ts';
import { MODES, RecordedDisk, readLog } from './power/disk-images.ts';
import { judge, type Promises } from './power/promised.ts';
import { randomFrom } from './random-from.ts';
import { report } from './report.ts';

const IMAGES = counts(500, 20_000);
const CANARY_IMAGES = 60;
const IMAGES_A_RECORDING = 500;
const OPERATIONS = 150;
const CHILD = fileURLToPath(new URL('power/recorded-child.ts', import.meta.url));
const exec = promisify(execFile);

const seenNothing = () => ({
  operations: 0,
  faults: 0,
  lost: 0,
  doubled: 0,
  phantom: 0,
  lossy: 0,
  notOpened: 0,
  salvaged: 0,
  beforeFirst: 0,
});

/** `next` is what the thing under way would have come to. */
function look(folder: string, promises: Promises, next: Promises, seen: ReturnType<typeof seenNothing>): void {
  seen.faults += 1;
  const opened = openSqliteStore({ folder, keyHex: KEY, migrations: MIGRATIONS, nowMs: NOW_MS });
  if (!opened.ok) {
    seen.notOpened += 1;
    seen.lost += promises.saved.length;
    seen.lossy += 1;
    return;
  }
  if (opened.salvaged !== null) seen.salvaged += 1;
  const underWay = { ...promises, asked: next.asked, settling: next.settling };
  const { lost, doubled, phantom } = judge(opened.store, underWay);
  opened.store.close();
  seen.lost += lost;
  seen.doubled += doubled;
  seen.phantom += phantom;
  if (lost > 0) seen.lossy += 1;
}

describe.skipIf(!canBuildShim())('a power cut', () => {
  let shim: DiskShim;
  beforeAll(() => {
    shim = new DiskShim();
  });
  afterAll(() => shim[Symbol.dispose]());

  /** Records one process, cuts the power `images` times, and judges what is left. */
  async function cut(seed: number, images: number, seen: ReturnType<typeof seenNothing>, variant = ''): Promise<void> {
    const place = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'sotto-power-'));
    try {
      const home = join(place, 'disk');
      mkdirSync(home);
      const log = join(place, 'log');
      const promisesFile = join(place, 'promises');
      const env = shim.env(home, log);
      await exec(process.execPath, [CHILD, home, promisesFile, String(seed), String(OPERATIONS), variant], { env }).catch(
        (error: { readonly signal?: string }) => {
          if (error.signal !== 'SIGKILL') throw error;
        },
      );
      const promised = readFileSync(promisesFile, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Promises);
      const steps = readLog(readFileSync(log));
      expect(promised).toHaveLength(OPERATIONS);
      seen.operations += OPERATIONS;
      const random = randomFrom(seed);
      const cuts = Array.from({ length: images }, () => random(steps.length)).toSorted((a, b) => a - b);
      const disk = new RecordedDisk(home);
      let at = 0;
      for (const [image, step] of cuts.entries()) {
        for (; at <= step; at++) disk.step(steps[at] ?? fail());
        const mode = MODES[image % MODES.length] ?? 'none';
        if (disk.mark === null) {
          seen.beforeFirst += 1;
          continue;
        }
        disk.image(join(place, 'image'), mode, random);
        look(join(place, 'image', 'store'), promised[disk.mark] ?? fail(), promised[disk.mark + 1] ?? promised[disk.mark] ?? fail(), seen);
      }
    } finally {
      rmSync(place, { recursive: true });
    }
  }

  test(`[D2] after a power cut at ${IMAGES} moments every acknowledged row is there, none twice, none invented`, {
    timeout: 3_000_000,
  }, async () => {
    const seen = seenNothing();
    for (let recording = 0; seen.faults < IMAGES; recording++) {
      await cut(2 + recording, Math.min(IMAGES_A_RECORDING, IMAGES - seen.faults + 10), seen);
    }
    console.log(`[D2] ${JSON.stringify(seen)}`);
    report('[D2] power cut', seen, { faults: IMAGES });
    expect(seen.notOpened + seen.salvaged).toBe(0);
  });

  test('[D2] canary: without synchronous=FULL more than half of the images lose rows', async () => {
    const seen = seenNothing();
    await cut(3, CANARY_IMAGES, seen, 'not-synchronous');
    console.log(`[D2] canary: ${JSON.stringify(seen)}`);
    expect(seen.lossy).toBeGreaterThan(seen.faults / 2);
  });
});

function fail(): never {
  throw new Error('the recording is shorter than it says');
}
