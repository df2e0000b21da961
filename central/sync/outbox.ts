/**
 * What devices send: batches whose items are stored exactly once, each with its effects in the same transaction.
 *
 *   parse every item ─► one transaction: note the numbers (locks the device's row) ─► insert, or compare hashes ─► effects ─► dead letters
 *                                        ─► countersign the ledger's head
 *
 * An item that cannot be stored is a dead letter and holds nobody up. The receipt exists only after the commit.
 */
import { z } from 'zod';
import type { Outcome } from '#contract/outcome.ts';
import type { CountersignedHead } from '#contract/ledger.ts';
import { MAX_BATCH_ITEMS, type OutboxReceipt, StandingHead } from '#contract/sync.ts';
import { Id } from '#contract/text.ts';
import type { SigningKey } from '../access/signing-key.ts';
import type { Counters } from '../store/counters.ts';
import { sqlState, type Store, type Tx } from '../store/open-store.ts';
import { noteDevice } from '../store/positions.ts';
import { applyOutcome, type OutcomeRules } from './apply-outcome.ts';
import { noteHead } from './ledger-heads.ts';
import { type ParsedItem, parseItem } from './parse-item.ts';
import { type Stored, storeItem } from './store-item.ts';

/** Items are checked one by one, so that one that is wrong does not refuse the others. */
const Envelope = z.strictObject({
  protocol: z.literal(1),
  deviceId: Id,
  epoch: z
    .string()
    .min(1)
    .max(64)
    .regex(/^[!-~]+$/),
  items: z.array(z.unknown()).min(1).max(MAX_BATCH_ITEMS),
  head: StandingHead.optional(),
});

export type BatchResult =
  | { readonly ok: true; readonly receipt: OutboxReceipt }
  /** Nothing of it was looked at. */
  | { readonly ok: false; readonly reason: 'bad-batch' | 'foreign-device'; readonly detail: string };

interface Settings {
  readonly store: Store;
  readonly counters: Counters;
  readonly nowMs: () => number;
  readonly rules: OutcomeRules;
  /** Countersigns where the desks' ledgers stand. */
  readonly key: SigningKey;
  /** After the commit: outcomes that were new. */
  readonly stored: (deviceId: string, outcomes: readonly Outcome[]) => void;
}

type ItemReceipt = OutboxReceipt['items'][number];
interface Done {
  readonly receipts: readonly ItemReceipt[];
  readonly outcomes: readonly Outcome[];
  readonly head: CountersignedHead | null;
}
/** Whose batch it is, and where that one's ledger stands. */
interface Sender {
  readonly deviceId: string;
  readonly epoch: string;
  readonly head: StandingHead | null;
}

export class Outbox {
  readonly #settings: Settings;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  /** Takes a batch of the device the token names. Rejects only when the store fails: then it must come again. */
  async take(deviceId: string, input: unknown): Promise<BatchResult> {
    const { counters } = this.#settings;
    const parsed = Envelope.safeParse(input);
    if (!parsed.success) {
      counters.add('outbox: refused bad-batch');
      return { ok: false, reason: 'bad-batch', detail: parsed.error.issues[0]?.message ?? 'does not fit its schema' };
    }
    const { deviceId: named, epoch, items, head: said } = parsed.data;
    if (named !== deviceId) {
      counters.add('outbox: refused foreign-device');
      return { ok: false, reason: 'foreign-device', detail: 'the batch is of another device than the token' };
    }
    const checked = items.map((item) => parseItem(item, deviceId));
    const { receipts, outcomes, head } = await this.#store({ deviceId, epoch, head: said ?? null }, checked);
    for (const { result, reason } of receipts) counters.add(`outbox: ${result}${reason === undefined ? '' : ` ${reason}`}`);
    if (outcomes.length > 0) this.#settings.stored(deviceId, outcomes);
    return { ok: true, receipt: { items: [...receipts], ...(head === null ? {} : { head }) } };
  }

  async #store(sender: Sender, items: readonly ParsedItem[]): Promise<Done> {
    try {
      return await this.#settings.store.transaction((tx) => this.#storeAll(tx, sender, items));
    } catch (error) {
      if (!isPoison(error)) throw error;
      if (items.length > 1) {
        // One of them cannot be stored though it passed every check: each for itself, so that the others get through.
        const done: Done[] = [];
        for (const item of items) done.push(await this.#store(sender, [item]));
        return {
          receipts: done.flatMap(({ receipts }) => receipts),
          outcomes: done.flatMap(({ outcomes }) => outcomes),
          head: done.at(-1)?.head ?? null,
        };
      }
      const refused = items.map((item) => poisoned(item, sqlState(error) ?? ''));
      return await this.#settings.store.transaction((tx) => this.#storeAll(tx, sender, refused));
    }
  }

  async #storeAll(tx: Tx, sender: Sender, items: readonly ParsedItem[]): Promise<Done> {
    const { deviceId, epoch } = sender;
    const { nowMs, rules } = this.#settings;
    const seqs = items.map((parsed) => (parsed.ok ? parsed.item.seq : parsed.seq)).filter((seq) => seq > 0);
    if (seqs.length > 0) await noteDevice(tx, deviceId, epoch, seqs);
    const receipts = new Map<ParsedItem, ItemReceipt>();
    const outcomes: Outcome[] = [];
    // Everyone in order of ids: two batches with the same items wait for each other instead of clashing. Effects follow in the device's order.
    const stored = new Map<ParsedItem, Stored>();
    for (const parsed of items.toSorted(byId)) if (parsed.ok) stored.set(parsed, await storeItem(tx, parsed, deviceId, nowMs()));
    for (const parsed of items) {
      const what = stored.get(parsed);
      if (!parsed.ok) {
        await bury(tx, { deviceId, epoch, ...parsed, firstHash: null, atMs: nowMs() });
        receipts.set(parsed, { id: parsed.id, result: 'refused', reason: parsed.reason });
      } else if (what?.result === 'conflict') {
        const { id, seq, kind, hash } = parsed.item;
        const detail = 'the id belongs to other content, which stays';
        await bury(tx, { deviceId, epoch, id, seq, kind, hash, reason: 'conflict', detail, firstHash: what.firstHash, atMs: nowMs() });
        receipts.set(parsed, { id, result: 'refused', reason: 'conflict' });
      } else if (what?.result === 'duplicate') {
        receipts.set(parsed, { id: parsed.item.id, result: 'duplicate' });
      } else {
        if (parsed.kind === 'outcome') {
          await applyOutcome(tx, parsed.outcome, rules, nowMs());
          outcomes.push(parsed.outcome);
        }
        receipts.set(parsed, { id: parsed.item.id, result: 'stored' });
      }
    }
    return {
      receipts: items.map((item) => receipts.get(item) as ItemReceipt),
      outcomes,
      head: seqs.length > 0 ? await this.#countersign(tx, sender) : null,
    };
  }

  async #countersign(tx: Tx, { deviceId, epoch, head }: Sender): Promise<CountersignedHead | null> {
    if (head === null) return null;
    const { key, nowMs, counters } = this.#settings;
    const { last, contradicted } = await noteHead(tx, key, head, { deviceId, epoch, atMs: nowMs() });
    if (contradicted !== null) {
      counters.add('outbox: another ledger');
      const { entries: seq, hash } = head;
      const detail = 'the ledger was another one when its head here was countersigned';
      await bury(tx, {
        deviceId,
        epoch,
        id: 'head',
        seq,
        kind: 'head',
        hash,
        reason: 'conflict',
        detail,
        firstHash: contradicted,
        atMs: nowMs(),
      });
    }
    return last;
  }
}

const byId = (a: ParsedItem, b: ParsedItem): number => {
  const [x, y] = [a.ok ? a.item.id : a.id, b.ok ? b.item.id : b.id];
  return x < y ? -1 : x > y ? 1 : 0;
};

/** Classes 22 and 23: the data, not the database, is at fault. */
const isPoison = (error: unknown): boolean => /^2[23]/.test(sqlState(error) ?? '');

function poisoned(parsed: ParsedItem, state: string): ParsedItem {
  if (!parsed.ok) return parsed;
  const { id, seq, kind, hash } = parsed.item;
  return { ok: false, id, seq, kind, hash, reason: 'bad-item', detail: `cannot be stored (SQLSTATE ${state})` };
}

interface Burial {
  readonly deviceId: string;
  readonly epoch: string;
  readonly id: string;
  readonly seq: number;
  readonly kind: string;
  readonly hash: string;
  readonly reason: string;
  readonly detail: string;
  readonly firstHash: string | null;
  readonly atMs: number;
}

/** Its content stays on the device alone: here it was never fit to be stored. */
async function bury(tx: Tx, { deviceId, epoch, id, seq, kind, hash, reason, detail, firstHash, atMs }: Burial): Promise<void> {
  await tx
    .insertInto('dead_letters')
    .values({ device_id: deviceId, epoch, seq, item_id: id, kind, hash, reason, detail, first_hash: firstHash, at_ms: atMs })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}
