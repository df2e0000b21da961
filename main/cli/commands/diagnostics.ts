/** What support may see of a desk: versions, counters, settings read back, and what its last crashes left behind. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { STORE_FILE } from '#adapters/sqlite/open-store.ts';
import type { CentralHead } from '#contract/central-head.ts';
import { Diagnosis, type StoreDiagnosis } from '#contract/diagnosis.ts';
import { readCrashes } from '#main/crash/crash-files.ts';
import { DEVICE_FILE } from '#main/shell/device-identity.ts';
import { THROW_AWAY_KEY_FILE } from '#main/shell/throw-away-seal.ts';
import type { Command } from '../command.ts';
import { deskFolders, storeFolders } from '../home.ts';
import { openStore } from '../records/open-store.ts';

const ROOT = path.join(import.meta.dirname, '..', '..', '..');

export const diagnostics: Command = {
  summary: 'Write what support needs to know of this desk, without personal data',
  positionals: [],
  options: {
    out: { type: 'string', value: 'FILE', help: 'Where to write it, as JSON', required: true },
    desk: { type: 'string', value: 'DIR', multiple: true, help: "A desk's own folder; the demonstration's desks where not given" },
    key: { type: 'string', value: 'FILE', help: "The stores' key; the demonstration's beside them where not given" },
    json: { type: 'boolean', help: 'Print the same to the terminal too, as one line' },
  },
  notes:
    'Holds no names, no words of a call, no customer, no paths and no tokens. Desks must not be running. Exits 1 where no desk was found.',
  async run(given, terminal) {
    const named = given.list('desk');
    const folders = (named.length > 0 ? named : deskFolders()).filter((folder) => existsSync(folder));
    if (folders.length === 0) {
      terminal.note(named.length > 0 ? 'none of these folders is there' : 'no desk was started here yet; --desk names the folder of one');
      return 1;
    }
    const nowMs = Date.now();
    // The schema is what holds the promise: what does not fit it is not written.
    const diagnosis = Diagnosis.parse({
      v: 1,
      madeAtMs: nowMs,
      versions: versions(),
      desks: folders.map((folder) => {
        const { reports, unreadable } = readCrashes(folder);
        const stores = storeFolders(folder).map((store) => diagnose(store, given.text('key'), nowMs));
        return { key: keyOf(folder), stores, crashes: [...reports], unreadableCrashes: unreadable };
      }),
    } satisfies Diagnosis);
    const file = given.required('out');
    await writeFile(file, `${JSON.stringify(diagnosis, null, 2)}\n`, { mode: 0o600 });
    if (given.flag('json')) await terminal.print(JSON.stringify(diagnosis));
    terminal.note(`${file} is written; look it over before you send it.`);
    return 0;
  },
};

const numbered = (head: CentralHead | null): { readonly seq: number; readonly hash: string } | null =>
  head === null ? null : { seq: head.seq, hash: head.hash };

function versions(): Diagnosis['versions'] {
  const { version } = z.object({ version: z.string() }).parse(JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')));
  const core = path.join(ROOT, 'out', 'main', 'core.mjs');
  return {
    sotto: version,
    node: process.versions.node,
    platform: process.platform,
    architecture: process.arch,
    core: existsSync(core) ? createHash('sha256').update(readFileSync(core)).digest('hex') : null,
  };
}

const keyOf = (folder: string): Diagnosis['desks'][number]['key'] => {
  if (existsSync(path.join(folder, THROW_AWAY_KEY_FILE))) return 'throw-away';
  return existsSync(path.join(folder, DEVICE_FILE)) ? 'key-store' : 'none';
};

function diagnose(folder: string, keyFile: string | undefined, nowMs: number): StoreDiagnosis {
  const named = {
    name: path.basename(folder),
    bytes: statSync(path.join(folder, STORE_FILE), { throwIfNoEntry: false })?.size ?? 0,
  };
  const opened = openStore(folder, keyFile, nowMs);
  if (!opened.ok) return { ...named, state: opened.reason, opened: null };
  const { store } = opened;
  try {
    const { sqlite, ...settings } = store.settings();
    return {
      ...named,
      state: 'open',
      opened: {
        sqlite: String(sqlite),
        settings: Object.fromEntries(
          Object.entries(settings).map(([name, value]) => [name.replaceAll('_', '-'), typeof value === 'number' ? value : String(value)]),
        ),
        counts: store.counts(),
        chain: store.verifyLedger(),
        centralHead: numbered(store.centralHead()),
      },
    };
  } finally {
    store.close();
  }
}
