import { describe, expect, it } from 'vitest';
import type { CheckedAction } from '#contract/checked-policy.ts';
import { explain, explainAll } from './deciding.ts';
import {
  action,
  activeCall,
  event,
  HOUR_MS,
  inputs,
  is,
  isoAt,
  modelScores,
  MINUTE_MS,
  NO_MODEL,
  not,
  NOW_MS,
  or,
  profile,
  PURPOSES,
  revision,
  said,
  stated,
  utterance,
} from './fixtures.ts';

const whyNot = (of: Partial<CheckedAction>, more: Parameters<typeof inputs>[0] = {}, policy: Parameters<typeof revision>[1] = {}) =>
  explain(revision([action('a', of)], policy), inputs(more), NO_MODEL, 'a');

const operands = (condition: Parameters<typeof stated>[0], more: Parameters<typeof inputs>[0] = {}) =>
  whyNot({ eligibility: [stated(condition)] }, more).condition?.operands.map(({ label, found, required }) => [label, found, required]);

it('says unknown for what is not known', () => {
  expect(operands(is('profile.note', '==', 'x'))).toEqual([['Note', null, 'is x']]);
  expect(
    operands(
      {
        op: 'compare',
        left: { kind: 'count', outcome: 'seen', scope: { of: 'group', name: 'general' }, channel: 'email', windowMs: 36 * HOUR_MS },
        is: '<',
        right: 2,
      },
      { profile: null },
    ),
  ).toEqual([['Times seen by email in 1 d 12 h, group general', null, 'less than 2']]);
});

describe('why not', () => {
  it('names the condition as its author wrote it, what was found and what was required', () => {
    expect(whyNot({ eligibility: [stated(is('profile.tenureMonths', '>=', 36), 'profile.tenureMonths >= 36')] })).toEqual({
      actionId: 'a',
      stage: 'eligibility',
      code: 'condition-false',
      condition: {
        text: 'profile.tenureMonths >= 36',
        file: 'test.yaml',
        line: 1,
        operands: [{ label: 'Customer for', found: 24, required: 'at least 36 months' }],
      },
      factors: null,
      by: null,
    });
  });

  it('names every operand of a compound condition, with the sense turned round under a not', () => {
    const condition = not(
      or(is('profile.tenureMonths', '>=', 10), is('profile.plan', '==', 'plus'), { op: 'has', path: 'profile.products', value: 'mobile' }),
    );
    expect(operands(condition)).toEqual([
      ['Customer for', 24, 'less than 10 months'],
      ['Plan', 'plus', 'is not plus'],
      ['Products', ['mobile'], 'without mobile'],
    ]);
  });

  it('gives times as times and lengths as lengths', () => {
    const fields = { contractEnds: isoAt(NOW_MS - 26 * HOUR_MS) };
    const since = { op: 'compare', left: { kind: 'since', path: 'profile.contractEnds' }, is: '<', right: HOUR_MS } as const;
    expect(operands(since, { profile: profile({ fields }) })).toEqual([['Time since Contract ends', '1 d 2 h', 'less than 1 h']]);
    expect(operands(is('profile.contractEnds', '>', NOW_MS), { profile: profile({ fields }) })).toEqual([
      ['Contract ends', isoAt(NOW_MS - 26 * HOUR_MS), `more than ${isoAt(NOW_MS)}`],
    ]);
  });

  it('says which phrase was heard, or that none was', () => {
    const call = activeCall([utterance('customer', 'I want to cancel', 5_000)]);
    expect(operands(not(said('leave', 'cancel')), { call })).toEqual([['Customer said', 'cancel', 'none of leave, cancel']]);
    expect(operands(said('leave', 'cancel'))).toEqual([['Customer said', false, 'one of leave, cancel']]);
    expect(operands(said('leave'), { call: { ...call, gaps: [{ fromSeq: 9, toSeq: 9 }] } })).toEqual([
      ['Customer said', null, 'one of leave'],
    ]);
  });

  it('names the purpose, the care rule or the contact policy that stopped it', () => {
    expect(whyNot({ purpose: PURPOSES.marketing }, { profile: profile({ consents: [] }) })).toMatchObject({
      code: 'basis-unknown',
      by: 'Marketing',
    });
    const care = [
      { ...stated(is('profile.note', '==', 'x')), id: 'n', name: 'Unknown rule' },
      { ...stated(is('profile.hardship', '==', true), 'profile.hardship'), id: 'h', name: 'Hardship first' },
    ];
    const hardship = profile({ fields: { hardship: true } });
    expect(whyNot({ sales: true }, { profile: hardship }, { care })).toMatchObject({
      code: 'care-before-sale',
      by: 'Hardship first',
      condition: { text: 'profile.hardship', operands: [{ label: 'In hardship', found: true, required: 'no' }] },
    });
    expect(whyNot({ sales: true }, {}, { care })).toMatchObject({ code: 'care-unknown', by: 'Unknown rule' });
    const contact = [
      { id: 'p', name: 'Once a day', per: 'all', counts: 'seen', limit: 1, windowMs: HOUR_MS, suppressForMs: HOUR_MS },
    ] as const;
    const call = activeCall([event('sotto.contact.made', { customerId: 'cust-1', channel: 'sms' }, NOW_MS - MINUTE_MS)]);
    expect(whyNot({}, { call }, { contact })).toMatchObject({ code: 'contact-limit', by: 'Once a day' });
  });

  it('finds the first of many conditions', () => {
    const yes = Array.from({ length: 45 }, () => stated(is('profile.tenureMonths', '>', 1), 'yes'));
    expect(whyNot({ eligibility: yes, suitability: [stated(is('profile.tenureMonths', '<', 1), 'no')] }).condition?.text).toBe('no');
  });
});

describe('why', () => {
  it('gives the factors and the rank of whatever was scored', () => {
    const policy = revision([action('a', { value: 40 }), action('b', { lever: 2, minPriority: 1e9 }), action('c', { value: 1 })]);
    const verdicts = explainAll(policy, inputs(), modelScores([0.5, 0.25, 1], 1e12));
    expect(verdicts.map(({ actionId, stage, code, factors }) => [actionId, stage, code, factors?.rank])).toEqual([
      ['a', 'shown', 'primary', 2],
      ['b', 'threshold', 'below-priority', 1],
      ['c', 'interruption', 'not-worth-interrupting', 3],
    ]);
    expect(verdicts[0]?.factors).toMatchObject({ contextWeight: 1, value: 40, lever: 1 });
    expect(verdicts[0]?.factors?.priority).toBeCloseTo(20, 6);
  });
  it('refuses an action the revision does not have', () => {
    expect(() => explain(revision([action('a')]), inputs(), NO_MODEL, 'z')).toThrow(/has no action z/);
  });
});
