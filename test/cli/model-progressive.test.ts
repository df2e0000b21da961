import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { simulatedShape, simulatedStream, type StreamSettings } from '#test/learning/simulated-stream.ts';
import { hasRecorded, RECORDED } from './recorded-data.ts';
import { runSotto } from './run-sotto.ts';

const SETTINGS: StreamSettings = { rows: 1_500, seed: 3, effect: 1, noise: 4 };
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sotto-progressive-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const written = (
  name: string,
  change: (cells: string[], isPositive: boolean, row: number) => string[] = (cells) => cells,
  header: string[] = [],
): string => {
  const { action, features } = simulatedShape(SETTINGS);
  const rows = simulatedStream(SETTINGS).map((row, at) =>
    change([...row.action, ...row.features, row.isPositive ? 'yes' : 'no'], row.isPositive, at).join(';'),
  );
  const file = path.join(folder, name);
  writeFileSync(file, [[...action, ...features, 'answer', ...header].join(';'), ...rows].join('\n'));
  return file;
};
const progressive = (file: string, ...more: string[]) =>
  runSotto(['model', 'progressive', '--data', file, '--label', 'answer', '--positive', 'yes', '--action', 'channel,name', ...more]);

describe('sotto model progressive', () => {
  it('prints exactly the figures that were promised, the same every time', async () => {
    const file = written('plain.csv');
    const ran = await progressive(file, '--drop', 'noise0,noise1', '--json');
    expect(ran.code).toBe(0);
    const figures = JSON.parse(ran.out) as { n: number; auc: number; logLoss: number; last20: { auc: number; logLoss: number } };
    expect(Object.keys(figures)).toEqual(['n', 'auc', 'logLoss', 'last20']);
    expect(Object.keys(figures.last20)).toEqual(['auc', 'logLoss']);
    expect(figures.n).toBe(1_500);
    expect(figures.auc).toBeGreaterThan(0.7);
    expect((await progressive(file, '--drop', 'noise0,noise1', '--json')).out).toBe(ran.out);
  });

  it('names a column that knows the outcome', async () => {
    const file = written('leak.csv', (cells, isPositive, row) => [...cells, isPositive ? String(300 + (row % 90)) : String(row % 280)], [
      'duration',
    ]);
    const ran = await progressive(file);
    expect(ran.err).toMatch(/column "duration" alone tells the outcome with an AUC of 0\.99\d: it may be a leak.*--drop duration/);
    expect((await progressive(file, '--drop', 'duration')).err).not.toContain('leak');
  });

  it('says what is wrong with the data, and ends', async () => {
    const file = written('bad.csv');
    expect(await progressive(file, '--drop', 'nose')).toMatchObject({
      code: 2,
      err: expect.stringContaining('has no column "nose"') as string,
    });
    const label = await runSotto(['model', 'progressive', '--data', file, '--label', 'answer', '--positive', 'ja']);
    expect(label).toMatchObject({
      code: 1,
      err: expect.stringContaining('0 of 1500 rows have "ja" in column "answer" (values: no, yes)') as string,
    });
    const hole = written('hole.csv', (cells, _, row) => (row === 4 ? [...cells.slice(0, -1), ''] : cells));
    expect(await progressive(hole)).toMatchObject({
      code: 1,
      err: expect.stringContaining('line 6: the label column "answer" is empty') as string,
    });
    const twice = await runSotto(['model', 'progressive', '--data', file, '--label', 'answer', '--positive', 'yes', '--action', 'answer']);
    expect(twice.code).toBe(2);
  });

  it('takes a constant column, unknown cells and NaN as they are', async () => {
    const file = written('odd.csv', (cells, _, row) => [...cells, 'same', row % 3 === 0 ? '' : row % 3 === 1 ? 'NaN' : '5'], [
      'constant',
      'holes',
    ]);
    const odd = JSON.parse((await progressive(file, '--json')).out) as { logLoss: number };
    const plain = JSON.parse((await progressive(written('plain2.csv'), '--json')).out) as { logLoss: number };
    expect(Math.abs(odd.logLoss - plain.logLoss)).toBeLessThan(0.01);
  });
});

const figuresOf = async (...args: string[]) =>
  JSON.parse((await runSotto(['model', 'progressive', ...args, '--json'])).out) as { n: number; auc: number; logLoss: number };

describe.skipIf(!hasRecorded('bank-marketing', 'pega-sample'))('progressive validation on recorded responses', () => {
  it('bank calls: better than the plain rate, which is 0.586 and 0.191 here', async () => {
    const file = path.join(RECORDED, 'bank-marketing', 'calls-first-60-percent.csv');
    const { n, auc, logLoss } = await figuresOf('--data', file, '--label', 'y', '--positive', 'yes', '--drop', 'duration');
    expect(n).toBe(24_712);
    expect(auc).toBeGreaterThan(0.605);
    expect(logLoss).toBeLessThan(0.1875);
  });

  it('vendor sample: better than the plain rate per action and channel, which is 0.782 and 0.227 here, with a hundred useless columns', async () => {
    const file = path.join(RECORDED, 'pega-sample', 'decisions-first-half.jsonl.gz');
    for (const action of ['Context_Name,Context_Channel', 'Context_Channel,Context_Issue,Context_Group,Context_Name']) {
      const { n, auc, logLoss } = await figuresOf(
        '--data',
        file,
        '--label',
        'Decision_Outcome',
        '--positive',
        'Accepted',
        '--action',
        action,
      );
      expect(n).toBe(6_031);
      expect(auc).toBeGreaterThan(0.79);
      expect(logLoss).toBeLessThan(0.226);
    }
  });
});
