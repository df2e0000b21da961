/** `sotto replay` without folders: revisions and models by their hash, from a desk's own store and from central. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSqliteStore } from '#adapters/sqlite/open-store.ts';
import type { ModelBundle } from '#contract/model.ts';
import type { RevisionBundle } from '#contract/policy.ts';
import { canonicalJson } from '#core';
import { readModels } from '#main/cli/decide/model-folder.ts';
import { readPolicyFolder } from '#main/cli/read-policy-folder.ts';
import { readPolicy } from '#main/cli/read-policy.ts';
import { storeFolder } from '#main/engine-process/store-folder.ts';
import { People } from '#main/shell/people.ts';
import { throwAwaySeal } from '#main/shell/throw-away-seal.ts';
import { agentToken } from '#test/central/device.ts';
import { CUSTOMER, openCentral } from '#test/central/fixture.ts';
import { asLines, generatedRequests } from '#test/cli/generated-requests.ts';
import { runSotto } from '#test/cli/run-sotto.ts';
import { KEY, MIGRATIONS, NOW_MS } from '#test/conformance/sqlite-scratch.ts';

const DEMO = path.join(import.meta.dirname, '..', '..', 'central', 'demo');
const RECORDS = 12;

let folder: string;
let records: string;
let revision: RevisionBundle;
let model: ModelBundle;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'sotto-replay-sources-'));
  const policy = await readPolicy(path.join(DEMO, 'policy'));
  const models = await readModels(path.join(DEMO, 'models'));
  if (!policy.ok || !models.ok) throw new Error('the demonstration cannot be read');
  const [found] = models.models;
  if (found?.manifest.kind !== 'propensity' || found.onnx === null) throw new Error('the demonstration has another model');
  revision = { hash: policy.hash, version: 1, publishedAtMs: NOW_MS, files: [...(await readPolicyFolder(path.join(DEMO, 'policy')))] };
  model = { hash: found.hash, manifest: found.manifest, onnxBase64: found.onnx.toString('base64') };
  const requests = path.join(folder, 'requests.jsonl');
  writeFileSync(requests, asLines(generatedRequests(policy.revision, RECORDS, 31)));
  const ran = await runSotto([
    'decide',
    '--policy',
    path.join(DEMO, 'policy'),
    '--models',
    path.join(DEMO, 'models'),
    '--requests',
    requests,
  ]);
  if (ran.code !== 0) throw new Error(ran.err);
  records = path.join(folder, 'records.jsonl');
  writeFileSync(records, ran.out);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const replay = async (file: string, ...more: readonly string[]) => {
  const ran = await runSotto(['replay', file, '--json', ...more]);
  const printed = ran.out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  return { ...ran, last: printed.at(-1), named: printed.slice(0, -1) };
};

/** A desk's store with its key near it, as the demonstration keeps it. */
const storeWith = async (name: string, bundles: boolean): Promise<string> => {
  const userData = path.join(folder, name);
  mkdirSync(userData);
  const people = await People.open(throwAwaySeal(userData), userData);
  const granted = {
    id: 'ann',
    name: 'Ann',
    level: 'standard',
    language: 'en',
    roles: [],
    deviceToken: '',
    secret: KEY,
    offlineHours: 1,
    atMs: 0,
  } as const;
  const { person } = await people.remember({ ...granted, roles: [] }, NOW_MS);
  const place = storeFolder(userData, 'ann');
  mkdirSync(place, { recursive: true });
  const opened = openSqliteStore({ folder: place, keyHex: people.storeKey(person) ?? '', migrations: MIGRATIONS, nowMs: NOW_MS });
  if (!opened.ok) throw new Error(opened.words);
  const { store } = opened;
  if (bundles) {
    expect(store.installRevision(revision, {})).toEqual({ ok: true });
    expect(store.installModel(model, {})).toEqual({ ok: true });
    for (const recordJson of readFileSync(records, 'utf8').trimEnd().split('\n')) {
      const { id, callId, clock } = JSON.parse(recordJson) as { id: string; callId: string; clock: number };
      expect(store.recordDecision({ id, callId, clock, recordJson, fingerprint: 'f', cards: [], outcomes: [] })).toEqual({ ok: true });
    }
  }
  store.close();
  return place;
};

describe('replaying by hash', () => {
  it('finds policy and model in a desk’s store, and sees what was changed against the record that is in it', async () => {
    const store = await storeWith('full', true);
    expect(await replay(records, '--store', store)).toMatchObject({ code: 0, last: { replayed: RECORDS, different: 0 } });
    const [first = ''] = readFileSync(records, 'utf8').split('\n');
    const changed = path.join(folder, 'changed.jsonl');
    writeFileSync(changed, `${canonicalJson({ ...(JSON.parse(first) as object), agentId: 'somebody-else' })}\n`);
    const { last, named } = await replay(changed, '--store', store);
    expect(last).toEqual({ replayed: 1, different: 1 });
    expect(named[0]).toMatchObject({ part: 'record', members: ['agentId'] });
  });

  it('says what is not in a store, and never makes one', async () => {
    const { last, named } = await replay(records, '--store', await storeWith('empty', false));
    expect(last).toEqual({ replayed: RECORDS, different: RECORDS });
    expect(named[0]).toMatchObject({ part: 'policy' });
    const none = await runSotto(['replay', records, '--store', folder]);
    expect(none.code).toBe(1);
    expect(none.err).toContain('holds no store');
  });

  it('finds policy and model at central, with a token', async () => {
    const { central, close } = await openCentral(null);
    try {
      await central.loadOrganisation({
        agents: [{ id: 'ann', name: 'ann', level: 'standard', language: 'en' }],
        customers: [CUSTOMER],
        policyFiles: revision.files,
        models: [model],
      });
      const token = await agentToken(central, 'ann', 'desk-1');
      expect(await replay(records, '--central', central.url, '--token', token)).toMatchObject({
        code: 0,
        last: { replayed: RECORDS, different: 0 },
      });
      const refused = await replay(records, '--central', central.url, '--token', 'no-token');
      expect(refused.last).toEqual({ replayed: RECORDS, different: RECORDS });
      expect(refused.err).toContain('central refused the token');
      expect(await runSotto(['replay', records, '--central', central.url])).toMatchObject({ code: 2 });
    } finally {
      await close();
    }
  });
});
