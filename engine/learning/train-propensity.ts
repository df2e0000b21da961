/** From recorded responses to a model bundle: features, shrinkage chosen on data not fitted, figures from data not touched, an ONNX file. */
import { featureVector, featureWidth } from '#core';
import type { FeatureDefinition, ModelManifest } from '#contract/model.ts';
import type { FieldDefinition } from '#contract/policy.ts';
import { Slug } from '#contract/text.ts';
import type { Direction } from './binned/binned-data.ts';
import { BinnedForm, codedFeatures } from './binned/binned-form.ts';
import { isBetter, lossesOf } from './binned/losses.ts';
import { ColumnSignals, leakNotices } from './column-signals.ts';
import type { Responses } from './fit-additive.ts';
import { inferFeatures } from './infer-features.ts';
import { LinearForm } from './linear-form.ts';
import { measureQuality, sixDecimals } from './model-quality.ts';
import type { AdditiveWeights } from './onnx/write-additive-model.ts';
import { seededRandom, shuffle } from './seeded-random.ts';
import type { Table } from './separated-rows.ts';
import type { TrainingFault } from './training-fault.ts';
import type { FormName, Served, TrainingForm } from './training-form.ts';
import { nameFault, type TrainingSettings } from './training-settings.ts';

export interface PropensitySettings extends TrainingSettings {
  /** Column that says what became of it, and its value for a positive. */
  readonly label: string;
  readonly positive: string;
  /** Column naming the action; absent = one action called `any`. */
  readonly action?: string;
  /** Columns that are no features. */
  readonly drop?: readonly string[];
  /** The field catalogue; null = types are inferred from the values. */
  readonly fields: readonly FieldDefinition[] | null;
  /** Absent: the one that foretold rows better which it had not been fitted on. */
  readonly form?: FormName;
  /** Fields whose number may only raise (1) or only lower (−1) the propensity; takes the binned form. */
  readonly monotone?: ReadonlyMap<string, Direction>;
  /** Told before each fit, for a progress line. */
  readonly onStep?: (step: string) => void;
}

export type Training =
  | {
      readonly ok: true;
      readonly manifest: ModelManifest;
      readonly onnx: Uint8Array;
      readonly form: FormName;
      /** Our own evaluation of the file, for a feature vector and an action's number. */
      readonly propensity: Served['propensity'];
      /** Of the linear form. */
      readonly weights: AdditiveWeights | null;
      readonly notices: readonly string[];
    }
  | { readonly ok: false; readonly faults: readonly TrainingFault[] };

const MIN_ROWS = 100;
const MIN_PER_CLASS = 20;
const GOLDEN = 24;
const BACKGROUND = 64;
/** Weights that add up. */
const TRANSPARENCY = 5;

const inOrder = (rows: readonly number[]): Uint32Array => Uint32Array.from(rows).toSorted();

/** Row numbers in three parts of 60, 20 and 20 %, each class divided alike so that none lacks one. */
const split = (outcomes: Uint8Array, random: () => number): readonly [Uint32Array, Uint32Array, Uint32Array] => {
  const parts: [number[], number[], number[]] = [[], [], []];
  for (const wanted of [0, 1]) {
    const rows: number[] = [];
    for (const [row, outcome] of outcomes.entries()) if (outcome === wanted) rows.push(row);
    shuffle(rows, random);
    for (const [at, row] of rows.entries()) parts[at < rows.length * 0.6 ? 0 : at < rows.length * 0.8 ? 1 : 2].push(row);
  }
  return [inOrder(parts[0]), inOrder(parts[1]), inOrder(parts[2])];
};

/** The vector of "nothing known", then rows spread over the whole table. */
const goldenInputs = ({ features, data }: TrainingForm, { propensity }: Served): ModelManifest['golden'] => {
  const nothing = featureVector(features, { field: () => null });
  const golden = [{ vector: nothing, action: 0 }];
  for (let at = 0; at < GOLDEN - 1; at++) {
    const row = Math.floor((at * data.outcomes.length) / (GOLDEN - 1));
    golden.push({ vector: data.features.slice(row * data.width, (row + 1) * data.width), action: data.actions[row] as number });
  }
  return golden.map(({ vector, action }) => ({
    features: [...vector],
    action,
    propensity: Math.fround(propensity(vector, action)),
  }));
};

/** Rows spread over the whole table. */
const background = ({ features, width, outcomes }: Responses): number[][] =>
  Array.from({ length: BACKGROUND }, (_, at) => {
    const row = Math.floor(((at + 0.5) * outcomes.length) / BACKGROUND);
    return [...features.subarray(row * width, (row + 1) * width)];
  });

interface ReadTable {
  readonly ok: true;
  readonly features: readonly FeatureDefinition[];
  readonly actions: readonly string[];
  /** Of each row, the place of its action. */
  readonly actionOf: Uint32Array;
  readonly outcomes: Uint8Array;
  readonly notices: readonly string[];
  /** The rows as numbers, for features with these definitions of the same fields. */
  readonly responses: (features: readonly FeatureDefinition[]) => Responses;
}

/** What a table says, or what is wrong with it. */
const readResponses = (table: Table, settings: PropensitySettings): ReadTable | Extract<Training, { ok: false }> => {
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

  const valuesOf = new Map(inferred.features.map(({ field }, at) => [field, inferred.values[at] ?? []]));
  const place = new Map(actions.map((name, at) => [name, at]));
  const actionOf = Uint32Array.from(names, (name) => place.get(name) ?? 0);
  return {
    ok: true,
    features: inferred.features,
    actions,
    actionOf,
    outcomes,
    notices: inferred.notices,
    responses: (wanted) => {
      const width = featureWidth(wanted);
      const features = new Float32Array(table.rows.length * width);
      for (let row = 0; row < table.rows.length; row++)
        features.set(featureVector(wanted, { field: (path) => valuesOf.get(path)?.[row] ?? null }), row * width);
      return { features, width, actions: actionOf, actionCount: actions.length, outcomes };
    },
  };
};

/** In words what of the constraints cannot be held; null = all can. */
const monotoneFault = (monotone: ReadonlyMap<string, Direction>, features: readonly FeatureDefinition[]): TrainingFault | null => {
  for (const field of monotone.keys()) {
    const feature = features.find((one) => one.field === field);
    if (feature === undefined)
      return {
        code: 'no-such-column',
        detail: `"${field}" is to go one way and is no feature; the features are ${features.map((one) => one.field).join(', ')}`,
      };
    if (feature.kind !== 'number' && feature.kind !== 'flag')
      return { code: 'bad-value', detail: `"${field}" is to go one way and has no order: only numbers and yes-or-no columns can` };
  }
  return null;
};

const formsFor = (read: ReadTable, { form, monotone = new Map() }: PropensitySettings): readonly TrainingForm[] => {
  const linear = (): TrainingForm => new LinearForm(read.features, read.responses(read.features));
  const coded = codedFeatures(read.features);
  const binned = (): TrainingForm => new BinnedForm(coded, read.responses(coded), monotone);
  if (monotone.size > 0 || form === 'binned') return [binned()];
  return form === 'linear' ? [linear()] : [binned(), linear()];
};

const leaksIn = (table: Table, settings: PropensitySettings, features: readonly FeatureDefinition[], auc: number): readonly string[] => {
  const columns = features.map(({ field }) => field);
  const places = columns.map((name) => table.columns.indexOf(name));
  const label = table.columns.indexOf(settings.label);
  const signals = new ColumnSignals(columns);
  for (const { fields } of table.rows)
    signals.take(
      places.map((place) => (fields[place] ?? '').trim()),
      (fields[label] ?? '').trim() === settings.positive,
    );
  return leakNotices(signals.signals(), auc);
};

/**
 * Each form settles its freedom on 80 % of the rows. The linear one takes the place of the binned one where its fit of 60 % foretells
 * the next 20 % better beyond chance. The one taken is measured once on the last 20 % (refitted on the other 80), and its fit on all
 * rows is served. Same table and settings: same bytes.
 */
export const trainPropensity = (table: Table, settings: PropensitySettings): Training => {
  const misnamed = nameFault(settings);
  if (misnamed !== null) return { ok: false, faults: [misnamed] };
  const read = readResponses(table, settings);
  if (!read.ok) return read;
  const { actions, outcomes } = read;
  const unheld = monotoneFault(settings.monotone ?? new Map(), read.features);
  if (unheld !== null) return { ok: false, faults: [unheld] };
  const onStep = settings.onStep ?? (() => {});
  const seed = settings.seed ?? 1;
  const [fitted, chosen, heldOut] = split(outcomes, seededRandom(seed));
  const happened = (rows: Uint32Array): Uint8Array => Uint8Array.from(rows, (row) => outcomes[row] as number);
  let best: { readonly form: TrainingForm; readonly losses: Float64Array } | null = null;
  for (const form of formsFor(read, settings)) {
    form.choose(fitted, chosen, seed, onStep);
    const losses = lossesOf(form.fit(fitted).propensities(chosen), happened(chosen));
    if (best === null || isBetter(losses, best.losses)) best = { form, losses };
  }
  if (best === null) throw new Error('no form was tried');
  const { form } = best;
  onStep('measuring on rows not touched');
  const most = Uint32Array.from([...fitted, ...chosen]).toSorted();
  const quality = measureQuality(form.fit(most).propensities(heldOut), happened(heldOut));
  onStep('fitting all rows');
  const served = form.fit(null).served();
  const { data, features } = form;
  const { onnx } = served;
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
      ...(settings.drop === undefined || settings.drop.length === 0 ? {} : { dropped: [...settings.drop] }),
    },
    actions: actions.map((id, at) => ({ id, evidence: evidence[at] as number, positives: positives[at] as number })),
    golden: goldenInputs(form, served),
    background: background(data),
    card: {
      trainedOn: settings.trainedOn,
      rows: data.outcomes.length,
      positives: positives.reduce((sum, count) => sum + count, 0),
      auc: sixDecimals(quality.auc),
      logLoss: sixDecimals(quality.logLoss),
      brier: sixDecimals(quality.brier),
      ece: sixDecimals(quality.ece),
    },
  };
  const notices = [...read.notices, ...leaksIn(table, settings, read.features, quality.auc)];
  return { ok: true, manifest, onnx, form: form.name, propensity: served.propensity, weights: served.weights, notices };
};
