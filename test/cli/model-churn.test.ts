import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ModelManifest } from '#contract/model.ts';
import { hasRecorded, RECORDED } from './recorded-data.ts';
import { runSotto } from './run-sotto.ts';

describe.skipIf(!hasRecorded('telco-churn'))('sotto model train propensity on recorded customers', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'sotto-churn-'));
    const [heading = '', ...rows] = readFileSync(path.join(RECORDED, 'telco-churn', 'customers-70-percent.csv'), 'utf8')
      .trim()
      .split('\n');
    for (const [name, isUnseen] of [
      ['seen.csv', false],
      ['unseen.csv', true],
    ] as const)
      writeFileSync(path.join(folder, name), [heading, ...rows.filter((_, at) => (at % 4 === 0) === isUnseen)].join('\n'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('trains the binned form, remembers its columns, holds what must go one way, and is as good on customers it has not seen', async () => {
    const out = path.join(folder, 'bundle');
    const train = ['model', 'train', 'propensity', '--data', path.join(folder, 'seen.csv'), '--label', 'Churn', '--positive', 'Yes'];
    const trained = await runSotto([...train, '--drop', 'customerID', '--monotone', 'tenure:down', '--out', out]);
    expect(trained.code, trained.err).toBe(0);
    expect(trained.out).toContain('binned form');
    const manifest = ModelManifest.parse(JSON.parse(readFileSync(path.join(out, 'manifest.json'), 'utf8')));
    expect(manifest.columns).toEqual({ label: 'Churn', positive: 'Yes', dropped: ['customerID'] });
    const evaluated = await runSotto(['model', 'evaluate', '--bundle', out, '--data', path.join(folder, 'unseen.csv'), '--json']);
    const { auc, logLoss, n } = JSON.parse(evaluated.out) as { auc: number; logLoss: number; n: number };
    expect(n).toBe(1_229);
    expect(auc).toBeGreaterThan(0.83);
    expect(logLoss).toBeLessThan(0.43);
    const wrong = await runSotto([...train, '--monotone', 'tenure', '--out', out]);
    expect(wrong).toMatchObject({ code: 2, err: expect.stringContaining('--monotone takes a column and up or down') as string });
  });
});
