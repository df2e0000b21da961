/**
 * What other nodes did, read from the tables they share: at every poll, and at once when one of them says so. Each feed keeps where it
 * is in its table, and moves on only after what it read was handed on.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { sql } from 'kysely';
import { type Answer, answerOf } from '../actions/answer-of.ts';
import { OnceMore } from '../once-more.ts';
import { inLogOrder, isAfter, type LogPlace, placeNow } from '../store/log-place.ts';
import type { Query } from '../store/open-store.ts';
import type { ActionRequestRow } from '../store/tables.ts';

interface Settings {
  readonly db: Query;
  readonly nowMs: () => number;
  /** Answers given on a call, by any device. */
  readonly outcomes: (given: readonly GivenOutcome[]) => void;
  readonly agentIds: () => readonly string[];
  readonly answer: (agentId: string, answer: Answer) => void;
  readonly ordersChanged: () => void;
}

export interface GivenOutcome {
  readonly callId: string;
  readonly agentId: string;
  readonly deviceId: string;
}

const PAGE = 500;
/** Other nodes say so with every batch they store: often enough is enough. */
const OUTCOMES_PACE_MS = 250;
/** Nodes' clocks may differ, and a transaction commits after it read the clock. */
const ANSWERS_OVERLAP_MS = 60_000;

export class NodeFeeds {
  readonly #settings: Settings;
  /** After which outcome the next page begins; null: not known before the first look. What is committed by then is known to whoever connects from then on. */
  #place: LogPlace | null = null;
  #answersSinceMs: number;
  /** Answers that were handed on within the overlap, by outcome and state. */
  readonly #answered = new Map<string, number>();
  #ordered: number | null = null;
  readonly #outcomes = new OnceMore(async () => {
    await this.#readOutcomes();
    await pause(OUTCOMES_PACE_MS, undefined, { ref: false });
  });
  readonly #answers = new OnceMore(() => this.#readAnswers());
  readonly #orders = new OnceMore(() => this.#readOrders());

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#answersSinceMs = settings.nowMs() - ANSWERS_OVERLAP_MS;
  }

  /** Everything. Rejects when a table cannot be read: the next poll tries again. */
  async poll(): Promise<void> {
    await Promise.all([this.outcomes(), this.answers(), this.orders()]);
  }

  outcomes(): Promise<void> {
    return this.#outcomes.run();
  }

  answers(): Promise<void> {
    return this.#answers.run();
  }

  orders(): Promise<void> {
    return this.#orders.run();
  }

  async #readOutcomes(): Promise<void> {
    const { db, outcomes } = this.#settings;
    this.#place ??= await placeNow(db);
    for (;;) {
      const { rows } = await sql<{ tx: string; pos: number; call_id: string; agent_id: string; device_id: string }>`
        select tx::text as tx, pos, call_id, agent_id, device_id from outcomes
        where ${isAfter(this.#place)} order by ${inLogOrder('outcomes')} limit ${PAGE}`.execute(db);
      outcomes(rows.map(({ call_id, agent_id, device_id }) => ({ callId: call_id, agentId: agent_id, deviceId: device_id })));
      const last = rows.at(-1);
      if (last !== undefined) this.#place = { tx: last.tx, pos: last.pos };
      if (rows.length < PAGE) return;
    }
  }

  async #readAnswers(): Promise<void> {
    const { db, agentIds, answer, nowMs } = this.#settings;
    const ids = agentIds();
    const fromMs = this.#answersSinceMs - ANSWERS_OVERLAP_MS;
    const sinceMs = nowMs();
    if (ids.length > 0) {
      const { rows } = await sql<ActionRequestRow>`
        select * from action_requests where agent_id = any(${ids}::text[]) and answered_at_ms > ${fromMs} order by answered_at_ms`.execute(
        db,
      );
      for (const row of rows) {
        const key = `${row.outcome_id} ${row.state}`;
        const told = this.#answered.has(key) ? null : answerOf(row);
        this.#answered.set(key, sinceMs);
        if (told !== null) answer(row.agent_id, told);
      }
    }
    this.#answersSinceMs = sinceMs;
    for (const [key, atMs] of this.#answered) if (atMs < fromMs) this.#answered.delete(key);
  }

  async #readOrders(): Promise<void> {
    const { db, ordersChanged } = this.#settings;
    const { rows } = await sql<{ ordered: number }>`select coalesce(max(seq), 0)::bigint as ordered from data_orders`.execute(db);
    const before = this.#ordered;
    this.#ordered = rows[0]?.ordered ?? 0;
    if (before !== null && before !== this.#ordered) ordersChanged();
  }
}
