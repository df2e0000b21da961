/**
 * B's process is handed what opens B's store, and nothing that opens A's. "Hand" is everything main posts to an engine
 * process at its start: every 256 bits in it are tried on A's store.
 */
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSqliteStore } from '#adapters/sqlite/open-store.ts';
import type { SignedIn } from '#contract/sign-in.ts';
import { storeFolder, storeName } from '#main/engine-process/store-folder.ts';
import { People, type Person } from '#main/shell/people.ts';
import { throwAwaySeal } from '#main/shell/throw-away-seal.ts';
import { MIGRATIONS } from '../conformance/sqlite-scratch.ts';

const HOUR_MS = 3_600_000;
const NOW_MS = Date.UTC(2026, 4, 4, 9);

let userData: string;
let people: People;
beforeEach(async () => {
  userData = mkdtempSync(path.join(tmpdir(), 'sotto-people-'));
  people = await People.open(throwAwaySeal(userData), userData);
});
afterEach(() => rmSync(userData, { recursive: true, force: true }));

const granted = (id: string, secret: string): SignedIn => ({
  id,
  name: id.toUpperCase(),
  level: 'standard',
  language: 'en',
  roles: ['agent'],
  deviceToken: 'd',
  secret: secret.repeat(64),
  offlineHours: 12,
  atMs: 0,
});

/** What the engine process of a person is handed. */
const handed = (person: Person) => ({ databaseKey: people.storeKey(person) ?? '', agent: person.agent });

function open(agentId: string, keyHex: string): string {
  const folder = storeFolder(userData, agentId);
  mkdirSync(folder, { recursive: true });
  const opened = openSqliteStore({ folder, keyHex, migrations: MIGRATIONS, nowMs: NOW_MS });
  if (!opened.ok) return opened.reason;
  opened.store.close();
  return 'opened';
}

/** Everything in what is handed over that could be a key, tried on somebody's store. */
const tried = (start: object, agentId: string): readonly string[] =>
  [...JSON.stringify(start).matchAll(/[0-9a-f]{64}/g)].map(([key]) => open(agentId, key));

test('each person’s store has a key of its own, and what B’s process is handed does not open A’s', async () => {
  const a = (await people.remember(granted('ann', 'a'), NOW_MS)).person;
  const b = (await people.remember(granted('bob', 'b'), NOW_MS)).person;
  expect([open('ann', handed(a).databaseKey), open('bob', handed(b).databaseKey)]).toEqual(['opened', 'opened']);
  expect(tried(handed(b), 'bob')).toEqual(['opened']);
  expect(tried(handed(b), 'ann')).toEqual(['unreadable']);
});

test('canary: with one key for all, the same look finds A’s store open to B', async () => {
  const a = (await people.remember(granted('ann', 'a'), NOW_MS)).person;
  const b = (await people.remember(granted('bob', 'b'), NOW_MS)).person;
  const oneForAll = handed(a).databaseKey;
  expect(open('ann', oneForAll)).toBe('opened');
  expect(tried({ ...handed(b), databaseKey: oneForAll }, 'ann')).toEqual(['opened']);
});

test('neither the wrapped key with another’s secret nor one person’s wrapped key as another’s gives a key', async () => {
  const a = (await people.remember(granted('ann', 'a'), NOW_MS)).person;
  const b = (await people.remember(granted('bob', 'b'), NOW_MS)).person;
  expect(people.storeKey({ ...a, secret: b.secret })).toBeNull();
  expect(people.storeKey({ ...b, wrappedKey: a.wrappedKey, secret: a.secret })).toBeNull();
  expect(
    people.storeKey({
      ...a,
      wrappedKey: `A${a.wrappedKey.slice(1)}` === a.wrappedKey ? `B${a.wrappedKey.slice(1)}` : `A${a.wrappedKey.slice(1)}`,
    }),
  ).toBeNull();
});

test('signing in again, with central’s secret or a new one, finds the same key; nothing readable lies beside the store', async () => {
  const first = (await people.remember(granted('ann', 'a'), NOW_MS)).person;
  const again = (await people.remember(granted('ann', 'a'), NOW_MS + HOUR_MS)).person;
  const renewed = (await people.remember(granted('ann', 'c'), NOW_MS + 2 * HOUR_MS)).person;
  const key = people.storeKey(first);
  expect(key).toMatch(/^[0-9a-f]{64}$/);
  expect([people.storeKey(again), people.storeKey(renewed)]).toEqual([key, key]);
  expect(await people.find('ann')).toEqual(renewed);
  expect(readdirSync(path.join(userData, 'people'))).toHaveLength(1);
});

test('a secret goes when its hours are over and nothing is unsent, and comes back with a sign-in; at the desk nobody’s does', async () => {
  const key = people.storeKey((await people.remember(granted('ann', 'a'), NOW_MS)).person);
  await people.remember(granted('bob', 'b'), NOW_MS);
  const secrets = async () => (await people.all()).map(({ secret }) => secret !== null);
  await people.forgetSecrets(NOW_MS + 13 * HOUR_MS, null, 0);
  expect(await secrets()).toEqual([true, true]);
  for (const who of ['ann', 'bob']) await people.unsent(who, false);
  await people.forgetSecrets(NOW_MS + 11 * HOUR_MS, null, 0);
  expect(await secrets()).toEqual([true, true]);
  await people.forgetSecrets(NOW_MS + 13 * HOUR_MS, 'bob', 0);
  expect(await secrets()).toEqual([false, true]);
  const back = await people.remember(granted('ann', 'a'), NOW_MS + 14 * HOUR_MS);
  expect([back.setAside, people.storeKey(back.person)]).toEqual([null, key]);
});

test('a store that nothing opens any more is set aside, whole, and the person begins anew', async () => {
  // As before stores had keys of their own: a store, and nobody known here.
  expect(open('ann', 'e'.repeat(64))).toBe('opened');
  const { person, setAside } = await people.remember(granted('ann', 'a'), NOW_MS);
  expect(setAside).toMatch(/unreadable-/);
  expect(readdirSync(path.join(setAside ?? '', storeName('ann')))).toContain('sotto.db');
  expect(readdirSync(setAside ?? '').toSorted()).toEqual([storeName('ann'), `${storeName('ann')}.anchor`]);
  expect(open('ann', people.storeKey(person) ?? '')).toBe('opened');
});
