/** What verify.mjs exports; it is plain JavaScript so that it runs alone. */

export type LedgerFault = 'first-line' | 'no-record' | 'position' | 'commitment' | 'chain' | 'fork' | 'short' | 'surplus';

export interface Verdict {
  readonly entries: number;
  readonly proven: number;
  readonly bad: { readonly record: number; readonly since: number; readonly reason: LedgerFault } | null;
}

export function readHeads(text: string): ReadonlyMap<number, string>;
export function verifyLedger(file: string, heads: ReadonlyMap<number, string>): Verdict;
export function tell(verdict: Verdict): string;
