import { describe, expect, test } from 'vitest';
import { DECISION_STEPS, type DecisionStep, type TimingView } from '#contract/desk.ts';
import { IPC } from '#contract/ipc.ts';
import { DecisionTimes } from '../../engine/decision-times.ts';
import { DeskBench } from './desk-bench.ts';

const CALL = 'call-1';
const NOW_MS = Date.UTC(2026, 2, 3);
const step = ({ steps }: TimingView, name: DecisionStep): TimingView['steps'][number] => steps.find((one) => one.step === name)!;

/** A decision whose steps take the times given, each after the other from `startMs`. */
function decide(
  times: DecisionTimes,
  decisionId: string,
  [filter, score, arbitrate, save]: readonly [number, number, number, number],
): number {
  const filteredMs = 1_000 + filter;
  const scoredMs = filteredMs + score;
  const arbitratedMs = scoredMs + arbitrate;
  const savedMs = arbitratedMs + save;
  times.decided({ decisionId, nowMs: NOW_MS }, 'model', { startMs: 1_000, filteredMs, scoredMs, arbitratedMs, savedMs });
  return savedMs;
}

const timingOf = async (desk: DeskBench): Promise<TimingView> =>
  IPC['desk:timing'].response.parse(await desk.engine.request('desk:timing', {}));

describe('how long the steps of a decision take', () => {
  test('is told of the last one exactly and of all by percentiles right to 5 %, from a microsecond to a minute', () => {
    const times = new DecisionTimes();
    for (const scale of [0.002, 0.05, 1, 40, 60_000]) {
      const one = new DecisionTimes();
      for (let decision = 1; decision <= 1_000; decision += 1) decide(one, `d-${decision}`, [(decision * scale) / 1_000, 0, 0, scale]);
      const { p50Ms, p99Ms, lastMs } = step(one.view(), 'filter');
      expect(lastMs).toBeCloseTo(scale, 6);
      expect(Math.abs(p50Ms! / (0.5 * scale) - 1)).toBeLessThan(0.05);
      expect(Math.abs(p99Ms! / (0.99 * scale) - 1)).toBeLessThan(0.05);
    }
    expect(times.view()).toEqual({
      decisions: 0,
      rungs: {},
      last: null,
      steps: DECISION_STEPS.map((name) => ({ step: name, lastMs: null, p50Ms: null, p99Ms: null })),
    });
  });

  test('counts how often which rung was stood on', () => {
    const times = new DecisionTimes();
    const at = { startMs: 0, filteredMs: 0, scoredMs: 0, arbitratedMs: 0, savedMs: 0 };
    for (const rung of ['model', 'model', 'starting-propensity', 'refrain'] as const)
      times.decided({ decisionId: rung, nowMs: NOW_MS }, rung, at);
    expect(times.view()).toMatchObject({
      decisions: 4,
      rungs: { model: 2, 'starting-propensity': 1, refrain: 1 },
      last: { atMs: NOW_MS, rung: 'refrain' },
    });
  });

  test('a card counts with the decision that put it up, once, also when another decision followed before it was painted', () => {
    const times = new DecisionTimes();
    const savedMs = decide(times, 'shows', [1, 1, 1, 1]);
    times.painted('shows', savedMs + 16);
    times.painted('shows', savedMs + 900);
    expect(step(times.view(), 'paint').lastMs).toBe(16);
    expect(step(times.view(), 'paint').p99Ms).toBeLessThan(17);
    const laterMs = decide(times, 'shows-too', [1, 1, 1, 1]);
    decide(times, 'repeats', [1, 1, 1, 1]);
    times.painted('shows-too', laterMs + 64);
    times.painted('nobody-knows', laterMs + 9_000);
    expect(step(times.view(), 'paint')).toMatchObject({ lastMs: null });
    expect(step(times.view(), 'paint').p99Ms).toBeGreaterThan(60);
    expect(step(times.view(), 'paint').p99Ms).toBeLessThan(70);
  });

  test('a clock of the window that is a little behind takes no time at all, never less', () => {
    const times = new DecisionTimes();
    times.painted('shows', decide(times, 'shows', [0, 0, 0, 0]) - 2);
    expect(IPC['desk:timing'].response.parse(times.view()).steps.map(({ lastMs }) => lastMs)).toEqual([0, 0, 0, 0, 0]);
  });
});

test('a desk tells how long its decisions took and what they stood on, and no record of them does', async () => {
  await using desk = await DeskBench.open();
  expect(await timingOf(desk)).toMatchObject({ decisions: 0, last: null });
  await desk.begin(CALL);
  const card = await desk.showCard(CALL);
  const before = await timingOf(desk);
  expect(before.decisions).toBeGreaterThan(1);
  expect(Object.values(before.rungs).reduce((sum, count) => sum + count, 0)).toBe(before.decisions);
  expect(before.last).toMatchObject({ rung: card.rung });
  for (const name of ['filter', 'score', 'arbitrate', 'save'] as const) {
    expect(step(before, name).lastMs, name).toBeGreaterThan(0);
    expect(step(before, name).p99Ms, name).toBeGreaterThanOrEqual(step(before, name).p50Ms! * 0.95);
  }
  const { decisionId, actionId } = card;
  const atMs = performance.timeOrigin + performance.now();
  await desk.engine.request('card:painted', { decisionId, actionId, atMs, visible: true });
  expect(step(await timingOf(desk), 'paint').p50Ms).toBeGreaterThan(0);
  const record = desk.store.decisionRecord(decisionId) ?? '';
  expect(record).toContain('"rung"');
  expect(record).not.toMatch(/filterMs|scoreMs|saveMs|lastMs|p50|p99|micros|paint/);
});
