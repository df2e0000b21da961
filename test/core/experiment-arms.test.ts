/** Arms of the standing experiments: what each leaves out, and who is in which. */
import { describe, expect, it } from 'vitest';
import { EXPERIMENT_ARMS, type ExperimentArm, type ExperimentUnit, STANDING_EXPERIMENTS } from '#contract/experiments.ts';
import type { DecisionInputs } from '#contract/decision.ts';
import { decide, deciderOf, explainAll } from './deciding.ts';
import { action, activeCall, inputs, is, NO_MODEL, revision, stated } from './fixtures.ts';

const call = activeCall();
const ofCustomer = (n: number, more: Partial<DecisionInputs> = {}): DecisionInputs =>
  inputs({ call: { ...call, callId: `call-${n}`, customerId: `customer-${n}` }, profile: null, ...more });
const actions = [
  action('a', { value: 50, startingPropensity: 0.4, lever: 1 }),
  action('b', { value: 100, startingPropensity: 0.3, lever: 1 }),
  action('c', { value: 100, startingPropensity: 0.2, lever: 4 }),
  action('d', { value: 100, startingPropensity: 0.5, applicability: [stated(is('call.holds', '>=', 1))] }),
  action('e', { value: 100, startingPropensity: 0.6, significant: true, suitability: [stated(is('call.holds', '>=', 1))] }),
];
const under = (arm: ExperimentArm, unit: ExperimentUnit = 'customer', share = 0.5) =>
  revision(actions, { experiment: { salt: 'autumn', unit, arms: [{ arm, share }] } });
/** The first customer in the arm. */
const inArm = (arm: ExperimentArm): DecisionInputs => {
  for (let n = 0; ; n++) if (decide(under(arm), ofCustomer(n)).record.inputs['arm'] === arm) return ofCustomer(n);
};
const cards = (arm: ExperimentArm, from = 0, count = 160): ReadonlyMap<string, number> => {
  const seen = new Map<string, number>();
  for (let n = from; n < from + count; n++) {
    const { shown, record } = decide(under(arm), ofCustomer(n));
    const [card = ''] = shown.split(' ');
    if (record.inputs['arm'] === arm) seen.set(card, (seen.get(card) ?? 0) + 1);
  }
  return seen;
};

describe('the arms', () => {
  it('leave out what they say', () => {
    expect(decide(revision(actions), ofCustomer(1)).shown).toBe('primary:c chip:b chip:a');
    expect(decide(under('propensity-only'), inArm('propensity-only')).shown).toBe('primary:a chip:b chip:c');
    expect(decide(under('no-levers'), inArm('no-levers')).shown).toBe('primary:b chip:a chip:c');
    // Significant actions keep their suitability.
    expect(decide(under('eligibility-only'), inArm('eligibility-only')).shown).toBe('primary:c chip:d chip:b');
  });

  it('draw evenly among what is relevant, the same for a call as long as it lasts', () => {
    const seen = cards('random-relevant');
    expect([...seen.keys()].toSorted()).toEqual(['primary:a', 'primary:b', 'primary:c']);
    const total = [...seen.values()].reduce((sum, count) => sum + count, 0);
    for (const count of seen.values()) expect(Math.abs(count / total - 1 / 3)).toBeLessThan(0.2);
    const one = inArm('random-relevant');
    expect(decide(under('random-relevant'), { ...one, seed: 7, nowMs: one.nowMs + 9_000 }).shown).toBe(
      decide(under('random-relevant'), one).shown,
    );
  });

  it('put a drawn number in the propensity’s place', () => {
    expect([...cards('random-propensity').keys()].toSorted()).toEqual(['primary:a', 'primary:b', 'primary:c']);
  });

  it.each(EXPERIMENT_ARMS)('%s: the factors that are told multiply back to the priority', (arm) => {
    const given = inArm(arm);
    let told = 0;
    for (const { factors } of explainAll(under(arm), given, NO_MODEL)) {
      if (factors === null) continue;
      told++;
      expect(factors.propensity * factors.contextWeight * factors.value * factors.lever).toBeCloseTo(factors.priority, 12);
    }
    expect(told).toBeGreaterThan(2);
  });

  it('are there for each of the five standing experiments', () => {
    expect(STANDING_EXPERIMENTS.map(({ arm }) => arm).toSorted()).toEqual([...EXPERIMENT_ARMS].toSorted());
  });
});

const armOf = (unit: ExperimentUnit, given: DecisionInputs): unknown => decide(under('no-levers', unit), given).record.inputs['arm'];

const arms = (unit: ExperimentUnit, each: (n: number) => DecisionInputs): number =>
  new Set(Array.from({ length: 40 }, (_, n) => armOf(unit, each(n)))).size;

describe('assignment', () => {
  it('is sticky, and as large as it was meant', () => {
    const arms = ['no-levers', 'random-relevant'] as const;
    const policy = revision(actions, {
      experiment: { salt: 'may', unit: 'customer', arms: arms.map((arm, i) => ({ arm, share: 0.1 * (i + 1) })) },
    });
    const counts = new Map<unknown, number>();
    const decider = deciderOf(policy);
    for (let n = 0; n < 4_000; n++) {
      const { arm } = decider.filter(ofCustomer(n)).facts;
      counts.set(arm, (counts.get(arm) ?? 0) + 1);
    }
    expect(Math.abs((counts.get('no-levers') ?? 0) - 400)).toBeLessThan(4 * Math.sqrt(360));
    expect(Math.abs((counts.get('random-relevant') ?? 0) - 800)).toBeLessThan(4 * Math.sqrt(640));
  });

  it('goes by customer, agent or site, and leaves out who is not known', () => {
    expect(arms('customer', (n) => ofCustomer(n))).toBe(2);
    expect(arms('agent', (n) => ofCustomer(n))).toBe(1);
    expect(arms('agent', (n) => ofCustomer(1, { agentId: `agent-${n}` }))).toBe(2);
    expect(arms('site', (n) => ofCustomer(n, { agentId: `agent-${n}`, siteId: 'north' }))).toBe(1);
    expect(arms('site', (n) => ofCustomer(1, { siteId: `site-${n}` }))).toBe(2);
    for (let n = 0; n < 40; n++) {
      expect(armOf('site', ofCustomer(n))).toBe(undefined);
      expect(armOf('customer', inputs({ call: { ...call, callId: `call-${n}`, identity: 'unknown' } }))).toBe(undefined);
    }
  });
});
