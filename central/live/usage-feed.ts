/**
 * Tells the desks of this node how much of what is scarce is used up. Nothing is counted here: each time it is read anew from
 * the tables, which all nodes share.
 *
 *   desk connected, answer stored, revision published ─┐
 *   every poll (other nodes' answers, a new day) ──────┴─► read, at most once a second ─► each desk that knows something else,
 *                                                                                     or whose knowledge grows old
 */
import type { UsageReport } from '#contract/live.ts';
import type { Query } from '../store/open-store.ts';
import type { DeskSession } from './desk-session.ts';
import { deskKey, readCountedTo, readUses, type Scarce } from './read-usage.ts';

const LEAST_MS = 1_000;
const DAY_MS = 86_400_000;

export interface UsageFeedSettings {
  readonly db: Query;
  readonly desks: () => readonly DeskSession[];
  /** The constraints of the current revision. */
  readonly scarce: () => Promise<readonly Scarce[]>;
  readonly nowMs: () => number;
  readonly pollMs: number;
  readonly failed: (operation: string, error: unknown) => void;
}

export class UsageFeed {
  readonly #settings: UsageFeedSettings;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | null = null;
  #isWanted = false;
  #isClosed = false;
  #ranRealMs = Number.NEGATIVE_INFINITY;
  /** By central's clock. */
  #countedAtMs = 0;
  /** A third of the shortest time that a count is believed. */
  #refreshMs = Number.POSITIVE_INFINITY;

  constructor(settings: UsageFeedSettings) {
    this.#settings = settings;
  }

  /** Something may be used otherwise than the desks know. */
  wake(): void {
    this.#isWanted = true;
    if (this.#running === null) this.#runIn(Math.max(0, this.#ranRealMs + LEAST_MS - performance.now()));
  }

  /** The virtual clock was moved: what the desks are to know by now they are told before anything else happens. */
  async clockMoved(): Promise<void> {
    await this.#running;
    const nowMs = this.#settings.nowMs();
    const isOld = Math.abs(nowMs - this.#countedAtMs) >= Math.min(this.#refreshMs, DAY_MS);
    const isOtherDay = Math.floor(nowMs / DAY_MS) !== Math.floor(this.#countedAtMs / DAY_MS);
    if (this.#isWanted || isOld || isOtherDay) await this.#run();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  #runIn(waitMs: number): void {
    clearTimeout(this.#timer);
    if (!this.#isClosed) this.#timer = setTimeout(() => void this.#run(), waitMs);
  }

  /** Never rejects, and never runs twice at once. */
  #run(): Promise<void> {
    clearTimeout(this.#timer);
    this.#isWanted = false;
    this.#ranRealMs = performance.now();
    this.#running ??= this.#tell()
      .catch((error: unknown) => this.#settings.failed('counting what is scarce', error))
      .finally(() => {
        this.#running = null;
        this.#runIn(this.#isWanted ? LEAST_MS : Math.max(LEAST_MS, Math.min(this.#settings.pollMs, this.#refreshMs)));
      });
    return this.#running;
  }

  async #tell(): Promise<void> {
    const { db, nowMs } = this.#settings;
    const desks = this.#settings.desks();
    if (desks.length === 0) return;
    const scarce = await this.#settings.scarce();
    if (scarce.length === 0) return;
    this.#refreshMs = Math.min(...scarce.map(({ maxAgeMs }) => maxAgeMs)) / 3;
    this.#countedAtMs = nowMs();
    // In this order: an answer that is named as counted is in the count.
    const countedTo = await readCountedTo(db, desks);
    const uses = await readUses(db, scarce, this.#countedAtMs);
    for (const desk of desks) desk.usage({ uses, countedTo: countedTo.get(deskKey(desk)) ?? null } satisfies UsageReport, this.#refreshMs);
  }
}
