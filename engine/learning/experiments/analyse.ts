/** An experiment's rows → what each arm did beside control, and whether to believe it. */
import { type ArmMean, armMean } from './arm-mean.ts';
import { type Compared, compareArms, type Estimated, excludesZero } from './compare-arms.ts';
import type { SequenceSettings } from './confidence-sequence.ts';
import { withoutCovariate } from './covariate.ts';
import type { Interval } from '../evaluation/likelihood-interval.ts';
import { adjusted, type Adjustment } from './multiple-tests.ts';
import { type SampleRatio, sampleRatio } from './sample-ratio.ts';
import { newcombeInterval, wilsonInterval } from './wilson.ts';

export interface ExperimentRows {
  /** Names of the arms; at least two, each with rows. */
  readonly arms: readonly string[];
  /** Number of each row's arm. */
  readonly ofArm: Uint8Array;
  readonly metrics: readonly Metric[];
  /** Number of what was assigned as one, by row; null = each row by itself. */
  readonly clusters: Int32Array | null;
  /** What was known of each row before the experiment. */
  readonly covariate: Float64Array | null;
}

export interface Metric {
  readonly name: string;
  readonly values: Float64Array;
  /** The way it must not go, and how far it may: not a goal but a guardrail. Null = a goal. */
  readonly guardrail: { readonly worse: 'more' | 'less'; readonly margin: number } | null;
}

export interface AnalysisSettings extends SequenceSettings {
  /** Number of the arm the others are held against. */
  readonly control: number;
  readonly adjustment: Adjustment;
  /** Of each arm, as it was meant; null = not known: the alarm is as if they were meant to be equal, and nothing follows from it. */
  readonly shares: readonly number[] | null;
}

export interface ArmFigures {
  readonly arm: string;
  readonly metric: string;
  readonly n: number;
  readonly units: number;
  readonly mean: number;
  readonly standardError: number;
  /** Wilson's where the metric is yes or no and every row is its own; null otherwise. */
  readonly wilson: Interval | null;
}

export type Standing = 'held' | 'breached' | 'undecided';

export interface Comparison {
  readonly arm: string;
  readonly control: string;
  readonly metric: string;
  readonly difference: Estimated;
  /** Newcombe's, where there are Wilson's. */
  readonly newcombe: Interval | null;
  readonly lift: Estimated | null;
  readonly pValue: number;
  readonly adjustedP: number;
  /** The intervals exclude zero, and the adjusted p-value agrees. */
  readonly significant: boolean;
  readonly sequence: Interval & { readonly significant: boolean };
  /** With what was known before taken out. */
  readonly cuped: (Compared & { readonly significant: boolean; readonly theta: number; readonly explained: number }) | null;
  readonly guardrail: Standing | null;
}

export interface ExperimentAnalysis {
  readonly n: number;
  readonly units: number;
  readonly arms: readonly ArmFigures[];
  readonly comparisons: readonly Comparison[];
  readonly sampleRatio: SampleRatio & { readonly assumedEqual: boolean };
  /** No result is to be believed while the alarm of the sample ratio is on, nor where an arm is fewer than two units. */
  readonly trusted: boolean;
}

export function analyseExperiment(rows: ExperimentRows, settings: AnalysisSettings): ExperimentAnalysis {
  const { arms, ofArm, metrics, clusters } = rows;
  const figures = metrics.map((metric) => arms.map((_, arm) => armMean(metric.values, clusters, ofArm, arm)));
  const units = (figures[0] ?? []).map((arm) => arm.units);
  const raw = metrics.flatMap((metric, m) => comparisonsOf(rows, metric, figures[m] ?? [], settings));
  const comparisons = withAdjustedP(raw, settings);
  const assumedEqual = settings.shares === null;
  const ratio = { ...sampleRatio(units, settings.shares ?? arms.map(() => 1)), assumedEqual };
  return {
    n: ofArm.length,
    units: units.reduce((sum, count) => sum + count, 0),
    arms: metrics.flatMap((metric, m) =>
      (figures[m] ?? []).map((mean, arm) => ({
        arm: arms[arm] ?? '',
        metric: metric.name,
        n: mean.rows,
        units: mean.units,
        mean: mean.mean,
        standardError: mean.standardError,
        wilson: wilsonOf(metric, mean, clusters !== null, settings.confidence),
      })),
    ),
    comparisons,
    sampleRatio: ratio,
    trusted: (assumedEqual || !ratio.alarm) && units.every((count) => count > 1),
  };
}

type Unadjusted = Omit<Comparison, 'adjustedP' | 'significant'>;

function comparisonsOf(
  { arms, ofArm, clusters, covariate }: ExperimentRows,
  metric: Metric,
  means: readonly ArmMean[],
  settings: AnalysisSettings,
): readonly Unadjusted[] {
  const control = means[settings.control];
  if (control === undefined) throw new Error(`arm ${settings.control} of ${means.length} cannot be control`);
  const cuped = covariate === null ? null : withoutCovariate(metric.values, covariate, ofArm, arms.length);
  return means.flatMap((mean, arm) => {
    if (arm === settings.control) return [];
    const compared = compareArms(mean, control, clusters !== null, settings);
    const newcombe = newcombeOf(metric, mean, control, clusters !== null, settings.confidence);
    const corrected =
      cuped === null
        ? null
        : compareArms(
            armMean(cuped.values, clusters, ofArm, arm),
            armMean(cuped.values, clusters, ofArm, settings.control),
            clusters !== null,
            settings,
          );
    return [
      {
        arm: arms[arm] ?? '',
        control: arms[settings.control] ?? '',
        metric: metric.name,
        ...compared,
        sequence: { ...compared.sequence, significant: excludesZero(compared.sequence) },
        newcombe,
        cuped:
          corrected === null || cuped === null
            ? null
            : { ...corrected, significant: excludesZero(corrected.difference), theta: cuped.theta, explained: cuped.explained },
        guardrail: metric.guardrail === null ? null : standingOf(compared.difference, metric.guardrail),
      },
    ];
  });
}

/** Goals are adjusted for together; a guardrail is to warn, and is not made less sensitive by there being many. */
function withAdjustedP(raw: readonly Unadjusted[], { adjustment, confidence }: AnalysisSettings): readonly Comparison[] {
  const goals = raw.filter(({ guardrail }) => guardrail === null);
  const p = adjusted(
    goals.map(({ pValue }) => pValue),
    adjustment,
  );
  return raw.map((one) => {
    const place = goals.indexOf(one);
    const adjustedP = place < 0 ? one.pValue : (p[place] ?? 1);
    const intervals = [one.difference, one.lift, one.newcombe].filter((interval) => interval !== null);
    return { ...one, adjustedP, significant: intervals.every(excludesZero) && adjustedP < 1 - confidence };
  });
}

const isYesOrNo = ({ values }: Metric): boolean => values.every((value) => value === 0 || value === 1);

function wilsonOf(metric: Metric, { mean, rows }: ArmMean, isClustered: boolean, confidence: number): Interval | null {
  return isClustered || !isYesOrNo(metric) ? null : wilsonInterval(Math.round(mean * rows), rows, confidence);
}

function newcombeOf(metric: Metric, treatment: ArmMean, control: ArmMean, isClustered: boolean, confidence: number): Interval | null {
  const t = wilsonOf(metric, treatment, isClustered, confidence);
  const c = wilsonOf(metric, control, isClustered, confidence);
  return t === null || c === null ? null : newcombeInterval({ rate: treatment.mean, ...t }, { rate: control.mean, ...c });
}

/** Held: worse by more than the margin is excluded. Breached: nothing but that is left. */
function standingOf({ low, high }: Interval, { worse, margin }: NonNullable<Metric['guardrail']>): Standing {
  const [best, worst] = worse === 'more' ? [low, high] : [-high, -low];
  if (best > margin) return 'breached';
  return worst <= margin ? 'held' : 'undecided';
}
