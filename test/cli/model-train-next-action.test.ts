import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { actedLines, CHARTS } from '#test/learning/acted-sessions.ts';
import { runSotto } from './run-sotto.ts';

let folder: string;
let tasks: string;
let bundle: string;
const at = (name: string): string => path.join(folder, name);
const lines = (count: number, seed: number, of: readonly string[]): string =>
  actedLines(count, seed, of)
    .map((line) => JSON.stringify(line))
    .join('\n');
const write = (name: string, content: string | Buffer): string => {
  writeFileSync(at(name), content);
  return at(name);
};
const evaluate = (data: string, ...more: string[]) => runSotto(['model', 'evaluate', '--bundle', bundle, '--data', data, ...more]);

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'sotto-next-'));
  tasks = at('tasks');
  bundle = at('bundle');
  mkdirSync(tasks);
  for (const [task, chart] of Object.entries(CHARTS)) writeFileSync(path.join(tasks, `${task}.json`), JSON.stringify(chart));
  const data = write('sessions.jsonl.gz', gzipSync(lines(120, 1, Object.keys(CHARTS))));
  const { code, err, out } = await runSotto([
    'model',
    'train',
    'next-action',
    '--data',
    data,
    '--tasks',
    tasks,
    '--without',
    'loan',
    '--out',
    bundle,
    '--json',
  ]);
  expect(code, err).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ kind: 'next-action', tasks: ['parcel', 'table', 'taxi'], card: { unseen: { tasks: ['loan'] } } });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('sotto model train next-action, and model evaluate of what it makes', () => {
  it('measures happy sessions first and harder ones apart, without being told the flow charts again', async () => {
    const { code, out, err } = await evaluate(write('known.jsonl', lines(40, 7, ['taxi', 'table', 'parcel'])), '--json');
    expect(code, err).toBe(0);
    const figures = JSON.parse(out) as Record<string, number> & { harder: Record<string, number>; untyped: Record<string, number> };
    const names = ['n', 'accuracy', 'weightedF1', 'top3', 'mrr', 'logLoss', 'brier', 'ece', 'harder'];
    expect(Object.keys(figures)).toEqual([...names, 'untyped']);
    expect(Object.keys(figures.untyped)).toEqual(names);
    expect(figures.untyped['n']).toBe(figures['n']);
    expect(figures['accuracy']).toBeGreaterThan(0.9);
    expect(figures.untyped['accuracy']).toBeGreaterThan(0.8);
    expect(figures.harder['n']).toBeGreaterThan(20);
    expect(statSync(path.join(bundle, 'model.onnx')).size).toBeLessThan(10 * 1024 * 1024);
  });

  it('measures a task it has never seen by its flow chart alone, and says where it has none', async () => {
    const loans = write('loans.jsonl', lines(40, 8, ['loan']));
    const charted = await evaluate(loans, '--tasks', tasks, '--json');
    expect(charted.code, charted.err).toBe(0);
    expect((JSON.parse(charted.out) as Record<string, number>)['weightedF1']).toBeGreaterThan(0.7);
    const blind = await evaluate(loans);
    expect(blind).toMatchObject({ code: 1, out: '' });
    expect(blind.err).toContain('tasks there: loan); give flow charts of its tasks with --tasks');
    const both = await evaluate(write('both.jsonl', `${lines(20, 9, ['taxi'])}\n${lines(20, 9, ['loan'])}`), '--tasks', tasks, '--json');
    expect(JSON.parse(both.out)).toHaveProperty('unseen.accuracy');
  });

  it('says which line or file is not what it should be', async () => {
    const train = (data: string, charts: string) =>
      runSotto(['model', 'train', 'next-action', '--data', data, '--tasks', charts, '--out', at('x')]);
    const noSession = await train(write('rows.jsonl', '{"text":"hello","label":"greeting"}\n'), tasks);
    expect(noSession).toMatchObject({ code: 1 });
    expect(noSession.err).toMatch(/line 1 is no recorded session: Scenario/);
    mkdirSync(at('empty'));
    expect((await train(at('known.jsonl'), at('empty'))).err).toContain('holds no flow chart');
    mkdirSync(at('bad'));
    writeFileSync(path.join(at('bad'), 'a.json'), '{"task":"a"}');
    expect((await train(at('known.jsonl'), at('bad'))).err).toContain('a.json: is no flow chart: it needs a task, replies by name');
    expect(await train(at('known.jsonl'), at('nowhere'))).toMatchObject({ code: 2 });
  });
});
