/**
 * The device's durable memory, in the verbs of what the engine does with it.
 *
 * Guarantees every implementation keeps (test/conformance holds them):
 * - A writing verb returns `ok` only after everything it wrote is durable; it wrote all of it or nothing.
 * - Calls do not overlap: every verb is synchronous and runs to its end.
 * - What is read back was checked against its schema.
 * - The ledger is append only and chained; the outbox holds exactly the ledger entries central has not settled.
 */
import type { SequencedEvent } from '#contract/call-state.ts';
import type { CardView } from '#contract/desk.ts';
import type { CentralHead } from '#contract/central-head.ts';
import type { LearntBundle } from '#contract/learning.ts';
import type { CountersignedHead, LedgerHead } from '#contract/ledger.ts';
import type { CallOffset, Delivery } from '#contract/live.ts';
import type { ServedBundle } from '#contract/served-bundle.ts';
import type { Outcome } from '#contract/outcome.ts';
import type { RevisionBundle } from '#contract/policy.ts';
import type { ProfileSlice } from '#contract/profile.ts';
import type { StoredKind } from '#contract/retention.ts';
import type { DecisionRepeat, OutboxBatch, OutboxReceipt } from '#contract/sync.ts';

/** Why something was not written. `io` and `corrupt`: the store must be closed and opened again; nothing more can be trusted to it. */
export const NOT_WRITTEN = ['disk-full', 'io', 'corrupt', 'closed'] as const;

/** What became of a write. `words` says what is wrong and what to do, without personal data. */
export type Written = { readonly ok: true } | { readonly ok: false; readonly reason: (typeof NOT_WRITTEN)[number]; readonly words: string };

/** A thing with its RFC 8785 canonical JSON, which is what is hashed, kept and sent. */
export interface Canonical<T> {
  readonly value: T;
  readonly json: string;
}

/** One decision with everything that is committed with it. */
export interface DecisionEntry {
  readonly id: string;
  readonly callId: string;
  readonly clock: number;
  /** Canonical JSON of the record. */
  readonly recordJson: string;
  readonly fingerprint: string;
  /** What goes on screen because of it; empty for a refrain. */
  readonly cards: readonly CardView[];
  /** Outcomes that are part of it: `offered` per card, and `superseded` for the cards it replaces. */
  readonly outcomes: readonly Canonical<Outcome>[];
}

/** Everything kept of one call. */
export interface StoredCall {
  readonly callId: string;
  readonly events: readonly SequencedEvent[];
  /** Of any device, in no particular order. */
  readonly outcomes: readonly Outcome[];
  readonly cards: readonly CardView[];
  readonly quiet: boolean;
  readonly finished: boolean;
  /** Null until central sent the call's context. `complete` is false while a former desk's answers are missing. */
  readonly context: { readonly complete: boolean } | null;
  readonly lastDecision: { readonly decisionId: string; readonly fingerprint: string } | null;
}

/** What central had learnt, as it came. */
export interface KeptBase {
  readonly bundle: LearntBundle;
  /** The logical clock at the last own answer that is in it. */
  readonly covers: number;
}

export interface OutboxLimits {
  readonly items: number;
  /** Of the batch's JSON. An item that is larger alone comes alone. */
  readonly bytes: number;
}

export interface Counts {
  readonly unsent: number;
  readonly refused: number;
  readonly ledger: number;
}

/** How much of each kind was taken away. */
export type Retained = { readonly ok: true; readonly gone: Readonly<Partial<Record<StoredKind, number>>> } | Exclude<Written, { ok: true }>;

/** The names of the settings the engine keeps, each a JSON value with a schema of its own where it is used. */
export type SettingName =
  | 'central-at-ms'
  | 'versions'
  | 'usage'
  | 'central-heard-at-ms'
  | 'level'
  | 'slots'
  | 'countersigned'
  | 'central-head';

export interface Store {
  /** The highest logical clock written so far; 0 in a new store. */
  lastClock(): number;

  /** Keeps one event of a call. `duplicate`: the same event was there already; `conflict`: its number belongs to another event. */
  journalDelivery(delivery: Delivery): 'new' | 'duplicate' | 'conflict' | Exclude<Written, { ok: true }>;
  /** Up to where each unfinished call is journalled without a hole. */
  callOffsets(): readonly CallOffset[];
  loadCall(callId: string): StoredCall | null;
  /** Every unfinished call, oldest first event first. */
  loadCalls(): readonly StoredCall[];
  /** The call is over and its prompts are settled: it is not loaded again. */
  finishCall(callId: string, atMs: number): Written;
  setQuiet(callId: string, quiet: boolean): Written;
  /** Outcomes other devices had on this call. Ids already known are left as they are. */
  saveContext(callId: string, complete: boolean, outcomes: readonly Outcome[]): Written;

  /** Record, cards, outcomes, their ledger entries and outbox rows: one transaction. */
  recordDecision(entry: DecisionEntry): Written;
  /** A decision equal to the call's last one. */
  recordRepeat(repeat: Canonical<DecisionRepeat>): Written;
  /** Outcomes with their ledger entries and outbox rows: one transaction. An id already recorded is left as it is. */
  recordOutcomes(outcomes: readonly Canonical<Outcome>[]): Written;
  /** Outcomes of a customer on other calls than this one that central cannot have told of: later than `sinceMs`, or not yet sent. */
  outcomesOfCustomer(customerId: string, sinceMs: number, exceptCallId: string): readonly Outcome[];
  /** The canonical JSON of a decision's record; null when it is not here. */
  decisionRecord(decisionId: string): string | null;

  /** The oldest unsent items of one epoch, and where the ledger stands; null when there are none. They stay in the outbox until settled. */
  takeBatch(deviceId: string, limits: OutboxLimits): OutboxBatch | null;
  /** Takes stored and duplicate items out of the outbox, makes dead letters of the refused and keeps the head. Items the receipt does not name stay. */
  settleBatch(batch: OutboxBatch, receipt: OutboxReceipt, atMs: number): Written;
  counts(): Counts;

  profile(customerId: string): ProfileSlice | null;
  /** An older version never replaces a newer one. */
  saveProfile(profile: ProfileSlice): Written;

  revision(hash: string): RevisionBundle | null;
  /** Keeps the bundle and what is installed with it (the setting `slots`): one transaction. */
  installRevision(bundle: RevisionBundle, slots: unknown): Written;
  model(hash: string): ServedBundle | null;
  installModel(bundle: ServedBundle, slots: unknown): Written;
  /** Deletes the revisions and models not named. */
  keepOnly(revisions: readonly string[], models: readonly string[]): Written;

  /** Without its state where it is none of the last few. Null where it is not here. */
  learnt(hash: string): KeptBase | null;
  /** The one installed last; null = none yet. */
  lastLearnt(): KeptBase | null;
  /** Manifests stay as long as the records that may name them, states of the last few. */
  installLearnt(base: KeptBase, atMs: number): Written;
  /** This device's own outcomes that a prompt was answered with, or an answer taken back, later than this moment of its clock. */
  answersSince(clock: number): readonly Outcome[];
  /** The logical clock of an outcome of this device; null where it is none. */
  clockOf(outcomeId: string): number | null;

  /** Null when it was never set. */
  setting(name: SettingName): unknown;
  saveSetting(name: SettingName, value: unknown): Written;

  /** The latest time ever kept with `keepLatest`, whatever database was put back since; 0 = none. */
  latestMs(): number;
  /** Keeps how late it is, on the way to the disk. */
  keepLatest(nowMs: number): Written;

  /**
   * Takes away what is past its time by `days`, kind by kind; a call nobody ended is over once nothing was heard of it for
   * ABANDONED_DAYS. Calls under way, calls held and what central does not have yet are excepted; the chain stays.
   */
  retain(nowMs: number, days: Readonly<Record<StoredKind, number>>): Retained;
  /** Nothing of the call, or of the customer and the calls with them, goes by its age before then. A time that is past ends the hold. */
  hold(whom: { readonly callId: string } | { readonly customerId: string }, untilMs: number): Written;

  /** Whether the chain passes through this head. */
  passesThrough(head: LedgerHead): boolean;
  /** The last head that `settleBatch` was given; null = none yet. */
  countersigned(): CountersignedHead | null;
  /** The last head over all desks' ledgers that central has signed, as a settled batch brought it; null = none yet. */
  centralHead(): CentralHead | null;
  /**
   * Destroys what is known of these customers, for good: their keys, and every row of them and of calls with them. Stay: that they
   * were erased, the chain, and answers not yet sent, which go without the person. Nothing of them or of those calls is taken
   * from then on.
   */
  erase(customerIds: readonly string[], nowMs: number): Written;
  /** Whether this customer, a call with them, or a decision on such a call was erased. */
  isErased(what: { readonly customerId: string } | { readonly callId: string } | { readonly decisionId: string }): boolean;

  /** Walks the whole chain. `brokenAt` is the first position whose hash does not follow; null when all do. */
  verifyLedger(): { readonly entries: number; readonly brokenAt: number | null };

  close(): void;
}
