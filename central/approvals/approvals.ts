/**
 * Significant requests on their way: what people do with them, and what time does. Each is one transaction that locks the request, asks
 * the machine what may become of it, and writes that; the tables refuse by themselves whatever should not be.
 */
import type { z } from 'zod';
import type { ApprovalChange, ApprovalRefusal, BreakGlass, BreakReview, Evidence, Judgement, Verdict } from '#contract/approval.ts';
import { redact } from '#core';
import { sqlState, type Store, type Tx } from '../store/open-store.ts';
import { type ApprovalCommand, isOpen, type Standing, stepApproval } from './approval-machine.ts';
import { changeApproval } from './change-approval.ts';
import { type Loaded, loadApproval, writeStanding } from './load-approval.ts';

export type ApprovalDone = { readonly ok: true; readonly approvalId: string } | { readonly ok: false; readonly reason: ApprovalRefusal };

interface Settings {
  readonly store: Store;
  readonly nowMs: () => number;
  /** After a commit: something is to be told, and perhaps to be sent. */
  readonly changed: (approvalId: string) => void;
  /** The tables refused an execution that the machine allowed. */
  readonly refused: () => void;
}

const REVIEWED_WITHIN_MS = 24 * 3_600_000;
/** Of one look at what is due. */
const MOST_AT_ONCE = 200;
const CHECK_VIOLATION = '23514';
const UNIQUE_VIOLATION = '23505';

const no = (reason: ApprovalRefusal): ApprovalDone => ({ ok: false, reason });

const WORDS: Readonly<Partial<Record<NonNullable<Standing['end']>, string>>> = {
  time: 'nobody approved it in time',
  agent: 'Taken back by the agent',
  'known-wrong': 'This case was made up to see whether anybody looks',
};

export class Approvals {
  readonly #o: Settings;

  constructor(settings: Settings) {
    this.#o = settings;
  }

  assign(approvalId: string, by: string, to: string): Promise<ApprovalDone> {
    return this.#step(approvalId, [by, to], () => ({ do: 'assign', by, to }));
  }

  /** Kept with the first look at it. */
  look(approvalId: string, person: string, evidence: Evidence | null = null): Promise<ApprovalDone> {
    return this.#within(approvalId, [person], async (tx, loaded) => {
      const { standing, now, row } = loaded;
      if (person === row.requester) return no('own-request');
      if (!isOpen(standing)) return no('over');
      if (!now.mayDecide(person, standing.level) && !now.mayBreakGlass(person)) return no('not-your-role');
      await tx
        .insertInto('approval_looks')
        .values({ approval_id: approvalId, person_id: person, opened_at_ms: now.nowMs })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      if (evidence !== null)
        await tx
          .updateTable('approval_looks')
          .set(({ ref, fn, val }) => ({ evidence: fn<Evidence[]>('array_append', [ref('evidence'), val(evidence)]) }))
          .where('approval_id', '=', approvalId)
          .where('person_id', '=', person)
          .where(({ not, eb, val, ref, fn }) => not(eb(val(evidence), '=', fn.any(ref('evidence')))))
          .execute();
      return { ok: true, approvalId };
    });
  }

  /** What they think before they are told what the engine recommends; it stays. */
  judge(approvalId: string, person: string, { judgement }: z.output<typeof Judgement>): Promise<ApprovalDone> {
    return this.#within(approvalId, [person], async (tx, { standing, now, row }) => {
      if (person === row.requester) return no('own-request');
      if (!isOpen(standing)) return no('over');
      if (!now.mayDecide(person, standing.level)) return no('not-your-role');
      const before = await judgementOf(tx, approvalId, person);
      if (before !== null) return before === judgement ? { ok: true, approvalId } : no('judged-already');
      const values = { judgement, judged_at_ms: now.nowMs };
      await tx
        .insertInto('approval_looks')
        .values({ approval_id: approvalId, person_id: person, opened_at_ms: now.nowMs, ...values })
        .onConflict((conflict) => conflict.columns(['approval_id', 'person_id']).doUpdateSet(values))
        .execute();
      return { ok: true, approvalId };
    });
  }

  /** Their word, of exactly what they saw. */
  decide(approvalId: string, by: string, verdict: Verdict): Promise<ApprovalDone> {
    const reason = verdict.verdict === 'declined' ? redact(verdict.reason).text : null;
    let judgement: Awaited<ReturnType<typeof judgementOf>> = null;
    return this.#step(
      approvalId,
      [by],
      async (tx, { row }) => {
        judgement = await judgementOf(tx, approvalId, by);
        const kind = verdict.verdict === 'approved' ? 'approve' : 'decline';
        return { do: kind, by, isSame: verdict.askedHash === row.asked_hash, hasJudged: judgement !== null };
      },
      async (tx, { row, now }) => {
        if (judgement === null) throw new Error(`approval ${approvalId}: a verdict without a judgement passed its check`);
        await tx
          .insertInto('approval_verdicts')
          .values({
            approval_id: approvalId,
            asked_hash: row.asked_hash,
            requester: row.requester,
            approver: by,
            judgement,
            verdict: verdict.verdict,
            reason,
            at_ms: now.nowMs,
          })
          .execute();
      },
      reason === null ? null : `Declined: ${reason}`.slice(0, 200),
    );
  }

  /** Alone, by a right of its own; another person looks at it the next day. */
  breakGlass(approvalId: string, by: string, { askedHash, reason }: z.output<typeof BreakGlass>): Promise<ApprovalDone> {
    return this.#step(
      approvalId,
      [by],
      (_, { row }) => ({ do: 'break-glass', by, isSame: askedHash === row.asked_hash }),
      async (tx, { row, now }) => {
        await tx
          .insertInto('approval_breaks')
          .values({
            approval_id: approvalId,
            asked_hash: row.asked_hash,
            requester: row.requester,
            broken_by: by,
            reason,
            at_ms: now.nowMs,
            review_due_ms: now.nowMs + REVIEWED_WITHIN_MS,
          })
          .execute();
      },
    );
  }

  reviewBreak(approvalId: string, by: string, { verdict, reason }: z.output<typeof BreakReview>): Promise<ApprovalDone> {
    return this.#within(approvalId, [], async (tx, { broken, row, now }) => {
      if (broken === null || broken.reviewed_by !== null) return no('nothing-to-review');
      if (broken.broken_by === by || row.requester === by) return no('own-break');
      await tx
        .updateTable('approval_breaks')
        .set({ reviewed_by: by, verdict, review_reason: reason, reviewed_at_ms: now.nowMs })
        .where('approval_id', '=', approvalId)
        .execute();
      return { ok: true, approvalId };
    });
  }

  /** A question to the agent, or the agent's answer: both may be asked of whoever takes part. */
  say(approvalId: string, by: string, text: string): Promise<ApprovalDone> {
    return this.#within(approvalId, [by], async (tx, { standing, now, row }) => {
      if (!isOpen(standing)) return no('over');
      if (by !== row.requester && !now.mayDecide(by, standing.level)) return no('not-your-role');
      await tx
        .insertInto('approval_messages')
        .values({ approval_id: approvalId, author: by, text: redact(text).text, at_ms: now.nowMs })
        .execute();
      return { ok: true, approvalId };
    });
  }

  /** By who asks: less than before. */
  change(approvalId: string, by: string, { amount }: z.output<typeof ApprovalChange>): Promise<ApprovalDone> {
    return this.#within(approvalId, [by], (tx, loaded) => changeApproval(tx, loaded, by, amount));
  }

  withdraw(approvalId: string, by: string): Promise<ApprovalDone> {
    return this.#step(approvalId, [by], () => ({ do: 'withdraw', by }));
  }

  /** Does what is due: deadlines, ends, executions. Any number of nodes may. */
  async pass(): Promise<void> {
    const { store, nowMs } = this.#o;
    const at = nowMs();
    const due = await store.db
      .selectFrom('approval_requests as q')
      .leftJoin('action_requests as a', 'a.outcome_id', 'q.outcome_id')
      .select(['q.approval_id', 'q.state'])
      .where('q.ended_at_ms', 'is', null)
      .where(({ or, and, eb, val, fn, ref }) =>
        or([
          eb('q.expires_at_ms', '<=', at),
          and([
            eb('q.deadline_at_ms', '<=', at),
            eb('q.state', '<>', 'approved'),
            eb(eb(ref('q.level'), '+', val(1)), '<', fn<number>('cardinality', [ref('q.roles')])),
          ]),
          and([eb('q.state', '=', 'approved'), eb('a.next_attempt_at_ms', '<=', Date.now())]),
        ]),
      )
      .orderBy('q.deadline_at_ms')
      .limit(MOST_AT_ONCE)
      .execute();
    for (const { approval_id, state } of due) {
      try {
        await this.#step(approval_id, [], () => ({ do: state === 'approved' ? 'execute' : 'pass' }));
      } catch (error) {
        // What the tables refuse stays as it is until its end; the others go on.
        if (sqlState(error) !== CHECK_VIOLATION) throw error;
        this.#o.refused();
      }
    }
  }

  /** Null where it is not open, or not theirs to see. */
  async #within(
    approvalId: string,
    people: readonly string[],
    work: (tx: Tx, loaded: Loaded) => Promise<ApprovalDone>,
  ): Promise<ApprovalDone> {
    const { store, nowMs, changed } = this.#o;
    const attempt = () =>
      store.transaction(async (tx) => {
        const loaded = await loadApproval(tx, approvalId, people, nowMs());
        return loaded === null ? no('not-found') : work(tx, loaded);
      });
    let done: ApprovalDone;
    try {
      done = await attempt();
    } catch (error) {
      // Somebody's role went between the look and the word, or the same word came twice: asked again, there is a reason for it.
      if (![CHECK_VIOLATION, UNIQUE_VIOLATION].includes(sqlState(error) ?? '')) throw error;
      done = await attempt();
    }
    if (done.ok) changed(done.approvalId);
    return done;
  }

  #step(
    approvalId: string,
    people: readonly string[],
    command: (tx: Tx, loaded: Loaded) => ApprovalCommand | Promise<ApprovalCommand>,
    before: (tx: Tx, loaded: Loaded) => Promise<void> = () => Promise.resolve(),
    detail: string | null = null,
  ): Promise<ApprovalDone> {
    return this.#within(approvalId, people, async (tx, loaded) => {
      const { row, request, standing, terms, now } = loaded;
      const stepped = stepApproval(standing, terms, await command(tx, loaded), now);
      if (!stepped.ok) return stepped;
      const { next } = stepped;
      if (next.state !== 'executed') {
        const isWord = next.verdicts.length > standing.verdicts.length || next.brokenBy !== standing.brokenBy;
        // A word is said where it may be: on the level on which it is asked for by now.
        if (isWord && next.level > row.level)
          await writeStanding(tx, loaded, { ...standing, ...levelOf(next), state: 'escalated', assignee: null }, null, now.nowMs);
        await before(tx, loaded);
        const words = next.end === null ? null : (detail ?? WORDS[next.end] ?? null);
        await writeStanding(
          tx,
          isWord && next.level > row.level ? { ...loaded, row: { ...row, level: next.level } } : loaded,
          next,
          words,
          now.nowMs,
        );
        return { ok: true, approvalId };
      }
      if (request === null) throw new Error(`approval ${approvalId} has nothing to execute`);
      await tx
        .insertInto('approval_executions')
        .values({ approval_id: approvalId, outcome_id: request.outcome_id, asked_hash: row.asked_hash, at_ms: now.nowMs })
        .execute();
      return { ok: true, approvalId };
    });
  }
}

const levelOf = ({ level, goalAtMs, deadlineAtMs }: Standing) => ({ level, goalAtMs, deadlineAtMs });

async function judgementOf(tx: Tx, approvalId: string, person: string) {
  const look = await tx
    .selectFrom('approval_looks')
    .select('judgement')
    .where('approval_id', '=', approvalId)
    .where('person_id', '=', person)
    .executeTakeFirst();
  return look?.judgement ?? null;
}
