/** What a revision asks that a record taken under another one does not hold, and whether it mattered. */
import { REASONS, type Stage, STAGES } from '#contract/reason-codes.ts';
import type { Asking } from './asked-by.ts';

/** One thing that is not held. */
export interface Gap {
  /** In words: `profile.tenureMonths`, `contact policy two-a-week`. */
  readonly what: string;
  readonly askings: readonly Asking[];
  /**
   * unknown: the stage was told so, and so an action it mattered to ended in an `…-unknown` there.
   * assumed: the stage was told the likelier answer, so whatever came as far as that stage might have gone otherwise.
   */
  readonly told: 'unknown' | 'assumed';
}

const ORDER: ReadonlyMap<Stage, number> = new Map(STAGES.map((stage, index) => [stage, index]));
const orderOf = (stage: Stage): number => ORDER.get(stage) ?? 0;

/** Only must-say lines are shown on this rung: that is found out after scoring, whatever the code's own stage. */
const endOf = (code: number): { readonly stage: Stage; readonly isUnknown: boolean } => {
  const reason = REASONS[code];
  if (reason === undefined) throw new Error(`${code} is no reason`);
  return { stage: reason.code === 'must-say-only' ? 'threshold' : reason.stage, isUnknown: reason.code.endsWith('unknown') };
};

/** Those of the gaps that may have changed the decision in which actions ended with these codes. */
export function gapsThatMattered(gaps: readonly Gap[], codes: Uint8Array): readonly string[] {
  const mattered = gaps.filter(({ askings, told }) =>
    askings.some(({ action, stage }) => {
      const code = codes[action];
      if (code === undefined) return false;
      const end = endOf(code);
      return told === 'unknown' ? end.stage === stage && end.isUnknown : orderOf(end.stage) >= orderOf(stage);
    }),
  );
  return [...new Set(mattered.map(({ what }) => what))];
}
