import { describe, expect, it } from 'vitest';
import type { CheckedAction } from '#contract/checked-policy.ts';
import { decide } from './deciding.ts';
import {
  action,
  activeCall,
  HOUR_MS,
  inputs,
  is,
  isoAt,
  MINUTE_MS,
  NOW_MS,
  outcome,
  profile,
  revision,
  stated,
  utterance,
} from './fixtures.ts';

const values = (...of: readonly number[]): CheckedAction[] => of.map((value, index) => action('abcdef'[index]!, { value }));
const at = (condition: Parameters<typeof stated>[0]) => [action('a', { applicability: [stated(condition)] })];

const recheck = (actions: readonly CheckedAction[], more: Parameters<typeof inputs>[0] = {}) => {
  const at = decide(revision(actions), inputs(more)).decision.recheckAtMs;
  return at === null ? null : at - NOW_MS;
};

/** How long until the decision is looked at again because of what is used up of something scarce. */
const within = (period: 'day' | 'week' | 'month' | 'total', asOfMs: number, nowMs: number, maxAgeMs = 40 * 24 * HOUR_MS) => {
  const scarce = { id: 'scarce', name: 'Scarce', kind: 'volume', limit: 5, period, maxAgeMs, covers: [0] } as const;
  const usage = [{ constraintId: 'scarce', used: 5, asOfMs }];
  const policy = revision([action('a')], { constraints: [scarce] });
  const at = decide(policy, inputs({ nowMs, usage, centralHeardAtMs: nowMs })).decision.recheckAtMs;
  return at === null ? null : at - nowMs;
};

/** A card that was seen and gave way to another. */
const card = (id: string, agoMs: number) => [
  outcome('offered', id, agoMs),
  outcome('delivered', id, agoMs),
  outcome('seen', id, agoMs - 500),
  outcome('superseded', id, agoMs - 600),
];

describe('when to look again', () => {
  it('is never where time alone changes nothing', () => {
    expect(recheck(values(100))).toBe(null);
  });
  it('is the end of the gap, of the hold, of the pause and of a snooze', () => {
    expect(recheck(values(100), { outcomes: card('x', 40_000) })).toBe(5_000);
    expect(recheck(values(100), { speaking: { by: 'agent', sinceMs: NOW_MS } })).toBe(3_000);
    expect(recheck(values(100), { speaking: { by: 'agent', sinceMs: NOW_MS }, heldSinceMs: NOW_MS - 1_000 })).toBe(2_000);
    expect(recheck(values(100), { silentSinceMs: NOW_MS - 200 })).toBe(400);
    expect(recheck(values(100), { outcomes: [outcome('snoozed', 'a', 1_000, { untilMs: NOW_MS + 90_000 })] })).toBe(90_000);
  });
  it('is the second at which the call’s clocks pass a threshold', () => {
    expect(recheck(at(is('call.elapsedS', '>=', 310)))).toBe(10_000);
    expect(recheck(at(is('call.elapsedS', '>', 310)))).toBe(11_000);
    expect(recheck(at(is('call.elapsedS', '<=', 310)))).toBe(11_000);
    expect(recheck(at(is('call.elapsedS', '==', 300)))).toBe(1_000);
    expect(recheck(at(is('call.elapsedS', '<', 299)))).toBe(null);
    const call = activeCall([utterance('customer', 'hm', 2_500)]);
    expect(recheck(at(is('call.customerSilentS', '>=', 10)), { call })).toBe(7_500);
  });
  it('is the moment a time since turns, a count falls, a value or a consent gets too old', () => {
    const since = { op: 'compare', left: { kind: 'since', path: 'profile.contractEnds' }, is: '>=', right: 60_000 } as const;
    const fields = { contractEnds: isoAt(NOW_MS - 50_000) };
    expect(recheck([action('a', { applicability: [stated(since)] })], { profile: profile({ fields }) })).toBe(10_000);
    const count = {
      op: 'compare',
      left: { kind: 'count', outcome: 'seen', scope: { of: 'any' }, windowMs: 60_000 },
      is: '==',
      right: 0,
    } as const;
    const history = [{ kind: 'seen' as const, channel: 'voice' as const, atMs: NOW_MS - 45_000 }];
    expect(recheck([action('a', { applicability: [stated(count)] })], { profile: profile({ history }) })).toBe(15_000);
    expect(recheck([action('a', { purpose: 0 })], { centralHeardAtMs: NOW_MS - 24 * 60 * MINUTE_MS + 1_000 })).toBe(1_001);
    const balance = [action('a', { applicability: [stated(is('profile.balance', '>', 1))] })];
    expect(recheck(balance, { profile: profile({ asOfMs: NOW_MS - 24 * 60 * MINUTE_MS + 500 }) })).toBe(501);
    expect(recheck([action('a', { validFromMs: NOW_MS + 777 })])).toBe(777);
  });
  it('is the end of what a person was contacted with before, where a card on the screen alone makes it rest longer', () => {
    const contact = [
      { id: 'rare', name: 'Rare', per: 'action', counts: 'seen', limit: 1, windowMs: HOUR_MS, suppressForMs: 30 * MINUTE_MS },
    ] as const;
    const history = [{ kind: 'seen' as const, channel: 'voice' as const, actionId: 'a', atMs: NOW_MS - 5 * MINUTE_MS }];
    const outcomes = [outcome('offered', 'a', 10_000), outcome('seen', 'a', 9_000)];
    const policy = revision([action('a', { expiresAfterMs: HOUR_MS })], { contact });
    const held = decide(policy, inputs({ profile: profile({ history }), outcomes })).decision.recheckAtMs;
    expect(held).toBe(NOW_MS + 25 * MINUTE_MS);
  });
  it('is the moment what is used up is no longer known, begins to be, or begins anew', () => {
    expect(within('total', NOW_MS - HOUR_MS, NOW_MS, HOUR_MS)).toBe(1);
    expect(within('total', NOW_MS - HOUR_MS - 1, NOW_MS, HOUR_MS)).toBe(null);
    expect(within('total', NOW_MS, NOW_MS)).toBe(null);
    expect(within('total', NOW_MS + 6 * MINUTE_MS, NOW_MS)).toBe(MINUTE_MS);
    // A day, a week from Monday, a month that ends: always at midnight.
    for (const [period, ends] of [
      ['day', '2026-03-12T00:00:00Z'],
      ['week', '2026-03-09T00:00:00Z'],
      ['month', '2026-03-01T00:00:00Z'],
      ['month', '2027-01-01T00:00:00Z'],
    ] as const) {
      const nowMs = Date.parse(ends) - 2 * MINUTE_MS;
      expect(within(period, nowMs - MINUTE_MS, nowMs)).toBe(2 * MINUTE_MS);
    }
    expect(within('week', Date.parse('2026-03-12T00:00:00Z') - 3 * MINUTE_MS, Date.parse('2026-03-12T00:00:00Z') - 2 * MINUTE_MS)).toBe(
      null,
    );
  });
});
