import { describe, expect, it } from 'vitest';
import { emptyCall, eventsMissing, reduceCall } from '#core';
import { activeCall, event, fold, HOUR_MS, MINUTE_MS, NOW_MS } from './fixtures.ts';

const at = (seconds: number): number => NOW_MS - HOUR_MS + seconds * 1_000;

const said = (granted: boolean, seconds: number) =>
  event('sotto.consent.changed', { customerId: 'cust-1', purpose: 'marketing', granted }, NOW_MS - MINUTE_MS + seconds * 1_000);

describe('the state of a call', () => {
  it('follows the call from offer to the end of wrap-up', () => {
    const events = [
      event(
        'sotto.call.offered',
        { agentId: 'a', direction: 'outbound', queue: 'q', identity: 'unknown', language: 'en-AU', ivr: ['billing'] },
        at(0),
      ),
      event('sotto.call.accepted', { agentId: 'a' }, at(1)),
      event('sotto.call.connected', { agentId: 'a' }, at(2)),
      event('sotto.call.identified', { customerId: 'c', identity: 'verified' }, at(3)),
      event('sotto.call.held', { agentId: 'a' }, at(4)),
      event('sotto.call.resumed', { agentId: 'a' }, at(5)),
      event('sotto.queue.updated', { queue: 'q', waiting: 4, longestWaitS: 9 }, at(5)),
      event('sotto.call.transferred', { fromAgentId: 'a', toAgentId: 'b', queue: 'q2' }, at(6)),
      event('sotto.capture.paused', { reason: 'card-data' }, at(7)),
      event('sotto.call.ended', { reason: 'customer-hung-up' }, at(8)),
      event('sotto.wrapup.started', { agentId: 'b' }, at(9)),
      event('sotto.wrapup.ended', { agentId: 'b' }, at(10)),
    ];
    const phases = events.map((_, index) => fold(events.slice(0, index + 1).map((one, i) => ({ seq: i + 1, event: one }))).phase);
    expect(phases).toEqual([
      'offered',
      'ringing',
      'active',
      'active',
      'held',
      'active',
      'active',
      'active',
      'active',
      'ended',
      'wrap-up',
      'ended',
    ]);
    const state = fold(events.map((one, i) => ({ seq: i + 1, event: one })));
    expect(state).toMatchObject({
      agentId: 'b',
      customerId: 'c',
      identity: 'verified',
      direction: 'outbound',
      queue: 'q2',
      queueWaiting: null,
      language: 'en-AU',
      ivr: ['billing'],
      connectedAtMs: at(2),
      endedAtMs: at(8),
      endReason: 'customer-hung-up',
      holds: 1,
      transfers: 1,
      capturePaused: true,
      lastAtMs: at(10),
      contiguousSeq: 12,
    });
  });

  it('gives the same object back for a duplicate and for an event of another call', () => {
    const state = activeCall();
    const again = { seq: 2, event: event('sotto.call.ended', { reason: 'dropped' }, NOW_MS) };
    expect(reduceCall(state, again)).toBe(state);
    const foreign = { seq: 4, event: event('sotto.call.ended', { reason: 'dropped' }, NOW_MS, 'call-2') };
    expect(reduceCall(state, foreign)).toBe(state);
  });

  it('knows which deliveries are missing and forgets it when they come', () => {
    const events = Array.from({ length: 6 }, (_, i) => event('sotto.capture.resumed', {}, at(i)));
    const deliver = (...seqs: readonly number[]) => fold(seqs.map((seq) => ({ seq, event: events[seq - 1]! })));
    expect(deliver(2, 5).gaps).toEqual([
      { fromSeq: 1, toSeq: 1 },
      { fromSeq: 3, toSeq: 4 },
    ]);
    expect(deliver(2, 5).contiguousSeq).toBe(0);
    expect(deliver(2, 5, 1).contiguousSeq).toBe(2);
    expect(eventsMissing(deliver(2, 5, 1, 4, 3))).toBe(false);
    expect(deliver(2, 5, 1, 4, 3)).toEqual(deliver(1, 2, 3, 4, 5));
  });

  it('keeps what was said of a customer who is identified only afterwards, and drops it when it was somebody else', () => {
    const about = [
      event('sotto.consent.changed', { customerId: 'c', purpose: 'marketing', granted: false }, at(1)),
      event('sotto.profile.updated', { customerId: 'c', version: 5, fields: { plan: 'max', tenureMonths: 3 } }, at(2)),
      event('sotto.profile.updated', { customerId: 'c', version: 4, fields: { plan: 'basic', balance: 7 } }, at(3)),
      event('sotto.journey.changed', { customerId: 'c', journey: 'onboarding', step: 'ordered', entered: true }, at(4)),
      event('sotto.contact.made', { customerId: 'c', channel: 'email', actionId: 'x' }, at(5)),
      event('sotto.call.identified', { customerId: 'c', identity: 'asserted' }, at(6)),
    ];
    const state = fold(about.map((one, i) => ({ seq: i + 1, event: one })));
    expect(state.consents).toEqual([{ purpose: 'marketing', granted: false, atMs: at(1) }]);
    expect(state.fields).toEqual({ plan: 'max', tenureMonths: 3, balance: 7 });
    expect(state.profileVersion).toBe(5);
    expect(state.journeys).toEqual({ onboarding: 'ordered' });
    expect(state.contacts).toEqual([{ kind: 'seen', channel: 'email', atMs: at(5), actionId: 'x' }]);
    const wrong = reduceCall(state, { seq: 7, event: event('sotto.call.identified', { identity: 'unknown' }, at(7)) });
    expect(wrong).toMatchObject({ customerId: null, consents: [], fields: {}, profileVersion: null, journeys: {}, contacts: [] });
    const right = reduceCall(wrong, { seq: 8, event: event('sotto.call.identified', { customerId: 'c', identity: 'verified' }, at(8)) });
    expect(right.fields).toEqual(state.fields);
  });

  it('takes the newest word on a consent by the time it was said, not by the time it arrived', () => {
    expect(activeCall([said(false, 5), said(true, 1)]).consents).toMatchObject([{ granted: false }]);
    expect(activeCall([said(true, 1), said(false, 5)]).consents).toMatchObject([{ granted: false }]);
    expect(activeCall([said(false, 5), said(true, 5)]).consents).toMatchObject([{ granted: true }]);
  });

  it('takes hostile names as names', () => {
    const state = activeCall([
      event('sotto.journey.changed', { customerId: 'cust-1', journey: '__proto__', step: 'x', entered: true }, NOW_MS),
      event('sotto.profile.updated', { customerId: 'cust-1', version: 2, fields: JSON.parse('{"__proto__":"y"}') }, NOW_MS),
    ]);
    expect(Object.getPrototypeOf(state.journeys)).toBe(Object.prototype);
    expect(Object.keys(state.journeys)).toEqual(['__proto__']);
    expect(Object.keys(state.fields)).toEqual(['__proto__']);
  });

  it('starts from nothing', () => {
    expect(emptyCall('x')).toMatchObject({ callId: 'x', phase: 'offered', events: [], gaps: [], contiguousSeq: 0 });
  });
});
