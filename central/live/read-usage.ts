/** How much of what is scarce is used up, counted from the outcomes: acceptances of any device that were not taken back. */
import { sql } from 'kysely';
import type { CheckedConstraint, CheckedRevision } from '#contract/checked-policy.ts';
import type { UsageReport } from '#contract/live.ts';
import { periodStartMs } from '#core';
import type { Query } from '../store/open-store.ts';

/** A constraint as it is counted. */
export interface Scarce extends Pick<CheckedConstraint, 'id' | 'period' | 'maxAgeMs'> {
  /** What one acceptance of an action takes of it, by the action's id. */
  readonly takes: ReadonlyMap<string, number>;
}

export interface DeskName {
  readonly deviceId: string;
  readonly agentId: string;
}

/** Of a volume every acceptance takes one, of a budget the amount of its request, as the revision has it. */
export const scarceIn = ({ constraints, actions }: CheckedRevision): readonly Scarce[] =>
  constraints.map(({ id, kind, period, maxAgeMs, covers }) => ({
    id,
    period,
    maxAgeMs,
    takes: new Map(
      covers.flatMap((number) => {
        const action = actions[number];
        return action === undefined ? [] : [[action.id, kind === 'volume' ? 1 : (action.request?.amount ?? 0)] as const];
      }),
    ),
  }));

/**
 * The use of every constraint in its period, as of `nowMs`. What a device with a fast clock says happened later than now
 * counts now already.
 */
export async function readUses(db: Query, scarce: readonly Scarce[], nowMs: number): Promise<UsageReport['uses']> {
  const uses: UsageReport['uses'] = [];
  for (const period of new Set(scarce.map((each) => each.period))) {
    const ofPeriod = scarce.filter((each) => each.period === period);
    const times = await timesTaken(db, [...new Set(ofPeriod.flatMap(({ takes }) => [...takes.keys()]))], periodStartMs(period, nowMs));
    for (const { id, takes } of ofPeriod) {
      let used = 0;
      for (const [action, each] of takes) used += each * (times.get(action) ?? 0);
      uses.push({ constraintId: id, used, asOfMs: nowMs });
    }
  }
  return uses;
}

async function timesTaken(db: Query, actions: readonly string[], sinceMs: number): Promise<ReadonlyMap<string, number>> {
  const rows = await db
    .selectFrom('outcomes as taken')
    .select(({ fn }) => ['taken.taken_action', fn.countAll<number>().as('times')])
    .where('taken.taken_action', 'in', [...actions])
    .where('taken.at_ms', '>=', sinceMs)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('outcomes as back')
            .select('back.id')
            .whereRef('back.retracts', '=', 'taken.id')
            .whereRef('back.call_id', '=', 'taken.call_id'),
        ),
      ),
    )
    .groupBy('taken.taken_action')
    .execute();
  return new Map(rows.map(({ taken_action, times }) => [taken_action ?? '', times]));
}

/** Per desk (its name as `deskKey` writes it) the last acceptance, override or retraction that is stored; as are all it made before. */
export async function readCountedTo(db: Query, desks: readonly DeskName[]): Promise<ReadonlyMap<string, string>> {
  const { rows } = await sql<{ device_id: string; agent_id: string; id: string }>`
    select desk.device_id, desk.agent_id, last.id
    from unnest(${desks.map(({ deviceId }) => deviceId)}::text[], ${desks.map(({ agentId }) => agentId)}::text[]) as desk (device_id, agent_id)
    cross join lateral (
      select id from outcomes
      where outcomes.device_id = desk.device_id and outcomes.agent_id = desk.agent_id and kind in ('accepted', 'overridden', 'retracted')
      order by tx desc, clock desc limit 1
    ) as last`.execute(db);
  return new Map(rows.map(({ device_id, agent_id, id }) => [deskKey({ deviceId: device_id, agentId: agent_id }), id]));
}

/** Neither name has a space in it. */
export const deskKey = ({ deviceId, agentId }: DeskName): string => `${deviceId} ${agentId}`;
