/** An exported ledger or a witness file held against heads that were given elsewhere and against central's key; the same as main/verify alone. */
import { isWitness, readCentralHeads, tellWitness, verifyWitness } from '#main/verify/verify-witness.mjs';
import { readHeads, readKey, tell, verifyLedger } from '#main/verify/verify.mjs';
import type { Command } from '../command.ts';

export const verify: Command = {
  summary: 'Verify an exported ledger, or central’s witness file, and name the first record that is wrong',
  positionals: [{ name: 'FILE', help: 'As sotto ledger export or sotto witness export wrote it', required: true }],
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
    'One of --head and --key must be given. Needs no store and no network; main/verify/verify.mjs does the same alone, copied anywhere, and verify-witness.mjs beside it for a witness file. Where all hashes were made anew from some record on, the file contradicts only the heads, and the record can be named no closer than between two of them. Exits 1 where the file does not hold.',
  async run(given, terminal) {
    const [head, keyText] = [given.text('head'), given.text('key')];
    if ((head ?? keyText) === undefined) {
      terminal.note('--head or --key must say what the file is held against');
      return 2;
    }
    let verified: ReturnType<typeof held>;
    try {
      verified = held(given.positional(0), head, keyText);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      terminal.note(error.message);
      return 2;
    }
    const { verdict, words } = verified;
    await terminal.print(given.flag('json') ? JSON.stringify(verdict) : words);
    return verdict.bad === null ? 0 : 1;
  },
};

/** Whichever of the two files it is, held against what is given. Throws a RangeError in words where that cannot be. */
function held(file: string, head: string | undefined, keyText: string | undefined) {
  const key = keyText === undefined ? null : readKey(keyText);
  if (!isWitness(file)) {
    const verdict = verifyLedger(file, head === undefined ? new Map() : readHeads(head, key), key);
    return { verdict, words: tell(verdict) };
  }
  if (key === null) throw new RangeError(`${file} is a witness file: --key must name central's public key`);
  const verdict = verifyWitness(file, head === undefined ? [] : readCentralHeads(head, key), key);
  return { verdict, words: tellWitness(verdict) };
}
