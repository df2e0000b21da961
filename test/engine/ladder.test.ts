/** Which rung a desk stands on when its model is not what it should be, in the window and in the record. */
import { describe, expect, test } from 'vitest';
import { DecisionRecord } from '#contract/decision-record.ts';
import { IPC } from '#contract/ipc.ts';
import type { ModelBundle } from '#contract/model.ts';
import { RUNGS, type Rung } from '#contract/reason-codes.ts';
import { demonstrationModel, demonstrationRevision } from './demonstration.ts';
import { type BenchOptions, DeskBench, MODEL, REVISION, START_MS } from './desk-bench.ts';
import { FailingScorer } from './failing-scorer.ts';
import { MODEL_ONLY, treeModel } from './tree-model.ts';

const CALL = 'call-1';

/** The rung of the window before the call, of the first card, and of its record; they must not contradict each other. */
async function rungOf(desk: DeskBench): Promise<Rung> {
  const before = (await desk.view()).engine.rung;
  await desk.begin(CALL);
  const card = await desk.showCard(CALL);
  const { engine } = await desk.view();
  const { rung, models } = DecisionRecord.parse(JSON.parse(desk.store.decisionRecord(card.decisionId)!));
  expect([before, engine.rung, card.rung]).toEqual([rung, rung, rung]);
  expect(models.length).toBe(rung === 'model' || rung === 'last-good-model' ? 1 : 0);
  return rung;
}

const wrong = (): ModelBundle =>
  demonstrationModel((manifest) => ({
    ...manifest,
    version: 2,
    golden: manifest.golden.map((golden) => ({ ...golden, propensity: golden.propensity * 0.9 })),
  }));

const bench = (more: BenchOptions): Promise<DeskBench> => DeskBench.open({ bundles: [{ revision: REVISION }], ...more });

describe('the rung', () => {
  test('is the starting propensity where no model was ever named, and where the policy wants none', async () => {
    await using none = await bench({});
    expect(await rungOf(none)).toBe('starting-propensity');
    const revision = demonstrationRevision((path, text) =>
      path === 'revision.yaml' ? text.replace('useModel: true', 'useModel: false') : text,
    );
    await using unwanted = await bench({ bundles: [{ revision }, { model: MODEL }] });
    expect(await rungOf(unwanted)).toBe('starting-propensity');
  });

  test('is rules only where the model named was refused and there is no earlier one, else the earlier one', async () => {
    await using refused = await bench({});
    expect(await refused.engine.install({ model: wrong() })).toMatchObject({ ok: false, words: expect.stringContaining('golden') });
    expect(await rungOf(refused)).toBe('rules-only');
    await using earlier = await bench({ bundles: [{ revision: REVISION }, { model: MODEL }] });
    expect(await earlier.engine.install({ model: wrong() })).toMatchObject({ ok: false });
    expect(await rungOf(earlier)).toBe('last-good-model');
  });

  test('is rules only from the end of the last day on which a model may be used', async () => {
    const model = demonstrationModel((manifest) => ({ ...manifest, validTo: new Date(START_MS).toISOString().slice(0, 10) }));
    const bundles = [{ revision: REVISION }, { model }];
    await using today = await bench({ bundles });
    expect(await rungOf(today)).toBe('model');
    await using tomorrow = await bench({ bundles, startMs: START_MS + 86_400_000 });
    tomorrow.engine.awake();
    expect((await tomorrow.view()).engine.rung).toBe('rules-only');
  });

  test('is rules only under a policy by which the model reads what no model may; that, and what is no field, is told once', async () => {
    const revision = demonstrationRevision((path, text) =>
      path === 'fields.yaml' ? text.replace(new RegExp(`(path: ${MODEL_ONLY[0]},.*kind: )\\w+`), '$1protected') : text,
    );
    await using forbidden = await bench({ bundles: [{ revision }, { model: treeModel() }] });
    expect(await rungOf(forbidden)).toBe('rules-only');
    expect(forbidden.logs.filter((line) => line.includes(`${MODEL_ONLY[0]}, which no model may read`))).toHaveLength(1);
    await using allowed = await bench({ bundles: [{ revision: REVISION }, { model: treeModel() }] });
    expect(await rungOf(allowed)).toBe('model');
    const gone = demonstrationRevision((path, text) =>
      path === 'fields.yaml' ? text.replaceAll(MODEL_ONLY[1], 'profile.mobileUse') : text,
    );
    await using unknown = await bench({ bundles: [{ revision: gone }, { model: treeModel() }] });
    expect(await rungOf(unknown)).toBe('model');
    expect(unknown.logs.filter((line) => line.includes(`${MODEL_ONLY[1]}, which is no field of this policy`))).toHaveLength(1);
    const [card] = (await unknown.view()).cards;
    const asked = { callId: CALL, decisionId: card!.decisionId, actionId: card!.actionId };
    const { verdict } = IPC['explain:verdict'].response.parse(await unknown.engine.request('explain:verdict', asked));
    expect(verdict?.contributions).toMatchObject({ exact: true });
  });

  test.each([
    ['failed', 'rules-only'],
    ['bad-output', 'rules-only'],
    ['late', 'starting-propensity'],
  ] as const)('of a decision whose model was %s is %s, and the model is back in the next', async (fails, rung) => {
    const scorer = new FailingScorer();
    await using desk = await bench({ bundles: [{ revision: REVISION }, { model: MODEL }], surroundings: { scorer } });
    await desk.begin(CALL);
    scorer.fails = fails;
    const card = await desk.showCard(CALL);
    expect(card.rung).toBe(rung);
    expect(desk.lines.at(-1)?.rung).toBe(rung);
    expect(RUNGS.indexOf(rung)).toBeGreaterThan(RUNGS.indexOf('last-good-model'));
    scorer.fails = null;
    await desk.answer(card, 'rejected');
    expect(desk.lines.at(-1)?.rung).toBe('model');
  });
});
