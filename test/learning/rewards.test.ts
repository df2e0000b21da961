/** Two rewards: what counts as what, how long, and for which decision. */
import { describe, expect, it } from 'vitest';
import type { Outcome } from '#contract/outcome.ts';
import { canonicalJson } from '#core';
import { attribute, type Reward, RewardLearner, RewardLedger, seededRandom } from '#learning';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const SETTINGS = { windowMs: 14 * DAY_MS };
let made = 0;
const outcome = (kind: Outcome['kind'], atMs: number, more: Partial<Outcome> = {}): Outcome => {
  made++;
  return {
    id: `o${made}`,
    kind,
    decisionId: 'd1',
    callId: 'call-1',
    customerId: 'cust-1',
    agentId: 'agent-1',
    deviceId: 'desk-1',
    actionId: 'offer',
    treatmentId: 't',
    channel: 'voice',
    role: 'primary',
    atMs,
    clock: made,
    ...more,
  };
};
const settled = (outcomes: readonly Outcome[], asOfMs = 100 * DAY_MS): readonly string[] =>
  attribute(outcomes, SETTINGS, asOfMs)
    .rewards.map(
      ({ id, isPositive, occurredAtMs, by }) => `${id} ${isPositive ? 'yes' : 'no'} at ${occurredAtMs}${by === null ? ' by silence' : ''}`,
    )
    .toSorted();

const AGENT = 'd1/offer/agent';
const CUSTOMER = 'd1/offer/customer';
const shown = [outcome('offered', 1), outcome('seen', 2)];

describe('the agent’s reward', () => {
  it.each([
    ['accepted', {}, `${AGENT} yes at 5`],
    ['rejected', {}, `${AGENT} no at 5`],
    ['overridden', { chosenActionId: 'other' }, `${AGENT} no at 5`],
    ['expired', { seen: true }, `${AGENT} no at 5`],
    ['expired', { seen: false }, undefined],
    ['snoozed', {}, undefined],
    ['withdrawn', {}, undefined],
    ['superseded', {}, undefined],
  ] as const)('%s %j', (kind, more, wanted) => {
    const [first] = settled([...shown, outcome(kind, 5, more)], 6);
    expect(first).toBe(wanted);
  });

  it('is the last answer that stands', () => {
    const accepted = outcome('accepted', 5);
    const undone = outcome('retracted', 6, { retracts: accepted.id });
    expect(settled([...shown, accepted, undone], 9)).toEqual([]);
    expect(settled([...shown, accepted, undone, outcome('rejected', 7)], 9)).toEqual([`${AGENT} no at 7`]);
    expect(settled([...shown, accepted, undone, outcome('retracted', 8, { retracts: undone.id })], 9)).toEqual([`${AGENT} yes at 5`]);
  });
});

describe('the customer’s reward', () => {
  const taken = [...shown, outcome('accepted', 5)];

  it('waits for the window, and is a no at its end where nothing was said', () => {
    expect(settled(taken, 5 + SETTINGS.windowMs - 1)).toEqual([`${AGENT} yes at 5`]);
    expect(settled(taken, 5 + SETTINGS.windowMs)).toEqual([`${AGENT} yes at 5`, `${CUSTOMER} no at ${5 + SETTINGS.windowMs} by silence`]);
    expect(attribute(taken, SETTINGS, 6).nextAtMs).toBe(5 + SETTINGS.windowMs);
  });

  it('is what the customer did within it; what comes after it counts no more', () => {
    const late = 5 + SETTINGS.windowMs;
    expect(settled([...taken, outcome('customer-accepted', late)])).toContain(`${CUSTOMER} yes at ${late}`);
    expect(settled([...taken, outcome('customer-accepted', late + 1)])).toContain(`${CUSTOMER} no at ${late} by silence`);
    expect(settled([...taken, outcome('customer-declined', 9), outcome('customer-accepted', 10)])).toContain(`${CUSTOMER} no at 9`);
  });

  it('is a no where harm came of it, whatever was said before', () => {
    for (const kind of ['complaint', 'opt-out', 'churned'] as const)
      expect(settled([...taken, outcome('customer-accepted', 9), outcome(kind, DAY_MS)])).toContain(`${CUSTOMER} no at ${DAY_MS}`);
  });

  it('is none of a prompt that the agent did not take up', () => {
    expect(settled([...shown, outcome('rejected', 5), outcome('customer-accepted', 9)])).toEqual([`${AGENT} no at 5`]);
  });

  it('goes to the decision it names, else to the last of the same action, else to the last', () => {
    const second = { decisionId: 'd2', callId: 'call-2' };
    const third = { decisionId: 'd3', callId: 'call-3', actionId: 'other' };
    const all = [...taken, outcome('accepted', DAY_MS, second), outcome('accepted', 2 * DAY_MS, third)];
    const at = 3 * DAY_MS;
    const yes = (more: Partial<Outcome>): readonly string[] =>
      settled([...all, outcome('customer-accepted', at, more)]).filter((text) => text.includes('customer yes'));
    expect(yes({})).toEqual([`${CUSTOMER} yes at ${at}`]);
    expect(yes({ decisionId: 'another' })).toEqual([`d2/offer/customer yes at ${at}`]);
    expect(yes({ decisionId: 'another', actionId: 'unknown', callId: 'call-9' })).toEqual([`d3/other/customer yes at ${at}`]);
    expect(yes({ decisionId: 'another', customerId: 'cust-2', callId: 'call-9' })).toEqual([]);
  });

  it('knows who was on a call that began with nobody known', () => {
    const before = taken.map((one) => ({ ...one, customerId: null }));
    const identified = outcome('seen', 20, { actionId: 'hello', customerId: 'cust-1' });
    const later = outcome('customer-accepted', DAY_MS, { decisionId: 'x', callId: 'call-7' });
    expect(settled([...before, identified, later])).toContain(`${CUSTOMER} yes at ${DAY_MS}`);
    expect(settled([...before, later])).toContain(`${CUSTOMER} no at ${5 + SETTINGS.windowMs} by silence`);
  });
});

/** Random logs: prompts of some customers, answers, undos, and what came of them, much of it late. */
const anyLog = (seed: number, calls: number): readonly Outcome[] => {
  const random = seededRandom(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const of = <T>(list: readonly T[]): T => list[below(list.length)] as T;
  const log: Outcome[] = [];
  for (let call = 0; call < calls; call++) {
    const startMs = below(30) * DAY_MS + call;
    const customerId = random() < 0.2 ? null : `cust-${below(6)}`;
    for (let card = 0; card < 2; card++) {
      const base = { callId: `call-${call}`, decisionId: `d${call}-${card}`, actionId: of(['offer', 'other', 'third']), customerId };
      log.push(outcome('seen', startMs + card, base));
      const answer = outcome(of(['accepted', 'accepted', 'rejected', 'snoozed', 'expired']), startMs + 10 + card, {
        ...base,
        seen: random() < 0.5,
      });
      log.push(answer);
      if (random() < 0.2) log.push(outcome('retracted', startMs + 20, { ...base, retracts: answer.id }));
      if (random() < 0.5)
        log.push(
          outcome(of(['customer-accepted', 'customer-declined', 'complaint', 'churned', 'resolved']), startMs + below(20) * DAY_MS, {
            ...base,
            ...(random() < 0.3 ? { decisionId: 'unknown', callId: 'none', customerId: `cust-${below(6)}` } : {}),
          }),
        );
    }
  }
  return log;
};
const shuffled = (log: readonly Outcome[], seed: number): readonly Outcome[] => {
  const random = seededRandom(seed);
  return log
    .map((one) => ({ one, draw: random() }))
    .toSorted((a, b) => a.draw - b.draw)
    .map(({ one }) => one);
};
const END = 90 * DAY_MS;

const sorted = (all: Iterable<Reward>): string => canonicalJson([...all].toSorted((a, b) => (a.id < b.id ? -1 : 1)));

describe('rewards of a log that grows', () => {
  it('come to the same for any order and any batches as for the whole log at once', () => {
    let rewards = 0;
    for (let seed = 1; seed <= 40; seed++) {
      const log = anyLog(seed, 12);
      const whole = attribute(log, SETTINGS, END).rewards;
      rewards += whole.length;
      const ledger = new RewardLedger(SETTINGS);
      const now = new Map<string, Reward>();
      const mixed = shuffled(log, seed + 1_000);
      for (let from = 0, step = 0; from < mixed.length; step++) {
        const to = from + 1 + ((seed * 7 + step * 3) % 9);
        ledger.add(mixed.slice(from, to));
        // Time goes on while outcomes arrive, late ones among them.
        const { settled: changed, withdrawn } = ledger.settle(Math.min(END, step * 5 * DAY_MS));
        for (const id of withdrawn) now.delete(id);
        for (const reward of changed) now.set(reward.id, reward);
        from = to;
      }
      const { settled: changed, withdrawn } = ledger.settle(END);
      for (const id of withdrawn) now.delete(id);
      for (const reward of changed) now.set(reward.id, reward);
      expect(sorted(now.values())).toBe(sorted(whole));
      expect(ledger.settle(END)).toEqual({ settled: [], withdrawn: [] });
    }
    expect(rewards).toBeGreaterThan(500);
  });

  it('refuse to go back in time', () => {
    const ledger = new RewardLedger(SETTINGS);
    ledger.settle(5);
    expect(() => ledger.settle(4)).toThrow('before');
  });
});

describe('learning from rewards', () => {
  const shape = { action: ['action'], features: ['call'] };
  const learner = (kind: 'agent' | 'customer') =>
    new RewardLearner(kind, SETTINGS, shape, ({ actionId, decisionId }) =>
      decisionId === 'd3-0' ? null : { action: [actionId], features: [decisionId.length] },
    );

  it.each(['agent', 'customer'] as const)('of the %s comes to the same bytes for any order, late outcomes included', (kind) => {
    const log = anyLog(77, 40);
    const once = learner(kind);
    const wanted = canonicalJson(once.learn(log, END).state());
    const late = learner(kind);
    const mixed = shuffled(log, 5);
    for (let from = 0; from < mixed.length; from += 11) late.learn(mixed.slice(from, from + 11), Math.min(END, from * DAY_MS));
    expect(canonicalJson(late.learn([], END).state())).toBe(wanted);
    expect(once.settle(END).length).toBeGreaterThan(kind === 'agent' ? 0 : -1);
  });

  it('a late yes takes back the silence that was learnt', () => {
    const taken = [...shown, outcome('accepted', 5)];
    const yes = outcome('customer-accepted', DAY_MS);
    const late = learner('customer');
    const silent = canonicalJson(late.learn(taken, END).state());
    const corrected = canonicalJson(late.learn([yes], END).state());
    expect(corrected).not.toBe(silent);
    expect(corrected).toBe(
      canonicalJson(
        learner('customer')
          .learn([...taken, yes], END)
          .state(),
      ),
    );
  });
});
