/** [V5] One desk, call after call: memory, descriptors and the log stay as they are. `npm run test:soak` is the same for hours. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { counts } from '../fault/counts.ts';
import { theilSen } from './slope.ts';

const RUN = fileURLToPath(new URL('run.ts', import.meta.url));
const CALLS = counts(200, 3_000);
const MOST_MB = counts(8, 2);
const CANARY_CALLS = 60;

interface Ran {
  readonly code: number;
  readonly verdict: { readonly calls: number; readonly bytesPer1000Calls: { readonly median: number; readonly upper: number } };
  readonly words: string;
}

const run = (...args: readonly string[]): Promise<Ran> =>
  new Promise((resolve, reject) => {
    execFile(process.execPath, ['--expose-gc', RUN, ...args], (error, out, words) => {
      if (out === '') reject(new Error(words));
      else resolve({ code: error === null ? 0 : Number(error.code), verdict: JSON.parse(out) as Ran['verdict'], words });
    });
  });

test(`[V5] ${CALLS} calls at one desk leave nothing behind`, { timeout: 1_800_000 }, async () => {
  const { code, verdict, words } = await run('--calls', String(CALLS), '--most', String(MOST_MB));
  console.log(`[V5] ${JSON.stringify(verdict)}`);
  expect([code, words.trimEnd().split('\n').at(-1)]).toEqual([0, expect.stringMatching(/^\d+ calls/)]);
});

test('[V5] canary: a desk that keeps every view it ever made grows, and this suite sees it', { timeout: 300_000 }, async () => {
  const { code, words } = await run('--calls', String(CANARY_CALLS), '--leak');
  expect([code, words]).toEqual([1, expect.stringContaining('memory grows')]);
});

test('the slope is that of the line, and one wild point does not change it', () => {
  const line = Array.from({ length: 20 }, (_, x) => ({ x, y: 3 * x + (x % 2) }));
  expect(theilSen(line).median).toBeCloseTo(3, 1);
  expect(theilSen(line).upper).toBeLessThan(3.3);
  const [first, ...others] = line;
  expect(theilSen([{ x: first?.x ?? 0, y: 10_000 }, ...others]).median).toBeCloseTo(3, 1);
  expect(theilSen(line.map(({ x }) => ({ x, y: 5 }))).upper).toBe(0);
  expect(() => theilSen(line.slice(0, 5))).toThrow(/5 points/);
});
