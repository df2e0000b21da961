import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '#learning';
import { runSotto } from './run-sotto.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sotto-drift-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const write = (name: string, rows: readonly string[]): string => {
  const file = path.join(folder, name);
  writeFileSync(file, rows.join('\n'));
  return file;
};
const rows = (seed: number, older: number, silent: number): readonly string[] => {
  const random = seededRandom(seed);
  const all = Array.from({ length: 2_000 }, () => {
    const score = random();
    const plan = random() < 0.5 ? 'basic' : 'plus';
    return `${Math.round(20 + 40 * random() + older)},${random() < silent ? '' : plan},${score},${random() < score ? 'yes' : 'no'}`;
  });
  return ['age,plan,score,accepted', ...all];
};
const drift = (now: string, then: string, ...more: string[]) =>
  runSotto(['evaluate', 'drift', '--data', now, '--before', then, '--json', ...more]);

describe('sotto evaluate drift', () => {
  it('is quiet where nothing moved, and names what did', async () => {
    const then = write('then.csv', rows(1, 0, 0));
    const same = await drift(write('same.csv', rows(2, 0, 0)), then, '--score', 'score', '--label', 'accepted', '--positive', 'yes');
    expect([same.code, same.err]).toEqual([0, '']);
    const quiet = JSON.parse(same.out) as { alerts: unknown; columns: { level: string }[]; model: { auc: { estimate: number } } };
    expect(quiet.alerts).toEqual([]);
    expect(new Set(quiet.columns.map(({ level }) => level))).toEqual(new Set(['steady']));
    expect(quiet.model.auc.estimate).toBeGreaterThan(0.75);
    const moved = await drift(write('moved.csv', rows(3, 15, 0.4)), then);
    expect(moved.code).toBe(1);
    expect(JSON.parse(moved.out)).toMatchObject({
      columns: [
        { column: 'plan', kind: 'name', level: 'act', unknown: { before: 0 } },
        { column: 'age', kind: 'number', level: 'act' },
        { level: 'steady' },
        { level: 'steady' },
      ],
      model: null,
    });
  });

  it('alerts where the model no longer tells who says yes', async () => {
    const then = write('before.csv', rows(1, 0, 0));
    const shuffled = rows(5, 0, 0).map((row, i) => (i === 0 ? row : row.replace(/(yes|no)$/, i % 2 === 0 ? 'yes' : 'no')));
    const file = write('chance.csv', shuffled);
    const model = ['--score', 'score', '--label', 'accepted', '--positive', 'yes'];
    const { code, out } = await drift(file, then, ...model);
    expect([code, JSON.parse(out)]).toMatchObject([1, { alerts: ['no-lift'] }]);
    const words = await runSotto(['evaluate', 'drift', '--data', file, '--before', then, ...model]);
    expect(words.out).toContain('ALERT the model does not tell');
  });

  it.each([
    [['--columns', 'colour'], 2, 'has no column "colour"'],
    [['--watch', '0'], 2, '--watch above 0'],
    [['--score', 'age', '--label', 'accepted', '--positive', 'yes'], 1, 'is not possible'],
    [['--score', 'score', '--label', 'accepted', '--positive', 'maybe'], 1, 'no label is "maybe"'],
  ])('tells what is wrong with %j', async (args, code, words) => {
    const file = write('file.csv', rows(1, 0, 0));
    const ran = await drift(file, file, ...args);
    expect([ran.code, ran.err]).toEqual([code, expect.stringContaining(words)]);
  });

  it('tells of files that have nothing in common, or nothing at all', async () => {
    const one = write('one.csv', ['a', '1']);
    expect(await drift(one, write('two.csv', ['b', '1']))).toMatchObject({
      code: 2,
      err: expect.stringContaining('no column in common') as string,
    });
    expect(await drift(one, write('none.csv', ['a']))).toMatchObject({ code: 1, err: expect.stringContaining('holds no rows') as string });
  });
});
