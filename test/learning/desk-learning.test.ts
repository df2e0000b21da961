import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '#core';
import { DeskLearning, type LearningBase, OutcomeReplay, type OwnResponse } from '#learning';
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
  place: { epoch: 1, seq: Math.floor(at / 4) + 1 },
}));
const others = ALL.filter((_, at) => at % 4 !== 0);
const own = ALL.filter((_, at) => at % 4 === 0);
const plain = ({ place: _place, ...response }: OwnResponse) => response;
const baseOf = (responses: readonly OwnResponse[], seq: number): LearningBase => {
  const replay = new OutcomeReplay(SHAPE);
  replay.add(responses.map(plain));
  const state = replay.model().state();
  return { state, hash: sha256(new TextEncoder().encode(canonicalJson(state))), covers: { epoch: 1, seq } };
};
const FIRST = baseOf(others.slice(0, 150), 0);
const asked = { action: ['web', 'a1'], features: ['yes', '0.5', 'v1'] };

describe('learning at a desk', () => {
  it('adds what happened there to the base, in whatever order it is told, under an address that names both', () => {
    const [one, other] = [new DeskLearning(FIRST, sha256), new DeskLearning(FIRST, sha256)];
    for (const response of own.slice(0, 30)) one.note(response);
    for (const response of own.slice(0, 30).toReversed()) other.note(response);
    other.note(own[3] ?? own[0]!);
    expect(other.now().address).toBe(one.now().address);
    expect(other.now().propensity(asked.action, asked.features)).toBe(one.now().propensity(asked.action, asked.features));
    expect(one.now().own).toBe(30);
    const without = new DeskLearning(FIRST, sha256);
    expect(without.now().address).not.toBe(one.now().address);
    expect(without.now().propensity(asked.action, asked.features)).not.toBe(one.now().propensity(asked.action, asked.features));
  });

  it('does not move during a call, whatever comes in, and does after it', () => {
    const desk = new DeskLearning(FIRST, sha256);
    const before = desk.during('call-1');
    const said = before.propensity(asked.action, asked.features);
    for (const response of own.slice(0, 40)) desk.note(response);
    expect(desk.install(baseOf(ALL.slice(0, 200), 10))).toBe(true);
    expect(desk.during('call-1').address).toBe(before.address);
    expect(desk.during('call-1').propensity(asked.action, asked.features)).toBe(said);
    expect(desk.during('call-2').address).not.toBe(before.address);
    desk.ended('call-1');
    expect(desk.during('call-1').address).toBe(desk.during('call-2').address);
  });

  it('drops what a base covers, and only that: with all of it covered the desk is the base', () => {
    const desk = new DeskLearning(FIRST, sha256);
    for (const response of own.slice(0, 40)) desk.note(response);
    const half = baseOf(ALL.slice(0, 100), 25);
    expect(desk.install(half)).toBe(true);
    expect(desk.own.map(({ place }) => place.seq)).toEqual(own.slice(25, 40).map(({ place }) => place.seq));
    // What was dropped does not come back when it is told again.
    desk.note(own[2] ?? own[0]!);
    expect(desk.own).toHaveLength(15);
    const whole = baseOf(ALL, 100);
    expect(desk.install(whole)).toBe(true);
    expect(desk.own).toEqual([]);
    expect(desk.now().propensity(asked.action, asked.features)).toBe(
      new DeskLearning(whole, sha256).now().propensity(asked.action, asked.features),
    );
    expect(desk.install(half)).toBe(false);
    expect(desk.now().base).toBe(whole.hash);
  });

  it('takes no base that is not what its hash says', () => {
    const changed = { ...FIRST, state: { ...FIRST.state, positives: FIRST.state.positives + 1 } };
    expect(() => new DeskLearning(changed, sha256)).toThrow(/fetch it again/);
    const desk = new DeskLearning(FIRST, sha256);
    expect(() => desk.install(changed)).toThrow(RangeError);
    expect(desk.now().base).toBe(FIRST.hash);
  });
});
