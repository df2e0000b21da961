import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { STORE_FILE } from '#adapters/sqlite/open-store.ts';
import { decision } from '../conformance/samples.ts';
import { ensureFreshBuild } from '../e2e/fresh-build.ts';
import { demonstrationRevision } from '../engine/demonstration.ts';
import { engineStart, withStore } from './engine-start.ts';
import { EngineUnderTest } from './engine-under-test.ts';

beforeAll(ensureFreshBuild);

const folders: string[] = [];
const engines: EngineUnderTest[] = [];
afterEach(async () => {
  for (const engine of engines.splice(0)) {
    engine.kill();
    await engine.gone;
  }
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sotto-process-'));
  folders.push(folder);
  return folder;
}

function fork(): EngineUnderTest {
  const engine = new EngineUnderTest();
  engines.push(engine);
  return engine;
}

test('a store that cannot be opened is told of in words, and left as it is', async () => {
  const folder = newFolder();
  const first = fork();
  await first.start(engineStart(folder));
  await first.stop();
  await expect(fork().start(engineStart(folder, 'f'.repeat(64)))).rejects.toThrow(/damaged or was made with another key/);
  withStore(folder, (store) => expect(store.verifyLedger().brokenAt).toBeNull());
});

test('damage met while running ends the engine; the next one sets the store aside, keeps what was unsent, and says so', async () => {
  const folder = newFolder();
  const revision = demonstrationRevision();
  withStore(folder, (store) => {
    store.recordDecision(decision(1));
    store.saveSetting('versions', { revision: revision.hash, models: [], excluded: [] });
    store.installRevision(revision, {});
  });
  const [name = ''] = readdirSync(join(folder, 'stores'));
  const file = join(folder, 'stores', name, STORE_FILE);
  const bytes = readFileSync(file);
  // What was written last is the policy, which is not read before the engine runs.
  bytes.fill(0, bytes.length - 3 * 4_096);
  writeFileSync(file, bytes);
  const first = fork();
  await expect(first.start(engineStart(folder))).rejects.toThrow(/The store is damaged/);
  expect(await first.gone).toBe(1);
  const second = fork();
  await second.start(engineStart(folder));
  const view = await second.view();
  expect(view.engine).toMatchObject({
    state: 'ready',
    reason: 'store-salvaged',
    trouble: expect.stringMatching(/2 records not sent yet were saved and will be sent; none was lost/),
  });
  expect(view.outbox.unsent).toBe(2);
  const [aside] = readdirSync(join(folder, 'stores')).filter((entry) => entry.includes('.damaged-'));
  expect(readFileSync(join(folder, 'stores', aside ?? '', STORE_FILE)).equals(bytes)).toBe(true);
});

test('two engines on one store: the second says which program to close', async () => {
  const folder = newFolder();
  const first = fork();
  await first.start(engineStart(folder));
  await expect(fork().start(engineStart(folder))).rejects.toThrow(/another Sotto/);
  expect((await first.view()).engine.state).toBe('ready');
});

test.each(['SIGTERM', 'SIGINT'] as const)('%s closes the store and ends the process with 0', async (signal) => {
  const folder = newFolder();
  const engine = fork();
  await engine.start(engineStart(folder));
  engine.kill(signal);
  expect(await engine.gone).toBe(0);
  withStore(folder, (store) => expect(store.counts().refused).toBe(0));
});

test('what does not fit the port’s schema is ignored with a word in the log, and a bad request is answered with no', async () => {
  const engine = fork();
  await engine.start(engineStart(newFolder()));
  for (const message of [{ op: 'explode' }, { op: 'token', token: 7 }, { op: 'request', channel: 'desk:open' }]) engine.say(message);
  await expect(engine.request('window:theme', { theme: 'dark' })).rejects.toThrow(/no such channel/);
  await expect(engine.request('card:undo', { outcomeId: '<b>' })).rejects.toThrow(/card:undo/);
  expect(engine.logs.filter((line) => line.includes('did not fit'))).toHaveLength(3);
  expect((await engine.view()).engine.state).toBe('ready');
});
