/**
 * What may become of a contest, as a function of how it stands, what is done, and who may do what at this moment.
 *
 *   received ─► assigned ──┐
 *       └─► escalated ─────┴─► answered, by somebody who had no part in the decision
 *
 * From every open state: expired, where nobody answered in time (which confirms nothing), and withdrawn by the customer.
 * The tables hold the same by themselves (migrations/central/018_contests.sql): this says it first, and in closed reasons.
 */
import { type ContestRefusal, type ContestState, OPEN_CONTESTS } from '#contract/contest.ts';

export interface ContestTerms {
  readonly levels: readonly { readonly withinMs: number }[];
  /** Exclusive. */
  readonly expiresAtMs: number;
}

export interface ContestStanding {
  readonly state: ContestState;
  readonly level: number;
  readonly assignee: string | null;
  readonly deadlineAtMs: number;
}

/** How things are now. */
export interface ContestCircumstances {
  readonly nowMs: number;
  /** Whether somebody holds the role of this level or one below it. */
  readonly mayReview: (person: string, level: number) => boolean;
  /** Whether they decided, approved, declined or asked, or answered when it was contested before. */
  readonly tookPart: (person: string) => boolean;
  /** Whose turn it would be at the level, of those who had no part; null: nobody's. */
  readonly pick: (level: number) => string | null;
}

export type ContestCommand =
  /** Time passes. */
  | { readonly do: 'pass' }
  | { readonly do: 'assign'; readonly by: string; readonly to: string }
  /** What they find is theirs to say: the machine is not asked. */
  | { readonly do: 'answer' | 'withdraw'; readonly by: string };

export type ContestStepped =
  | { readonly ok: true; readonly next: ContestStanding }
  | { readonly ok: false; readonly reason: ContestRefusal };

const OPEN: ReadonlySet<ContestState> = new Set(OPEN_CONTESTS);
export const isOpenContest = ({ state }: Pick<ContestStanding, 'state'>): boolean => OPEN.has(state);

const no = (reason: ContestRefusal): ContestStepped => ({ ok: false, reason });
const to = (next: ContestStanding): ContestStepped => ({ ok: true, next });
const ended = (standing: ContestStanding, state: ContestState): ContestStanding => ({ ...standing, state, assignee: null });

export function stepContest(
  before: ContestStanding,
  terms: ContestTerms,
  command: ContestCommand,
  now: ContestCircumstances,
): ContestStepped {
  if (!isOpenContest(before)) return command.do === 'pass' ? to(before) : no('over');
  const standing = passed(before, terms, now);
  if (command.do === 'pass') return to(standing);
  if (!isOpenContest(standing)) return no('expired');
  if (now.tookPart(command.by)) return no('took-part');
  if (!now.mayReview(command.by, standing.level)) return no('not-your-role');
  switch (command.do) {
    case 'assign':
      if (now.tookPart(command.to)) return no('took-part');
      return now.mayReview(command.to, standing.level)
        ? to({ ...standing, state: 'assigned', assignee: command.to })
        : no('nobody-to-assign');
    case 'answer':
      return to(ended(standing, 'answered'));
    case 'withdraw':
      return to(ended(standing, 'withdrawn'));
  }
}

/** Up a level with each deadline that passed; over at its end; and with somebody else, where who has it may not look at it any more. */
function passed(standing: ContestStanding, { levels, expiresAtMs }: ContestTerms, now: ContestCircumstances): ContestStanding {
  if (now.nowMs >= expiresAtMs) return ended(standing, 'expired');
  let { level, deadlineAtMs } = standing;
  for (let above = levels[level + 1]; above !== undefined && now.nowMs >= deadlineAtMs; above = levels[level + 1]) {
    level++;
    deadlineAtMs += above.withinMs;
  }
  if (level > standing.level) return { state: 'escalated', level, deadlineAtMs, assignee: now.pick(level) };
  const { assignee } = standing;
  if (assignee === null || (now.mayReview(assignee, level) && !now.tookPart(assignee))) return standing;
  const next = now.pick(level);
  return { ...standing, state: next === null ? 'received' : 'assigned', assignee: next };
}
