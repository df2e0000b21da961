/** How long it takes to decide again and say what became of one action. */
import { share } from './interleave.ts';
import { mulberry32 } from './mulberry32.ts';
import { type BenchResult, short } from './result.ts';
import type { SottoDecider } from './sotto-decider.ts';

export function measureExplaining(ours: SottoDecider, actions: number, count: number): BenchResult['explain'] {
  const random = mulberry32(3);
  const taken: number[] = [];
  for (let i = 0; i < count * 2; i++) {
    const profile = Math.floor(random() * ours.profiles);
    const action = Math.floor(random() * actions);
    const beganAtMs = performance.now();
    const { actionId } = ours.explain(profile, action);
    const endedAtMs = performance.now();
    if (actionId !== `a${action}`) throw new Error(`a${action} was asked about, ${actionId} was explained`);
    if (i >= count) taken.push(endedAtMs - beganAtMs);
  }
  taken.sort((a, b) => a - b);
  return { p50Ms: short(share(taken, 0.5)), p99Ms: short(share(taken, 0.99)) };
}
