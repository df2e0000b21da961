import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '#core';
import { DeskLearning, type LearningBase, logistic, OutcomeReplay, type OwnResponse } from '#learning';
import { simulatedShape, simulatedStream } from './simulated-stream.ts';

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const SETTINGS = { rows: 400, seed: 11, effect: 1, noise: 2 };
const SHAPE = simulatedShape(SETTINGS);
const ALL: readonly OwnResponse[] = simulatedStream(SETTINGS).map(({ action, features, isPositive }, at) => ({
  id: `r${at}`,
  occurredAtMs: 1_000 + at,
  action,
  features,
  isPositive,
  // Every fourth is of this desk.
  clock: Math.floor(at / 4) + 1,
}));
const others = ALL.filter((_, at) => at % 4 !== 0);
const own = ALL.filter((_, at) => at % 4 === 0);
const plain = ({ clock: _clock, ...response }: OwnResponse) => response;
const baseOf = (responses: readonly OwnResponse[], covers: number): LearningBase => {
  const replay = new OutcomeReplay(SHAPE);
  replay.add(responses.map(plain));
  const state = replay.model().state();
  return { name: `base ${responses.length}`, state, hash: sha256(new TextEncoder().encode(canonicalJson(state))), covers };
};
const FIRST = baseOf(others.slice(0, 150), 0);
const asked = { action: ['web', 'a1'], features: ['yes', '0.5', 'v1'] };

describe('learning at a desk', () => {
  it('adds what happened there to the base, in whatever order it is told, under an address that names both', () => {
    const [one, other] = [new DeskLearning(FIRST, sha256), new DeskLearning(FIRST, sha256)];
    one.tell(own.slice(0, 30));
    other.tell(own.slice(0, 20));
    other.tell(own.slice(0, 30).toReversed());
    expect(other.now().address).toBe(one.now().address);
    expect(other.now().propensity(asked.action, asked.features)).toBe(one.now().propensity(asked.action, asked.features));
    expect(one.now().own.reduce((sum, { responses }) => sum + responses, 0)).toBe(30);
    const without = new DeskLearning(FIRST, sha256);
    expect(without.now().address).not.toBe(one.now().address);
    expect(without.now().propensity(asked.action, asked.features)).not.toBe(one.now().propensity(asked.action, asked.features));
  });

  it('does not move during a call, whatever comes in, and does after it', () => {
    const desk = new DeskLearning(FIRST, sha256);
    const before = desk.during('call-1');
    const said = before.propensity(asked.action, asked.features);
    desk.tell(own.slice(0, 40));
    expect(desk.install(baseOf(ALL.slice(0, 200), 10))).toBe(true);
    expect(desk.during('call-1').address).toBe(before.address);
    expect(desk.during('call-1').propensity(asked.action, asked.features)).toBe(said);
    expect(desk.during('call-2').address).not.toBe(before.address);
    desk.forget();
    expect(desk.during('call-1').address).toBe(desk.during('call-2').address);
  });

  it('goes on with a call after a restart on the model the address names, and not where that cannot be had', () => {
    const desk = new DeskLearning(FIRST, sha256);
    desk.tell(own.slice(0, 12));
    const before = desk.during('call-1');
    const again = new DeskLearning(baseOf(ALL.slice(0, 200), 10), sha256);
    expect(again.goOn('call-1', FIRST, before.address, own.slice(0, 40))).toBe(true);
    expect(again.during('call-1').address).toBe(before.address);
    expect(again.during('call-1').propensity(asked.action, asked.features)).toBe(before.propensity(asked.action, asked.features));
    expect(again.goOn('call-2', FIRST, null, own)).toBe(true);
    expect(again.during('call-2').own).toEqual([]);
    expect(again.goOn('call-3', FIRST, before.address, own.slice(1, 40))).toBe(false);
    expect(again.isFrozen('call-3')).toBe(false);
  });

  it('drops what a base covers, and only that: with all of it covered the desk is the base', () => {
    const desk = new DeskLearning(FIRST, sha256);
    desk.tell(own.slice(0, 40));
    const half = baseOf(ALL.slice(0, 100), 25);
    expect(desk.install(half)).toBe(true);
    expect(desk.own.map(({ clock }) => clock)).toEqual(own.slice(25, 40).map(({ clock }) => clock));
    const whole = baseOf(ALL, 100);
    expect(desk.install(whole)).toBe(true);
    expect(desk.own).toEqual([]);
    expect(desk.now().propensity(asked.action, asked.features)).toBe(
      new DeskLearning(whole, sha256).now().propensity(asked.action, asked.features),
    );
    expect(desk.install(half)).toBe(false);
    expect(desk.now().base).toBe(whole.name);
  });

  it('takes no base that is not what its hash says', () => {
    const changed = { ...FIRST, state: { ...FIRST.state, positives: FIRST.state.positives + 1 } };
    expect(() => new DeskLearning(changed, sha256)).toThrow(/fetch it again/);
    const desk = new DeskLearning(FIRST, sha256);
    expect(() => desk.install(changed)).toThrow(RangeError);
    expect(desk.now().base).toBe(FIRST.name);
  });

  it('takes a propensity apart into what the action and each feature add, exactly', () => {
    const desk = new DeskLearning(FIRST, sha256);
    desk.tell(own);
    let features = 0;
    for (const { action, features: cells } of ALL.slice(0, 60)) {
      const { base, action: ofAction, features: ofFeatures } = desk.now().apart(action, cells);
      const sum = ofFeatures.reduce((total, part) => total + part, base + ofAction);
      expect(logistic(sum)).toBeCloseTo(desk.now().propensity(action, cells), 12);
      expect(ofFeatures).toHaveLength(SHAPE.features.length);
      if (ofFeatures.some((part) => Math.abs(part) > 0.01)) features += 1;
    }
    expect(features).toBeGreaterThan(10);
  });
});
