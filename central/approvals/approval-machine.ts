/**
 * What may become of a significant request, as a function of how it stands, what is done, and who may do what at this moment.
 *
 *   requested ─► assigned ─┐            ┌─► executed
 *       └─► escalated ─────┴─► approved ┤
 *           (up a level, where its       └─► requested, where who approved it may not any more
 *            deadline passed)
 *
 * From every open state: declined, changed, expired, withdrawn; these and executed are the end. Nothing that ran out was ever approved.
 * The tables hold the same by themselves (migrations/central/014_approvals.sql): this says it first, and in closed reasons.
 */
import { type ApprovalEnd, type ApprovalRefusal, type ApprovalState, OPEN_STATES } from '#contract/approval.ts';

export interface ApprovalTerms {
  readonly requester: string;
  /** How many different people must agree. */
  readonly needed: number;
  readonly isSeeded: boolean;
  readonly levels: readonly { readonly goalMs: number; readonly withinMs: number }[];
  /** Exclusive. */
  readonly expiresAtMs: number;
}

export interface Standing {
  readonly state: ApprovalState;
  readonly level: number;
  readonly assignee: string | null;
  readonly goalAtMs: number;
  readonly deadlineAtMs: number;
  /** One a person. */
  readonly verdicts: readonly { readonly person: string; readonly verdict: 'approved' | 'declined' }[];
  readonly brokenBy: string | null;
  readonly end: ApprovalEnd | null;
}

/** How things are now. */
export interface Circumstances {
  readonly nowMs: number;
  /** Whether somebody may decide at this level or one below it; of who asks it is not asked. */
  readonly mayDecide: (person: string, level: number) => boolean;
  readonly mayBreakGlass: (person: string) => boolean;
  /** Whose turn it would be at the level, but for these; null: nobody's. */
  readonly pick: (level: number, except: readonly string[]) => string | null;
}

export type ApprovalCommand =
  /** Time passes. */
  | { readonly do: 'pass' }
  | { readonly do: 'assign'; readonly by: string; readonly to: string }
  | {
      readonly do: 'approve' | 'decline';
      readonly by: string;
      /** What they saw is what is asked. */
      readonly isSame: boolean;
      /** They said what they think before they were told. */
      readonly hasJudged: boolean;
    }
  | { readonly do: 'break-glass'; readonly by: string; readonly isSame: boolean }
  | { readonly do: 'change' | 'withdraw'; readonly by: string }
  | { readonly do: 'execute' };

export type Stepped = { readonly ok: true; readonly next: Standing } | { readonly ok: false; readonly reason: ApprovalRefusal };

const OPEN: ReadonlySet<ApprovalState> = new Set(OPEN_STATES);
export const isOpen = ({ state }: Pick<Standing, 'state'>): boolean => OPEN.has(state);

const no = (reason: ApprovalRefusal): Stepped => ({ ok: false, reason });
const to = (next: Standing): Stepped => ({ ok: true, next });

const ended = (standing: Standing, state: ApprovalState, end: ApprovalEnd): Standing => ({ ...standing, state, end, assignee: null });

export function stepApproval(before: Standing, terms: ApprovalTerms, command: ApprovalCommand, now: Circumstances): Stepped {
  if (!isOpen(before)) return command.do === 'pass' ? to(before) : no('over');
  const standing = passed(before, terms, now);
  if (command.do === 'pass') return to(standing);
  if (!isOpen(standing)) return no('expired');
  switch (command.do) {
    case 'assign':
      return assign(standing, terms, command, now);
    case 'approve':
    case 'decline':
      return decide(standing, terms, command, now);
    case 'break-glass':
      return breakGlass(standing, terms, command, now);
    case 'change':
      return command.by === terms.requester ? to(ended(standing, 'changed', 'changed')) : no('not-your-request');
    case 'withdraw':
      return command.by === terms.requester ? to(ended(standing, 'withdrawn', 'agent')) : no('not-your-request');
    case 'execute':
      return execute(standing, terms, now);
  }
}

/** Up a level with each deadline that passed; over at its end. */
function passed(standing: Standing, { requester, levels, expiresAtMs }: ApprovalTerms, { nowMs, pick }: Circumstances): Standing {
  if (nowMs >= expiresAtMs) return ended(standing, 'expired', 'time');
  if (standing.state === 'approved') return standing;
  let { level, goalAtMs, deadlineAtMs } = standing;
  for (let above = levels[level + 1]; above !== undefined && nowMs >= deadlineAtMs; above = levels[level + 1]) {
    level++;
    goalAtMs = deadlineAtMs + above.goalMs;
    deadlineAtMs += above.withinMs;
  }
  if (level === standing.level) return standing;
  const assignee = pick(level, [requester, ...standing.verdicts.map(({ person }) => person)]);
  return { ...standing, state: 'escalated', level, goalAtMs, deadlineAtMs, assignee };
}

function assign(
  standing: Standing,
  { requester }: ApprovalTerms,
  { by, to: whom }: Extract<ApprovalCommand, { do: 'assign' }>,
  { mayDecide }: Circumstances,
): Stepped {
  if (standing.state === 'approved') return no('given-already');
  if (whom === requester) return no('own-request');
  if (!mayDecide(by, standing.level) || by === requester) return no('not-your-role');
  if (!mayDecide(whom, standing.level)) return no('nobody-to-assign');
  if (standing.verdicts.some(({ person }) => person === whom)) return no('given-already');
  return to({ ...standing, state: 'assigned', assignee: whom });
}

function decide(
  standing: Standing,
  terms: ApprovalTerms,
  command: Extract<ApprovalCommand, { do: 'approve' | 'decline' }>,
  now: Circumstances,
): Stepped {
  const { by, isSame, hasJudged } = command;
  if (by === terms.requester) return no('own-request');
  if (!now.mayDecide(by, standing.level)) return no('not-your-role');
  if (standing.verdicts.some(({ person }) => person === by) || standing.state === 'approved') return no('given-already');
  if (!isSame) return no('asked-changed');
  if (!hasJudged) return no('not-judged-yet');
  if (command.do === 'decline') {
    const verdicts = [...standing.verdicts, { person: by, verdict: 'declined' as const }];
    return to(ended({ ...standing, verdicts }, 'declined', 'declined'));
  }
  const given: Standing = { ...standing, verdicts: [...standing.verdicts, { person: by, verdict: 'approved' }] };
  if (counting(given, now) >= terms.needed) return to(approved(given, terms));
  if (given.assignee !== by) return to(given);
  const next = now.pick(given.level, [terms.requester, ...given.verdicts.map(({ person }) => person)]);
  return to({ ...given, state: next === null ? 'requested' : 'assigned', assignee: next });
}

function breakGlass(
  standing: Standing,
  terms: ApprovalTerms,
  { by, isSame }: Extract<ApprovalCommand, { do: 'break-glass' }>,
  { mayBreakGlass }: Circumstances,
): Stepped {
  if (by === terms.requester) return no('own-request');
  if (!mayBreakGlass(by)) return no('not-your-role');
  if (standing.state === 'approved' || standing.brokenBy !== null) return no('given-already');
  if (!isSame) return no('asked-changed');
  return to(approved({ ...standing, brokenBy: by }, terms));
}

/** A case that was known to be wrong ends here: there is nothing it could do. */
const approved = (standing: Standing, { isSeeded }: ApprovalTerms): Standing =>
  isSeeded ? ended(standing, 'withdrawn', 'known-wrong') : { ...standing, state: 'approved', assignee: null };

/** Those whose word holds now. */
const counting = ({ verdicts, level }: Standing, { mayDecide }: Circumstances): number =>
  verdicts.filter(({ person, verdict }) => verdict === 'approved' && mayDecide(person, level)).length;

function execute(standing: Standing, terms: ApprovalTerms, now: Circumstances): Stepped {
  if (standing.state !== 'approved') return no('not-approved');
  const isBroken = standing.brokenBy !== null && now.mayBreakGlass(standing.brokenBy);
  if (isBroken || counting(standing, now) >= terms.needed) return to(ended(standing, 'executed', 'executed'));
  // Somebody who approved it may not any more: it is asked again, of others.
  const assignee = now.pick(standing.level, [terms.requester, ...standing.verdicts.map(({ person }) => person)]);
  return to({ ...standing, state: 'requested', assignee });
}
