/** A store's ledger as a file, in constant memory: written beside, forced to disk, and only then called by its name. */
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import type { CountersignedHead, LedgerFirstLine, LedgerHead, LedgerLine } from '#contract/ledger.ts';

const BUFFER_CHARS = 1 << 20;

interface Exported {
  readonly head: LedgerHead;
  readonly countersigned: CountersignedHead | null;
  readonly lines: Iterable<LedgerLine>;
}

export function writeLedger(file: string, { head, countersigned, lines }: Exported): void {
  const beside = `${file}.new`;
  const descriptor = openSync(beside, 'w', 0o600);
  try {
    const first: LedgerFirstLine = { sotto: 'ledger', v: 2, entries: head.entries, head: head.hash, countersigned };
    let kept = `${JSON.stringify(first)}\n`;
    for (const line of lines) {
      kept += `${JSON.stringify(line)}\n`;
      if (kept.length < BUFFER_CHARS) continue;
      writeSync(descriptor, kept);
      kept = '';
    }
    writeSync(descriptor, kept);
    fsyncSync(descriptor);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  } finally {
    closeSync(descriptor);
  }
  renameSync(beside, file);
}
