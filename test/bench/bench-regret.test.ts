/** The exploration benchmark on the real sets, small: that it works, and that exploring beats chance. */
import { describe, expect, it } from 'vitest';
import { hasRecorded, RECORDED } from '../cli/recorded-data.ts';
import { runSotto } from '../cli/run-sotto.ts';

describe.skipIf(!hasRecorded('open-bandit', 'pega-sample', 'star'))('sotto bench regret', () => {
  it('measures every way to explore on every set', async () => {
    const { code, out, err } = await runSotto(['bench', 'regret', '--quick', '--json', '--data', RECORDED]);
    expect(code, err).toBe(0);
    const { sets } = JSON.parse(out) as { sets: Record<string, { regret: Record<string, { mean: number }> }> };
    expect(Object.keys(sets)).toEqual(['open-bandit', 'offers', 'next-actions']);
    for (const { regret } of Object.values(sets)) {
      expect(Object.keys(regret)).toEqual(['squareCb', 'epsilonGreedy', 'thompson', 'greedy', 'uniform']);
      expect(regret['squareCb']?.mean ?? Infinity).toBeLessThan(regret['uniform']?.mean ?? 0);
    }
  });
});
