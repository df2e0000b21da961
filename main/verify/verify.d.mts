/** What verify.mjs exports; it is plain JavaScript so that it runs alone. */
import type { KeyObject } from 'node:crypto';

export type LedgerFault =
  | 'first-line'
  | 'countersignature'
  | 'no-record'
  | 'position'
  | 'commitment'
  | 'chain'
  | 'fork'
  | 'short'
  | 'surplus';

export interface Verdict {
  readonly entries: number;
  readonly proven: number;
  readonly countersigned: { readonly deviceId: string; readonly entries: number; readonly atMs: number } | null;
  readonly bad: { readonly record: number; readonly since: number; readonly reason: LedgerFault } | null;
}

export function readKey(text: string): KeyObject;
export function readHeads(text: string, key?: KeyObject | null): ReadonlyMap<number, string>;
export function verifyLedger(file: string, heads: ReadonlyMap<number, string>, key?: KeyObject | null): Verdict;
export function tell(verdict: Verdict): string;
