/** The review queue: groups, samples and single cases, with no more of others' verdicts than whoever asks may know yet, and nobody's name. */
import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import type { z } from 'zod';
import type { CasesQuery, OverrideCase, OverrideQueue, OverrideSample } from '#contract/override-review.ts';
import type { Scope } from '../access/scope.ts';
import type { Catalogue } from '../policy/catalogue.ts';
import type { Tellers } from '../records/tellers.ts';
import { inWords } from '../records/told-decision.ts';
import type { Query } from '../store/open-store.ts';
import { agreementOf, type Pair } from './agreement.ts';
import { type CaseRow, foundTogether, isSettled, readCases } from './read-cases.ts';
import { stratifiedSample } from './stratified-sample.ts';

interface Settings {
  readonly db: Query;
  readonly nowMs: () => number;
  readonly catalogue: Catalogue;
  readonly tellers: Tellers;
}

const groupOf = ({ action_id, kind, reason }: Pick<CaseRow, 'action_id' | 'kind' | 'reason'>): string =>
  [action_id, kind, reason ?? ''].join('\n');

export class OverrideViews {
  readonly #o: Settings;

  constructor(settings: Settings) {
    this.#o = settings;
  }

  async queue(personId: string, scope: Scope, sinceMs: number): Promise<OverrideQueue> {
    const { db, nowMs, catalogue } = this.#o;
    const rows = await readCases(db, personId, scope, sql`c.received_at_ms >= ${sinceMs}`);
    const nameOf = await catalogue.names();
    const groups = [...Map.groupBy(rows, groupOf).values()].flatMap((cases) => {
      const [like] = cases;
      if (like === undefined) return [];
      const found = cases.filter(isSettled).map(({ findings }) => foundTogether(findings));
      const count = (what: string): number => found.filter((one) => one === what).length;
      return [
        {
          actionId: like.action_id,
          actionName: nameOf(like.action_id),
          kind: like.kind,
          reason: like.reason,
          cases: cases.length,
          judged: cases.filter(({ findings }) => findings.length > 0).length,
          agentRight: count('agent-right'),
          systemRight: count('system-right'),
          unclear: count('unclear'),
          itemId: cases.find(({ item_id }) => item_id !== null)?.item_id ?? null,
        },
      ];
    });
    return {
      nowMs: nowMs(),
      sinceMs,
      groups: groups.toSorted((a, b) => b.cases - a.cases || (a.actionId < b.actionId ? -1 : 1)),
      agreement: agreementOf(rows.flatMap(({ findings: [a, b] }): readonly Pair[] => (a === undefined || b === undefined ? [] : [[a, b]]))),
    };
  }

  async sample(
    personId: string,
    scope: Scope,
    sinceMs: number,
    { actionId, kind, reason, seed, size, todo }: z.output<typeof CasesQuery>,
  ): Promise<OverrideSample> {
    const { db, nowMs, catalogue } = this.#o;
    const rows = await readCases(
      db,
      personId,
      scope,
      sql`c.received_at_ms >= ${sinceMs} and (${actionId ?? null}::text is null or c.action_id = ${actionId ?? null})
        and (${kind ?? null}::text is null or c.kind = ${kind ?? null}) and (${reason ?? null}::text is null or c.reason = ${reason ?? null})
        and (${todo === 'false'} or c.person_id is distinct from ${personId})`,
    );
    const wanted = todo === 'true' ? rows.filter((row) => !isSettled(row)) : rows;
    const nameOf = await catalogue.names();
    const ticketOf = ({ outcome_id }: CaseRow): string => createHash('sha256').update(`${seed}/${outcome_id}`).digest('hex');
    return {
      nowMs: nowMs(),
      seed,
      of: wanted.length,
      cases: stratifiedSample(wanted, size, groupOf, ticketOf).map(({ one, weight }) => ({ ...itemOf(one, nameOf), weight })),
    };
  }

  /** Null where there is none within reach. */
  async one(personId: string, scope: Scope, outcomeId: string): Promise<OverrideCase | null> {
    const { db, catalogue } = this.#o;
    const [row] = await readCases(db, personId, scope, sql`c.outcome_id = ${outcomeId}`);
    if (row === undefined) return null;
    const seen = await db
      .selectFrom('override_cases as c')
      .innerJoin('outcomes as o', 'o.id', 'c.outcome_id')
      .select(['c.urgency', 'c.chosen_action_id', 'c.policy', 'c.record', 'c.record_hash', 'c.seen_at_ms', 'o.body'])
      .where('c.outcome_id', '=', outcomeId)
      .executeTakeFirst();
    if (seen === undefined) return null;
    const given = await db
      .selectFrom('override_verdicts')
      .selectAll()
      .where('outcome_id', '=', outcomeId)
      .orderBy('at_ms')
      .orderBy('reviewer')
      .execute();
    const nameOf = await catalogue.names();
    const { verdicts: _count, ...item } = itemOf(row, nameOf);
    const { chosen_action_id: chosen } = seen;
    return {
      ...item,
      urgency: seen.urgency,
      chosenActionId: chosen,
      chosenActionName: chosen === null ? null : nameOf(chosen),
      note: seen.body.note ?? null,
      seenAtMs: seen.seen_at_ms,
      recordHash: seen.record_hash,
      picture: await this.#picture(seen.policy, seen.record, chosen),
      verdicts: isSettled(row)
        ? given.map(({ verdict, note, at_ms: atMs, reviewer }) => ({ verdict, note, atMs, isMine: reviewer === personId }))
        : [],
      itemId: row.item_id,
    };
  }

  /** What was on the screen, told from the record as it came. */
  async #picture(policy: string | null, record: string | null, chosen: string | null): Promise<OverrideCase['picture']> {
    const told = policy === null || record === null ? null : await this.#o.tellers.tell(policy, record);
    if (told === null) return null;
    const other = told.considered.find(({ actionId }) => actionId === chosen);
    return {
      decidedAtMs: told.atMs,
      revision: told.policy === null ? '' : `${told.policy.name} ${told.policy.version}`,
      reproduced: told.reproduced,
      shown: told.shown.map(({ actionId, name, words, because }) => ({
        actionId,
        name,
        do: words.do,
        say: words.say,
        because: [...because],
      })),
      facts: told.used.map(({ label, value }) => ({ label, value: inWords(value) })),
      chosenEnded: other === undefined ? null : [other.stage, other.code, other.rule].filter((part) => part !== null).join(': '),
    };
  }
}

const itemOf = (row: CaseRow, nameOf: (actionId: string) => string): Omit<OverrideSample['cases'][number], 'weight'> => ({
  outcomeId: row.outcome_id,
  atMs: row.at_ms,
  actionId: row.action_id,
  actionName: nameOf(row.action_id),
  kind: row.kind,
  reason: row.reason,
  verdicts: row.findings.length,
  mine: row.mine,
});
