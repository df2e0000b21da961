import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { solveLever } from '#policy';

/** Per decision the least lever that wins it; above the most there is: never. */
const game = fc.record({
  least: fc.array(fc.integer({ min: 0, max: 80 }), { minLength: 1, maxLength: 40 }),
  target: fc.double({ min: 0.01, max: 1, noNaN: true }),
});
const MOST = 60;

describe('the least lever that wins a share of decisions', () => {
  it('is what trying every lever finds; where none reaches the share, the largest share and the least lever for it', () => {
    const kinds = { found: 0, none: 0 };
    fc.assert(
      fc.property(game, ({ least, target }) => {
        const shareAt = (points: number): number => least.filter((one) => one <= points).length / least.length;
        const answer = solveLever({ decisions: least.length, target, mostPoints: MOST, isWon: (i, points) => least[i]! <= points });
        kinds[answer.kind]++;
        const wanted = answer.kind === 'found' ? target : shareAt(MOST);
        const points = Array.from({ length: MOST + 1 }, (_, one) => one).find((one) => shareAt(one) >= wanted - 1e-9);
        expect(answer).toEqual({ kind: shareAt(MOST) >= target ? 'found' : 'none', points, share: shareAt(points!) });
      }),
      { numRuns: 2_000, seed: 61 },
    );
    expect(Math.min(kinds.found, kinds.none)).toBeGreaterThan(100);
  });

  it('asks again only what is still open', () => {
    let asked = 0;
    const isWon = (i: number, points: number): boolean => {
      asked++;
      return points >= (i % 100) * 30;
    };
    expect(solveLever({ decisions: 1_000, target: 0.5, mostPoints: 3_100, isWon })).toEqual({ kind: 'found', points: 1_470, share: 0.5 });
    expect(asked).toBeLessThan(1_000 * 4);
  });

  it('is not asked for of no decision', () => {
    expect(() => solveLever({ decisions: 0, target: 0.5, mostPoints: 10, isWon: () => true })).toThrow(RangeError);
  });
});
