/** Learning, on a real central and desks on real sockets: what is answered moves propensities within a day, and every record can be decided again. */
import { afterEach, expect, test } from 'vitest';
import { learntOverview } from '#central/learning/learnt-models.ts';
import { OutcomeLearner } from '#central/learning/outcome-learner.ts';
import type { Store } from '#central/store/open-store.ts';
import { SteppedClock } from '#adapters/system/stepped-clock.ts';
import { sha256 } from '#adapters/system/system-randomness.ts';
import { DecisionRecord } from '#contract/decision-record.ts';
import { IPC } from '#contract/ipc.ts';
import { LEARNT_PATH, LearntBundle, LearntOverview, type RewardKind } from '#contract/learning.ts';
import type { PolicyFile } from '#contract/policy.ts';
import { canonicalJson, compileModels, compileRevision, Decider, type NamedManifest, readCanonical } from '#core';
import { seededRandom } from '#learning';
import { checkRevision, revisionHash } from '#policy';
import { deskTokens } from '../central/device.ts';
import { type Engine, onPostgres } from '../central/engines.ts';
import { CUSTOMER, openCentral, type Opened, Producer, until } from '../central/fixture.ts';
import { smallPolicy } from '../central/small-policy.ts';
import { Scratch } from '../conformance/sqlite-scratch.ts';
import { START_MS } from './desk-bench.ts';
import { LiveDesk, newCallId } from './live-desk.ts';

const MINUTE_MS = 60_000;
const PUBLISH_MS = 10 * MINUTE_MS;
const LIKED = 'change-plan';
const UNLIKED = 'explain-bill';
const SECOND = 'cust-2';

const policy = (adaptive = '{ reward: agent, equalAt: 5 }'): readonly PolicyFile[] =>
  smallPolicy(2).map((file) => (file.path === 'revision.yaml' ? { ...file, text: `${file.text}adaptive: ${adaptive}\n` } : file));

const revisionOf = (files: readonly PolicyFile[]) => {
  const checked = checkRevision(files, { hash: revisionHash(files, (text) => sha256(new TextEncoder().encode(text))) });
  if (!checked.ok) throw new Error(JSON.stringify(checked.faults));
  return checked.revision;
};
const REVISION = revisionOf(policy());
const COMPILED = compileRevision(REVISION);

const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const each of open.splice(0).toReversed()) await each[Symbol.asyncDispose]();
});

/** P of an action that was shown, as its record has it. */
function shownP(record: DecisionRecord, actionId: string): number {
  const bytes = Buffer.from(record.scores.best.pcp, 'base64');
  const place = record.scores.best.actions.indexOf(COMPILED.actionIndex.get(actionId) ?? -1);
  if (place < 0) throw new Error(`${actionId} is not among the best of ${record.id}`);
  return bytes.readDoubleLE(place * 24);
}

class Floor {
  readonly opened: Opened;
  nowMs = START_MS;

  private constructor(opened: Opened) {
    this.opened = opened;
  }

  /** `keys`: a folder with the keys that several nodes share. */
  static async open(store: Store | null, keys?: string): Promise<Floor> {
    const folder = keys === undefined ? {} : { folder: keys };
    const opened = await openCentral(store, { clock: 'virtual', live: { pollMs: 100 }, learning: { publishMs: PUBLISH_MS }, ...folder });
    open.push({ [Symbol.asyncDispose]: () => opened.close() });
    const floor = new Floor(opened);
    await opened.central.tick(floor.nowMs);
    await opened.central.loadOrganisation({
      agents: ['ann', 'bob', 'cy'].map((id) => ({ id, name: id, level: 'standard', language: 'en' })),
      customers: [CUSTOMER, { ...CUSTOMER, customerId: SECOND }],
      policyFiles: policy(),
      models: [],
    });
    return floor;
  }

  async desk(agentId: string, scratch?: Scratch): Promise<LiveDesk> {
    const { central } = this.opened;
    const tokens = await deskTokens(central, agentId, `dev-${agentId}`);
    const clock = new SteppedClock(this.nowMs);
    const more = { trusted: central.trusted, ...(scratch === undefined ? {} : { scratch }) };
    const desk = await LiveDesk.open({ url: central.url, tokens, agentId, clock, ...more });
    open.push(desk);
    await desk.ready();
    await until('the policy', async () => (await desk.view()).session.policy === 'Small v2');
    return desk;
  }

  async tick(ms: number): Promise<void> {
    this.nowMs += ms;
    await this.opened.central.tick(this.nowMs);
  }

  /** Until a desk has the base that was published last. */
  async synced(desk: LiveDesk): Promise<string> {
    const last = (await this.overview()).bases.find(({ reward }) => reward === 'agent')?.hash ?? '';
    await until('the last base at the desk', () => desk.store.lastLearnt()?.bundle.hash === last);
    await desk.engine.settled();
    return last;
  }

  /** A call that is connected and in front; returns its cards. */
  async call(desk: LiveDesk, agentId: string, customerId = CUSTOMER.customerId): Promise<Cards> {
    const call = new Producer(newCallId());
    const time = new Date(this.nowMs).toISOString();
    const offered = { agentId, direction: 'inbound', queue: 'billing', identity: 'verified', customerId };
    for (const event of [call.event('sotto.call.offered', offered, { time }), call.event('sotto.call.connected', { agentId }, { time })])
      expect(await this.opened.central.intake(event)).toMatchObject({ result: 'accepted' });
    await until(`the call at ${agentId}`, async () => {
      await desk.engine.request('call:front', { callId: call.callId });
      return (await desk.view()).call?.callId === call.callId;
    });
    return desk.cards(call.callId);
  }

  /** A call on which one action is accepted and the other rejected; a minute passes. Returns the decision that brought the cards. */
  async answeredCall(desk: LiveDesk, agentId: string, customerId?: string): Promise<string> {
    const cards = await this.call(desk, agentId, customerId);
    await answer(desk, cards, LIKED, 'accepted');
    await answer(desk, cards, UNLIKED, 'rejected');
    await desk.drained();
    await this.tick(MINUTE_MS);
    return cards[0]?.decisionId ?? '';
  }

  async overview(): Promise<LearntOverview> {
    return LearntOverview.parse(await learntOverview(this.opened.central.store.db));
  }

  async bundle(hash: string): Promise<LearntBundle> {
    return LearntBundle.parse(await this.#get(`${LEARNT_PATH}/${hash}`));
  }

  /** Every record central has is decided again from what central serves, byte for byte. */
  async replay(): Promise<{ readonly records: number; readonly learnt: number; readonly own: number }> {
    const rows = await this.opened.central.store.db.selectFrom('decisions').select('body').execute();
    const decider = new Decider(COMPILED, { hash: 'c'.repeat(64), sha256, text: (bytes) => new TextDecoder().decode(bytes) });
    let learnt = 0;
    let own = 0;
    for (const { body } of rows) {
      const record = DecisionRecord.parse(readCanonical(body));
      const named: NamedManifest[] = [];
      for (const hash of record.models) {
        const { manifest } = await this.bundle(hash);
        expect(sha256(new TextEncoder().encode(canonicalJson(manifest)))).toBe(hash);
        named.push({ hash, manifest });
      }
      expect(decider.decideAgain(record, compileModels(COMPILED, named)).recordJson).toBe(body);
      learnt += record.models.length > 0 ? 1 : 0;
      own += record.learnt === undefined ? 0 : 1;
    }
    return { records: rows.length, learnt, own };
  }

  async #get(path: string): Promise<unknown> {
    const { token } = await deskTokens(this.opened.central, 'ann', 'dev-reader');
    const response = await fetch(this.opened.central.url + path, { headers: { authorization: `Bearer ${token}` } });
    if (!response.ok) throw new Error(`${path}: ${response.status}`);
    return response.json();
  }
}

type Cards = Awaited<ReturnType<LiveDesk['cards']>>;

async function answer(desk: LiveDesk, cards: Cards, actionId: string, kind: 'accepted' | 'rejected'): Promise<void> {
  const card = cards.find((one) => one.actionId === actionId);
  if (card === undefined) throw new Error(`${actionId} is not on the screen: ${cards.map((one) => one.actionId).join()}`);
  expect(await desk.answer(card, { kind })).toMatchObject({ saved: true });
  await desk.engine.settled();
}

const recordOf = (desk: LiveDesk, decisionId: string): DecisionRecord =>
  DecisionRecord.parse(readCanonical(desk.store.decisionRecord(decisionId) ?? ''));

const bytesOf = async (store: Store, learner: OutcomeLearner, asOfMs: number): Promise<Readonly<Record<RewardKind, string>>> => {
  const models = await learner.learn(store.db, asOfMs);
  return Object.fromEntries([...models].map(([kind, model]) => [kind, canonicalJson(model.state())])) as Record<RewardKind, string>;
};

const learnerOf = (): OutcomeLearner =>
  new OutcomeLearner({
    adaptive: { features: [], windowMs: 72 * 3_600_000 },
    fromMs: 0,
    revision: async (hash) => (hash === REVISION.hash ? REVISION : null),
  });

const manifestCount = async (store: Store): Promise<number> => (await store.db.selectFrom('learnt_models').select('hash').execute()).length;

async function copyLog(
  from: Store,
  to: Store,
  order: 'shuffled' | 'reversed',
  pieces: number,
  learn: () => Promise<unknown>,
): Promise<void> {
  const decisions = await from.db.selectFrom('decisions').selectAll().execute();
  const outcomes = await from.db.selectFrom('outcomes').selectAll().execute();
  const random = seededRandom(7);
  const mixed = outcomes
    .map((row) => ({ row, key: order === 'shuffled' ? random() : -row.pos }))
    .toSorted((a, b) => a.key - b.key)
    .map(({ row }) => row);
  const size = Math.ceil(mixed.length / pieces);
  for (let piece = 0; piece < pieces; piece++) {
    for (const { tx: _tx, pos: _pos, taken_action: _taken, body, ...row } of mixed.slice(piece * size, (piece + 1) * size))
      await to.db
        .insertInto('outcomes')
        .values({ ...row, body: JSON.stringify(body) })
        .execute();
    // Records come late: what was answered to them waits for them.
    if (piece === 1) for (const { tx: _tx, pos: _pos, ...row } of decisions) await to.db.insertInto('decisions').values(row).execute();
    await learn();
  }
}

/** A morning: seven calls at ann's desk, then a base. The last customer is another one. */
async function morning(engine: Engine): Promise<{ readonly floor: Floor; readonly ann: LiveDesk; readonly first: string }> {
  const floor = await Floor.open(await engine.open());
  const ann = await floor.desk('ann');
  const first = await floor.answeredCall(ann, 'ann');
  for (let i = 0; i < 6; i++) await floor.answeredCall(ann, 'ann', i === 5 ? SECOND : undefined);
  await floor.tick(PUBLISH_MS);
  await floor.synced(ann);
  return { floor, ann, first };
}

onPostgres((engine) => {
  test('what agents answer moves the propensities of every desk within a day; records name what scored them, and replay', async () => {
    const { floor, ann, first } = await morning(engine);
    const before = recordOf(ann, first);
    expect(before.models).toEqual([]);
    const bob = await floor.desk('bob');
    for (const [desk, agentId] of [
      [ann, 'ann'],
      [bob, 'bob'],
    ] as const) {
      const base = await floor.synced(desk);
      const cards = await floor.call(desk, agentId);
      const after = recordOf(desk, cards[0]?.decisionId ?? '');
      expect(after.models).toEqual([base]);
      expect(after.learnt).toBeUndefined();
      expect(after.rung).toBe('model');
      expect(shownP(after, LIKED)).toBeGreaterThan(shownP(before, LIKED) + 0.01);
      await desk.drained();
    }
    const agent = (await floor.overview()).bases.find(({ reward }) => reward === 'agent');
    expect(agent?.actions.find(({ id }) => id === LIKED)).toMatchObject({ evidence: 7, positives: 7 });
    expect(agent?.actions.find(({ id }) => id === UNLIKED)).toMatchObject({ evidence: 7, positives: 0 });
    const { records, learnt } = await floor.replay();
    expect(records).toBeGreaterThan(8);
    expect(learnt).toBeGreaterThan(1);
    for (const { logs } of [ann, bob]) expect(logs).toEqual([]);
  });

  test('a desk adds its own answers to the base, not during a call, also across a restart; the base that has them takes their place', async () => {
    const scratch = new Scratch();
    const { floor } = await morning(engine);
    let cy = await floor.desk('cy', scratch);
    const base = await floor.synced(cy);
    const started = await floor.call(cy, 'cy');
    await answer(cy, started, LIKED, 'rejected');
    // The same call: as it began.
    const later = recordOf(cy, lastDecisionOf(cy, started[0]?.decisionId ?? ''));
    expect([later.models, later.learnt]).toEqual([[base], undefined]);
    const next = await floor.call(cy, 'cy');
    const withOwn = recordOf(cy, next[0]?.decisionId ?? '');
    expect(withOwn.models).toEqual([base]);
    expect(withOwn.learnt?.own).toEqual([[COMPILED.actionIndex.get(LIKED), 1, 0]]);
    expect(shownP(withOwn, LIKED)).toBeLessThan(shownP(recordOf(cy, started[0]?.decisionId ?? ''), LIKED));
    const told = await contributions(cy, next[0]?.decisionId ?? '', LIKED);
    expect(told).toMatchObject({ exact: true, parts: [{ label: 'Answers so far', value: 8 }] });

    // The process ends; the call goes on under what it began with, whatever was answered meanwhile.
    await answer(cy, next, LIKED, 'accepted');
    await cy.drained();
    open.splice(open.indexOf(cy), 1);
    await cy.stop();
    cy = await floor.desk('cy', scratch);
    const { callId } = withOwn;
    await cy.engine.request('call:front', { callId });
    await answer(cy, await cy.cards(callId), 'big-credit', 'rejected');
    const resumed = recordOf(cy, lastDecisionOf(cy, withOwn.id));
    expect(resumed.id).not.toBe(withOwn.id);
    expect(resumed.learnt).toEqual(withOwn.learnt);
    await cy.drained();

    await floor.tick(PUBLISH_MS);
    const newer = await floor.synced(cy);
    expect(newer).not.toBe(base);
    const covered = await floor.call(cy, 'cy');
    const after = recordOf(cy, covered[0]?.decisionId ?? '');
    expect([after.models, after.learnt]).toEqual([[newer], undefined]);
    await cy.drained();
    expect((await floor.replay()).own).toBeGreaterThan(1);
    expect(cy.logs).toEqual([]);
    open.splice(open.indexOf(cy), 1);
    await cy.stop();
    scratch[Symbol.dispose]();
  });

  test('central comes to the same bytes for any order of arrival and any pieces, also begun anew; who is erased is not in it', async () => {
    const { floor } = await morning(engine);
    const { central } = floor.opened;
    const { store } = central;
    const asOfMs = floor.nowMs;
    const once = await bytesOf(store, learnerOf(), asOfMs);
    const last = (await floor.overview()).bases.find(({ reward }) => reward === 'agent');
    expect((await floor.bundle(last?.hash ?? '')).manifest.state).toBe(sha256(new TextEncoder().encode(once.agent)));
    for (const order of ['shuffled', 'reversed'] as const) {
      const copy = await engine.open();
      const learner = learnerOf();
      await copyLog(store, copy, order, 4, () => learner.learn(copy.db, asOfMs));
      expect(await bytesOf(copy, learner, asOfMs)).toEqual(once);
      await copy.close();
    }
    // Nothing in it is anybody's: no id of a call, a customer, an agent or a device.
    for (const word of ['cust-', 'call-', '"ann"', 'dev-']) expect(once.agent).not.toContain(word);
    expect(await central.erase(SECOND)).toMatchObject({ ok: true });
    const without = await bytesOf(store, learnerOf(), asOfMs);
    expect(JSON.parse(without.agent).responses).toBe(JSON.parse(once.agent).responses - 2);
    await floor.tick(PUBLISH_MS);
    const now = (await floor.overview()).bases.find(({ reward }) => reward === 'agent');
    expect(now?.hash).not.toBe(last?.hash);
    expect(now?.responses).toBe(JSON.parse(without.agent).responses);
  });

  test('of two nodes that learn at the same time one publishes, and the desks of both are told', async () => {
    const store = await engine.open();
    using keys = new Scratch();
    const floor = await Floor.open(store, keys.folder);
    const other = await Floor.open(await engine.again(store), keys.folder);
    const ann = await floor.desk('ann');
    const bob = await other.desk('bob');
    for (let i = 0; i < 3; i++) await floor.answeredCall(ann, 'ann');
    const before = await manifestCount(store);
    await Promise.all([floor.tick(PUBLISH_MS), other.tick(PUBLISH_MS + 3 * MINUTE_MS)]);
    expect(await manifestCount(store)).toBe(before + 1);
    expect(await floor.synced(bob)).toBe(await floor.synced(ann));
  });
});

function lastDecisionOf(desk: LiveDesk, decisionId: string): string {
  const { callId } = recordOf(desk, decisionId);
  return desk.store.loadCall(callId)?.lastDecision?.decisionId ?? '';
}

async function contributions(desk: LiveDesk, decisionId: string, actionId: string): Promise<unknown> {
  const { callId } = recordOf(desk, decisionId);
  const asked = await desk.engine.request('explain:verdict', { callId, decisionId, actionId });
  return IPC['explain:verdict'].response.parse(asked).verdict?.contributions;
}
