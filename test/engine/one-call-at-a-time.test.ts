/** [O3] and [O1] over made-up sequences, [C1] over made-up interleavings, on the whole desk. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Saved } from '#contract/ipc.ts';
import { AGENT, CUSTOMER, DeskBench } from './desk-bench.ts';
import { MemoryLink } from './memory-link.ts';
import { CONSENTED, smallRevision } from './small-revision.ts';

const RUNS = 40;
const REVISION = smallRevision();
const BUNDLES = [{ revision: REVISION }];
const CALLS = ['call-a', 'call-b', 'call-c'] as const;

type Step =
  | {
      readonly do: 'begin' | 'hold' | 'resume' | 'end' | 'give-away' | 'get-back' | 'wrap-up' | 'speak' | 'front';
      readonly call: (typeof CALLS)[number];
    }
  | { readonly do: 'answer'; readonly pick: number; readonly kind: 'accepted' | 'rejected' }
  | { readonly do: 'wait'; readonly ms: number };

const call = fc.constantFrom(...CALLS);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('begin' as const), call }) },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'hold' as const,
        'resume' as const,
        'end' as const,
        'give-away' as const,
        'get-back' as const,
        'wrap-up' as const,
        'speak' as const,
        'front' as const,
      ),
      call,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('answer' as const),
      pick: fc.nat(20),
      kind: fc.constantFrom('accepted' as const, 'rejected' as const),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(100, 1_000, 10_000, 30_000) }) },
);

/** What must hold of each call, kept apart from the desk. */
class Model {
  readonly begun = new Set<string>();
  readonly over = new Set<string>();
  readonly elsewhere = new Set<string>();
  /** Every card that was ever on screen, with its call. */
  readonly shown = new Map<string, { readonly callId: string; readonly decisionId: string; readonly actionId: string }>();

  mayShow(callId: string): boolean {
    return this.begun.has(callId) && !this.over.has(callId) && !this.elsewhere.has(callId);
  }
}

async function play(desk: DeskBench, model: Model, at: Step): Promise<void> {
  if (at.do === 'wait') return desk.advance(at.ms);
  if (at.do === 'answer') {
    const cards = [...model.shown.values()];
    const card = cards[at.pick % Math.max(1, cards.length)];
    if (card === undefined) return;
    const { decisionId, actionId } = card;
    const given = desk.store
      .loadCall(card.callId)
      ?.outcomes.filter((outcome) => outcome.decisionId === decisionId && outcome.actionId === actionId);
    const saved = (await desk.engine.request('card:answer', { decisionId, actionId, answer: { kind: at.kind } })) as Saved;
    // The same answer again is harmless, whatever became of the call since.
    const isRepeated = given?.some(({ kind }) => kind === at.kind) === true;
    if (saved.saved && !isRepeated && !model.mayShow(card.callId)) throw new Error('an answer was taken on a call that is over or away');
    return;
  }
  const { call: callId } = at;
  if (at.do === 'begin') {
    if (model.begun.has(callId)) return;
    model.begun.add(callId);
    return desk.begin(callId, `customer-of-${callId}`);
  }
  if (!model.begun.has(callId)) return;
  switch (at.do) {
    case 'hold':
      return void (await desk.say(callId, 'sotto.call.held', { agentId: AGENT }));
    case 'resume':
      return void (await desk.say(callId, 'sotto.call.resumed', { agentId: AGENT }));
    case 'end':
      model.over.add(callId);
      return void (await desk.say(callId, 'sotto.call.ended', { reason: 'customer-hung-up' }));
    case 'wrap-up':
      if (model.over.has(callId)) await desk.say(callId, 'sotto.wrapup.started', { agentId: AGENT });
      return;
    case 'give-away':
      if (model.over.has(callId)) return;
      model.elsewhere.add(callId);
      return void (await desk.say(callId, 'sotto.call.transferred', { fromAgentId: AGENT, toAgentId: 'agent-02' }));
    case 'get-back':
      if (!model.elsewhere.delete(callId)) return;
      return void (await desk.say(callId, 'sotto.call.transferred', { fromAgentId: 'agent-02', toAgentId: AGENT }));
    case 'speak':
      return void (await desk.utter(callId, 'customer', 'I am moving house'));
    case 'front':
      return void (await desk.engine.request('call:front', { callId }));
  }
}

async function check(desk: DeskBench, model: Model): Promise<number> {
  const view = await desk.view();
  for (const card of view.cards) {
    const record = JSON.parse(desk.store.decisionRecord(card.decisionId) ?? '{}') as { callId?: string; customerId?: string };
    expect(record.callId).toBe(view.call?.callId);
    expect(record.customerId).toBe(`customer-of-${record.callId}`);
    if (card.state === 'open') expect(model.mayShow(record.callId ?? '')).toBe(true);
    model.shown.set(`${card.decisionId} ${card.actionId}`, {
      callId: record.callId ?? '',
      decisionId: card.decisionId,
      actionId: card.actionId,
    });
  }
  return view.cards.length;
}

/** What must not depend on the order of arrival. */
const stateOf = async (desk: DeskBench) => {
  const { call: view } = await desk.view();
  return { ...view, timeline: view?.timeline.filter(({ kind }) => kind.startsWith('call.')), prompts: null };
};

describe('made-up shifts', () => {
  test(`[O3] in ${RUNS} shifts with two and three calls, holds, transfers and wrap-ups, no card was on another call or on one that was over`, {
    timeout: 240_000,
  }, async () => {
    let cards = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 8, maxLength: 25 }), async (steps) => {
        const link = new MemoryLink();
        await using desk = await DeskBench.open({ bundles: BUNDLES, surroundings: { link } });
        const model = new Model();
        const offeredWhenOver = new Map<string, number>();
        const offered = (callId: string): number => desk.kinds(callId).filter((kind) => kind.startsWith('offered')).length;
        for (const at of steps) {
          await play(desk, model, at);
          cards += await check(desk, model);
          for (const callId of model.begun) {
            if (model.mayShow(callId)) offeredWhenOver.delete(callId);
            else if (!offeredWhenOver.has(callId)) offeredWhenOver.set(callId, offered(callId));
            else expect(offered(callId), `cards on ${callId} after its end`).toBe(offeredWhenOver.get(callId));
          }
        }
        expect(desk.logs.filter((line) => line.startsWith('error'))).toEqual([]);
      }),
      { numRuns: RUNS, seed: 11 },
    );
    expect(cards).toBeGreaterThan(2 * RUNS);
  });

  test('[O3] canary: the check that every step is put to sees a card on a call that does not have it', async () => {
    await using desk = await DeskBench.open({ bundles: BUNDLES });
    const model = new Model();
    await play(desk, model, { do: 'begin', call: 'call-a' });
    expect(await check(desk, model)).toBeGreaterThan(0);
    model.over.add('call-a');
    await expect(check(desk, model)).rejects.toThrow();
  });

  test(`[O1] events lost, doubled and out of order: when all are there, the desk is where it would be had they come in order`, {
    timeout: 240_000,
  }, async () => {
    const texts = ['hello', 'I am moving house', 'what does it cost', 'thank you', 'one more thing'];
    const script = (desk: DeskBench) => [
      desk.event('call-a', 'sotto.call.offered', {
        agentId: AGENT,
        direction: 'inbound',
        queue: 'q',
        customerId: 'customer-1',
        identity: 'asserted',
      }),
      desk.event('call-a', 'sotto.call.connected', { agentId: AGENT }),
      ...texts.map((text, index) =>
        desk.event('call-a', 'sotto.utterance.final', {
          utteranceId: `u-${index}`,
          speaker: 'customer',
          text,
          startMs: index,
          endMs: index,
        }),
      ),
      desk.event('call-a', 'sotto.call.identified', { customerId: 'customer-1', identity: 'verified' }),
    ];
    let gaps = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(7), { maxLength: 20 }), fc.boolean(), async (order, restart) => {
        await using ordered = await DeskBench.open({ bundles: BUNDLES });
        for (const event of script(ordered)) await ordered.engine.deliver(event);
        await using shuffled = await DeskBench.open({ bundles: BUNDLES });
        const events = script(shuffled).map((event, index) => ({ ...event, event: { ...event.event, id: `event-${index}` } }));
        for (const index of order) await shuffled.engine.deliver(events[index]);
        if (((await shuffled.view()).call?.missing ?? 0) > 0) gaps += 1;
        // Central sends everything again, as after a resume.
        const taken = [];
        for (const event of events) taken.push(await shuffled.engine.deliver(event));
        expect(taken.filter(({ result }) => result === 'accepted')).toHaveLength(events.length - new Set(order).size);
        expect(taken.at(-1)).toMatchObject({ seq: events.length });
        expect(await stateOf(shuffled)).toEqual(await stateOf(ordered));
        if (restart) expect(shuffled.store.loadCall('call-a')?.events.map(({ seq }) => seq)).toEqual(events.map(({ seq }) => seq));
      }),
      { numRuns: RUNS, seed: 12 },
    );
    expect(gaps).toBeGreaterThan(RUNS / 4);
  });
});

describe('[C1] consent withdrawn while a card is being decided, shown or answered', () => {
  const RACES = 100;
  test(`in ${RACES} interleavings no card needing consent was shown, or acceptance of it taken, after the withdrawal`, {
    timeout: 240_000,
  }, async () => {
    let shownBefore = 0;
    let acceptedBefore = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray(['speak', 'withdraw', 'accept', 'accept', 'speak', 'quiet', 'exclude'] as const, { minLength: 4 }),
        fc.array(fc.nat(3), { minLength: 8, maxLength: 8 }),
        async (acts, pauses) => {
          const link = new MemoryLink();
          await using desk = await DeskBench.open({ bundles: BUNDLES, surroundings: { link } });
          await desk.begin('call-a');
          const before = (await desk.view()).cards.find(({ actionId }) => actionId === CONSENTED);
          expect(before).toBeDefined();
          if (before === undefined) return;
          const answer = { decisionId: before.decisionId, actionId: before.actionId, answer: { kind: 'accepted' } };
          const results: Promise<unknown>[] = [];
          let isStopped = false;
          const accept = async (wasStopped: boolean): Promise<void> => {
            const saved = (await desk.engine.request('card:answer', answer)) as Saved;
            if (saved.saved && !wasStopped) acceptedBefore += 1;
            const count = desk.kinds('call-a').filter((kind) => kind === `accepted ${CONSENTED}`).length;
            expect(count).toBe(saved.saved ? 1 : count);
          };
          for (const [index, act] of acts.entries()) {
            for (let turn = 0; turn < (pauses[index] ?? 0); turn++) await new Promise(setImmediate);
            if (act === 'speak') results.push(desk.utter('call-a', 'customer', 'I am moving house'));
            if (act === 'quiet') results.push(desk.engine.request('call:quiet', { callId: 'call-a', quiet: false }));
            if (act === 'withdraw') {
              isStopped = true;
              results.push(
                desk.say('call-a', 'sotto.consent.changed', { customerId: CUSTOMER.customerId, purpose: 'marketing', granted: false }),
              );
            }
            if (act === 'exclude') {
              isStopped = true;
              results.push(link.say('versions', { revision: REVISION.hash, models: [], excluded: [CONSENTED] }));
            }
            if (act === 'accept') results.push(accept(isStopped));
          }
          await Promise.all(results);
          await desk.engine.settled();
          shownBefore += 1;
          if (!isStopped) return;
          const { cards } = await desk.view();
          expect(cards.filter(({ actionId, state }) => actionId === CONSENTED && state === 'open')).toEqual([]);
          const outcomes = (desk.store.loadCall('call-a')?.outcomes ?? [])
            .filter(({ actionId }) => actionId === CONSENTED)
            .toSorted((a, b) => a.clock - b.clock);
          const last = outcomes.at(-1)?.kind;
          expect(['withdrawn', 'accepted']).toContain(last);
          // Nothing of it after it was taken away: neither shown again nor accepted.
          const gone = outcomes.findIndex(({ kind }) => kind === 'withdrawn');
          if (gone >= 0) expect(outcomes.slice(gone + 1)).toEqual([]);
          await desk.advance(120_000);
          await desk.utter('call-a', 'customer', 'hello');
          await desk.advance(10_000);
          expect((await desk.view()).cards.map(({ actionId }) => actionId)).not.toContain(CONSENTED);
        },
      ),
      { numRuns: RACES, seed: 13 },
    );
    expect(shownBefore).toBeGreaterThanOrEqual(RACES);
    expect(acceptedBefore).toBeGreaterThan(10);
  });

  test('a withdrawal takes the card off the screen within 50 ms of processor time after its arrival, at the 99th percentile', {
    timeout: 60_000,
  }, async () => {
    const took: number[] = [];
    await using desk = await DeskBench.open({ bundles: BUNDLES });
    for (let round = 0; round < 100; round++) {
      const callId = `call-${round}`;
      await desk.begin(callId);
      expect((await desk.view()).cards.map(({ actionId }) => actionId)).toContain(CONSENTED);
      desk.changes.length = 0;
      const from = process.cpuUsage();
      await desk.say(callId, 'sotto.consent.changed', { customerId: CUSTOMER.customerId, purpose: 'marketing', granted: false });
      const { user, system } = process.cpuUsage(from);
      took.push((user + system) / 1_000);
      expect(desk.changes.some(({ cards }) => cards !== undefined && !cards.some(({ actionId }) => actionId === CONSENTED))).toBe(true);
      await desk.say(callId, 'sotto.call.ended', { reason: 'customer-hung-up' });
    }
    expect(took.toSorted((a, b) => a - b)[98]).toBeLessThanOrEqual(50);
  });
});
