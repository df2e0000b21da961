import { defineConfig } from 'vitest/config';

/** Quick, in one process, no browser and no server of their own: part of `npm run check`. */
const UNIT = ['architecture', 'core', 'demo', 'learning', 'policy', 'property', 'shell'];
/** Drive a real Chromium. */
const WINDOW = ['e2e', 'host', 'renderer'];

const testsIn = (folders: readonly string[]): string[] => folders.map((folder) => `test/${folder}/**/*.test.{ts,tsx}`);

export default defineConfig({
  test: {
    // Two cores and real processes: more workers only make timings worse.
    maxWorkers: 3,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    projects: [
      { extends: true, test: { name: 'unit', include: testsIn(UNIT) } },
      {
        extends: true,
        test: { name: 'system', include: testsIn(['*']), exclude: [...testsIn([...UNIT, ...WINDOW]), 'test/bench/peers/**'] },
      },
      {
        extends: true,
        // A browser on a busy shared machine stalls for seconds now and then; what fails three times running is broken.
        // The suites that count lost and doubled answers over many faults (test/fault) are never repeated.
        test: { name: 'window', include: testsIn(WINDOW), retry: 2 },
      },
    ],
  },
});
