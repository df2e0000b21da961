/** [P4] A shift through the whole app, with faults in what it stored: nothing personal is told anywhere but on the screen and in the stores. */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { unlock } from '#adapters/sqlite/connection-settings.ts';
import { STORE_FILE } from '#adapters/sqlite/open-store.ts';
import { Diagnosis } from '#contract/diagnosis.ts';
import { deskCommand } from '#main/demonstration/launch-desk.ts';
import { storeFolder } from '#main/engine-process/store-folder.ts';
import { demonstrationKey } from '#main/shell/demonstration-key.ts';
import { runSotto } from '../cli/run-sotto.ts';
import { Scene, until } from './scene.ts';
import { everythingWritten } from './written.ts';
import { leaksIn, namesOf, SAID } from '../privacy/leaks.ts';

const AGENT = 'agent-ines';
const CUSTOMER = 'cust-0001';

let scene: Scene;
let written: readonly string[] = [];
let names: readonly string[] = [];
beforeAll(async () => {
  written = everythingWritten();
  scene = await Scene.open();
  names = namesOf(scene.demonstration.organisation);
});
afterAll(async () => {
  vi.restoreAllMocks();
  await scene[Symbol.asyncDispose]();
});

const userData = (): string => path.join(scene.folder, `desk-${AGENT}`);
const key = (): string => demonstrationKey(storeFolder(userData(), AGENT)) ?? '';
const leaks = (text: string): readonly string[] => leaksIn(text, names, [key()]);

/** Changes the desk's store, which must be closed, behind its back. */
function damage(sql: string, ...values: readonly unknown[]): void {
  const db = new Database(path.join(storeFolder(userData(), AGENT), STORE_FILE));
  try {
    unlock(db, key());
    expect(db.prepare(sql).run(...values).changes).toBeGreaterThan(0);
  } finally {
    db.close();
  }
}

/** Starts the app and waits until its engine has died twice; what it printed is added to the rest. */
async function startsInVain(): Promise<void> {
  const options = { central: scene.central.url, agent: AGENT, userData: userData(), clock: 'system', headless: true } as const;
  const { executable, args, env } = deskCommand(options);
  const app = spawn(executable, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const gone = new Promise((resolve) => app.once('close', resolve));
  let said = '';
  for (const stream of [app.stdout, app.stderr]) {
    stream.on('data', (data: Buffer) => {
      said += data.toString();
    });
  }
  try {
    await until('the engine died twice', () => said.split('engine: message failed').length > 2, 60_000);
  } finally {
    app.kill('SIGTERM');
    await gone;
    scene.printed.push(said);
  }
}

test('[P4] planted names, numbers, words and tokens are in no line, log, crash file or diagnosis, whatever breaks', async () => {
  // An ordinary call, a name and a number in every utterance; one answered, one left open.
  let desk = await scene.desk(AGENT);
  const call = await scene.call({ agentId: AGENT, customerId: CUSTOMER });
  for (const text of SAID) await call.customer(text);
  await call.customer('Why is my bill so high this month? It is twice what I usually pay.');
  await call.processed();
  await desk.accept(await desk.cardShown());
  await call.end();
  const open = await scene.call({ agentId: AGENT, customerId: 'cust-0023' });
  for (const text of SAID) await open.customer(text);
  await open.processed();
  await desk.drained();
  await desk.close();

  // An answer on a call that is over, which is no JSON: every error about it quotes it.
  damage("insert into call (call_id, finished_at_ms) values ('call-before', ?)", Date.now());
  damage("insert into call_key (call_id, wrapped) values ('call-before', new_key(null))");
  damage(
    `insert into outcome (id, call_id, person, at_ms, body)
     select 'before', call_id, person(?), 4000000000000, seal(secret, ?) from call_secret where call_id = 'call-before'`,
    CUSTOMER,
    'Persephone Quillfeather',
  );
  desk = await scene.desk(AGENT);
  const told = (words: string) => (): boolean => scene.printed.some((line) => line.includes(words));
  scene.call({ agentId: AGENT, customerId: CUSTOMER }).catch(() => undefined);
  await until('the fault was told', told('a stored outcome is no JSON'));
  await desk.close();

  // An event that does not fit its schema: the engine cannot start, and says so each time.
  damage(
    `update call_event set body = seal(secret, json_set(unseal(secret, body), '$.data', json_object('Persephone Quillfeather', 1)))
     from call_secret where call_secret.call_id = call_event.call_id and call_event.call_id = ? and seq = 5`,
    open.callId,
  );
  await startsInVain();

  const crashes = path.join(userData(), 'crashes');
  const files = readdirSync(crashes);
  expect(files.length).toBeGreaterThanOrEqual(2);
  const out = path.join(scene.folder, 'diagnosis.json');
  const diagnosed = await runSotto(['diagnostics', '--out', out, '--desk', userData(), '--json']);
  expect(diagnosed.code).toBe(0);
  const diagnosis = Diagnosis.parse(JSON.parse(readFileSync(out, 'utf8')));
  expect(diagnosis.desks[0]).toMatchObject({
    key: 'throw-away',
    stores: [{ state: 'open', opened: { settings: { synchronous: 2, cipher: 'chacha20' }, chain: { brokenAt: null } } }],
    unreadableCrashes: 0,
  });
  expect(JSON.stringify(diagnosis.desks[0]?.crashes)).toContain('a stored event does not fit its schema');

  const texts = new Map<string, string>([
    ['the diagnosis', readFileSync(out, 'utf8')],
    ['what it printed', diagnosed.out + diagnosed.err],
    ['what central printed', written.join('')],
    ['what the app printed', scene.printed.join('\n')],
    ...files.map((file) => [file, readFileSync(path.join(crashes, file), 'utf8')] as const),
  ]);
  for (const [where, text] of texts) expect([where, leaks(text)]).toEqual([where, []]);
  expect(texts.size).toBeGreaterThanOrEqual(6);
  for (const seen of ['"sotto":"decided"', '"sotto":"engine"', 'a stored event does not fit its schema']) {
    expect(scene.printed.join('\n')).toContain(seen);
  }
  console.log(`[P4]: ${texts.size} texts of ${[...texts.values()].join('').length} characters, ${names.length} names, 0 hits`);
});

test('the search finds what it is to find', () => {
  for (const text of [...SAID, 'Margaret Okafor', 'for okafor', 'Inês Carvalho', 'Bearer eyJhbGciOiJIUz.eyJzdWIiOiJhZ2.x', key()]) {
    expect(leaks(text), text).not.toEqual([]);
  }
  expect(names.length).toBeGreaterThan(30);
  expect(leaks('engine ready, stop-card-read-out shown because of the bill')).toEqual([]);
});

test('[P4] canary: an engine that logs an utterance is caught', async () => {
  const leaky = path.join(scene.folder, 'leaky.mjs');
  writeFileSync(
    leaky,
    `if (process.argv.some((arg) => arg.endsWith('engine-process.js'))) {
      const { stringify } = JSON;
      JSON.stringify = (value, ...more) => {
        if (value?.type === 'sotto.utterance.final') process.stderr.write(value.data.text + '\\n');
        return stringify(value, ...more);
      };
    }`,
  );
  const agentId = 'agent-marcus';
  const before = scene.printed.length;
  // The driver takes NODE_OPTIONS away from what it starts; what that starts may set it again.
  const started = path.join(scene.folder, 'leaky-electron');
  const { executable } = deskCommand({ central: '', agent: agentId, userData: '', clock: 'system', headless: true });
  writeFileSync(started, `#!/bin/sh\nNODE_OPTIONS=--import=${leaky} exec "${executable}" "$@"\n`, { mode: 0o700 });
  vi.stubEnv('SOTTO_ELECTRON', started);
  try {
    const desk = await scene.desk(agentId);
    const call = await scene.call({ agentId, customerId: 'cust-0023' });
    await call.customer(SAID[0]);
    await call.end();
    // What it printed has been read when it is closed.
    await desk.close();
  } finally {
    vi.unstubAllEnvs();
  }
  expect(leaks(scene.printed.slice(before).join('\n'))).toContain('quillfeather');
});
