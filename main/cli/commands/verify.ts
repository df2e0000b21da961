/** An exported ledger held against heads that were noted down elsewhere or countersigned by central; the same as main/verify/verify.mjs alone. */
import { readHeads, readKey, tell, type Verdict, verifyLedger } from '#main/verify/verify.mjs';
import type { Command } from '../command.ts';

export const verify: Command = {
  summary: 'Verify an exported ledger and name the first record that is wrong',
  positionals: [{ name: 'FILE', help: 'As sotto ledger export wrote it', required: true }],
  options: {
    head: {
      type: 'string',
      value: 'HEAD',
      help: 'What the chain must come to: N:HASH, or a file with one head a line, such a one or one that central has countersigned',
    },
    key: {
      type: 'string',
      value: 'KEY',
      help: "Central's public key, a PEM file or base64: what it has countersigned is believed, in the file and among the heads",
    },
    json: { type: 'boolean', help: 'Print the verdict as {"entries":N,"proven":N,"countersigned":null,"bad":null}' },
  },
  notes:
    'One of --head and --key must be given. Needs no store and no network; main/verify/verify.mjs does the same alone, copied anywhere. Where all hashes were made anew from some record on, the file contradicts only the heads, and the record can be named no closer than between two of them. Exits 1 where the file does not hold.',
  async run(given, terminal) {
    const [head, keyText] = [given.text('head'), given.text('key')];
    if ((head ?? keyText) === undefined) {
      terminal.note('--head or --key must say what the file is held against');
      return 2;
    }
    let verdict: Verdict;
    try {
      const key = keyText === undefined ? null : readKey(keyText);
      verdict = verifyLedger(given.positional(0), head === undefined ? new Map() : readHeads(head, key), key);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      terminal.note(error.message);
      return 2;
    }
    await terminal.print(given.flag('json') ? JSON.stringify(verdict) : tell(verdict));
    return verdict.bad === null ? 0 : 1;
  },
};
