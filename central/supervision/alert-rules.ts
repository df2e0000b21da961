/** Alerts as they are defined: once, for a team or for the organisation. One that is changed is ended, and another made. */
import { sql } from 'kysely';
import type { AlertRule, AlertRuleView, SupervisionRefusal } from '#contract/supervision.ts';
import type { Scope } from '../access/scope.ts';
import type { Query } from '../store/open-store.ts';

const MOST_IN_FORCE = 200;

type Done<T> = ({ readonly ok: true } & T) | { readonly ok: false; readonly reason: SupervisionRefusal };

export async function rulesInForce(db: Query): Promise<readonly AlertRuleView[]> {
  const { rows } = await sql<AlertRuleView>`
    select rule_id as "ruleId", r.name, team_id as "teamId", severity, kind, after_s as "afterS", topic, p.name as "madeBy",
      made_at_ms as "madeAtMs"
    from alert_rules r join people p on p.person_id = r.made_by where ended_at_ms is null order by made_at_ms, rule_id limit ${MOST_IN_FORCE}`.execute(
    db,
  );
  return rows;
}

/** Of a team one is in; of the organisation by whoever sees all of it. */
const mayDefine = (teamId: string | null, scope: Scope): boolean =>
  scope.reach === 'all' || (scope.reach === 'team' && teamId !== null && scope.teams.includes(teamId));

export async function defineAlert(
  db: Query,
  rule: AlertRule,
  scope: Scope,
  by: string,
  nowMs: number,
): Promise<Done<{ readonly ruleId: string }>> {
  const { name, teamId, severity, kind } = rule;
  if (!mayDefine(teamId, scope)) return { ok: false, reason: 'not-your-team' };
  const { rows } = await sql<{ rule_id: string }>`
    insert into alert_rules (name, team_id, kind, severity, after_s, topic, made_by, made_at_ms)
    select ${name}, ${teamId}, ${kind}, ${severity}, ${'afterS' in rule ? rule.afterS : null}::integer, ${'topic' in rule ? rule.topic : null},
      ${by}, ${nowMs}::bigint
    where (${teamId}::text is null or exists (select from teams where team_id = ${teamId}))
      and (select count(*) from alert_rules where ended_at_ms is null) < ${MOST_IN_FORCE}
    returning rule_id`.execute(db);
  const [made] = rows;
  if (made !== undefined) return { ok: true, ruleId: made.rule_id };
  const team = await db.selectFrom('teams').select('team_id').where('team_id', '=', teamId).executeTakeFirst();
  return { ok: false, reason: teamId !== null && team === undefined ? 'unknown-team' : 'too-many' };
}

export async function endAlert(db: Query, ruleId: string, scope: Scope, by: string, nowMs: number): Promise<Done<object>> {
  const rule = await db
    .selectFrom('alert_rules')
    .select('team_id')
    .where('rule_id', '=', ruleId)
    .where('ended_at_ms', 'is', null)
    .executeTakeFirst();
  if (rule === undefined) return { ok: false, reason: 'not-found' };
  if (!mayDefine(rule.team_id, scope)) return { ok: false, reason: 'not-your-team' };
  await db
    .updateTable('alert_rules')
    .set({ ended_by: by, ended_at_ms: nowMs })
    .where('rule_id', '=', ruleId)
    .where('ended_at_ms', 'is', null)
    .execute();
  return { ok: true };
}
