/**
 * Sends accepted actions to the system of record: signed CloudEvents, again and again until it takes them or they expire.
 *
 *   pending ─► claim (attempts + 1, next attempt set; committed) ─► POST ─► 2xx: requested │ 400, 422: failed │ else: wait and again
 *
 * A crash after the POST sends it again with the same idempotency key, so the receiver acts once. Nothing is sent before
 * its claim is committed, so a cancellation that came first holds.
 */
import { type KeyObject, randomInt } from 'node:crypto';
import { sql } from 'kysely';
import { ACTION_REQUESTED, type ActionRequest, SIGNATURE_HEADER } from '#contract/system-of-record.ts';
import type { Counters } from '../store/counters.ts';
import type { Store, Tx } from '../store/open-store.ts';
import type { ActionRequestRow } from '../store/tables.ts';
import { approvalOf } from './approval-of.ts';
import { signBody } from './signature.ts';

interface Settings {
  readonly store: Store;
  readonly counters: Counters;
  /** Decides what has expired; waiting and retrying go by the wall clock. */
  readonly nowMs: () => number;
  /** Null: nothing is sent, and what is asked expires. */
  readonly url: string | null;
  readonly key: KeyObject;
  readonly retryMs: number;
  readonly timeoutMs: number;
  /** After the commit: a request came to an end here. */
  readonly ended: (row: ActionRequestRow) => void;
  readonly failed: (operation: string, error: unknown) => void;
}

const CLAIM_AT_ONCE = 20;
const LONGEST_RETRY_MS = 60_000;
const POLL_MS = 1_000;
/** The system of record understood and will not have it: sending it again changes nothing. */
const PERMANENT = new Set([400, 422]);

export class Dispatcher {
  readonly #settings: Settings;
  readonly #stop = new AbortController();
  #timer: NodeJS.Timeout | null = null;
  #dueAtMs = 0;
  #running: Promise<void> = Promise.resolve();
  #isRunning = false;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  start(): void {
    this.wakeIn(0);
  }

  /** Looks for work after a while; an earlier wake-up stands. */
  wakeIn(delayMs: number): void {
    if (this.#stop.signal.aborted || this.#isRunning) return;
    const dueAtMs = performance.now() + Math.min(delayMs, POLL_MS);
    if (this.#timer !== null && this.#dueAtMs <= dueAtMs) return;
    clearTimeout(this.#timer ?? undefined);
    this.#dueAtMs = dueAtMs;
    this.#timer = setTimeout(() => this.#run(), Math.max(0, dueAtMs - performance.now()));
  }

  async close(): Promise<void> {
    this.#stop.abort();
    clearTimeout(this.#timer ?? undefined);
    await this.#running;
  }

  #run(): void {
    this.#isRunning = true;
    this.#timer = null;
    this.#running = this.#work()
      .catch((error: unknown) => this.#settings.failed('sending action requests', error))
      .finally(() => {
        this.#isRunning = false;
        this.wakeIn(POLL_MS);
      });
  }

  async #work(): Promise<void> {
    await this.#expire();
    if (this.#settings.url === null) return;
    for (;;) {
      const claimed = await this.#settings.store.transaction((tx) => this.#claim(tx));
      await Promise.all(claimed.map((row) => this.#send(row)));
      if (claimed.length < CLAIM_AT_ONCE || this.#stop.signal.aborted) return;
    }
  }

  async #expire(): Promise<void> {
    const { store, nowMs, ended, counters } = this.#settings;
    const expired = await store.db
      .updateTable('action_requests')
      .set({
        state: 'expired',
        answered_at_ms: nowMs(),
        detail: sql`case
          when significant and approval_id is null then 'nobody approved it in time'
          when state = 'requested' then 'the system of record did not answer in time'
          else 'it could not be sent in time' end`,
      })
      .where('state', 'in', ['waiting', 'pending', 'requested'])
      .where('expires_at_ms', '<=', nowMs())
      .returningAll()
      .execute();
    counters.add('actions: expired', expired.length);
    for (const row of expired) ended(row);
  }

  async #claim(tx: Tx): Promise<readonly ActionRequestRow[]> {
    const { retryMs, timeoutMs } = this.#settings;
    const due = await tx
      .selectFrom('action_requests')
      .selectAll()
      .where('state', '=', 'pending')
      .where('next_attempt_at_ms', '<=', Date.now())
      .orderBy('next_attempt_at_ms')
      .limit(CLAIM_AT_ONCE)
      .forUpdate()
      .skipLocked()
      .execute();
    for (const row of due) {
      const waitMs = Math.min(LONGEST_RETRY_MS, retryMs * 2 ** Math.min(row.attempts, 20));
      await tx
        .updateTable('action_requests')
        // Full jitter on top of the time-out: an attempt under way is over before the next.
        .set({ attempts: row.attempts + 1, next_attempt_at_ms: Date.now() + timeoutMs + randomInt(Math.ceil(waitMs / 2), waitMs + 1) })
        .where('outcome_id', '=', row.outcome_id)
        .execute();
    }
    return due;
  }

  async #send(row: ActionRequestRow): Promise<void> {
    const status = await this.#post(row);
    const { store, counters, ended, nowMs } = this.#settings;
    if (status !== null && status >= 200 && status < 300) {
      counters.add('actions: requested');
      // An answer may have overtaken the response: it stays.
      await store.db
        .updateTable('action_requests')
        .set({ state: 'requested' })
        .where('outcome_id', '=', row.outcome_id)
        .where('state', '=', 'pending')
        .execute();
    } else if (status !== null && PERMANENT.has(status)) {
      counters.add('actions: refused by the system of record');
      const failed = await store.db
        .updateTable('action_requests')
        .set({ state: 'failed', answered_at_ms: nowMs(), detail: `the system of record refused the request (${status})` })
        .where('outcome_id', '=', row.outcome_id)
        .where('state', '=', 'pending')
        .returningAll()
        .executeTakeFirst();
      if (failed !== undefined) ended(failed);
    } else {
      counters.add('actions: attempts failed');
      const waitMs = Math.min(LONGEST_RETRY_MS, this.#settings.retryMs * 2 ** Math.min(row.attempts, 20));
      await store.db
        .updateTable('action_requests')
        .set({ next_attempt_at_ms: Date.now() + randomInt(Math.ceil(waitMs / 2), waitMs + 1) })
        .where('outcome_id', '=', row.outcome_id)
        .where('state', '=', 'pending')
        .execute();
      this.#wakeAfterRun(waitMs);
    }
  }

  /** The HTTP status; null when there was none. */
  async #post(row: ActionRequestRow): Promise<number | null> {
    const { url, key, timeoutMs } = this.#settings;
    if (url === null) return null;
    const data: ActionRequest = {
      outcomeId: row.outcome_id,
      decisionId: row.decision_id,
      callId: row.call_id,
      customerId: row.customer_id,
      actionId: row.action_id,
      request: { kind: row.kind, ...(row.amount === null ? {} : { amount: row.amount }) },
      significant: row.significant,
      ...(row.approval_id === null ? {} : { approvalId: row.approval_id, ...(await approvalOf(this.#settings.store.db, row.approval_id)) }),
      expiresAtMs: row.expires_at_ms,
    };
    const body = JSON.stringify({
      specversion: '1.0',
      id: row.outcome_id,
      source: 'urn:sotto:central',
      type: ACTION_REQUESTED,
      subject: row.call_id,
      time: new Date(this.#settings.nowMs()).toISOString(),
      datacontenttype: 'application/json',
      data,
    });
    try {
      const response = await fetch(url, {
        method: 'POST',
        redirect: 'error',
        headers: {
          'content-type': 'application/cloudevents+json; charset=utf-8',
          'idempotency-key': row.outcome_id,
          [SIGNATURE_HEADER]: signBody(body, key),
        },
        body,
        signal: AbortSignal.any([this.#stop.signal, AbortSignal.timeout(timeoutMs)]),
      });
      await response.body?.cancel();
      return response.status;
    } catch {
      // Not reachable or too slow: counted by the caller, and tried again.
      return null;
    }
  }

  #wakeAfterRun(delayMs: number): void {
    void this.#running.finally(() => this.wakeIn(delayMs));
  }
}
