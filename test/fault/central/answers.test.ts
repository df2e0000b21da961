/** Answers that come twice, late, as something else, or unfit to be stored, at two nodes at once. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { OutboxReceipt } from '#contract/sync.ts';
import { onPostgres } from '#test/central/engines.ts';
import { batch, item, openCentral, outcome, sha256, TestDesk } from '#test/central/fixture.ts';
import { counts } from '../counts.ts';
import { randomFrom } from '../random-from.ts';
import { report } from '../report.ts';

const DAY_MS = 86_400_000;

const resultsOf = (receipt: OutboxReceipt) => receipt.items.map(({ result, reason }) => reason ?? result);

onPostgres((engine) => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sotto-answers-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const openTwo = async (clock: 'system' | 'virtual' = 'system') => {
    const limits = { deskMessagesPerS: 100_000 };
    const first = await engine.open();
    const a = await openCentral(first, { folder, limits, clock });
    const b = await openCentral(await engine.again(first), { folder, limits, clock });
    const desks = [await TestDesk.connect(a.central, 'ann', 'dev-ann'), await TestDesk.connect(b.central, 'bob', 'dev-ann')] as const;
    return {
      db: first.db,
      desks,
      async tick(nowMs: number) {
        await a.central.tick(nowMs);
        await b.central.tick(nowMs);
      },
      async close() {
        for (const desk of desks) desk.close();
        await b.close();
        await a.close();
      },
    };
  };

  const PAIRS = counts(150, 50_000);
  test(`[X2] of ${PAIRS} ids sent with two contents to two nodes at once the first stays, byte for byte, and the other is on record`, {
    timeout: 900_000,
  }, async () => {
    const { db, desks, close } = await openTwo();
    let conflicts = 0;
    let lost = 0;
    let doubled = 0;
    const random = randomFrom(2);
    for (let done = 0; done < PAIRS; done += 10) {
      const pairs = Array.from({ length: 10 }, () => {
        const id = randomUUID();
        const base = { id, callId: 'call-x2', customerId: null };
        return [outcome({ ...base, actionId: 'change-plan' }), outcome({ ...base, actionId: 'big-credit' })] as const;
      });
      // Each node gets the two contents in an order of its own.
      const sides = desks.map(() => pairs.map((pair) => pair[random(2)] ?? pair[0]));
      await Promise.all(
        desks.map((desk, side) =>
          desk.send(
            batch(
              'dev-ann',
              (sides[side] ?? []).map((one, n) => item(done + n + 1, 'outcome', one)),
              `side-${side}`,
            ),
          ),
        ),
      );
      const rows = await db
        .selectFrom('outcomes')
        .select(['id', 'hash', 'body'])
        .where(
          'id',
          'in',
          pairs.map(([{ id }]) => id),
        )
        .execute();
      for (const [n, [{ id }]] of pairs.entries()) {
        const found = rows.filter((row) => row.id === id);
        if (found.length === 0) lost++;
        if (found.length > 1) doubled++;
        const sent = [sides[0]?.[n], sides[1]?.[n]];
        expect(sent.map((one) => item(1, 'outcome', one ?? { id }).hash)).toContain(found[0]?.hash);
        if (sent[0]?.actionId !== sent[1]?.actionId) conflicts++;
      }
    }
    const letters = await db
      .selectFrom('dead_letters')
      .select(['item_id', 'hash', 'first_hash'])
      .where('reason', '=', 'conflict')
      .execute();
    expect(letters).toHaveLength(conflicts);
    expect(letters.every(({ hash, first_hash }) => first_hash !== null && hash !== first_hash)).toBe(true);
    report('[X2] conflicts', { operations: 2 * PAIRS, faults: conflicts, lost, doubled, phantom: 0 }, { faults: PAIRS / 4 });
    await close();
  });

  const LATE = counts(150, 1_000);
  test(`[X3] ${LATE} answers that come again after thirty days are still the same answers`, { timeout: 300_000 }, async () => {
    const { db, desks, tick, close } = await openTwo('virtual');
    const nowMs = Date.now();
    await tick(nowMs);
    const answers = Array.from({ length: LATE }, () => outcome({ callId: 'call-x3', kind: 'rejected' }));
    const send = async (desk: TestDesk, epoch: string): Promise<readonly string[]> => {
      const results: string[] = [];
      for (let from = 0; from < LATE; from += 50)
        results.push(
          ...resultsOf(
            await desk.send(
              batch(
                'dev-ann',
                answers.slice(from, from + 50).map((one, n) => item(from + n + 1, 'outcome', one)),
                epoch,
              ),
            ),
          ),
        );
      return results;
    };
    expect(new Set(await send(desks[0], 'first'))).toEqual(new Set(['stored']));
    await tick(nowMs + 30 * DAY_MS);
    // By another store of the device, at another node: nothing but the id says that they are known.
    const again = await send(desks[1], 'second');
    const rows = await db.selectFrom('outcomes').select('id').where('call_id', '=', 'call-x3').execute();
    const effects = await db.selectFrom('interactions').select('id').where('call_id', '=', 'call-x3').execute();
    expect(new Set(again)).toEqual(new Set(['duplicate']));
    report(
      '[X3] replays',
      { operations: 2 * LATE, faults: again.length, lost: LATE - rows.length, doubled: effects.length - LATE, phantom: 0 },
      { faults: LATE },
    );
    await close();
  });

  const POISONED = counts(200, 1_000);
  test(`[X5] of ${POISONED} answers one in twenty can never be stored: the others arrive, and those are dead letters`, {
    timeout: 300_000,
  }, async () => {
    const { db, desks, close } = await openTwo();
    const random = randomFrom(5);
    const results: string[] = [];
    const good: string[] = [];
    let poisoned = 0;
    for (let from = 0; from < POISONED; from += 50) {
      const items = Array.from({ length: 50 }, (_, n) => {
        const seq = from + n + 1;
        const one = outcome({ callId: 'call-x5' });
        if (n % 20 !== 7) {
          good.push(one.id);
          return item(seq, 'outcome', one);
        }
        poisoned++;
        const right = item(seq, 'outcome', one);
        const kinds = [
          { ...right, hash: sha256('other') },
          { ...right, body: `${right.body} ` },
          item(seq, 'outcome', { ...one, deviceId: 'dev-bob' }),
          item(seq, 'outcome', { ...one, kind: 'dreamt' }),
          { ...right, kind: 'decision' },
        ];
        return kinds[random(kinds.length)] ?? right;
      });
      results.push(...resultsOf(await (desks[from % 2] ?? desks[0]).send(batch('dev-ann', items))));
    }
    const rows = await db.selectFrom('outcomes').select('id').where('call_id', '=', 'call-x5').execute();
    const letters = await db.selectFrom('dead_letters').select('item_id').execute();
    const stored = new Set(rows.map(({ id }) => id));
    expect(letters).toHaveLength(poisoned);
    expect(results.filter((result) => result !== 'stored')).toHaveLength(poisoned);
    report(
      '[X5] answers',
      {
        operations: POISONED,
        faults: poisoned,
        lost: good.filter((id) => !stored.has(id)).length,
        doubled: rows.length - stored.size,
        phantom: rows.length - good.length,
      },
      { faults: POISONED / 20 },
    );
    await close();
  });

  test('[X2] [X3] [X5] canary: where central forgets the ids it knows, the same answers count twice, and these suites see it', async () => {
    const { db, desks, close } = await openTwo();
    const one = outcome({ callId: 'call-canary', kind: 'rejected' });
    await desks[0].send(batch('dev-ann', [item(1, 'outcome', one)]));
    const forgetful = await db.selectFrom('interactions').select('id').where('call_id', '=', 'call-canary').execute();
    await db.deleteFrom('item_ids').where('id', '=', one.id).execute();
    await db.deleteFrom('outcomes').where('id', '=', one.id).execute();
    await db.updateTable('interactions').set({ id: randomUUID() }).where('call_id', '=', 'call-canary').execute();
    expect(resultsOf(await desks[1].send(batch('dev-ann', [item(1, 'outcome', one)])))).toEqual(['stored']);
    const effects = await db.selectFrom('interactions').select('id').where('call_id', '=', 'call-canary').execute();
    expect(effects.length - forgetful.length).toBe(1);
    await close();
  });
});
