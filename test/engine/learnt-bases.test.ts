/** A desk with a trained model and what central learnt beside it: what each field adds, and bases that are refused. */
import { afterEach, expect, test } from 'vitest';
import { DecisionRecord } from '#contract/decision-record.ts';
import { IPC } from '#contract/ipc.ts';
import type { LearntBundle, LearntManifest } from '#contract/learning.ts';
import { canonicalJson, readCanonical, unpackScores } from '#core';
import { AdaptiveModel, actionCells, learntShape } from '#learning';
import { checkRevision } from '#policy';
import { DeskBench, MODEL, REVISION, START_MS } from './desk-bench.ts';
import { sha256 } from './demonstration.ts';
import { MemoryLink } from './memory-link.ts';
import { keyOf, signed } from './signing.ts';

const FEATURES = ['profile.plan', 'profile.paymentMethod'];
const CHECKED = checkRevision(REVISION.files, { hash: REVISION.hash });
const ACTIONS = CHECKED.ok ? CHECKED.revision.actions.map(({ id, group }) => ({ id, group })) : [];

/** Everything was declined thirty times. */
function baseOf(change: Partial<LearntManifest> = {}, features: readonly string[] = FEATURES): LearntBundle {
  const model = new AdaptiveModel(learntShape(features));
  for (let round = 0; round < 30; round++)
    for (const action of ACTIONS)
      model.learn(actionCells('voice', action), ['fibre-100', round % 2 === 0 ? 'card' : null].slice(0, features.length), false);
  const state = model.state();
  const manifest: LearntManifest = {
    id: 'answers-agent',
    kind: 'adaptive',
    version: 1,
    reward: 'agent',
    state: sha256(canonicalJson(state)),
    covers: { tx: '10', pos: 10, asOfMs: START_MS - 1_000 },
    features: [...features],
    actions: ACTIONS.map(({ id }) => ({ id, evidence: 30, positives: 0 })),
    ...change,
  };
  return signed({ hash: sha256(canonicalJson(manifest)), manifest, state });
}

const open: DeskBench[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each[Symbol.asyncDispose]();
});

/** A desk that was told of a base. */
async function deskWith(bundle: LearntBundle, named = bundle.hash): Promise<DeskBench> {
  const link = new MemoryLink();
  const desk = await DeskBench.open({ surroundings: { link } });
  open.push(desk);
  link.connect();
  link.bases.set(named, bundle);
  await link.say('learnt', { base: named, countedTo: null });
  await desk.engine.settled();
  return desk;
}

/** The record that brought a card to the question about the bill. */
async function decided(desk: DeskBench): Promise<{ readonly record: DecisionRecord; readonly actionId: string }> {
  await desk.begin('call-1');
  const { decisionId, actionId } = await desk.showCard('call-1');
  return { record: DecisionRecord.parse(readCanonical(desk.store.decisionRecord(decisionId) ?? '')), actionId };
}

const scoresOf = ({ scores }: DecisionRecord): readonly number[] =>
  [...unpackScores(Buffer.from(scores.f32, 'base64'))].filter((p) => !Number.isNaN(p));

const mean = (all: readonly number[]): number => all.reduce((sum, p) => sum + p, 0) / all.length;

const contributionsOf = async (desk: DeskBench, { id: decisionId }: DecisionRecord, actionId: string) => {
  const asked = await desk.engine.request('explain:verdict', { callId: 'call-1', decisionId, actionId });
  return IPC['explain:verdict'].response.parse(asked).verdict?.contributions;
};

test('a base stands beside the trained model: propensities move towards the answers, both are in the record, and what each field adds stays exact', async () => {
  const alone = await DeskBench.open();
  open.push(alone);
  const before = await decided(alone);
  const desk = await deskWith(baseOf());
  const { record, actionId } = await decided(desk);
  expect(desk.logs).toEqual([]);
  expect(before.record.models).toEqual([MODEL.hash]);
  expect(record.models[0]).toBe(MODEL.hash);
  expect(record.models).toHaveLength(2);
  expect(record.rung).toBe('model');
  expect(mean(scoresOf(record))).toBeLessThan(mean(scoresOf(before.record)) - 0.05);
  const told = await contributionsOf(desk, record, actionId);
  if (told?.exact !== true) throw new Error(`contributions are not told: ${JSON.stringify(told)}`);
  const labels = told.parts.map(({ label }) => label);
  expect(labels).toContain('Answers so far');
  expect(labels.length).toBeGreaterThan(5);
});

test('a base that is not signed by whom the desk trusts, not what its hash says, or about other fields is refused: the desk goes on as without it', async () => {
  const good = baseOf();
  const stranger = {
    ...good,
    signed: { replaces: null, signatures: [{ keyId: keyOf('x').id, ed25519: keyOf('x').sign(new Uint8Array([1])) }] },
  };
  const { signed: _signed, ...nobody } = good;
  const { state } = good;
  if (state === null) throw new Error('no state');
  const learntMore = { ...good, state: { ...state, positives: state.positives + 1 } };
  const renamed = { ...good, manifest: { ...good.manifest, version: 2 } };
  const other = baseOf({}, ['profile.plan']);
  const customers = baseOf({ reward: 'customer' });
  for (const [bundle, words] of [
    [stranger, /no key that this desk trusts/],
    [nobody, /nobody has signed/],
    [learntMore, /state does not have the hash/],
    [renamed, /not one of this hash, name and version/],
    [other, /other fields or another reward/],
    [customers, /other fields or another reward/],
  ] as const) {
    const desk = await deskWith(bundle);
    const { record } = await decided(desk);
    expect(record.models).toEqual([MODEL.hash]);
    expect(record.rung).toBe('model');
    expect(desk.logs.join()).toMatch(words);
  }
});
