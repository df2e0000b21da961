import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Outcome } from '#contract/outcome.ts';
import type { OutboxItem, OutboxReceipt } from '#contract/sync.ts';
import { OUTBOX_PATH } from '#contract/sync.ts';
import { counts } from '../fault/counts.ts';
import { onEachEngine, onPostgres } from './engines.ts';
import { agentToken, deviceToken } from './device.ts';
import { batch, decision, item, type Opened, openCentral, outcome, producerToken, sha256, TestDesk } from './fixture.ts';

const results = ({ items }: OutboxReceipt) => items.map(({ result, reason }) => (reason === undefined ? result : `${result} ${reason}`));

const raw = (seq: number, body: string): OutboxItem => ({ seq, kind: 'outcome', id: randomUUID(), hash: sha256(body), body });

onEachEngine((engine) => {
  let opened: Opened;
  let bearer: string;
  let device: string;
  beforeAll(async () => {
    opened = await openCentral(await engine.open());
    bearer = await agentToken(opened.central, 'ann', 'dev-ann');
    device = await deviceToken(opened.central, 'dev-ann');
  });
  afterAll(() => opened.close());

  const post = (body: unknown, headers: Record<string, string> = {}) =>
    fetch(opened.central.url + OUTBOX_PATH, {
      method: 'POST',
      headers: { authorization: `Bearer ${device}`, 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  const send = async (items: readonly unknown[], epoch: string = randomUUID()) =>
    (await (await post(batch('dev-ann', items, epoch))).json()) as OutboxReceipt;
  const feed = async (query: string) =>
    (await (await fetch(`${opened.central.url}/api/outcomes?${query}`, { headers: { authorization: `Bearer ${bearer}` } })).json()) as {
      outcomes: Outcome[];
      next: string | null;
    };
  const table = (name: 'decisions' | 'outcomes' | 'decision_repeats', id: string) =>
    opened.central.store.db.selectFrom(name).select(['id', 'hash']).where('id', '=', id).execute();

  test('lists of texts arrive as they were sent, whatever is in them', async () => {
    const texts = ['', 'plain', '"quoted", {braced} \\ back', 'NULL', null, 'žlutý 漢字 🐎', 'x'.repeat(100_000)];
    for (const list of [texts, [], [null, null]]) {
      const { rows } = await sql<{ list: unknown }>`select ${list}::text[] as list`.execute(opened.central.store.db);
      expect(rows).toEqual([{ list }]);
    }
  });

  test('a decision, its repeat and its outcome are stored, by socket and by HTTP, and come again as duplicates', async () => {
    const told: string[] = [];
    const stop = opened.central.onOutcome(({ id }) => told.push(id));
    const made = decision('call-1');
    const seen = outcome({ callId: 'call-1', decisionId: made.id });
    const items = [
      item(1, 'decision', made),
      item(2, 'repeat', { v: 1, id: randomUUID(), of: made.id, callId: 'call-1', clock: 2, atMs: Date.now(), trigger: 'time' }),
      item(3, 'outcome', seen),
    ];
    const desk = await TestDesk.connect(opened.central, 'ann');
    expect(results(await desk.send(batch('dev-ann', items, 'socket')))).toEqual(['stored', 'stored', 'stored']);
    expect(results(await send(items, 'socket'))).toEqual(['duplicate', 'duplicate', 'duplicate']);
    desk.close();
    stop();
    expect(told).toEqual([seen.id]);
    // Byte for byte what was sent.
    const row = await opened.central.store.db.selectFrom('decisions').select('body').where('id', '=', made.id).executeTakeFirstOrThrow();
    expect(row.body).toBe(items[0]?.body);
  });

  test('[X1] concurrent copies of overlapping batches store every outcome once', async () => {
    const outcomes = Array.from({ length: 60 }, (_, i) => outcome({ callId: 'call-2', clock: i }));
    const items = outcomes.map((each, i) => item(i + 1, 'outcome', each));
    const cut = (from: number, to: number) => send(items.slice(from, to), 'e-x1');
    const receipts = await Promise.all([cut(0, 50), cut(10, 60), cut(0, 50), cut(30, 60), cut(0, 1), cut(10, 60)]);
    const stored = receipts.flatMap(({ items: each }) => each).filter(({ result }) => result === 'stored');
    expect(new Set(stored.map(({ id }) => id)).size).toBe(60);
    expect(stored).toHaveLength(60);
    const rows = await opened.central.store.db.selectFrom('outcomes').select('id').where('call_id', '=', 'call-2').execute();
    expect(rows).toHaveLength(60);
    const interactions = await opened.central.store.db.selectFrom('interactions').select('id').where('call_id', '=', 'call-2').execute();
    expect(interactions).toHaveLength(60);
  });

  test('[X2] the same id with other content is refused, the first stays as it was, and the attempt is on record', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 1e9 }), fc.integer({ min: 1, max: 1e9 }), async (a, b) => {
        const first = outcome({ callId: 'call-3', clock: a });
        const other = { ...first, clock: a === b ? b + 1 : b };
        const sent = await Promise.all([send([item(1, 'outcome', first)]), send([item(1, 'outcome', other)])]);
        expect(sent.flatMap(results).toSorted((a, b) => a.localeCompare(b))).toEqual(['refused conflict', 'stored']);
        const winner = results(sent[0])[0] === 'stored' ? first : other;
        expect(await table('outcomes', first.id)).toEqual([{ id: first.id, hash: item(1, 'outcome', winner).hash }]);
        const audit = await opened.central.store.db.selectFrom('dead_letters').selectAll().where('item_id', '=', first.id).execute();
        expect(audit).toMatchObject([{ reason: 'conflict', first_hash: item(1, 'outcome', winner).hash }]);
      }),
      { numRuns: 30 },
    );
  });

  test('[X5] items that cannot be stored are dead letters; the others of the batch are stored', async () => {
    const good = Array.from({ length: 10 }, (_, i) => outcome({ callId: 'call-5', clock: i }));
    const twice = outcome({ callId: 'call-5', clock: 99 });
    const hostile: readonly (readonly [string, unknown])[] = [
      ['refused bad-item', null],
      ['refused bad-item', {}],
      ['refused bad-item', { ...item(11, 'outcome', outcome({ callId: 'x' })), extra: 1 }],
      ['refused bad-item', raw(12, '{"not an":"outcome"}')],
      ['refused bad-item', raw(13, 'not json')],
      ['refused bad-item', raw(14, '{"a":'.repeat(500) + '1' + '}'.repeat(500))],
      ['refused bad-item', item(15, 'outcome', { ...outcome({ callId: 'call-5' }), note: 'nul \u0000' })],
      ['refused bad-item', raw(16, JSON.stringify({ ...outcome({ callId: 'call-5' }), note: 'half \ud800' }))],
      ['refused bad-item', item(17, 'outcome', { ...outcome({ callId: 'call-5' }), mood: 'odd' })],
      ['refused bad-item', { ...item(18, 'outcome', outcome({ callId: 'call-5' })), id: randomUUID() }],
      ['refused bad-item', { ...item(19, 'outcome', outcome({ callId: 'call-5' })), kind: 'approval' }],
      ['refused hash-mismatch', { ...item(20, 'outcome', outcome({ callId: 'call-5' })), hash: sha256('other') }],
      ['refused foreign-device', item(21, 'outcome', outcome({ callId: 'call-5', deviceId: 'dev-bob' }))],
      ['refused foreign-device', item(22, 'decision', decision('call-5', { deviceId: 'dev-bob' }))],
      ['refused too-large', { ...item(23, 'outcome', outcome({ callId: 'call-5' })), body: 'x'.repeat(1_000_001) }],
      // A key that is there twice says two things.
      ['refused bad-item', raw(26, item(26, 'outcome', outcome({ callId: 'call-5' })).body.replace('{', '{"actionId":"another",'))],
      ['stored', item(24, 'outcome', twice)],
      ['duplicate', item(24, 'outcome', twice)],
      ['refused conflict', item(25, 'outcome', { ...twice, clock: 100 })],
    ];
    const epoch = randomUUID();
    const receipt = await send([...good.map((each, i) => item(i + 1, 'outcome', each)), ...hostile.map(([, each]) => each)], epoch);
    expect(results(receipt)).toEqual([...good.map(() => 'stored'), ...hostile.map(([result]) => result)]);
    const dead = await opened.central.store.db.selectFrom('dead_letters').select('reason').where('epoch', '=', epoch).execute();
    expect(dead.length).toBeGreaterThanOrEqual(hostile.length - 3);
    expect((await opened.central.store.db.selectFrom('outcomes').select('id').where('call_id', '=', 'call-5').execute()).length).toBe(11);
  });

  test('a batch is refused as a whole only for who sends it, its size and its form', async () => {
    const items = [item(1, 'outcome', outcome({ callId: 'call-6' }))];
    expect((await post(batch('dev-bob', items))).status).toBe(403);
    expect((await post(batch('dev-ann', []))).status).toBe(400);
    expect(
      (
        await post(
          batch(
            'dev-ann',
            Array.from({ length: 51 }, () => items[0]),
          ),
        )
      ).status,
    ).toBe(400);
    expect((await post({ ...batch('dev-ann', items), protocol: 2 })).status).toBe(400);
    expect((await post({ ...batch('dev-ann', items), unknown: 1 })).status).toBe(400);
    expect((await post('{')).status).toBe(400);
    expect((await post('[]', { 'content-encoding': 'gzip' })).status).toBe(415);
    expect((await post(`"${'x'.repeat(5_000_000)}"`)).status).toBe(413);
    expect((await post(batch('dev-ann', items), { authorization: `Bearer ${await producerToken(opened.central)}` })).status).toBe(403);
    expect(await table('outcomes', items[0]?.id ?? '')).toEqual([]);
    expect((await post(batch('dev-ann', items))).status).toBe(200);
  });

  test('an item of a megabyte goes by HTTP', async () => {
    const made = decision('call-7', { inputs: { padding: '"'.repeat(490_000) } });
    expect(results(await send([item(1, 'decision', made)]))).toEqual(['stored']);
  });

  test('[X4] the numbers a device sent are on record, so that a hole is seen', async () => {
    await send(
      [1, 2, 4, 5, 9].map((seq) => item(seq, 'outcome', outcome({ callId: 'call-8' }))),
      'e-holes',
    );
    const rows = await opened.central.store.db.selectFrom('device_positions').select('seen').where('epoch', '=', 'e-holes').execute();
    expect(rows).toMatchObject([{ seen: '{[1,3),[4,6),[9,10)}' }]);
  });

  test('outcomes are read page by page, each once, in the order they were committed', async () => {
    const total = (await opened.central.store.db.selectFrom('outcomes').select('id').execute()).length;
    const seen: string[] = [];
    let next = '';
    for (let page = 0; page < 100; page++) {
      const { outcomes, next: after } = await feed(`limit=37${next === '' ? '' : `&after=${next}`}`);
      seen.push(...outcomes.map(({ id }) => id));
      if (outcomes.length === 0) break;
      next = after ?? '';
    }
    expect(total).toBeGreaterThan(70);
    expect(seen).toHaveLength(total);
    expect(new Set(seen).size).toBe(total);
    expect(await feed('after=nonsense')).toMatchObject({ error: 'bad-query' });
    expect(await feed('limit=100000')).toMatchObject({ error: 'bad-query' });
  });

  test('an answer taken back no longer counts to contact limits, and a note is redacted', async () => {
    const accepted = outcome({ callId: 'call-9', kind: 'accepted', actionId: 'explain-bill' });
    const undo = outcome({ callId: 'call-9', kind: 'retracted', retracts: accepted.id });
    const foreign = outcome({ callId: 'call-other', kind: 'retracted', retracts: accepted.id });
    const noted = outcome({ callId: 'call-9', kind: 'rejected', note: 'card 4111 1111 1111 1111' });
    const { db } = opened.central.store;
    const standing = async () => (await db.selectFrom('interactions').select('retracted').where('id', '=', accepted.id).execute())[0];
    await send([item(1, 'outcome', accepted), item(2, 'outcome', foreign), item(3, 'outcome', noted)]);
    expect(await standing()).toEqual({ retracted: false });
    await send([item(4, 'outcome', undo)]);
    expect(await standing()).toEqual({ retracted: true });
    const row = await db.selectFrom('outcomes').select('body').where('id', '=', noted.id).executeTakeFirstOrThrow();
    expect(row.body.note).toBe('card [card]');
  });
});

/** Of each of six writers. */
const ROWS_EACH = counts(60, 16_700);

onPostgres((engine) => {
  test('[X6] a reader of outcomes skips none while writers commit out of order; by position alone it would', {
    timeout: 600_000,
  }, async () => {
    const store = await engine.open();
    const opened = await openCentral(store);
    const bearer = await producerToken(opened.central);
    const seen = new Set<string>();
    let delivered = 0;
    const naive = new Set<string>();
    let isWriting = true;
    const insert = async (writer: number) => {
      for (let i = 0; i < ROWS_EACH; i++)
        await store.transaction(async (tx) => {
          const each = outcome({ callId: `call-w${writer}` });
          await tx
            .insertInto('outcomes')
            .values({
              id: each.id,
              hash: '',
              kind: each.kind,
              decision_id: '',
              call_id: each.callId,
              customer_id: null,
              agent_id: '',
              device_id: '',
              action_id: '',
              at_ms: 0,
              clock: 0,
              retracts: null,
              body: JSON.stringify(each),
              received_at_ms: 0,
            })
            .execute();
          await new Promise((resolve) => setTimeout(resolve, Math.random() * 8));
        });
    };
    const read = async () => {
      let after = '';
      for (let idle = 0; idle < 2; ) {
        const wasWriting = isWriting;
        const page = (await (
          await fetch(`${opened.central.url}/api/outcomes?limit=50${after}`, { headers: { authorization: `Bearer ${bearer}` } })
        ).json()) as { outcomes: Outcome[]; next: string | null };
        for (const { id } of page.outcomes) seen.add(id);
        delivered += page.outcomes.length;
        if (page.next !== null) after = `&after=${page.next}`;
        if (!wasWriting && page.outcomes.length === 0) idle++;
      }
    };
    // The canary: what the obvious reader does.
    const readNaively = async () => {
      let last = 0;
      for (let idle = 0; idle < 2; ) {
        const wasWriting = isWriting;
        const rows = await store.db.selectFrom('outcomes').select(['id', 'pos']).where('pos', '>', last).orderBy('pos').limit(50).execute();
        for (const { id, pos } of rows) {
          naive.add(id);
          last = pos;
        }
        if (!wasWriting && rows.length === 0) idle++;
      }
    };
    const reading = Promise.all([read(), readNaively()]);
    await Promise.all([1, 2, 3, 4, 5, 6].map(insert));
    isWriting = false;
    await reading;
    expect(seen.size).toBe(6 * ROWS_EACH);
    expect(delivered).toBe(6 * ROWS_EACH);
    expect(naive.size).toBeLessThan(6 * ROWS_EACH);
    await opened.close();
  });
});
