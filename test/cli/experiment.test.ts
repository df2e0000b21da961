import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assignedArm, saltOfMonth } from '#core';
import { STANDING_EXPERIMENTS } from '#contract/experiments.ts';
import { seededRandom } from '#learning';
import { runSotto } from './run-sotto.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sotto-experiment-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const plan = (...args: string[]) => runSotto(['experiment', 'plan', ...args]);
const write = (name: string, rows: readonly string[]): string => {
  const file = path.join(folder, name);
  writeFileSync(file, rows.join('\n'));
  return file;
};
const analyse = (file: string, ...more: string[]) => runSotto(['experiment', 'analyse', '--data', file, '--json', ...more]);

describe('sotto experiment plan', () => {
  it('says how many decisions, for how long', async () => {
    const { out, code } = await plan('--rate', '0.2', '--lift', '0.1', '--control-share', '0.1', '--per-day', '2000', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ total: 35_137, control: 3_514, treatment: 31_623, treatmentRate: 0.22, days: 18, power: 0.8 });
  });

  it('says what so many decisions would find', async () => {
    const found = JSON.parse((await plan('--rate', '0.2', '--total', '13013', '--json')).out) as { treatmentRate: number };
    expect(found.treatmentRate).toBeCloseTo(0.22, 4);
    const power = JSON.parse((await plan('--rate', '0.2', '--lift', '0.1', '--total', '6507', '--json')).out) as { power: number };
    expect(power.power).toBeCloseTo(0.508, 2);
  });

  it.each(STANDING_EXPERIMENTS)('says what to write into the policy for $id', async ({ id, arm }) => {
    const { out } = await plan('--rate', '0.2', '--lift', '0.1', '--control-share', '0.05', '--experiment', id, '--json');
    expect(JSON.parse(out)).toMatchObject({ experiment: { id, policy: { unit: 'customer', arms: [{ arm, share: 0.05 }] } } });
    expect((await plan('--rate', '0.2', '--lift', '0.1', '--experiment', id)).out).toContain(`arm: ${arm}, share: 0.5`);
  });

  it.each([
    [['--rate', '1.5', '--lift', '0.1'], '--rate must be'],
    [['--rate', '0.2'], 'say what is to be found'],
    [['--rate', '0.2', '--lift', '0'], 'no number of decisions'],
    [['--rate', '0.8', '--lift', '0.5'], 'must be between 0 and 1'],
    [['--rate', '0.2', '--lift', '0.1', '--treatment-rate', '0.3'], 'not both'],
    [['--rate', '0.2', '--lift', '0.1', '--power', '1'], '--power must be'],
    [['--rate', 'x', '--lift', '0.1'], '--rate must be'],
  ])('refuses %j in words', async (args, words) => {
    const { code, err } = await plan(...args);
    expect([code, err]).toEqual([2, expect.stringContaining(words)]);
  });
});

const one = (out: string) =>
  (JSON.parse(out) as { comparisons: { difference: { low: number; high: number }; significant: boolean }[] }).comparisons[0];

const simulated = (rate: number): readonly string[] => {
  const random = seededRandom(4);
  const rows = Array.from({ length: 6_000 }, (_, i) => {
    const agent = i % 40;
    const arm = agent % 2 === 0 ? 'control' : 'nba';
    const before = random();
    const accepted = random() < 0.1 + 0.2 * before + (arm === 'nba' ? rate : 0);
    return `${arm},${accepted ? 1 : 0},${random() < 0.05 ? 'true' : 'false'},agent-${agent},${before}`;
  });
  return ['arm,reward,complaint,agent,before', ...rows];
};

describe('sotto experiment analyse', () => {
  it('compares the arms, in JSON and in words', async () => {
    const file = write('real.csv', simulated(0.08));
    const { out, code, err } = await analyse(file, '--guardrail', 'complaint:more:0.02', '--covariate', 'before');
    expect([code, err]).toEqual([0, '']);
    const { comparisons, sampleRatio, trusted } = JSON.parse(out) as Record<string, never>;
    expect(comparisons).toMatchObject([
      { metric: 'reward', arm: 'nba', control: 'control', significant: true, guardrail: null },
      { metric: 'complaint', guardrail: 'held' },
    ]);
    expect([sampleRatio, trusted]).toMatchObject([{ alarm: false }, true]);
    const words = await runSotto(['experiment', 'analyse', '--data', file]);
    expect(words.out).toContain('reward, nba against control');
    expect(words.out).toContain(', significant');
  });

  it('is wider by agent, and says nothing where nothing is', async () => {
    const file = write('none.csv', simulated(0));
    const byAgent = one((await analyse(file, '--cluster', 'agent')).out);
    const byRow = one((await analyse(file)).out);
    expect([byAgent?.significant, byRow?.significant]).toEqual([false, false]);
    expect((byAgent?.difference.low ?? 1) < 0 && (byAgent?.difference.high ?? -1) > 0).toBe(true);
  });

  it('gives the alarm where the arms are not as large as they were meant', async () => {
    const file = write('ratio.csv', simulated(0));
    const { code, out } = await analyse(file, '--shares', 'control=1,nba=9');
    expect([code, JSON.parse(out)]).toMatchObject([1, { trusted: false, sampleRatio: { alarm: true } }]);
    expect((await runSotto(['experiment', 'analyse', '--data', file, '--shares', 'control=1,nba=9'])).out).toContain('DO NOT TRUST');
  });

  it('ends with 1 where a guardrail is breached', async () => {
    const file = write('guard.csv', simulated(0.1));
    expect(await analyse(file, '--metric', 'complaint', '--guardrail', 'reward:more')).toMatchObject({ code: 1 });
  });

  it.each([
    [['arm,reward', 'control,1', 'nba,x'], [], 1, 'line 3, column "reward": "x" is no finite number'],
    [['arm,reward', 'control,1', 'nba,NaN'], [], 1, '"NaN" is no finite number'],
    [['arm,reward', 'control,1', ',1'], [], 1, 'line 3, column "arm": is empty'],
    [['arm,reward', 'x,1', 'y,1'], [], 2, 'there is no arm "control"'],
    [['arm,reward', 'control,1', 'control,1'], [], 2, 'there is no arm "control" with another'],
    [['arm,reward', 'control,1', 'nba,1'], ['--metric', 'profit'], 2, 'has no column "profit"'],
    [['arm,reward', 'control,1', 'nba,1'], ['--shares', 'control=1,other=1'], 2, 'do not have the same arms'],
    [['arm,reward', 'control,1', 'nba,1'], ['--shares', 'control'], 2, '--shares must be'],
    [['arm,reward', 'control,1', 'nba,1'], ['--guardrail', 'reward'], 2, '--guardrail must be'],
    [
      ['arm,reward,agent', 'control,1,x', 'nba,1,x'],
      ['--cluster', 'agent'],
      1,
      '1 values of column "agent" have rows in more than one arm',
    ],
    [['arm,reward', ...Array.from({ length: 40 }, (_, i) => `arm-${i},1`)], [], 1, 'is it the arm?'],
  ] as const)('tells what is wrong with %j %j', async (rows, args, code, words) => {
    const ran = await analyse(write('wrong.csv', rows), ...args);
    expect([ran.code, ran.err]).toEqual([code, expect.stringContaining(words)]);
  });

  it('understands usual names', async () => {
    const { out, code } = await analyse(
      write('usual.csv', [
        'variant,converted',
        ...simulated(0.08)
          .slice(1)
          .map((row) => row.split(',').slice(0, 2).join(',').replace('control', 'A')),
      ]),
    );
    expect([code, JSON.parse(out)]).toMatchObject([
      0,
      { control: 'A', comparisons: [{ metric: 'converted', arm: 'nba', significant: true }] },
    ]);
  });

  it('of an arm of one row nothing is trusted', async () => {
    const { out, code } = await analyse(write('one.csv', ['arm,reward', 'control,1', 'control,0', 'control,0', 'nba,1']));
    expect([code, JSON.parse(out)]).toMatchObject([1, { trusted: false, comparisons: [{ significant: false }] }]);
  });
});

const assign = (rows: readonly string[], ...more: string[]) =>
  runSotto(['experiment', 'assign', '--data', write('units.csv', ['siteId', ...rows]), '--unit', 'siteId', '--salt', 'may', ...more]);

describe('sotto experiment assign', () => {
  it('is sticky, as large as it was meant, and drawn anew by another salt', async () => {
    const ids = Array.from({ length: 2_000 }, (_, i) => `site-${i}`);
    const { out, code } = await assign(ids, '--arms', 'control=0.2,nba=0.8', '--json');
    const arms = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { unit: string; arm: string });
    expect([code, arms.length]).toEqual([0, 2_000]);
    expect(Math.abs(arms.filter(({ arm }) => arm === 'control').length - 400)).toBeLessThan(4 * Math.sqrt(320));
    const again = await assign([...ids.toReversed(), 'site-3'], '--arms', 'control=0.2,nba=0.8', '--json');
    expect(new Set(again.out.trimEnd().split('\n'))).toEqual(new Set(out.trimEnd().split('\n')));
    const other = await assign(ids, '--arms', 'control=0.2,nba=0.8', '--json', '--salt', 'june');
    expect(other.out).not.toBe(out);
  });

  it('with a month it draws as a policy does that assigns anew each month', async () => {
    const ids = Array.from({ length: 300 }, (_, i) => `site-${i}`);
    const arms = [
      { arm: 'control', share: 0.5 },
      { arm: 'nba', share: 0.5 },
    ];
    const inMonth = (month: string) => assign(ids, '--arms', 'control=0.5,nba=0.5', '--month', month);
    const [november, december] = await Promise.all(['2026-11', '2026-12'].map(inMonth));
    for (const [month, ran] of [
      ['2026-11', november],
      ['2026-12', december],
    ] as const)
      expect(ran?.out.trimEnd().split('\n')).toEqual(ids.map((id) => `${assignedArm(saltOfMonth('may', month), id, arms)}\t${id}`));
    expect(november?.out).not.toBe(december?.out);
    expect(await inMonth('2026-13')).toMatchObject({ code: 2, err: expect.stringContaining('not "2026-13"') as string });
  });

  it('refuses shares that are none, and rows without an id', async () => {
    expect(await assign(['a'], '--arms', 'control=0.5,nba=0.6')).toMatchObject({
      code: 2,
      err: expect.stringContaining('add up to 1.1') as string,
    });
    expect(await assign(['a'], '--arms', 'control')).toMatchObject({ code: 2 });
    expect(await assign(['""'], '--arms', 'control=1')).toMatchObject({ code: 1, err: expect.stringContaining('is empty') as string });
  });
});
