import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// Tests start processes by the hundred: what the first compiles the others only load.
process.env['NODE_COMPILE_CACHE'] ??= fileURLToPath(new URL('node_modules/.cache/sotto-compiled', import.meta.url));

/** Quick, in one process, no browser and no server of their own: part of `npm run check`. */
const UNIT = ['architecture', 'core', 'demo', 'learning', 'policy', 'property', 'shell'];
/** Drive a real Chromium. */
const WINDOW = ['e2e', 'host', 'renderer'];
/** Set what a process cannot take back. */
const OWN_PROCESS = ['network'];
/** Promise so and so many milliseconds, which only who has the machine to itself can keep. */
const TIMED = ['timed'];

const POSTGRES = 'test/central/install-postgres.ts';

const testsIn = (folders: readonly string[]): string[] => folders.map((folder) => `test/${folder}/**/*.test.{ts,tsx}`);

export default defineConfig({
  test: {
    // Two cores, and tests that wait for processes more than they compute.
    maxWorkers: 4,
    // Full counts take as long as they take, and a busy machine is slow; what hangs is ended all the same.
    testTimeout: process.env['SOTTO_FULL'] === '1' ? 600_000 : 180_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 15_000 } },
    // Nothing outlives a file's tests, so files share processes: what one has loaded the next finds.
    isolate: false,
    projects: [
      { extends: true, test: { name: 'unit', include: testsIn(UNIT) } },
      {
        extends: true,
        test: {
          name: 'system',
          include: testsIn(['*']),
          exclude: [...testsIn([...UNIT, ...WINDOW, ...OWN_PROCESS, ...TIMED]), 'test/bench/peers/**'],
          globalSetup: POSTGRES,
        },
      },
      { extends: true, test: { name: 'own process', include: testsIn(OWN_PROCESS), globalSetup: POSTGRES, isolate: true } },
      {
        extends: true,
        // A browser on a busy shared machine stalls for seconds now and then; what fails three times running is broken.
        // The suites that count lost and doubled answers over many faults (test/fault) are never repeated.
        // Each keeps both cores busy at times: more of them at once take as long, and wait for each other longer than a click may take.
        test: { name: 'window', include: testsIn(WINDOW), retry: 2, maxWorkers: 2, sequence: { groupOrder: 1 } },
      },
      {
        extends: true,
        // After all others, and one after the other.
        test: { name: 'timed', include: testsIn(TIMED), globalSetup: POSTGRES, retry: 2, maxWorkers: 1, sequence: { groupOrder: 2 } },
      },
    ],
  },
});
