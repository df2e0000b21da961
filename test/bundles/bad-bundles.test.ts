import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OnnxScorer } from '#adapters/onnx/onnx-scorer.ts';
import { verifyEd25519 } from '#adapters/system/ed25519.ts';
import { ModelBundle } from '#contract/model.ts';
import { RevisionBundle } from '#contract/policy.ts';
import type { TrustedKeys } from '#contract/signature.ts';
import type { Scorer } from '#ports/scorer.ts';
import { Scratch } from '../conformance/sqlite-scratch.ts';
import { demonstrationModel } from '../engine/demonstration.ts';
import { DeskBench } from '../engine/desk-bench.ts';
import { signed, signerOf, TRUSTED } from '../engine/signing.ts';
import { smallRevision } from '../engine/small-revision.ts';
import { seededRandom } from '#learning';
import { BAD_BUNDLES, GOOD_MODEL, GOOD_REVISION, REVOKED } from './bad-bundles.ts';

const LEAST_BAD = 40;
const MUTATIONS = process.env['SOTTO_FULL'] === '1' ? 9_000 : 300;

const TRUST: TrustedKeys = {
  keys: [...TRUSTED.keys, ...REVOKED.trusted.keys.map((key) => ({ ...key, revoked: true }))],
  modelSignatures: 1,
};
const trusting = (keys: TrustedKeys) => ({ trust: { keys, verify: verifyEd25519 } });

/** The real scorer, which notes what reached it. */
class WatchedScorer implements Scorer {
  readonly seen: string[] = [];
  readonly #scorer = new OnnxScorer();
  load(bundle: ModelBundle): ReturnType<Scorer['load']> {
    this.seen.push(bundle.hash);
    return this.#scorer.load(bundle);
  }
  score(...given: Parameters<Scorer['score']>): ReturnType<Scorer['score']> {
    return this.#scorer.score(...given);
  }
  close(): Promise<void> {
    return this.#scorer.close();
  }
}

describe('[V3] a bad bundle never replaces a good one', () => {
  const scratch = new Scratch();
  const scorer = new WatchedScorer();
  let desk: DeskBench;
  beforeAll(async () => {
    const bundles = [{ revision: GOOD_REVISION }, { model: GOOD_MODEL }];
    desk = await DeskBench.open({ scratch, bundles, surroundings: { scorer, ...trusting(TRUST) } });
  });
  afterAll(async () => {
    await scorer.close();
    scratch[Symbol.dispose]();
  });

  test.each(BAD_BUNDLES)('$name', async ({ bundle, words, isRun }) => {
    const before = scorer.seen.length;
    expect(await desk.engine.install(bundle)).toEqual({ ok: false, words: expect.stringMatching(words) });
    // Unless it has to be run to know, the runtime never sees it.
    expect(scorer.seen.length - before).toBe(isRun === true ? 1 : 0);
    expect(desk.store.setting('slots')).toMatchObject({ revision: GOOD_REVISION.hash, model: GOOD_MODEL.hash });
  });

  test('a bundle with a member more is refused where it comes in', () => {
    expect(RevisionBundle.safeParse(GOOD_REVISION).success).toBe(true);
    expect(ModelBundle.safeParse(GOOD_MODEL).success).toBe(true);
    expect(RevisionBundle.safeParse({ ...GOOD_REVISION, script: 'x' }).success).toBe(false);
    expect(ModelBundle.safeParse({ ...GOOD_MODEL, path: '../../outside' }).success).toBe(false);
    expect(ModelBundle.safeParse({ ...GOOD_MODEL, manifest: { ...GOOD_MODEL.manifest, customOperators: 'x.so' } }).success).toBe(false);
  });

  test('bytes changed anywhere in a signed model are refused before the runtime sees them', async () => {
    const random = seededRandom(20_261_123);
    const bytes = Buffer.from(demonstrationModel((manifest) => ({ ...manifest, version: 4 })).onnxBase64, 'base64');
    const model = demonstrationModel((manifest) => ({ ...manifest, version: 4 }));
    const before = scorer.seen.length;
    for (let i = 0; i < MUTATIONS; i++) {
      const changed = Buffer.from(bytes);
      const at = Math.floor(random() * changed.length);
      changed[at] = (changed[at] ?? 0) ^ (1 + Math.floor(random() * 255));
      const answer = await desk.engine.install({ model: { ...model, onnxBase64: changed.toString('base64') } });
      expect(answer.ok).toBe(false);
    }
    console.log(`[V3] ${MUTATIONS} changed models: 0 installed, ${scorer.seen.length - before} reached the runtime`);
    expect(scorer.seen.length).toBe(before);
  });

  test('after all of them the desk works with the good ones, and after a restart too', async () => {
    expect(BAD_BUNDLES.length).toBeGreaterThanOrEqual(LEAST_BAD);
    expect(new Set(BAD_BUNDLES.map(({ name }) => name)).size).toBe(BAD_BUNDLES.length);
    await desk.begin('call-1');
    expect(desk.lines.at(-1)).toMatchObject({ kind: 'show', rung: expect.stringMatching(/^(last-good-)?model$/) });
    expect((await desk.view()).session.policy).toBe('Small v5');
    await desk[Symbol.asyncDispose]();
    await using again = await DeskBench.open({ scratch, bundles: [], surroundings: trusting(TRUST) });
    expect((await again.view()).session.policy).toBe('Small v5');
    await again.begin('call-2');
    expect(again.lines.at(-1)).toMatchObject({ kind: 'show', rung: expect.stringMatching(/^(last-good-)?model$/) });
  });
});

describe('[V3] who signs, and in which order', () => {
  test('versions go up, or back where a signature says so', async () => {
    await using desk = await DeskBench.open({ bundles: [{ revision: smallRevision(5) }] });
    expect(await desk.engine.install({ revision: smallRevision(6) })).toEqual({ ok: true });
    expect(await desk.engine.install({ revision: smallRevision(5) })).toMatchObject({ ok: false });
    expect(await desk.engine.install({ revision: signed(smallRevision(5), 6) })).toEqual({ ok: true });
    expect((await desk.view()).session.policy).toBe('Small v5');
    expect(await desk.engine.install({ revision: smallRevision(7) })).toEqual({ ok: true });
  });

  test('a model of a desk that asks for two signatures has two, of different keys', async () => {
    const second = signerOf('z');
    const keys: TrustedKeys = { keys: [...TRUSTED.keys, ...second.trusted.keys], modelSignatures: 2 };
    await using desk = await DeskBench.open({ bundles: [{ revision: smallRevision(1) }], surroundings: trusting(keys) });
    const model = demonstrationModel();
    const [own] = model.signed?.signatures ?? [];
    const [other] = second.sign(model, null).signatures;
    if (own === undefined || other === undefined) throw new Error('nothing was signed');
    expect(await desk.engine.install({ model })).toMatchObject({ ok: false, words: expect.stringContaining('1 of the 2 keys') });
    const twice = { ...model, signed: { replaces: null, signatures: [own, own] } };
    expect(await desk.engine.install({ model: twice })).toMatchObject({ ok: false, words: expect.stringContaining('1 of the 2 keys') });
    expect(await desk.engine.install({ model: { ...model, signed: { replaces: null, signatures: [own, other] } } })).toEqual({ ok: true });
  });

  test('what was installed is not used again once its key is revoked', async () => {
    using scratch = new Scratch();
    {
      await using desk = await DeskBench.open({ scratch, bundles: [{ revision: smallRevision(1) }] });
      expect((await desk.view()).session.policy).toBe('Small v1');
    }
    const revoked: TrustedKeys = { keys: TRUSTED.keys.map((key) => ({ ...key, revoked: true })), modelSignatures: 1 };
    await using later = await DeskBench.open({ scratch, bundles: [], surroundings: trusting(revoked) });
    expect((await later.view()).engine).toMatchObject({ rung: 'refrain' });
  });

  test('canary: a desk that asks for no signature takes the unsigned one, the stranger’s and the older one', async () => {
    await using desk = await DeskBench.open({ bundles: [{ revision: smallRevision(5) }], surroundings: { trust: null } });
    for (const name of ['revision: unsigned', 'revision: signed by a key nobody knows', 'revision: an older version']) {
      const bad = BAD_BUNDLES.find((one) => one.name === name);
      if (bad === undefined) throw new Error(`no such bundle: ${name}`);
      expect(await desk.engine.install(bad.bundle), name).toEqual({ ok: true });
    }
  });
});
