/** The benchmark's own promises, without the packages of the engines it compares with (those are tried in test/bench). */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { checkRevision } from '#policy';
import { disagreement } from '#test/bench/decide/check-answers.ts';
import { floor } from '#test/bench/decide/floor.ts';
import { agreed, Disagreement } from '#test/bench/decide/measure-size.ts';
import { policyText } from '#test/bench/decide/policy-text.ts';
import { type BenchResult, misses } from '#test/bench/decide/result.ts';
import { sotto } from '#test/bench/decide/sotto-decider.ts';
import { makeWorkload, selective, withCustomers } from '#test/bench/decide/workload.ts';
import { runSotto } from './run-sotto.ts';

const CUSTOMERS = 24;
const digest = (value: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify(value, (_, part: unknown) => (part instanceof Float64Array ? [...part] : part)))
    .digest('hex');

/** The share of the actions that customers may be offered. */
const shareOf = async (workload: ReturnType<typeof makeWorkload>): Promise<number> => {
  const reference = floor(workload);
  let eligible = 0;
  for (let customer = 0; customer < reference.profiles; customer++) eligible += (await reference.answer(customer)).eligible.length;
  return eligible / (reference.profiles * workload.actions.length);
};

describe('the common workload', () => {
  it('is the same numbers on every machine and in every version', () => {
    expect(digest(makeWorkload(40, CUSTOMERS))).toBe('160a6ac8c9fe3ee6d9461866de84539540d61f8b15d273734c24504164abb642');
    expect(digest(makeWorkload(200))).toBe('6bef408a6a28594586088739dab369687a7c818688f6f336e8a74ea8889c5979');
  });

  it('lets about a third of the actions through, and a tenth of that where the first condition is selective', async () => {
    const workload = makeWorkload(200);
    expect(await shareOf(workload)).toBeGreaterThan(0.3);
    expect(await shareOf(workload)).toBeLessThan(0.36);
    expect(await shareOf(selective(workload))).toBeLessThan(0.06);
  });
});

describe('answers', () => {
  const workload = makeWorkload(120, CUSTOMERS);

  it('of Sotto are the floor’s for every customer, as its record tells them', async () => {
    expect(await disagreement(floor(workload), sotto(workload), CUSTOMERS)).toBeNull();
    expect(await disagreement(floor(selective(workload)), sotto(selective(workload)), CUSTOMERS)).toBeNull();
    const others = withCustomers(workload, CUSTOMERS);
    expect(await disagreement(floor(others), sotto(others, { history: 20, limits: true, unseen: true }), CUSTOMERS)).toBeNull();
  });

  it('that differ stop the run, which names who, for whom and which action', async () => {
    const [first, ...others] = workload.actions;
    const [asked, ...rest] = first!.conditions;
    const never = { ...first!, conditions: [{ ...asked, op: '>=', value: 1_000 } as const, ...rest] as const };
    const broken = { ...floor({ ...workload, actions: [never, ...others] }), name: 'a broken engine' };
    const run = agreed([floor(workload), floor(workload), broken], CUSTOMERS, () => {});
    await expect(run).rejects.toThrow(Disagreement);
    await expect(run).rejects.toThrow(
      /^a broken engine disagrees with floor on \d+ of 24 customers: for customer \d+ it does not let a0 through$/,
    );
  });

  it('that differ in nothing but the order of the best are found as well', async () => {
    const dear = {
      ...workload,
      actions: workload.actions.map((action, i) => (i === 7 ? { ...action, value: action.value * 50 } : action)),
    };
    expect(await disagreement(floor(workload), { ...floor(dear), name: 'dear' }, CUSTOMERS)).toMatch(/its top three are .*a7.*, not a/);
  });
});

it('refuses, when it is loaded, the very condition that zen-engine would take for one nobody meets', () => {
  const files = policyText(makeWorkload(3, 1));
  expect(checkRevision(files, { hash: 'a'.repeat(64) }).ok).toBe(true);
  const slipped = files.map((file) => ({ ...file, text: file.text.replace(/(- 'profile\.c\d+) != ("v\d"')/, '$1 <> $2') }));
  const check = checkRevision(slipped, { hash: 'a'.repeat(64) });
  if (check.ok) throw new Error('a condition that is no CEL was let through');
  expect(check.faults).toHaveLength(3);
  for (const { file, line, reason } of check.faults) {
    expect(file).toMatch(/^actions\/issue-\d\/group-\d\/a\d\.yaml$/);
    expect(slipped.find(({ path }) => path === file)!.text.split('\n')[line - 1]).toMatch(/^ {2}- 'profile\.c\d+ <> "v\d"'$/);
    expect(reason).not.toBe('');
  }
});

describe('the budgets', () => {
  const micros = { p50: 20, p99: 30, p999: 100 };
  const size = { timesFaster: {}, us: {}, eligible: 300, recordBytes: { median: 4_000, p99: 5_000 } };
  const grown = { rows: [], sotto: 1, ratio: 1 };
  const timesFaster = { 'json-rules-engine': 300, 'zen-engine': 50, 'zen-engine-trace': 800, 'json-logic-engine': 6, 'cel-js': 10 };
  const kept: BenchResult = {
    sizes: {
      '200': { ...size, ratioToFloor: 2 },
      '1000': { ...size, ratioToFloor: 1.5, timesFaster },
      '5000': { ...size, ratioToFloor: 1.5 },
    },
    selective: { ...size, ratioToFloor: 3 },
    unseen: { ...size, ratioToFloor: 2 },
    growth: { actions: { ...grown, times: 25, linear: 25 }, profiles: grown, history: grown },
    gc: { decisions: 1_000, collections: 0, perThousand: 0.9, longestMs: 1 },
    tail: { sotto: micros, floor: micros },
    explain: { p50Ms: 0.2, p99Ms: 1 },
    whatIf: { p50Ms: 10, p99Ms: 50, worstMs: 60, reruns: { p50: 300, most: 300 }, foundShare: 0.1 },
    load: { coldMs: 150, checkMs: 140, compileMs: 10 },
  };

  it('are kept at their limits', () => {
    expect(misses(kept)).toEqual([]);
  });

  const broken: readonly (readonly [string, BenchResult])[] = [
    ['200 actions', { ...kept, sizes: { ...kept.sizes, '200': { ...size, ratioToFloor: 2.01 } } }],
    ['5000 actions', { ...kept, sizes: { ...kept.sizes, '5000': { ...size, ratioToFloor: 1.51 } } }],
    [
      'as fast as zen-engine-trace',
      { ...kept, sizes: { ...kept.sizes, '1000': { ...size, ratioToFloor: 1, timesFaster: { ...timesFaster, 'zen-engine-trace': 799 } } } },
    ],
    ['selective', { ...kept, selective: { ...size, ratioToFloor: 3.1 } }],
    ['linear', { ...kept, growth: { ...kept.growth, actions: { ...grown, times: 26, linear: 25 } } }],
    ['20,000', { ...kept, growth: { ...kept.growth, actions: { ...kept.growth.actions, ratio: 1.2 } } }],
    ['history', { ...kept, growth: { ...kept.growth, history: { ...grown, sotto: 1.2 } } }],
    ['customers', { ...kept, growth: { ...kept.growth, profiles: { ...grown, sotto: 1.3 } } }],
    ['garbage collections', { ...kept, gc: { ...kept.gc, perThousand: 1 } }],
    ['p99.9', { ...kept, tail: { sotto: { ...micros, p999: 201 }, floor: micros } }],
    ['explaining', { ...kept, explain: { p50Ms: 0.21, p99Ms: 1 } }],
    ['what would change it', { ...kept, whatIf: { ...kept.whatIf, p99Ms: 51 } }],
    ['loading', { ...kept, load: { ...kept.load, coldMs: 151 } }],
    ['bytes', { ...kept, sizes: { ...kept.sizes, '1000': { ...kept.sizes['1000']!, recordBytes: { median: 4_097, p99: 5_000 } } } }],
  ];
  it.each(broken)('name the one that is broken: %s', (words, result) => {
    const missed = misses(result);
    expect(missed).toHaveLength(1);
    expect(missed[0]).toContain(words);
  });

  it('are all broken by a run that measured nothing', () => {
    expect(misses({ ...kept, sizes: {} }).length).toBeGreaterThanOrEqual(10);
  });
});

it('says in its help what a run is and when it fails', async () => {
  const { code, out } = await runSotto(['bench', 'decide', '--help']);
  expect(code).toBe(0);
  expect(out).toMatch(/--quick/);
  expect(out).toMatch(/exit code is 1 when an engine gives another answer/);
});
