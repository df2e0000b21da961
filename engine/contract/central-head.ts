/**
 * How far every desk's ledger had come, as one chained log, and heads over it that central signs for witnesses: what a witness file is made
 * of, which docs/LEDGER.md describes and main/verify/verify-witness.mjs reads. One JSON object a line, members in this order.
 */
import { z } from 'zod';
import { CountersignedHead } from './ledger.ts';
import { KeyId, Signature } from './signature.ts';
import { AtMs, Sha256 } from './text.ts';

const { deviceId, epoch, entries, hash } = CountersignedHead.shape;

/** How far a desk's ledger of one epoch had come. */
export const LedgerStanding = z.strictObject({
  /** From 1 without holes. */
  n: z.int().min(1),
  deviceId,
  epoch,
  entries,
  hash,
  /** SHA-256 of `standingText`, which begins with the chain before: 64 zeros before the first. */
  chain: Sha256,
});
export type LedgerStanding = z.infer<typeof LedgerStanding>;

export const CentralHead = z.strictObject({
  /** From 1 without holes. */
  seq: z.int().min(1),
  /** The hash of the head before; 64 zeros before the first. */
  before: Sha256,
  /** By central's clock. */
  atMs: AtMs,
  /** The last standing it covers, and the chain there; 0 and 64 zeros where there is none. */
  n: z.int().min(0),
  chain: Sha256,
  /** SHA-256 of `centralHeadText`. */
  hash: Sha256,
  keyId: KeyId,
  /** Over `centralHeadText`. */
  ed25519: Signature.shape.ed25519,
});
export type CentralHead = z.infer<typeof CentralHead>;

/** Each head comes after the standings it is the first to cover. */
export type WitnessLine = LedgerStanding | CentralHead;

export const WITNESS_FIRST_LINE = '{"sotto":"witness","v":1}';

/** What a standing's chain is the SHA-256 of, in UTF-8. */
export const standingText = (before: string, standing: Pick<LedgerStanding, 'deviceId' | 'epoch' | 'entries' | 'hash'>): string =>
  [before, standing.deviceId, standing.epoch, standing.entries, standing.hash].join('\n');

/** What a head is the SHA-256 of, and what central signs, in UTF-8. */
export const centralHeadText = (head: Pick<CentralHead, 'seq' | 'before' | 'atMs' | 'n' | 'chain'>): string =>
  ['sotto-central-head-1', head.seq, head.before, head.atMs, head.n, head.chain].join('\n');
