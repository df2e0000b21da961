import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { OnnxTextScorer } from '#adapters/onnx/onnx-text-scorer.ts';
import { NextActionManifest } from '#contract/text-model.ts';
import {
  choiceScores,
  goldenMoment,
  NextActionReader,
  type NextActionTraining,
  networkOdds,
  readSession,
  softmax,
  trainNextAction,
  untyped,
} from '#learning';
import { actedLines, actedSessions, CHARTS } from './acted-sessions.ts';

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const SETTINGS = { id: 'next-action', version: 1, charts: CHARTS, without: ['loan'], trainedOn: 'a'.repeat(64), sha256 };
const sessions = actedSessions(90, 1);

type Line = Parameters<typeof readSession>[0];
const typing = (Text: string) => ({ Agent: 'Wizard', Action: 'request_suggestions', Text });
const act = (Action: string) => ({ Agent: 'Wizard', Action, ActionLabel: 'a', Text: 'x' });
type Trained = Extract<NextActionTraining, { ok: true }>;
const trained = (training: NextActionTraining): Trained => {
  if (!training.ok) throw new Error(training.faults.map(({ detail }) => detail).join('; '));
  return training;
};
let model: Trained;
beforeAll(() => {
  model = trained(trainNextAction(sessions, SETTINGS));
});

describe('a next-action model', () => {
  it('is a manifest that holds, and the same bytes every time', () => {
    expect(NextActionManifest.parse(JSON.parse(JSON.stringify(model.manifest)))).toEqual(model.manifest);
    const again = trained(trainNextAction(sessions, SETTINGS));
    expect(again.manifest).toEqual(model.manifest);
    expect(sha256(again.onnx)).toBe(model.manifest.onnx);
    expect(Object.keys(model.manifest.tasks)).toEqual(['parcel', 'table', 'taxi']);
    expect(JSON.stringify(model.manifest)).not.toContain('that one then');
  });

  it('knows what comes next in tasks it has learnt, and in one of which it knows only the flow chart', () => {
    const { happy, harder, unseen, untyped } = model.manifest.card;
    expect(happy?.accuracy).toBeGreaterThan(0.95);
    // Half of the agents say hello first: without what they type no model can know it.
    expect(untyped?.happy?.accuracy).toBeGreaterThan(0.85);
    expect(untyped?.happy?.accuracy).toBeLessThan(happy?.accuracy ?? 0);
    expect(untyped?.happy?.n).toBe(happy?.n);
    expect(untyped?.unseen?.weightedF1).toBeGreaterThan(0.8);
    expect(harder?.n).toBeGreaterThan(5);
    expect(unseen).toMatchObject({ tasks: ['loan'] });
    expect(unseen?.n).toBeGreaterThan(70);
    expect(unseen?.weightedF1).toBeGreaterThan(0.8);
    expect(unseen?.top3).toBeGreaterThan(0.9);
  });

  it('scored by onnxruntime from its file and manifest is our own evaluation, for both halves', async () => {
    const { manifest, onnx, network, choiceWeights } = model;
    const reader = new NextActionReader(manifest, CHARTS);
    const classes = manifest.actions.length;
    const golden = manifest.golden.map(({ task, done, probabilities, scores }) => {
      const [known, charted] = [reader.read(goldenMoment(task, done)), reader.charted(goldenMoment(task, done))];
      if (known?.kind !== 'known' || charted === null) throw new Error('a golden moment cannot be read');
      return { row: known.row, probabilities, options: charted.places, scores };
    });
    const scorer = new OnnxTextScorer();
    const file = { name: 'next-action 1', onnx, sha256: manifest.onnx, bytes: manifest.bytes, classes };
    expect(await scorer.load({ ...file, golden })).toEqual({ ok: true });
    let compared = 0;
    const moments = actedSessions(20, 9).flatMap(({ examples }) => examples.flatMap(({ moment }) => [moment, untyped(moment)]));
    for (const moment of moments) {
      const read = reader.read(moment);
      if (read?.kind === 'known') {
        const scored = await scorer.score([read.row]);
        if (!scored.ok) throw new Error(scored.words);
        for (const [at, own] of softmax(networkOdds(network, read.row)).entries())
          expect(Math.abs(own - (scored.probabilities[at] ?? Number.NaN))).toBeLessThan(1e-6);
      } else if (read !== null) {
        const scored = await scorer.scoreOptions(read.places);
        if (!scored.ok) throw new Error(scored.words);
        for (const [at, own] of choiceScores(choiceWeights, read.places).entries())
          expect(Math.abs(own - (scored.scores[at] ?? Number.NaN))).toBeLessThan(1e-5);
      }
      compared += 1;
    }
    expect(compared).toBeGreaterThan(150);
    const off = golden.map((one) => ({ ...one, scores: one.scores.map((score) => score + 0.01) }));
    expect(await scorer.load({ ...file, golden: off })).toMatchObject({ ok: false, reason: 'golden-mismatch' });
    await scorer.close();
  });

  it('looks at nothing of the event that records an action, nor at what comes after it', () => {
    let compared = 0;
    for (const line of actedLines(4, 3, Object.keys(CHARTS)) as readonly Line[]) {
      const { examples } = readSession(line);
      expect(JSON.stringify(examples)).not.toContain('zzz');
      const acts = line.Events.flatMap(({ Action }, at) => (Action === 'query' || Action === 'pick_suggestion' ? [at] : []));
      for (const [number, at] of acts.entries()) {
        const acted = { Agent: 'Wizard', Action: 'pick_suggestion', ActionLabel: 'another', Text: 'another' };
        const cut = readSession({ ...line, Events: [...line.Events.slice(0, at), acted, typing('later')] });
        expect(cut.examples.at(-1)).toEqual({ moment: examples[number]?.moment, label: 'another' });
        compared += 1;
      }
    }
    expect(compared).toBeGreaterThan(15);
  });

  it('knows of what was typed only what came since the agent last spoke or acted, and tells nothing typed from not recorded', () => {
    const Scenario = { Happy: true, WizardCapabilities: [{ Task: 'taxi' }] };
    const typedIn = (Events: Line['Events']) => readSession({ Scenario, Events }).examples.map(({ moment }) => moment.typed);
    const picked = act('pick_suggestion');
    expect(typedIn([typing('one'), typing('two'), picked, act('query'), typing('three'), act('utter'), typing('four'), picked])).toEqual([
      ['one', 'two'],
      [],
      ['four'],
    ]);
    expect(typedIn([picked, act('query')])).toEqual([null, null]);
    expect(typedIn([{ ...typing('a customer'), Agent: 'User' }, picked])).toEqual([null]);
  });

  it('says what is wrong with sessions it cannot learn from', () => {
    const few = trainNextAction(actedSessions(3, 1), SETTINGS);
    expect(few.ok ? '' : few.faults[0]?.detail).toMatch(/moments at which an agent acted in tasks to learn; at least 100/);
    const all = trainNextAction(sessions, { ...SETTINGS, without: Object.keys(CHARTS) });
    expect(all.ok ? '' : all.faults[0]?.detail).toMatch(/^0 moments/);
    const { taxi, parcel } = CHARTS;
    const without = trained(
      trainNextAction(actedSessions(60, 1, ['taxi', 'table', 'parcel']), {
        ...SETTINGS,
        charts: { ...(taxi && { taxi }), ...(parcel && { parcel }) },
      }),
    );
    expect(without.notices.join()).toContain('there is no flow chart of table');
  });

  it('learns from recordings that do not have what was typed', () => {
    const lines = actedLines(40, 1, ['taxi', 'table', 'parcel']) as readonly Line[];
    const silent = lines.map((line) =>
      readSession({ ...line, Events: line.Events.filter(({ Action }) => Action !== 'request_suggestions') }),
    );
    const { card } = trained(trainNextAction(silent, SETTINGS)).manifest;
    expect(card.untyped).toBeUndefined();
    expect(card.happy?.accuracy).toBeGreaterThan(0.6);
  });
});
