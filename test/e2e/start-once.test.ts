import { spawn } from 'node:child_process';
import path from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { counts } from '../fault/counts.ts';
import { ensureFreshBuild } from './fresh-build.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');
const CALLS = counts(2, 5);

const Figures = z.object({ n: z.int(), p50: z.number(), p99: z.number() });
const Result = z.looseObject({
  calls: z.int(),
  events: z.int(),
  decisions: z.int(),
  shown: z.int(),
  refrained: z.int(),
  outcomesSaved: z.int(),
  outcomesSynced: z.int(),
  eventToCardMs: Figures,
});

async function sotto(...args: readonly string[]): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  const child = spawn(process.execPath, ['main/cli/sotto.mjs', ...args], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  let [out, err] = ['', ''];
  child.stdout.on('data', (data: Buffer) => (out += data.toString()));
  child.stderr.on('data', (data: Buffer) => (err += data.toString()));
  const code = await new Promise<number>((resolve) => {
    child.once('close', (exit) => resolve(exit ?? -1));
  });
  return { code, out, err };
}

test(`\`sotto start --once ${CALLS} --json\` plays its calls by clicks in the real window, prints its result last and says that all was well`, async () => {
  await ensureFreshBuild();
  const { code, out, err } = await sotto('start', '--once', String(CALLS), '--json');
  expect([code, err]).toEqual([0, expect.stringContaining(`call ${CALLS} of ${CALLS}`)]);
  const lines = out.trimEnd().split('\n');
  const result = Result.parse(JSON.parse(lines.at(-1) ?? ''));
  const decided = lines.slice(0, -1).map((line) => z.looseObject({ sotto: z.string(), kind: z.string() }).parse(JSON.parse(line)));
  expect(decided).toHaveLength(result.decisions);
  expect(result).toMatchObject({
    calls: CALLS,
    shown: decided.filter(({ kind }) => kind === 'show').length,
    violations: [],
    missedAnswers: [],
  });
  expect(result.shown + result.refrained).toBe(result.decisions);
  expect(result.outcomesSaved).toBeGreaterThanOrEqual(CALLS);
  expect(result.outcomesSynced).toBe(result.outcomesSaved);
  expect(result.eventToCardMs.n).toBeGreaterThanOrEqual(CALLS);
  console.log(lines.at(-1));
});

test('a wrong number of calls is wrong use, said in a line', async () => {
  const { code, out, err } = await sotto('start', '--once', 'five');
  expect([code, out]).toEqual([2, '']);
  expect(err).toContain('"five" is not a number of calls');
});
