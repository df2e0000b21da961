import { describe, expect, it } from 'vitest';
import { AdaptiveState } from '#contract/model.ts';
import { canonicalJson } from '#core';
import { AdaptiveModel, measureQuality, ProgressiveValidation } from '#learning';
import { type SimulatedResponse, simulatedShape, simulatedStream, type StreamSettings } from './simulated-stream.ts';

const PLAIN: StreamSettings = { rows: 6_000, seed: 1, effect: 0, noise: 20 };

/** What the model said of each response before it learnt from it. */
const saidOf = (settings: StreamSettings, stream: readonly SimulatedResponse[], looksAtFeatures: boolean): number[] => {
  const { action, features } = simulatedShape(settings);
  const model = new AdaptiveModel({ action, features: looksAtFeatures ? features : [] });
  return stream.map((response) => model.learn(response.action, looksAtFeatures ? response.features : [], response.isPositive));
};
const logLossOf = (said: readonly number[], stream: readonly SimulatedResponse[]): number =>
  measureQuality(
    said,
    stream.map(({ isPositive }) => (isPositive ? 1 : 0)),
  ).logLoss;
const truthLoss = (stream: readonly SimulatedResponse[]): number =>
  logLossOf(
    stream.map(({ truth }) => truth),
    stream,
  );

describe('an adaptive model', () => {
  it('does not lose to the plain rate when no feature means anything', () => {
    for (const seed of [1, 2, 3]) {
      const settings = { ...PLAIN, seed };
      const stream = simulatedStream(settings);
      const rich = logLossOf(saidOf(settings, stream, true), stream);
      const plain = logLossOf(saidOf(settings, stream, false), stream);
      expect(rich).toBeLessThan(plain + 0.0005);
      // And the plain rate itself is worth something: an action's own rate is within reach of the truth.
      expect(plain).toBeLessThan(truthLoss(stream) + 0.012);
    }
  });

  it('uses a feature that means something', () => {
    const settings = { ...PLAIN, effect: 1.2 };
    const stream = simulatedStream(settings);
    const rich = logLossOf(saidOf(settings, stream, true), stream);
    expect(rich).toBeLessThan(logLossOf(saidOf(settings, stream, false), stream) - 0.04);
    expect(rich).toBeLessThan(truthLoss(stream) + 0.03);
  });

  it('follows a rate that jumps within some hundred responses', () => {
    const settings = { ...PLAIN, jump: 2.5 };
    const stream = simulatedStream(settings);
    const said = saidOf(settings, stream, true);
    const from = PLAIN.rows / 2 + 300;
    const after = stream.slice(from);
    expect(logLossOf(said.slice(from), after)).toBeLessThan(truthLoss(after) + 0.03);
  });

  it('says of a response what it said of it before learning, and never knows what comes later', () => {
    const settings = { ...PLAIN, rows: 800, effect: 1 };
    const stream = simulatedStream(settings);
    const model = new AdaptiveModel(simulatedShape(settings));
    const other = new AdaptiveModel(simulatedShape(settings));
    for (const [at, { action, features, isPositive }] of stream.entries()) {
      const asked = model.propensity(action, features);
      expect(model.learn(action, features, isPositive)).toBe(asked);
      // Another future from the middle on changes nothing said before it.
      const isTurned = at >= 400 ? !isPositive : isPositive;
      const said = other.learn(action, features, isTurned);
      if (at <= 400) expect(said).toBe(asked);
      else if (at > 500) expect(said).not.toBe(asked);
    }
  });

  it('is not changed by being asked', () => {
    const settings = { ...PLAIN, rows: 300 };
    const model = new AdaptiveModel(simulatedShape(settings));
    for (const { action, features, isPositive } of simulatedStream(settings)) model.learn(action, features, isPositive);
    const before = canonicalJson(model.state());
    model.propensity(['fax', 'unheard of'], ['maybe', '', 'new', '1e5']);
    model.propensity(['web', 'a1'], simulatedStream({ ...settings, seed: 9 })[0]?.features ?? []);
    expect(canonicalJson(model.state())).toBe(before);
  });

  it('goes on from its state as if it had never stopped', () => {
    const settings = { ...PLAIN, rows: 1_200, effect: 1 };
    const stream = simulatedStream(settings);
    const model = new AdaptiveModel(simulatedShape(settings));
    let resumed: AdaptiveModel | null = null;
    for (const [at, { action, features, isPositive }] of stream.entries()) {
      if (at === 700)
        resumed = new AdaptiveModel({ action: [], features: [] }, AdaptiveState.parse(JSON.parse(canonicalJson(model.state()))));
      const said = model.learn(action, features, isPositive);
      if (resumed !== null) expect(resumed.learn(action, features, isPositive)).toBe(said);
    }
    expect(canonicalJson(resumed?.state())).toBe(canonicalJson(model.state()));
  });

  it('knows what it has seen of an action', () => {
    const model = new AdaptiveModel({ action: ['channel', 'name'], features: [] });
    for (let at = 0; at < 10; at++) model.learn(['web', 'a'], [], at < 3);
    expect(model.evidence(['web', 'a'])).toEqual({ responses: 10, positives: 3 });
    expect(model.evidence(['web', 'b'])).toEqual({ responses: 0, positives: 0 });
  });

  it('gives a propensity whatever stands in the cells', () => {
    const features = ['constant', 'empty', 'broken', 'huge', 'name', 'mixed'];
    const model = new AdaptiveModel({ action: ['name'], features });
    const odd = [Number.NaN, Infinity, -Infinity, 1e308, -1e308, 1e-320, '1e308', 'NaN', '', null, true, '𝕏', '__proto__'] as const;
    for (let at = 0; at < 3_000; at++) {
      const cells = ['same', '', odd[at % odd.length] ?? null, at % 2 === 0 ? 1e99 : -1e99, `id-${at}`, at % 3 === 0 ? at : 'text'];
      const said = model.learn([at % 50 === 0 ? null : `a${at % 3}`], cells, at % 7 === 0);
      expect(said).toBeGreaterThan(0);
      expect(said).toBeLessThan(1);
    }
    expect(AdaptiveState.safeParse(JSON.parse(canonicalJson(model.state()))).success).toBe(true);
  });
});

describe('progressive validation', () => {
  it('measures what was said before each outcome, and the last fifth apart', () => {
    const settings = { ...PLAIN, rows: 2_000, effect: 1, jump: 1 };
    const stream = simulatedStream(settings);
    const validation = new ProgressiveValidation(simulatedShape(settings));
    const said = stream.map(({ action, features, isPositive }) => validation.take(action, features, isPositive));
    expect(said).toEqual(saidOf(settings, stream, true));
    const progress = validation.progress();
    expect(progress?.n).toBe(2_000);
    expect(progress?.logLoss).toBe(logLossOf(said, stream));
    expect(progress?.last20?.logLoss).toBe(logLossOf(said.slice(1_600), stream.slice(1_600)));
  });

  it('has nothing to say where only one kind of outcome came', () => {
    const validation = new ProgressiveValidation({ action: [], features: ['x'] });
    for (let at = 0; at < 20; at++) validation.take([], [String(at)], false);
    expect(validation.progress()).toBeNull();
  });
});
