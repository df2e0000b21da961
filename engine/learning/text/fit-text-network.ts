/** From signs and classes to a network that serves: the signs it knows, and layers learnt apart that answer together. */
import { fitHidden, type HiddenLayer, type HiddenSettings } from './fit-hidden.ts';
import { bestSharpness } from './sharpness.ts';
import { stackRows } from './sparse-rows.ts';
import { joinLayers, networkOdds, softmax, type TextNetwork } from './text-network.ts';
import { type Groups, Vocabulary } from './vocabulary.ts';

export interface LabelledSigns {
  readonly signs: readonly Groups[];
  readonly classes: Uint16Array;
}

export interface FitPlan extends Omit<HiddenSettings, 'seed' | 'onRound' | 'rounds'> {
  /** Layers learnt apart answer better together than one of their size: their mistakes differ. */
  readonly layers: number;
  /** A sign of fewer texts is not looked at. */
  readonly leastTexts: number;
  /** Numbers of rounds to choose from. */
  readonly rounds: readonly number[];
}

export interface FittedNetwork {
  readonly vocabulary: Vocabulary;
  readonly network: TextNetwork;
}

/** Bytes a table may take: with the signs' own (11 bytes each in the manifest) a bundle stays below 10 MB. */
const MOST_BYTES = 9_400_000;
const BYTES_A_SIGN = 11;

/** Numbers of rows chosen from `data`. */
export const pickRows = ({ signs, classes }: LabelledSigns, rows: readonly number[]): LabelledSigns => ({
  signs: rows.map((row) => signs[row] as Groups),
  classes: Uint16Array.from(rows, (row) => classes[row] as number),
});

const layersOf = (
  data: LabelledSigns,
  vocabulary: Vocabulary,
  classCount: number,
  plan: FitPlan,
  rounds: number,
  seeds: readonly number[],
  onRound: () => void,
): readonly HiddenLayer[] => {
  const rows = stackRows(data.signs.map((groups) => vocabulary.row(groups)));
  return seeds.map((seed) => fitHidden(rows, data.classes, classCount, vocabulary.size, { ...plan, rounds, seed, onRound }));
};

const vocabularyOf = ({ signs }: LabelledSigns, { layers, units, leastTexts }: FitPlan): Vocabulary =>
  Vocabulary.of(signs, leastTexts, Math.floor(MOST_BYTES / ((layers * units) / 2 + BYTES_A_SIGN)));

const oddsOf = ({ vocabulary, network }: FittedNetwork, { signs }: LabelledSigns): readonly Float64Array[] =>
  signs.map((groups) => networkOdds(network, vocabulary.row(groups)));

const logLossOf = (odds: readonly Float64Array[], { classes }: LabelledSigns, sharpness: number): number =>
  odds.reduce((sum, one, at) => {
    const probability = softmax(one.map((odd) => odd * sharpness))[classes[at] as number] as number;
    return sum - Math.log(Math.max(1e-15, probability));
  }, 0);

/**
 * How long to learn, and how sharply to answer, chosen on rows kept back; then the network learnt from all rows.
 *
 * @param onStep is told the share done, 0 … 1
 */
export const fitTextNetwork = (
  fitted: LabelledSigns,
  kept: LabelledSigns,
  all: LabelledSigns,
  classCount: number,
  plan: FitPlan,
  seed: number,
  onStep: (share: number) => void,
): { readonly served: FittedNetwork; readonly keptOdds: readonly Float64Array[] } => {
  const longest = Math.max(...plan.rounds);
  const total = plan.rounds.reduce((sum, rounds) => sum + rounds, 0) + longest * (2 * plan.layers - 1);
  let done = 0;
  const onRound = () => onStep(Math.min(1, ++done / total));
  const seeds = Array.from({ length: plan.layers }, (_, layer) => seed * 100 + layer);
  const vocabulary = vocabularyOf(fitted, plan);
  const [first = 0, ...others] = seeds;
  const tries = plan.rounds.map((rounds) => {
    const layers = layersOf(fitted, vocabulary, classCount, plan, rounds, [first], onRound);
    const odds = oddsOf({ vocabulary, network: joinLayers(layers, classCount) }, kept);
    return { rounds, layers, logLoss: logLossOf(odds, kept, bestSharpness(odds, [...kept.classes])) };
  });
  const best = tries.reduce((one, other) => (other.logLoss < one.logLoss ? other : one));
  const tried = joinLayers([...best.layers, ...layersOf(fitted, vocabulary, classCount, plan, best.rounds, others, onRound)], classCount);
  const odds = oddsOf({ vocabulary, network: tried }, kept);
  const sharpness = bestSharpness(odds, [...kept.classes]);
  const own = vocabularyOf(all, plan);
  const network = { ...joinLayers(layersOf(all, own, classCount, plan, best.rounds, seeds, onRound), classCount), sharpness };
  return { served: { vocabulary: own, network }, keptOdds: odds.map((one) => one.map((odd) => odd * sharpness)) };
};
