import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OnnxScorer } from '#adapters/onnx/onnx-scorer.ts';
import { ModelManifest } from '#contract/model.ts';
import { featureVector } from '#core';
import { contributionsOf, logistic, ModelProto, readExplainable, seededRandom } from '#learning';
import { readPropensityFolder } from '#main/cli/read-model-folder.ts';
import { runSotto } from './run-sotto.ts';

const ROWS = 400;
const random = seededRandom(4);
const PEOPLE = Array.from({ length: ROWS }, () => {
  const [age, tenure, vip] = [Math.round(20 + random() * 60), Math.round(random() * 70), random() < 0.3];
  return { age, tenure, vip, answer: random() < logistic((age - 50) / 15 - tenure / 30 + (vip ? 1 : 0)) };
});
/** Debian's own first: its packages are not seen by another Python on the PATH. */
const PYTHON = ['/usr/bin/python3', 'python3'].find((python) => spawnSync(python, ['-c', 'import onnx, sklearn']).status === 0);
if (PYTHON === undefined)
  process.stderr.write('\nSKIPPED: python3-onnx and python3-sklearn are not installed; models by hand are packed all the same.\n\n');

let folder: string;
let data: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sotto-pack-'));
  data = path.join(folder, 'people.csv');
  writeFileSync(
    data,
    ['age,tenure,vip,answer', ...PEOPLE.map(({ age, tenure, vip, answer }) => `${age},${tenure},${vip},${answer ? 'yes' : 'no'}`)].join(
      '\n',
    ),
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const INPUT = ['age', 'tenure', { field: 'vip', flag: true }];
const pack = async (onnx: string, mapping: object) => {
  const name = path.basename(onnx, '.onnx');
  const mappingFile = path.join(folder, `${name}.json`);
  writeFileSync(mappingFile, JSON.stringify({ id: name, ...mapping }));
  const out = path.join(folder, `${name}-bundle`);
  const ran = await runSotto([
    'model',
    'pack',
    '--onnx',
    onnx,
    '--mapping',
    mappingFile,
    '--data',
    data,
    '--label',
    'answer',
    '--positive',
    'yes',
    '--out',
    out,
  ]);
  return { ...ran, out };
};
/** Propensities of the first people by a packed bundle, as a desk would ask. */
const scoresOf = async (out: string, people = PEOPLE.slice(0, 200)): Promise<number[]> => {
  const read = readPropensityFolder(out);
  if (!read.ok) throw new Error(read.words);
  const scorer = new OnnxScorer();
  expect(await scorer.load(read.bundle)).toEqual({ ok: true });
  const scores: number[] = [];
  for (const person of people) {
    const vector = featureVector(read.bundle.manifest.features, { field: (name) => person[name as 'age' | 'tenure' | 'vip'] });
    const scored = await scorer.score(vector, [0], 60_000);
    scores.push(scored.ok ? (scored.propensity[0] ?? Number.NaN) : Number.NaN);
  }
  await scorer.close();
  return scores;
};

describe.skipIf(PYTHON === undefined)('models of scikit-learn', () => {
  let said: readonly (readonly number[])[];
  beforeAll(() => {
    const rows = PEOPLE.map(({ age, tenure, vip, answer }) => `${age},${tenure},${vip ? 1 : 0},${answer ? 1 : 0}`).join('\n');
    const made = spawnSync(PYTHON ?? '', [path.join(import.meta.dirname, 'sklearn-models.py'), folder], { input: rows, encoding: 'utf8' });
    if (made.status !== 0) throw new Error(made.stderr);
    said = readFileSync(path.join(folder, 'said.csv'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split(',').map(Number));
  });

  it.each([
    ['free-batch', 'probabilities'],
    ['one-row', 'probabilities'],
    ['zipmap', 'output_probability'],
  ])('%s: probabilities of two classes, with the label as another output', async (name, output) => {
    const packed = await pack(path.join(folder, `${name}.onnx`), { inputs: { input: INPUT }, output: { name: output } });
    expect(packed.code, packed.err).toBe(0);
    for (const [at, score] of (await scoresOf(packed.out)).entries())
      expect(Math.abs(score - (said[at]?.[0] ?? Number.NaN))).toBeLessThan(1e-5);
  });

  it('whole-numbers: an input a column, int64 among them', async () => {
    const inputs = { age: ['age'], tenure: ['tenure'], vip: [{ field: 'vip', flag: true }] };
    const packed = await pack(path.join(folder, 'whole-numbers.onnx'), { inputs, output: { name: 'probabilities' } });
    expect(packed.code, packed.err).toBe(0);
    for (const [at, score] of (await scoresOf(packed.out)).entries())
      expect(Math.abs(score - (said[at]?.[0] ?? Number.NaN))).toBeLessThan(1e-5);
  });

  it('trees: a sum of trees in log-odds', async () => {
    const packed = await pack(path.join(folder, 'trees.onnx'), { inputs: { input: INPUT }, output: { name: 'sum', is: 'log-odds' } });
    expect(packed.code, packed.err).toBe(0);
    for (const [at, score] of (await scoresOf(packed.out)).entries())
      expect(Math.abs(score - (said[at]?.[1] ?? Number.NaN))).toBeLessThan(1e-5);
    const wrong = await pack(path.join(folder, 'trees.onnx'), { inputs: { input: INPUT }, output: { name: 'sum' } });
    expect(wrong.err).toMatch(/no probability; where it gives log-odds, write "is": "log-odds"/);
  });
});

type Loose = Record<string, unknown>;
const value = (name: string, elemType: number, dims: readonly (number | string)[]): Loose => ({
  name,
  type: { tensorType: { elemType, shape: { dim: dims.map((dim) => (typeof dim === 'number' ? { dimValue: dim } : { dimParam: dim })) } } },
});
const FLOAT = 1;
/** y = sigmoid(x · w) over three columns, by hand; `change` makes it another. */
const byHand = (name: string, change: (model: { graph: Record<string, Loose[]> } & Loose) => void = () => {}): string => {
  const model = {
    irVersion: 8,
    opsetImport: [{ domain: '', version: 13 }],
    graph: {
      node: [
        { opType: 'MatMul', input: ['features', 'w'], output: ['z'] },
        { opType: 'Sigmoid', input: ['z'], output: ['propensity'] },
      ],
      initializer: [{ name: 'w', dataType: FLOAT, dims: [3, 1], floatData: [0.02, -0.03, 0.5] }],
      input: [value('features', FLOAT, [1, 3])],
      output: [value('propensity', FLOAT, [1, 1])],
    } as Record<string, Loose[]>,
  };
  change(model);
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, `${name}.onnx`);
  writeFileSync(file, ModelProto.encode(ModelProto.fromObject(model)).finish());
  return file;
};
const MAPPING = { inputs: { features: INPUT }, output: { name: 'propensity' } };

const refusal = async (file: string, mapping: object): Promise<string> => {
  const { code, err } = await pack(file, mapping);
  expect(code).toBe(1);
  return err;
};

describe('models by hand', () => {
  it('are packed with their own names for inputs and outputs, whatever these are', async () => {
    const packed = await pack(byHand('by-hand'), MAPPING);
    expect(packed.code, packed.err).toBe(0);
    const scores = await scoresOf(packed.out);
    for (const [at, { age, tenure, vip }] of PEOPLE.slice(0, 200).entries())
      expect(Math.abs((scores[at] ?? 0) - logistic(0.02 * age - 0.03 * tenure + (vip ? 0.5 : 0)))).toBeLessThan(1e-6);
    const manifest = ModelManifest.parse(JSON.parse(readFileSync(path.join(packed.out, 'manifest.json'), 'utf8')));
    expect(manifest.golden).toHaveLength(24);
    expect(manifest.card.rows).toBe(ROWS);
    expect(manifest.card.auc).toBeGreaterThan(0.6);
  });

  it('score every action in one call, by a column that says which it is, or by a column of the answer of its own', async () => {
    const actions = ['offer-fibre', 'show-app'];
    const one = await pack(byHand('own-input'), {
      actions,
      inputs: { features: ['age', 'tenure', { action: { 'offer-fibre': 1, 'show-app': -1 } }] },
      output: { name: 'propensity' },
    });
    expect(one.code, one.err).toBe(0);
    const own = await pack(
      byHand('own-column', ({ graph }) => {
        graph['initializer'] = [{ name: 'w', dataType: FLOAT, dims: [3, 2], floatData: [0.02, 0.01, -0.03, 0.02, 0.5, 0] }];
        graph['output'] = [value('propensity', FLOAT, [1, 2])];
      }),
      { actions, ...MAPPING, output: { name: 'propensity', column: 'action' } },
    );
    expect(own.code, own.err).toBe(0);
    for (const [out, wanted] of [
      [one.out, [logistic(0.8 - 0.3 + 0.5), logistic(0.8 - 0.3 - 0.5)]],
      [own.out, [logistic(0.8 - 0.3 + 0.5), logistic(0.4 + 0.2)]],
    ] as const) {
      const read = readPropensityFolder(out);
      if (!read.ok) throw new Error(read.words);
      const scorer = new OnnxScorer();
      await scorer.load(read.bundle);
      const vector = featureVector(read.bundle.manifest.features, {
        field: (name) => ({ age: 40, tenure: 10, vip: true })[name as 'age'] ?? null,
      });
      const scored = await scorer.score(vector, [0, 1], 60_000);
      if (!scored.ok) throw new Error(scored.words);
      for (const [at, p] of scored.propensity.entries()) expect(Math.abs(p - (wanted[at] ?? 0))).toBeLessThan(1e-6);
      await scorer.close();
    }
  });

  it('are opaque to explanations, and say so', async () => {
    const read = readPropensityFolder((await pack(byHand('opaque'), MAPPING)).out);
    if (!read.ok) throw new Error(read.words);
    const found = contributionsOf(readExplainable(read.bundle), new Float32Array(read.bundle.manifest.width), 0, { field: () => null });
    expect(found.exact).toBe(false);
  });

  it('are refused with the reason where they do not fit, or would not answer for many as for one', async () => {
    expect(await refusal(byHand('f1'), { ...MAPPING, inputs: { features: ['age'] } })).toContain('takes 3 columns and the mapping has 1');
    expect(await refusal(byHand('f2'), { ...MAPPING, inputs: { x: INPUT } })).toMatch(
      /does not say what fills the input "features"[\s\S]*fills "x", which is no input/,
    );
    expect(await refusal(byHand('f3'), { ...MAPPING, output: { name: 'p' } })).toContain(
      'there is no output "p"; the outputs are propensity',
    );
    expect(await refusal(byHand('f4'), { ...MAPPING, inputs: { features: ['age', 'tenure', 'income'] } })).toContain(
      'the data has no column "income"',
    );
    expect(
      await refusal(byHand('f5'), { ...MAPPING, actions: ['a', 'b'], inputs: { features: ['age', 'tenure', { action: { a: 1 } }] } }),
    ).toContain('no number for the action b');
    expect(await refusal(byHand('f6'), { inputs: MAPPING.inputs })).toContain('is no mapping');
    const custom = byHand('f7', ({ graph }) => Object.assign(graph['node']?.[0] ?? {}, { domain: 'com.example' }));
    expect(await refusal(custom, MAPPING)).toContain('custom-operator');
    const text = path.join(folder, 'f8.onnx');
    writeFileSync(text, 'hello');
    expect(await refusal(text, MAPPING)).toContain('not an ONNX file');
    // It means over the batch: alone it answers 0.5 for everybody, together something else.
    const mixing = byHand('f9', ({ graph }) => {
      graph['node'] = [
        { opType: 'MatMul', input: ['features', 'w'], output: ['z'] },
        { opType: 'ReduceMean', input: ['z'], output: ['mean'], attribute: [{ name: 'axes', type: 7, ints: [0] }] },
        { opType: 'Sub', input: ['z', 'mean'], output: ['off'] },
        { opType: 'Sigmoid', input: ['off'], output: ['propensity'] },
      ];
    });
    expect(await refusal(mixing, MAPPING)).toMatch(/gives .* in one call and the original 0\.5 alone/);
    const fixed = byHand('f10', ({ graph }) => {
      graph['initializer']?.push({ name: 'shape', dataType: 7, dims: [2], int64Data: [1, 3] });
      graph['node']?.unshift({ opType: 'Reshape', input: ['features', 'shape'], output: ['row'] });
      Object.assign(graph['node']?.[1] ?? {}, { input: ['row', 'w'] });
    });
    expect(await refusal(fixed, MAPPING)).toContain('Export it with a free batch dimension');
  });
});
