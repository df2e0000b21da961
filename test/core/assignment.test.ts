/** Who is in a control group, an arm or a holdout: for good or for a month, and never otherwise within a call. */
import { describe, expect, it } from 'vitest';
import type { CheckedHoldout, CheckedRevision } from '#contract/checked-policy.ts';
import type { DecisionInputs } from '#contract/decision.ts';
import { DecisionRecord } from '#contract/decision-record.ts';
import { assignedArm, saltOfMonth } from '#core';
import { decide, deciderOf, explainAll } from './deciding.ts';
import { action, activeCall, inputs, NO_MODEL, revision } from './fixtures.ts';

const call = activeCall();
const OCTOBER_MS = Date.UTC(2026, 9, 20);
const NOVEMBER_MS = Date.UTC(2026, 10, 20);
const CUSTOMERS = 400;
const ofCustomer = (n: number, nowMs: number): DecisionInputs =>
  inputs({
    nowMs,
    centralHeardAtMs: nowMs,
    call: { ...call, callId: `call-${n}`, customerId: `customer-${n}`, offeredAtMs: nowMs },
    profile: null,
  });
const actions = [action('a', { value: 100, startingPropensity: 0.5 }), action('b', { value: 50, startingPropensity: 0.5 })];
const HOLDOUT: CheckedHoldout = {
  id: 'upgrades',
  name: 'Worth of upgrades',
  actions: ['a'],
  share: 0.3,
  salt: 'launch',
  fromMs: OCTOBER_MS,
  untilMs: NOVEMBER_MS,
};

describe('who is assigned anew each month', () => {
  const monthly = revision(actions, {
    control: { share: 0.25, salt: 'held', anew: 'monthly' },
    experiment: { salt: 'arms', unit: 'customer', anew: 'monthly', arms: [{ arm: 'no-levers', share: 0.5 }] },
  });
  const decider = deciderOf(monthly);
  const facts = (given: DecisionInputs): readonly [boolean, string] => {
    const { control, arm } = decider.filter(given).facts;
    return [control, arm];
  };

  it('stays for the month, and for a call that began in it; the next month draws others, as many', () => {
    let moved = 0;
    const inControl = [0, 0];
    for (let n = 0; n < CUSTOMERS; n++) {
      const october = ofCustomer(n, OCTOBER_MS);
      const november = ofCustomer(n, NOVEMBER_MS);
      const [then, now] = [facts(october), facts(november)];
      expect(facts(ofCustomer(n, OCTOBER_MS + 10 * 86_400_000))).toEqual(then);
      expect(facts({ ...november, call: { ...november.call, offeredAtMs: OCTOBER_MS } })).toEqual(then);
      if (then[0]) inControl[0]!++;
      if (now[0]) inControl[1]!++;
      if (then.join() !== now.join()) moved++;
      const arm = assignedArm(saltOfMonth('arms', '2026-11'), `customer-${n}`, [{ arm: 'no-levers', share: 0.5 }]);
      expect(now[1]).toBe(arm ?? 'nba');
    }
    for (const count of inControl) expect(Math.abs(count - CUSTOMERS / 4)).toBeLessThan(4 * Math.sqrt((CUSTOMERS * 3) / 16));
    expect(moved).toBeGreaterThan(CUSTOMERS / 4);
  });
});

const policy = (more: Partial<CheckedRevision> = {}): CheckedRevision => revision(actions, { holdouts: [HOLDOUT], ...more });

const isHeld = (given: DecisionInputs): boolean => decide(policy(), given).record.inputs['heldOut'] !== undefined;

describe('a holdout', () => {
  it('keeps its actions from its share of customers, in its time alone, and says so in record and explanation', () => {
    let held = 0;
    for (let n = 0; n < CUSTOMERS; n++) {
      const given = ofCustomer(n, OCTOBER_MS);
      const { record, shown } = decide(policy(), given);
      if (record.inputs['heldOut'] === undefined) {
        expect(shown).toMatch(/^primary:a/);
        continue;
      }
      held++;
      expect(record.inputs['heldOut']).toEqual([0]);
      expect(shown).toBe('primary:b');
      const [told] = explainAll(policy(), given, NO_MODEL);
      expect(told).toMatchObject({ actionId: 'a', stage: 'threshold', code: 'held-out', by: HOLDOUT.name });
      for (const atMs of [OCTOBER_MS - 1, NOVEMBER_MS]) expect(isHeld(ofCustomer(n, atMs))).toBe(false);
    }
    expect(Math.abs(held - CUSTOMERS * 0.3)).toBeLessThan(4 * Math.sqrt(CUSTOMERS * 0.21));
  });

  it('is no chance of a decision: with it as without, the probabilities of what could have come add up to one', () => {
    const exploring = policy({ exploration: { candidates: 2, gamma: 0 }, control: { share: 0.1, salt: 'c' } });
    const decider = deciderOf(exploring);
    let [held, open] = [0, 0];
    for (let n = 0; n < 60; n++) {
      const given = ofCustomer(n, OCTOBER_MS);
      const chances = decider.chances(decider.filter(given), NO_MODEL);
      expect(chances.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 12);
      const ids = chances.map(({ actionId }) => actionId);
      if (isHeld(given)) {
        held++;
        expect(ids).not.toContain('a');
      } else {
        open++;
        expect(ids).toContain('a');
      }
      const { recordJson } = decider.arbitrate(given, decider.filter(given), NO_MODEL);
      const record = DecisionRecord.parse(JSON.parse(recordJson));
      expect(deciderOf(exploring).decideAgain(record, null).recordJson).toBe(recordJson);
    }
    expect([held > 5, open > 5]).toEqual([true, true]);
  });
});
