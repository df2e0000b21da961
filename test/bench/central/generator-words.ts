/** What the benchmark and its generator say to each other. */
import type { LatencySummary } from './latencies.ts';

export type Asked =
  | { readonly what: 'connect' }
  | { readonly what: 'phase'; readonly seconds: number; readonly eventsPerS: number; readonly outcomesPerS: number }
  | { readonly what: 'return' }
  | { readonly what: 'ids' }
  | { readonly what: 'end' };

type Tally = Readonly<Record<'connects' | 'refusals' | 'resent' | 'pushedBack' | 'notStored' | 'eventsResent' | 'eventsRefused', number>>;

export interface PhaseFigures {
  readonly seconds: number;
  /** Delivered and acknowledged within the phase, a second. */
  readonly eventsPerS: number;
  readonly outcomesPerS: number;
  readonly events: LatencySummary;
  readonly outcomes: LatencySummary;
  readonly connected: number;
  readonly undelivered: number;
  readonly tally: Tally;
}

export interface DrainFigures {
  readonly seconds: number;
  /** False: given up. */
  readonly isComplete: boolean;
  readonly allConnectedS: number;
  /** Of events whose desk was connected when they were due. */
  readonly live: LatencySummary;
  /** The same by when they were due, ten seconds each. */
  readonly liveEachTenS: readonly LatencySummary[];
  /** Of all, also those that waited for their desk to come back. */
  readonly liveWithAway: LatencySummary;
  /** How long the generator itself kept what had arrived waiting: latencies hold it. */
  readonly generatorLag: LatencySummary;
  readonly undelivered: number;
  readonly tally: Tally;
}
