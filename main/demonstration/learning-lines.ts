/** What central learnt, told in a line whenever it published something, and added up for the result. */
import type { Central } from '#central/central.ts';
import type { LearntOverview } from '#contract/learning.ts';

export interface LearningResult {
  /** Published while it was watched. */
  readonly bases: number;
  /** In the last one of the agents' answers. */
  readonly responses: number;
  readonly positives: number;
  /** Propensities by the answers alone, first and last, of the actions whose own moved, the furthest first. */
  readonly moved: readonly { readonly actionId: string; readonly from: number; readonly to: number }[];
}

type Base = LearntOverview['bases'][number];

/** A movement smaller than this is not worth a word. */
const LEAST = 0.005;
const TOLD = 3;

export class LearningLines {
  readonly #onLine: (text: string) => void;
  readonly #stop: () => void;
  readonly #first = new Map<string, number>();
  #last: Base | null = null;
  #bases = 0;

  constructor(central: Pick<Central, 'onLearnt'>, onLine: (text: string) => void) {
    this.#onLine = onLine;
    this.#stop = central.onLearnt((overview) => this.#heard(overview));
  }

  /** Watches no more. */
  stop(): LearningResult {
    this.#stop();
    return {
      bases: this.#bases,
      responses: this.#last?.responses ?? 0,
      positives: this.#last?.positives ?? 0,
      moved: this.#movedSince(this.#first),
    };
  }

  #heard({ bases }: LearntOverview): void {
    const base = bases.find(({ reward }) => reward === 'agent');
    if (base === undefined || base.hash === this.#last?.hash) return;
    const before = new Map(this.#last?.actions.map(({ id, propensity }) => [id, propensity]));
    this.#last = base;
    this.#bases += 1;
    for (const { id, propensity } of base.actions) if (!this.#first.has(id)) this.#first.set(id, propensity);
    const moved = this.#movedSince(before)
      .slice(0, TOLD)
      .map(({ actionId, from, to }) => `${actionId} ${from.toFixed(2)} → ${to.toFixed(2)}`);
    const what = moved.length === 0 ? '' : `: ${moved.join(', ')}`;
    this.#onLine(`Learnt from ${base.responses} answers, ${base.positives} of them yes${what}.`);
  }

  #movedSince(before: ReadonlyMap<string, number>): LearningResult['moved'] {
    return (this.#last?.actions ?? [])
      .flatMap(({ id, propensity: to }) => {
        const from = before.get(id);
        return from === undefined || Math.abs(to - from) < LEAST ? [] : [{ actionId: id, from, to }];
      })
      .toSorted((a, b) => Math.abs(b.to - b.from) - Math.abs(a.to - a.from));
  }
}
