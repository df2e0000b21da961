/** From recorded responses to a model bundle: features, shrinkage chosen on data not fitted, figures from data not touched, an ONNX file. */
import { featureVector, featureWidth } from '#core';
import type { FeatureDefinition, ModelManifest } from '#contract/model.ts';
import type { FieldDefinition } from '#contract/policy.ts';
import { Slug } from '#contract/text.ts';
import { type AdditiveModel, fitAdditive, logistic, logOdds, type Responses, type Shrinkage } from './fit-additive.ts';
import { inferFeatures } from './infer-features.ts';
import { measureQuality, type ModelQuality } from './model-quality.ts';
import { type AdditiveWeights, additivePropensity, writeAdditiveModel } from './onnx/write-additive-model.ts';
import { seededRandom } from './seeded-random.ts';
import type { Table } from './separated-rows.ts';
import type { TrainingFault } from './training-fault.ts';

export interface TrainingSettings {
  /** Name of the model, lower-case words joined by hyphens. */
  readonly id: string;
  readonly version: number;
  /** Column that says what became of it, and its value for a positive. */
  readonly label: string;
  readonly positive: string;
  /** Column naming the action; absent = one action called `any`. */
  readonly action?: string;
  /** Columns that are no features. */
  readonly drop?: readonly string[];
  /** The field catalogue; null = types are inferred from the values. */
  readonly fields: readonly FieldDefinition[] | null;
  /** SHA-256 of the file the table was read from. */
  readonly trainedOn: string;
  readonly sha256: (bytes: Uint8Array) => string;
  readonly seed?: number;
  /** Told before each fit, for a progress line. */
  readonly onStep?: (step: string) => void;
}

export type Training =
  | {
      readonly ok: true;
      readonly manifest: ModelManifest;
      readonly onnx: Uint8Array;
      readonly weights: AdditiveWeights;
      readonly notices: readonly string[];
    }
  | { readonly ok: false; readonly faults: readonly TrainingFault[] };

const MIN_ROWS = 100;
const MIN_PER_CLASS = 20;
const GOLDEN = 24;
const BACKGROUND = 64;
/** Weights that add up. */
const TRANSPARENCY = 5;
/** Doubts tried, strongest first: of equal ones the strongest is taken. */
const DEVIATIONS = [3_000, 300, 30] as const;
const SHARED = [30, 3] as const;
const INTERCEPT = 3;

const faulty = (code: TrainingFault['code'], detail: string): Training => ({ ok: false, faults: [{ code, detail }] });
const rounded = (x: number): number => Math.round(x * 1e6) / 1e6;

/**
 * Weights on a grid of 2⁻²⁰, which a 32-bit float holds exactly below 16. The optimum is known to
 * about 1e-10, so another runtime's last bit of exp() does not change the file.
 */
const onGrid = (weight: number): number => Math.round(weight * 2 ** 20) / 2 ** 20;

const served = (model: AdditiveModel): AdditiveWeights => {
  const n = model.width + 1;
  const shared = (f: number) => model.shared[f] as number;
  return {
    width: model.width,
    intercepts: Float32Array.from({ length: model.actionCount }, (_, a) => onGrid(shared(0) + (model.deviations[a * n] as number))),
    weights: Float32Array.from({ length: model.actionCount * model.width }, (_, at) => {
      const f = (at % model.width) + 1;
      return onGrid(shared(f) + (model.deviations[Math.floor(at / model.width) * n + f] as number));
    }),
  };
};

const subset = (data: Responses, rows: Uint32Array): Responses => {
  const features = new Float32Array(rows.length * data.width);
  for (const [to, from] of rows.entries())
    features.set(data.features.subarray(from * data.width, (from + 1) * data.width), to * data.width);
  return {
    ...data,
    features,
    actions: rows.map((row) => data.actions[row] as number),
    outcomes: Uint8Array.from(rows, (row) => data.outcomes[row] as number),
  };
};

const qualityOf = (model: AdditiveModel, data: Responses): ModelQuality =>
  measureQuality(
    Float64Array.from({ length: data.outcomes.length }, (_, row) =>
      logistic(logOdds(model, data.features, row * data.width, data.actions[row] as number)),
    ),
    data.outcomes,
  );

const inOrder = (rows: readonly number[]): Uint32Array => Uint32Array.from(rows).toSorted();

/** Row numbers in three parts of 60, 20 and 20 %, each class divided alike so that none lacks one. */
const split = (outcomes: Uint8Array, random: () => number): readonly [Uint32Array, Uint32Array, Uint32Array] => {
  const parts: [number[], number[], number[]] = [[], [], []];
  for (const wanted of [0, 1]) {
    const rows: number[] = [];
    for (const [row, outcome] of outcomes.entries()) if (outcome === wanted) rows.push(row);
    for (let at = rows.length - 1; at > 0; at--) {
      const other = Math.floor(random() * (at + 1));
      [rows[at], rows[other]] = [rows[other] as number, rows[at] as number];
    }
    for (const [at, row] of rows.entries()) parts[at < rows.length * 0.6 ? 0 : at < rows.length * 0.8 ? 1 : 2].push(row);
  }
  return [inOrder(parts[0]), inOrder(parts[1]), inOrder(parts[2])];
};

const chooseShrinkage = (data: Responses, checks: Responses, settings: TrainingSettings): Shrinkage => {
  let best: { shrinkage: Shrinkage; logLoss: number } | undefined;
  for (const deviation of DEVIATIONS) {
    for (const shared of SHARED) {
      const shrinkage = { shared, intercept: INTERCEPT, deviation };
      settings.onStep?.(`trying shrinkage ${shared} / ${deviation}`);
      const { logLoss } = qualityOf(fitAdditive(data, shrinkage), checks);
      if (best === undefined || logLoss < best.logLoss - 1e-6) best = { shrinkage, logLoss };
    }
  }
  if (best === undefined) throw new Error('no shrinkage was tried');
  return best.shrinkage;
};

/** The vector of "nothing known", then rows spread over the whole table. */
const goldenInputs = (features: readonly FeatureDefinition[], data: Responses, weights: AdditiveWeights): ModelManifest['golden'] => {
  const nothing = featureVector(features, { field: () => null });
  const golden = [{ vector: nothing, action: 0 }];
  for (let at = 0; at < GOLDEN - 1; at++) {
    const row = Math.floor((at * data.outcomes.length) / (GOLDEN - 1));
    golden.push({ vector: data.features.slice(row * data.width, (row + 1) * data.width), action: data.actions[row] as number });
  }
  return golden.map(({ vector, action }) => ({
    features: [...vector],
    action,
    propensity: Math.fround(additivePropensity(weights, vector, action)),
  }));
};

/** Rows spread over the whole table. */
const background = ({ features, width, outcomes }: Responses): number[][] =>
  Array.from({ length: BACKGROUND }, (_, at) => {
    const row = Math.floor(((at + 0.5) * outcomes.length) / BACKGROUND);
    return [...features.subarray(row * width, (row + 1) * width)];
  });

/** The rows as numbers, or what is wrong with them. */
const readResponses = (
  table: Table,
  settings: TrainingSettings,
):
  | { ok: true; data: Responses; features: readonly FeatureDefinition[]; actions: readonly string[]; notices: readonly string[] }
  | Extract<Training, { ok: false }> => {
  const faults: TrainingFault[] = [];
  for (const name of [settings.label, ...(settings.action === undefined ? [] : [settings.action]), ...(settings.drop ?? [])])
    if (!table.columns.includes(name))
      faults.push({ code: 'no-such-column', detail: `there is no column "${name}"; the columns are ${table.columns.join(', ')}` });
  if (table.rows.length === 0) faults.push({ code: 'no-rows', detail: 'the table has a heading and no rows' });
  if (faults.length > 0) return { ok: false, faults };

  const column = (name: string): string[] => table.rows.map((row) => (row.fields[table.columns.indexOf(name)] ?? '').trim());
  const labels = column(settings.label);
  const unlabelled = labels.indexOf('');
  if (unlabelled >= 0)
    faults.push({ code: 'bad-value', detail: `line ${table.rows[unlabelled]?.line ?? 0}: the label column "${settings.label}" is empty` });
  const outcomes = Uint8Array.from(labels, (label) => (label === settings.positive ? 1 : 0));
  const positives = outcomes.reduce((sum, outcome) => sum + outcome, 0);
  const found = [...new Set(labels)].toSorted().slice(0, 6).join(', ');
  if (positives === 0 || positives === outcomes.length)
    faults.push({
      code: 'one-class',
      detail: `${positives} of ${outcomes.length} rows have "${settings.positive}" in column "${settings.label}" (values: ${found}); both kinds are needed. Name the positive one with --positive`,
    });
  else if (outcomes.length < MIN_ROWS || Math.min(positives, outcomes.length - positives) < MIN_PER_CLASS)
    faults.push({
      code: 'too-few-rows',
      detail: `${outcomes.length} rows with ${positives} positives; at least ${MIN_ROWS} rows and ${MIN_PER_CLASS} of each kind are needed`,
    });

  const names = settings.action === undefined ? labels.map(() => 'any') : column(settings.action);
  const badName = names.findIndex((name) => !Slug.safeParse(name).success);
  if (badName >= 0)
    faults.push({
      code: 'bad-action',
      detail: `line ${table.rows[badName]?.line ?? 0}: "${(names[badName] ?? '').slice(0, 40)}" in column "${settings.action ?? ''}" is no action id (lower-case words joined by hyphens)`,
    });
  const actions = [...new Set(names)].toSorted();
  const used = new Set([settings.label, settings.action, ...(settings.drop ?? [])]);
  const inferred = inferFeatures(
    table,
    table.columns.filter((name) => !used.has(name)),
    settings.fields,
  );
  faults.push(...inferred.faults);
  if (inferred.features.length === 0 && inferred.faults.length === 0)
    faults.push({ code: 'no-features', detail: `no column is left to learn from. ${inferred.notices.join('. ')}` });
  if (faults.length > 0) return { ok: false, faults };

  const width = featureWidth(inferred.features);
  const features = new Float32Array(table.rows.length * width);
  const valuesOf = new Map(inferred.features.map(({ field }, at) => [field, inferred.values[at] ?? []]));
  for (let row = 0; row < table.rows.length; row++)
    features.set(featureVector(inferred.features, { field: (path) => valuesOf.get(path)?.[row] ?? null }), row * width);
  const place = new Map(actions.map((name, at) => [name, at]));
  const data = { features, width, actions: Uint32Array.from(names, (name) => place.get(name) ?? 0), actionCount: actions.length, outcomes };
  return { ok: true, data, features: inferred.features, actions, notices: inferred.notices };
};

/**
 * Trains on 60 % of the rows per shrinkage tried, chooses by log loss on 20 %, measures once on the
 * last 20 % (refitted on the other 80), and serves the fit on all rows. Same table and settings: same bytes.
 */
export const trainPropensity = (table: Table, settings: TrainingSettings): Training => {
  if (!Slug.safeParse(settings.id).success)
    return faulty('bad-action', `"${settings.id}" is no model name: lower-case words joined by hyphens`);
  const read = readResponses(table, settings);
  if (!read.ok) return read;
  const { data, features, actions, notices } = read;
  const [fitted, chosen, heldOut] = split(data.outcomes, seededRandom(settings.seed ?? 1));
  const shrinkage = chooseShrinkage(subset(data, fitted), subset(data, chosen), settings);
  settings.onStep?.('measuring on rows not touched');
  const most = Uint32Array.from([...fitted, ...chosen]).toSorted();
  const quality = qualityOf(fitAdditive(subset(data, most), shrinkage), subset(data, heldOut));
  settings.onStep?.('fitting all rows');
  const weights = served(fitAdditive(data, shrinkage));
  const onnx = writeAdditiveModel(weights);
  const evidence = new Float64Array(actions.length);
  const positives = new Float64Array(actions.length);
  for (const [row, action] of data.actions.entries()) {
    evidence[action] = (evidence[action] as number) + 1;
    positives[action] = (positives[action] as number) + (data.outcomes[row] as number);
  }
  const manifest: ModelManifest = {
    id: settings.id,
    kind: 'propensity',
    version: settings.version,
    transparency: TRANSPARENCY,
    onnx: settings.sha256(onnx),
    bytes: onnx.length,
    features: [...features],
    width: data.width,
    columns: {
      label: settings.label,
      positive: settings.positive,
      ...(settings.action === undefined ? {} : { action: settings.action }),
    },
    actions: actions.map((id, at) => ({ id, evidence: evidence[at] as number, positives: positives[at] as number })),
    golden: goldenInputs(features, data, weights),
    background: background(data),
    card: {
      trainedOn: settings.trainedOn,
      rows: data.outcomes.length,
      positives: positives.reduce((sum, count) => sum + count, 0),
      auc: rounded(quality.auc),
      logLoss: rounded(quality.logLoss),
      brier: rounded(quality.brier),
      ece: rounded(quality.ece),
    },
  };
  return { ok: true, manifest, onnx, weights, notices };
};
