/** Queues and single approvals over HTTP: the evidence for whoever decides, and no more of the engine's word and of others' than they may know yet. */
import { sql } from 'kysely';
import { type ApprovalQueue, type ApprovalView, BREAKS_PATH, type BrokenGlasses } from '#contract/approval.ts';
import type { PersonPrincipal } from '../access/directory.ts';
import { type Scope, scopeAt, withinScope } from '../access/scope.ts';
import type { Catalogue } from '../policy/catalogue.ts';
import type { Tellers } from '../records/tellers.ts';
import { inWords, type ToldRecord } from '../records/told-decision.ts';
import type { Query } from '../store/open-store.ts';
import { isOpen } from './approval-machine.ts';
import { brokenGlasses } from './broken-glasses.ts';
import { askedOf, candidatesFor, decidableBy, itemOf, mayDo, type SeenApproval, seenApprovals } from './seen-approvals.ts';

interface Settings {
  readonly db: Query;
  readonly nowMs: () => number;
  readonly catalogue: Catalogue;
  readonly tellers: Tellers;
}

const MOST_OF_CALL = 40;
const MOST_OF_HISTORY = 40;

export class ApprovalViews {
  readonly #o: Settings;

  constructor(settings: Settings) {
    this.#o = settings;
  }

  /** Those they may decide, and those they asked for themselves. */
  async queue(principal: PersonPrincipal): Promise<ApprovalQueue> {
    const { db, nowMs, catalogue } = this.#o;
    const seen = await seenApprovals(
      db,
      sql`(${decidableBy(principal)} or (q.ended_at_ms is null and not q.is_seeded and q.requester = ${principal.personId}))`,
    );
    const words = await catalogue.words();
    return { nowMs: nowMs(), items: seen.map((one) => itemOf(one, words)) };
  }

  /** What one person let through alone, within reach. */
  async breaks({ personId }: PersonPrincipal, scope: Scope): Promise<BrokenGlasses> {
    const { db, nowMs, catalogue } = this.#o;
    return { nowMs: nowMs(), items: [...(await brokenGlasses(db, await catalogue.words(), personId, scope))] };
  }

  /** Of those, what waits for this person to look at it. */
  async waitingBreaks(principal: PersonPrincipal): Promise<BrokenGlasses> {
    const scope = scopeAt(`GET ${BREAKS_PATH}`, principal);
    if (scope === null) return { nowMs: this.#o.nowMs(), items: [] };
    const { nowMs, items } = await this.breaks(principal, scope);
    return { nowMs, items: items.filter(({ isMine }) => isMine) };
  }

  /** Whether it is within reach. Nobody is told by their own list which cases are made up. */
  async sees(approvalId: string, principal: PersonPrincipal, scope: Scope): Promise<boolean> {
    return (await this.#within(approvalId, principal, scope)) !== null;
  }

  async #within(approvalId: string, principal: PersonPrincipal, scope: Scope): Promise<SeenApproval | null> {
    const { personId } = principal;
    const [seen] = await seenApprovals(
      this.#o.db,
      sql`q.approval_id = ${approvalId} and (q.requester = ${personId} or ${withinScope(scope, 'q.agent_id')} or ${decidableBy(principal)})`,
    );
    return seen === undefined || (seen.requester === personId && seen.is_seeded) ? null : seen;
  }

  /** Null where there is none within reach. */
  async view(approvalId: string, principal: PersonPrincipal, scope: Scope): Promise<ApprovalView | null> {
    const { db, catalogue } = this.#o;
    const seen = await this.#within(approvalId, principal, scope);
    if (seen === null) return null;
    const words = await catalogue.words();
    const look = await db
      .selectFrom('approval_looks')
      .select('judgement')
      .where('approval_id', '=', approvalId)
      .where('person_id', '=', principal.personId)
      .executeTakeFirst();
    const judgement = look?.judgement ?? null;
    const told = await this.#told(seen);
    const verdicts = await this.#verdicts(seen, principal.personId);
    const may = mayDo(principal, seen, verdicts.length > 0);
    return {
      ...itemOf(seen, words),
      askedHash: seen.asked_hash,
      asked: askedOf(seen),
      needed: seen.needed,
      evidence: await this.#evidence(seen, told, words.nameOf),
      messages: await this.#messages(approvalId),
      judgement,
      recommendation: judgement === null && isOpen(seen) ? null : recommendation(seen, told),
      verdicts,
      breakGlass: await this.#broken(approvalId),
      endReason: seen.end_reason,
      replaces: seen.replaces,
      may,
      candidates: may.includes('assign') ? await candidatesFor(db, seen, principal.personId) : [],
    };
  }

  async #evidence(seen: SeenApproval, told: ToldRecord | null, nameOf: (actionId: string) => string): Promise<ApprovalView['evidence']> {
    const { db } = this.#o;
    const events = await db
      .selectFrom('call_events')
      .select(['at_ms', 'type', 'body'])
      .where('call_id', '=', seen.call_id)
      .where('seq', 'is not', null)
      .orderBy('seq', 'desc')
      .limit(MOST_OF_CALL)
      .execute();
    const history =
      seen.customer_id === null
        ? []
        : await db
            .selectFrom('interactions')
            .select(['at_ms', 'kind', 'action_id'])
            .where('customer_id', '=', seen.customer_id)
            .where('retracted', '=', false)
            .orderBy('at_ms', 'desc')
            .limit(MOST_OF_HISTORY)
            .execute();
    const asked = askedOf(seen);
    const considered = told?.considered.find(({ actionId }) => actionId === asked?.actionId);
    return {
      facts: (told?.used ?? []).map(({ label, value }) => ({ label, value: inWords(value) })),
      call: events.map(({ at_ms: atMs, type, body }) => ({
        atMs,
        kind: type,
        words: body.type === 'sotto.utterance.final' ? `${body.data.speaker}: ${body.data.text}` : null,
      })),
      history: history.map(({ at_ms: atMs, kind, action_id: id }) => ({
        atMs,
        kind,
        actionName: id === null ? null : nameOf(id),
      })),
      policy:
        told === null || told.policy === null
          ? null
          : { revision: `${told.policy.name} ${told.policy.version}`, action: considered?.name ?? null },
    };
  }

  async #messages(approvalId: string): Promise<ApprovalView['messages']> {
    const rows = await this.#o.db
      .selectFrom('approval_messages as m')
      .innerJoin('people as p', 'p.person_id', 'm.author')
      .select(['m.author', 'p.name', 'm.text', 'm.at_ms as atMs'])
      .where('m.approval_id', '=', approvalId)
      .orderBy('m.at_ms')
      .execute();
    return rows;
  }

  /** What others said is told to whoever gave their word, and to everybody when it is over. */
  async #verdicts(seen: SeenApproval, personId: string): Promise<ApprovalView['verdicts']> {
    const rows = await this.#o.db
      .selectFrom('approval_verdicts as v')
      .innerJoin('people as p', 'p.person_id', 'v.approver')
      .select(['v.approver', 'p.name', 'v.verdict', 'v.reason', 'v.at_ms as atMs'])
      .where('v.approval_id', '=', seen.approval_id)
      .orderBy('v.at_ms')
      .execute();
    return !isOpen(seen) || rows.some(({ approver }) => approver === personId) ? rows : [];
  }

  async #broken(approvalId: string): Promise<ApprovalView['breakGlass']> {
    const row = await this.#o.db.selectFrom('approval_breaks').selectAll().where('approval_id', '=', approvalId).executeTakeFirst();
    if (row === undefined) return null;
    const { broken_by: by, reason, at_ms: atMs, review_due_ms: reviewDueMs, reviewed_by: reviewedBy, verdict } = row;
    return { by, reason, atMs, reviewDueMs, reviewedBy, verdict };
  }

  /** The decision, told from its record; null where central does not have it, or cannot read it any more. */
  async #told(seen: SeenApproval): Promise<ToldRecord | null> {
    const asked = askedOf(seen);
    if (asked === null) return null;
    const { db, tellers } = this.#o;
    const record = await db.selectFrom('decisions').select(['policy', 'body']).where('id', '=', asked.decisionId).executeTakeFirst();
    return record === undefined ? null : tellers.tell(record.policy, record.body);
  }
}

function recommendation(seen: SeenApproval, told: ToldRecord | null): ApprovalView['recommendation'] {
  if (told === null) return null;
  const actionId = askedOf(seen)?.actionId;
  const shown = told.shown.find((one) => one.actionId === actionId);
  return {
    recommends: shown !== undefined,
    reasons: [...(shown?.because ?? [])],
    whyNot: told.considered
      .filter((one) => one.actionId !== actionId)
      .map(({ actionId: id, name, stage, code, rule }) => ({ actionId: id, name, stage, code, rule })),
  };
}
