/**
 * What other nodes did, read from the tables they share: at every poll, and at once when one of them says so. Each feed keeps where it
 * is in its table, and moves on only after what it read was handed on.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { sql } from 'kysely';
import { type Answer, answerOf } from '../actions/answer-of.ts';
import type { Query } from '../store/open-store.ts';
import type { ActionRequestRow } from '../store/tables.ts';

interface Settings {
  readonly db: Query;
  readonly nowMs: () => number;
  /** Answers given on a call, by any device. */
  readonly outcomes: (given: readonly GivenOutcome[]) => void;
  readonly agentIds: () => readonly string[];
  readonly answer: (agentId: string, answer: Answer) => void;
  readonly versionsChanged: () => Promise<void>;
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
  /** After which outcome the next page begins; null: not known before the first look. */
  #cursor: { readonly tx: string; readonly pos: number } | null = null;
  #answersSinceMs: number;
  /** Answers that were handed on within the overlap, by outcome and state. */
  readonly #answered = new Map<string, number>();
  #published: number | null = null;
  #ordered: number | null = null;
  readonly #running = new Map<string, Promise<void>>();
  readonly #wanted = new Set<string>();

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#answersSinceMs = settings.nowMs() - ANSWERS_OVERLAP_MS;
  }

  /** Everything. Rejects when a table cannot be read: the next poll tries again. */
  async poll(): Promise<void> {
    await Promise.all([this.outcomes(), this.answers(), this.changes()]);
  }

  outcomes(): Promise<void> {
    return this.#once('outcomes', async () => {
      await this.#readOutcomes();
      await pause(OUTCOMES_PACE_MS, undefined, { ref: false });
    });
  }

  answers(): Promise<void> {
    return this.#once('answers', () => this.#readAnswers());
  }

  changes(): Promise<void> {
    return this.#once('changes', () => this.#readChanges());
  }

  /** Never twice at once; asked for meanwhile it is done once more afterwards. */
  #once(name: string, work: () => Promise<void>): Promise<void> {
    this.#wanted.add(name);
    const running = this.#running.get(name) ?? this.#repeat(name, work);
    this.#running.set(name, running);
    return running;
  }

  async #repeat(name: string, work: () => Promise<void>): Promise<void> {
    try {
      while (this.#wanted.delete(name)) await work();
    } finally {
      this.#running.delete(name);
    }
  }

  /** By (tx, pos), below the oldest transaction that may still write: a position alone would skip what commits late. */
  async #readOutcomes(): Promise<void> {
    const { db, outcomes } = this.#settings;
    this.#cursor ??= await startOf(db);
    for (;;) {
      const { tx, pos }: { readonly tx: string; readonly pos: number } = this.#cursor;
      const { rows } = await sql<{ tx: string; pos: number; call_id: string; agent_id: string; device_id: string }>`
        select tx::text as tx, pos, call_id, agent_id, device_id from outcomes
        where (tx, pos) > (${tx}::text::xid8, ${pos}::bigint) and tx < pg_snapshot_xmin(pg_current_snapshot())
        order by outcomes.tx, outcomes.pos limit ${PAGE}`.execute(db);
      outcomes(rows.map(({ call_id, agent_id, device_id }) => ({ callId: call_id, agentId: agent_id, deviceId: device_id })));
      const last = rows.at(-1);
      if (last !== undefined) this.#cursor = { tx: last.tx, pos: last.pos };
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

  async #readChanges(): Promise<void> {
    const { db, versionsChanged, ordersChanged } = this.#settings;
    const { rows } = await sql<{ published: number; ordered: number }>`
      select (select coalesce(max(pos), 0) from publications)::bigint as published,
        (select coalesce(max(seq), 0) from data_orders)::bigint as ordered`.execute(db);
    const { published, ordered } = rows[0] ?? { published: 0, ordered: 0 };
    const [before, orderedBefore] = [this.#published, this.#ordered];
    if (before !== null && before !== published) await versionsChanged();
    this.#published = published;
    if (orderedBefore !== null && orderedBefore !== ordered) ordersChanged();
    this.#ordered = ordered;
  }
}

/** What is committed by now is known to whoever connects from now on. */
async function startOf(db: Query): Promise<{ readonly tx: string; readonly pos: number }> {
  const { rows } = await sql<{ tx: string }>`select pg_snapshot_xmin(pg_current_snapshot())::text as tx`.execute(db);
  return { tx: rows[0]?.tx ?? '0', pos: -1 };
}
