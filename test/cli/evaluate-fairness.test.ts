import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '#learning';
import { hasRecorded, RECORDED } from './recorded-data.ts';
import { runSotto } from './run-sotto.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sotto-fairness-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const write = (name: string, text: string): string => {
  const file = path.join(folder, name);
  writeFileSync(file, text);
  return file;
};
const fairness = (file: string, ...more: string[]) =>
  runSotto(['evaluate', 'fairness', '--data', file, '--prediction', 'selected', '--redraws', '200', ...more]);

const random = seededRandom(8);
const ROWS = Array.from({ length: 900 }, (_, i) => {
  const origin = i % 3 === 0 ? 'north' : 'south';
  const sex = random() < 0.5 ? 'f' : 'm';
  const age = 18 + Math.floor(random() * 60);
  const selected = random() < (origin === 'north' ? 0.3 : 0.5) ? 'yes' : 'no';
  return {
    origin,
    sex,
    age,
    selected,
    outcome: random() < 0.5 ? 'good' : 'bad',
    stage: i % 2 === 0 ? 'eligibility' : 'shown',
    score: random(),
  };
});
const csv = (rows: readonly object[]): string =>
  [Object.keys(rows[0] ?? {}).join(','), ...rows.map((row) => Object.values(row).join(','))].join('\n');

interface Report {
  readonly n: number;
  readonly partitions: readonly {
    readonly by: readonly string[];
    readonly groups: readonly {
      readonly group: Record<string, string>;
      readonly suppressed: boolean;
      readonly n?: number;
      readonly selectionRate?: number;
    }[];
    readonly disparity: { readonly parityDifference: number };
  }[];
  readonly numbers: readonly { readonly column: string; readonly gini: number }[];
  readonly warnings: readonly unknown[];
}

describe('sotto evaluate fairness', () => {
  it('reports by group and crossed, and by number', async () => {
    const file = write('rows.csv', csv(ROWS));
    const { out, code, err } = await fairness(file, '--groups', 'origin,sex,age', '--label', 'outcome', '--positive', 'good', '--json');
    expect([code, err]).toEqual([1, expect.stringContaining('column "selected" is "good" in no row')]);
    expect(out).toBe('');
    const ran = await fairness(file, '--groups', 'origin,sex,age', '--json');
    expect([ran.code, ran.err]).toEqual([0, '']);
    const { n, partitions, numbers, warnings } = JSON.parse(ran.out) as Report;
    expect([n, warnings]).toEqual([900, []]);
    expect(partitions.map(({ by }) => by)).toEqual([['origin'], ['sex'], ['age'], ['origin', 'sex', 'age']]);
    const north = ROWS.filter(({ origin }) => origin === 'north');
    expect(partitions[0]?.groups[0]).toMatchObject({ group: { origin: 'north' }, n: 300, suppressed: false });
    expect(partitions[0]?.groups[0]?.selectionRate).toBeCloseTo(north.filter(({ selected }) => selected === 'yes').length / 300, 10);
    expect(numbers.map(({ column }) => column)).toEqual(['age']);
  });

  it('by stage, with bins and scores', async () => {
    const file = write('stages.csv', csv(ROWS));
    const { out } = await runSotto([
      'evaluate',
      'fairness',
      '--data',
      file,
      '--prediction',
      'score',
      '--threshold',
      '0.5',
      '--groups',
      'age',
      '--bins',
      'age=25,40',
      '--stage',
      'stage',
      '--json',
    ]);
    const { stages } = JSON.parse(out) as { stages: readonly (Report & { stage: string })[] };
    expect(stages.map(({ stage, n }) => [stage, n])).toEqual([
      ['eligibility', 450],
      ['shown', 450],
    ]);
    expect(stages[0]?.partitions[0]?.groups.map(({ group }) => group['age'])).toEqual(['below 25', '25 to below 40', '40 and above']);
  });

  it('passes only the thresholds of the council, and says which were not', async () => {
    const file = write('council.csv', csv(ROWS));
    const council = (thresholds: object): string => write('council.json', JSON.stringify(thresholds));
    const strict = await fairness(file, '--groups', 'origin', '--thresholds', council({ parityRatio: 0.9 }), '--json');
    expect([strict.code, JSON.parse(strict.out)]).toMatchObject([
      1,
      { warnings: [{ figure: 'parityRatio', threshold: 0.9, by: ['origin'] }] },
    ]);
    expect((await fairness(file, '--groups', 'origin', '--thresholds', council({ parityRatio: 0.2 }))).code).toBe(0);
    const unknown = await fairness(file, '--groups', 'origin', '--thresholds', council({ fourFifths: 0.8 }));
    expect([unknown.code, unknown.err]).toEqual([2, expect.stringContaining('thresholds are parityDifference')]);
  });

  it('[I14] suppresses small groups, and nothing of a person’s row gets out: not in the report, not in a message, not in a file', async () => {
    const secret = [
      ...ROWS.map(({ origin, selected }) => ({ origin, selected, note: 'x' })),
      ...Array.from({ length: 6 }, () => ({ origin: 'island', selected: 'yes', note: 'SECRET-NOTE' })),
    ];
    const before = readdirSync(folder);
    const file = write('secret.csv', csv(secret));
    const { out, err } = await fairness(file, '--groups', 'origin', '--json');
    const { partitions } = JSON.parse(out) as Report;
    expect(partitions[0]?.groups[2]).toEqual({ group: { origin: 'island' }, suppressed: true });
    expect(out + err).not.toContain('SECRET');
    expect(JSON.parse(out)).toMatchObject({ partitions: [{ overall: null }] });
    // A column that is no group: its values are names of persons, and stay where they are.
    const names = ROWS.map((row, i) => ({ ...row, person: `PERSON-${i}`, marks: i === 500 ? 'MARK-x' : i }));
    const many = await fairness(write('many.csv', csv(names)), '--groups', 'person');
    expect([many.code, many.err]).toEqual([1, expect.stringContaining('900 different values')]);
    const binned = await fairness(path.join(folder, 'many.csv'), '--groups', 'marks', '--bins', 'marks=100');
    expect([binned.code, binned.err]).toEqual([1, expect.stringContaining('no number')]);
    expect(many.err + many.out + binned.err + binned.out).not.toMatch(/PERSON|MARK/);
    expect(
      readdirSync(folder)
        .filter((name) => !before.includes(name))
        .toSorted(),
    ).toEqual(['many.csv', 'secret.csv']);
  });

  it.each([
    [['--groups', 'origin,origin'], 2, 'names a column twice'],
    [['--groups', 'planet'], 2, 'has no column "planet"'],
    [['--groups', 'origin', '--label', 'outcome'], 1, 'neither 1/0, true/false nor yes/no'],
    [['--groups', 'origin', '--threshold', 'x'], 2, '--threshold must be a number'],
    [['--groups', 'origin', '--threshold', '0.5'], 1, 'is no finite number'],
    [['--groups', 'origin', '--bins', 'age=3'], 2, '--bins must be'],
    [['--groups', 'age', '--bins', 'age=40,30'], 2, '--bins must be'],
    [['--groups', 'origin', '--least', '0'], 2, '--least must be'],
  ])('tells what is wrong with %j', async (args, code, words) => {
    const ran = await fairness(write('wrong.csv', csv(ROWS)), ...args);
    expect([ran.code, ran.err]).toEqual([code, expect.stringContaining(words)]);
  });

  it('tells of a file without rows', async () => {
    expect(await fairness(write('none.csv', 'selected,origin\n'), '--groups', 'origin')).toMatchObject({ code: 1 });
  });
});

describe.skipIf(!hasRecorded('fairness'))('sotto evaluate fairness on German credit', () => {
  it('reports by personal status and age', async () => {
    const { out, code } = await runSotto([
      'evaluate',
      'fairness',
      '--data',
      path.join(RECORDED, 'fairness', 'german.csv'),
      '--prediction',
      'credit',
      '--label',
      'credit',
      '--positive',
      '1',
      '--groups',
      'personal_status,age',
      '--redraws',
      '200',
      '--json',
    ]);
    const { n, partitions } = JSON.parse(out) as Report;
    expect([code, n, partitions.length]).toEqual([0, 1_000, 3]);
    expect(partitions[0]?.groups).toHaveLength(4);
    for (const group of partitions[0]?.groups ?? []) expect(group).toMatchObject({ tpr: 1, fpr: 0 });
  });
});
