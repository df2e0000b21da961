/** Puts a backup back; the store that was there is kept beside it. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { restoreBackup } from '#adapters/sqlite/backup.ts';
import { STORE_FILE } from '#adapters/sqlite/open-store.ts';
import type { Command } from '../command.ts';
import { openStore, storeKey } from '../records/open-store.ts';

export const restore: Command = {
  summary: 'Put a backup in the place of the store of a desk',
  positionals: [{ name: 'FILE', help: 'A backup written by sotto backup', required: true }],
  options: {
    store: { type: 'string', value: 'DIR', help: "Folder of the desk's store", required: true },
    key: { type: 'string', value: 'FILE', help: "The store's key; the demonstration's beside it, else zeros, where not given" },
    json: { type: 'boolean', help: 'Print {"ledger":N,"unsent":N,"aside":NAME or null}' },
  },
  notes:
    'The store that was there is renamed, never deleted. What was recorded since the backup is in that one only; what central has it keeps. Customer data is asked of central again. The desk must not be running. Exits 1 where nothing was changed.',
  async run(given, terminal) {
    const folder = path.resolve(given.required('store'));
    const keyHex = storeKey(folder, given.text('key'));
    // Opening tells whether somebody else has it open; in what state it is does not matter any more.
    const present = existsSync(path.join(folder, STORE_FILE)) ? openStore(folder, given.text('key'), Date.now()) : null;
    if (present?.ok === true) present.store.close();
    else if (present?.reason === 'locked') {
      terminal.note(present.words);
      return 1;
    }
    const done = restoreBackup(given.positional(0), folder, keyHex, Date.now());
    if (!done.ok) {
      terminal.note(done.words);
      return 1;
    }
    const opened = openStore(folder, given.text('key'), Date.now());
    if (!opened.ok) {
      terminal.note(opened.words);
      return 1;
    }
    const { ledger, unsent } = opened.store.counts();
    opened.store.close();
    const kept = done.aside === null ? '' : `; the store that was there is now ${done.aside}`;
    const words = `${ledger} records, ${unsent} of them not sent yet${kept}`;
    await terminal.print(given.flag('json') ? JSON.stringify({ ledger, unsent, aside: done.aside }) : words);
    return 0;
  },
};
