/**
 * What each catalogue field contributed to a model's answer for one action, in log-odds.
 *
 * Both kinds of model are compared with the same thing: the background of the manifest (for a model trained here: rows spread
 * evenly over the training table), or where it has none the feature vectors of its golden inputs.
 * Contributions are interventional Shapley values of the log-odds over the columns of the feature vector, the action held
 * fixed; for an additive model these are weight × (value − background mean). **What is reported for a field is the sum of the
 * Shapley values of its columns** (all one-hot columns and the unknown flag), so that base + Σ = log-odds still holds.
 */
import type { Contribution, Contributions } from '#contract/contribution.ts';
import type { AdditiveManifest, FeatureDefinition, ModelBundle, ModelManifest } from '#contract/model.ts';
import { type FieldValues, featureWidth, fromBase64 } from '#core';
import { logistic } from '../fit-additive.ts';
import { readPropensityModel } from '../onnx/read-propensity-model.ts';
import { AdditiveParts } from './additive-parts.ts';
import type { ModelParts } from './model-parts.ts';
import { TreeParts } from './tree-parts.ts';

/** A model whose answers can be taken apart, read once and asked often; or in words why not. */
export type ExplainableModel =
  | { readonly exact: true; readonly features: readonly FeatureDefinition[]; readonly parts: ModelParts }
  | Extract<Contributions, { exact: false }>;

/** As for the scorer: how far a golden output may be off, relative to the wanted one. */
const GOLDEN_TOLERANCE = 1e-5;

/** Reads a bundle's file. What was read is believed only if it gives the manifest's golden outputs. */
export const readExplainable = ({ manifest, onnxBase64 }: ModelBundle): ExplainableModel => {
  const name = `Model ${manifest.id} ${manifest.version}`;
  const unread = (why: string): ExplainableModel => ({ exact: false, reason: 'opaque', why: `${name} cannot be taken apart: ${why}.` });
  const actions = manifest.actions.length;
  const rows = manifest.background ?? manifest.golden.map(({ features }) => features);
  if (
    featureWidth(manifest.features) !== manifest.width ||
    [...rows, ...manifest.golden.map(({ features }) => features)].some((row) => row.length !== manifest.width)
  )
    return unread('its manifest does not fit its own width');
  const background = rows.map((row) => Float32Array.from(row));
  const bytes = bytesOf(onnxBase64);
  if (bytes === null) return unread('its file is not base64');
  const read = readPropensityModel(bytes, manifest.width);
  let parts: ModelParts;
  switch (read.kind) {
    case 'opaque':
      return unread(read.why);
    case 'additive':
      if (read.additive.intercepts.length !== actions)
        return unread(`its file has weights of ${read.additive.intercepts.length} actions, its manifest ${actions}`);
      parts = new AdditiveParts(read.additive, background);
      break;
    case 'trees':
      if (read.trees.target === 'action' && read.trees.trees.targets !== actions)
        return unread(`its file has trees of ${read.trees.trees.targets} actions, its manifest ${actions}`);
      parts = new TreeParts(read.trees, background);
      break;
  }
  return givesGoldenOutputs(parts, manifest)
    ? { exact: true, features: manifest.features, parts }
    : unread('read back, it does not give its golden outputs');
};

/** The most that a model scores whose answers cannot be taken apart exactly, whatever its manifest says. */
const MOST_OPAQUE = 2;

/** How well people can follow a model, from 1 (opaque) to 5. */
export const transparencyOf = ({ transparency = 1 }: Pick<ModelManifest, 'transparency'>, { exact }: ExplainableModel): number =>
  exact ? transparency : Math.min(transparency, MOST_OPAQUE);

/** A model the core computes itself. Its manifest has no background, so it is compared with all features 0: base = intercept. */
export const explainableAdditive = ({ features, width, actions }: AdditiveManifest): ExplainableModel => {
  const weights = new Float64Array(actions.length * width);
  for (const [action, known] of actions.entries()) {
    const bytes = bytesOf(known.weights);
    if (bytes?.length !== width * 8 || featureWidth(features) !== width)
      return { exact: false, reason: 'opaque', why: `The weights of action ${known.id} do not fit the ${width} columns of its manifest.` };
    const view = new DataView(bytes.buffer);
    for (let column = 0; column < width; column++) weights[action * width + column] = view.getFloat64(column * 8, true);
  }
  const intercepts = actions.map(({ intercept }) => intercept);
  return { exact: true, features, parts: new AdditiveParts({ width, intercepts, weights }, [new Float64Array(width)]) };
};

const bytesOf = (base64: string): Uint8Array<ArrayBuffer> | null => {
  try {
    return fromBase64(base64);
  } catch {
    return null;
  }
};

const givesGoldenOutputs = (parts: ModelParts, { golden, actions }: ModelManifest): boolean =>
  golden.every(({ features, action, propensity }) => {
    if (action >= actions.length) return false;
    return Math.abs(logistic(parts.logOdds(Float32Array.from(features), action)) - propensity) <= GOLDEN_TOLERANCE * propensity;
  });

/**
 * `vector`: what the model read (core/features.ts); `action`: index into the manifest's actions; `fields`: where the values to
 * show come from. base + Σ logOdds are the log-odds whose logistic function is the model's propensity.
 */
export const contributionsOf = (
  model: ExplainableModel,
  vector: ArrayLike<number>,
  action: number,
  fields: Pick<FieldValues, 'field'>,
): Contributions => {
  if (!model.exact) return model;
  const width = featureWidth(model.features);
  if (vector.length !== width) throw new RangeError(`a feature vector of ${vector.length} numbers for a model of ${width}`);
  const { base, columns } = model.parts.apart(vector, action);
  const byField = new Map<string, number>();
  let from = 0;
  for (const feature of model.features) {
    const to = from + featureWidth([feature]);
    let sum = byField.get(feature.field) ?? 0;
    for (; from < to; from++) sum += columns[from] as number;
    byField.set(feature.field, sum);
  }
  const contributions = Array.from(byField, ([field, logOdds]): Contribution => {
    const value = fields.field(field);
    return { field, value: typeof value === 'object' && value !== null ? [...value] : value, logOdds };
  });
  return { exact: true, base, contributions: contributions.toSorted(largestFirst) };
};

const largestFirst = (a: Contribution, b: Contribution): number =>
  Math.abs(b.logOdds) - Math.abs(a.logOdds) || (a.field < b.field ? -1 : Number(a.field > b.field));
