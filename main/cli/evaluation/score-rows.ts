/** Every row of a data file scored by a model bundle, in the runtime that serves it. */
import { OnnxScorer } from '#adapters/onnx/onnx-scorer.ts';
import type { FeatureDefinition, ModelManifest } from '#contract/model.ts';
import type { FieldDefinition } from '#contract/policy.ts';
import { featureVector } from '#core';
import { readCell, scanPropensityModel } from '#learning';
import type { DataFile } from '../datasets/data-file.ts';

interface ScoreColumns {
  readonly label: string;
  readonly positive: string;
  /** Absent: every row is about the model's first action. */
  readonly action: string | undefined;
}

type ScoredRows =
  | {
      readonly ok: true;
      readonly scores: readonly number[];
      /** 1 = positive. */
      readonly outcomes: readonly number[];
      /** Rows about actions the model does not know: left out. */
      readonly unknownActions: number;
    }
  | { readonly ok: false; readonly words: string };

const TYPES: Readonly<Record<FeatureDefinition['kind'], FieldDefinition['type']>> = {
  number: 'number',
  flag: 'boolean',
  'one-hot': 'enum',
  coded: 'enum',
  contains: 'set',
};
/** Nothing waits for these scores. */
const ANY_TIME_MS = 60_000;

/** The file must have the columns named and one for each feature. `onRow` is told how many rows are done. */
export const scoreRows = async (
  data: DataFile,
  columns: ScoreColumns,
  manifest: ModelManifest,
  onnx: Buffer,
  onRow: (done: number) => void,
): Promise<ScoredRows> => {
  const faults = scanPropensityModel(onnx, manifest.width);
  if (faults.length > 0) return { ok: false, words: faults.map(({ detail }) => detail).join('; ') };
  const place = new Map(data.columns.map((name, at) => [name, at]));
  const types = new Map(manifest.features.map(({ field, kind }) => [field, TYPES[kind]]));
  const actions = new Map(manifest.actions.map(({ id }, at) => [id, at]));
  const scorer = new OnnxScorer();
  try {
    const loaded = await scorer.load({ hash: manifest.onnx, manifest, onnxBase64: onnx.toString('base64') });
    if (!loaded.ok) return loaded;
    const scores: number[] = [];
    const outcomes: number[] = [];
    let unknownActions = 0;
    for await (const { line, fields } of data.rows) {
      const cell = (name: string): string => (fields[place.get(name) ?? -1] ?? '').trim();
      const action = columns.action === undefined ? 0 : actions.get(cell(columns.action));
      if (action === undefined) {
        unknownActions += 1;
        continue;
      }
      const vector = featureVector(manifest.features, { field: (name) => readCell(types.get(name) ?? 'text', cell(name)) ?? null });
      const scored = await scorer.score(vector, [action], ANY_TIME_MS);
      if (!scored.ok) return { ok: false, words: `line ${line} could not be scored: ${scored.words}` };
      scores.push(scored.propensity[0] ?? Number.NaN);
      outcomes.push(cell(columns.label) === columns.positive ? 1 : 0);
      onRow(scores.length);
    }
    return { ok: true, scores, outcomes, unknownActions };
  } finally {
    await scorer.close();
  }
};
