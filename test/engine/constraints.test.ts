/** What is scarce, on whole desks: counted by central over all of them, and by each desk itself until central has heard. */
import { afterEach, describe, expect, test } from 'vitest';
import { SteppedClock } from '#adapters/system/stepped-clock.ts';
import type { DeskView, VerdictView } from '#contract/desk.ts';
import { IPC, type Saved } from '#contract/ipc.ts';
import type { UsageReport } from '#contract/live.ts';
import type { PolicyFile } from '#contract/policy.ts';
import { onPostgres } from '../central/engines.ts';
import { deskTokens } from '../central/device.ts';
import { openCentral, type Opened, type Options, Producer, until } from '../central/fixture.ts';
import { smallPolicy } from '../central/small-policy.ts';
import type { Store } from '#central/store/open-store.ts';
import { Scratch } from '../conformance/sqlite-scratch.ts';
import { DeskBench, START_MS } from './desk-bench.ts';
import { LiveDesk, newCallId } from './live-desk.ts';
import { MemoryLink } from './memory-link.ts';
import { smallRevision } from './small-revision.ts';

const HOUR_MS = 3_600_000;
const SCARCE = 'change-plan';
const constraints = (limit: number): PolicyFile => ({
  path: 'constraints.yaml',
  text: `- id: plans-of-the-day\n  name: Plans of the day\n  kind: volume\n  actions: [${SCARCE}]\n  limit: ${limit}\n  period: day\n`,
});

/** A desk with one call of a known customer. */
class Seat {
  readonly desk: LiveDesk;
  readonly clock: SteppedClock;
  readonly call: Producer;

  constructor(desk: LiveDesk, clock: SteppedClock, call: Producer) {
    this.desk = desk;
    this.clock = clock;
    this.call = call;
  }

  async card(): Promise<DeskView['cards'][number] | null> {
    const { cards } = await this.desk.view();
    return cards.find(({ actionId, state }) => actionId === SCARCE && state === 'open') ?? null;
  }

  async code(): Promise<string | undefined> {
    return (await this.verdict())?.code;
  }

  async verdict(): Promise<VerdictView | undefined> {
    const asked = { callId: this.call.callId, actionId: SCARCE };
    const { verdict } = IPC['explain:verdict'].response.parse(await this.desk.engine.request('explain:verdict', asked));
    return verdict ?? undefined;
  }

  async shows(): Promise<this> {
    await until(`${SCARCE} on the screen`, async () => (await this.card()) !== null);
    return this;
  }

  async ends(code: string): Promise<void> {
    await until(code, async () => (await this.code()) === code);
    expect(await this.card()).toBeNull();
  }

  async accept(): Promise<string> {
    const card = await this.card();
    if (card === null) throw new Error(`there is nothing to accept: ${await this.code()}`);
    const saved = await this.desk.answer(card, { kind: 'accepted' });
    if (!saved.saved) throw new Error(saved.detail);
    return saved.outcomeId;
  }

  async undo(outcomeId: string): Promise<void> {
    expect(await this.desk.engine.request('card:undo', { outcomeId })).toMatchObject({ saved: true });
  }
}

/** Central and its desks on one virtual clock. */
class Floor implements AsyncDisposable {
  readonly opened: Opened;
  readonly #seats: Seat[] = [];
  nowMs: number;

  private constructor(opened: Opened, nowMs: number) {
    this.opened = opened;
    this.nowMs = nowMs;
  }

  static async open(store: Store | null, nowMs = START_MS, options: Options = {}): Promise<Floor> {
    const floor = new Floor(await openCentral(store, { clock: 'virtual', live: { pollMs: 200 }, ...options }), nowMs);
    await floor.opened.central.tick(nowMs);
    expect(await floor.opened.central.publishRevision([...smallPolicy(2), constraints(2)])).toMatchObject({ ok: true });
    return floor;
  }

  async desk(agentId: string, clock: SteppedClock, scratch?: Scratch): Promise<LiveDesk> {
    const { central } = this.opened;
    const tokens = await deskTokens(central, agentId, `dev-${agentId}`);
    return LiveDesk.open({ url: central.url, tokens, agentId, clock, ...(scratch === undefined ? {} : { scratch }) });
  }

  async seat(agentId: string, scratch?: Scratch): Promise<Seat> {
    const clock = new SteppedClock(this.nowMs);
    const seat = new Seat(await (await this.desk(agentId, clock, scratch)).ready(), clock, new Producer(newCallId()));
    this.#seats.push(seat);
    await until(`the use known at ${agentId}`, () => seat.desk.store.setting('usage') !== null);
    const time = new Date(this.nowMs).toISOString();
    const offered = { agentId, direction: 'inbound', queue: 'billing', identity: 'verified', customerId: 'cust-1' };
    for (const event of [
      seat.call.event('sotto.call.offered', offered, { time }),
      seat.call.event('sotto.call.connected', { agentId }, { time }),
    ])
      expect(await this.opened.central.intake(event)).toMatchObject({ result: 'accepted' });
    await until(`the call at ${agentId}`, async () => (await seat.desk.view()).call?.callId === seat.call.callId);
    return seat;
  }

  async tick(ms: number): Promise<void> {
    this.nowMs += ms;
    await this.opened.central.tick(this.nowMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { desk } of this.#seats) await desk[Symbol.asyncDispose]();
    await this.opened.close();
  }
}

const cardOf = async (bench: DeskBench, callId: string) => {
  await bench.engine.request('call:front', { callId });
  return (await bench.view()).cards.find(({ actionId, state }) => actionId === SCARCE && state === 'open');
};

const codeOf = async (bench: DeskBench, callId: string): Promise<string | undefined> => {
  const asked = { callId, actionId: SCARCE };
  return IPC['explain:verdict'].response.parse(await bench.engine.request('explain:verdict', asked)).verdict?.code;
};

onPostgres((engine) => {
  test('two a day over all agents: the third is not offered it any more and is told why; taken back, it is there again', async () => {
    await using floor = await Floor.open(await engine.open());
    const ann = await (await floor.seat('ann')).shows();
    const bob = await (await floor.seat('bob')).shows();
    const cy = await (await floor.seat('cy')).shows();
    const before = await cy.card();
    await ann.accept();
    const last = await bob.accept();
    await cy.ends('constraint-reached');
    expect(await cy.verdict()).toMatchObject({ stage: 'constraint', by: 'Plans of the day' });
    if (before === null) throw new Error('no card');
    expect(await cy.desk.answer(before, { kind: 'accepted' })).toMatchObject({ saved: false, reason: 'no-longer-permitted' });
    await bob.undo(last);
    await until('it is known to be there again', async () => (await cy.code()) !== 'constraint-reached');
    // A new card waits until the gap since the last one is over.
    await floor.tick(30_000);
    await cy.shows();
    await cy.accept();
    await bob.ends('constraint-reached');
    for (const { desk } of [ann, bob, cy]) expect(desk.logs).toEqual([]);
  });

  test('at midnight in UTC the count begins anew, on every desk, without any event', async () => {
    await using floor = await Floor.open(await engine.open(), Date.UTC(2025, 5, 2, 23, 59, 30));
    const ann = await (await floor.seat('ann')).shows();
    const bob = await (await floor.seat('bob')).shows();
    const cy = await floor.seat('cy');
    await ann.accept();
    await bob.accept();
    await cy.ends('constraint-reached');
    await floor.tick(29_999);
    expect(await cy.code()).toBe('constraint-reached');
    await floor.tick(1);
    expect(await cy.code()).not.toBe('constraint-reached');
    await cy.shows();
  });

  test('central away for longer than its count is believed: the use is unknown, which forbids; until then it is known, a restart apart', async () => {
    using scratch = new Scratch();
    await using floor = await Floor.open(await engine.open());
    const bob = await (await floor.seat('bob')).shows();
    const ann = await (await floor.seat('ann', scratch)).shows();
    await bob.accept();
    await until('the use is known', () => JSON.stringify(ann.desk.store.setting('usage')).includes('"used":1'));
    await floor.opened.central.close();
    await until('offline', async () => (await ann.desk.view()).link.state === 'offline');
    await ann.accept();
    await ann.desk.stop();

    const clock = new SteppedClock(floor.nowMs);
    const url = floor.opened.central.url;
    await using again = await LiveDesk.open({ url, tokens: { token: 'none', deviceToken: 'none' }, agentId: 'ann', scratch, clock });
    const other = new Producer(newCallId());
    const time = new Date(floor.nowMs).toISOString();
    const offered = { agentId: 'ann', direction: 'inbound', queue: 'billing', identity: 'verified', customerId: 'cust-1' };
    await again.engine.deliver({ callId: other.callId, seq: 1, event: other.event('sotto.call.offered', offered, { time }) });
    await again.engine.deliver({ callId: other.callId, seq: 2, event: other.event('sotto.call.connected', { agentId: 'ann' }, { time }) });
    const seat = new Seat(again, clock, other);
    // One of central's, one of its own that central has not heard of.
    expect(await seat.code()).toBe('constraint-reached');
    const decided = again.lines.length;
    await clock.advance(floor.nowMs + HOUR_MS, () => again.engine.settled());
    expect(await seat.code()).toBe('constraint-reached');
    await clock.advance(floor.nowMs + HOUR_MS + 1, () => again.engine.settled());
    expect(await seat.code()).toBe('constraint-unknown');
    expect(again.lines.length).toBeGreaterThan(decided);
  });

  test('what is accepted at one node is known at the desks of the other', async () => {
    await using floor = await Floor.open(await engine.open());
    const ann = await (await floor.seat('ann')).shows();
    const cy = await (await floor.seat('cy')).shows();
    await using other = await Floor.open(await engine.again(floor.opened.central.store));
    const bob = await (await other.seat('bob')).shows();
    await ann.accept();
    await cy.accept();
    await bob.ends('constraint-reached');
  });
});

describe('between two counts of central', () => {
  const revision = smallRevision(1, [constraints(2)]);
  const open: DeskBench[] = [];
  afterEach(async () => {
    for (const each of open.splice(0)) await each[Symbol.asyncDispose]();
  });

  const desk = async (): Promise<{ readonly desk: DeskBench; readonly say: (used: number, countedTo: string | null) => Promise<void> }> => {
    const link = new MemoryLink();
    const bench = await DeskBench.open({ bundles: [{ revision }], surroundings: { link } });
    open.push(bench);
    link.connect();
    const say = async (used: number, countedTo: string | null): Promise<void> => {
      const uses = [{ constraintId: 'plans-of-the-day', used, asOfMs: bench.clock.nowMs() }];
      await link.say('usage', { uses, countedTo } satisfies UsageReport);
      await bench.engine.settled();
    };
    return { desk: bench, say };
  };

  test('without a count nothing scarce is offered; the first count brings it', async () => {
    const { desk: ann, say } = await desk();
    await ann.begin('call-1');
    expect(await codeOf(ann, 'call-1')).toBe('constraint-unknown');
    await say(0, null);
    expect(await codeOf(ann, 'call-1')).not.toBe('constraint-unknown');
  });

  test('the last one is not promised twice: what is accepted here counts at once, until central has counted it', async () => {
    const { desk: ann, say } = await desk();
    await say(1, null);
    await ann.begin('call-1');
    await ann.begin('call-2');
    const [first, second] = [await cardOf(ann, 'call-1'), await cardOf(ann, 'call-2')];
    if (first === undefined || second === undefined) throw new Error('not offered on both calls');
    // In one breath: the second is asked before anything else could happen.
    const [one, two] = await Promise.all([ann.answer(first), ann.answer(second)]);
    expect([one.saved, two]).toMatchObject([true, { saved: false, reason: 'no-longer-permitted' }]);
    await ann.engine.settled();
    expect(await codeOf(ann, 'call-2')).toBe('constraint-reached');
    // A count that was taken before it heard of the acceptance.
    await say(1, 'somebody-elses');
    expect(await codeOf(ann, 'call-2')).toBe('constraint-reached');
    const accepted = one.saved ? one.outcomeId : '';
    await say(1, accepted);
    expect(await codeOf(ann, 'call-2')).not.toBe('constraint-reached');
    await say(2, accepted);
    expect(await codeOf(ann, 'call-2')).toBe('constraint-reached');
  });

  test('what is taken back here is there again at once, counted or not, and is not given back twice', async () => {
    const { desk: ann, say } = await desk();
    await say(1, null);
    await ann.begin('call-1');
    await ann.begin('call-2');
    const card = await cardOf(ann, 'call-1');
    if (card === undefined) throw new Error('not offered');
    const saved = await ann.answer(card);
    await ann.engine.settled();
    const accepted = saved.saved ? saved.outcomeId : '';
    await say(2, accepted);
    expect(await codeOf(ann, 'call-2')).toBe('constraint-reached');
    const back = (await ann.engine.request('card:undo', { outcomeId: accepted })) as Saved;
    await ann.engine.settled();
    expect(await cardOf(ann, 'call-1')).toMatchObject({ decisionId: card.decisionId });
    expect(await codeOf(ann, 'call-2')).not.toBe('constraint-reached');
    // Two others took one each meanwhile: with the one given back that is two, not one.
    await say(2, back.saved ? back.outcomeId : '');
    expect(await codeOf(ann, 'call-2')).toBe('constraint-reached');
  });

  test('an agent cannot have what ran out by choosing it instead of another action', async () => {
    const { desk: ann, say } = await desk();
    await say(2, null);
    await ann.begin('call-1');
    const [card] = (await ann.view()).cards;
    if (card === undefined) throw new Error('nothing is offered');
    const answer = { kind: 'overridden', chosenActionId: SCARCE };
    const asked = { decisionId: card.decisionId, actionId: card.actionId, answer };
    expect(await ann.engine.request('card:answer', asked)).toMatchObject({ saved: false, reason: 'no-longer-permitted' });
    await say(1, null);
    expect(await ann.engine.request('card:answer', asked)).toMatchObject({ saved: true });
    await ann.begin('call-2');
    expect(await codeOf(ann, 'call-2')).toBe('constraint-reached');
  });

  test('a count that stops nothing new decides nothing again', async () => {
    const { desk: ann, say } = await desk();
    await say(0, null);
    await ann.begin('call-1');
    const { entries } = ann.store.verifyLedger();
    await say(1, null);
    await say(0, null);
    expect(ann.store.verifyLedger().entries).toBe(entries);
    await say(2, null);
    expect(ann.store.verifyLedger().entries).toBeGreaterThan(entries);
  });

  test('a count that does not fit its schema is refused and changes nothing', async () => {
    const link = new MemoryLink();
    await using ann = await DeskBench.open({ bundles: [{ revision }], surroundings: { link } });
    link.connect();
    await link.say('usage', { uses: [{ constraintId: 'plans-of-the-day', used: -1, asOfMs: START_MS }], countedTo: null });
    await ann.begin('call-1');
    expect(await codeOf(ann, 'call-1')).toBe('constraint-unknown');
    expect((await ann.view()).refused).toMatchObject({ 'bad-data': 1 });
  });
});
