import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ModelManifest } from '#contract/model.ts';
import { seededRandom } from '#learning';
import { runSotto } from './run-sotto.ts';

let folder: string;
let data: string;
const FIELDS = `
- { path: profile.age, type: number, label: Age, subject: customer, kind: fact }
- { path: profile.plan, type: enum, values: [basic, plus], label: Plan, subject: account, kind: fact }
- { path: profile.origin, type: enum, values: [a, b], label: Origin, subject: customer, kind: protected }
`;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sotto-train-'));
  const random = seededRandom(5);
  const rows = Array.from({ length: 3_000 }, () => {
    const age = Math.round(20 + random() * 60);
    const plus = random() < 0.5;
    const accepted = random() < 1 / (1 + Math.exp(-(age - 50) / 15 - (plus ? 1 : 0)));
    return `${age};"${plus ? 'plus' : 'basic'}";${random() < 0.5 ? 'a' : 'b'};${random() < 0.5 ? 'offer-plus' : 'say-hello'};${accepted ? 'yes' : 'no'}`;
  });
  data = path.join(folder, 'responses.csv');
  writeFileSync(data, `profile.age;profile.plan;profile.origin;actionId;accepted\r\n${rows.join('\r\n')}\r\n`);
  writeFileSync(path.join(folder, 'fields.yaml'), FIELDS);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const train = (out: string, ...more: string[]) =>
  runSotto(['model', 'train', 'propensity', '--data', data, '--label', 'accepted', '--out', path.join(folder, out), ...more]);
const GOOD = ['--positive', 'yes', '--action', 'actionId'];

describe('sotto model train propensity', () => {
  it('writes a bundle whose hashes hold, the same bytes every time', async () => {
    const fields = ['--fields', path.join(folder, 'fields.yaml'), '--drop', 'profile.origin'];
    const first = await train('a', ...GOOD, ...fields, '--json');
    expect(first.code, first.err).toBe(0);
    await train('b', ...GOOD, ...fields);
    const manifest = ModelManifest.parse(JSON.parse(readFileSync(path.join(folder, 'a', 'manifest.json'), 'utf8')));
    const onnx = readFileSync(path.join(folder, 'a', 'model.onnx'));
    expect(createHash('sha256').update(onnx).digest('hex')).toBe(manifest.onnx);
    expect(manifest.card.trainedOn).toBe(createHash('sha256').update(readFileSync(data)).digest('hex'));
    expect(JSON.parse(first.out)).toMatchObject({ id: 'propensity', version: 1, card: manifest.card, golden: manifest.golden.length });
    for (const file of ['model.onnx', 'manifest.json'])
      expect(Buffer.compare(readFileSync(path.join(folder, 'a', file)), readFileSync(path.join(folder, 'b', file))), file).toBe(0);
  });

  it('is measured in the runtime by sotto model evaluate, which refuses a bundle that was tampered with', async () => {
    await train('m', ...GOOD, '--drop', 'profile.origin');
    const bundle = path.join(folder, 'm');
    const evaluate = (...more: string[]) => runSotto(['model', 'evaluate', '--bundle', bundle, '--data', data, '--json', ...more]);
    const good = await evaluate();
    expect(good.code, good.err).toBe(0);
    const figures = JSON.parse(good.out) as Record<string, number>;
    const { card } = ModelManifest.parse(JSON.parse(readFileSync(path.join(bundle, 'manifest.json'), 'utf8')));
    expect(figures).toMatchObject({ n: 3_000, positives: card.positives, unknownActions: 0 });
    expect(Math.abs((figures['auc'] ?? 0) - card.auc)).toBeLessThan(0.05);
    expect(await evaluate('--action', 'accepted')).toMatchObject({ code: 1 });
    expect(await evaluate('--action', 'nothing')).toMatchObject({ code: 2 });
    const onnx = readFileSync(path.join(bundle, 'model.onnx'));
    onnx[onnx.length - 200] = (onnx[onnx.length - 200] ?? 0) ^ 1;
    writeFileSync(path.join(bundle, 'model.onnx'), onnx);
    expect(await evaluate()).toMatchObject({ code: 1, out: '' });
  });

  it('says what is wrong: 2 for a column that is not there, 1 for data that cannot be learnt from', async () => {
    expect(await train('x', '--positive', 'yes', '--drop', 'age')).toMatchObject({ code: 2 });
    const oneClass = await train('x', '--positive', 'maybe');
    expect(oneClass.code).toBe(1);
    expect(oneClass.err).toContain('0 of 3000 rows have "maybe" in column "accepted" (values: no, yes)');
    const forbidden = await train('x', ...GOOD, '--fields', path.join(folder, 'fields.yaml'));
    expect(forbidden.code).toBe(1);
    expect(forbidden.err).toContain(
      'column "profile.origin" is a protected attribute and never a feature; leave it out with --drop profile.origin',
    );
    expect(await train('x', ...GOOD, '--version', 'two')).toMatchObject({ code: 2 });
    const noTable = await runSotto([
      'model',
      'train',
      'propensity',
      '--data',
      '/no/such.csv',
      '--label',
      'a',
      '--positive',
      'b',
      '--out',
      folder,
    ]);
    expect(noTable.code).toBe(2);
    expect(noTable.err).toContain('/no/such.csv is not there');
    const noList = path.join(folder, 'no-list.yaml');
    writeFileSync(noList, 'path: profile.age\n');
    expect((await train('x', ...GOOD, '--fields', noList)).err).toContain('is no list of fields');
  });
});
