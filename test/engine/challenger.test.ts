/** A second model on trial at the desk: who it decides for, what both say in the record, and what becomes of a decision when it fails. */
import { describe, expect, test } from 'vitest';
import { OnnxScorer } from '#adapters/onnx/onnx-scorer.ts';
import { DecisionRecord } from '#contract/decision-record.ts';
import { IPC } from '#contract/ipc.ts';
import { compileModel, compileRevision, Decider, fromBase64, isChallenged, unpackScores } from '#core';
import { checkRevision } from '#policy';
import type { Loaded, Scored, Scorer } from '#ports/scorer.ts';
import { Scratch } from '../conformance/sqlite-scratch.ts';
import { demonstrationRevision, sha256 } from './demonstration.ts';
import { type BenchOptions, DeskBench, MODEL, START_MS } from './desk-bench.ts';
import { FailingScorer } from './failing-scorer.ts';
import { MemoryLink } from './memory-link.ts';
import { MODEL_ONLY, treeModel } from './tree-model.ts';

const TREES = treeModel();
/** Nothing else is learnt or drawn: only the two models differ. */
const REVISION = demonstrationRevision((path, text) =>
  path === 'revision.yaml'
    ? `${text.replace(/^(adaptive|exploration|control):.*$/gm, '')}\nchallenger: { model: ${TREES.manifest.id}, share: 0.5, salt: trial, unit: customer }\n`
    : text,
);
const checked = checkRevision(REVISION.files, { hash: REVISION.hash });
if (!checked.ok) throw new Error(`the demonstration fails its check: ${checked.faults[0]?.reason}`);
const COMPILED = compileRevision(checked.revision);
const BUNDLES = [{ revision: REVISION }, { model: MODEL }, { model: TREES }];

const isTried = (customerId: string): boolean =>
  isChallenged(COMPILED.revision, {
    agentId: 'agent-01',
    nowMs: START_MS,
    call: { customerId, identity: 'verified' } as Parameters<typeof isChallenged>[1]['call'],
  });
const customers = Array.from({ length: 40 }, (_, n) => `cust-${n}`);
const TRIED = customers.find(isTried) as string;
const OTHER = customers.find((id) => !isTried(id)) as string;

const bench = (challengerScorer: Scorer = new OnnxScorer(), more: BenchOptions = {}): Promise<DeskBench> =>
  DeskBench.open({ bundles: BUNDLES, ...more, surroundings: { challengerScorer, ...more.surroundings } });

async function decided(desk: DeskBench, callId: string, customerId: string): Promise<DecisionRecord> {
  await desk.begin(callId, customerId);
  const { decisionId } = await desk.showCard(callId);
  return DecisionRecord.parse(JSON.parse(desk.store.decisionRecord(decisionId)!));
}

/** As a script without desk, store or runtime takes it again. */
function again(desk: DeskBench, record: DecisionRecord): void {
  const core = { hash: 'c'.repeat(64), sha256, text: (bytes: Uint8Array) => new TextDecoder().decode(bytes) };
  const [named] = record.models;
  const bundle = named === TREES.hash ? TREES : MODEL;
  const model = named === undefined ? null : compileModel(COMPILED, bundle.manifest, bundle.hash);
  expect(new Decider(COMPILED, core).decideAgain(record, model).recordJson).toBe(desk.store.decisionRecord(record.id));
}

const scores = (text: string): Float32Array => unpackScores(fromBase64(text));

describe('a challenger', () => {
  test('decides for its share of customers, always the same ones; what the other would have said is in the record, which is decided again', async () => {
    await using desk = await bench();
    const tried = await decided(desk, 'call-1', TRIED);
    expect([tried.rung, tried.models, tried.scores.shadow?.model]).toEqual(['model', [TREES.hash], MODEL.hash]);
    expect(tried.inputs['challenged']).toBe(true);
    expect(tried.inputs['modelFields']).toHaveLength(MODEL_ONLY.length);
    const other = await decided(desk, 'call-2', OTHER);
    expect([other.rung, other.models, other.scores.shadow?.model]).toEqual(['model', [MODEL.hash], TREES.hash]);
    expect(other.inputs).not.toHaveProperty('challenged');
    expect(other.inputs).not.toHaveProperty('modelFields');
    for (const record of [tried, other]) {
      again(desk, record);
      const [own, shadow] = [scores(record.scores.f32), scores(record.scores.shadow?.f32 ?? '')];
      expect(shadow.length).toBe(own.length);
      expect(shadow.some((p, at) => p !== own[at])).toBe(true);
    }
    // Both are told apart where they are explained.
    const { prompts } = tried.result as Extract<DecisionRecord['result'], { kind: 'show' }>;
    const asked = { callId: 'call-1', decisionId: tried.id, actionId: prompts[0]!.actionId };
    const { verdict } = IPC['explain:verdict'].response.parse(await desk.engine.request('explain:verdict', asked));
    expect(verdict?.contributions).toMatchObject({ exact: true });
  });

  test.each(['failed', 'bad-output', 'late'] as const)(
    'that %s is stood in for by the champion, a rung down; where it does not decide nothing is other than without it',
    async (fails) => {
      const scorer = new FailingScorer();
      await using desk = await bench(scorer);
      scorer.fails = fails;
      const tried = await decided(desk, 'call-1', TRIED);
      expect([tried.rung, tried.models, tried.scores.shadow]).toEqual(['last-good-model', [MODEL.hash], undefined]);
      expect(tried.inputs['challenged']).toBe(true);
      expect(tried.inputs).not.toHaveProperty('modelFields');
      const other = await decided(desk, 'call-2', OTHER);
      expect([other.rung, other.models, other.scores.shadow]).toEqual(['model', [MODEL.hash], undefined]);
      for (const record of [tried, other]) again(desk, record);
      await using alone = await DeskBench.open({ bundles: [{ revision: REVISION }, { model: MODEL }] });
      const without = await decided(alone, 'call-2', OTHER);
      expect([without.result, without.scores]).toEqual([other.result, other.scores]);
      scorer.fails = null;
      expect((await decided(desk, 'call-3', TRIED)).models).toEqual([TREES.hash]);
    },
  );

  test('holds up nobody else’s card', async () => {
    const slow = new NeverScorer();
    await using desk = await bench(slow, { surroundings: { scoreWithinMs: 50 } });
    slow.isStuck = true;
    const other = await decided(desk, 'call-1', OTHER);
    expect(slow.asked).toBeGreaterThan(0);
    expect([other.models, other.scores.shadow]).toEqual([[MODEL.hash], undefined]);
  });

  test('comes and goes as central names it, is there after a restart, and never takes the champion’s place', async () => {
    using scratch = new Scratch();
    const link = new MemoryLink();
    link.revisions.set(REVISION.hash, REVISION);
    link.models.set(MODEL.hash, MODEL).set(TREES.hash, TREES);
    const named = { revision: REVISION.hash, models: [MODEL.hash], intent: null, excluded: [] };
    {
      await using desk = await bench(new OnnxScorer(), { scratch, bundles: [], surroundings: { link } });
      await link.say('versions', { ...named, challenger: TREES.hash });
      await desk.engine.settled();
      expect(desk.store.setting('slots')).toMatchObject({ model: MODEL.hash, challenger: TREES.hash });
    }
    await using desk = await bench(new OnnxScorer(), { scratch, bundles: [], surroundings: { link } });
    expect((await decided(desk, 'call-1', TRIED)).models).toEqual([TREES.hash]);
    await link.say('versions', { ...named, challenger: null });
    await desk.engine.settled();
    const after = await decided(desk, 'call-2', TRIED);
    expect([after.rung, after.models, after.scores.shadow]).toEqual(['model', [MODEL.hash], undefined]);
    // Named and not to be had: those it was to decide for stand a rung lower, and only those.
    link.models.delete(TREES.hash);
    await using bare = await bench(new OnnxScorer(), { bundles: BUNDLES.slice(0, 2), surroundings: { link } });
    await link.say('versions', { ...named, challenger: 'f'.repeat(64) });
    await bare.engine.settled();
    expect((await decided(bare, 'call-1', TRIED)).rung).toBe('last-good-model');
    expect((await decided(bare, 'call-2', OTHER)).rung).toBe('model');
  });

  test('needs a champion', () => {
    const faulty = REVISION.files.map((file) =>
      file.path === 'revision.yaml' ? { ...file, text: file.text.replace('useModel: true', 'useModel: false') } : file,
    );
    const refused = checkRevision(faulty, { hash: REVISION.hash });
    expect(refused.ok ? [] : refused.faults.map(({ reason }) => reason)).toEqual([expect.stringContaining('needs a champion')]);
  });
});

/** onnxruntime until it is stuck, and then nothing ever comes back. */
class NeverScorer implements Scorer {
  isStuck = false;
  asked = 0;
  readonly #scorer = new OnnxScorer();

  load(bundle: Parameters<Scorer['load']>[0]): Promise<Loaded> {
    return this.#scorer.load(bundle);
  }

  async score(features: Float32Array, actions: readonly number[], withinMs: number): Promise<Scored> {
    if (!this.isStuck) return this.#scorer.score(features, actions, withinMs);
    this.asked += 1;
    return new Promise(() => undefined);
  }

  close(): Promise<void> {
    return this.#scorer.close();
  }
}
