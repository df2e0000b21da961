/** What verify-witness.mjs exports; it is plain JavaScript so that it runs without the rest. */
import type { KeyObject } from 'node:crypto';

export type WitnessFault = 'first-line' | 'no-line' | 'number' | 'chain' | 'went-back' | 'signature' | 'no-head' | 'split' | 'short';

export interface WitnessVerdict {
  readonly heads: number;
  readonly standings: number;
  readonly proven: number;
  readonly untilMs: number | null;
  readonly bad: {
    readonly standing: number | null;
    readonly head: number | null;
    readonly deviceId: string | null;
    readonly reason: WitnessFault;
  } | null;
}

export type GivenHead = { readonly seq: number; readonly hash: string } | { readonly n: number; readonly chain: string };

export function readCentralHeads(text: string, key: KeyObject): readonly GivenHead[];
export function verifyWitness(file: string, given: readonly GivenHead[], key: KeyObject): WitnessVerdict;
export function tellWitness(verdict: WitnessVerdict): string;
export function isWitness(file: string): boolean;
