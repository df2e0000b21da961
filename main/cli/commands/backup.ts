/** A copy of a desk's store, checked before it gets its name. */
import { takeBackup } from '#adapters/sqlite/backup.ts';
import type { Command } from '../command.ts';
import { openStore, storeKey } from '../records/open-store.ts';

export const backup: Command = {
  summary: 'Copy the store of a desk to a file, under the same key',
  positionals: [{ name: 'FILE', help: 'Where to write it; must not be there yet', required: true }],
  options: {
    store: { type: 'string', value: 'DIR', help: "Folder of the desk's store", required: true },
    key: { type: 'string', value: 'FILE', help: "The store's key; the demonstration's beside it, else zeros, where not given" },
    json: { type: 'boolean', help: 'Print {"ledger":N,"unsent":N}' },
  },
  notes:
    'The copy can be read with the key of the store only; keep that as well. The desk must not be running. Exits 1 where nothing was written.',
  async run(given, terminal) {
    const folder = given.required('store');
    const opened = openStore(folder, given.text('key'), Date.now());
    if (!opened.ok) {
      terminal.note(opened.words);
      return 1;
    }
    try {
      const done = takeBackup(opened.store, given.positional(0), storeKey(folder, given.text('key')));
      if (!done.ok) {
        terminal.note(done.words);
        return 1;
      }
      const { ledger, unsent } = opened.store.counts();
      await terminal.print(given.flag('json') ? JSON.stringify({ ledger, unsent }) : `${ledger} records, ${unsent} of them not sent yet`);
      return 0;
    } finally {
      opened.store.close();
    }
  },
};
