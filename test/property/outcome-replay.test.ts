import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '#core';
import { AdaptiveModel, type LearningResponse, OutcomeReplay } from '#learning';
import { simulatedShape, simulatedStream } from '#test/learning/simulated-stream.ts';

const SETTINGS = { rows: 120, seed: 7, effect: 1, noise: 3 };
const SHAPE = simulatedShape(SETTINGS);
/** Three happen in the same millisecond, so that their ids decide. */
const LOG: readonly LearningResponse[] = simulatedStream(SETTINGS).map(({ action, features, isPositive }, at) => ({
  id: `r${(at * 37) % 120}`,
  occurredAtMs: 1_000 + Math.floor(at / 3),
  action,
  features,
  isPositive,
}));

const inOrder = LOG.toSorted((a, b) => a.occurredAtMs - b.occurredAtMs || (a.id < b.id ? -1 : 1));
const wanted = (): string => {
  const model = new AdaptiveModel(SHAPE);
  for (const { action, features, isPositive } of inOrder) model.learn(action, features, isPositive);
  return canonicalJson(model.state());
};

/** Any order, cut into any batches, some of it sent twice. */
const arrivals = fc
  .tuple(
    fc.shuffledSubarray([...LOG.keys()], { minLength: LOG.length, maxLength: LOG.length }),
    fc.array(fc.nat(LOG.length - 1), { maxLength: 20 }),
    fc.array(fc.nat(LOG.length + 20), { maxLength: 8 }),
  )
  .map(([order, again, cuts]) => {
    const sent = [...order, ...again].map((at) => LOG[at] as LearningResponse);
    const bounds = [0, ...cuts.toSorted((a, b) => a - b).map((cut) => Math.min(cut, sent.length)), sent.length];
    return bounds.slice(1).map((to, at) => sent.slice(bounds[at], to));
  });

describe('learning from a log that arrives in any order', () => {
  it('comes to the same bytes for any order, any batches and anything sent twice, with learning in between', () => {
    const bytes = wanted();
    fc.assert(
      fc.property(arrivals, (batches) => {
        const replay = new OutcomeReplay(SHAPE, 16);
        for (const batch of batches) {
          replay.add(batch);
          replay.model();
        }
        expect(canonicalJson(replay.model().state())).toBe(bytes);
      }),
      { numRuns: 25 },
    );
  });

  it('two responses with one id count once, and which of them does not depend on which came first', () => {
    const first = LOG[5] as LearningResponse;
    const other = { ...first, occurredAtMs: first.occurredAtMs + 50, isPositive: !first.isPositive };
    const bytes = [
      [first, other],
      [other, first],
    ].map((pair) => {
      const replay = new OutcomeReplay(SHAPE, 16);
      replay.add(LOG.filter(({ id }) => id !== first.id));
      for (const response of pair) {
        replay.add([response]);
        expect(replay.model().responses).toBe(LOG.length);
      }
      return canonicalJson(replay.model().state());
    });
    expect(bytes[0]).toBe(bytes[1]);
  });

  it('learning in the order of arrival would not come to the same (the check can fail)', () => {
    const model = new AdaptiveModel(SHAPE);
    for (const { action, features, isPositive } of LOG.toReversed()) model.learn(action, features, isPositive);
    expect(canonicalJson(model.state())).not.toBe(wanted());
  });
});
