/** What is said changes the prompts through a model of text on the desk, and a desk without one goes on by phrases. */
import { describe, expect, test } from 'vitest';
import { DecisionRecord } from '#contract/decision-record.ts';
import type { IntentBundle } from '#contract/served-bundle.ts';
import { compileModel, compileRevision, Decider } from '#core';
import { checkRevision } from '#policy';
import { Scratch } from '../conformance/sqlite-scratch.ts';
import { demonstrationIntents, demonstrationModel, demonstrationRevision, sha256 } from './demonstration.ts';
import { type BenchOptions, DeskBench, MODEL, REVISION } from './desk-bench.ts';
import { MemoryLink } from './memory-link.ts';
import { signed } from './signing.ts';
import { SlowTextScorer } from './slow-text-scorer.ts';

const CALL = 'call-1';
const INTENTS = demonstrationIntents();
/** In none of the policy's phrases, and not among the rows the model has learnt. */
const LEAVING = 'We would like to finish with you at the end of the month.';
const BUNDLES = [{ revision: REVISION }, { model: MODEL }, { model: INTENTS }];

const bench = (more: BenchOptions = {}, scorer = new SlowTextScorer()): Promise<DeskBench> =>
  DeskBench.open({ bundles: BUNDLES, ...more, surroundings: { textScorer: scorer, ...more.surroundings } });

/** A policy by which a model of text must be so accurate. */
const asking = (leastAccuracy: number) =>
  demonstrationRevision((path, text) => (path === 'revision.yaml' ? `${text}\nmodelCard: { leastAccuracy: ${leastAccuracy} }\n` : text));

const recordsOf = (desk: DeskBench): readonly DecisionRecord[] =>
  [...desk.store.exportLedger().lines].flatMap(({ kind, body }) =>
    kind === 'decision' && body !== null ? [DecisionRecord.parse(JSON.parse(body))] : [],
  );

async function leave(desk: DeskBench): Promise<void> {
  await desk.begin(CALL);
  await desk.utter(CALL, 'customer', LEAVING);
  await desk.advance(4_000);
}

const shown = async (desk: DeskBench): Promise<readonly string[]> => (await desk.view()).cards.map(({ actionId }) => actionId);

describe('what the customer says', () => {
  test('prompts in other words than the policy knows, and the window shows the topic with the sentence that gave it', async () => {
    await using desk = await bench();
    await leave(desk);
    expect(await shown(desk)).toEqual(['ask-why-leaving']);
    expect((await desk.view()).call?.topic).toEqual({ intent: 'cancel', utteranceId: expect.any(String), text: LEAVING });
    // What belongs to nothing takes nothing back.
    await desk.utter(CALL, 'customer', 'Is it raining where you are?');
    expect((await desk.view()).call?.topic?.text).toBe(LEAVING);
    await using without = await DeskBench.open();
    await leave(without);
    expect(await shown(without)).toEqual([]);
    expect((await without.view()).call?.topic).toBeNull();
  });

  test('stands in the record as a name, a rounded number and the hash of the model: it is decided again without text or model', async () => {
    await using desk = await bench();
    await leave(desk);
    const records = recordsOf(desk);
    const told = records.filter(({ inputs }) => inputs['understoodBy'] !== undefined);
    expect(told.length).toBeGreaterThan(0);
    const checked = checkRevision(REVISION.files, { hash: REVISION.hash });
    if (!checked.ok) throw new Error('the demonstration fails its check');
    const core = { hash: 'c'.repeat(64), sha256, text: (bytes: Uint8Array) => new TextDecoder().decode(bytes) };
    const decider = new Decider(compileRevision(checked.revision), core);
    const { usedFields, revision } = decider.compiled;
    const place = (path: string): number => usedFields.findIndex((field) => revision.fields[field]?.path === path);
    for (const record of told) {
      expect(record.inputs['understoodBy']).toBe(INTENTS.hash);
      const fields = record.inputs['fields'] as readonly unknown[];
      expect(fields[place('call.intents')]).toEqual(['cancel']);
      expect(fields[place('call.intent')]).toBe('cancel');
      expect(fields[place('call.intentConfidence')]).toSatisfy((sure: number) => sure > 0.5 && Math.round(sure * 100) / 100 === sure);
    }
    for (const record of records) {
      const json = JSON.stringify(record);
      expect(json.includes('finish')).toBe(false);
      const model = record.models.length === 0 ? null : compileModel(decider.compiled, MODEL.manifest, MODEL.hash);
      expect(decider.decideAgain(record, model).recordJson).toBe(desk.store.decisionRecord(record.id));
    }
  });

  test('is read by what comes late: the decision goes on without it, and is made again when it is there', async () => {
    const scorer = new SlowTextScorer();
    await using desk = await bench({ surroundings: { textScorer: scorer, scoreWithinMs: 20 } }, scorer);
    await desk.begin(CALL);
    const letGo = scorer.hold();
    await desk.utter(CALL, 'customer', LEAVING);
    const before = recordsOf(desk).at(-1);
    expect(before?.inputs).toMatchObject({ understoodBy: INTENTS.hash, unread: true });
    await desk.advance(4_000);
    expect(await shown(desk)).toEqual([]);
    letGo();
    const passed = async (): Promise<readonly string[]> => {
      await desk.advance(1_000);
      return shown(desk);
    };
    await expect.poll(passed, { timeout: 10_000 }).toEqual(['ask-why-leaving']);
    expect(recordsOf(desk).at(-1)?.inputs['unread']).toBeUndefined();
  });

  test('is unknown where the model fails, and is read with the next sentence', async () => {
    const scorer = new SlowTextScorer();
    await using desk = await bench({}, scorer);
    scorer.fails = true;
    await leave(desk);
    expect(await shown(desk)).toEqual([]);
    expect(desk.logs.some((line) => line.startsWith('warn: Without what was said'))).toBe(true);
    scorer.fails = false;
    await desk.utter(CALL, 'customer', 'Yes, that is right.');
    await desk.advance(4_000);
    expect(await shown(desk)).toEqual(['ask-why-leaving']);
    expect(scorer.read).toBe(2);
  });

  test('is the same after a restart, and another model reads the whole call anew', async () => {
    using scratch = new Scratch();
    {
      await using desk = await bench({ scratch });
      await leave(desk);
    }
    const scorer = new SlowTextScorer();
    await using again = await bench({ scratch, bundles: [] }, scorer);
    await again.engine.settled();
    expect((await again.view()).call?.topic?.intent).toBe('cancel');
    expect(scorer.read).toBe(1);
    const renamed = demonstrationIntents((manifest) => ({
      ...manifest,
      version: 2,
      labels: manifest.labels.map((label) => (label === 'cancel' ? 'goodbye' : label)),
    }));
    expect(await again.engine.install({ model: renamed })).toEqual({ ok: true });
    await again.engine.settled();
    expect((await again.view()).call?.topic?.intent).toBe('goodbye');
    expect(again.logs.join('\n')).toMatch(/the policy asks for the intent "cancel", which it never tells/);
  });

  test('is not read past the last day of the model', async () => {
    const past = demonstrationIntents((manifest) => ({ ...manifest, validTo: '2020-01-01' }));
    await using desk = await bench({ bundles: [{ revision: REVISION }, { model: past }] });
    await leave(desk);
    expect(await shown(desk)).toEqual([]);
  });

  test('is not read with a model below what the council asks, and read as soon as it asks for no more than that', async () => {
    const { accuracy } = INTENTS.manifest.card;
    await using desk = await bench({ bundles: [{ revision: asking((1 + accuracy) / 2) }, { model: INTENTS }] });
    await leave(desk);
    expect(await shown(desk)).toEqual([]);
    expect(recordsOf(desk).every(({ inputs }) => inputs['understoodBy'] === undefined)).toBe(true);
    expect(desk.logs.join('\n')).toMatch(/accuracy 0\.\d+, and the council asks for 0\.\d+/);
    expect(await desk.engine.install({ revision: asking(accuracy) })).toEqual({ ok: true });
    await desk.advance(4_000);
    expect(await shown(desk)).toEqual(['ask-why-leaving']);
  });
});

const flipped = (bundle: IntentBundle): IntentBundle => {
  const bytes = Buffer.from(bundle.onnxBase64, 'base64');
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
  return { ...bundle, onnxBase64: bytes.toString('base64') };
};

const unsigned = (bundle: IntentBundle): IntentBundle => {
  const copy = { ...bundle };
  delete copy.signed;
  return copy;
};

describe('[V3] a bad bundle never replaces a good one', () => {
  test.each([
    ['whose file was changed', flipped(INTENTS), /Fetch it again/],
    ['with another hash', { ...INTENTS, hash: MODEL.hash }, /hash/],
    ['nobody signed', unsigned(INTENTS), /signed/],
    [
      'that misses its golden inputs',
      demonstrationIntents((m) => ({ ...m, golden: m.golden.map((one) => ({ ...one, text: 'Hello' })) })),
      /golden/,
    ],
    [
      'whose file is of another kind',
      (() => {
        const { onnxBase64, manifest } = demonstrationModel();
        const { onnx, bytes } = manifest;
        return { ...demonstrationIntents((m) => ({ ...m, onnx, bytes })), onnxBase64 };
      })(),
      /inputs/,
    ],
  ])('a model of text %s', async (_, bundle, words) => {
    using scratch = new Scratch();
    {
      await using desk = await bench({ scratch });
      expect(await desk.engine.install({ model: bundle })).toEqual({ ok: false, words: expect.stringMatching(words) });
      await leave(desk);
      expect(await shown(desk)).toEqual(['ask-why-leaving']);
    }
    expect(scratch.open().setting('slots')).toMatchObject({ intent: INTENTS.hash, model: MODEL.hash });
  });

  test('and an older one only where a signature says so', async () => {
    const newer = demonstrationIntents((manifest) => ({ ...manifest, version: 3 }));
    await using desk = await bench({ bundles: [{ revision: REVISION }, { model: newer }] });
    expect(await desk.engine.install({ model: INTENTS })).toMatchObject({ ok: false, words: expect.stringContaining('older') });
    expect(await desk.engine.install({ model: signed(INTENTS, 3) })).toEqual({ ok: true });
  });
});

test('central names it beside the others; it is fetched, used, and there after a restart without central', async () => {
  using scratch = new Scratch();
  const link = new MemoryLink();
  link.revisions.set(REVISION.hash, REVISION);
  link.models.set(MODEL.hash, MODEL).set(INTENTS.hash, INTENTS);
  {
    await using desk = await bench({ scratch, bundles: [], surroundings: { link } });
    await link.say('versions', { revision: REVISION.hash, models: [MODEL.hash], intent: INTENTS.hash, excluded: [] });
    await desk.engine.settled();
  }
  await using again = await bench({ scratch, bundles: [] });
  await leave(again);
  expect(await shown(again)).toEqual(['ask-why-leaving']);
  // What is named as one kind and is another is not used as either.
  await using confused = await bench({ bundles: BUNDLES, surroundings: { link } });
  await link.say('versions', { revision: REVISION.hash, models: [INTENTS.hash], intent: MODEL.hash, excluded: [] });
  await confused.engine.settled();
  expect(confused.logs.filter((line) => line.includes('another model than it named'))).toHaveLength(2);
});
