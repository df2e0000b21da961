/** Contests as people are shown them: the frozen record told, what came of it, and who had a part in it. */
import { type RawBuilder, sql } from 'kysely';
import {
  type ContestableDecisions,
  type ContestableQuery,
  type ContestItem,
  type ContestQueue,
  type ContestReceipt,
  OPEN_CONTESTS,
  type ContestView,
} from '#contract/contest.ts';
import { type Scope, withinScope } from '../access/scope.ts';
import type { Catalogue } from '../policy/catalogue.ts';
import { heldUntil } from '../privacy/data-orders.ts';
import type { Tellers } from '../records/tellers.ts';
import { inWords } from '../records/told-decision.ts';
import type { Query } from '../store/open-store.ts';
import type { ContestRow } from './load-contest.ts';

interface Settings {
  readonly db: Query;
  readonly nowMs: () => number;
  readonly catalogue: Catalogue;
  readonly tellers: Tellers;
}

interface Seen extends ContestRow {
  readonly assignee_name: string | null;
  readonly taken_by_name: string;
  readonly is_mine: boolean;
}

const MOST = 500;
const MOST_DECISIONS = 200;

export class ContestViews {
  readonly #o: Settings;

  constructor(settings: Settings) {
    this.#o = settings;
  }

  async queue(personId: string, scope: Scope): Promise<ContestQueue> {
    return { nowMs: this.#o.nowMs(), items: (await this.#seen(personId, scope, sql`true`)).map(itemOf) };
  }

  /** Null where there is none within reach. */
  async view(contestId: string, personId: string, scope: Scope): Promise<ContestView | null> {
    const [seen] = await this.#seen(personId, scope, sql`c.contest_id = ${contestId}`);
    if (seen === undefined) return null;
    const { db } = this.#o;
    const { decision_id: decisionId, customer_id: customerId } = seen;
    const answer = await db
      .selectFrom('contest_answers as a')
      .innerJoin('people as p', 'p.person_id', 'a.reviewer')
      .select(['p.name as reviewerName', 'a.finding', 'a.reasons', 'a.remedy', 'a.at_ms as atMs'])
      .where('a.contest_id', '=', contestId)
      .executeTakeFirst();
    const requests = await db
      .selectFrom('action_requests')
      .select(['action_id as actionId', 'state', 'amount'])
      .where('decision_id', '=', decisionId)
      .orderBy('outcome_id')
      .execute();
    return {
      ...itemOf(seen),
      customerId,
      words: seen.words,
      takenByName: seen.taken_by_name,
      recordHash: seen.record_hash,
      heldUntilMs: customerId === null ? null : await heldUntil(db, customerId),
      decision: await this.#decision(seen),
      requests,
      tookPart: await tookPart(db, seen),
      answer: answer ?? null,
    };
  }

  async receipt(contestId: string): Promise<ContestReceipt> {
    const { db } = this.#o;
    const row = await db.selectFrom('contests').selectAll().where('contest_id', '=', contestId).executeTakeFirstOrThrow();
    return {
      contestId,
      state: row.state,
      deadlineAtMs: row.deadline_at_ms,
      expiresAtMs: row.expires_at_ms,
      heldUntilMs: row.customer_id === null ? row.expires_at_ms : ((await heldUntil(db, row.customer_id)) ?? row.expires_at_ms),
    };
  }

  /** What could be contested by this customer, of those within reach. */
  async decisionsAbout(about: ContestableQuery, scope: Scope): Promise<ContestableDecisions> {
    const { db, catalogue } = this.#o;
    const customer =
      about.customerId !== undefined
        ? sql`${about.customerId}`
        : sql`(select customer_id from calls where call_id = ${about.callId} and ${withinScope(scope, 'calls.agent_id')})`;
    const { rows } = await sql<{
      readonly id: string;
      readonly call_id: string;
      readonly at_ms: number;
      readonly body: string;
      readonly contest_id: string | null;
      readonly state: ContestRow['state'] | null;
    }>`
      select d.id, d.call_id, d.at_ms, d.body, c.contest_id, c.state from decisions d
      left join lateral (select contest_id, state from contests where decision_id = d.id order by received_at_ms desc limit 1) c on true
      where d.customer_id = ${customer} and ${withinScope(scope, 'd.agent_id')} order by d.at_ms desc, d.id limit ${MOST_DECISIONS}`.execute(
      db,
    );
    const nameOf = await catalogue.names();
    return {
      decisions: rows.map(({ id, call_id: callId, at_ms: atMs, body, contest_id: contestId, state }) => ({
        decisionId: id,
        callId,
        atMs,
        shown: shownIn(body).map(nameOf),
        contestId,
        state,
      })),
    };
  }

  async #seen(personId: string, scope: Scope, only: RawBuilder<unknown>): Promise<readonly Seen[]> {
    const { rows } = await sql<Seen>`
      select c.*, s.name as assignee_name, t.name as taken_by_name,
        (c.ended_at_ms is null and may_review(${personId}, c, c.level)) as is_mine
      from contests c left join people s on s.person_id = c.assignee join people t on t.person_id = c.taken_by
      where ${withinScope(scope, 'c.agent_id')} and ${only}
      order by c.ended_at_ms is null desc, c.ended_at_ms desc, c.deadline_at_ms, c.contest_id limit ${MOST}`.execute(this.#o.db);
    return rows;
  }

  /** From the record as it was frozen. */
  async #decision({ policy, record }: Pick<ContestRow, 'policy' | 'record'>): Promise<ContestView['decision']> {
    const told = record === null ? null : await this.#o.tellers.tell(policy, record);
    if (told === null) return null;
    return {
      atMs: told.atMs,
      revision: told.policy === null ? '' : `${told.policy.name} ${told.policy.version}`,
      reproduced: told.reproduced,
      shown: told.shown.map(({ name, words, because }) => ({ name, do: words.do, because: [...because] })),
      facts: told.used.map(({ label, value }) => ({ label, value: inWords(value) })),
      notShown: told.considered
        .filter(({ stage }) => stage !== 'shown')
        .map(({ name, stage, code, rule }) => ({ name, ended: [stage, code, rule].filter((part) => part !== null).join(': ') })),
    };
  }
}

const itemOf = (seen: Seen): ContestItem => ({
  contestId: seen.contest_id,
  decisionId: seen.decision_id,
  state: seen.state,
  level: seen.level,
  assigneeId: seen.assignee,
  assigneeName: seen.assignee_name,
  receivedAtMs: seen.received_at_ms,
  deadlineAtMs: seen.deadline_at_ms,
  expiresAtMs: seen.expires_at_ms,
  endedAtMs: seen.ended_at_ms,
  isMine: seen.is_mine && (OPEN_CONTESTS as readonly string[]).includes(seen.state),
});

const shownIn = (body: string): readonly string[] => {
  const { result } = JSON.parse(body) as {
    readonly result: { readonly kind: string; readonly prompts?: readonly { readonly actionId: string }[] };
  };
  return (result.prompts ?? []).map(({ actionId }) => actionId);
};

/** As the tables' `took_part` counts them, by name. */
async function tookPart(db: Query, { contest_id, decision_id, agent_person }: ContestRow): Promise<ContestView['tookPart']> {
  const { rows } = await sql<ContestView['tookPart'][number]>`
    select p.name, part.how from (
      select ${agent_person}::text as person_id, 'agent' as how
      union select q.requester, 'asked' from approval_requests q join outcomes o on o.id = q.outcome_id where o.decision_id = ${decision_id}
      union select v.approver, 'decided' from approval_verdicts v join approval_requests q using (approval_id) join outcomes o on o.id = q.outcome_id
        where o.decision_id = ${decision_id}
      union select b.broken_by, 'broke-glass' from approval_breaks b join approval_requests q using (approval_id)
        join outcomes o on o.id = q.outcome_id where o.decision_id = ${decision_id}
      union select a.reviewer, 'answered-before' from contest_answers a join contests c using (contest_id)
        where c.decision_id = ${decision_id} and c.contest_id <> ${contest_id}
    ) part join people p using (person_id) order by p.name, part.how`.execute(db);
  return rows;
}
