/** An exported ledger held against heads that were noted down elsewhere; the same as main/verify/verify.mjs alone. */
import { readHeads, tell, verifyLedger } from '#main/verify/verify.mjs';
import type { Command } from '../command.ts';

export const verify: Command = {
  summary: 'Verify an exported ledger and name the first record that is wrong',
  positionals: [{ name: 'FILE', help: 'As sotto ledger export wrote it', required: true }],
  options: {
    head: {
      type: 'string',
      value: 'HEAD',
      help: 'What the chain must come to: N:HASH, or a file with one such head a line',
      required: true,
    },
    json: { type: 'boolean', help: 'Print the verdict as {"entries":N,"proven":N,"bad":null}' },
  },
  notes:
    'Needs no store, no key and no network; main/verify/verify.mjs does the same alone, copied anywhere. Where all hashes were made anew from some record on, the file contradicts only the heads, and the record can be named no closer than between two of them. Exits 1 where the file does not hold.',
  async run(given, terminal) {
    let heads: ReadonlyMap<number, string>;
    try {
      heads = readHeads(given.required('head'));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      terminal.note(error.message);
      return 2;
    }
    const verdict = verifyLedger(given.positional(0), heads);
    await terminal.print(given.flag('json') ? JSON.stringify(verdict) : tell(verdict));
    return verdict.bad === null ? 0 : 1;
  },
};
