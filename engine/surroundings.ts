/** What the engine is given, whom it tells, and what it does. */
import type { DeskChange, EngineTrouble } from '#contract/desk.ts';
import type { DecisionLine } from '#contract/engine-port.ts';
import type { CallOffset, DataOrder } from '#contract/live.ts';
import type { ServedBundle } from '#contract/served-bundle.ts';
import type { ExperienceLevel, RevisionBundle } from '#contract/policy.ts';
import type { Clock } from '#ports/clock.ts';
import type { Link, Tokens } from '#ports/link.ts';
import type { Randomness, Sha256 } from '#ports/randomness.ts';
import type { Scorer } from '#ports/scorer.ts';
import type { Store } from '#ports/store.ts';
import type { TextScorer } from '#ports/text-scorer.ts';
import type { BundleTrust } from './bundle-trust.ts';
import type { Taken } from './intake.ts';

export interface StoreNotice {
  readonly reason: EngineTrouble;
  readonly words: string;
}

export interface Surroundings {
  readonly store: Store;
  readonly scorer: Scorer;
  /** Runs the challenger beside it; left out, none is loaded. */
  readonly challengerScorer?: Scorer;
  /** Tells what sentences are about; left out, phrases are all there is. */
  readonly textScorer?: TextScorer;
  /** A score that takes longer comes too late for its decision; 20 where it is left out. */
  readonly scoreWithinMs?: number;
  /** Null: no central; events are handed over by `deliver`. */
  readonly link: Link | null;
  readonly clock: Clock;
  readonly random: Randomness;
  readonly sha256: Sha256;
  /** Who must have signed a revision or a model. Null: they are this computer's own files, as when records are replayed. */
  readonly trust: BundleTrust | null;
  /** Tries a model where it can do no harm: null where it may be installed, else why not. Left out: models are not tried beforehand. */
  readonly tryModel?: (bundle: ServedBundle) => Promise<string | null>;
  /** SHA-256 of the bundled core, as every record names it. */
  readonly coreHash: string;
  readonly deviceId: string;
  readonly agent: { readonly id: string; readonly name: string; readonly level: ExperienceLevel; readonly language: string };
  readonly demonstration: boolean;
  /** Where the agent signed in without central: when it was last heard of them. Until it is again, nothing that needs approval is taken. */
  readonly offlineSinceMs?: number;
  /** Keeps orders about customers' data for the other stores of this desk; resolves to the last one kept. Left out where there are none. */
  readonly keepOrders?: (orders: readonly DataOrder[], centralAtMs: number) => Promise<number>;
  /** What became of the store when it was opened, for the agent to read; left out where nothing was wrong. */
  readonly storeNotice?: StoreNotice;
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

/** Yes, or in words why not. */
export type Installed = { readonly ok: true } | { readonly ok: false; readonly words: string };

export interface Engine {
  /** Answers a request of the window; rejects when it does not fit its schema or its channel is not the engine's. */
  request(channel: string, body: unknown): Promise<unknown>;
  /** One delivery; resolves when its decision is recorded and shown. Rejects when it could not be stored: it is to come again. */
  deliver(delivery: unknown): Promise<Taken>;
  partial(partial: unknown): Promise<void>;
  /** What central sends before the first decision on a call. Null when it does not fit its schema. */
  context(context: unknown): Promise<CallOffset | null>;
  /** Puts a revision or a model to use; one that fails a check leaves the one before in use. */
  install(bundle: { readonly revision: RevisionBundle } | { readonly model: ServedBundle }): Promise<Installed>;
  /** The computer was asleep, or may have been: asks central for what was missed. */
  awake(): void;
  setTokens(tokens: Tokens): void;
  /** Resolves when nothing is under way. */
  settled(): Promise<void>;
  /** Calls in memory. */
  readonly callsInMemory: number;
  /** Sends what can be sent within `withinMs`, then stops. The store and the scorer stay open: whoever built them closes them. */
  close(withinMs?: number): Promise<void>;
}
