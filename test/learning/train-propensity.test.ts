import { createHash } from 'node:crypto';
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { ModelManifest } from '#contract/model.ts';
import type { FieldDefinition } from '#contract/policy.ts';
import { FORMS, scanPropensityModel, seededRandom, type Table, type PropensitySettings, trainPropensity } from '#learning';
import { ACTIONS, syntheticTable, TRUTH } from './synthetic-responses.ts';

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const field = (path: string, more: Partial<FieldDefinition>): FieldDefinition => ({
  path,
  type: 'number',
  label: path,
  subject: 'customer',
  kind: 'fact',
  changeableBy: 'nobody',
  ...more,
});
const FIELDS = [
  field('profile.age', {}),
  field('profile.product', { type: 'enum', values: ['fibre', 'copper', 'mobile'] }),
  field('profile.late', { type: 'boolean' }),
];
const SETTINGS: PropensitySettings = {
  id: 'propensity',
  version: 1,
  label: 'accepted',
  positive: 'true',
  action: 'actionId',
  fields: FIELDS,
  // What is said of reading tables holds for every form, and this one is quick.
  form: 'linear',
  trainedOn: sha256(new TextEncoder().encode('synthetic')),
  sha256,
};

const trained = (table: Table, settings: Partial<PropensitySettings> = {}) => {
  const result = trainPropensity(table, { ...SETTINGS, ...settings });
  if (!result.ok) throw new Error(result.faults.map((fault) => fault.detail).join('\n'));
  return result;
};
/** Of the linear form, whose weights can be held against the truth. */
const linear = (table: Table, settings: Partial<PropensitySettings> = {}) => {
  const result = trained(table, settings);
  if (result.weights === null) throw new Error('the linear form has no weights');
  return { ...result, weights: result.weights };
};
const faultsOf = (table: Table, settings: Partial<PropensitySettings> = {}): string[] => {
  const result = trainPropensity(table, { ...SETTINGS, ...settings });
  return result.ok ? [] : result.faults.map((fault) => `${fault.code}: ${fault.detail}`);
};
const changed = (table: Table, column: string, change: (cell: string, row: number) => string): Table => ({
  ...table,
  rows: table.rows.map((row, at) => ({
    ...row,
    fields: row.fields.map((cell, c) => (table.columns[c] === column ? change(cell, at) : cell)),
  })),
});

const ROWS = 2_000;
const TABLE = syntheticTable(ROWS, 1);

describe('training a propensity model', () => {
  it('recovers the weights the data was made with, and says honestly how good it is', () => {
    const { manifest, weights } = linear(syntheticTable(20_000, 2));
    const w = (action: number, at: number) => weights.weights[action * weights.width + at] ?? Number.NaN;
    // Vector: age, unknown, fibre, copper, mobile, unknown, late, unknown, billing, outage, unknown.
    expect(manifest.width).toBe(11);
    for (const action of ACTIONS.keys()) {
      expect(Math.abs(w(action, 0) - TRUTH.age)).toBeLessThan(0.08);
      expect(Math.abs(w(action, 2) - w(action, 3) - TRUTH.fibre)).toBeLessThan(0.1);
      expect(Math.abs(w(action, 6) - TRUTH.late)).toBeLessThan(0.1);
      expect(Math.abs(w(action, 8) + w(action, 9))).toBeLessThan(0.1);
    }
    expect(Math.abs((weights.intercepts[1] ?? 0) - (weights.intercepts[0] ?? 0) - 1)).toBeLessThan(0.1);
    expect(manifest.card.auc).toBeGreaterThan(0.74);
    expect(manifest.card.auc).toBeLessThan(0.82);
    expect(manifest.card.ece).toBeLessThan(0.03);
    expect(manifest.actions.map((action) => action.id)).toEqual(ACTIONS);
    expect(manifest.actions.reduce((sum, action) => sum + action.evidence, 0)).toBe(20_000);
  });

  it('gives the same bytes twice, and other bytes for other data', () => {
    const first = trained(TABLE);
    const second = trained(TABLE);
    expect(Buffer.compare(first.onnx, second.onnx)).toBe(0);
    expect(JSON.stringify(first.manifest)).toBe(JSON.stringify(second.manifest));
    expect(trained(syntheticTable(ROWS, 9)).manifest.onnx).not.toBe(first.manifest.onnx);
  });

  it.each(FORMS)(
    'writes a file the ONNX runtime evaluates to the same propensities: 10,000 rows within 1e-6, in one batch (%s)',
    async (form) => {
      const { onnx, manifest, propensity } = trained(syntheticTable(2_500, 1), { form });
      const random = seededRandom(8);
      const rows = 10_000;
      const features = Float32Array.from({ length: rows * manifest.width }, () => (random() < 0.5 ? 0 : random() * 10 - 5));
      const actions = Array.from({ length: rows }, () => Math.floor(random() * manifest.actions.length));
      const session = await ort.InferenceSession.create(onnx);
      const output = await session.run({
        features: new ort.Tensor('float32', features, [rows, manifest.width]),
        action: new ort.Tensor('int64', BigInt64Array.from(actions.map(BigInt)), [rows]),
      });
      const scores = output['propensity']?.data as Float32Array;
      expect(scores).toHaveLength(rows);
      let worst = 0;
      for (const [row, action] of actions.entries()) {
        const own = propensity(features.subarray(row * manifest.width, (row + 1) * manifest.width), action);
        worst = Math.max(worst, Math.abs(own - (scores[row] ?? Number.NaN)));
      }
      expect(worst).toBeLessThanOrEqual(1e-6);

      expect(manifest.golden.length).toBeGreaterThanOrEqual(16);
      for (const golden of manifest.golden) {
        const one = await session.run({
          features: new ort.Tensor('float32', Float32Array.from(golden.features), [1, manifest.width]),
          action: new ort.Tensor('int64', BigInt64Array.of(BigInt(golden.action)), [1]),
        });
        const score = (one['propensity']?.data as Float32Array | undefined)?.[0] ?? Number.NaN;
        expect(Math.abs(score - golden.propensity) / golden.propensity).toBeLessThan(1e-5);
      }
      await session.release();
    },
  );

  it('makes a manifest the contract takes, with the hash and size of the file', () => {
    const { manifest, onnx } = trained(TABLE);
    expect(ModelManifest.parse(JSON.parse(JSON.stringify(manifest)))).toEqual(manifest);
    expect(manifest.onnx).toBe(sha256(onnx));
    expect(manifest.bytes).toBe(onnx.length);
    expect(scanPropensityModel(onnx, manifest.width)).toEqual([]);
  });

  it('finds the types itself where there is no catalogue', () => {
    const { manifest } = linear(TABLE, { fields: null });
    expect(manifest.features.map(({ kind }) => kind)).toEqual(['number', 'one-hot', 'flag', 'contains']);
  });

  it('says what is wrong with the data, where, and what to do', () => {
    expect(faultsOf(TABLE, { label: 'bought' })).toEqual([
      'no-such-column: there is no column "bought"; the columns are profile.age, profile.product, profile.late, call.topics, actionId, accepted',
    ]);
    expect(faultsOf(TABLE, { positive: 'yes' })[0]).toContain(`0 of ${ROWS} rows have "yes" in column "accepted" (values: false, true)`);
    expect(faultsOf(changed(TABLE, 'accepted', () => 'true'))[0]).toContain(`one-class: ${ROWS} of ${ROWS}`);
    expect(faultsOf({ ...TABLE, rows: [] })[0]).toMatch(/^no-rows/);
    expect(faultsOf({ ...TABLE, rows: TABLE.rows.slice(0, 50) })[0]).toMatch(/^too-few-rows: 50 rows/);
    expect(faultsOf(changed(TABLE, 'profile.age', (cell, row) => (row === 10 ? 'NaN' : cell)))).toEqual([
      'bad-value: line 12: "NaN" in column "profile.age" is no number; mend it, or leave it empty if it is unknown',
    ]);
    expect(faultsOf(changed(TABLE, 'profile.age', (cell, row) => (row === 3 ? 'Infinity' : cell)))[0]).toContain('line 5');
    expect(faultsOf(changed(TABLE, 'profile.product', (cell, row) => (row === 6 ? 'satellite' : cell)))[0]).toContain(
      'line 8: "satellite" in column "profile.product" is no value of the catalogue (fibre, copper, mobile)',
    );
    expect(faultsOf(changed(TABLE, 'actionId', (cell, row) => (row === 4 ? 'Offer it!' : cell)))[0]).toMatch(/^bad-action: line 6/);
    expect(faultsOf(TABLE, { fields: FIELDS.slice(1) })[0]).toMatch(/^unknown-field: column "profile.age"/);
    expect(
      faultsOf(
        changed(TABLE, 'profile.product', (_, row) => `p${row}`),
        { fields: null },
      )[0],
    ).toMatch(/^too-many-values/);
    expect(faultsOf(TABLE, { drop: ['profile.age', 'profile.product', 'profile.late', 'call.topics'] })[0]).toMatch(/^no-features/);
  });

  it('never takes a protected attribute or a state of mind as a feature', () => {
    for (const kind of ['protected', 'affect'] as const) {
      const fields = FIELDS.map((known) => (known.path === 'profile.age' ? { ...known, kind } : known));
      expect(faultsOf(TABLE, { fields })[0]).toMatch(/^forbidden-field: column "profile.age"/);
      const { manifest } = trained(TABLE, { fields, drop: ['profile.age'] });
      expect(manifest.features.some((feature) => feature.field === 'profile.age')).toBe(false);
    }
  });

  it('leaves out a constant or wholly unknown column and says so', () => {
    const constant = trained(changed(TABLE, 'profile.product', () => 'fibre'));
    expect(constant.notices).toEqual(['column "profile.product" left out: it has the same value in every row']);
    expect(trained(changed(TABLE, 'profile.age', () => '')).notices).toEqual(['column "profile.age" left out: it is unknown in every row']);
    expect(trained(changed(TABLE, 'profile.age', () => '7')).notices[0]).toContain('same value in every row');
  });

  it('gives an action with few responses the shared weights, and lets one with many go its own way', () => {
    const random = seededRandom(21);
    const rows = Array.from({ length: 10_000 }, (_, at) => {
      const x = random() * 4 - 2;
      const action = at % 200 === 0 ? 'rare' : at % 2 === 0 ? 'plain' : 'contrary';
      const odds = action === 'contrary' ? -x : x;
      return { line: at + 2, fields: [x.toFixed(3), action, random() < 1 / (1 + Math.exp(-odds)) ? 'true' : 'false'] };
    });
    const { weights, manifest } = linear({ columns: ['x', 'actionId', 'accepted'], rows }, { fields: null });
    const slope = (id: string) => weights.weights[manifest.actions.findIndex((action) => action.id === id) * weights.width] ?? 0;
    expect(slope('plain')).toBeGreaterThan(0.8);
    expect(slope('contrary')).toBeLessThan(-0.8);
    expect(Math.abs(slope('rare'))).toBeLessThan(Math.abs(slope('plain')));
  });
});
