/** Contests on their way: opened with the record frozen and the customer's data held, given to whoever had no part in it, answered or run out. */
import { sql } from 'kysely';
import type { ContestAnswer, ContestRefusal, NewContest } from '#contract/contest.ts';
import { redact } from '#core';
import { type Scope, withinScope } from '../access/scope.ts';
import { holdAtLeast } from '../privacy/data-orders.ts';
import { sqlState, type Store, type Tx } from '../store/open-store.ts';
import { type ContestCommand, type ContestStanding, stepContest } from './contest-machine.ts';
import { type LoadedContest, loadContest } from './load-contest.ts';

export interface ContestRules {
  readonly levels: readonly { readonly role: 'supervisor' | 'council' | 'huddle'; readonly withinDays: number }[];
  readonly expiresAfterDays: number;
  /** What is contested is held for so long after the contest's own end. */
  readonly holdDays: number;
}

interface Settings {
  readonly store: Store;
  readonly nowMs: () => number;
  readonly rules: ContestRules;
  /** A customer's data is held: desks are to hear of it. */
  readonly ordered: () => void;
  /** After a commit: whoever looks at contests is told. */
  readonly changed: () => void;
}

export type ContestDone = { readonly ok: true; readonly contestId: string } | { readonly ok: false; readonly reason: ContestRefusal };

const DAY_MS = 86_400_000;
const MOST_AT_ONCE = 200;
const CHECK_VIOLATION = '23514';
const UNIQUE_VIOLATION = '23505';

const no = (reason: ContestRefusal): ContestDone => ({ ok: false, reason });

export class Contests {
  readonly #o: Settings;

  constructor(settings: Settings) {
    this.#o = settings;
  }

  /** From a decision about a customer, within reach of who takes the words down. All of it, or nothing. */
  async open({ decisionId, words }: NewContest, takenBy: string, scope: Scope): Promise<ContestDone> {
    const { store, nowMs, rules, ordered } = this.#o;
    const at = nowMs();
    const [first] = rules.levels;
    if (first === undefined) throw new Error('contests have at least one level');
    let done: ContestDone;
    try {
      done = await store.transaction(async (tx) => {
        const decision = await tx
          .selectFrom('decisions as d')
          .leftJoin('agents as a', 'a.agent_id', 'd.agent_id')
          .select(['d.id', 'd.hash', 'd.body', 'd.policy', 'd.call_id', 'd.customer_id', 'd.agent_id', 'a.person_id'])
          .where('d.id', '=', decisionId)
          .where(withinScope(scope, 'd.agent_id'))
          .executeTakeFirst();
        if (decision === undefined || decision.customer_id === null) return no('no-such-decision');
        const expiresAtMs = at + rules.expiresAfterDays * DAY_MS;
        const { contest_id: contestId } = (await sql<{ contest_id: string }>`select gen_random_uuid()::text as contest_id`.execute(tx))
          .rows[0] ?? {
          contest_id: '',
        };
        await holdAtLeast(tx, decision.customer_id, expiresAtMs + rules.holdDays * DAY_MS, at, {
          basis: `contest ${contestId}`,
          by: takenBy,
        });
        await tx
          .insertInto('contests')
          .values({
            contest_id: contestId,
            decision_id: decision.id,
            call_id: decision.call_id,
            customer_id: decision.customer_id,
            agent_id: decision.agent_id,
            agent_person: decision.person_id,
            policy: decision.policy,
            record: decision.body,
            record_hash: decision.hash,
            words: redact(words).text,
            taken_by: takenBy,
            levels: JSON.stringify(rules.levels.map(({ role, withinDays }) => ({ role, withinMs: withinDays * DAY_MS }))),
            roles: sql`${rules.levels.map(({ role }) => role)}::text[]`,
            received_at_ms: at,
            deadline_at_ms: at + first.withinDays * DAY_MS,
            expires_at_ms: expiresAtMs,
            changed_at_ms: at,
          })
          .execute();
        const loaded = await loadContest(tx, contestId, [], at);
        const assignee = loaded?.now.pick(0) ?? null;
        if (loaded !== null && assignee !== null) await write(tx, loaded, { ...loaded.standing, state: 'assigned', assignee }, null);
        return { ok: true, contestId };
      });
    } catch (error) {
      if (sqlState(error) !== UNIQUE_VIOLATION) throw error;
      return no('contested-already');
    }
    if (done.ok) {
      ordered();
      this.#o.changed();
    }
    return done;
  }

  assign(contestId: string, by: string, to: string): Promise<ContestDone> {
    return this.#step(contestId, [by, to], { do: 'assign', by, to });
  }

  /** What was found, and why. It is told; nothing else changes. */
  answer(contestId: string, by: string, answer: ContestAnswer): Promise<ContestDone> {
    return this.#step(contestId, [by], { do: 'answer', by }, async (tx, { now }) => {
      await tx
        .insertInto('contest_answers')
        .values({
          contest_id: contestId,
          reviewer: by,
          finding: answer.finding,
          reasons: redact(answer.reasons).text,
          remedy: answer.finding === 'set-aside' ? redact(answer.remedy).text : null,
          at_ms: now.nowMs,
        })
        .execute();
    });
  }

  /** The customer said so, to somebody who had no part in the decision. */
  withdraw(contestId: string, by: string): Promise<ContestDone> {
    return this.#step(contestId, [by], { do: 'withdraw', by });
  }

  /** Does what time does. Any number of nodes may. */
  async pass(): Promise<void> {
    const { store, nowMs } = this.#o;
    const due = await store.db
      .selectFrom('contests as c')
      .select('c.contest_id')
      .where('c.ended_at_ms', 'is', null)
      .where(({ or, and, eb, ref, val, fn }) =>
        or([
          eb('c.expires_at_ms', '<=', nowMs()),
          and([
            eb('c.deadline_at_ms', '<=', nowMs()),
            eb(eb(ref('c.level'), '+', val(1)), '<', fn<number>('cardinality', [ref('c.roles')])),
          ]),
          // Who has it may have lost the role, or have approved what came of it since.
          sql<boolean>`not may_review(c.assignee, c, c.level)`,
        ]),
      )
      .orderBy('c.deadline_at_ms')
      .limit(MOST_AT_ONCE)
      .execute();
    for (const { contest_id } of due) await this.#step(contest_id, [], { do: 'pass' });
  }

  async #step(
    contestId: string,
    people: readonly string[],
    command: ContestCommand,
    answer: ((tx: Tx, loaded: LoadedContest) => Promise<void>) | null = null,
  ): Promise<ContestDone> {
    const { store, nowMs } = this.#o;
    const attempt = () =>
      store.transaction(async (tx): Promise<ContestDone> => {
        const loaded = await loadContest(tx, contestId, people, nowMs());
        if (loaded === null) return no('not-found');
        const stepped = stepContest(loaded.standing, loaded.terms, command, loaded.now);
        if (!stepped.ok) return stepped;
        if (stepped.next.state === 'answered' && answer !== null) {
          // Said where it may be: on the level on which it is by now.
          if (stepped.next.level > loaded.row.level) await write(tx, loaded, { ...stepped.next, state: 'escalated', assignee: null }, null);
          await answer(tx, loaded);
        } else await write(tx, loaded, stepped.next, 'by' in command ? command.by : null);
        return { ok: true, contestId };
      });
    let done: ContestDone;
    try {
      done = await attempt();
    } catch (error) {
      // A role went, or somebody approved it, between the look and the word: asked again, there is a reason for it.
      if (![CHECK_VIOLATION, UNIQUE_VIOLATION].includes(sqlState(error) ?? '')) throw error;
      done = await attempt();
    }
    if (done.ok) this.#o.changed();
    return done;
  }
}

/** All but an answer, which writes itself. */
async function write(tx: Tx, { row, standing, now }: LoadedContest, next: ContestStanding, by: string | null): Promise<void> {
  if (next.state === standing.state && next.level === standing.level && next.assignee === standing.assignee) return;
  // The tables take one level at a time.
  for (let level = row.level + 1; level < next.level; level++)
    await tx
      .updateTable('contests')
      .set({ state: 'escalated', level, assignee: null, changed_at_ms: now.nowMs })
      .where('contest_id', '=', row.contest_id)
      .execute();
  const isOver = next.state === 'expired' || next.state === 'withdrawn';
  await tx
    .updateTable('contests')
    .set({
      state: next.state,
      level: next.level,
      assignee: next.assignee,
      deadline_at_ms: next.deadlineAtMs,
      changed_at_ms: now.nowMs,
      ended_at_ms: isOver ? now.nowMs : null,
      withdrawn_by: next.state === 'withdrawn' ? by : null,
    })
    .where('contest_id', '=', row.contest_id)
    .execute();
}
