/**
 * How long a decision takes and how large its record is. 70 actions and 60 utterances are a demonstration's size;
 * 1,000 actions × 5 conditions over 60 fields is the common workload. The medians hold on two busy cores; the numbers are printed.
 */
import { expect } from 'vitest';
import type { CheckedAction, CheckedField } from '#contract/checked-policy.ts';
import { compileRevision, Decider } from '#core';
import {
  action,
  activeCall,
  core,
  FIELDS,
  HOUR_MS,
  inputs,
  is,
  modelWith,
  NOW_MS,
  outcome,
  profile,
  revision,
  said,
  stated,
  utterance,
} from '../core/fixtures.ts';
import { timedTest } from './timed-test.ts';

let state = 7;
const random = (): number => {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return state / 2 ** 32;
};
const whole = (below: number): number => Math.floor(random() * below);
const WORDS = ['v0', 'v1', 'v2', 'v3', 'v4', 'v5', 'v6', 'v7'];

const numbers = Array.from(
  { length: 40 },
  (_, i): CheckedField => ({
    path: `profile.n${i}`,
    type: 'number',
    label: `N${i}`,
    subject: 'customer',
    kind: 'fact',
    changeableBy: 'nobody',
  }),
);
const enums = Array.from(
  { length: 20 },
  (_, i): CheckedField => ({
    path: `profile.c${i}`,
    type: 'enum',
    values: WORDS,
    label: `C${i}`,
    subject: 'customer',
    kind: 'fact',
    changeableBy: 'nobody',
  }),
);

function someAction(number: number): CheckedAction {
  return action(`a${String(number).padStart(4, '0')}`, {
    group: `g${number % 12}`,
    issue: `i${number % 5}`,
    value: 10 + random() * 90,
    lever: 0.5 + random(),
    eligibility: [stated(is(`profile.n${whole(40)}`, '>=', 100 + whole(200))), stated(is(`profile.n${whole(40)}`, '<=', 700 + whole(200)))],
    applicability: [
      stated({ op: 'in', left: { kind: 'field', path: `profile.c${whole(20)}` }, set: WORDS.slice(whole(2), 7 + whole(2)) }),
      stated(is(`profile.c${whole(20)}`, '!=', WORDS[whole(8)]!)),
      stated(is(`profile.n${whole(40)}`, '>=', 100 + whole(200))),
    ],
    context: [{ when: said('cancel', 'too expensive'), weight: 50 }],
  });
}

function someProfile(): ReturnType<typeof profile> {
  const fields: Record<string, number | string> = {};
  for (let i = 0; i < 40; i++) fields[`n${i}`] = whole(1_000);
  for (let i = 0; i < 20; i++) fields[`c${i}`] = WORDS[whole(8)]!;
  const history = Array.from({ length: 50 }, (_, i) => ({
    kind: 'seen' as const,
    channel: 'voice' as const,
    atMs: NOW_MS - i * 9 * HOUR_MS,
    actionId: `a${String(whole(70)).padStart(4, '0')}`,
  }));
  return profile({ fields, history });
}

const at = (values: number[], share: number): string =>
  ((values.toSorted((a, b) => a - b)[Math.floor(values.length * share)] ?? 0) * 1_000).toFixed(0);

function measure(name: string, count: number): { readonly medianMs: number; readonly scored: number } {
  const contact = (['action', 'group', 'all'] as const).map((per) => ({
    id: per,
    name: per,
    per,
    counts: 'seen' as const,
    limit: 12,
    windowMs: 24 * HOUR_MS,
    suppressForMs: 24 * HOUR_MS,
  }));
  const decider = new Decider(
    compileRevision(
      revision(
        Array.from({ length: count }, (_, i) => someAction(i)),
        { fields: [...FIELDS, ...numbers, ...enums].toSorted((a, b) => (a.path < b.path ? -1 : 1)), contact },
      ),
    ),
    core,
  );
  const model = { ...modelWith(200), evidence: new Float64Array(count).fill(200) };
  const call = activeCall(
    Array.from({ length: 60 }, (_, i) =>
      utterance(
        i % 2 === 0 ? 'customer' : 'agent',
        `this is what I said in sentence ${i} of the call, and it is too expensive`,
        (61 - i) * 4_000,
      ),
    ),
  );
  const outcomes = Array.from({ length: 12 }, (_, i) =>
    outcome(i % 3 === 2 ? 'superseded' : 'seen', `a${String(i).padStart(4, '0')}`, 250_000 - i * 1_000),
  );
  const all = Array.from({ length: 64 }, () => inputs({ call, outcomes, profile: someProfile() }));
  const filterMs: number[] = [];
  const arbitrateMs: number[] = [];
  let bytes = 0;
  let scored = 0;
  const runs = 2_000;
  for (let run = 0; run < runs; run++) {
    const given = all[run % all.length]!;
    const start = performance.now();
    const candidates = decider.filter(given);
    const middle = performance.now();
    const propensity = new Float32Array(candidates.actions.length).map(() => random());
    const scores = {
      rung: 'model' as const,
      propensity,
      model,
    };
    const scoredAt = performance.now();
    const decision = decider.arbitrate(given, candidates, scores);
    const end = performance.now();
    if (run < runs / 4) continue;
    filterMs.push(middle - start);
    arbitrateMs.push(end - scoredAt);
    bytes += decision.recordBytes.length;
    scored += candidates.actions.length;
  }
  console.log(
    `${name}: filter p50 ${at(filterMs, 0.5)} µs p99 ${at(filterMs, 0.99)} µs, arbitrate with record p50 ${at(arbitrateMs, 0.5)} µs p99 ${at(arbitrateMs, 0.99)} µs, ` +
      `${Math.round(scored / filterMs.length)} of ${count} scored, record ${Math.round(bytes / filterMs.length)} bytes`,
  );
  const totals = filterMs.map((ms, run) => ms + (arbitrateMs[run] ?? 0)).toSorted((a, b) => a - b);
  return { medianMs: totals[totals.length >> 1] ?? Infinity, scored: scored / filterMs.length };
}

timedTest('decides among 70 actions after 60 utterances well within a millisecond, among 1,000 within two', {}, () => {
  const small = measure('70 actions', 70);
  const large = measure('1,000 actions', 1_000);
  expect(small.scored).toBeGreaterThan(10);
  expect(large.scored).toBeGreaterThan(200);
  expect(small.medianMs).toBeLessThan(1);
  expect(large.medianMs).toBeLessThan(2);
});
