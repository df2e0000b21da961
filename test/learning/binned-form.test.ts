import { createHash } from 'node:crypto';
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import {
  contributionsOf,
  logistic,
  readExplainable,
  scanPropensityModel,
  seededRandom,
  type Table,
  type PropensitySettings,
  trainPropensity,
} from '#learning';
import { featureVector } from '#core';

const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');
const SETTINGS: PropensitySettings = {
  id: 'propensity',
  version: 1,
  label: 'answer',
  positive: 'yes',
  fields: null,
  trainedOn: sha256(''),
  sha256,
};

/** Log-odds that no line and no single column can say: a valley in `x`, and `a` and `b` that count only together. */
const truth = (x: number, a: string, b: number): number => -1 + 1.5 * Math.abs(x) - (a === 'red' ? 1.6 : -1.6) * (b > 0 ? 1 : -1) * 0.5;

const curved = (rows: number, seed: number): Table => {
  const random = seededRandom(seed);
  return {
    columns: ['x', 'a', 'b', 'noise', 'answer'],
    rows: Array.from({ length: rows }, (_, at) => {
      const x = random() * 4 - 2;
      const a = ['red', 'green', 'blue'][Math.floor(random() * 3)] ?? '';
      const b = random() * 2 - 1;
      const answer = random() < logistic(truth(x, a, b));
      return { line: at + 2, fields: [random() < 0.03 ? '' : x.toFixed(3), a, b.toFixed(3), random().toFixed(2), answer ? 'yes' : 'no'] };
    }),
  };
};
const trained = (table: Table, settings: Partial<PropensitySettings> = {}) => {
  const result = trainPropensity(table, { ...SETTINGS, ...settings });
  if (!result.ok) throw new Error(result.faults.map(({ detail }) => detail).join('\n'));
  return result;
};
const TABLE = curved(3_000, 1);
const BINNED = { form: 'binned' } as const;
const MODEL = trained(TABLE, BINNED);
const vectorOf = (x: number | null, a: string | null, b: number): Float32Array =>
  featureVector(MODEL.manifest.features, { field: (name) => (name === 'x' ? x : name === 'a' ? a : name === 'b' ? b : 0.5) });
const bundleOf = ({ manifest, onnx }: typeof MODEL) => ({ hash: sha256(onnx), manifest, onnxBase64: Buffer.from(onnx).toString('base64') });

describe('the binned form', () => {
  it('finds a valley and a pair that no linear model can, and is taken for it', () => {
    const own = trained(TABLE);
    expect(own.form).toBe('binned');
    const linear = trained(TABLE, { form: 'linear' });
    expect(own.manifest.card.auc).toBeGreaterThan(linear.manifest.card.auc + 0.1);
    for (const [x, a, b] of [
      [-1.5, 'red', 0.6],
      [0, 'red', 0.6],
      [1.5, 'green', -0.4],
      [0.1, 'blue', 0.8],
    ] as const)
      expect(Math.abs(MODEL.propensity(vectorOf(x, a, b), 0) - logistic(truth(x, a, b)))).toBeLessThan(0.2);
  });

  it('gives way to the linear form where there is nothing but lines, and too few rows to see them in bins', () => {
    const random = seededRandom(5);
    const weights = Array.from({ length: 12 }, () => 2 * (random() - 0.5));
    const rows = Array.from({ length: 400 }, (_, at) => {
      const x = weights.map(() => random() * 4 - 2);
      const odds = x.reduce((sum, one, column) => sum + one * (weights[column] ?? 0), 0);
      return { line: at + 2, fields: [...x.map((one) => one.toFixed(3)), random() < logistic(odds) ? 'yes' : 'no'] };
    });
    expect(trained({ columns: [...weights.map((_, at) => `x${at}`), 'answer'], rows }).form).toBe('linear');
  });

  it('writes a file that is permitted and gives the same within 1e-6, also on the thresholds and for what is unknown', async () => {
    const { onnx, manifest, propensity } = MODEL;
    expect(scanPropensityModel(onnx, manifest.width)).toEqual([]);
    const random = seededRandom(2);
    const rows = 10_000;
    const known = TABLE.rows.flatMap(({ fields }) => (fields[0] === '' ? [] : [Number(fields[0])]));
    const values = known.toSorted((one, other) => one - other);
    const vectors = Array.from({ length: rows }, () => {
      const at = Math.floor(random() * (values.length - 1));
      // Halfway between two values met is where a bin may end.
      const x = random() < 0.1 ? null : random() < 0.5 ? ((values[at] ?? 0) + (values[at + 1] ?? 0)) / 2 : (values[at] ?? 0);
      return vectorOf(x, random() < 0.1 ? 'unheard of' : random() < 0.1 ? null : 'red', random() * 4 - 2);
    });
    const session = await ort.InferenceSession.create(onnx);
    const features = new Float32Array(rows * manifest.width);
    for (const [row, vector] of vectors.entries()) features.set(vector, row * manifest.width);
    const output = await session.run({
      features: new ort.Tensor('float32', features, [rows, manifest.width]),
      action: new ort.Tensor('int64', new BigInt64Array(rows), [rows]),
    });
    await session.release();
    const scores = output['propensity']?.data as Float32Array;
    let worst = 0;
    for (const [row, vector] of vectors.entries()) worst = Math.max(worst, Math.abs(propensity(vector, 0) - (scores[row] ?? Number.NaN)));
    expect(worst).toBeLessThanOrEqual(1e-6);
  });

  it('is taken apart exactly: base and contributions add up to the log-odds', () => {
    const model = readExplainable(bundleOf(MODEL));
    for (const [x, a, b] of [
      [1.2, 'red', 0.3],
      [null, 'green', -0.9],
      [-0.4, null, 0.1],
    ] as const) {
      const vector = vectorOf(x, a, b);
      const found = contributionsOf(model, vector, 0, { field: () => null });
      if (!found.exact) throw new Error(found.why);
      const sum = found.contributions.reduce((total, { logOdds }) => total + logOdds, found.base);
      expect(Math.abs(logistic(sum) - MODEL.propensity(vector, 0))).toBeLessThan(1e-6);
    }
  });

  it('holds a feature to the way it must go, everywhere and whatever the data says', () => {
    const { propensity, manifest } = trained(TABLE, { monotone: new Map([['x', 1]]) });
    const at = (x: number, b: number) =>
      propensity(
        featureVector(manifest.features, { field: (name) => (name === 'x' ? x : name === 'a' ? 'green' : name === 'b' ? b : 0.5) }),
        0,
      );
    for (const b of [-0.5, 0.5]) {
      let before = 0;
      for (let x = -2.5; x <= 2.5; x += 0.01) {
        const now = at(x, b);
        expect(now).toBeGreaterThanOrEqual(before);
        before = now;
      }
      // And it is not flat: the rising side of the valley is there.
      expect(at(2, b)).toBeGreaterThan(at(0, b) + 0.1);
    }
    const refused = trainPropensity(TABLE, { ...SETTINGS, monotone: new Map([['a', 1]]) });
    expect(refused.ok ? '' : refused.faults[0]?.detail).toContain('"a" is to go one way and has no order');
  });

  it('gives the same bytes for the same rows', () => {
    expect(Buffer.compare(trained(TABLE, BINNED).onnx, MODEL.onnx)).toBe(0);
    expect(trained(curved(3_000, 2), BINNED).manifest.onnx).not.toBe(MODEL.manifest.onnx);
  });

  it('lets each action go its own way where that gains', () => {
    const random = seededRandom(9);
    const rows = Array.from({ length: 3_000 }, (_, at) => {
      const x = random() * 4 - 2;
      const action = at % 2 === 0 ? 'plain' : 'contrary';
      return { line: at + 2, fields: [x.toFixed(2), action, random() < logistic(action === 'plain' ? 1.5 * x : -1.5 * x) ? 'yes' : 'no'] };
    });
    const { propensity, manifest, onnx } = trained({ columns: ['x', 'actionId', 'answer'], rows }, { ...BINNED, action: 'actionId' });
    const p = (x: number, action: string) =>
      propensity(
        featureVector(manifest.features, { field: () => x }),
        manifest.actions.findIndex(({ id }) => id === action),
      );
    expect(p(1.5, 'plain')).toBeGreaterThan(0.65);
    expect(p(1.5, 'contrary')).toBeLessThan(0.35);
    expect(scanPropensityModel(onnx, manifest.width)).toEqual([]);
    expect(readExplainable(bundleOf({ ...MODEL, manifest, onnx })).exact).toBe(true);
  });

  it('names a column that knows the answer', () => {
    const leaking: Table = {
      columns: [...TABLE.columns.slice(0, -1), 'duration', 'answer'],
      rows: TABLE.rows.map(({ line, fields }, at) => ({
        line,
        fields: [...fields.slice(0, -1), fields.at(-1) === 'yes' ? String(300 + (at % 50)) : String(at % 280), fields.at(-1) ?? ''],
      })),
    };
    expect(trained(leaking, { form: 'linear' }).notices.join()).toMatch(/column "duration" alone tells the outcome .* --drop duration/);
    expect(MODEL.notices).toEqual([]);
  });
});
