/** What the engine is given and whom it tells. */
import type { DeskChange } from '#contract/desk.ts';
import type { DecisionLine } from '#contract/engine-port.ts';
import type { ExperienceLevel } from '#contract/policy.ts';
import type { Clock } from '#ports/clock.ts';
import type { Link } from '#ports/link.ts';
import type { Randomness, Sha256 } from '#ports/randomness.ts';
import type { Scorer } from '#ports/scorer.ts';
import type { Store } from '#ports/store.ts';

export interface Surroundings {
  readonly store: Store;
  readonly scorer: Scorer;
  /** Null: no central; events are handed over by `deliver`. */
  readonly link: Link | null;
  readonly clock: Clock;
  readonly random: Randomness;
  readonly sha256: Sha256;
  /** SHA-256 of the bundled core, as every record names it. */
  readonly coreHash: string;
  readonly deviceId: string;
  readonly agent: { readonly id: string; readonly name: string; readonly level: ExperienceLevel; readonly language: string };
  readonly demonstration: boolean;
}

/** Called from inside turns: must not throw and must not wait. */
export interface Listeners {
  /** Null: nobody watches, no views are built. */
  readonly onChange: ((change: DeskChange) => void) | null;
  onDecision(line: DecisionLine): void;
  onMeasured(samples: { readonly eventToCardMs: readonly number[]; readonly acceptToSavedMs: readonly number[] }): void;
  onLog(level: 'info' | 'warn' | 'error', text: string): void;
  onTokenWanted(): void;
  /** The store can no longer be trusted: the engine must be closed and started again. */
  onBroken(words: string): void;
}
