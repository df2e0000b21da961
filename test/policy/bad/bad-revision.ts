/** What an author may get wrong: one change to the small revision each, with the line and the words of the fault it must give. */
export interface BadRevision {
  readonly name: string;
  readonly file: string;
  /** Replaces the first `find` of the file; `null` takes the file away; a text alone is the whole new file. */
  readonly change: readonly [find: string, replace: string] | string | null;
  /** Where the fault must stand, when not in the changed file. */
  readonly at?: string;
  readonly line: number;
  /** Words the reason must have. */
  readonly says: readonly string[];
}

/** The small revision's sales action, its bill action and its significant one. */
export const OFFER = 'actions/growth/plans/bigger-plan.yaml';
export const BILL = 'actions/care/billing/explain-bill.yaml';
export const CREDIT = 'actions/growth/extras/credit.yaml';
export const PLAN_LINE = 'profile.plan in ["basic", "plus"]';

/** A condition that takes the place of the offer's first eligibility condition, on line 14. */
export const condition = (name: string, cel: string, ...says: readonly string[]): BadRevision => ({
  name,
  file: OFFER,
  change: [PLAN_LINE, `'${cel.replaceAll("'", "''")}'`],
  line: 14,
  says,
});

/** One text in a file replaced by another. */
export const change = (
  name: string,
  file: string,
  find: string,
  replace: string,
  line: number,
  ...says: readonly string[]
): BadRevision => ({
  name,
  file,
  change: [find, replace],
  line,
  says,
});

/** A whole file with another text. */
export const whole = (name: string, file: string, text: string, line: number, ...says: readonly string[]): BadRevision => ({
  name,
  file,
  change: text,
  line,
  says,
});
