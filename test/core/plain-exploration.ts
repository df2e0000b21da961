/** Exploration by going through everything that chance could have done, to hold the closed form against. */
import { plainDraw } from './plain-sticky-share.ts';

export interface PlainRunner {
  readonly id: string;
  readonly priority: number;
  /** Of calls on which it is tried. */
  readonly share: number;
  readonly isHere: boolean;
  readonly isSignificant: boolean;
  readonly isFallback: boolean;
  /** Nothing but its rank keeps it off the screen. */
  readonly isShowable: boolean;
}

export interface PlainExplored {
  readonly favoured: string | null;
  /** Before it in rank, and there. */
  readonly passedOver: readonly string[];
  readonly probability: number;
}

/** Runners by rank. */
export function explorePlainly(
  runners: readonly PlainRunner[],
  { candidates, gamma }: { readonly candidates: number; readonly gamma: number },
  control: { readonly share: number; readonly isIn: boolean },
  seed: number,
): PlainExplored {
  const chances = (present: readonly PlainRunner[]): readonly (readonly [string, number])[] => {
    const showable = present.filter((one) => one.isShowable && (!one.isFallback || present.every(({ isFallback }) => isFallback)));
    const [first, ...others] = showable;
    if (first === undefined) return [['', 1]];
    const arms = first.isSignificant ? [] : others.filter((one) => !one.isSignificant).slice(0, candidates - 1);
    const beside = arms.map((one) => {
      const gap = first.priority > 0 ? 1 - one.priority / first.priority : 0;
      return [one.id, 1 / (candidates + gamma * gap)] as const;
    });
    return [...beside, [first.id, 1 - beside.reduce((sum, [, chance]) => sum + chance, 0)]];
  };
  const total = new Map<string, number>([['', control.share]]);
  const go = (rest: readonly PlainRunner[], present: readonly PlainRunner[], weight: number): void => {
    const [next, ...after] = rest;
    if (weight === 0) return;
    if (next === undefined) {
      for (const [id, chance] of chances(present)) total.set(id, (total.get(id) ?? 0) + weight * chance);
      return;
    }
    go(after, [...present, next], weight * next.share);
    go(after, present, weight * (1 - next.share));
  };
  go(runners, [], 1 - control.share);
  let drawn = plainDraw(seed);
  let chosen = '';
  if (!control.isIn) {
    for (const [id, chance] of chances(runners.filter(({ isHere }) => isHere))) {
      chosen = id;
      if (drawn < chance) break;
      drawn -= chance;
    }
  }
  const here = runners.filter(({ isHere, isShowable }) => isHere && isShowable);
  const favoured = runners.find(({ id }) => id === chosen);
  return {
    favoured: favoured?.id ?? null,
    passedOver:
      favoured === undefined
        ? []
        : here.slice(0, here.indexOf(favoured)).flatMap(({ id, isFallback }) => (isFallback === favoured.isFallback ? [id] : [])),
    probability: total.get(chosen) ?? 0,
  };
}
