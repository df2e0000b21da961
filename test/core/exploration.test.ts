/** Exploration: shown as often as the record says, and never where nothing may be left to chance. */
import chiSquareCdf from '@stdlib/stats-base-dists-chisquare-cdf';
import { describe, expect, it } from 'vitest';
import type { CheckedAction, CheckedRevision } from '#contract/checked-policy.ts';
import { DecisionRecord } from '#contract/decision-record.ts';
import type { DecisionInputs } from '#contract/decision.ts';
import { counts } from '../fault/counts.ts';
import { decide, deciderOf } from './deciding.ts';
import { action, activeCall, inputs, modelScores, NO_MODEL, revision } from './fixtures.ts';

const DECISIONS = counts(1_500, 100_000);
const EXPLORING: Partial<CheckedRevision> = { maxChips: 1, exploration: { candidates: 3, gamma: 8 } };

const call = activeCall();
/** The n-th call of as many customers. */
const nth = (n: number): DecisionInputs => inputs({ seed: n, call: { ...call, callId: `call-${n}`, customerId: `customer-${n}` } });

interface Tally {
  readonly shown: Map<string, number>;
  readonly logged: Map<string, number>;
}

/** Cards by action, '' = none; the probability that was logged with each is the same whenever it is shown, all else being equal. */
function tally(actions: readonly CheckedAction[], policy: Partial<CheckedRevision>): Tally {
  const decider = deciderOf(revision(actions, policy));
  const shown = new Map<string, number>();
  const logged = new Map<string, number>();
  for (let n = 0; n < DECISIONS; n++) {
    const given = nth(n);
    const decision = decider.arbitrate(given, decider.filter(given), NO_MODEL);
    const record = JSON.parse(decision.recordJson) as { probability: number };
    const card = decision.result.kind === 'show' ? (decision.result.prompts[0]?.actionId ?? '') : '';
    shown.set(card, (shown.get(card) ?? 0) + 1);
    expect(logged.get(card) ?? record.probability).toBe(record.probability);
    logged.set(card, record.probability);
  }
  return { shown, logged };
}

/** p of the shown beside the logged. */
function pValue({ shown, logged }: Tally): number {
  let chiSquare = 0;
  for (const [card, probability] of logged)
    chiSquare += ((shown.get(card) ?? 0) - DECISIONS * probability) ** 2 / (DECISIONS * probability);
  return 1 - chiSquareCdf(chiSquare, logged.size - 1);
}

const totalOf = ({ logged }: Tally): number => [...logged.values()].reduce((sum, probability) => sum + probability, 0);

describe('exploration', { timeout: counts(20_000, 600_000) }, () => {
  const plain = [action('a', { value: 100 }), action('b', { value: 90 }), action('c', { value: 40 }), action('d', { value: 39 })];

  it('shows each candidate as often as the record says', () => {
    const seen = tally(plain, EXPLORING);
    expect([...seen.logged.keys()].toSorted()).toEqual(['a', 'b', 'c']);
    expect(seen.logged.get('b')).toBeCloseTo(1 / (3 + 8 * 0.1), 12);
    expect(seen.logged.get('c')).toBeCloseTo(1 / (3 + 8 * 0.6), 12);
    expect(totalOf(seen)).toBeCloseTo(1, 12);
    expect(pValue(seen)).toBeGreaterThan(0.001);
  });

  it('logs the total over control, throttle and exploration', () => {
    const throttled = [
      action('a', { value: 100, sales: true }),
      action('b', { value: 90 }),
      action('c', { value: 40, sales: true }),
      action('d', { value: 39, sales: true }),
      action('e', { value: 30, fallback: true }),
    ];
    const policy = {
      ...EXPLORING,
      control: { share: 0.2, salt: 'held' },
      maturityThrottle: { startShare: 0.3, fullAtPositives: 200 },
    };
    const seen = tally(throttled, policy);
    expect([...seen.logged.keys()].toSorted()).toEqual(['', 'a', 'b', 'c', 'd']);
    expect(seen.logged.get('')).toBeCloseTo(0.2, 12);
    expect(totalOf(seen)).toBeCloseTo(1, 9);
    expect(pValue(seen)).toBeGreaterThan(0.001);
  });

  it('is told apart from a log that is a little wrong', () => {
    const { shown, logged } = tally(plain, EXPLORING);
    const wrong = new Map(logged).set('a', (logged.get('a') ?? 0) + 0.1).set('b', (logged.get('b') ?? 0) - 0.1);
    expect(pValue({ shown, logged: wrong })).toBeLessThan(1e-6);
  });

  it('leaves must-say lines and significant actions alone', () => {
    const mandatory = tally([...plain, action('m', { mandatory: true })], EXPLORING);
    expect([...mandatory.logged]).toEqual([['m', 1]]);
    const said = decide(revision([...plain, action('m', { mandatory: true, startingPropensity: 0.4 })], EXPLORING), nth(1));
    expect(said.decider.chances(said.decider.filter(nth(1)), NO_MODEL)).toEqual([{ actionId: 'm', probability: 1, propensity: 0.4 }]);
    const first = tally([action('a', { value: 100, significant: true }), ...plain.slice(1)], EXPLORING);
    expect([...first.logged]).toEqual([['a', 1]]);
    const second = tally([action('a', { value: 100 }), action('b', { value: 99, significant: true }), ...plain.slice(2)], EXPLORING);
    expect([...second.logged.keys()].toSorted()).toEqual(['a', 'c', 'd']);
  });

  it('follows from the seed, and from the record again', () => {
    const policy = revision(plain, EXPLORING);
    for (let n = 0; n < 60; n++) {
      const { decision, record } = decide(policy, nth(n), modelScores([0.3, 0.4, 0.5, 0.2]));
      const again = deciderOf(policy).decideAgain(record, modelScores([0.3, 0.4, 0.5, 0.2]).model);
      expect(again.recordJson).toBe(decision.recordJson);
      expect(decide(policy, nth(n), modelScores([0.3, 0.4, 0.5, 0.2])).shown).toBe(
        decide(policy, nth(n), modelScores([0.3, 0.4, 0.5, 0.2])).shown,
      );
    }
  });

  it('is off where the policy does not say so, and the record is as it was', () => {
    const { record, shown } = decide(revision(plain, { maxChips: 1 }), nth(1));
    expect(shown).toBe('primary:a chip:b');
    expect(Object.keys(record)).not.toContain('probability');
    const logging = decide(revision(plain, { maxChips: 1, exploration: { candidates: 1, gamma: 0 } }), nth(1));
    expect(logging.shown).toBe('primary:a chip:b');
    expect(logging.record.probability).toBe(1);
    expect(DecisionRecord.safeParse(logging.record).success).toBe(true);
  });
});
