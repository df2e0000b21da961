import { describe, expect, test } from 'vitest';
import { MAX_EVENT_BYTES, MAX_SEQUENCE_JUMP } from '#contract/call-events.ts';
import { AGENT, DeskBench } from './desk-bench.ts';
import { MemoryLink } from './memory-link.ts';
import { smallRevision } from './small-revision.ts';

const BUNDLES = [{ revision: smallRevision() }];

const valid = (desk: DeskBench) => desk.event('call-1', 'sotto.call.resumed', { agentId: AGENT });
const change = ({ event, ...rest }: { readonly event: object }, changes: object): unknown => ({
  ...rest,
  event: { ...event, ...changes },
});
function utterance(desk: DeskBench, text: string): { readonly event: object } {
  const { event, ...rest } = desk.event('call-1', 'sotto.utterance.final', {
    utteranceId: 'u',
    speaker: 'customer',
    text: '',
    startMs: 0,
    endMs: 1,
  });
  return { ...rest, event: { ...event, data: { ...event.data, text } } };
}

describe('what a desk does not take is counted by reason and changes nothing', () => {
  const cases: readonly (readonly [string, string, (desk: DeskBench) => unknown])[] = [
    ['nothing', 'not-json', () => null],
    ['a number', 'not-json', () => 42],
    ['a list', 'not-json', () => []],
    ['no event', 'not-a-cloud-event', () => ({ callId: 'call-1', seq: 3 })],
    ['an event that is text', 'not-a-cloud-event', () => ({ callId: 'call-1', seq: 3, event: '{}' })],
    ['another version of CloudEvents', 'not-a-cloud-event', (desk) => change(valid(desk), { specversion: '0.3' })],
    ['a type nobody knows', 'unknown-type', (desk) => change(valid(desk), { type: 'sotto.call.exploded' })],
    ['a type from the prototype', 'unknown-type', (desk) => change(valid(desk), { type: '__proto__' })],
    ['data of another type', 'bad-data', (desk) => change(valid(desk), { data: { agentId: 7 } })],
    ['data with a quote in an id', 'bad-data', (desk) => change(valid(desk), { data: { agentId: 'a"b' } })],
    ['a lone surrogate', 'bad-data', (desk) => change(utterance(desk, '\ud800'), {})],
    ['a NUL', 'bad-data', (desk) => change(utterance(desk, 'a\u0000b'), {})],
    ['text over the limit', 'bad-data', (desk) => change(utterance(desk, 'x'.repeat(8_001)), {})],
    ['an event over the limit', 'too-large', (desk) => change(utterance(desk, 'x'.repeat(MAX_EVENT_BYTES)), {})],
    ['a time that is none', 'bad-time', (desk) => change(valid(desk), { time: 'yesterday' })],
    ['a time in 1970', 'bad-time', (desk) => change(valid(desk), { time: '1970-01-01T00:00:00Z' })],
    ['a time in 2150', 'bad-time', (desk) => change(valid(desk), { time: '2150-01-01T00:00:00Z' })],
    ['an event about another call', 'foreign-call', (desk) => change(valid(desk), { subject: 'call-2' })],
    ['a number of 0', 'not-a-cloud-event', (desk) => ({ ...valid(desk), seq: 0 })],
    ['a number that jumps', 'sequence-too-far', (desk) => ({ ...valid(desk), seq: MAX_SEQUENCE_JUMP + 10 })],
    ['a number beyond all integers', 'not-a-cloud-event', (desk) => ({ ...valid(desk), seq: 2 ** 53 + 2 })],
    ['a number that belongs to another event', 'sequence-reused', (desk) => ({ ...valid(desk), seq: 2 })],
  ];

  test.each(cases)('%s: %s', async (_, reason, make) => {
    await using desk = await DeskBench.open({ bundles: BUNDLES });
    await desk.begin('call-1');
    const before = { view: await desk.view(), events: desk.store.loadCall('call-1')?.events, decisions: desk.lines.length };
    expect(await desk.engine.deliver(make(desk))).toEqual({ result: 'refused', reason });
    const after = await desk.view();
    expect(after.refused).toEqual({ [reason]: 1 });
    expect({ ...after, refused: {} }).toEqual({ ...before.view, refused: {} });
    expect(desk.store.loadCall('call-1')?.events).toEqual(before.events);
    expect(desk.lines).toHaveLength(before.decisions);
    expect(await desk.say('call-1', 'sotto.call.resumed', { agentId: AGENT })).toMatchObject({ result: 'accepted' });
  });

  test('messages of central that do not fit their schema are counted and do nothing', async () => {
    const link = new MemoryLink();
    await using desk = await DeskBench.open({ bundles: BUNDLES, surroundings: { link } });
    for (const name of ['context', 'release', 'versions', 'answer'] as const) await link.say(name, { callId: 'x"', __proto__: { a: 1 } });
    await link.say('partial', { callId: 'call-1' });
    await link.say('clock', { nowMs: 'late' });
    expect((await desk.view()).refused).toEqual({ 'bad-data': 4, 'not-a-cloud-event': 1 });
    expect(link.faults).toEqual([]);
  });

  test('while capture is paused nothing said is kept, and it is no gap', async () => {
    await using desk = await DeskBench.open({ bundles: BUNDLES });
    await desk.begin('call-1');
    await desk.say('call-1', 'sotto.capture.paused', { reason: 'card-data' });
    expect(await desk.utter('call-1', 'customer', 'canary four one one one')).toEqual({ result: 'refused', reason: 'capture-paused' });
    await desk.say('call-1', 'sotto.capture.resumed', {});
    await desk.utter('call-1', 'customer', 'are you there');
    expect(JSON.stringify(desk.store.loadCall('call-1'))).not.toContain('canary');
    expect((await desk.view()).call).toMatchObject({ missing: 0, capturePaused: false });
  });

  test('card numbers that slipped through are redacted before the first store', async () => {
    await using desk = await DeskBench.open({ bundles: BUNDLES });
    await desk.begin('call-1');
    await desk.utter('call-1', 'agent', 'Can I have your card number please?');
    await desk.utter('call-1', 'customer', 'It is 4111 1111 1111 1111.');
    expect(JSON.stringify([desk.store.loadCall('call-1'), desk.changes])).not.toContain('1111 1111');
  });
});

describe('gaps', () => {
  test('[O1] a gap is shown at once and asked for within a second, with what is journalled so far', async () => {
    const link = new MemoryLink();
    await using desk = await DeskBench.open({ bundles: BUNDLES, surroundings: { link } });
    await desk.begin('call-1');
    const missing = desk.event('call-1', 'sotto.call.held', { agentId: AGENT });
    await desk.say('call-1', 'sotto.call.resumed', { agentId: AGENT });
    expect((await desk.view()).call).toMatchObject({ missing: 1 });
    await expect.poll(() => link.resumes.at(-1)).toEqual({ calls: [{ callId: 'call-1', seq: 2 }] });
    await desk.engine.deliver(missing);
    const { call } = await desk.view();
    expect(call?.missing).toBe(0);
    expect(call?.timeline.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['gap.found', 'gap.closed']));
    const asked = link.resumes.length;
    await new Promise((resolve) => setTimeout(resolve, 800));
    expect(link.resumes).toHaveLength(asked);
  });
});
