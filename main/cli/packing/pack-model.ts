/** Somebody else's ONNX file → a bundle that desks take: its contract kept, and proven to answer as the original does. */
import { createHash } from 'node:crypto';
import { PlainModel } from '#adapters/onnx/plain-model.ts';
import type { ImportMapping } from '#contract/import-mapping.ts';
import type { FeatureDefinition, ModelManifest } from '#contract/model.ts';
import { decodeGraph, importModel, originalRow, originalWithAnswer, realInputs, scanPropensityModel, type Value } from '#learning';
import type { DataTable } from '../datasets/data-table.ts';
import { rowFields, rowVectors } from '../evaluation/row-vector.ts';

export interface PackSettings {
  readonly label: string;
  readonly positive: string;
  /** Column naming the action; absent = every row is about the mapping's only one. */
  readonly action: string | undefined;
}

export type Packed =
  | { readonly ok: true; readonly manifest: ModelManifest; readonly onnx: Buffer; readonly unknownActions: number }
  | { readonly ok: false; readonly faults: readonly string[] };

const GOLDEN = 24;
const BACKGROUND = 64;
/** How far the packed model may be from the original: both compute in 32-bit floats. */
const TOLERANCE = 1e-5;
const ELEMENTS = { 1: 'float32', 11: 'float64', 7: 'int64', 6: 'int32' } as const;

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const refused = (...faults: readonly string[]): Packed => ({ ok: false, faults });

interface Row {
  readonly vector: Float32Array;
  readonly field: (path: string) => unknown;
  readonly action: number;
  readonly isPositive: boolean;
}

const elementOf = (input: Value): (typeof ELEMENTS)[keyof typeof ELEMENTS] =>
  ELEMENTS[(input.type?.tensorType?.elemType ?? 1) as keyof typeof ELEMENTS];

/** The original's propensity of one row, asked as its maker would: one row, its own inputs. Words where it gives none. */
const askOriginal = async (
  original: PlainModel,
  inputs: readonly Value[],
  answer: string,
  mapping: ImportMapping,
  row: Row,
): Promise<number | string> => {
  const feeds = Object.fromEntries(
    inputs.map((input) => {
      const numbers = originalRow(mapping.inputs[input.name ?? ''] ?? [], row.field, mapping.actions[row.action] ?? '');
      const isFlat = (input.type?.tensorType?.shape?.dim ?? []).length === 1;
      return [input.name ?? '', { type: elementOf(input), dims: isFlat ? [numbers.length] : [1, numbers.length], numbers }];
    }),
  );
  const found = await original.run(feeds, answer);
  if (!found.ok) return found.words;
  const { column, is } = mapping.output;
  const place = column === 'action' ? row.action : (column ?? (found.numbers.length > 1 ? 1 : 0));
  const number = found.numbers[place] ?? Number.NaN;
  return is === 'log-odds' ? 1 / (1 + Math.exp(-number)) : number;
};

const rowsOf = (
  table: DataTable,
  mapping: ImportMapping,
  features: readonly FeatureDefinition[],
  settings: PackSettings,
): { rows: Row[]; unknownActions: number } => {
  const place = new Map(table.columns.map((name, at) => [name, at]));
  const actions = new Map(mapping.actions.map((id, at) => [id, at]));
  const vectorOf = rowVectors(features);
  const fieldsOf = rowFields(features);
  let unknownActions = 0;
  const rows = table.rows.flatMap(({ fields }): Row[] => {
    const cell = (name: string): string => (fields[place.get(name) ?? -1] ?? '').trim();
    const action = settings.action === undefined ? 0 : actions.get(cell(settings.action));
    if (action === undefined) {
      unknownActions += 1;
      return [];
    }
    return [{ vector: vectorOf(cell), field: fieldsOf(cell), action, isPositive: cell(settings.label) === settings.positive }];
  });
  return { rows, unknownActions };
};

const spread = (rows: readonly Row[], count: number): readonly Row[] =>
  Array.from({ length: Math.min(count, rows.length) }, (_, at) => rows[Math.floor(((at + 0.5) * rows.length) / count)] as Row);

/** In words where the packed file, asked about all rows in one call, does not answer as the original did one by one; null = it does. */
const differs = async (onnx: Uint8Array, rows: readonly Row[], wanted: readonly number[], width: number): Promise<string | null> => {
  const packed = await PlainModel.open(onnx);
  if (typeof packed === 'string') return `the packed model cannot be loaded: ${packed}`;
  try {
    const found = await packed.run(
      {
        features: { type: 'float32', dims: [rows.length, width], numbers: rows.flatMap(({ vector }) => [...vector]) },
        action: { type: 'int64', dims: [rows.length], numbers: rows.map(({ action }) => action) },
      },
      'propensity',
    );
    if (!found.ok)
      return `asked about ${rows.length} customers in one call, it fails: ${found.words}. Export it with a free batch dimension`;
    if (found.numbers.length !== rows.length)
      return `asked about ${rows.length} customers in one call, it gives ${found.numbers.length} answers. Export it with a free batch dimension`;
    const off = wanted.findIndex((one, at) => !(Math.abs(one - (found.numbers[at] ?? Number.NaN)) <= TOLERANCE));
    return off < 0
      ? null
      : `for row ${off} of the golden inputs it gives ${found.numbers[off]} in one call and the original ${wanted[off]} alone`;
  } finally {
    await packed.close();
  }
};

export const packModel = async (bytes: Uint8Array, mapping: ImportMapping, table: DataTable, settings: PackSettings): Promise<Packed> => {
  const imported = importModel(bytes, mapping);
  if (!imported.ok) return { ok: false, faults: imported.faults };
  const { features, width } = imported;
  const onnx = Buffer.from(imported.onnx);
  const scanned = scanPropensityModel(onnx, width);
  if (scanned.length > 0) return { ok: false, faults: scanned.map(({ code, detail }) => `${code}: ${detail}`) };
  const missing = features.map(({ field }) => field).filter((field) => !table.columns.includes(field));
  if (missing.length > 0)
    return refused(`the data has no column ${missing.map((name) => `"${name}"`).join(', ')}, which the mapping reads`);
  const { rows, unknownActions } = rowsOf(table, mapping, features, settings);
  const positives = rows.filter(({ isPositive }) => isPositive).length;
  if (positives === 0 || positives === rows.length)
    return refused(
      `${positives} of ${rows.length} rows about its actions are positive ("${settings.positive}" in column "${settings.label}"); both kinds are needed`,
    );

  const decoded = decodeGraph(bytes);
  if (!decoded.ok) return refused(decoded.why);
  const made = originalWithAnswer(bytes, mapping.output.name);
  const exposed = decodeGraph(made);
  const answer = exposed.ok ? (exposed.graph.output?.[0]?.name ?? '') : '';
  const original = await PlainModel.open(made);
  if (typeof original === 'string') return refused(`the runtime does not take the original: ${original}`);
  const golden = spread(rows, GOLDEN);
  const wanted: number[] = [];
  try {
    for (const row of golden) {
      const found = await askOriginal(original, realInputs(decoded.graph), answer, mapping, row);
      if (typeof found === 'string') return refused(`the original does not answer: ${found}`);
      if (!(found >= 0 && found <= 1))
        return refused(
          `the output "${mapping.output.name}" gives ${found}, which is no probability; where it gives log-odds, write "is": "log-odds"`,
        );
      wanted.push(found);
    }
  } finally {
    await original.close();
  }
  const off = await differs(onnx, golden, wanted, width);
  if (off !== null) return refused(off);
  return {
    ok: true,
    onnx,
    unknownActions,
    manifest: {
      id: mapping.id,
      kind: 'propensity',
      version: mapping.version,
      transparency: mapping.transparency,
      ...(mapping.validTo === undefined ? {} : { validTo: mapping.validTo }),
      onnx: sha256(onnx),
      bytes: onnx.length,
      features: [...features],
      width,
      columns: {
        label: settings.label,
        positive: settings.positive,
        ...(settings.action === undefined ? {} : { action: settings.action }),
      },
      actions: mapping.actions.map((id, at) => {
        const own = rows.filter(({ action }) => action === at);
        return { id, evidence: own.length, positives: own.filter(({ isPositive }) => isPositive).length };
      }),
      golden: golden.map(({ vector, action }, at) => ({ features: [...vector], action, propensity: Math.fround(wanted[at] as number) })),
      background: spread(rows, BACKGROUND).map(({ vector }) => [...vector]),
      // Measured by whoever packs, with the runtime that will serve it.
      card: { trainedOn: table.sha256, rows: rows.length, positives, auc: 0, logLoss: 0, brier: 0, ece: 0 },
    },
  };
};
