import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '#learning';
import { hasRecorded, RECORDED } from './recorded-data.ts';
import { runSotto } from './run-sotto.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sotto-ope-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Row {
  readonly action: string;
  readonly reward: number;
  readonly probability: number;
  readonly targetProbability: number;
  readonly qLogged?: number;
  readonly qTarget?: number;
}

const rows = (count: number, hasModel: boolean): readonly Row[] => {
  const random = seededRandom(9);
  return Array.from({ length: count }, () => {
    const probability = 0.1 + 0.8 * random();
    const reward = random() < 0.4 ? 1 : 0;
    const base = { action: 'a', reward, probability, targetProbability: 1 - probability };
    return hasModel ? { ...base, qLogged: 0.3, qTarget: 0.35 } : base;
  });
};
const write = (name: string, text: string | Uint8Array): string => {
  const file = path.join(folder, name);
  writeFileSync(file, text);
  return file;
};
const jsonl = (all: readonly object[]): string => all.map((row) => JSON.stringify(row)).join('\n');
const ope = (file: string, ...more: string[]) => runSotto(['evaluate', 'ope', '--data', file, '--json', ...more]);

describe('sotto evaluate ope', () => {
  it('estimates from JSONL, CSV and gzip alike', async () => {
    const all = rows(500, true);
    const names = Object.keys(all[0] ?? {}) as (keyof Row)[];
    const csv = [names.join(';'), ...all.map((row) => names.map((name) => row[name]).join(';'))].join('\r\n');
    const ran = await Promise.all([
      ope(write('a.jsonl', jsonl(all))),
      ope(write('a.csv', csv)),
      ope(write('a.jsonl.gz', gzipSync(jsonl(all)))),
    ]);
    expect(ran.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(new Set(ran.map(({ out }) => out)).size).toBe(1);
    const figures = JSON.parse(ran[0].out) as Record<string, { estimate: number; low: number; high: number }>;
    const weights = all.map((row) => row.targetProbability / row.probability);
    const earned = weights.reduce((sum, weight, i) => sum + weight * (all[i]?.reward ?? 0), 0);
    expect(figures['ips']?.estimate).toBeCloseTo(earned / 500, 10);
    expect(figures['snips']?.estimate).toBeCloseTo(earned / weights.reduce((sum, weight) => sum + weight, 0), 10);
    const robust = weights.reduce((sum, weight, i) => sum + 0.35 + weight * ((all[i]?.reward ?? 0) - 0.3), 0) / 500;
    expect(figures['dr']?.estimate).toBeCloseTo(robust, 10);
    for (const name of ['ips', 'snips', 'dr']) {
      const { low, estimate, high } = figures[name] ?? { low: 1, estimate: 0, high: 0 };
      expect(low < estimate && estimate < high, name).toBe(true);
    }
  });

  it('leaves out DR where nothing was expected, and says so in words', async () => {
    const file = write('plain.jsonl', jsonl(rows(300, false)));
    expect(JSON.parse((await ope(file)).out)).toMatchObject({ n: 300, dr: null });
    const { out, code } = await runSotto(['evaluate', 'ope', '--data', file]);
    expect([code, out.includes('needs qLogged and qTarget')]).toEqual([0, true]);
  });

  it.each([
    ['a probability of zero', { probability: 0 }, 1, 'line 2, column "probability": 0 is not possible'],
    ['a probability above one', { probability: 1.2 }, 1, 'line 2, column "probability": 1.2 is not possible'],
    ['a negative target', { targetProbability: -0.1 }, 1, 'column "targetProbability": -0.1 is not possible'],
    ['a target above one', { targetProbability: 1.5 }, 1, 'column "targetProbability": 1.5 is not possible'],
    ['a reward that is no number', { reward: 'NaN' }, 1, 'line 2, column "reward": "NaN" is no finite number'],
    ['an infinite reward', { reward: '1e999' }, 1, 'is no finite number'],
    ['a missing reward', { reward: null }, 1, 'line 2, column "reward": is empty'],
    ['a model that expects nothing', { qLogged: 'x', qTarget: 1 }, 1, 'column "qLogged"'],
  ])('tells of %s, and where', async (_, wrong, code, words) => {
    const [first] = rows(1, true);
    const ran = await ope(write('wrong.jsonl', jsonl([first ?? {}, { ...first, ...wrong }, first ?? {}])));
    expect(ran.err).toContain(words);
    expect([ran.code, ran.out]).toEqual([code, '']);
  });

  it('tells of missing columns, of NaN in JSON, of files with nothing in them, and of no overlap', async () => {
    const missing = await ope(write('missing.csv', 'reward,probability\n1,0.5\n'));
    expect([missing.code, missing.err]).toEqual([2, expect.stringContaining('has no column "targetProbability"')]);
    const half = await ope(write('half.csv', 'reward,probability,targetProbability,qLogged\n1,0.5,0.5,0.1\n'));
    expect([half.code, half.err]).toEqual([2, expect.stringContaining('has no column "qTarget"')]);
    const nan = await ope(write('nan.jsonl', '{"reward": NaN, "probability": 0.5, "targetProbability": 0.5}'));
    expect([nan.code, nan.err]).toEqual([1, expect.stringContaining('NaN')]);
    const empty = await ope(write('empty.csv', 'reward,probability,targetProbability\n'));
    expect([empty.code, empty.err]).toEqual([1, expect.stringContaining('has 0 rows')]);
    const apart = await ope(write('apart.csv', 'reward,probability,targetProbability\n1,0.5,0\n0,0.5,0\n'));
    expect([apart.code, apart.err]).toEqual([1, expect.stringContaining('no choice that the other policy would ever make')]);
    expect((await ope(write('ok.csv', 'reward,probability,targetProbability\n1,0.5,0.1\n0,0.5,0.1\n'), '--confidence', '95')).code).toBe(2);
  });

  it('warns where the weights cannot be right', async () => {
    const wrong = rows(2_000, false).map((row) => ({ ...row, targetProbability: row.targetProbability / 3 }));
    expect((await ope(write('weights.jsonl', jsonl(wrong)))).err).toContain('should average 1');
    expect(
      (await ope(write('fine.jsonl', jsonl(rows(2_000, false).map((row) => ({ ...row, targetProbability: row.probability })))))).err,
    ).toBe('');
  });

  it('tells of a policy file that is none', async () => {
    const data = write('items.csv', 'click,propensity_score,item_id,position\n1,0.5,0,1\n0,0.5,1,3\n');
    const asked = (text: string) => ope(data, '--target', write('policy.json', text));
    expect((await asked('no')).err).toContain('is no JSON');
    expect((await asked('{}')).err).toContain('action_dist');
    expect((await asked('{"action_dist":[[0.9,0.5],[0.5,0.5]]}')).err).toContain('add up to 1.4');
    const outside = await asked('{"action_dist":[[0.5,0.5],[0.5,0.5]]}');
    expect([outside.code, outside.err]).toEqual([1, expect.stringContaining('no action 1 at position 3')]);
  });
});

describe.skipIf(!hasRecorded('open-bandit'))('sotto evaluate ope on Open Bandit', () => {
  it('equals the reference', async () => {
    const men = path.join(RECORDED, 'open-bandit', 'men');
    const ran = await ope(path.join(men, 'random.csv'), '--target', path.join(men, 'reference.json'));
    const { n, ips, snips, dr } = JSON.parse(ran.out) as { n: number } & Record<'ips' | 'snips' | 'dr', { estimate: number }>;
    expect([ran.code, ran.err, n]).toEqual([0, '', 10_000]);
    expect(Math.abs(ips.estimate - 0.00453356)).toBeLessThan(1e-9);
    expect(Math.abs(snips.estimate - 0.004604232164349611)).toBeLessThan(1e-9);
    expect(dr.estimate).toBeGreaterThan(0.004);
    const same = await ope(path.join(men, 'bts.csv'), '--target', path.join(men, 'reference.json'));
    expect(JSON.parse(same.out)).toMatchObject({ n: 10_000 });
  });
});
