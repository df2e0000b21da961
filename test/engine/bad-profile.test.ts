/** A profile with something wrong in it: what is wrong is unknown, the rest stays, and doubt opens nothing. */
import { describe, expect, test } from 'vitest';
import { parseContext } from '../../engine/parse-context.ts';
import { AGENT, CUSTOMER, DeskBench, START_MS } from './desk-bench.ts';
import { CONSENTED, smallRevision } from './small-revision.ts';

const BUNDLES = [{ revision: smallRevision() }];
const context = (profile: unknown, more: object = {}): unknown => ({ callId: 'call-1', profile, outcomes: [], complete: true, ...more });
const profileOf = (change: object) => parseContext(context({ ...CUSTOMER, ...change }))?.context.profile;
const withFields = (fields: object) => profileOf({ fields: { ...CUSTOMER.fields, ...fields } })?.fields;

const deep = (levels: number): unknown => JSON.parse('['.repeat(levels) + ']'.repeat(levels));
const BAD_VALUES: Readonly<Record<string, unknown>> = {
  'an object': { amount: 12 },
  'a text that is too long': 'x'.repeat(257),
  'five megabytes': 'x'.repeat(5_000_000),
  'no number': Number.NaN,
  infinity: Infinity,
  'a list of objects': [{ a: 1 }],
  'a list that is too long': Array.from({ length: 10_000 }, (_, i) => `product-${i}`),
  'a list too deep': deep(1_000),
  'a function': () => 1,
  'a date': new Date(0),
};

describe('of a profile', () => {
  test.each(Object.entries(BAD_VALUES))('a field that is %s is unknown, and the others stay', (_, value) => {
    expect(withFields({ plan: value })).toEqual({ ...CUSTOMER.fields, plan: undefined });
    expect(parseContext(context({ ...CUSTOMER, fields: { plan: value } }))?.isPartial).toBe(true);
  });

  test('texts of any kind are texts: formulas, markup, other directions, wrong currencies and dates', () => {
    for (const text of [
      '=cmd()',
      '<img src=x onerror=alert(1)>',
      '\u202e\u200b',
      "'; drop table profile; --",
      '12,50 €',
      '31.02.2025',
      '🙂',
    ]) {
      expect(withFields({ plan: text })).toMatchObject({ plan: text });
    }
  });

  test('names from the prototype are names', () => {
    const fields = JSON.parse('{"__proto__":{"polluted":true},"constructor":"x","plan":"basic"}') as object;
    expect(profileOf({ fields: { ...fields, bad: {} } })?.fields).toMatchObject({ plan: 'basic' });
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  test.each([
    ['a list instead of fields', { fields: [] }, { fields: {} }],
    ['no fields', { fields: undefined }, { fields: {} }],
    ['a name that is none', { displayName: 7 }, { displayName: '' }],
    ['a name that is too long', { displayName: 'x'.repeat(81) }, { displayName: '' }],
    ['a language that is none', { language: '<b>' }, { language: 'und' }],
    ['a history that is none', { history: 'none' }, { history: [] }],
  ])('%s costs what it is and no more', (_, change, left) => {
    expect(profileOf(change)).toEqual({ ...CUSTOMER, ...left });
  });

  test.each([
    ['an id', { customerId: 'a b"' }],
    ['a version', { version: '3' }],
    ['a time', { asOfMs: 'yesterday' }],
  ])('without %s nothing is known of anybody', (_, change) => {
    expect(profileOf(change)).toBeNull();
  });

  test('a line of the history that does not fit is left out, and of too many the newest are kept', () => {
    const line = { kind: 'seen' as const, channel: 'email' as const, atMs: START_MS };
    expect(profileOf({ history: [line, { ...line, kind: 'exploded' }, { ...line, atMs: -1 }, null] })?.history).toEqual([line]);
    const many = Array.from({ length: 700 }, (_, i) => ({ ...line, atMs: START_MS + i }));
    expect(profileOf({ history: many })?.history.map(({ atMs }) => atMs - START_MS)).toEqual(
      Array.from({ length: 500 }, (_, i) => i + 200),
    );
  });
});

describe('of consents', () => {
  const marketing = { purpose: 'marketing', granted: true, atMs: START_MS - 2 };
  const other = { purpose: 'personal-offers', granted: true, atMs: START_MS - 1 };

  test('where one word cannot be read, grants it may have taken back go with it', () => {
    expect(profileOf({ consents: [marketing, other, { ...marketing, atMs: 'later' }] })?.consents).toEqual([other]);
    expect(profileOf({ consents: [marketing, other, { granted: false }] })?.consents).toEqual([]);
    expect(profileOf({ consents: [marketing, null] })?.consents).toEqual([]);
    expect(profileOf({ consents: 'all of them' })?.consents).toEqual([]);
  });

  test('refusals stay whatever else is there', () => {
    const refusal = { ...marketing, granted: false };
    expect(profileOf({ consents: [other, refusal, 7] })?.consents).toEqual([refusal]);
    expect(profileOf({ consents: [refusal, ...Array.from({ length: 100 }, () => other)] })?.consents).toEqual([refusal]);
  });
});

test('answers that cannot be read make the context incomplete', () => {
  expect(parseContext(context(CUSTOMER, { outcomes: [{ kind: 'accepted' }] }))).toMatchObject({
    context: { complete: false, outcomes: [] },
  });
  expect(parseContext(context(CUSTOMER, { outcomes: null }))?.context.complete).toBe(false);
});

test.each([null, 7, 'text', [], {}, { callId: 'a b' }, { callId: 'call-1' }])('%j is no context', (raw) => {
  expect(parseContext(raw)).toBeNull();
});

test('a desk goes on with what it could read: the card that needs no consent is there, the other is not, and it is counted', async () => {
  await using desk = await DeskBench.open({ bundles: BUNDLES });
  const spoilt = {
    ...CUSTOMER,
    asOfMs: START_MS - 60_000,
    fields: { ...CUSTOMER.fields, plan: { name: 'basic' } },
    consents: [...CUSTOMER.consents, { purpose: 'marketing', granted: 'no' }],
  };
  await desk.engine.context(context(spoilt));
  const who = { customerId: CUSTOMER.customerId, identity: 'verified' as const };
  await desk.say('call-1', 'sotto.call.offered', { agentId: AGENT, direction: 'inbound', queue: 'billing', ...who });
  await desk.say('call-1', 'sotto.call.connected', { agentId: AGENT });
  const view = await desk.view();
  expect(view.call?.customerName).toBe(CUSTOMER.displayName);
  expect(view.cards.length).toBeGreaterThan(0);
  expect(view.cards.map(({ actionId }) => actionId)).not.toContain(CONSENTED);
  expect(view.refused).toEqual({ 'bad-data': 1 });
});
