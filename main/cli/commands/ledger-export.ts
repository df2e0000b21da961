/** The chained ledger of a desk as a file that anybody can verify, and the head to verify it against. */
import { deskFolders, storeFolders } from '../home.ts';
import type { Command } from '../command.ts';
import { writeLedger } from '../ledger/write-ledger.ts';
import { openStore } from '../records/open-store.ts';

export const ledgerExport: Command = {
  summary: 'Write the ledger of a desk to a file that anybody can verify',
  positionals: [],
  options: {
    out: { type: 'string', value: 'FILE', help: 'Where to write it, one JSON object a line', required: true },
    store: { type: 'string', value: 'DIR', help: "Folder of a desk's store; the demonstration's where it has only one" },
    key: { type: 'string', value: 'FILE', help: "The store's key; the demonstration's beside it, else zeros, where not given" },
    json: { type: 'boolean', help: 'Print the head as {"entries":N,"head":HASH}' },
  },
  notes:
    "Prints the head as N:HASH. Keep it where the file is not: sotto verify FILE --head N:HASH, or main/verify/verify.mjs alone, then finds whatever is changed in the file. What central has countersigned of the ledger is in it: sotto verify FILE --key FILE holds it against central's public key. The file holds what decisions were made of, personal data too. The desk must not be running.",
  async run(given, terminal) {
    const named = given.text('store');
    const stores = named === undefined ? deskFolders().flatMap((desk) => storeFolders(desk)) : [named];
    const [folder] = stores;
    if (folder === undefined || stores.length > 1) {
      terminal.note(
        folder === undefined
          ? 'no desk was started here yet; --store names the folder of a store'
          : `which one? --store ${stores.join(' or --store ')}`,
      );
      return 1;
    }
    const opened = openStore(folder, given.text('key'), Date.now());
    if (!opened.ok) {
      terminal.note(opened.words);
      return 1;
    }
    try {
      const exported = opened.store.exportLedger();
      writeLedger(given.required('out'), exported);
      const { entries, hash } = exported.head;
      await terminal.print(given.flag('json') ? JSON.stringify({ entries, head: hash }) : `${entries}:${hash}`);
      return 0;
    } finally {
      opened.store.close();
    }
  },
};
