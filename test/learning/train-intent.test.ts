import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { OnnxTextScorer } from '#adapters/onnx/onnx-text-scorer.ts';
import { IntentManifest } from '#contract/text-model.ts';
import { classAnswer, type IntentTraining, measureClasses, nGramGroups, networkOdds, softmax, trainIntent, Vocabulary } from '#learning';
import { spokenRows } from './spoken-rows.ts';

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const SETTINGS = { id: 'intent', version: 1, text: 'said', label: 'about', trainedOn: 'a'.repeat(64), sha256 };
const table = spokenRows(180, 1);

type Trained = Extract<IntentTraining, { ok: true }>;
const trained = (training: IntentTraining): Trained => {
  if (!training.ok) throw new Error(training.faults.map(({ detail }) => detail).join('; '));
  return training;
};

const reader = ({ features }: IntentManifest) => {
  const vocabulary = Vocabulary.from(features);
  return (text: string) => vocabulary.row(nGramGroups({ text, before: [] }, features.form, vocabulary.knows));
};

let model: Trained;
beforeAll(() => {
  model = trained(trainIntent(table, SETTINGS));
});

describe('an intent model', () => {
  it('is a manifest that holds, the same bytes every time, and holds nobody’s words', () => {
    expect(IntentManifest.parse(JSON.parse(JSON.stringify(model.manifest)))).toEqual(model.manifest);
    const again = trained(trainIntent(table, SETTINGS));
    expect(sha256(again.onnx)).toBe(model.manifest.onnx);
    expect(JSON.stringify(again.manifest)).toBe(JSON.stringify(model.manifest));
    expect(JSON.stringify(model.manifest)).not.toContain('stolen');
    expect(trained(trainIntent(table, { ...SETTINGS, seed: 2 })).manifest.onnx).not.toBe(model.manifest.onnx);
  });

  it('scored by onnxruntime from its file and manifest is our own evaluation', async () => {
    const { manifest, onnx, network } = model;
    const rowOf = reader(manifest);
    const classes = manifest.labels.length + 1;
    const scorer = new OnnxTextScorer();
    const file = { name: 'intent 1', onnx, sha256: manifest.onnx, bytes: manifest.bytes, classes };
    const golden = manifest.golden.map(({ text, probabilities }) => ({ row: rowOf(text), probabilities }));
    expect(await scorer.load({ ...file, golden })).toEqual({ ok: true });
    const texts = ['', '¿?', 'my card 💳 was STOLEN', ...spokenRows(200, 9).rows.map(({ fields }) => fields[0] ?? '')];
    const rows = texts.map((text) => rowOf(text));
    const scored = await scorer.score(rows);
    if (!scored.ok) throw new Error(scored.words);
    let furthest = 0;
    for (const [at, row] of rows.entries())
      for (const [label, own] of softmax(networkOdds(network, row)).entries())
        furthest = Math.max(furthest, Math.abs(own - (scored.probabilities[at * classes + label] ?? Number.NaN)));
    expect(furthest).toBeLessThan(1e-6);
    const [first] = golden;
    const off = [{ row: first?.row ?? { places: [], weights: [] }, probabilities: first?.probabilities.map((p) => p + 1e-4) ?? [] }];
    expect(await scorer.load({ ...file, golden: off })).toMatchObject({ ok: false, reason: 'golden-mismatch' });
    expect(await scorer.load({ ...file, golden, sha256: 'b'.repeat(64) })).toMatchObject({ ok: false, reason: 'hash-mismatch' });
    await scorer.close();
  });

  it('tells what it has learnt, refuses what is about something else, and says how sure it is', () => {
    const { manifest, network } = model;
    const rowOf = reader(manifest);
    const unseen = spokenRows(600, 77);
    const answers = unseen.rows.map(({ fields: [said = '', about = ''] }) =>
      classAnswer(
        softmax(networkOdds(network, rowOf(said))),
        manifest.labels.length,
        manifest.leastConfidence,
        about === 'oos' ? null : manifest.labels.indexOf(about),
      ),
    );
    const quality = measureClasses(answers);
    expect(quality.accuracy).toBeGreaterThan(0.93);
    expect(quality.outOfScopeRecall).toBeGreaterThan(0.8);
    expect(quality.ece).toBeLessThan(0.1);
    expect(Math.abs(quality.accuracy - manifest.card.accuracy)).toBeLessThan(0.07);
  });

  it('without rows out of scope refuses hardly anything', () => {
    const inside = spokenRows(90, 3, ['card lost', 'top up', 'close account']);
    const { manifest } = trained(trainIntent(inside, SETTINGS));
    expect(manifest.outOfScope).toBe(false);
    expect(manifest.labels).toEqual(['card lost', 'close account', 'top up']);
    expect(manifest.card.outOfScopeRecall).toBeUndefined();
    expect(manifest.card.accuracy).toBeGreaterThan(0.95);
  });

  it('says what is wrong with data that cannot be learnt from, and what is odd about data that can', () => {
    const of = (rows: readonly (readonly [string, string])[]) =>
      trainIntent({ columns: ['said', 'about'], rows: rows.map((fields, at) => ({ line: at + 2, fields })) }, SETTINGS);
    const many = (count: number, row: (at: number) => readonly [string, string]) => of(Array.from({ length: count }, (_, at) => row(at)));
    const faults: readonly [IntentTraining, RegExp][] = [
      [of([]), /has columns and no rows/],
      [many(40, (at) => [`text ${at}`, 'one']), /only the label "one"; at least two/],
      [many(40, (at) => [`text ${at}`, at % 2 ? 'oos' : 'one']), /only the label "one"/],
      [many(40, (at) => ['same', `${at % 2}`]), /the same text in every row/],
      [many(40, (at) => [`text ${at}`, `label ${at}`]), /40 different labels in 40 rows .* is it the label\?/],
      [many(40, (at) => [`text ${at}`, at % 3 ? 'NaN' : 'one']), /26 of 40 rows have nothing in the label column/],
      [many(40, (at) => [at % 3 ? ' … ' : `text ${at}`, `${at % 2}`]), /no words in the text column/],
      [many(5, (at) => [`text ${at}`, `${at % 2}`]), /5 labelled rows; at least 20/],
      [trainIntent(table, { ...SETTINGS, label: 'said' }), /cannot be both/],
    ];
    for (const [training, words] of faults) expect(training.ok ? '' : training.faults[0]?.detail).toMatch(words);
    const leaking = many(60, (at) => [`this is about ${at % 2 ? 'cards' : 'loans'}, number ${at}`, at % 2 ? 'cards' : 'loans']);
    expect(trained(leaking).notices.join()).toContain('label leakage: 60 of 60 texts hold');
    const holes = many(60, (at) => [at === 7 ? '?' : `word${at % 2} number ${at}`, at === 9 ? '' : at === 11 ? 'rare' : `${at % 2}`]);
    expect(trained(holes).notices.join('\n')).toMatch(/1 rows without a label[^]*1 labels have one row[^]*1 rows have no words/);
  });
});
