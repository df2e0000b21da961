/** [O3] and [O1] over made-up sequences, on the whole desk. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Saved } from '#contract/ipc.ts';
import { counts } from '../fault/counts.ts';
import { report } from '../fault/report.ts';
import { AGENT, DeskBench } from './desk-bench.ts';
import { MemoryLink } from './memory-link.ts';
import { SharedBench, SMALL_REVISION } from './shared-bench.ts';

const SHIFTS = counts(150, 5_000);
const SHUFFLES = counts(100, 2_000);
const BUNDLES = [{ revision: SMALL_REVISION }];
const CALLS = ['a', 'b', 'c'] as const;

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

interface Shown {
  readonly callId: string;
  readonly decisionId: string;
  readonly actionId: string;
}

/** What must hold of each call, kept apart from the desk. */
class Model {
  readonly begun = new Set<string>();
  readonly over = new Set<string>();
  readonly elsewhere = new Set<string>();
  /** Every card that was ever on screen, with its call. */
  readonly shown = new Map<string, Shown>();
  /** Cards offered on a call when it was over or went away. */
  readonly offeredWhenOver = new Map<string, number>();

  mayShow(callId: string): boolean {
    return this.begun.has(callId) && !this.over.has(callId) && !this.elsewhere.has(callId);
  }
}

async function play(desk: DeskBench, model: Model, at: Step, sequence: number): Promise<void> {
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
  const callId = `call-${sequence}-${at.call}`;
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

interface Checked {
  readonly cards: number;
  /** Cards of another call or customer, on a call that may show none, or offered after its end. */
  readonly wrong: number;
}

async function check(desk: DeskBench, model: Model): Promise<Checked> {
  const view = await desk.view();
  let wrong = 0;
  for (const { decisionId, actionId, state } of view.cards) {
    const record = JSON.parse(desk.store.decisionRecord(decisionId) ?? '{}') as { callId?: string; customerId?: string };
    const { callId = '' } = record;
    const isHere = callId === view.call?.callId && record.customerId === `customer-of-${callId}`;
    if (!isHere || (state === 'open' && !model.mayShow(callId))) wrong += 1;
    model.shown.set(`${decisionId} ${actionId}`, { callId, decisionId, actionId });
  }
  const offered = (callId: string): number => desk.kinds(callId).filter((kind) => kind.startsWith('offered')).length;
  for (const callId of model.begun) {
    if (model.mayShow(callId)) model.offeredWhenOver.delete(callId);
    else if (!model.offeredWhenOver.has(callId)) model.offeredWhenOver.set(callId, offered(callId));
    else if (offered(callId) !== model.offeredWhenOver.get(callId)) wrong += 1;
  }
  return { cards: view.cards.length, wrong };
}

/** Prompts of a call with more than one acceptance or rejection. */
function answeredTwice(desk: DeskBench, callId: string): number {
  const answered = (desk.store.loadCall(callId)?.outcomes ?? [])
    .filter(({ kind }) => kind === 'accepted' || kind === 'rejected')
    .map(({ decisionId, actionId }) => `${decisionId} ${actionId}`);
  return answered.length - new Set(answered).size;
}

/** The next shift starts at an empty desk. */
async function goHome(desk: DeskBench, model: Model): Promise<void> {
  for (const callId of model.begun) if (!model.over.has(callId)) await desk.say(callId, 'sotto.call.ended', { reason: 'customer-hung-up' });
}

/** What must not depend on the order of arrival. */
const stateOf = async (desk: DeskBench) => {
  const { call: view } = await desk.view();
  return { ...view, timeline: view?.timeline.filter(({ kind }) => kind.startsWith('call.')), prompts: null };
};

describe('made-up shifts', () => {
  test(`[O3] in ${SHIFTS} shifts with two and three calls, holds, transfers and wrap-ups, no card was on another call or on one that was over`, {
    timeout: 7_200_000,
  }, async () => {
    let link = new MemoryLink();
    await using benches = new SharedBench(() => ({ link: (link = new MemoryLink()) }));
    let cards = 0;
    let steps = 0;
    let doubled = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 8, maxLength: 25 }), async (shift) => {
        const { desk, sequence } = await benches.next();
        link.connect();
        const model = new Model();
        try {
          for (const at of shift) {
            await play(desk, model, at, sequence);
            const checked = await check(desk, model);
            expect(checked.wrong).toBe(0);
            cards += checked.cards;
            steps += 1;
          }
          for (const callId of model.begun) doubled += answeredTwice(desk, callId);
        } finally {
          await goHome(desk, model);
        }
      }),
      { numRuns: SHIFTS, seed: 11 },
    );
    report('[O3] made-up shifts', { operations: steps, faults: SHIFTS, lost: 0, doubled, phantom: 0 }, { faults: SHIFTS });
    expect(cards).toBeGreaterThan(2 * SHIFTS);
  });

  test('[O3] canary: the check that every step is put to sees a card on a call that does not have it', async () => {
    await using desk = await DeskBench.open({ bundles: BUNDLES });
    const model = new Model();
    await play(desk, model, { do: 'begin', call: 'a' }, 1);
    expect(await check(desk, model)).toMatchObject({ cards: expect.toSatisfy((cards: number) => cards > 0), wrong: 0 });
    model.over.add('call-1-a');
    expect((await check(desk, model)).wrong).toBeGreaterThan(0);
  });

  test(`[O1] events lost, doubled and out of order, ${SHUFFLES} times: when all are there, the desk is where it would be had they come in order`, {
    timeout: 3_600_000,
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
    await using ordered = await DeskBench.open({ bundles: BUNDLES });
    for (const event of script(ordered)) await ordered.engine.deliver(event);
    const inOrder = await stateOf(ordered);
    let gaps = 0;
    let operations = 0;
    const seen = { lost: 0, doubled: 0, phantom: 0 };
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(7), { maxLength: 20 }), async (order) => {
        await using shuffled = await DeskBench.open({ bundles: BUNDLES });
        const events = script(shuffled).map((event, index) => ({ ...event, event: { ...event.event, id: `event-${index}` } }));
        for (const index of order) await shuffled.engine.deliver(events[index]);
        if (((await shuffled.view()).call?.missing ?? 0) > 0) gaps += 1;
        // Central sends everything again, as after a resume.
        const taken = [];
        for (const event of events) taken.push(await shuffled.engine.deliver(event));
        operations += order.length + events.length;
        expect(taken.filter(({ result }) => result === 'accepted')).toHaveLength(events.length - new Set(order).size);
        expect(taken.at(-1)).toMatchObject({ seq: events.length });
        expect(await stateOf(shuffled)).toEqual(inOrder);
        const kept = shuffled.store.loadCall('call-a')?.events.map(({ seq }) => seq) ?? [];
        const wanted = new Set(events.map(({ seq }) => seq));
        seen.lost += [...wanted].filter((seq) => !kept.includes(seq)).length;
        seen.doubled += kept.length - new Set(kept).size;
        seen.phantom += kept.filter((seq) => !wanted.has(seq)).length;
      }),
      { numRuns: SHUFFLES, seed: 12 },
    );
    report('[O1] events of a call on the desk', { operations, faults: SHUFFLES, ...seen }, { faults: SHUFFLES });
    expect(gaps).toBeGreaterThan(SHUFFLES / 4);
  });
});
