/**
 * Alerts as they were raised, whether or not anybody watches a wall: one node at a time looks what is so on the calls that alerts are about,
 * and writes down what began and what is over. Every node reads that log, and tells the supervisors who are connected to it.
 */
import { sql } from 'kysely';
import { type Alert, type AlertRuleView, MAX_RAISED, type RaisedAlert, type RaisedAlerts } from '#contract/supervision.ts';
import { type Scope, withinScope } from '../access/scope.ts';
import { inLogOrder, isAfter, type LogPlace, placeNow } from '../store/log-place.ts';
import type { Query, Store, Tx } from '../store/open-store.ts';
import { rulesInForce } from './alert-rules.ts';
import { readWall } from './read-wall.ts';

export const LOOK_FOR_ALERTS_MS = 1_000;
/** Any fixed number: one node at a time. */
const LOCK = 5_077_419;
const LISTED_FOR_MS = 24 * 3_600_000;
const PAGE = 500;

interface Row extends RaisedAlert {
  readonly tx: string;
  readonly pos: number;
  readonly teams: readonly string[];
}

const rows = sql`
  select r.tx::text as tx, r.pos, r.raised_id as "raisedId", r.rule_id as "ruleId", a.name, a.kind, a.severity, r.call_id as "callId",
    r.agent_id as "agentId", p.name as "agentName", r.since_ms as "sinceMs", r.raised_at_ms as "raisedAtMs", r.ended_at_ms as "endedAtMs",
    array(select team_id from team_members m where m.person_id = g.person_id order by team_id) as teams
  from raised_alerts r join alert_rules a using (rule_id) join agents g on g.agent_id = r.agent_id join people p on p.person_id = g.person_id`;

const alertOf = ({ tx: _tx, pos: _pos, teams: _teams, ...alert }: Row): RaisedAlert => alert;

/** Those of the last day within reach, the last first. */
export async function raisedAlerts(db: Query, scope: Scope, nowMs: number): Promise<RaisedAlerts> {
  const found = await sql<Row>`${rows}
    where r.raised_at_ms > ${nowMs - LISTED_FOR_MS} and ${withinScope(scope, 'r.agent_id')}
    order by r.raised_at_ms desc, r.pos desc limit ${MAX_RAISED}`.execute(db);
  return { nowMs, items: found.rows.map(alertOf) };
}

/** Writes down what began and what is over since the last time, unless another node is at it. Rejects when the tables cannot be read. */
export async function raiseAlerts(store: Store, nowMs: number): Promise<void> {
  const rules = await rulesInForce(store.db);
  const { rows: open } = await sql`select from raised_alerts where ended_at_ms is null limit 1`.execute(store.db);
  if (rules.length + open.length === 0) return;
  await store.transaction(async (tx) => {
    const { rows: taken } = await sql<{ mine: boolean }>`select pg_try_advisory_xact_lock(${LOCK}) as mine`.execute(tx);
    if (taken[0]?.mine === true) await writeDown(tx, rules, nowMs);
  });
}

interface Standing {
  readonly call_id: string;
  readonly rule_id: string;
}
const keyOf = ({ call_id, rule_id }: Standing): string => `${call_id} ${rule_id}`;

async function writeDown(tx: Tx, rules: readonly AlertRuleView[], nowMs: number): Promise<void> {
  const teams = rules.flatMap(({ teamId }) => teamId ?? []);
  const reach = teams.length < rules.length ? 'everybody' : { teams, agentIds: [] };
  const calls = rules.length === 0 ? [] : await readWall(tx, reach, rules, (id) => id, nowMs);
  const now = new Map<string, Standing & Pick<Alert, 'sinceMs'> & { readonly agent_id: string }>();
  for (const { row, alerts } of calls)
    for (const { ruleId, sinceMs } of alerts) {
      const standing = { call_id: row.callId, rule_id: ruleId, agent_id: row.agentId, sinceMs };
      now.set(keyOf(standing), standing);
    }
  const { rows: before } = await sql<
    Standing & { raised_id: string }
  >`select raised_id, call_id, rule_id from raised_alerts where ended_at_ms is null`.execute(tx);
  const over: string[] = [];
  for (const standing of before) if (!now.delete(keyOf(standing))) over.push(standing.raised_id);
  // A new place in the log, so that whoever follows it reads the end as well.
  if (over.length > 0)
    await sql`
      update raised_alerts set ended_at_ms = greatest(raised_at_ms, ${nowMs}::bigint), tx = pg_current_xact_id(), pos = nextval('raised_alerts_pos_seq')
      where raised_id = any(${over}::text[])`.execute(tx);
  for (const { call_id, rule_id, agent_id, sinceMs } of now.values())
    await sql`
      insert into raised_alerts (call_id, rule_id, agent_id, since_ms, raised_at_ms)
      values (${call_id}, ${rule_id}, ${agent_id}, ${sinceMs}::bigint, ${nowMs}::bigint)`.execute(tx);
}

/** What began or is over, told once at this node. */
export class AlertFeed {
  readonly #db: Query;
  readonly #tell: (alert: RaisedAlert, teams: readonly string[]) => void;
  #place: LogPlace | null = null;

  constructor(db: Query, tell: (alert: RaisedAlert, teams: readonly string[]) => void) {
    this.#db = db;
    this.#tell = tell;
  }

  /** Rejects when the tables cannot be read. */
  async look(): Promise<void> {
    this.#place ??= await placeNow(this.#db);
    for (;;) {
      const found = await sql<Row>`${rows} where ${isAfter(this.#place)} order by ${inLogOrder('r')} limit ${PAGE}`.execute(this.#db);
      for (const row of found.rows) this.#tell(alertOf(row), row.teams);
      const last = found.rows.at(-1);
      if (last !== undefined) this.#place = { tx: last.tx, pos: last.pos };
      if (found.rows.length < PAGE) return;
    }
  }
}
