/** From labelled utterances to a bundle that tells intents: n-grams, a network, a threshold below which it refuses, an ONNX file. */
import type { IntentManifest, NGramForm } from '#contract/text-model.ts';
import { sixDecimals } from '../model-quality.ts';
import { seededRandom, shuffle } from '../seeded-random.ts';
import type { Table } from '../separated-rows.ts';
import type { TrainingFault } from '../training-fault.ts';
import { nameFault, type TrainingSettings } from '../training-settings.ts';
import { type ClassAnswer, classAnswer, measureClasses } from './class-answers.ts';
import { type FitPlan, fitTextNetwork } from './fit-text-network.ts';
import { nGramGroups, wordHashes } from './n-grams.ts';
import { readLabels } from './read-labels.ts';
import { networkOdds, softmax, type TextNetwork } from './text-network.ts';
import type { Groups, Vocabulary } from './vocabulary.ts';
import { writeTextNetwork } from './write-text-network.ts';

export interface IntentSettings extends TrainingSettings {
  readonly text: string;
  readonly label: string;
  /** Told how much of the work is done, 0 … 1. */
  readonly onStep?: (share: number) => void;
}

export type IntentTraining =
  | {
      readonly ok: true;
      readonly manifest: IntentManifest;
      readonly onnx: Uint8Array;
      readonly vocabulary: Vocabulary;
      readonly network: TextNetwork;
      readonly notices: readonly string[];
    }
  | { readonly ok: false; readonly faults: readonly TrainingFault[] };

/**
 * Clean labels of many classes bear to be learnt long; where people labelled the same words differently, a little is more. Which of
 * the two it is, the rows kept back say.
 */
const WAYS: readonly { readonly form: NGramForm; readonly plan: FitPlan }[] = [
  {
    form: { runs: 2, reach: 4, pieces: [3, 4], before: 0 },
    plan: { layers: 3, units: 128, rounds: 15, pace: 0.1, dropInputs: 0.5, dropUnits: 0.5, smoothing: 0.1, leastTexts: 2 },
  },
  {
    form: { runs: 3, reach: 4, pieces: [2, 5], before: 0, unknown: true },
    plan: { layers: 4, units: 64, rounds: 3, pace: 0.1, dropInputs: 0.3, dropUnits: 0.2, smoothing: 0, leastTexts: 2 },
  },
];
const KEPT_BACK = 0.15;
/** Share of rows in scope that may lose a right answer to the threshold: where there are rows out of scope to refuse, and where not. */
const REFUSED_RIGHT = { withOutside: 0.01, without: 0.0005 };
const GOLDEN = 16;

/** Rows to fit and rows kept back: of each label the same share, so that none is missing from the fit. */
const split = (truths: readonly (number | null)[], random: () => number): readonly [fitted: number[], kept: number[]] => {
  const byLabel = new Map<number | null, number[]>();
  for (const [row, truth] of truths.entries()) {
    const rows = byLabel.get(truth) ?? [];
    rows.push(row);
    byLabel.set(truth, rows);
  }
  const fitted: number[] = [];
  const kept: number[] = [];
  for (const rows of byLabel.values()) {
    shuffle(rows, random);
    // Chance decides the part of a row: labels of few rows are kept back too, in their share.
    const many = Math.floor(rows.length * KEPT_BACK + random());
    kept.push(...rows.slice(0, Math.min(many, rows.length - 1)));
    fitted.push(...rows.slice(Math.min(many, rows.length - 1)));
  }
  return [fitted.toSorted((a, b) => a - b), kept.toSorted((a, b) => a - b)];
};

/** The highest confidence below which not more than so many right answers lie. */
const chooseThreshold = (answers: readonly ClassAnswer[], hasOutside: boolean): number => {
  const inScope = answers.filter(({ truth }) => truth !== null);
  const right = inScope.filter(({ rank }) => rank === 1).map(({ confidence }) => confidence);
  const lost = Math.floor(inScope.length * (hasOutside ? REFUSED_RIGHT.withOutside : REFUSED_RIGHT.without));
  const at = right.toSorted((a, b) => a - b)[lost] ?? 0;
  return Math.floor(at * 1e6) / 1e6;
};

/** Nobody's words: those of the labels. */
const goldenTexts = (labels: readonly string[]): readonly string[] => {
  const count = Math.min(GOLDEN, labels.length);
  const words = Array.from({ length: count }, (_, at) => labels[Math.floor((at * labels.length) / count)] ?? '');
  return ['', ...words.map((label) => label.replace(/[^\p{L}\p{N}]+/gu, ' '))];
};

/** A word is known where enough other texts have it: what is learnt from one text must hold for a text never seen. */
const signsOf = (texts: readonly string[], form: NGramForm, { leastTexts }: FitPlan): readonly Groups[] => {
  const counts = new Map<number, number>();
  for (const text of texts) for (const hash of wordHashes(text)) counts.set(hash, (counts.get(hash) ?? 0) + 1);
  const knows = (hash: number): boolean => (counts.get(hash) ?? 0) > leastTexts;
  return texts.map((text) => nGramGroups({ text, before: [] }, form, knows));
};

/**
 * Learns from 85 % of the rows, chooses sharpness and threshold and measures on the other 15 %, and serves what it learns from
 * all of them. Same table and settings: same bytes.
 */
export const trainIntent = (table: Table, settings: IntentSettings): IntentTraining => {
  const misnamed = nameFault(settings);
  if (misnamed !== null) return { ok: false, faults: [misnamed] };
  const read = readLabels(table, settings);
  if (!read.ok) return read;
  const { data } = read;
  const { texts, truths, labels } = data;
  const known = labels.length;
  const outside = truths.filter((truth) => truth === null).length;
  const hasOutside = outside > 0;
  const classes = known + (hasOutside ? 1 : 0);
  const seed = settings.seed ?? 1;
  const [fitted, kept] = split(truths, seededRandom(seed));

  const wanted = Uint16Array.from(truths, (truth) => truth ?? known);
  const { served, chosen, keptOdds } = fitTextNetwork(
    WAYS.map(({ form, plan }) => ({ plan, all: { signs: signsOf(texts, form, plan), classes: wanted } })),
    { fitted, kept },
    classes,
    seed,
    settings.onStep ?? (() => {}),
  );
  const { form } = WAYS[chosen] as (typeof WAYS)[number];
  const { vocabulary, network } = served;
  const probabilities = keptOdds.map(softmax);
  const answersAt = (least: number) => probabilities.map((one, at) => classAnswer(one, known, least, truths[kept[at] ?? 0] ?? null));
  const leastConfidence = chooseThreshold(answersAt(0), hasOutside);
  const quality = measureClasses(answersAt(leastConfidence));

  const onnx = writeTextNetwork(network);
  const manifest: IntentManifest = {
    id: settings.id,
    kind: 'intent',
    version: settings.version,
    onnx: settings.sha256(onnx),
    bytes: onnx.length,
    columns: { text: settings.text, label: settings.label },
    features: { ...vocabulary.data, form },
    labels: [...labels],
    outOfScope: hasOutside,
    leastConfidence,
    golden: goldenTexts(labels).map((text) => ({
      text,
      probabilities: [...softmax(networkOdds(network, vocabulary.row(nGramGroups({ text, before: [] }, form, vocabulary.knows))))].map(
        Math.fround,
      ),
    })),
    card: {
      trainedOn: settings.trainedOn,
      rows: texts.length,
      outOfScopeRows: outside,
      measuredOn: kept.length,
      accuracy: sixDecimals(quality.accuracy),
      weightedF1: sixDecimals(quality.weightedF1),
      top3: sixDecimals(quality.top3),
      ...(quality.outOfScopeRecall === undefined ? {} : { outOfScopeRecall: sixDecimals(quality.outOfScopeRecall) }),
      logLoss: sixDecimals(quality.logLoss),
      brier: sixDecimals(quality.brier),
      ece: sixDecimals(quality.ece),
    },
  };
  return { ok: true, manifest, onnx, vocabulary, network, notices: data.notices };
};
