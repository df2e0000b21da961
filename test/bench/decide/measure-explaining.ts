/** How long it takes to decide again and say what became of one action, and what would have changed it. */
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

/** Any action of any customer: every field is in the customer's hand, and the model reads them all. */
export function measureWhatIf(ours: SottoDecider, actions: number, count: number): BenchResult['whatIf'] {
  const random = mulberry32(5);
  const taken: number[] = [];
  const reruns: number[] = [];
  let found = 0;
  for (let i = 0; i < count * 2; i++) {
    const profile = Math.floor(random() * ours.profiles);
    const action = Math.floor(random() * actions);
    const beganAtMs = performance.now();
    const answer = ours.whatIf(profile, action);
    const endedAtMs = performance.now();
    if (i < count) continue;
    taken.push(endedAtMs - beganAtMs);
    reruns.push(answer.reruns);
    if (answer.found.length > 0) found++;
  }
  if (Math.max(...reruns) === 0) throw new Error('nothing was ever decided again in search of what would have changed it');
  taken.sort((a, b) => a - b);
  reruns.sort((a, b) => a - b);
  return {
    p50Ms: short(share(taken, 0.5)),
    p99Ms: short(share(taken, 0.99)),
    worstMs: short(taken.at(-1) ?? 0),
    reruns: { p50: share(reruns, 0.5), most: reruns.at(-1) ?? 0 },
    foundShare: short(found / count),
  };
}
