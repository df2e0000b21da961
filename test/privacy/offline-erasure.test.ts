/** [P2] A customer is erased while a desk is away: whatever comes first when it is back, the erasure wins, and its queued answers arrive without them. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { STORE_FILE } from '#adapters/sqlite/open-store.ts';
import { TO_DESK } from '#contract/live.ts';
import type { Outcome } from '#contract/outcome.ts';
import { KEY, Scratch } from '../conformance/sqlite-scratch.ts';
import { AGENT, CUSTOMER, DeskBench } from '../engine/desk-bench.ts';
import { MemoryLink, stored } from '../engine/memory-link.ts';
import { counts } from '../fault/counts.ts';
import { CoreShelf } from '#main/cli/core/core-shelf.ts';
import { RecordReplay } from '#main/cli/records/replay-record.ts';
import { Sources } from '#main/cli/records/sources.ts';
import { rawPages } from './raw-pages.ts';

const DEVICES = counts(24, 200);
const CALL = 'call-before';

/** What comes to the desk after the erasure, each of which names the erased customer. */
type Comes = 'orders' | 'context' | 'call' | 'profile' | 'sending';
const ORDERS: readonly (readonly Comes[])[] = [
  ['orders', 'context', 'call', 'profile', 'sending'],
  ['orders', 'sending', 'call', 'context', 'profile'],
  ['orders', 'profile', 'sending', 'context', 'call'],
  ['call', 'orders', 'context', 'sending', 'profile'],
  ['context', 'profile', 'orders', 'sending', 'call'],
];

interface Left {
  /** Answers queued while it was away. */
  readonly queued: number;
  readonly lost: number;
  /** Sent, stored or shown with the customer after the erasure was known. */
  readonly hits: number;
}

/** `name` stands in everything that is known of the customer. */
async function device(n: number, comes: readonly Comes[], isObeying = true): Promise<Left> {
  using scratch = new Scratch();
  const customerId = `canary-id-${n}`;
  const words = [customerId, `canary-name-${n}`, `canary-said-${n}`];
  const profile = { ...CUSTOMER, customerId, displayName: `canary-name-${n}` };
  const link = new MemoryLink();
  const desk = await DeskBench.open({ scratch, surroundings: { link } });
  link.connect();
  await desk.engine.context({ callId: CALL, profile, outcomes: [], complete: true });
  await desk.say(CALL, 'sotto.call.offered', { agentId: AGENT, direction: 'inbound', queue: 'billing', customerId, identity: 'verified' });
  await desk.say(CALL, 'sotto.call.connected', { agentId: AGENT });
  await desk.utter(CALL, 'customer', `It is canary-said-${n} here.`);
  link.onBatch = () => ({ ok: false, reason: 'away', words: 'away' });
  link.disconnect();
  const card = await desk.showCard(CALL);
  expect(await desk.answer(card, n % 2 === 0 ? 'accepted' : 'rejected')).toMatchObject({ saved: true });
  await desk.engine.settled();
  const ids = (desk.store.loadCall(CALL)?.outcomes ?? []).map(({ id }) => id);
  if (n % 3 === 0) await desk.say(CALL, 'sotto.call.ended', { reason: 'customer-hung-up' });

  let isKnown = false;
  let hits = 0;
  const arrived = new Set<string>();
  const look = (text: string): void => {
    if (isKnown) hits += words.filter((word) => text.includes(word)).length;
  };
  link.onBatch = (batch) => {
    for (const item of batch.items.filter(({ kind }) => kind === 'outcome')) {
      arrived.add(item.id);
      if (isKnown && (JSON.parse(item.body) as Outcome).customerId !== null) hits += 1;
    }
    look(JSON.stringify(batch));
    return stored(batch);
  };
  let seq = 0;
  const happen: Readonly<Record<Comes, () => Promise<unknown>>> = {
    orders: async () => {
      if (isObeying) {
        const said = TO_DESK.orders.parse({ atMs: desk.clock.nowMs(), orders: [{ seq: 1, kind: 'erase', customerId }] });
        expect(await link.say('orders', said)).toEqual({ seq: 1 });
      }
      isKnown = true;
    },
    context: () => desk.engine.context({ callId: CALL, profile: { ...profile, version: 7 }, outcomes: [], complete: true }),
    call: async () => {
      seq += 1;
      await desk.engine.context({ callId: 'call-after', profile: { ...profile, version: 8 }, outcomes: [], complete: true });
      await desk.say('call-after', 'sotto.call.offered', {
        agentId: AGENT,
        direction: 'inbound',
        queue: 'q',
        customerId,
        identity: 'verified',
      });
      await desk.say('call-after', 'sotto.call.connected', { agentId: AGENT });
      await desk.utter(CALL, 'customer', `Still canary-said-${n}.`);
    },
    profile: () => desk.say('call-other', 'sotto.profile.updated', { customerId, version: 9, fields: { plan: `canary-name-${n}` } }),
    // The link is there; what is queued goes in the next turn.
    sending: async () => {
      link.connect();
      await desk.advance(1_000);
    },
  };
  for (const what of comes) await happen[what]();
  await desk.engine.settled();
  await desk.advance(120_000);
  for (let tries = 0; tries < 100 && desk.store.counts().unsent > 0; tries++) {
    await desk.advance(1_000);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const { unsent } = desk.store.counts();
  look(JSON.stringify([await desk.view(), desk.store.profile(customerId), desk.store.loadCalls(), [...desk.store.exportLedger().lines]]));
  const brokenAt = desk.store.verifyLedger().brokenAt;
  await desk[Symbol.asyncDispose]();
  // Closed, so that the log is in the database.
  look(rawPages(join(scratch.folder, STORE_FILE), KEY).toString('latin1'));
  return { queued: ids.length, lost: ids.filter((id) => !arrived.has(id)).length + unsent, hits: hits + (brokenAt === null ? 0 : 1) };
}

test(`[P2] ${DEVICES} desks that were away: the erasure wins, and every queued answer arrives without the person`, {
  timeout: 900_000,
}, async () => {
  const left: Left[] = [];
  for (let n = 0; n < DEVICES; n++) left.push(await device(n, ORDERS[n % ORDERS.length] ?? []));
  const sum = (of: (one: Left) => number): number => left.reduce((all, one) => all + of(one), 0);
  console.log(
    `[P2]: ${sum(({ queued }) => queued)} operations, ${DEVICES} erasures missed, ${sum(({ lost }) => lost)} lost, ${sum(({ hits }) => hits)} hits`,
  );
  expect(sum(({ queued }) => queued)).toBeGreaterThanOrEqual(2 * DEVICES);
  expect({ lost: sum(({ lost }) => lost), hits: sum(({ hits }) => hits) }).toEqual({ lost: 0, hits: 0 });
});

test('[P2] canary: a desk that does not obey is seen, in every order of things', async () => {
  for (const [n, comes] of ORDERS.entries()) expect((await device(n, comes, false)).hits, comes.join()).toBeGreaterThan(0);
});

test('asked about an erased decision, desk and replay say no in words; what is on the screen of the customer is gone at once', async () => {
  using scratch = new Scratch();
  const link = new MemoryLink();
  const desk = await DeskBench.open({ scratch, surroundings: { link } });
  link.connect();
  await desk.begin('call-of-another', null);
  await desk.begin(CALL);
  const { decisionId, actionId } = await desk.showCard(CALL);
  const record = desk.store.decisionRecord(decisionId) ?? expect.fail('no record');
  const before = await desk.view();
  expect([before.call?.callId, before.cards.length > 0]).toEqual([CALL, true]);
  const order = { seq: 1, kind: 'erase' as const, customerId: CUSTOMER.customerId };
  await link.say('orders', { atMs: desk.clock.nowMs(), orders: [order] });
  const after = await desk.view();
  expect(JSON.stringify(after)).not.toContain(CUSTOMER.displayName.split(' ')[0] ?? '');
  expect([after.call?.callId, after.cards.filter((card) => card.decisionId === decisionId)]).toEqual(['call-of-another', []]);
  const about = { callId: CALL, decisionId, actionId };
  await expect(desk.engine.request('explain:verdict', about)).rejects.toThrow(/erased with the data of the customer/);
  await expect(desk.engine.request('explain:what-if', about)).rejects.toThrow(/erased with the data of the customer/);
  await expect(desk.answer({ decisionId, actionId })).resolves.toMatchObject({ saved: false });
  const { store } = desk;
  const replay = new RecordReplay({
    cores: new CoreShelf([]),
    sources: new Sources({ policies: [], models: [], modelFolder: null, shelves: [], cores: [] }),
    presentCore: 'c'.repeat(64),
    checkModels: false,
    stored: (id) => store.decisionRecord(id),
    isErased: (id) => store.isErased({ decisionId: id }),
  });
  expect(await replay.replay(record, null)).toMatchObject({ same: false, part: 'erased', id: decisionId });
  await desk[Symbol.asyncDispose]();
});
