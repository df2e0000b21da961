/**
 * Whether somebody looks at what they approve, or stamps it. Pure: cases in, a reading out.
 *
 * The score is the weighted mean of what stamping looks like, each between 0 and 1: cases known to be wrong that were let through (drawn
 * towards one half while they are few), evidence left unopened, verdicts given sooner than the evidence can be read, and first
 * judgements that never differ from the engine's word. Agreement itself is told and not scored: the engine may be right.
 */
import { CONFIDENCE, type Measured, median, rateOf } from '../measured.ts';
import { wilsonInterval } from '#learning';

/** One verdict of one person. */
export interface JudgedCase {
  /** From opening to the verdict. */
  readonly seconds: number;
  /** Share of the evidence that was opened. */
  readonly evidenceOpened: number;
  /** The verdict is what the engine recommends; null: it recommends nothing. */
  readonly agrees: boolean | null;
  /** The judgement before the recommendation was; null as above. */
  readonly firstAgrees: boolean | null;
  /** Of a case known to be wrong: whether it was declined. Null: a real one. */
  readonly caught: boolean | null;
}

export interface StampReading {
  readonly cases: number;
  readonly medianSeconds: Measured | null;
  readonly evidenceOpened: Measured | null;
  readonly agreement: Measured | null;
  readonly firstAgreement: Measured | null;
  readonly seededCaught: Measured | null;
  readonly score: number | null;
}

/** Below these nothing is said. */
const LEAST_CASES = 20;
const LEAST_OF_A_RATE = 10;
const LEAST_SEEDED = 3;
/** Nobody reads the evidence of a case sooner. */
const READ_IN_S = 20;
/** Seeded cases that weigh as much as what is assumed of everybody: that half of them are noticed. */
const SEEDED_PRIOR = 2;
const WEIGHTS = { seeded: 0.35, evidence: 0.35, quick: 0.15, first: 0.15 } as const;
/** Careful people differ at first from the engine in at least so many cases. */
const DIFFERS_AT_FIRST = 0.15;

export function readStamps(cases: readonly JudgedCase[]): StampReading {
  const real = cases.filter(({ caught }) => caught === null);
  const seeded = cases.flatMap(({ caught }) => caught ?? []);
  const isEnough = real.length >= LEAST_CASES;
  return {
    cases: cases.length,
    medianSeconds: isEnough ? median(real.map(({ seconds }) => seconds)) : null,
    evidenceOpened: isEnough ? mean(real.map(({ evidenceOpened }) => evidenceOpened)) : null,
    agreement: rateOf(
      real.flatMap(({ agrees }) => agrees ?? []),
      LEAST_OF_A_RATE,
    ),
    firstAgreement: rateOf(
      real.flatMap(({ firstAgrees }) => firstAgrees ?? []),
      LEAST_OF_A_RATE,
    ),
    seededCaught: rateOf(seeded, LEAST_SEEDED),
    score: isEnough ? stampScore(real, seeded) : null,
  };
}

const share = (count: number, of: number): number => (of === 0 ? 0 : count / of);

function stampScore(real: readonly JudgedCase[], seeded: readonly boolean[]): number {
  const missed = (seeded.filter((caught) => !caught).length + SEEDED_PRIOR / 2) / (seeded.length + SEEDED_PRIOR);
  const unopened = 1 - real.reduce((sum, { evidenceOpened }) => sum + evidenceOpened, 0) / real.length;
  const quick = share(real.filter(({ seconds }) => seconds < READ_IN_S).length, real.length);
  const first = real.flatMap(({ firstAgrees }) => firstAgrees ?? []);
  const differs = share(first.filter((agrees) => !agrees).length, first.length);
  const never = Math.max(0, 1 - differs / DIFFERS_AT_FIRST);
  return WEIGHTS.seeded * missed + WEIGHTS.evidence * unopened + WEIGHTS.quick * quick + WEIGHTS.first * never;
}

/** Of shares between 0 and 1: as if each were that part of a yes, which is never narrower than it should be. */
function mean(shares: readonly number[]): Measured {
  const sum = shares.reduce((all, one) => all + one, 0);
  return { estimate: sum / shares.length, ...wilsonInterval(sum, shares.length, CONFIDENCE) };
}
