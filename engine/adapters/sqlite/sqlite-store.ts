/** The Store port on SQLite. Every verb is one statement or one immediate transaction on one connection. */
import { CallEvent } from '#contract/call-events.ts';
import type { SequencedEvent } from '#contract/call-state.ts';
import { CardView } from '#contract/desk.ts';
import type { CallOffset, Delivery } from '#contract/live.ts';
import { ModelBundle } from '#contract/model.ts';
import { Outcome } from '#contract/outcome.ts';
import { RevisionBundle } from '#contract/policy.ts';
import { ProfileSlice } from '#contract/profile.ts';
import type { DecisionRepeat, OutboxBatch, OutboxItem, OutboxReceipt } from '#contract/sync.ts';
import type { Canonical, Counts, DecisionEntry, OutboxLimits, SettingName, Store, StoredCall, Written } from '#ports/store.ts';
import type { Database } from 'better-sqlite3';
import { readSettings } from './connection-settings.ts';
import { Ledger } from './ledger.ts';
import type { Anchor } from './anchor.ts';
import { attempt, faultOf, refused } from './sqlite-fault.ts';
import { parseStored, readStored } from './read-stored.ts';
import { type Statements, prepareStatements } from './statements.ts';
import { watched } from './watched-statements.ts';

/** Bytes of a batch's JSON around its items. */
const BATCH_FRAME_BYTES = 200;

export class SqliteStore implements Store {
  readonly #db: Database;
  readonly #anchor: Anchor;
  readonly #onFault: (words: string) => void;
  readonly #ledger: Ledger;
  readonly #sql: Statements;
  /** Met once, it stays: what a failed sync left behind cannot be known, and is never tried again. */
  #fault: 'io' | 'corrupt' | null = null;

  /** Takes over an open, unlocked, migrated connection with its anchor; open-store.ts makes it. */
  constructor(db: Database, anchor: Anchor, onFault: (words: string) => void) {
    this.#db = db;
    this.#anchor = anchor;
    this.#onFault = onFault;
    const statements = watched(db, (error) => this.#meet(error));
    this.#ledger = new Ledger(statements);
    this.#sql = prepareStatements(statements);
  }

  /** What is in force on this connection, as SQLite says it. */
  settings(): ReturnType<typeof readSettings> {
    return readSettings(this.#db);
  }

  lastClock(): number {
    return this.#ledger.lastClock();
  }

  journalDelivery(delivery: Delivery): ReturnType<Store['journalDelivery']> {
    const { callId, seq, event } = delivery;
    const known = this.#sql.eventId.get(callId, seq);
    if (known) return known.event_id === event.id ? 'duplicate' : 'conflict';
    const written = this.#transaction(() => {
      this.#sql.addCall.run(callId);
      this.#sql.addEvent.run(callId, seq, event.id, JSON.stringify(event));
    });
    return written.ok ? 'new' : written;
  }

  callOffsets(): readonly CallOffset[] {
    return this.#sql.offsets.all().map(({ call_id, seq }) => ({ callId: call_id, seq }));
  }

  loadCall(callId: string): StoredCall | null {
    const call = this.#sql.call.get(callId);
    if (!call) return null;
    const events: SequencedEvent[] = this.#sql.eventsOfCall
      .all(callId)
      .map(({ seq, body }) => ({ seq, event: readStored(CallEvent, 'event', body) }));
    const last = this.#sql.lastDecision.get(callId);
    return {
      callId,
      events,
      outcomes: this.#sql.outcomesOfCall.all(callId).map(({ body }) => readStored(Outcome, 'outcome', body)),
      cards: this.#sql.cardsOfCall.all(callId).map(({ body }) => readStored(CardView, 'card', body)),
      quiet: call.quiet === 1,
      finished: call.finished_at_ms !== null,
      context: call.complete === null ? null : { complete: call.complete === 1 },
      lastDecision: last ? { decisionId: last.decision_id, fingerprint: last.fingerprint } : null,
    };
  }

  loadCalls(): readonly StoredCall[] {
    const calls = this.#sql.unfinished.all().map(({ call_id }) => this.loadCall(call_id));
    return calls.filter((call) => call !== null).toSorted((a, b) => firstTime(a) - firstTime(b));
  }

  finishCall(callId: string, atMs: number): Written {
    return this.#transaction(() => this.#sql.finish.run(atMs, callId));
  }

  setQuiet(callId: string, quiet: boolean): Written {
    return this.#transaction(() => {
      this.#sql.addCall.run(callId);
      this.#sql.setQuiet.run(quiet ? 1 : 0, callId);
    });
  }

  saveContext(callId: string, complete: boolean, outcomes: readonly Outcome[]): Written {
    return this.#transaction(() => {
      this.#sql.addCall.run(callId);
      this.#sql.setContext.run(callId, complete ? 1 : 0);
      for (const outcome of outcomes) this.#addOutcome(outcome, JSON.stringify(outcome));
    });
  }

  recordDecision(entry: DecisionEntry): Written {
    return this.#transaction(() => {
      this.#sql.addCall.run(entry.callId);
      this.#ledger.append({ kind: 'decision', id: entry.id, callId: entry.callId, clock: entry.clock, body: entry.recordJson });
      this.#sql.setLastDecision.run(entry.callId, entry.id, entry.fingerprint);
      for (const card of entry.cards) this.#sql.addCard.run(card.decisionId, card.actionId, entry.callId, JSON.stringify(card));
      for (const outcome of entry.outcomes) this.#recordOutcome(outcome);
    });
  }

  recordRepeat({ value, json }: Canonical<DecisionRepeat>): Written {
    return this.#transaction(() => {
      this.#ledger.append({ kind: 'repeat', id: value.id, callId: value.callId, clock: value.clock, body: json });
    });
  }

  recordOutcomes(outcomes: readonly Canonical<Outcome>[]): Written {
    return this.#transaction(() => {
      for (const outcome of outcomes) this.#recordOutcome(outcome);
    });
  }

  outcomesOfCustomer(customerId: string, sinceMs: number, exceptCallId: string): readonly Outcome[] {
    return this.#sql.outcomesOfCustomer.all(customerId, exceptCallId, sinceMs).map(({ body }) => readStored(Outcome, 'outcome', body));
  }

  decisionRecord(decisionId: string): string | null {
    return this.#sql.record.get(decisionId)?.body ?? null;
  }

  takeBatch(deviceId: string, limits: OutboxLimits): OutboxBatch | null {
    const rows = this.#sql.oldestUnsent.all(limits.items);
    const items: OutboxItem[] = [];
    let bytes = BATCH_FRAME_BYTES;
    for (const { seq, kind, id, body_hash, body } of rows) {
      const item: OutboxItem = { seq, kind, id, hash: body_hash, body };
      bytes += Buffer.byteLength(JSON.stringify(item)) + 1;
      if (bytes > limits.bytes && items.length > 0) break;
      items.push(item);
    }
    const last = items.at(-1);
    if (!last) return null;
    const { state } = this.#anchor;
    if (state === null) throw new Error('an open store has an anchor');
    // Before a batch leaves, so that central can never know a number the anchor does not.
    try {
      this.#anchor.write({ ...state, sentSeq: Math.max(state.sentSeq, last.seq) }, 'synced');
    } catch (error) {
      if (faultOf(error) === null) throw error;
      this.#meet(error);
      return null;
    }
    return { protocol: 1, deviceId, epoch: state.epoch, items };
  }

  settleBatch(batch: OutboxBatch, receipt: OutboxReceipt, atMs: number): Written {
    const sent = new Map(batch.items.map((item) => [item.id, item.seq]));
    return this.#transaction(() => {
      // An epoch that began since has numbered what is unsent anew.
      if (this.#sql.epoch.get()?.epoch !== batch.epoch) return;
      for (const { id, result, reason } of receipt.items) {
        const seq = sent.get(id);
        if (seq === undefined) continue;
        if (result === 'refused') this.#sql.addDeadLetter.run(reason ?? 'bad-item', atMs, seq);
        this.#sql.settle.run(seq);
      }
    });
  }

  counts(): Counts {
    return this.#sql.counts.get() ?? { unsent: 0, refused: 0, ledger: 0 };
  }

  profile(customerId: string): ProfileSlice | null {
    const row = this.#sql.profile.get(customerId);
    return row ? readStored(ProfileSlice, 'profile', row.body) : null;
  }

  saveProfile(profile: ProfileSlice): Written {
    return this.#transaction(() => this.#sql.saveProfile.run(profile.customerId, profile.version, JSON.stringify(profile)));
  }

  revision(hash: string): RevisionBundle | null {
    const row = this.#sql.revision.get(hash);
    return row ? readStored(RevisionBundle, 'revision', row.body) : null;
  }

  saveRevision(bundle: RevisionBundle): Written {
    return this.#transaction(() => this.#sql.saveRevision.run(bundle.hash, JSON.stringify(bundle)));
  }

  model(hash: string): ModelBundle | null {
    const row = this.#sql.model.get(hash);
    return row ? readStored(ModelBundle, 'model', row.body) : null;
  }

  saveModel(bundle: ModelBundle): Written {
    return this.#transaction(() => this.#sql.saveModel.run(bundle.hash, JSON.stringify(bundle)));
  }

  keepOnly(revisions: readonly string[], models: readonly string[]): Written {
    return this.#transaction(() => {
      this.#sql.dropRevisions.run(JSON.stringify(revisions));
      this.#sql.dropModels.run(JSON.stringify(models));
    });
  }

  setting(name: SettingName): unknown {
    const row = this.#sql.setting.get(name);
    return row ? parseStored('setting', row.value) : null;
  }

  saveSetting(name: SettingName, value: unknown): Written {
    return this.#transaction(() => this.#sql.saveSetting.run(name, JSON.stringify(value)));
  }

  verifyLedger(): { readonly entries: number; readonly brokenAt: number | null } {
    return this.#ledger.verify();
  }

  close(): void {
    this.#db.close();
    this.#anchor.close();
  }

  #recordOutcome({ value, json }: Canonical<Outcome>): void {
    this.#sql.addCall.run(value.callId);
    if (!this.#addOutcome(value, json)) return;
    this.#ledger.append({ kind: 'outcome', id: value.id, callId: value.callId, clock: value.clock, body: json });
  }

  /** False when its id was there already. */
  #addOutcome(outcome: Outcome, json: string): boolean {
    return this.#sql.addOutcome.run(outcome.id, outcome.callId, outcome.customerId, outcome.atMs, json).changes === 1;
  }

  /** Immediate, so that it cannot fail half-way for want of the write lock. */
  #transaction(work: () => void): Written {
    if (!this.#db.open) return refused('closed');
    if (this.#fault !== null) return refused(this.#fault);
    return attempt(() => {
      try {
        this.#db.transaction(work).immediate();
      } catch (error) {
        this.#meet(error);
        throw error;
      }
      this.#follow();
    });
  }

  /** What was just committed is durable whatever becomes of the anchor: that may only ever be behind. */
  #follow(): void {
    const { state } = this.#anchor;
    const ledger = this.#ledger.state();
    if (state === null || ledger === null) throw new Error('an open store has an anchor and a device row');
    try {
      this.#anchor.write({ ...state, ...ledger }, 'soon');
    } catch (error) {
      this.#meet(error);
    }
  }

  /** Tells once that the store has to be closed and opened again; that one then looks whether it is damaged. */
  #meet(error: unknown): void {
    const reason = faultOf(error);
    if ((reason !== 'io' && reason !== 'corrupt') || this.#fault !== null) return;
    this.#fault = reason;
    const { state } = this.#anchor;
    try {
      if (state !== null) this.#anchor.write({ ...state, isSuspect: true }, 'synced');
    } finally {
      this.#onFault(refused(reason).words);
    }
  }
}

const firstTime = (call: StoredCall): number => Date.parse(call.events[0]?.event.time ?? '') || 0;
