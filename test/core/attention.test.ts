import { describe, expect, it } from 'vitest';
import type { CheckedAction } from '#contract/checked-policy.ts';
import { compileRevision, promptBudget, promptLedger } from '#core';
import { decide, explain } from './deciding.ts';
import {
  action,
  activeCall,
  event,
  inputs,
  is,
  isoAt,
  MINUTE_MS,
  modelScores,
  NO_MODEL,
  NOW_MS,
  outcome,
  profile,
  revision,
  said,
  stated,
  utterance,
} from './fixtures.ts';

const values = (...of: readonly number[]): CheckedAction[] => of.map((value, index) => action('abcdef'[index]!, { value }));
const shown = (actions: readonly CheckedAction[], more: Parameters<typeof inputs>[0] = {}): string =>
  decide(revision(actions), inputs(more)).shown;
const openCard = (id: string, agoMs: number, more: object = {}) => [
  outcome('offered', id, agoMs, more),
  outcome('delivered', id, agoMs, more),
  outcome('seen', id, agoMs - 500, more),
];
const closed = (id: string, agoMs: number, how: 'rejected' | 'superseded' | 'withdrawn' = 'superseded') => [
  ...openCard(id, agoMs, { decisionId: `d-${id}` }),
  outcome(how, id, agoMs - 600, { decisionId: `d-${id}` }),
];

describe('arbitration', () => {
  it('ranks mandatory first, then priority, then the order of issue, group and name', () => {
    expect(shown(values(100, 300, 200))).toBe('primary:b chip:c chip:a');
    expect(shown([...values(100, 300), action('m', { mandatory: true, value: 0 })])).toBe('primary:m chip:b chip:a');
    expect(shown(values(100, 100, 100, 100))).toBe('primary:a chip:b chip:c');
  });
  it('ranks by the product of the factors', () => {
    const actions = [
      action('a', { value: 100, lever: 1, context: [{ when: is('profile.plan', '==', 'plus'), weight: 150 }] }),
      action('b', { value: 100, lever: 2 }),
      action('c', { value: 100, context: [{ when: is('profile.note', '==', 'x'), weight: 500 }] }),
      action('d', { value: 100, context: [{ when: is('profile.plan', '==', 'plus'), weight: -300 }] }),
    ];
    const { best, shown: result } = decide(revision(actions), inputs());
    expect(result).toBe('primary:a chip:b chip:c');
    expect(best).toEqual([
      [0, 0.5, 2.5, 125],
      [1, 0.5, 1, 100],
      [2, 0.5, 1, 50],
      [3, 0.5, 0, 0],
    ]);
  });
  it.each([
    ['propensity', 'primary:b chip:a chip:c', [1, 1.5, 30, 1]],
    ['context', 'primary:b chip:c chip:a', [0.4, 1, 30, 1]],
    ['value', 'primary:c chip:a chip:b', [0.4, 1.5, 1, 1]],
    ['lever', 'primary:b chip:a chip:c', [0.4, 1.5, 30, 1]],
  ] as const)('counts %s as 1 where it is switched off', (off, expected, factorsOfA) => {
    const policy = revision(
      [
        action('a', { value: 30, startingPropensity: 0.4, context: [{ when: is('profile.plan', '==', 'plus'), weight: 50 }] }),
        action('b', { value: 100, startingPropensity: 0.2, lever: 0.95 }),
        action('c', { value: 20, startingPropensity: 0.45, lever: 1.9 }),
      ],
      { factors: { propensity: true, context: true, value: true, lever: true, [off]: false } },
    );
    expect(decide(policy, inputs()).shown).toBe(expected);
    const { factors } = explain(policy, inputs(), NO_MODEL, 'a');
    expect([factors?.propensity, factors?.contextWeight, factors?.value, factors?.lever]).toEqual(factorsOfA);
    expect(factors?.priority).toBeCloseTo(
      factorsOfA.reduce<number>((product, factor) => product * factor, 1),
      9,
    );
  });
  it('still asks P × V whether a prompt is worth its interruption where factors are switched off', () => {
    const factors = { propensity: false, context: true, value: false, lever: true };
    expect(decide(revision([action('a', { value: 10, startingPropensity: 0.5 })], { factors }), inputs()).shown).toBe(
      'not-worth-interrupting',
    );
  });
  it('takes fallback actions only where nothing else is left', () => {
    const fallback = action('f', { fallback: true, value: 900 });
    expect(shown([...values(100), fallback])).toBe('primary:a');
    expect(shown([fallback])).toBe('primary:f');
  });
  it('has no chips where the revision allows none', () => {
    expect(decide(revision(values(1000, 900), { maxChips: 0 }), inputs()).shown).toBe('primary:a');
  });
  it('keeps propensities and priorities above their thresholds, must-say lines apart', () => {
    const { ended } = decide(
      revision([
        action('a', { minPropensity: 0.6 }),
        action('b', { minPriority: 50.1 }),
        action('c', { minPriority: 50 }),
        action('m', { mandatory: true, minPropensity: 0.9 }),
      ]),
      inputs(),
    );
    expect(ended).toEqual({ a: 'threshold/below-propensity', b: 'threshold/below-priority', c: 'shown/chip', m: 'shown/primary' });
  });
});

describe('scores', () => {
  const three = revision(values(100, 100, 100));
  it('are smoothed by their evidence', () => {
    const { decision, best } = decide(three, inputs(), modelScores([0.25, 0.75, 1], 50));
    expect(best.map(([number, p]) => [number, p])).toEqual([
      [2, 0.75],
      [1, 0.625],
      [0, 0.375],
    ]);
    expect(decision.rung).toBe('model');
  });
  it('that are missing for an action leave it its starting propensity', () => {
    const { decision, best } = decide(three, inputs(), modelScores([Number.NaN, 0.75, 0.9]));
    expect(best[2]?.slice(0, 2)).toEqual([0, 0.5]);
    expect(decision.rung).toBe('model');
  });
  it.each([
    ['infinite', [0.1, Infinity, 0.9]],
    ['above one', [0.1, 1.5, 0.9]],
    ['below nought', [-0.1, 0.5, 0.9]],
    ['too few', [0.1, 0.9]],
  ])('that are %s are all distrusted', (_, scores) => {
    const { decision, best } = decide(three, inputs(), modelScores(scores));
    expect(decision.rung).toBe('rules-only');
    expect(best.map(([, p]) => p)).toEqual([0.5, 0.5, 0.5]);
  });
  it('are not used where the revision uses no model', () => {
    expect(decide({ ...three, useModel: false }, inputs(), modelScores([0.1, 0.9, 0.2])).decision.rung).toBe('starting-propensity');
  });
  it('of a must-say-only rung show must-say lines only', () => {
    const { ended } = decide(revision([...values(100), action('m', { mandatory: true })]), inputs(), {
      ...modelScores([]),
      propensity: null,
      rung: 'must-say-only',
    });
    expect(ended).toEqual({ a: 'available/must-say-only', m: 'shown/primary' });
  });
});

describe('the interruption', () => {
  it('must be worth its cost by P × V, which C and L never justify', () => {
    const small = action('a', { value: 10, lever: 30, context: [{ when: is('profile.plan', '==', 'plus'), weight: 1_000 }] });
    const { decision } = decide(revision([small]), inputs());
    expect(decision.result).toEqual({ kind: 'refrain', reason: 'not-worth-interrupting', value: 5, bestActionId: 'a' });
    expect(shown([action('a', { value: 10.1 })])).toBe('primary:a');
    expect(shown([action('a', { value: 20 }), action('b', { value: 8, lever: 30 })])).toBe('primary:a');
    expect(shown([action('m', { mandatory: true, value: 0 })])).toBe('primary:m');
  });
  it('happens only on an active call', () => {
    for (const [type, phase] of [
      ['sotto.call.held', 'held'],
      ['sotto.call.ended', 'ended'],
    ] as const) {
      const call = activeCall([
        event(type, (type === 'sotto.call.held' ? { agentId: 'a' } : { reason: 'dropped' }) as never, NOW_MS - 1_000),
      ]);
      expect(call.phase).toBe(phase);
      expect(shown([...values(100), action('m', { mandatory: true })], { call })).toBe('call-not-active');
    }
  });
  it('waits while capture is paused or the agent asked for quiet, must-say lines apart, even when already on the screen', () => {
    const paused = { call: activeCall([event('sotto.capture.paused', { reason: 'card-data' }, NOW_MS - 1_000)]) };
    for (const [more, reason] of [
      [paused, 'capture-paused'],
      [{ quiet: true }, 'quiet'],
    ] as const) {
      expect(shown(values(100), more)).toBe(reason);
      expect(shown(values(100), { ...more, outcomes: openCard('a', 5_000) })).toBe(reason);
      expect(shown([...values(100), action('m', { mandatory: true })], more)).toBe('primary:m');
    }
  });
  it('is held for a pause in speech, at most so long; a must of urgency and must-say lines are not', () => {
    const speaking = { speaking: { by: 'agent', sinceMs: NOW_MS - 100 } } as const;
    expect(shown(values(100), speaking)).toBe('someone-speaking');
    expect(shown(values(100), { ...speaking, heldSinceMs: NOW_MS - 2_999 })).toBe('someone-speaking');
    expect(shown(values(100), { ...speaking, heldSinceMs: NOW_MS - 3_000 })).toBe('primary:a');
    expect(shown(values(100), { silentSinceMs: NOW_MS - 599 })).toBe('someone-speaking');
    expect(shown(values(100), { silentSinceMs: NOW_MS - 600 })).toBe('primary:a');
    expect(shown([action('a', { urgency: 'must' })], speaking)).toBe('primary:a');
    expect(shown([action('a', { mandatory: true, urgency: 'could' })], speaking)).toBe('primary:a');
  });
  it('keeps a gap from the last discretionary card, which a rejection waives', () => {
    const actions = values(100, 90);
    expect(shown(actions, { outcomes: closed('x', 44_999) })).toBe('gap-not-over');
    expect(shown(actions, { outcomes: closed('x', 45_000) })).toBe('primary:a chip:b');
    const rejected = closed('a', 5_000, 'rejected');
    expect(shown(actions, { outcomes: rejected })).toBe('gap-not-over');
    const trigger = { kind: 'answer', outcomeId: rejected.at(-1)!.id } as const;
    expect(shown(actions, { outcomes: rejected, trigger })).toBe('primary:b');
    const speaking = { by: 'agent', sinceMs: NOW_MS - 4_400 } as const;
    expect(shown(actions, { outcomes: rejected, trigger, speaking })).toBe('someone-speaking');
    expect(shown(actions, { outcomes: rejected, heldSinceMs: NOW_MS - 4_400 })).toBe('primary:b');
    const superseded = closed('a', 5_000);
    expect(shown(actions, { outcomes: superseded, trigger: { kind: 'answer', outcomeId: superseded.at(-1)!.id } })).toBe('gap-not-over');
  });
  it('ends with the cap, also after a rejection; must-say lines and chips are exempt', () => {
    const three = ['x', 'y', 'z'].flatMap((id) => closed(id, 10 * MINUTE_MS));
    expect(shown(values(100), { outcomes: three })).toBe('cap-reached');
    expect(shown([action('m', { mandatory: true })], { outcomes: three })).toBe('primary:m');
    const rejected = [...three.slice(0, 8), ...closed('q', 5_000, 'rejected')];
    expect(shown(values(100), { outcomes: rejected, trigger: { kind: 'answer', outcomeId: rejected.at(-1)!.id } })).toBe('cap-reached');
    const chips = three.map((one) => (one.actionId === 'x' ? { ...one, role: 'chip' as const } : one));
    expect(shown(values(100), { outcomes: chips })).toBe('primary:a');
    const mustSay = revision([action('x', { mandatory: true }), action('a')]);
    expect(decide(mustSay, inputs({ outcomes: three })).ended['a']).toBe('shown/chip');
  });
  it('never hides a card on the screen because of cap, gap or speech, and lets nothing new in beside it', () => {
    const outcomes = [...closed('x', 9 * MINUTE_MS), ...closed('y', 8 * MINUTE_MS), ...openCard('b', 5_000)];
    const { ended, shown: what } = decide(
      revision(values(300, 100, 200)),
      inputs({ outcomes, speaking: { by: 'customer', sinceMs: NOW_MS - 10 } }),
    );
    expect(what).toBe('primary:b');
    expect(ended).toEqual({ a: 'interruption/cap-reached', b: 'shown/primary', c: 'interruption/cap-reached' });
  });
  it('lets a better one take the place of the card once the gap is over, and a must-say line at once', () => {
    expect(shown(values(300, 100), { outcomes: openCard('b', 44_000) })).toBe('primary:b');
    expect(shown(values(300, 100), { outcomes: openCard('b', 45_000) })).toBe('primary:a chip:b');
    expect(shown([...values(300, 100), action('m', { mandatory: true })], { outcomes: openCard('b', 1_000) })).toBe('primary:m chip:b');
  });
  it('forgets a card of another desk, which is not on this screen', () => {
    const outcomes = openCard('a', 5_000, { deviceId: 'desk-2' });
    expect(shown(values(100), { outcomes })).toBe('gap-not-over');
  });
  it('undo brings a card back', () => {
    const accepted = outcome('accepted', 'a', 2_000);
    const outcomes = [...openCard('a', 5_000), accepted];
    expect(shown(values(100), { outcomes })).toBe('nothing-permitted');
    expect(shown(values(100), { outcomes: [...outcomes, outcome('retracted', 'a', 1_000, { retracts: accepted.id })] })).toBe('primary:a');
  });
  it('keeps the time at which a card on the screen goes', () => {
    const { result } = decide(revision(values(100)), inputs({ outcomes: openCard('a', 20_000) })).decision;
    expect(result.kind === 'show' && result.prompts[0]?.expiresAtMs).toBe(NOW_MS + 40_000);
  });
});

describe('a refrain', () => {
  it.each([
    ['nothing-available', action('a', { validToMs: NOW_MS })],
    ['nothing-permitted', action('a', { purpose: 0, eligibility: [] })],
    ['nothing-relevant', action('a', { applicability: [stated(said('cancel'))] })],
    ['nothing-relevant', action('a', { minPropensity: 0.9 })],
  ])('says %s', (reason, one) => {
    const { result } = decide(revision([one]), inputs({ profile: profile({ consents: [] }) })).decision;
    expect(result).toEqual({ kind: 'refrain', reason, value: 0, bestActionId: null });
  });
  it('of an empty revision is possible', () => {
    expect(shown([])).toBe('nothing-available');
  });
});

const because = (reasons: CheckedAction['reasons'], more: Parameters<typeof inputs>[0] = {}, of: Partial<CheckedAction> = {}) => {
  const { result } = decide(revision([action('a', { reasons, ...of })]), inputs(more)).decision;
  if (result.kind !== 'show') throw new Error('nothing shown');
  return { all: result.prompts[0]!.reasons, speakable: result.prompts[0]!.speakable };
};

describe('reasons', () => {
  const plus = is('profile.plan', '==', 'plus');

  it('are the true ones whose places are known, in order, at most three', () => {
    const { all } = because([
      { when: is('profile.plan', '==', 'max'), text: 'no' },
      { when: plus, text: 'For {profile.tenureMonths} months' },
      { when: plus, text: 'Ends {profile.contractEnds}' },
      { when: plus, text: 'Has {profile.products}' },
      { when: plus, text: 'third' },
      { when: plus, text: 'fourth' },
    ]);
    expect(all).toEqual([
      { templateId: 'a/1', args: { 'profile.tenureMonths': 24 } },
      { templateId: 'a/3', args: { 'profile.products': 'mobile' } },
      { templateId: 'a/4', args: {} },
    ]);
  });
  it('times are milliseconds', () => {
    const fields = { ...profile().fields, contractEnds: isoAt(NOW_MS + 1) };
    expect(because([{ when: plus, text: 'Ends {profile.contractEnds}' }], { profile: profile({ fields }) }).all[0]?.args).toEqual({
      'profile.contractEnds': NOW_MS + 1,
    });
  });
  it('quote the policy’s phrase of the latest utterance, never the customer’s text', () => {
    const call = activeCall([
      utterance('customer', 'Cancel? Maybe', 60_000),
      utterance('customer', 'I would LEAVE you, Sir', 30_000),
      utterance('customer', 'well', 10_000),
    ]);
    const text = 'said {said} {ago} ago';
    const expected = [{ templateId: 'a/0', args: { said: 'leave you', ago: 30_000 } }];
    expect(because([{ when: said('cancel', 'leave you'), text }], { call }).all).toEqual(expected);
    expect(because([{ when: { op: 'has', path: 'call.topics', value: 'cancellation' }, text }], { call }).all).toEqual(expected);
    expect(because([{ when: plus, text }], { call }, { applicability: [stated(said('leave you'))] }).all).toEqual(expected);
    expect(because([{ when: plus, text }], { call }).all).toEqual([]);
    const both = { op: 'or', of: [said('leave you'), said('cancel')] } as const;
    expect(because([{ when: both, text }], { call }).all).toEqual(expected);
    expect(because([{ when: { op: 'or', of: both.of.toReversed() }, text }], { call }).all).toEqual(expected);
  });
  it('are spoken only where a wording exists and nothing protected is in them', () => {
    const fields = { ...profile().fields, religion: true };
    const { speakable, all } = because(
      [
        { when: plus, text: 'unspoken' },
        { when: is('profile.religion', '==', true), text: 'x', speak: 'x' },
        { when: plus, text: 'x', speak: '{profile.religion}' },
        { when: plus, text: 'x', speak: 'With us for {profile.tenureMonths} months' },
      ],
      { profile: profile({ fields }) },
    );
    expect(speakable).toEqual({ templateId: 'a/3', args: { 'profile.tenureMonths': 24 } });
    expect(all).toHaveLength(3);
  });
});

describe('the prompt ledger', () => {
  it('counts showings, not repetitions of them', () => {
    const compiled = compileRevision(revision([...values(1, 1), action('m', { mandatory: true })]));
    const outcomes = [
      ...openCard('a', 90_000, { decisionId: 'd1' }),
      ...openCard('a', 60_000, { decisionId: 'd2' }),
      ...openCard('m', 50_000),
      ...closed('b', 20_000),
    ];
    const ledger = promptLedger(compiled, outcomes, 'desk-1');
    expect(promptBudget(compiled, ledger, 'standard')).toEqual({ used: 2, cap: 3 });
    expect([...ledger.open.keys()]).toEqual(['a', 'm']);
    expect(ledger.open.get('a')?.shownAtMs).toBe(NOW_MS - 90_000);
    expect(ledger.lastShownAtMs).toBe(NOW_MS - 20_000);
    expect(promptLedger(compiled, [...outcomes, ...outcomes], 'desk-1')).toEqual(ledger);
  });
  it('knows what was seen, what the agent or the customer answered, and what was let pass', () => {
    const compiled = compileRevision(revision(values(1, 1)));
    const kinds = ['accepted', 'acted', 'not-acted', 'customer-accepted', 'customer-declined', 'overridden'] as const;
    for (const kind of kinds) {
      const ledger = promptLedger(compiled, [...openCard('a', 9_000), outcome(kind, 'a', 5_000)], 'desk-1');
      expect([[...ledger.answered], [...ledger.seen], [...ledger.open.keys()]]).toEqual([['a'], ['a'], []]);
    }
    const [offered, delivered] = openCard('a', 9_000);
    for (const kind of ['complaint', 'opt-out', 'resolved', 'churned'] as const) {
      const ledger = promptLedger(compiled, [offered!, delivered!, outcome(kind, 'a', 5_000)], 'desk-1');
      expect([[...ledger.answered], [...ledger.seen], [...ledger.open.keys()]]).toEqual([[], [], ['a']]);
    }
    // Only who saw it let it pass; what was never looked at may come again at once.
    const expired = (seen: boolean) =>
      promptLedger(compiled, [...openCard('a', 9_000), outcome('expired', 'a', 5_000, { seen })], 'desk-1');
    expect([[...expired(true).snoozed], [...expired(false).snoozed]]).toEqual([[['a', NOW_MS - 5_000 + 120_000]], []]);
    // Only a retraction takes something back, and only what it names.
    const accepted = outcome('accepted', 'a', 5_000);
    const back = outcome('retracted', 'a', 4_000, { retracts: accepted.id });
    expect([...promptLedger(compiled, [accepted, back], 'desk-1').answered]).toEqual([]);
    expect([...promptLedger(compiled, [accepted, { ...back, kind: 'complaint' }], 'desk-1').answered]).toEqual(['a']);
  });
});
