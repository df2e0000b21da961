import { beforeEach, expect, test } from 'vitest';
import type { Person } from '#main/shell/people.ts';
import { offlineEntry } from '#main/shell/offline-entry.ts';
import { embeddedFolder } from '../central/engines.ts';
import { type Opened, openCentral } from '../central/fixture.ts';
import { HotDesk } from './hot-desk.ts';

const HOUR_MS = 3_600_000;
const SIGNED_IN_MS = Date.UTC(2026, 4, 4, 9);

const person = (more: Partial<Person> = {}): Person => ({
  v: 1,
  agent: { id: 'ann', name: 'Ann', level: 'standard', language: 'en' },
  roles: ['agent'],
  signedInAtMs: SIGNED_IN_MS,
  seenAtMs: SIGNED_IN_MS,
  offlineHours: 12,
  secret: 'a'.repeat(64),
  wrappedKey: 'x',
  unsent: false,
  obeyed: 0,
  ...more,
});

test('offline entry: for N hours after a sign-in, and otherwise no, in words that say what to do', () => {
  const at = (hours: number, who: Person | undefined = person(), seenAtMs = SIGNED_IN_MS) => {
    const entry = offlineEntry(who, SIGNED_IN_MS + hours * HOUR_MS, seenAtMs);
    return entry.ok ? 'yes' : entry.words;
  };
  expect([at(0), at(11.99), at(12)]).toEqual(['yes', 'yes', 'yes']);
  expect(at(12.01)).toMatch(/more than 12 hours ago.*saved answers are safe/);
  expect(at(1, person({ offlineHours: 0 }))).toMatch(/more than 0 hours/);
  expect(at(1, person({ secret: null }))).toMatch(/Sign in when it is connected/);
  expect(at(1, person({ roles: ['analyst'] }))).toMatch(/not allowed to take calls/);
  expect(offlineEntry(undefined, SIGNED_IN_MS, 0)).toMatchObject({
    ok: false,
    words: expect.stringContaining('not signed in on this computer'),
  });
  // Whoever sat here when the clock was last seen.
  expect(at(5, person(), SIGNED_IN_MS + 6 * HOUR_MS)).toMatch(/clock of this computer was set back/);
  expect(at(-1)).toMatch(/clock/);
  expect(at(5, person(), SIGNED_IN_MS + 5 * HOUR_MS + 60_000)).toBe('yes');
});

let home: Awaited<ReturnType<typeof embeddedFolder>>;
let opened: Opened;
let desk: HotDesk;
beforeEach(async () => {
  home = await embeddedFolder();
  opened = await openCentral(null, { folder: home.folder, desks: { offlineHours: 2 } });
  desk = await HotDesk.open(opened.central.url);
  return async () => {
    await desk[Symbol.asyncDispose]();
    await opened.close();
    home.remove();
  };
});

test('without central a person signs in for N hours with the same store and the roles of then; later, or with the clock set back, words', async () => {
  const { db } = opened.central.store;
  await desk.enter('ann');
  const key = desk.people.storeKey((await desk.people.find('ann')) ?? expect.fail('ann is not known'));
  expect((await desk.view()).session.offlineSinceMs).toBeNull();
  await desk.sessions.leave();
  // What central says from now on does not reach the desk.
  await db.deleteFrom('person_roles').where('person_id', '=', 'ann').execute();
  await opened.close();

  desk.clockOffMs = HOUR_MS;
  expect(await desk.sessions.roster()).toMatchObject({ here: null, people: [{ agentId: 'ann', name: 'ann' }] });
  await desk.enter('ann');
  const { session } = await desk.view();
  expect(session.offlineSinceMs).toBe((await desk.people.find('ann'))?.signedInAtMs);
  expect(desk.of('engine-process.js').at(-1)?.heard[0]).toMatchObject({
    op: 'start',
    databaseKey: key,
    offlineSinceMs: session.offlineSinceMs,
  });
  await desk.sessions.leave();

  expect(await desk.sessions.enter('bob')).toEqual({ ok: false, words: expect.stringContaining('not signed in on this computer') });
  desk.clockOffMs = 2.1 * HOUR_MS;
  expect(await desk.sessions.enter('ann')).toEqual({ ok: false, words: expect.stringContaining('more than 2 hours ago') });
  expect((await desk.sessions.roster()).people[0]?.offlineUntilMs).toBeNull();
  desk.clockOffMs = -HOUR_MS;
  expect(await desk.sessions.enter('ann')).toEqual({ ok: false, words: expect.stringContaining('clock') });
  expect(desk.of('engine-process.js')).toHaveLength(2);
  expect(desk.sessions.engine).toBeNull();
});

test('signed in without central, the desk is online again as soon as central is: roles are those of now', async () => {
  const { url } = opened.central;
  await desk.enter('ann');
  await desk.sessions.leave();
  await opened.close();
  await desk.enter('ann');
  expect((await desk.view()).session.offlineSinceMs).not.toBeNull();
  opened = await openCentral(null, { folder: home.folder, port: Number(new URL(url).port), desks: { offlineHours: 2 } });
  await expect.poll(async () => (await desk.view()).session.offlineSinceMs, { timeout: 60_000, interval: 200 }).toBeNull();
  await expect.poll(async () => (await desk.view()).link.state, { timeout: 60_000, interval: 200 }).not.toBe('offline');
});
