/** The Store port on SQLite. Every verb is one statement or one immediate transaction on one connection, followed by its anchor. */
import { createHash } from 'node:crypto';
import { CallEvent } from '#contract/call-events.ts';
import type { SequencedEvent } from '#contract/call-state.ts';
import { CardView } from '#contract/desk.ts';
import { CentralHead } from '#contract/central-head.ts';
import { CountersignedHead, type LedgerHead, type LedgerLine } from '#contract/ledger.ts';
import type { CallOffset, Delivery } from '#contract/live.ts';
import { ServedBundle } from '#contract/served-bundle.ts';
import { Outcome } from '#contract/outcome.ts';
import { RevisionBundle } from '#contract/policy.ts';
import { ProfileSlice } from '#contract/profile.ts';
import { ABANDONED_DAYS, type StoredKind } from '#contract/retention.ts';
import type { DecisionRepeat, OutboxBatch, OutboxItem, OutboxReceipt } from '#contract/sync.ts';
import type {
  Canonical,
  Counts,
  DecisionEntry,
  KeptBase,
  OutboxLimits,
  Retained,
  SettingName,
  Store,
  StoredCall,
  Written,
} from '#ports/store.ts';
import type { AnchoredConnection } from './anchored-connection.ts';
import { Erasure, withoutPerson } from './erasure.ts';
import { readSettings } from './connection-settings.ts';
import { isGateSetting, profileRow, settingRow } from './gate-rows.ts';
import { LearntBases } from './learnt-bases.ts';
import type { Ledger } from './ledger.ts';
import { parseStored, readStored } from './read-stored.ts';
import { Retention } from './retention.ts';
import { type Statements, prepareStatements } from './statements.ts';
import { addOutcome, beginCall, customerOf, identify } from './write-rows.ts';

/** Bytes of a batch's JSON around its items. */
const BATCH_FRAME_BYTES = 400;
const DAY_MS = 86_400_000;

export class SqliteStore implements Store {
  readonly #connection: AnchoredConnection;
  readonly #ledger: Ledger;
  readonly #sql: Statements;
  readonly #retention: Retention;
  readonly #erasure: Erasure;
  readonly #learnt: LearntBases;

  constructor(connection: AnchoredConnection) {
    this.#connection = connection;
    this.#ledger = connection.ledger;
    this.#sql = prepareStatements(connection.statements);
    this.#retention = new Retention(connection);
    this.#erasure = new Erasure(connection);
    this.#learnt = new LearntBases(connection);
  }

  /** What is in force on this connection, as SQLite says it. */
  settings(): ReturnType<typeof readSettings> {
    return readSettings(this.#connection.db);
  }

  /** The ledger as it is exported; `lines` can be read while the store is open and nothing else is asked of it. */
  exportLedger(): { readonly head: LedgerHead; readonly countersigned: CountersignedHead | null; readonly lines: Iterable<LedgerLine> } {
    return { head: this.#ledger.head(), countersigned: this.countersigned(), lines: this.#ledger.lines() };
  }

  lastClock(): number {
    return this.#ledger.lastClock();
  }

  journalDelivery(delivery: Delivery): ReturnType<Store['journalDelivery']> {
    const { callId, seq, event } = delivery;
    if (this.isErased({ callId })) return 'duplicate';
    const known = this.#sql.eventId.get(callId, seq);
    if (known) return known.event_id === event.id ? 'duplicate' : 'conflict';
    const work = (): void => {
      beginCall(this.#sql, callId);
      this.#sql.addEvent.run(seq, event.id, JSON.stringify(event), callId);
      const customerId = customerOf(event);
      if (customerId !== null) identify(this.#sql, callId, customerId);
    };
    // An event behind the end of a call is not counted, as its call is not.
    const written = this.#connection.write(work, this.#isOver(callId) ? {} : { events: this.#connection.known.events + 1 });
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
    const events = this.#isOver(callId) ? 0 : (this.#sql.eventCount.get(callId)?.events ?? 0);
    const left = Math.max(0, this.#connection.known.events - events);
    return this.#connection.writeFalling(() => this.#sql.finish.run(atMs, callId), { events: left });
  }

  setQuiet(callId: string, quiet: boolean): Written {
    return this.#transaction(() => {
      beginCall(this.#sql, callId);
      this.#sql.setQuiet.run(quiet ? 1 : 0, callId);
    });
  }

  saveContext(callId: string, complete: boolean, outcomes: readonly Outcome[]): Written {
    return this.#transaction(() => {
      beginCall(this.#sql, callId);
      this.#sql.setContext.run(callId, complete ? 1 : 0);
      if (this.isErased({ callId })) return;
      for (const outcome of outcomes) if (!this.#isOfErased(outcome)) this.#addOutcome(outcome, JSON.stringify(outcome));
    });
  }

  recordDecision(entry: DecisionEntry): Written {
    return this.#transaction(() => {
      beginCall(this.#sql, entry.callId);
      this.#ledger.append({ kind: 'decision', id: entry.id, callId: entry.callId, clock: entry.clock, body: entry.recordJson });
      this.#sql.setLastDecision.run(entry.callId, entry.id, entry.fingerprint);
      for (const card of entry.cards) this.#sql.addCard.run(card.decisionId, card.actionId, JSON.stringify(card), entry.callId);
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
    for (const { seq, kind, id, body } of rows) {
      const hash = createHash('sha256').update(body).digest('hex');
      const item: OutboxItem = { seq, kind, id, hash, body };
      bytes += Buffer.byteLength(JSON.stringify(item)) + 1;
      if (bytes > limits.bytes && items.length > 0) break;
      items.push(item);
    }
    const last = items.at(-1);
    if (!last) return null;
    const { epoch, sentSeq } = this.#connection.known;
    // Before a batch leaves, so that central can never know a number the anchor does not.
    if (!this.#connection.note({ sentSeq: Math.max(sentSeq, last.seq) }, 'synced').ok) return null;
    const kept = this.countersigned();
    const before = kept?.deviceId === deviceId && kept.epoch === epoch ? kept : null;
    // A chain that is not the one central knows is not countersigned any further: what proves it stays.
    if (before !== null && !this.passesThrough(before)) return { protocol: 1, deviceId, epoch, items };
    return { protocol: 1, deviceId, epoch, items, head: { ...this.#ledger.head(), after: before?.entries ?? 0 } };
  }

  settleBatch(batch: OutboxBatch, receipt: OutboxReceipt, atMs: number): Written {
    const sent = new Map(batch.items.map((item) => [item.id, item.seq]));
    return this.#connection.writeFreeing(() => {
      // An epoch that began since has numbered what is unsent anew.
      if (this.#sql.epoch.get()?.epoch !== batch.epoch) return;
      for (const { id, result, reason } of receipt.items) {
        const seq = sent.get(id);
        if (seq === undefined) continue;
        if (result === 'refused') this.#sql.addDeadLetter.run(reason ?? 'bad-item', atMs, seq);
        this.#sql.settle.run(seq);
      }
      if (receipt.head !== undefined) this.#sql.saveSetting.run('countersigned', JSON.stringify(receipt.head));
      if (receipt.central !== undefined) this.#sql.saveSetting.run('central-head', JSON.stringify(receipt.central));
    });
  }

  counts(): Counts {
    return this.#sql.counts.get() ?? { unsent: 0, refused: 0, ledger: 0 };
  }

  profile(customerId: string): ProfileSlice | null {
    const body = this.#sql.profile.get(customerId)?.body;
    return body !== undefined && this.#holds(profileRow(customerId), body) ? readStored(ProfileSlice, 'profile', body) : null;
  }

  saveProfile(profile: ProfileSlice): Written {
    const { customerId, version, asOfMs } = profile;
    if (this.isErased({ customerId })) return { ok: true };
    const known = this.profile(customerId);
    if (known !== null && known.version > version) return { ok: true };
    const body = JSON.stringify(profile);
    return this.#connection.writeGate(profileRow(customerId), body, () => {
      this.#sql.addPersonKey.run(customerId);
      this.#sql.saveProfile.run(version, asOfMs, customerId, body, customerId);
    });
  }

  revision(hash: string): RevisionBundle | null {
    const row = this.#sql.revision.get(hash);
    return row ? readStored(RevisionBundle, 'revision', row.body) : null;
  }

  installRevision(bundle: RevisionBundle, slots: unknown): Written {
    return this.#install(() => this.#sql.saveRevision.run(bundle.hash, JSON.stringify(bundle)), slots);
  }

  model(hash: string): ServedBundle | null {
    const row = this.#sql.model.get(hash);
    return row ? readStored(ServedBundle, 'model', row.body) : null;
  }

  installModel(bundle: ServedBundle, slots: unknown): Written {
    return this.#install(() => this.#sql.saveModel.run(bundle.hash, JSON.stringify(bundle)), slots);
  }

  keepOnly(revisions: readonly string[], models: readonly string[]): Written {
    return this.#connection.writeFreeing(() => {
      this.#sql.dropRevisions.run(JSON.stringify(revisions));
      this.#sql.dropModels.run(JSON.stringify(models));
    });
  }

  learnt(hash: string): KeptBase | null {
    return this.#learnt.of(hash);
  }

  lastLearnt(): KeptBase | null {
    return this.#learnt.last();
  }

  installLearnt(base: KeptBase, atMs: number): Written {
    return this.#learnt.install(base, atMs);
  }

  answersSince(clock: number): readonly Outcome[] {
    return this.#learnt.answersSince(clock);
  }

  clockOf(outcomeId: string): number | null {
    return this.#learnt.clockOf(outcomeId);
  }

  setting(name: SettingName): unknown {
    const value = this.#sql.setting.get(name)?.value;
    if (value === undefined || (isGateSetting(name) && !this.#holds(settingRow(name), value))) return null;
    return parseStored('setting', value);
  }

  saveSetting(name: SettingName, value: unknown): Written {
    const body = JSON.stringify(value);
    const work = (): void => void this.#sql.saveSetting.run(name, body);
    return isGateSetting(name) ? this.#connection.writeGate(settingRow(name), body, work) : this.#transaction(work);
  }

  latestMs(): number {
    return this.#connection.known.latestMs;
  }

  keepLatest(nowMs: number): Written {
    return this.#connection.note({ latestMs: nowMs }, 'soon');
  }

  retain(nowMs: number, days: Readonly<Record<StoredKind, number>>): Retained {
    const overMs = nowMs - ABANDONED_DAYS * DAY_MS;
    for (const { call_id } of this.#sql.open.all()) {
      const lastMs = this.#lastHeardMs(call_id);
      const finished: Written = lastMs === null || lastMs > overMs ? { ok: true } : this.finishCall(call_id, lastMs);
      if (!finished.ok) return finished;
    }
    return this.#retention.run(nowMs, days);
  }

  hold(whom: Parameters<Store['hold']>[0], untilMs: number): Written {
    return this.#transaction(() => {
      if ('callId' in whom) this.#sql.holdCall.run(whom.callId, untilMs);
      else if (!this.isErased(whom)) this.#sql.holdPerson.run(whom.customerId, untilMs);
    });
  }

  passesThrough({ entries, hash }: LedgerHead): boolean {
    return this.#ledger.contains(entries, hash);
  }

  countersigned(): CountersignedHead | null {
    return CountersignedHead.nullable().parse(this.setting('countersigned'));
  }

  centralHead(): CentralHead | null {
    return CentralHead.nullable().parse(this.setting('central-head'));
  }

  erase(customerIds: readonly string[], nowMs: number): Written {
    return this.#erasure.erase(customerIds, nowMs);
  }

  isErased(what: Parameters<Store['isErased']>[0]): boolean {
    return this.#erasure.isErased(what);
  }

  verifyLedger(): { readonly entries: number; readonly brokenAt: number | null } {
    return this.#ledger.verify();
  }

  /** See backup.ts, which checks what was written. */
  copyTo(file: string): Written {
    return this.#connection.copyTo(file);
  }

  close(): void {
    this.#connection.close();
  }

  /** Null: nothing is known of the call but that there is one. */
  #lastHeardMs(callId: string): number | null {
    const event = this.#sql.lastEvent.get(callId);
    const heardMs = event === undefined ? null : Date.parse(readStored(CallEvent, 'event', event.body).time);
    const answeredMs = this.#sql.lastOutcomeMs.get(callId)?.at_ms ?? null;
    return heardMs === null ? answeredMs : Math.max(heardMs, answeredMs ?? 0);
  }

  #isOver(callId: string): boolean {
    return typeof this.#sql.call.get(callId)?.finished_at_ms === 'number';
  }

  /** A row that is not the one written last opens nothing: it is as if it were not there. */
  #holds(row: string, body: string): boolean {
    if (this.#connection.gates.holds(row, body)) return true;
    this.#connection.distrust();
    return false;
  }

  #recordOutcome({ value, json: whole }: Canonical<Outcome>): void {
    const isOfErased = this.#isOfErased(value);
    const json = isOfErased ? withoutPerson(whole) : whole;
    beginCall(this.#sql, value.callId);
    if (!this.#addOutcome(isOfErased ? { ...value, customerId: null } : value, json)) return;
    this.#ledger.append({ kind: 'outcome', id: value.id, callId: value.callId, clock: value.clock, body: json });
  }

  #isOfErased({ customerId }: Outcome): boolean {
    return customerId !== null && this.isErased({ customerId });
  }

  /** False when its id was there already. */
  #addOutcome(outcome: Outcome, json: string): boolean {
    return addOutcome(this.#sql, outcome, json);
  }

  #install(save: () => void, slots: unknown): Written {
    const body = JSON.stringify(slots);
    return this.#connection.writeGate(settingRow('slots'), body, () => {
      save();
      this.#sql.saveSetting.run('slots', body);
    });
  }

  #transaction(work: () => void): Written {
    return this.#connection.write(work);
  }
}

const firstTime = (call: StoredCall): number => Date.parse(call.events[0]?.event.time ?? '') || 0;
