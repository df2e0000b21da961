/**
 * What devices send: batches whose items are stored exactly once, each with its effects in the same transaction.
 *
 *   envelope ─► admission (so many at once; the others wait, or are told when to come again) ─► parse every item ─► one transaction
 *   for the group (store-batches.ts) ─► receipts
 *
 * An item that cannot be stored is a dead letter and holds nobody up. The receipt exists only after the commit.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { z } from 'zod';
import type { DecisionRecord } from '#contract/decision-record.ts';
import type { CentralHead } from '#contract/central-head.ts';
import type { Outcome } from '#contract/outcome.ts';
import { MAX_BATCH_BYTES, MAX_BATCH_ITEMS, type OutboxReceipt, StandingHead } from '#contract/sync.ts';
import { Id } from '#contract/text.ts';
import { isPoison, sqlState, type Store } from '../store/open-store.ts';
import { Admission, type AdmissionSettings } from '../store/admission.ts';
import { type ParsedItem, parseItem } from './parse-item.ts';
import { type CheckedBatch, type Done, storeBatches, type StoringRules } from './store-batches.ts';

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
type Envelope = z.output<typeof Envelope>;

export type BatchResult =
  | { readonly ok: true; readonly receipt: OutboxReceipt }
  /** Nothing of it was looked at. `busy`: it may come again after that long. */
  | { readonly ok: false; readonly reason: 'bad-batch' | 'foreign-device'; readonly detail: string }
  | { readonly ok: false; readonly reason: 'busy'; readonly detail: string; readonly retryAfterMs: number };

interface Settings extends StoringRules {
  readonly store: Store;
  /** How many batches at once, and how many may wait. */
  readonly admission: AdmissionSettings;
  /** The last head over all ledgers, which desks keep: what central says later is held against it. */
  readonly centralHead: () => CentralHead | null;
  /** After the commit: outcomes that were new. */
  readonly stored: (deviceId: string, outcomes: readonly Outcome[]) => void;
  /** A batch was committed, so long after it came. */
  readonly storedAfter: (ms: number) => void;
  /** After the commit: a decision's record that was new. */
  readonly decided: (decision: DecisionRecord) => void;
}

export class Outbox {
  readonly #settings: Settings;
  readonly #admission: Admission<Envelope, Done>;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#admission = new Admission(settings.admission, (batches) => this.#takeGroup(batches));
  }

  /** Batches that wait for their turn, and groups that are being stored. */
  get load(): { readonly waiting: number; readonly storing: number } {
    return { waiting: this.#admission.waiting, storing: this.#admission.working };
  }

  /** Takes a batch of the device the token names. Rejects only when the store fails: then it must come again. */
  async take(deviceId: string, input: unknown): Promise<BatchResult> {
    const { counters } = this.#settings;
    const cameAtMs = performance.now();
    const parsed = Envelope.safeParse(input);
    if (!parsed.success) {
      counters.add('outbox: refused bad-batch');
      return { ok: false, reason: 'bad-batch', detail: parsed.error.issues[0]?.message ?? 'does not fit its schema' };
    }
    const batch = parsed.data;
    if (batch.deviceId !== deviceId) {
      counters.add('outbox: refused foreign-device');
      return { ok: false, reason: 'foreign-device', detail: 'the batch is of another device than the token' };
    }
    const entered = await this.#admission.enter(batch, batch.items.length);
    if (!entered.ok) {
      counters.add('outbox: put off');
      return { ok: false, reason: 'busy', detail: 'too much at once: later', retryAfterMs: entered.retryAfterMs };
    }
    const { receipts, outcomes, decisions, head } = entered.result;
    this.#settings.storedAfter(performance.now() - cameAtMs);
    for (const decision of decisions) this.#settings.decided(decision);
    for (const [what, n] of tallied(receipts)) counters.add(`outbox: ${what}`, n);
    if (outcomes.length > 0) this.#settings.stored(deviceId, outcomes);
    const central = this.#settings.centralHead();
    const nextAfterMs = isFull(batch) ? this.#admission.nextTurn(batch.items.length) : 0;
    return {
      ok: true,
      receipt: {
        items: [...receipts],
        ...(head === null ? {} : { head }),
        ...(central === null ? {} : { central }),
        ...(nextAfterMs === 0 ? {} : { nextAfterMs }),
      },
    };
  }

  /** Fulfilled when everything that was let in is stored or refused. */
  idle(): Promise<void> {
    return this.#admission.idle();
  }

  async #takeGroup(envelopes: readonly Envelope[]): Promise<readonly Done[]> {
    const batches: CheckedBatch[] = [];
    for (const { deviceId, epoch, items, head } of envelopes) {
      batches.push({ deviceId, epoch, head: head ?? null, items: items.map((item) => parseItem(item, deviceId)) });
      // Checking a whole batch takes milliseconds: live events are let through in between.
      if (items.length > 1) await turn();
    }
    return await this.#store(batches);
  }

  async #store(batches: readonly CheckedBatch[]): Promise<readonly Done[]> {
    try {
      return await this.#settings.store.transaction((tx) => storeBatches(tx, batches, this.#settings));
    } catch (error) {
      if (!isPoison(error)) throw error;
      return await this.#storeApart(batches, error);
    }
  }

  /** Something cannot be stored though it passed every check: each for itself, so that the others get through. */
  async #storeApart(batches: readonly CheckedBatch[], error: unknown): Promise<readonly Done[]> {
    const [only, ...others] = batches;
    if (only === undefined) return [];
    if (others.length > 0) {
      const done: Done[] = [];
      for (const batch of batches) done.push(...(await this.#store([batch])));
      return done;
    }
    if (only.items.length > 1) {
      const done: Done[] = [];
      for (const item of only.items) done.push(...(await this.#store([{ ...only, items: [item] }])));
      return [
        {
          receipts: done.flatMap(({ receipts }) => receipts),
          outcomes: done.flatMap(({ outcomes }) => outcomes),
          decisions: done.flatMap(({ decisions }) => decisions),
          head: done.at(-1)?.head ?? null,
        },
      ];
    }
    const refused = only.items.map((item) => poisoned(item, sqlState(error) ?? ''));
    return await this.#settings.store.transaction((tx) => storeBatches(tx, [{ ...only, items: refused }], this.#settings));
  }
}

/** How many came to what. */
function tallied(receipts: Done['receipts']): ReadonlyMap<string, number> {
  const tally = new Map<string, number>();
  for (const { result, reason } of receipts) {
    const what = reason === undefined ? result : `${result} ${reason}`;
    tally.set(what, (tally.get(what) ?? 0) + 1);
  }
  return tally;
}

/** Whoever sends as much as may be sent most often has more. What JSON escapes is not counted, so a good half is taken for all. */
function isFull({ items }: Envelope): boolean {
  if (items.length === MAX_BATCH_ITEMS) return true;
  const chars = items.reduce<number>((sum, item) => sum + charsOf(item), 0);
  return chars > MAX_BATCH_BYTES / 2;
}

const charsOf = (item: unknown): number =>
  typeof item === 'object' && item !== null && 'body' in item && typeof item.body === 'string' ? item.body.length : 0;

function poisoned(parsed: ParsedItem, state: string): ParsedItem {
  if (!parsed.ok) return parsed;
  const { id, seq, kind, hash } = parsed.item;
  return { ok: false, id, seq, kind, hash, reason: 'bad-item', detail: `cannot be stored (SQLSTATE ${state})` };
}
