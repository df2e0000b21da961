/** Why, why not and what would have changed it, asked of a whole desk: what they say, and that they leave nothing behind. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DecisionRecord } from '#contract/decision-record.ts';
import type { VerdictView, WhatIfView } from '#contract/desk.ts';
import { IPC, type IpcResponse } from '#contract/ipc.ts';
import { REASON_ALPHABET, REASONS } from '#contract/reason-codes.ts';
import { unpackScores } from '#core';
import type { Randomness } from '#ports/randomness.ts';
import { Scratch } from '../conformance/sqlite-scratch.ts';
import { DeskBench, REVISION } from './desk-bench.ts';
import { demonstrationRevision } from './demonstration.ts';
import { FailingScorer } from './failing-scorer.ts';
import { MODEL_ONLY, treeModel } from './tree-model.ts';

const CALL = 'call-1';

const actionsOf = async (desk: DeskBench, callId = CALL): Promise<IpcResponse<'explain:actions'>> =>
  IPC['explain:actions'].response.parse(await desk.engine.request('explain:actions', { callId }));

const verdictOf = async (desk: DeskBench, actionId: string, decisionId?: string): Promise<VerdictView | null> =>
  IPC['explain:verdict'].response.parse(await desk.engine.request('explain:verdict', { callId: CALL, actionId, decisionId })).verdict;

const whatIfOf = async (desk: DeskBench, decisionId: string | undefined, actionId: string, callId = CALL): Promise<WhatIfView | null> =>
  IPC['explain:what-if'].response.parse(await desk.engine.request('explain:what-if', { callId, decisionId, actionId })).whatIf;

/** The store's files but the one in which SQLite notes who is reading. */
function storeHash({ folder }: Scratch): string {
  const hash = createHash('sha256');
  const files = readdirSync(folder)
    .filter((name) => !name.endsWith('-shm'))
    .toSorted();
  if (!files.includes('sotto.db')) throw new Error(`no store among ${files.join(', ')}`);
  for (const name of files) hash.update(name).update(readFileSync(join(folder, name)));
  return hash.digest('hex');
}

const uuid = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

/** The same numbers and ids in every desk that asks in the same order. */
class Counted implements Randomness {
  drawn = 0;
  readonly uuid = (): string => uuid(++this.drawn);
  readonly seed = (): number => ++this.drawn;
  readonly unit = (): number => (++this.drawn % 8) / 8;
}

const LINES = [
  'Why is my bill so high this month?',
  'I want to cancel.',
  'Is there anything cheaper?',
  'My internet is down.',
  'Thank you.',
] as const;

/** The demonstration's policy, where only one issue asks for transparency. */
const asking = (least: number) =>
  demonstrationRevision((path, text) =>
    path === 'actions/education/issue.yaml' ? `${text}minTransparency: ${least}\n` : text.replace(/^minTransparency.*\n/m, ''),
  );

/** Every record of a call of some length. */
async function recordsOf(isAsked: boolean): Promise<readonly string[]> {
  const random = new Counted();
  await using desk = await DeskBench.open({ surroundings: { random } });
  await desk.begin(CALL);
  for (const line of LINES) {
    await desk.utter(CALL, 'customer', line);
    await desk.advance(20_000);
    const shown = (await desk.view()).cards[0];
    if (!isAsked) continue;
    await actionsOf(desk);
    for (const actionId of ['explain-roaming', 'accept-notice']) {
      await verdictOf(desk, actionId);
      await verdictOf(desk, actionId, 'a-decision-nobody-took');
      await whatIfOf(desk, undefined, actionId);
      if (shown !== undefined) await whatIfOf(desk, shown.decisionId, actionId);
    }
  }
  const ids = Array.from({ length: random.drawn }, (_, index) => uuid(index + 1));
  return ids.flatMap((id) => desk.store.decisionRecord(id) ?? []);
}

describe('questions about a decision', () => {
  test('of all three kinds leave the files of the store as they were, byte for byte, whatever is asked', async () => {
    using scratch = new Scratch();
    await using desk = await DeskBench.open({ scratch });
    await desk.begin(CALL);
    const card = await desk.showCard(CALL);
    const actions = (await actionsOf(desk)).actions.map(({ actionId }) => actionId);
    expect(actions.length).toBeGreaterThan(60);
    const anyDecision = fc.constantFrom(card.decisionId, 'a-decision-nobody-took');
    const question = fc.oneof(
      fc.record({ kind: fc.constant('why-not' as const) }),
      fc.record({
        kind: fc.constant('why' as const),
        decisionId: fc.option(anyDecision, { nil: undefined }),
        actionId: fc.constantFrom(...actions),
      }),
      fc.record({
        kind: fc.constant('what-if' as const),
        decisionId: fc.option(anyDecision, { nil: undefined }),
        actionId: fc.constantFrom(...actions, 'no-such-action'),
      }),
    );
    const asked = { 'why-not': 0, why: 0, 'what-if': 0 };
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...LINES), fc.array(question, { minLength: 1, maxLength: 6 }), async (line, questions) => {
        await desk.utter(CALL, 'customer', line);
        await desk.advance(2_000);
        const before = storeHash(scratch);
        for (const one of questions) {
          asked[one.kind]++;
          if (one.kind === 'what-if') await whatIfOf(desk, one.decisionId, one.actionId);
          else if (one.kind === 'why') await verdictOf(desk, one.actionId, one.decisionId);
          else await actionsOf(desk);
        }
        expect(storeHash(scratch)).toBe(before);
      }),
      { numRuns: 40, seed: 20_261_122 },
    );
    for (const count of Object.values(asked)) expect(count).toBeGreaterThan(20);
    // And the files do tell when something is written.
    const before = storeHash(scratch);
    await desk.utter(CALL, 'customer', LINES[0]);
    expect(storeHash(scratch)).not.toBe(before);
  });

  test('change nothing of what is decided afterwards: a desk that was asked decides as one that was not', async () => {
    const undisturbed = await recordsOf(false);
    expect(undisturbed.length).toBeGreaterThan(4);
    expect(await recordsOf(true)).toEqual(undisturbed);
  });
});

describe('where every action ended', () => {
  test('is told of the call’s last decision, which is named, and of each action the same as when it is asked about alone', async () => {
    await using desk = await DeskBench.open();
    await desk.begin(CALL);
    const card = await desk.showCard(CALL);
    const { decisionId, actions } = await actionsOf(desk);
    expect(decisionId).toBe(card.decisionId);
    expect(actions.length).toBeGreaterThan(60);
    for (const action of actions) expect(await verdictOf(desk, action.actionId, card.decisionId)).toMatchObject(action);
    expect(new Set(actions.map(({ stage, code }) => `${stage} ${code}`)).size).toBeGreaterThan(4);
  });

  test('is told as it would be decided now where nothing was decided yet; not of a call nobody knows', async () => {
    await using desk = await DeskBench.open();
    await desk.engine.context({ callId: CALL, profile: null, outcomes: [], complete: true });
    const { decisionId, actions } = await actionsOf(desk);
    expect([decisionId, actions.length > 60]).toEqual([null, true]);
    expect(await actionsOf(desk, 'call-2')).toEqual({ decisionId: null, actions: [] });
  });
});

describe('what would have changed it', () => {
  test('is told of every action from the record, in the words of the catalogue', async () => {
    await using desk = await DeskBench.open();
    await desk.begin(CALL);
    const card = await desk.showCard(CALL);
    const record = DecisionRecord.parse(JSON.parse(desk.store.decisionRecord(card.decisionId)!));
    const { actions } = await actionsOf(desk);
    const labels = new Set<string>();
    let found = 0;
    for (const [place, { actionId }] of actions.entries()) {
      const told = await whatIfOf(desk, card.decisionId, actionId);
      expect(told).toMatchObject({ actionId, none: told?.found.length === 0 });
      // The demonstration's model runs elsewhere, so its scores stand.
      expect(told?.areScoresFixed).toBe(record.scores.f32 !== '');
      if (told!.found.length > 0) found++;
      for (const { changes } of told!.found) for (const { label } of changes) labels.add(label);
      if (REASONS[REASON_ALPHABET.indexOf(record.reasons.charAt(place))]?.stage === 'basis') expect(told?.none).toBe(true);
    }
    expect(found).toBeGreaterThan(10);
    expect(labels.size).toBeGreaterThan(5);
  });

  test('is told as it would be decided now where no decision is named, also when nothing is on the screen', async () => {
    await using desk = await DeskBench.open();
    await desk.begin(CALL);
    await desk.utter(CALL, 'customer', 'Hello there.');
    const { refrain, cards } = await desk.view();
    expect([refrain?.reason, cards]).toEqual(['nothing-relevant', []]);
    const { actions } = await actionsOf(desk);
    const saying = new Map<string, string>();
    for (const { actionId } of actions) {
      const told = await whatIfOf(desk, undefined, actionId);
      expect(told).toMatchObject({ actionId, isShown: false });
      // Somebody has just spoken, but nothing waits for the pause.
      const said = told!.found.find(
        ({ changes }) => changes.length === 1 && changes[0]!.type === 'said' && changes[0]!.changeableBy === 'customer',
      );
      if (said !== undefined) saying.set(actionId, String(said.changes[0]!.to));
    }
    expect(saying.size).toBeGreaterThan(10);
    // And so it comes.
    const [actionId, phrase] = [...saying].find(([id]) => id.startsWith('explain-'))!;
    await desk.utter(CALL, 'customer', phrase);
    await desk.advance(4_000);
    expect((await desk.view()).cards.map((card) => card.actionId)).toContain(actionId);
    expect(await whatIfOf(desk, undefined, actionId)).toMatchObject({ isShown: true });
    expect(await whatIfOf(desk, undefined, actionId, 'call-2')).toBeNull();
    expect(await whatIfOf(desk, undefined, 'no-such-action')).toBeNull();
  });

  test('is not told of another call’s decision, of one nobody took, nor of an action the policy does not have', async () => {
    await using desk = await DeskBench.open();
    await desk.begin(CALL);
    const card = await desk.showCard(CALL);
    expect(await whatIfOf(desk, card.decisionId, card.actionId)).not.toBeNull();
    expect(await whatIfOf(desk, card.decisionId, card.actionId, 'call-2')).toBeNull();
    expect(await whatIfOf(desk, 'a-decision-nobody-took', card.actionId)).toBeNull();
    expect(await whatIfOf(desk, card.decisionId, 'no-such-action')).toBeNull();
  });
});

describe('what the model made of each field', () => {
  test('is told exactly for a scored action that is asked about, largest first; not for one that was not scored', async () => {
    await using desk = await DeskBench.open();
    await desk.begin(CALL);
    const card = await desk.showCard(CALL);
    const why = await verdictOf(desk, card.actionId, card.decisionId);
    if (why?.contributions?.exact !== true) throw new Error(`not told: ${JSON.stringify(why?.contributions)}`);
    const sizes = why.contributions.parts.map(({ logOdds }) => Math.abs(logOdds));
    expect(sizes.length).toBeGreaterThan(3);
    expect(sizes).toEqual(sizes.toSorted((a, b) => b - a));
    expect(why.contributions.parts.every(({ label }) => label !== '')).toBe(true);
    const stopped = (await actionsOf(desk)).actions.find(({ stage }) => stage === 'eligibility')!;
    expect(await verdictOf(desk, stopped.actionId, card.decisionId)).toMatchObject({ strength: null, contributions: null });
  });

  test('is told of the record alone, also of trees: the same when the call has gone on since, and when it is over', async () => {
    const model = treeModel();
    await using desk = await DeskBench.open({ bundles: [{ revision: REVISION }, { model }] });
    await desk.begin(CALL);
    const card = await desk.showCard(CALL);
    const asked = [card.actionId, card.decisionId] as const;
    const then = await verdictOf(desk, ...asked);
    if (then?.contributions?.exact !== true) throw new Error(`not told: ${JSON.stringify(then?.contributions)}`);
    expect(then.contributions.parts.filter(({ logOdds }) => logOdds !== 0).length).toBeGreaterThan(1);
    const { models, inputs } = DecisionRecord.parse(JSON.parse(desk.store.decisionRecord(card.decisionId)!));
    expect(models).toEqual([model.hash]);
    expect(inputs['modelFields']).toHaveLength(MODEL_ONLY.length);
    await desk.advance(95_000);
    expect(await verdictOf(desk, ...asked)).toMatchObject({ contributions: then.contributions });
    await desk.say(CALL, 'sotto.call.ended', { reason: 'customer-hung-up' });
    expect(await verdictOf(desk, ...asked)).toMatchObject({ contributions: then.contributions });
  });

  test('needs what only the model reads, and that is in no record of a decision the model had no part in', async () => {
    const model = treeModel();
    const failing = new FailingScorer();
    await using desk = await DeskBench.open({ bundles: [{ revision: REVISION }, { model }], surroundings: { scorer: failing } });
    await desk.begin(CALL);
    failing.fails = 'failed';
    const card = await desk.showCard(CALL);
    const { models, inputs, rung } = DecisionRecord.parse(JSON.parse(desk.store.decisionRecord(card.decisionId)!));
    expect([models, rung]).toEqual([[], 'rules-only']);
    expect(inputs).not.toHaveProperty('modelFields');
  });

  test('is why an action goes by its starting propensity where its issue asks for a model that people can follow better', async () => {
    const model = treeModel({ transparency: 3 });
    for (const [least, isUsed] of [
      [3, true],
      [4, false],
    ] as const) {
      await using desk = await DeskBench.open({ bundles: [{ revision: asking(least) }, { model }] });
      await desk.begin(CALL);
      const card = await desk.showCard(CALL);
      const record = DecisionRecord.parse(JSON.parse(desk.store.decisionRecord(card.decisionId)!));
      expect([record.rung, record.models]).toEqual(['model', [model.hash]]);
      const scores = unpackScores(Buffer.from(record.scores.f32, 'base64'));
      const verdicts: VerdictView[] = [];
      for (const action of (await actionsOf(desk)).actions) {
        const verdict = await verdictOf(desk, action.actionId, card.decisionId);
        if (verdict !== null && verdict.strength !== null) verdicts.push(verdict);
      }
      expect(verdicts).toHaveLength(scores.length);
      const known = new Set(model.manifest.actions.map(({ id }) => id));
      const scored = verdicts.map(({ actionId, issue }) => known.has(actionId) && (isUsed || issue !== 'education'));
      expect(Array.from(scores, (score) => !Number.isNaN(score))).toEqual(scored);
      const { actionId } = verdicts.find(({ issue, actionId: id }) => issue === 'education' && known.has(id))!;
      const why = await verdictOf(desk, actionId, card.decisionId);
      expect(why?.contributions).toMatchObject(
        isUsed ? { exact: true } : { exact: false, reason: 'not-transparent', why: expect.stringContaining('issue education asks for 4') },
      );
      expect(desk.logs.filter((line) => line.includes('issue education asks for 4'))).toHaveLength(isUsed ? 0 : 1);
    }
  });

  test('is not made up where no model was used', async () => {
    await using desk = await DeskBench.open({ bundles: [{ revision: REVISION }] });
    await desk.begin(CALL);
    const card = await desk.showCard(CALL);
    const why = await verdictOf(desk, card.actionId, card.decisionId);
    expect(why?.contributions).toMatchObject({ exact: false });
  });
});
