import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { logistic, seededRandom } from '#learning';
import { runSotto } from './run-sotto.ts';

let folder: string;
let data: string;
let bundle: string;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'sotto-card-'));
  data = path.join(folder, 'rows.csv');
  bundle = path.join(folder, 'bundle');
  const random = seededRandom(6);
  const rows = Array.from({ length: 1_200 }, (_, at) => {
    const x = random() * 4 - 2;
    return `${x.toFixed(3)},${at % 2 === 0 ? 'north' : 'south'},${random() < logistic(x - 0.5) ? 'yes' : 'no'}`;
  });
  writeFileSync(data, ['x,region,answer', ...rows].join('\n'));
  const what = ['--label', 'answer', '--positive', 'yes', '--drop', 'region', '--form', 'linear', '--out', bundle];
  const trained = await runSotto(['model', 'train', 'propensity', '--data', data, ...what]);
  expect(trained.code, trained.err).toBe(0);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('sotto model card', () => {
  it('prints the whole card as one line, by what the bundle remembers', async () => {
    const ran = await runSotto(['model', 'card', '--bundle', bundle, '--data', data, '--training', data, '--segment', 'region', '--json']);
    expect(ran.code, ran.err).toBe(0);
    const card = JSON.parse(ran.out) as Record<string, unknown> & {
      auc: number;
      psi: { propensity: number };
      segments: { value: string }[];
    };
    expect(card).toMatchObject({ model: { id: 'propensity', version: 1, evidence: 1_200 }, isRefused: false, rows: 1_200 });
    expect(card.auc).toBeGreaterThan(0.7);
    expect(card.psi.propensity).toBe(0);
    expect(card.segments.map(({ value }) => value)).toEqual(['north', 'south']);
    for (const name of ['logLoss', 'brier', 'ece', 'calibration', 'lift', 'predictors', 'actions', 'aucInterval', 'positives'])
      expect(card).toHaveProperty(name);
    const words = await runSotto(['model', 'card', '--bundle', bundle, '--data', data, '--segment', 'region']);
    expect(words.out).toMatch(/AUC 0\.\d+ \(0\.\d+ to 0\.\d+\)[\s\S]*region north: 600 rows/);
  });

  it('compares with a champion on the same rows', async () => {
    const ran = await runSotto(['model', 'card', '--bundle', bundle, '--data', data, '--against', bundle, '--json']);
    expect(ran.code, ran.err).toBe(0);
    expect(JSON.parse(ran.out)).toMatchObject({ against: { verdict: 'undecided', logLossGain: 0 } });
    expect((await runSotto(['model', 'card', '--bundle', bundle, '--data', data, '--against', folder])).code).toBe(1);
  });

  it('refuses below the council’s threshold, with exit code 1', async () => {
    const ran = await runSotto(['model', 'card', '--bundle', bundle, '--data', data, '--least-auc', '0.95', '--json']);
    expect(ran.code).toBe(1);
    expect(ran.err).toContain('refused: its AUC is');
    expect(JSON.parse(ran.out)).toMatchObject({ isRefused: true });
    expect((await runSotto(['model', 'card', '--bundle', bundle, '--data', data, '--least-auc', 'high'])).code).toBe(2);
    expect((await runSotto(['model', 'card', '--bundle', bundle, '--data', data, '--segment', 'town'])).err).toContain('no column "town"');
  });
});

describe('sotto model inspect', () => {
  it('says what a bundle takes, gives and is made of, and whether a desk would take it', async () => {
    const ran = await runSotto(['model', 'inspect', '--bundle', bundle, '--json']);
    expect(ran.code, ran.err).toBe(0);
    expect(JSON.parse(ran.out)).toMatchObject({
      id: 'propensity',
      explained: 'exactly',
      faults: [],
      golden: 24,
      columns: { label: 'answer', positive: 'yes', dropped: ['region'] },
      graph: {
        inputs: [
          { name: 'features', type: 'float', shape: [null, 2] },
          { name: 'action', type: 'int64', shape: [null] },
        ],
        outputs: [{ name: 'propensity', type: 'float', shape: [null] }],
        operators: { Sigmoid: 1, Gather: 2 },
      },
    });
    expect((await runSotto(['model', 'inspect', '--onnx', path.join(bundle, 'model.onnx')])).out).toContain('gives propensity: float [N]');
  });

  it('ends with 2 for neither or both, and with 1 for what is no model', async () => {
    expect((await runSotto(['model', 'inspect'])).code).toBe(2);
    expect(await runSotto(['model', 'inspect', '--onnx', data])).toMatchObject({
      code: 1,
      err: expect.stringContaining('not an ONNX file') as string,
    });
    expect((await runSotto(['model', 'inspect', '--bundle', folder])).code).toBe(1);
  });
});
