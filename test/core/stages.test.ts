import { describe, expect, it } from 'vitest';
import type { ProfileSlice } from '#contract/profile.ts';
import { decide } from './deciding.ts';
import {
  activeCall,
  action,
  FIELDS,
  event,
  HOUR_MS,
  inputs,
  is,
  isoAt,
  MINUTE_MS,
  not,
  NOW_MS,
  or,
  outcome,
  profile,
  PURPOSES,
  revision,
  said,
  stated,
  utterance,
} from './fixtures.ts';

const endOf = (
  of: Parameters<typeof action>[1],
  more: Parameters<typeof inputs>[0] = {},
  policy: Parameters<typeof revision>[1] = {},
): string => decide(revision([action('a', of)], policy), inputs(more)).ended['a'] ?? '';

const PRIMARY = 'shown/primary';

describe('available', () => {
  it('keeps to the dates, the end exclusive', () => {
    expect(endOf({ validFromMs: NOW_MS + 1 })).toBe('available/not-yet-valid');
    expect(endOf({ validFromMs: NOW_MS })).toBe(PRIMARY);
    expect(endOf({ validToMs: NOW_MS })).toBe('available/no-longer-valid');
    expect(endOf({ validToMs: NOW_MS + 1 })).toBe(PRIMARY);
  });
  it('keeps emergency exclusions', () => {
    expect(endOf({}, { excluded: ['b', 'a'] })).toBe('available/emergency-excluded');
    expect(endOf({ mandatory: true }, { excluded: ['a'] })).toBe('available/emergency-excluded');
  });
  it('leaves only must-say lines when central was not heard for too long', () => {
    const late = { centralHeardAtMs: NOW_MS - 73 * HOUR_MS };
    expect(endOf({}, late)).toBe('available/revision-expired');
    expect(endOf({ mandatory: true }, late)).toBe(PRIMARY);
    expect(decide(revision([action('a')]), inputs(late)).decision.rung).toBe('must-say-only');
  });
});

const changed = (granted: boolean) =>
  activeCall([event('sotto.consent.changed', { customerId: 'cust-1', purpose: 'marketing', granted }, NOW_MS - 1_000)]);

const unknownCaller = activeCall([event('sotto.call.identified', { identity: 'unknown' }, NOW_MS - MINUTE_MS)]);

const marketing = (more: Parameters<typeof inputs>[0]) => endOf({ purpose: PURPOSES.marketing }, more);

const consents = (...all: readonly [boolean, number][]) =>
  profile({ consents: all.map(([granted, agoMs]) => ({ purpose: 'marketing', granted, atMs: NOW_MS - agoMs })) });

it('consent must be known, granted and fresh', () => {
  expect(marketing({})).toBe(PRIMARY);
  expect(marketing({ profile: consents() })).toBe('basis/basis-unknown');
  expect(marketing({ profile: consents([false, HOUR_MS]) })).toBe('basis/no-basis');
  expect(marketing({ profile: consents([true, 2 * HOUR_MS], [false, HOUR_MS]) })).toBe('basis/no-basis');
  expect(marketing({ profile: consents([false, 2 * HOUR_MS], [true, HOUR_MS]) })).toBe(PRIMARY);
  expect(marketing({ profile: consents([false, HOUR_MS], [true, HOUR_MS]) })).toBe('basis/basis-unknown');
  expect(marketing({ profile: consents([true, -HOUR_MS]) })).toBe('basis/basis-unknown');
  expect(marketing({ profile: null })).toBe('basis/basis-unknown');
  expect(marketing({ call: unknownCaller })).toBe('basis/basis-unknown');
});

describe('basis', () => {
  it('[C2] consent is unknown without a word from central for longer than its age, and when the clock went backwards', () => {
    expect(marketing({ centralHeardAtMs: NOW_MS - 24 * HOUR_MS })).toBe(PRIMARY);
    expect(marketing({ centralHeardAtMs: NOW_MS - 24 * HOUR_MS - 1 })).toBe('basis/basis-unknown');
    expect(marketing({ centralHeardAtMs: NOW_MS + HOUR_MS })).toBe('basis/basis-unknown');
  });
  it('a word on the call counts at once', () => {
    expect(marketing({ call: changed(false) })).toBe('basis/no-basis');
    expect(marketing({ call: changed(true), profile: consents([false, HOUR_MS]) })).toBe(PRIMARY);
    expect(marketing({ call: changed(true), profile: null })).toBe('basis/basis-unknown');
    expect(marketing({ call: changed(false), profile: null })).toBe('basis/no-basis');
  });
  it('never takes another customer’s profile', () => {
    expect(marketing({ profile: profile({ customerId: 'cust-2' }) })).toBe('basis/basis-unknown');
  });
  it('a contract needs a known customer, a legal obligation nobody', () => {
    expect(endOf({ purpose: PURPOSES.service })).toBe(PRIMARY);
    expect(endOf({ purpose: PURPOSES.service }, { call: unknownCaller })).toBe('basis/basis-unknown');
    expect(endOf({ purpose: PURPOSES.service }, { profile: null })).toBe('basis/basis-unknown');
    expect(endOf({ purpose: PURPOSES.legal }, { call: unknownCaller, profile: null })).toBe(PRIMARY);
  });
  it('legitimate interest holds until the customer objects', () => {
    const objected = profile({ consents: [{ purpose: 'interest', granted: false, atMs: NOW_MS - HOUR_MS }] });
    expect(endOf({ purpose: PURPOSES.interest })).toBe(PRIMARY);
    expect(endOf({ purpose: PURPOSES.interest }, { profile: objected })).toBe('basis/objected');
    expect(endOf({ purpose: PURPOSES.interest }, { call: unknownCaller })).toBe('basis/basis-unknown');
  });
});

const count = (right: number, more: object = {}): Parameters<typeof stated>[0] => ({
  op: 'compare',
  left: { kind: 'count', outcome: 'seen', scope: { of: 'any' }, windowMs: 3 * HOUR_MS, ...more },
  is: '==',
  right,
});

const since = (right: number): Parameters<typeof stated>[0] => ({
  op: 'compare',
  left: { kind: 'since', path: 'profile.contractEnds' },
  is: '<',
  right,
});

const old = (agoMs: number) => fields({ balance: 1 }, { asOfMs: NOW_MS - agoMs });

const fields = (values: Record<string, unknown>, more: Parameters<typeof profile>[0] = {}) => ({
  profile: profile({ fields: values as never, ...more }),
});

const when = (condition: Parameters<typeof stated>[0], more: Parameters<typeof inputs>[0] = {}): string =>
  endOf({ mandatory: true, applicability: [stated(condition)] }, more)
    .replace('applicability/condition-', '')
    .replace(PRIMARY, 'true');

it('the first that fails stops the action, stage by stage', () => {
  const no = [stated(is('profile.tenureMonths', '>', 1_000))];
  const unknown = [stated(is('profile.note', '==', 'x'))];
  expect(endOf({ eligibility: no, applicability: unknown, suitability: no })).toBe('eligibility/condition-false');
  expect(endOf({ applicability: unknown, suitability: no })).toBe('applicability/condition-unknown');
  expect(endOf({ suitability: no })).toBe('suitability/condition-false');
  expect(endOf({ suitability: unknown })).toBe('suitability/condition-unknown');
});

describe('conditions', () => {
  it('compares numbers exactly at their bounds', () => {
    const at = { profile: profile() };
    expect(['<', '<=', '==', '>=', '>', '!='].map((sign) => when(is('profile.tenureMonths', sign as '<', 24), at))).toEqual([
      'false',
      'true',
      'true',
      'true',
      'false',
      'false',
    ]);
    expect(when(is('profile.tenureMonths', '>', 23.999999999999996))).toBe('true');
    expect(when({ op: 'in', left: { kind: 'field', path: 'profile.tenureMonths' }, set: [12, 24] })).toBe('true');
    expect(when(not(is('profile.tenureMonths', '<', 24)))).toBe('true');
  });

  it('takes missing, mistyped, undeclared and impossible values for unknown', () => {
    const values: readonly Record<string, unknown>[] = [{}, { plan: null }, { plan: 7 }, { plan: 'gold' }, { plan: ['plus'] }];
    for (const value of values) {
      expect(when(is('profile.plan', '==', 'plus'), fields(value))).toBe('unknown');
      expect(when(is('profile.plan', '!=', 'plus'), fields(value))).toBe('unknown');
    }
    for (const value of ['24', Number.NaN, Infinity, true])
      expect(when(is('profile.tenureMonths', '!=', 1), fields({ tenureMonths: value }))).toBe('unknown');
    for (const value of ['soon', '2026-02-30', 7, '2026-01-01T10:00:00'])
      expect(
        when({ op: 'compare', left: { kind: 'since', path: 'profile.contractEnds' }, is: '<', right: 1 }, fields({ contractEnds: value })),
      ).toBe('unknown');
    expect(when({ op: 'has', path: 'profile.products', value: 'tv' }, fields({ products: ['tv', 'fax'] }))).toBe('unknown');
    expect(when(is('profile.hardship', '==', false), fields({ hardship: 'no' }))).toBe('unknown');
  });

  it('takes a value that is too old for unknown, and one from the future', () => {
    expect(when(is('profile.balance', '==', 1), old(24 * HOUR_MS))).toBe('true');
    expect(when(is('profile.balance', '==', 1), old(24 * HOUR_MS + 1))).toBe('unknown');
    expect(when(is('profile.balance', '==', 1), old(-HOUR_MS))).toBe('unknown');
  });

  it('combines in three values', () => {
    const yes = is('profile.tenureMonths', '==', 24);
    const no = not(yes);
    const unknown = is('profile.note', '==', 'x');
    expect(when(or(unknown, yes))).toBe('true');
    expect(when(or(unknown, no))).toBe('unknown');
    expect(when({ op: 'and', of: [unknown, no] })).toBe('false');
    expect(when({ op: 'and', of: [unknown, yes] })).toBe('unknown');
    expect(when(not(or(unknown, no)))).toBe('unknown');
    expect(when({ op: 'literal', value: false })).toBe('false');
  });

  it('time since is negative for a moment ahead', () => {
    const ends = fields({ contractEnds: isoAt(NOW_MS + HOUR_MS) });
    expect(when(since(-HOUR_MS), ends)).toBe('false');
    expect(when(since(-HOUR_MS + 1), ends)).toBe('true');
  });

  it('hears phrases word for word, by whom they were said', () => {
    const call = activeCall([utterance('customer', 'I’d like to CANCEL, please!', 5_000), utterance('agent', 'leave you alone', 4_000)]);
    expect(when(said('cancel'), { call })).toBe('true');
    expect(when(said("i'd like to cancel"), { call })).toBe('true');
    expect(when(said('cance'), { call })).toBe('false');
    expect(when(said('leave you'), { call })).toBe('false');
    expect(when({ op: 'said', by: 'agent', phrases: ['leave you'] }, { call })).toBe('true');
    expect(when({ op: 'said', by: 'anyone', phrases: ['leave you'] }, { call })).toBe('true');
    expect(when({ op: 'has', path: 'call.topics', value: 'cancellation' }, { call })).toBe('true');
    expect(when({ op: 'has', path: 'call.topics', value: 'cancellation' })).toBe('false');
  });

  it('does not know what was not said while deliveries are missing', () => {
    const call = { ...activeCall([utterance('customer', 'cancel', 5_000)]), gaps: [{ fromSeq: 4, toSeq: 4 }] };
    expect(when(said('cancel'), { call })).toBe('true');
    expect(when(said('hello'), { call })).toBe('unknown');
    expect(when(not(said('hello')), { call })).toBe('unknown');
  });

  it('knows the call’s own clocks', () => {
    const call = activeCall([utterance('customer', 'hm', 20_500)]);
    expect(when(is('call.elapsedS', '==', 300), { call })).toBe('true');
    expect(when(is('call.customerSilentS', '==', 20), { call })).toBe('true');
    expect(when(is('call.customerSilentS', '==', 0), { call, speaking: { by: 'customer', sinceMs: NOW_MS - 10 } })).toBe('true');
    expect(when(is('call.customerSilentS', '==', 300), {})).toBe('true');
  });

  it('asks any number of conditions of a stage, and says what the first that is not true says', () => {
    const yes = Array.from({ length: 40 }, (_, i) => stated(is('profile.tenureMonths', '>=', i / 10)));
    const no = stated(is('profile.tenureMonths', '<', 1));
    const unknown = stated(is('profile.balance', '>', 0));
    const lacking = { profile: profile({ fields: { tenureMonths: 24 } }) };
    for (const stage of ['eligibility', 'applicability', 'suitability'] as const) {
      for (const before of [0, 8, 9, 10, 11, 39]) {
        const held = (...conditions: readonly (typeof no)[]) =>
          endOf({ [stage]: [...yes.slice(0, before), ...conditions, ...yes.slice(before)] }, lacking);
        expect(held()).toBe(PRIMARY);
        expect(held(no, unknown)).toBe(`${stage}/condition-false`);
        expect(held(unknown, no)).toBe(`${stage}/condition-unknown`);
      }
    }
    expect(endOf({ eligibility: yes, suitability: [no] })).toBe('suitability/condition-false');
  });

  it('counts what was done, in the window, with the action, its group, its issue or any', () => {
    const history: ProfileSlice['history'] = [
      { kind: 'seen', channel: 'voice', atMs: NOW_MS - 2 * HOUR_MS, actionId: 'a' },
      { kind: 'seen', channel: 'email', atMs: NOW_MS - HOUR_MS },
      { kind: 'rejected', channel: 'voice', atMs: NOW_MS - HOUR_MS, actionId: 'a' },
    ];
    const known = { profile: profile({ history }) };
    expect(when(count(2), known)).toBe('true');
    expect(when(count(1, { windowMs: 2 * HOUR_MS }), known)).toBe('true');
    expect(when(count(1, { channel: 'email' }), known)).toBe('true');
    expect(when(count(1, { scope: { of: 'action', name: 'a' } }), known)).toBe('true');
    expect(when(count(1, { scope: { of: 'group', name: 'general' } }), known)).toBe('true');
    expect(when(count(0, { scope: { of: 'issue', name: 'sales' } }), known)).toBe('true');
    expect(when(count(3), { ...known, outcomes: [outcome('seen', 'b', 1_000), outcome('withdrawn', 'b', 500)] })).toBe('true');
    expect(when(count(0), { profile: null })).toBe('unknown');
  });
});

const granted = (isGranted: boolean, atMs: number) => ({ purpose: 'marketing', granted: isGranted, atMs });

describe('a field that may be read for one purpose only', () => {
  const bound = FIELDS.map((field) => (field.path === 'profile.balance' ? { ...field, purpose: 'marketing' } : field));
  const end = (more: Parameters<typeof endOf>[1]) =>
    endOf({ eligibility: [stated(is('profile.balance', '==', 10))] }, more, { fields: bound });
  it('[I10] is unknown from the moment its consent is withdrawn, on the call as well, and known again when it is given back', () => {
    expect(end({})).toBe(PRIMARY);
    expect(end({ profile: profile({ consents: [granted(false, NOW_MS - HOUR_MS)] }) })).toBe('eligibility/condition-unknown');
    expect(end({ profile: profile({ consents: [] }) })).toBe('eligibility/condition-unknown');
    const withdrawn = [granted(false, NOW_MS - 2_000)];
    expect(end({ call: { ...activeCall(), consents: withdrawn } })).toBe('eligibility/condition-unknown');
    expect(end({ call: { ...activeCall(), consents: [...withdrawn, granted(true, NOW_MS - 1_000)] } })).toBe(PRIMARY);
  });
});

const hardshipIs = (hardship: unknown) => ({ profile: profile({ fields: { hardship } as never }) });

describe('care', () => {
  const care = [{ ...stated(is('profile.hardship', '==', true)), id: 'hardship', name: 'Hardship first' }];
  it('holds sales back unless every rule is false, and nothing else', () => {
    expect(endOf({ sales: true }, hardshipIs(false), { care })).toBe(PRIMARY);
    expect(endOf({ sales: true }, hardshipIs(true), { care })).toBe('care/care-before-sale');
    expect(endOf({ sales: true }, hardshipIs(undefined), { care })).toBe('care/care-unknown');
    expect(endOf({ sales: false }, hardshipIs(true), { care })).toBe(PRIMARY);
  });
});

const contact = [
  { id: 'c', name: 'Twice a day', per: 'action', counts: 'seen', limit: 2, windowMs: 24 * HOUR_MS, suppressForMs: 48 * HOUR_MS },
] as const;

const per = (unit: 'group' | 'issue' | 'all', more: object = {}) => [{ ...contact[0], per: unit, limit: 1, ...more }];

const seen = (...hoursAgo: readonly number[]) =>
  profile({
    history: hoursAgo.map((hours) => ({ kind: 'seen', channel: 'voice', atMs: NOW_MS - hours * HOUR_MS, actionId: 'a' }) as const),
  });

describe('contact', () => {
  it('suppresses from the last one counted', () => {
    expect(endOf({}, { profile: seen(2) }, { contact })).toBe(PRIMARY);
    expect(endOf({}, { profile: seen(20, 2) }, { contact })).toBe('contact/contact-limit');
    expect(endOf({}, { profile: seen(30, 2) }, { contact })).toBe(PRIMARY);
    expect(endOf({}, { profile: seen(60, 47) }, { contact })).toBe('contact/contact-limit');
    expect(endOf({}, { profile: seen(60, 48) }, { contact })).toBe(PRIMARY);
    expect(
      endOf({}, { profile: seen(20, 2).history.length === 2 ? seen(20, 2) : null, outcomes: [outcome('rejected', 'b', 10)] }, { contact }),
    ).toBe('contact/contact-limit');
  });

  it('does not hold back must-say lines and transactional actions', () => {
    expect(endOf({ mandatory: true }, { profile: seen(20, 2) }, { contact })).toBe(PRIMARY);
    expect(endOf({ transactional: true }, { profile: seen(20, 2) }, { contact })).toBe(PRIMARY);
  });
  it('counts by group, issue, channel and all; contacts through other channels too; transactional ones never', () => {
    const others = revision([
      action('a'),
      action('b'),
      action('c', { group: 'other' }),
      action('d', { issue: 'sales' }),
      action('t', { transactional: true }),
    ]);
    const stopped = (policy: ReturnType<typeof per>, actionId: string | undefined, channel: 'voice' | 'email' = 'email') => {
      const call = activeCall([
        event('sotto.contact.made', { customerId: 'cust-1', channel, ...(actionId === undefined ? {} : { actionId }) }, NOW_MS - 1_000),
      ]);
      const { ended } = decide({ ...others, contact: policy }, inputs({ call }));
      return Object.keys(ended)
        .filter((id) => ended[id] === 'contact/contact-limit')
        .join('');
    };
    expect(stopped(per('group'), 'b')).toBe('abd');
    expect(stopped(per('issue'), 'b')).toBe('abc');
    expect(stopped(per('all'), 'b')).toBe('abcd');
    expect(stopped(per('all'), undefined)).toBe('abcd');
    expect(stopped(per('all', { issues: ['sales'] }), 'd')).toBe('d');
    expect(stopped(per('all', { issues: ['sales'] }), undefined)).toBe('');
    expect(stopped(per('all'), 't')).toBe('');
    expect(stopped(per('all', { channel: 'voice' }), 'b')).toBe('');
  });
  it('unknown history of a known customer forbids; of nobody in particular only this call counts', () => {
    const unknown = { profile: null };
    expect(endOf({}, unknown, { contact })).toBe('contact/contact-unknown');
    expect(endOf({ mandatory: true }, unknown, { contact })).toBe(PRIMARY);
    expect(endOf({ transactional: true }, unknown, { contact })).toBe(PRIMARY);
    expect(endOf({}, unknown, {})).toBe(PRIMARY);
    const call = activeCall([event('sotto.call.identified', { identity: 'unknown' }, NOW_MS - 1_000)]);
    expect(endOf({}, { call, profile: null }, { contact })).toBe(PRIMARY);
    const own = [
      outcome('seen', 'a', 9_000, { customerId: null, decisionId: 'x' }),
      outcome('withdrawn', 'a', 8_000, { customerId: null, decisionId: 'x' }),
    ];
    expect(endOf({}, { call, profile: null, outcomes: own }, { contact: [{ ...contact[0], limit: 1 }] })).toBe('contact/contact-limit');
  });
  it('a card on the screen is not taken away because it was seen, nor counted twice when the profile already has it', () => {
    const once = [{ ...contact[0], limit: 1 }];
    const open = [outcome('offered', 'a', 9_000), outcome('seen', 'a', 8_000)];
    const already = profile({ history: [{ kind: 'seen', channel: 'voice', atMs: NOW_MS - 8_000, actionId: 'a' }] });
    expect(endOf({}, { outcomes: open }, { contact: once })).toBe(PRIMARY);
    expect(endOf({}, { outcomes: open, profile: already }, { contact: once })).toBe(PRIMARY);
    expect(endOf({}, { outcomes: [...open, outcome('superseded', 'a', 1_000)] }, { contact: once })).toBe('contact/contact-limit');
  });

  it('what was answered on this call is not offered again, on whatever desk, unless it was taken back', () => {
    const rejected = outcome('rejected', 'a', 5_000, { deviceId: 'desk-2' });
    expect(endOf({}, { outcomes: [rejected] })).toBe('contact/rejected-in-call');
    expect(endOf({ mandatory: true }, { outcomes: [rejected] })).toBe('contact/rejected-in-call');
    const undo = outcome('retracted', 'a', 4_000, { retracts: rejected.id });
    expect(endOf({}, { outcomes: [rejected, undo] })).toBe(PRIMARY);
    expect(endOf({}, { outcomes: [rejected, undo, outcome('retracted', 'a', 3_000, { retracts: undo.id })] })).toBe(
      'contact/rejected-in-call',
    );
    expect(endOf({}, { outcomes: [outcome('accepted', 'a', 5_000)] })).toBe('contact/answered-in-call');
    expect(endOf({}, { outcomes: [outcome('overridden', 'b', 5_000, { chosenActionId: 'a' })] })).toBe('contact/answered-in-call');
    expect(endOf({}, { outcomes: [{ ...rejected, callId: 'call-2' }] })).toBe(PRIMARY);
  });
  it('a snooze ends, and a card that was seen and let pass rests', () => {
    const snoozed = outcome('snoozed', 'a', 5_000, { untilMs: NOW_MS + 1 });
    expect(endOf({}, { outcomes: [snoozed] })).toBe('contact/snoozed');
    expect(endOf({}, { outcomes: [{ ...snoozed, untilMs: NOW_MS }] })).toBe(PRIMARY);
    expect(endOf({}, { outcomes: [outcome('expired', 'a', 5_000, { seen: true })] })).toBe('contact/snoozed');
    expect(endOf({}, { outcomes: [outcome('expired', 'a', 5_000, { seen: false })] })).toBe(PRIMARY);
  });
});
