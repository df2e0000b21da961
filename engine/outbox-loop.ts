/**
 * Sends what central has not acknowledged, oldest first, for as long as there is any: without a limit of attempts, with
 * full jitter between them. What central refuses becomes a dead letter and blocks nothing behind it.
 */
import type { CentralHead } from '#contract/central-head.ts';
import { MAX_BATCH_BYTES, MAX_BATCH_ITEMS, type OutboxBatch, type OutboxReceipt } from '#contract/sync.ts';
import type { Clock } from '#ports/clock.ts';
import type { Link } from '#ports/link.ts';
import type { Randomness } from '#ports/randomness.ts';
import type { Store, Written } from '#ports/store.ts';
import type { BundleTrust } from './bundle-trust.ts';
import { isCentralHead, isCountersigned } from './countersigned.ts';
import type { StoreNotice } from './surroundings.ts';

const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 15_000;
/** Between batches: central cuts a desk that sends more than 50 messages a second. */
const PACE_MS = 25;
/** Each desk is told its own time; by no more than this do those come apart who were told the same. */
const TURN_SPREAD_MS = 500;

export interface OutboxLoopOptions {
  readonly store: Store;
  readonly link: Pick<Link, 'sendBatch'>;
  readonly clock: Clock;
  readonly random: Randomness;
  readonly deviceId: string;
  /** Whose countersignature of the ledger is kept; null = nobody's. */
  readonly trust: BundleTrust | null;
  /** Told which ids central now has, after they left the outbox. */
  readonly onSettled: (ids: readonly string[]) => void;
  readonly onNotWritten: (written: Exclude<Written, { ok: true }>) => void;
  readonly onLog: (level: 'warn' | 'error', text: string) => void;
}

export class OutboxLoop {
  readonly #options: OutboxLoopOptions;
  #running: Promise<void> | null = null;
  #attempt = 0;
  #oneByOne = 0;
  #endWait: (() => void) | null = null;
  #isClosed = false;
  /** Something came in while a batch was on its way. */
  #wanted = false;
  #foreign: StoreNotice | null = null;
  #isContradicted = false;

  constructor(options: OutboxLoopOptions) {
    this.#options = options;
  }

  /** Set once central has countersigned a ledger that is not this one. */
  get foreign(): StoreNotice | null {
    return this.#foreign;
  }

  /** There may be something to send, or somebody to send it to. `atOnce` ends a wait between attempts. */
  wake(atOnce = false): void {
    if (this.#isClosed) return;
    this.#wanted = true;
    if (atOnce) {
      this.#attempt = 0;
      this.#endWait?.();
    }
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
    });
  }

  /** Sends what there is, without waiting longer than `withinMs` of real time. */
  async flush(withinMs: number): Promise<void> {
    this.wake(true);
    if (this.#running === null) return;
    const { promise: tooLong, resolve } = Promise.withResolvers<void>();
    const cancel = this.#options.clock.after(withinMs, resolve);
    await Promise.race([this.#running, tooLong]);
    cancel();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#endWait?.();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { store, link, clock, deviceId } = this.#options;
    // Whoever woke it is answered first; and what comes together goes together.
    await new Promise<void>((resolve) => clock.after(0, resolve));
    while (!this.#isClosed) {
      this.#wanted = false;
      const items = this.#oneByOne > 0 ? 1 : MAX_BATCH_ITEMS;
      const batch = store.takeBatch(deviceId, { items, bytes: MAX_BATCH_BYTES });
      if (batch === null) {
        if (this.#wanted) continue;
        return;
      }
      const sent = await link.sendBatch(batch);
      if (this.#isClosed) return;
      if (sent.ok && sent.body.retryAfterMs !== undefined) {
        await this.#untilTurn(sent.body.retryAfterMs);
        continue;
      }
      if (sent.ok && this.#settle(batch, sent.body)) {
        this.#attempt = 0;
        this.#oneByOne = Math.max(0, this.#oneByOne - batch.items.length);
        if (sent.body.nextAfterMs === undefined || store.counts().unsent === 0) await this.#pause(PACE_MS);
        else await this.#untilTurn(sent.body.nextAfterMs);
        continue;
      }
      if (!sent.ok && sent.reason === 'refused') {
        this.#refused(batch, sent.words);
        continue;
      }
      if (!sent.ok && sent.reason === 'bad-answer') this.#options.onLog('warn', `The outbox waits: ${sent.words}`);
      await this.#wait();
    }
  }

  /** True when the receipt moved anything. */
  #settle(batch: OutboxBatch, receipt: OutboxReceipt): boolean {
    const { store, clock, onSettled, onNotWritten } = this.#options;
    const sent = new Set(batch.items.map(({ id }) => id));
    const named = receipt.items.filter(({ id }) => sent.has(id));
    if (named.length === 0) return false;
    const written = store.settleBatch(batch, this.#believed(batch, receipt), clock.nowMs());
    if (!written.ok) {
      onNotWritten(written);
      return false;
    }
    for (const { id, result, reason } of named) {
      if (result === 'refused') this.#options.onLog('error', `Central refused ${id} (${reason ?? 'no reason'}): kept as a dead letter.`);
    }
    onSettled(named.filter(({ result }) => result !== 'refused').map(({ id }) => id));
    return true;
  }

  /**
   * Without a head that nobody trusted has signed, or that is another ledger's. One that the chain does not pass through is kept all
   * the same: it proves that this ledger is not the one central knows.
   */
  #believed(batch: OutboxBatch, { head, central, ...receipt }: OutboxReceipt): OutboxReceipt {
    const { trust } = this.#options;
    if (trust === null) return receipt;
    const kept = central === undefined ? null : this.#keptOf(central, trust);
    return { ...receipt, ...this.#ownHead(batch, head, trust), ...(kept === null ? {} : { central: kept }) };
  }

  /** Of two heads of one number the one heard first stays: it proves that central has told two stories. Null where there is nothing to keep. */
  #keptOf(central: CentralHead, trust: BundleTrust): CentralHead | null {
    const { store, onLog } = this.#options;
    const before = store.centralHead();
    if (before !== null && before.seq >= central.seq) {
      if (before.seq === central.seq && before.hash !== central.hash && !this.#isContradicted) {
        this.#isContradicted = true;
        onLog(
          'error',
          `Central says otherwise than before what its head ${central.seq} over all ledgers is; the first is kept. Tell support.`,
        );
      }
      return null;
    }
    return isCentralHead(central, trust) ? central : null;
  }

  #ownHead(batch: OutboxBatch, head: OutboxReceipt['head'], trust: BundleTrust): Pick<OutboxReceipt, 'head'> {
    const { store, onLog } = this.#options;
    if (head === undefined) return {};
    if (head.deviceId !== batch.deviceId || head.epoch !== batch.epoch || !isCountersigned(head, trust)) {
      onLog('warn', `Central’s countersignature of the ledger at entry ${head.entries} is not one of a trusted key for this ledger.`);
      return {};
    }
    if (this.#foreign === null && !store.passesThrough(head)) {
      const words = `The ledger on this computer is not the one that central has countersigned up to entry ${head.entries}: an older or a changed store was put in its place. Nothing is lost at central. Tell support.`;
      this.#foreign = { reason: 'ledger-foreign', words };
      onLog('error', words);
    }
    return { head };
  }

  /** Central will not have the batch as a whole: its items go one by one, and the one that is refused alone is the culprit. */
  #refused(batch: OutboxBatch, words: string): void {
    const [only, ...others] = batch.items;
    if (others.length > 0 || only === undefined) {
      this.#oneByOne = batch.items.length;
      return;
    }
    this.#options.onLog('error', `${only.kind} ${only.id}: ${words}`);
    this.#settle(batch, { items: [{ id: only.id, result: 'refused', reason: 'bad-item' }] });
    this.#oneByOne = Math.max(0, this.#oneByOne - 1);
  }

  /** Not before its turn, and not at one moment with others. */
  async #untilTurn(afterMs: number): Promise<void> {
    await this.#pause(Math.max(PACE_MS, afterMs + Math.min(TURN_SPREAD_MS, 0.25 * afterMs) * this.#options.random.unit()));
  }

  async #wait(): Promise<void> {
    const { random } = this.#options;
    const limitMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.#attempt);
    this.#attempt += 1;
    await this.#pause(random.unit() * limitMs);
  }

  async #pause(realMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = this.#options.clock.after(realMs, resolve);
    this.#endWait = () => {
      cancel();
      resolve();
    };
    await promise;
    this.#endWait = null;
  }
}
