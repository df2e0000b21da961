import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { spokenRows } from '#test/learning/spoken-rows.ts';
import { runSotto } from './run-sotto.ts';

let folder: string;
let bundle: string;
const at = (name: string): string => path.join(folder, name);
const write = (name: string, content: string | Buffer): string => {
  writeFileSync(at(name), content);
  return at(name);
};
const lines = (count: number, seed: number): string =>
  spokenRows(count, seed)
    .rows.map(({ fields: [said, about] }) => JSON.stringify({ said, about }))
    .join('\n');
const train = (data: string, out: string, ...more: string[]) =>
  runSotto(['model', 'train', 'intent', '--data', data, '--text', 'said', '--label', 'about', '--out', at(out), ...more]);
const evaluate = (data: string, ...more: string[]) => runSotto(['model', 'evaluate', '--bundle', bundle, '--data', data, ...more]);

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'sotto-intent-'));
  bundle = at('bundle');
  const { code, err } = await train(write('train.jsonl', lines(180, 1)), 'bundle', '--json');
  expect(code, err).toBe(0);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('sotto model train intent, and model evaluate of what it makes', () => {
  it('measures what applies on a file of any form, without being told the columns again', async () => {
    const tsv = `said\tabout\n${spokenRows(300, 5)
      .rows.map(({ fields }) => fields.join('\t'))
      .join('\n')}\n`;
    const forms = [write('test.jsonl', lines(300, 5)), write('test.tsv', tsv), write('test.gz', gzipSync(tsv))];
    const ran = await Promise.all(forms.map((form) => evaluate(form, '--json')));
    for (const one of ran) expect(one, one.err).toMatchObject({ code: 0, out: ran[0]?.out });
    const figures = JSON.parse(ran[0]?.out ?? '') as Record<string, number>;
    expect(Object.keys(figures)).toEqual(['n', 'accuracy', 'weightedF1', 'top3', 'mrr', 'outOfScopeRecall', 'logLoss', 'brier', 'ece']);
    expect(figures['n']).toBe(300);
    expect(figures['accuracy']).toBeGreaterThan(0.85);
    expect(figures['weightedF1']).toBeGreaterThan(0.85);
    expect(figures['outOfScopeRecall']).toBeGreaterThan(0.7);
    expect((await evaluate(forms[0] ?? '')).out).toMatch(/^rows 300, accuracy [\d.]+, weighted F1 /);
    expect(statSync(path.join(bundle, 'model.onnx')).size).toBeLessThan(10 * 1024 * 1024);
  });

  it('measures a file with nothing but rows out of scope by how many of them are refused', async () => {
    const outside = write(
      'outside.jsonl',
      spokenRows(60, 5, ['oos'])
        .rows.map(({ fields: [said, about] }) => JSON.stringify({ said, about }))
        .join('\n'),
    );
    const { code, out, err } = await evaluate(outside, '--json');
    expect(code, err).toBe(0);
    const figures = JSON.parse(out) as Record<string, number>;
    expect(Object.keys(figures)).toEqual(['n', 'outOfScopeRecall']);
    expect(figures['n']).toBe(60);
    expect(figures['outOfScopeRecall']).toBeGreaterThan(0.7);
    expect((await evaluate(outside)).out).toMatch(/^rows \d+, out-of-scope recall [\d.]+/);
  });

  it('counts rows with a label it has never seen as wrong and says so; refuses a file that has none it knows', async () => {
    const some = await evaluate(
      write('unseen.jsonl', `${lines(60, 6)}\n${JSON.stringify({ said: 'what is this', about: 'new thing' })}`),
      '--json',
    );
    expect(some.err).toContain('1 rows have a label the model has never seen and count as wrong: new thing');
    expect(JSON.parse(some.out)).toMatchObject({ n: 61 });
    const none = await evaluate(write('none.jsonl', lines(30, 6).replaceAll('"about":"', '"about":"x ')));
    expect(none).toMatchObject({ code: 1, out: '' });
    expect(none.err).toContain('has a label the model knows');
    const renamed = await evaluate(write('renamed.jsonl', lines(30, 6).replaceAll('"about":', '"intent":')));
    expect(renamed).toMatchObject({ code: 2 });
    expect(renamed.err).toContain('has no column "about"; its columns are said, intent');
    expect(await evaluate(at('renamed.jsonl'), '--label', 'intent')).toMatchObject({ code: 0 });
  });

  it('says what is wrong: 2 for a column that is not there, 1 for data that cannot be learnt from or a damaged bundle', async () => {
    const data = at('train.jsonl');
    const noColumn = await runSotto(['model', 'train', 'intent', '--data', data, '--text', 'words', '--label', 'about', '--out', folder]);
    expect(noColumn).toMatchObject({ code: 2 });
    expect(noColumn.err).toContain('has no column "words"; its columns are said, about');
    expect(await train(data, 'x', '--version', '0')).toMatchObject({ code: 2 });
    const oneLabel = await train(write('one.jsonl', lines(60, 1).replaceAll(/"about":"[^"]*"/g, '"about":"same"')), 'x');
    expect(oneLabel).toMatchObject({ code: 1 });
    expect(oneLabel.err).toContain('has only the label "same"');
    const model = path.join(bundle, 'model.onnx');
    const bytes = readFileSync(model);
    bytes[bytes.length - 300] = (bytes[bytes.length - 300] ?? 0) ^ 1;
    writeFileSync(model, bytes);
    const damaged = await evaluate(data);
    expect(damaged).toMatchObject({ code: 1, out: '' });
    expect(damaged.err).toContain('is not the file its manifest names');
  });
});
