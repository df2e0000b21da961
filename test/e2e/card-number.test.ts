import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { unlock } from '#adapters/sqlite/connection-settings.ts';
import { STORE_FILE } from '#adapters/sqlite/open-store.ts';
import { storeFolder } from '#main/engine-process/store-folder.ts';
import { demonstrationKey } from '#main/shell/demonstration-key.ts';
import { contentOf } from '../fault/power/migration-fixture.ts';
import { Scene, until } from './scene.ts';
import { everythingWritten } from './written.ts';

const AGENT = 'agent-ines';
/** Said beside the secrets, and kept: a search that does not find it looked in the wrong place. */
const CANARY = 'butterscotch';
const SAID = [
  'So, it is a Visa, my card number is 4111 1111 1111 1111, and the security number on the back is 8241.',
  'Again for you: four one one one, one one one one, one one one one, one one one one.',
  'The card number is 4111 1111',
  '1111 1111, that was the rest of it.',
  'My password is Tangerine99.',
  `And the ${CANARY} pudding was for my sister.`,
];

let scene: Scene;
let written: readonly string[] = [];
beforeAll(async () => {
  written = everythingWritten();
  scene = await Scene.open();
});
afterAll(async () => {
  vi.restoreAllMocks();
  await scene[Symbol.asyncDispose]();
});

/** What of the secrets is in a text, however the digits are written. */
function secretsIn(text: string): readonly string[] {
  const digits = text.replaceAll(/(?<=\d)[\s-]+(?=\d)/g, '');
  return [
    ...(/4111\s*-?1111/.test(digits) ? ['card number'] : []),
    ...(/(?<![\w.-])8241(?![\w-])/.test(text) ? ['security number'] : []),
    ...(/one one one one/i.test(text) ? ['spoken card number'] : []),
    ...(/tangerine99/i.test(text) ? ['password'] : []),
  ];
}

test('the search finds what it is to find', () => {
  expect(SAID.flatMap((text) => secretsIn(text))).toEqual([
    'card number',
    'security number',
    'spoken card number',
    'card number',
    'password',
  ]);
  expect(secretsIn('4111 11'.concat('11 1111 1111'))).toEqual(['card number']);
});

test('a card number read out is in no table of central, not in the desk’s store, in no file and in nothing printed', async () => {
  const desk = await scene.desk(AGENT);
  const call = await scene.call({ agentId: AGENT, customerId: 'cust-0019' });
  for (const [index, text] of SAID.entries()) {
    const data = { utteranceId: `said-${index}`, speaker: 'customer', text, startMs: index * 1_000, endMs: index * 1_000 + 900 };
    await call.tell('speech', 'sotto.utterance.partial', data);
    await call.tell('speech', 'sotto.utterance.final', data);
  }
  await call.processed();
  await until('all was shown', async () => (await desk.transcript()).length === SAID.length);
  expect(await desk.cardShown()).toBe('stop-card-read-out');
  const shown = await desk.page.locator('body').textContent();
  expect([secretsIn(shown ?? ''), shown?.includes(CANARY)]).toEqual([[], true]);
  await desk.accept('stop-card-read-out');
  await call.end();
  await desk.drained();
  const served = [await (await fetch(new URL('/decisions', scene.central.url))).text(), JSON.stringify(await scene.outcomes())];

  const tables = await centralTables();
  expect([...tables.values()].filter((text) => text.includes(CANARY)).length).toBeGreaterThanOrEqual(1);
  expect(tables.size).toBeGreaterThanOrEqual(15);
  await desk.close();
  const store = deskTables(desk.userData);
  expect([...store.values()].filter((text) => text.includes(CANARY)).length).toBeGreaterThanOrEqual(1);
  for (const [where, text] of [...tables, ...store]) expect([where, secretsIn(text)]).toEqual([where, []]);
  for (const text of [...served, ...scene.printed, ...written]) expect(secretsIn(text)).toEqual([]);
  expect(written.join('')).toContain('central: listens');

  await scene.stopCentral();
  const files = rawFiles(scene.folder);
  for (const [file, bytes] of files) {
    expect([file, /4111[ -]?1111/.test(bytes), bytes.includes('Tangerine99')]).toEqual([file, false, false]);
    // What the desk keeps is not to be read at all.
    if (file.includes(`desk-${AGENT}`)) expect([file, bytes.includes(CANARY)]).toEqual([file, false]);
  }
  expect([...files].some(([file, bytes]) => file.includes('central') && bytes.includes(CANARY))).toBe(true);
  expect([...files.keys()].filter((file) => file.includes('stores')).length).toBeGreaterThanOrEqual(1);
});

/** Every row of every table of central, as text. */
async function centralTables(): Promise<ReadonlyMap<string, string>> {
  const { db } = scene.central.store;
  const names = await sql<{ name: string }>`select table_name as name from information_schema.tables where table_schema = 'public'`.execute(
    db,
  );
  const tables = new Map<string, string>();
  for (const { name } of names.rows) {
    // Models and policies are the organisation's, and large.
    const { rows } = await sql<{ row: string }>`select row_to_json(t)::text as row from ${sql.table(name)} t`.execute(db);
    tables.set(`central ${name}`, rows.map(({ row }) => row).join('\n'));
  }
  return tables;
}

/** Every row of every table of the desk's store, which must be closed, with what is sealed in it. */
function deskTables(userData: string): ReadonlyMap<string, string> {
  const db = new Database(path.join(storeFolder(userData, AGENT), STORE_FILE), { readonly: true });
  try {
    unlock(db, demonstrationKey(storeFolder(userData, AGENT)) ?? '');
    return new Map(Object.entries(contentOf(db)).map(([name, rows]) => [`desk ${name}`, JSON.stringify(rows)]));
  } finally {
    db.close();
  }
}

function rawFiles(folder: string): ReadonlyMap<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    entries.map((entry) => {
      const file = path.join(entry.parentPath, entry.name);
      return [path.relative(folder, file), readFileSync(file, 'latin1')];
    }),
  );
}
