/** From signs and classes to a network that serves: the signs it knows, and layers learnt apart that answer together. */
import { fitHidden, type HiddenLayer, type HiddenSettings } from './fit-hidden.ts';
import { bestSharpness, logLossAt } from './sharpness.ts';
import { stackRows } from './sparse-rows.ts';
import { joinLayers, networkOdds, type TextNetwork } from './text-network.ts';
import { type Groups, Vocabulary } from './vocabulary.ts';

export interface LabelledSigns {
  readonly signs: readonly Groups[];
  readonly classes: Uint16Array;
}

export interface FitPlan extends Omit<HiddenSettings, 'seed' | 'onRound'> {
  /** Layers learnt apart answer better together than one of their size: their mistakes differ. */
  readonly layers: number;
  /** A sign of fewer texts is not looked at. */
  readonly leastTexts: number;
}

/** A way to learn, and all rows as it looks at them. */
export interface Candidate {
  readonly plan: FitPlan;
  readonly all: LabelledSigns;
}

export interface FittedNetwork {
  readonly vocabulary: Vocabulary;
  readonly network: TextNetwork;
}

/** Bytes a table may take: with the signs' own (11 bytes each in the manifest) and what else stands there a bundle stays below 10 MB. */
const MOST_BYTES = 9_000_000;
const BYTES_A_SIGN = 11;

const pickRows = ({ signs, classes }: LabelledSigns, rows: readonly number[]): LabelledSigns => ({
  signs: rows.map((row) => signs[row] as Groups),
  classes: Uint16Array.from(rows, (row) => classes[row] as number),
});

const layersOf = (
  data: LabelledSigns,
  vocabulary: Vocabulary,
  classCount: number,
  plan: FitPlan,
  seeds: readonly number[],
  onRound: () => void,
): readonly HiddenLayer[] => {
  const rows = stackRows(data.signs.map((groups) => vocabulary.row(groups)));
  return seeds.map((seed) => fitHidden(rows, data.classes, classCount, vocabulary.size, { ...plan, seed, onRound }));
};

const vocabularyOf = ({ signs }: LabelledSigns, { layers, units, leastTexts }: FitPlan): Vocabulary =>
  Vocabulary.of(signs, leastTexts, Math.floor(MOST_BYTES / ((layers * units) / 2 + BYTES_A_SIGN)));

const oddsOf = ({ vocabulary, network }: FittedNetwork, { signs }: LabelledSigns): readonly Float64Array[] =>
  signs.map((groups) => networkOdds(network, vocabulary.row(groups)));

/**
 * The way to learn that tells rows kept back best, and how sharply to answer, chosen on those; then the network learnt from all rows.
 *
 * @param onStep is told the share done, 0 … 1
 */
export const fitTextNetwork = (
  candidates: readonly Candidate[],
  rows: { readonly fitted: readonly number[]; readonly kept: readonly number[] },
  classCount: number,
  seed: number,
  onStep: (share: number) => void,
): { readonly served: FittedNetwork; readonly chosen: number; readonly keptOdds: readonly Float64Array[] } => {
  let planned = candidates.reduce((sum, { plan }) => sum + plan.rounds * plan.layers * 2, 0);
  let done = 0;
  const onRound = () => onStep(Math.min(1, ++done / planned));
  const seedsOf = ({ layers }: FitPlan) => Array.from({ length: layers }, (_, layer) => seed * 100 + layer);
  const tries = candidates.map(({ plan, all }, chosen) => {
    const [fitted, kept] = [pickRows(all, rows.fitted), pickRows(all, rows.kept)];
    const vocabulary = vocabularyOf(fitted, plan);
    const layers = layersOf(fitted, vocabulary, classCount, plan, seedsOf(plan).slice(0, 1), onRound);
    const odds = oddsOf({ vocabulary, network: joinLayers(layers, classCount) }, kept);
    return { chosen, plan, fitted, kept, vocabulary, layers, logLoss: logLossAt(odds, kept.classes, bestSharpness(odds, kept.classes)) };
  });
  const best = tries.reduce((one, other) => (other.logLoss < one.logLoss ? other : one));
  const { chosen, plan, fitted, kept, vocabulary } = best;
  planned = done + plan.rounds * (2 * plan.layers - 1);
  const others = layersOf(fitted, vocabulary, classCount, plan, seedsOf(plan).slice(1), onRound);
  const odds = oddsOf({ vocabulary, network: joinLayers([...best.layers, ...others], classCount) }, kept);
  const sharpness = bestSharpness(odds, kept.classes);
  const { all } = candidates[chosen] as Candidate;
  const own = vocabularyOf(all, plan);
  const network = { ...joinLayers(layersOf(all, own, classCount, plan, seedsOf(plan), onRound), classCount), sharpness };
  return { served: { vocabulary: own, network }, chosen, keptOdds: odds.map((one) => one.map((odd) => odd * sharpness)) };
};
