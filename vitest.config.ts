import { defineConfig } from 'vitest/config';

/** Quick, in one process, no browser and no server of their own: part of `npm run check`. */
const UNIT = ['architecture', 'cli', 'contract', 'core', 'demo', 'learning', 'policy', 'property', 'shell'];

export default defineConfig({
  test: {
    // Two cores and real processes: more workers only make timings worse.
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    projects: [
      { extends: true, test: { name: 'unit', include: UNIT.map((folder) => `test/${folder}/**/*.test.{ts,tsx}`) } },
      {
        extends: true,
        test: {
          name: 'system',
          include: ['test/**/*.test.{ts,tsx}'],
          exclude: [...UNIT.map((folder) => `test/${folder}/**`), 'test/bench/peers/**'],
        },
      },
    ],
  },
});
