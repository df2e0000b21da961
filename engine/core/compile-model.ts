/** A model made ready for deciding under one revision: what it knows of each action, and how the core computes it where it can. */
import { at } from './at.ts';
import type { LearntManifest, OwnLearning } from '#contract/learning.ts';
import type { AdditiveManifest, FeatureDefinition, ModelManifest } from '#contract/model.ts';
import { float64FromBytes, fromBase64 } from './bytes.ts';
import type { CompiledRevision } from './compile-revision.ts';
import { columnsOf, featureWidth } from './features.ts';

export interface CompiledModel {
  /** SHA-256 of the manifest's canonical JSON; of several that score together, all of them, a space between. */
  readonly hash: string;
  /** What a desk's own answers added; null where nothing is. */
  readonly learnt: OwnLearning | null;
  /** Per action of the revision: responses behind the model's propensity and the positive ones among them; 0 for an action it does not know. */
  readonly evidence: Float64Array;
  readonly positives: Float64Array;
  /** Fields that features read and no stage does, by index into the revision's fields: a record holds them as well. */
  readonly extraFields: readonly number[];
  /** Null: another runtime computes it, and its scores are inputs. */
  readonly additive: AdditiveModel | null;
}

/**
 * Features by the columns they fill. `dense` are those with one number, side by side in memory; the columns of all others,
 * and the unknown flags, are `sparse`: at most a few of them are not zero.
 */
export interface AdditiveModel {
  readonly features: readonly CompiledFeature[];
  readonly denseWidth: number;
  readonly sparseWidth: number;
  /** Row-major, actions of the revision × (1 + dense width): the intercept, NaN for an action the model does not know, then the weights. */
  readonly dense: Float64Array;
  /** Row-major, actions of the revision × sparse width. */
  readonly sparse: Float64Array;
}

export interface CompiledFeature {
  readonly definition: FeatureDefinition;
  /** Index into the revision's fields, −1 where it has no such field. */
  readonly field: number;
  /** First column among the dense ones for number, coded and flag, among the sparse ones for the others. */
  readonly column: number;
  /** Column of the unknown flag among the sparse ones. */
  readonly unknownColumn: number;
  /** Codes of `coded`, column offsets of `one-hot` and `contains`, by value. */
  readonly byValue: ReadonlyMap<string, number>;
}

/** A manifest with its hash. */
export interface NamedManifest {
  readonly hash: string;
  readonly manifest: ModelManifest | AdditiveManifest | LearntManifest;
}

/** Throws a RangeError for weights that do not fit the manifest's width: it was not checked when it was taken in. */
export function compileModel(compiled: CompiledRevision, manifest: NamedManifest['manifest'], hash: string): CompiledModel {
  const { actions } = compiled.revision;
  const evidence = new Float64Array(actions.length);
  const positives = new Float64Array(actions.length);
  for (const known of manifest.actions) {
    const action = compiled.actionIndex.get(known.id);
    if (action === undefined || (manifest.kind === 'adaptive' && !followsAnswers(compiled, action))) continue;
    evidence[action] = known.evidence;
    positives[action] = known.positives;
  }
  // What is learnt from is in every record already (compile-revision.ts).
  const extraFields = manifest.kind === 'adaptive' ? [] : extraFieldsOf(compiled, manifest.features);
  const additive = manifest.kind === 'additive' ? compileAdditive(compiled, manifest) : null;
  return { hash, learnt: null, evidence, positives, extraFields, additive };
}

/** Whether the propensity of an action may follow what is answered: of mandatory ones it never does. */
export const followsAnswers = ({ mandatory, significant, revision: { adaptive } }: CompiledRevision, action: number): boolean =>
  adaptive !== undefined && mandatory[action] === 0 && (significant[action] === 0 || adaptive.significant);

/** Models that score together: what is known of an action is what all of them know. None is null. */
export function compileModels(compiled: CompiledRevision, named: readonly NamedManifest[]): CompiledModel | null {
  const [first, ...others] = named.map(({ manifest, hash }) => compileModel(compiled, manifest, hash));
  return first === undefined ? null : others.reduce(joined, first);
}

/** Scored together outside the core. */
export function joined(a: CompiledModel, b: CompiledModel): CompiledModel {
  return {
    hash: `${a.hash} ${b.hash}`,
    learnt: b.learnt ?? a.learnt,
    evidence: a.evidence.map((known, action) => known + (b.evidence[action] as number)),
    positives: a.positives.map((known, action) => known + (b.positives[action] as number)),
    extraFields: [...new Set([...a.extraFields, ...b.extraFields])].toSorted((one, other) => one - other),
    additive: null,
  };
}

/** With what the desk learnt by itself. */
export function withOwn(model: CompiledModel, learnt: OwnLearning): CompiledModel {
  const evidence = model.evidence.slice();
  const positives = model.positives.slice();
  for (const [action, responses, positive] of learnt.own) {
    evidence[action] = (evidence[action] as number) + responses;
    positives[action] = (positives[action] as number) + positive;
  }
  return { ...model, learnt, evidence, positives };
}

function extraFieldsOf({ slots, usedFields }: CompiledRevision, features: readonly FeatureDefinition[]): readonly number[] {
  const used = new Set(usedFields);
  const read = new Set(features.map(({ field }) => slots.find(field) ?? -1));
  return [...read].filter((field) => field >= 0 && !used.has(field)).toSorted((a, b) => a - b);
}

export const isDense = ({ kind }: FeatureDefinition): boolean => kind === 'number' || kind === 'coded' || kind === 'flag';

function compileAdditive(compiled: CompiledRevision, manifest: AdditiveManifest): AdditiveModel {
  if (featureWidth(manifest.features) !== manifest.width) {
    throw new RangeError(`model ${manifest.id}: its features take ${featureWidth(manifest.features)} columns, not ${manifest.width}`);
  }
  const features: CompiledFeature[] = [];
  /** Column of the manifest → column here; sparse ones counted from the end of the dense ones. */
  const denseFrom: number[] = [];
  const sparseFrom: number[] = [];
  let column = 0;
  for (const definition of manifest.features) {
    const columns = columnsOf(definition);
    const list = isDense(definition) ? denseFrom : sparseFrom;
    const first = list.length;
    for (let i = 0; i < columns; i++) list.push(column++);
    const unknownColumn = sparseFrom.length;
    sparseFrom.push(column++);
    features.push({
      definition,
      field: compiled.slots.find(definition.field) ?? -1,
      column: first,
      unknownColumn,
      byValue: valuesOf(definition),
    });
  }
  const count = compiled.revision.actions.length;
  const row = 1 + denseFrom.length;
  const dense = new Float64Array(count * row);
  for (let action = 0; action < count; action++) dense[action * row] = Number.NaN;
  const sparse = new Float64Array(count * sparseFrom.length);
  for (const known of manifest.actions) {
    const action = compiled.actionIndex.get(known.id);
    if (action === undefined) continue;
    const weights = float64FromBytes(fromBase64(known.weights));
    if (weights.length !== manifest.width) {
      throw new RangeError(`model ${manifest.id}: action ${known.id} has ${weights.length} weights, not ${manifest.width}`);
    }
    dense[action * row] = known.intercept;
    for (const [to, from] of denseFrom.entries()) dense[action * row + 1 + to] = weights[from] as number;
    for (const [to, from] of sparseFrom.entries()) sparse[action * sparseFrom.length + to] = weights[from] as number;
  }
  return {
    features,
    denseWidth: denseFrom.length,
    sparseWidth: sparseFrom.length,
    dense,
    sparse,
  };
}

function valuesOf(definition: FeatureDefinition): ReadonlyMap<string, number> {
  switch (definition.kind) {
    case 'number':
    case 'flag':
      return new Map();
    case 'coded':
      return new Map(definition.codes.map(({ value, code }) => [value, code]));
    case 'one-hot':
    case 'contains':
      return new Map(definition.values.map((_, index) => [at(definition.values, index), index]));
  }
}
