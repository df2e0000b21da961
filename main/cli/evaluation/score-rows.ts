/** Every row of a data file scored by a model bundle, in the runtime that serves it. */
import { OnnxScorer } from '#adapters/onnx/onnx-scorer.ts';
import type { ModelManifest } from '#contract/model.ts';
import { scanPropensityModel } from '#learning';
import type { DataFile } from '../datasets/data-file.ts';
import { rowVectors } from './row-vector.ts';

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

/** Nothing waits for these scores. */
const ANY_TIME_MS = 60_000;

/** What a row came to: `cell` finds a column's text, `action` is its place in the manifest. */
export interface ScoredRow {
  readonly cell: (column: string) => string;
  readonly vector: Float32Array;
  readonly action: number;
  readonly score: number;
  readonly isPositive: boolean;
}

/** The file must have the columns named and one for each feature. `onRow` is told how many rows are done, and what the last came to. */
export const scoreRows = async (
  data: DataFile,
  columns: ScoreColumns,
  manifest: ModelManifest,
  onnx: Buffer,
  onRow: (done: number, row: ScoredRow) => void,
): Promise<ScoredRows> => {
  const faults = scanPropensityModel(onnx, manifest.width);
  if (faults.length > 0) return { ok: false, words: faults.map(({ detail }) => detail).join('; ') };
  const place = new Map(data.columns.map((name, at) => [name, at]));
  const vectorOf = rowVectors(manifest.features);
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
      const vector = vectorOf(cell);
      const scored = await scorer.score(vector, [action], ANY_TIME_MS);
      if (!scored.ok) return { ok: false, words: `line ${line} could not be scored: ${scored.words}` };
      const score = scored.propensity[0] ?? Number.NaN;
      const isPositive = cell(columns.label) === columns.positive;
      scores.push(score);
      outcomes.push(isPositive ? 1 : 0);
      onRow(scores.length, { cell, vector, action, score, isPositive });
    }
    return { ok: true, scores, outcomes, unknownActions };
  } finally {
    await scorer.close();
  }
};
