/** `sotto replay`: every record reproduced byte for byte, with the core it names; whatever was changed is named. */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keepCore } from '#central/records/cores.ts';
import { canonicalJson } from '#core';
import { loadPresentCore } from '#main/cli/core/core-file.ts';
import { readPolicy } from '#main/cli/read-policy.ts';
import { asLines, generatedRequests } from '#test/cli/generated-requests.ts';
import { openCentral, producerToken } from '#test/central/fixture.ts';
import { runSotto } from '#test/cli/run-sotto.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');
const POLICY = path.join(ROOT, 'central', 'demo', 'policy');
const MODELS = path.join(ROOT, 'central', 'demo', 'models');
const FORMER = path.join(import.meta.dirname, 'former-core');
const RECORDS = 30;

let folder: string;
let lines: readonly string[];
const at = (name: string): string => path.join(folder, name);
const written = (name: string, text: string): string => {
  writeFileSync(at(name), text);
  return at(name);
};
const replay = async (file: string, ...more: readonly string[]) => {
  const ran = await runSotto(['replay', file, '--json', ...more]);
  const printed = ran.out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  return { ...ran, last: printed.at(-1), named: printed.slice(0, -1) };
};
const withModels = ['--policy', POLICY, '--models', MODELS] as const;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'sotto-replay-records-'));
  const policy = await readPolicy(POLICY);
  if (!policy.ok) throw new Error(policy.faults.join('\n'));
  const requests = written('requests.jsonl', asLines(generatedRequests(policy.revision, RECORDS, 11)));
  const ran = await runSotto(['decide', '--policy', POLICY, '--models', MODELS, '--requests', requests, '--hashes', at('hashes')]);
  if (ran.code !== 0) throw new Error(ran.err);
  written('records.jsonl', ran.out);
  lines = ran.out.trimEnd().split('\n');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('replaying records of today’s core', () => {
  it('reproduces every record byte for byte and says so in its last line', async () => {
    const { code, out, err } = await runSotto(['replay', at('records.jsonl'), ...withModels, '--hashes', at('hashes')]);
    expect(code, err).toBe(0);
    expect(out).toBe(`{"replayed":${RECORDS},"different":0}\n`);
    expect(lines.filter((line) => line.includes('"kind":"show"')).length).toBeGreaterThan(2);
  });

  it('names the member that was changed', async () => {
    const record = JSON.parse(lines[4] ?? '') as Record<string, unknown> & { reasons: string; scores: object; result: object };
    const letter = record.reasons.at(-1) === 'A' ? 'B' : 'A';
    const changes: readonly (readonly [string, object])[] = [
      ['reasons', { reasons: record.reasons.slice(0, -1) + letter }],
      ['scores.digest', { scores: { ...record.scores, digest: '0'.repeat(64) } }],
      ['result', { result: { kind: 'refrain', reason: 'quiet', value: 1, best: null } }],
    ];
    for (const [member, change] of changes) {
      const file = written('changed.jsonl', `${lines[0]}\n${canonicalJson({ ...record, ...change })}\n`);
      const { code, last, named } = await replay(file, ...withModels);
      expect(code, member).toBe(1);
      expect(last, member).toEqual({ replayed: 2, different: 1 });
      expect(named, member).toHaveLength(1);
      expect(named[0], member).toMatchObject({ line: 2, id: 'dec-5', part: 'record' });
      expect(JSON.stringify(named[0]?.['members']), member).toContain(`"${member}`);
    }
    const told = await runSotto(['replay', at('changed.jsonl'), ...withModels]);
    expect(told.err).toContain(`${at('changed.jsonl')}:2 dec-5 record: `);
  });

  it('notices every single changed byte of a record', async () => {
    const line = lines.toSorted((a, b) => a.length - b.length)[0] ?? '';
    const number = lines.indexOf(line);
    const bytes = Buffer.from(line);
    const step = process.env['SOTTO_FULL'] === '1' ? 1 : 13;
    const hashes = readFileSync(at('hashes'), 'utf8').split('\n');
    const changed: Buffer[] = [];
    for (let place = 0; place < bytes.length; place += step) {
      const copy = Buffer.from(bytes);
      // Never the line end, which would make two records of one.
      copy[place] = (copy[place] ?? 0) ^ (place % 2 === 0 ? 1 : 0x80);
      if (copy[place] !== 0x0a) changed.push(copy, Buffer.from('\n'));
    }
    writeFileSync(at('bytes.jsonl'), Buffer.concat(changed));
    const count = changed.length / 2;
    const list = written('bytes-hashes', `${hashes[number] ?? ''}\n`.repeat(count));
    expect(count).toBeGreaterThan(50);
    const { code, last, named } = await replay(at('bytes.jsonl'), ...withModels, '--hashes', list);
    expect(code).toBe(1);
    expect(last).toEqual({ replayed: count, different: count });
    expect([...new Set(named.map(({ part }) => part))]).toEqual(expect.arrayContaining(['record', 'hash', 'policy']));
  });

  it('names a policy of which a byte was changed, and one whose folder was not given', async () => {
    const copy = at('policy');
    cpSync(POLICY, copy, { recursive: true });
    const care = path.join(copy, 'care.yaml');
    writeFileSync(care, `${readFileSync(care, 'utf8')}\n`);
    const changed = await replay(at('records.jsonl'), '--policy', copy, '--models', MODELS);
    expect(changed.last).toEqual({ replayed: RECORDS, different: RECORDS });
    expect(changed.named[0]).toMatchObject({ part: 'policy', members: ['policy'] });
    expect(changed.named[0]?.['words']).toMatch(/^it names policy [0-9a-f]{12}, and .*policy is [0-9a-f]{12}$/);
    const none = await replay(at('records.jsonl'));
    expect(none.last).toEqual({ replayed: RECORDS, different: RECORDS });
    expect(none.named[0]?.['words']).toContain('give --policy DIR, --store DIR or --central URL');
  });

  it('names a model of which a byte was changed, in its file or in its manifest', async () => {
    const copy = at('models');
    cpSync(MODELS, copy, { recursive: true });
    const manifest = path.join(copy, 'propensity', 'manifest.json');
    const text = readFileSync(manifest, 'utf8');
    writeFileSync(manifest, text.replace(/"evidence": (\d+)/, '"evidence": 1$1'));
    const changed = await replay(at('records.jsonl'), '--policy', POLICY, '--models', copy);
    expect(changed.last).toEqual({ replayed: RECORDS, different: RECORDS });
    expect(changed.named[0]).toMatchObject({ part: 'model', members: ['models'] });
    writeFileSync(manifest, text);
    const onnx = path.join(copy, 'propensity', 'model.onnx');
    const bytes = readFileSync(onnx);
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    writeFileSync(onnx, bytes);
    const { code, err } = await runSotto(['replay', at('records.jsonl'), '--policy', POLICY, '--models', copy]);
    expect(code).toBe(1);
    expect(err).toContain('model.onnx is not the file its manifest names');
  });

  it('names records that were taken out of a file', async () => {
    const { code, err, last } = await replay(
      written('fewer.jsonl', `${lines.slice(1).join('\n')}\n`),
      ...withModels,
      '--hashes',
      at('hashes'),
    );
    expect(code).toBe(1);
    expect(last).toEqual({ replayed: RECORDS - 1, different: RECORDS - 1 });
    expect(err).toContain('some were taken out or added');
  });

  it('reproduces records scored by a model that the core computes itself', async () => {
    const policy = await readPolicy(POLICY);
    if (!policy.ok) throw new Error(policy.faults.join('\n'));
    const features = [
      { kind: 'number', field: 'profile.tenureMonths', mean: 30, scale: 20, clip: 3 },
      { kind: 'flag', field: 'profile.appUser' },
      { kind: 'one-hot', field: 'profile.plan', values: ['fibre-100', 'fibre-500'] },
    ];
    const width = 7;
    const weights = (seed: number) =>
      Buffer.from(Float64Array.from({ length: width }, (_, i) => Math.sin(seed + i)).buffer).toString('base64');
    const manifest = {
      id: 'sum',
      kind: 'additive',
      version: 1,
      features,
      width,
      actions: policy.revision.actions.map(({ id }, index) => ({
        id,
        evidence: 300,
        positives: 50,
        intercept: -1,
        weights: weights(index),
      })),
    };
    const models = at('additive');
    mkdirSync(models);
    writeFileSync(path.join(models, 'manifest.json'), JSON.stringify(manifest));
    const ran = await runSotto(['decide', '--policy', POLICY, '--models', models, '--requests', at('requests.jsonl')]);
    expect(ran.code, ran.err).toBe(0);
    expect(ran.out).toContain('"rung":"model"');
    const file = written('additive.jsonl', ran.out);
    expect(await replay(file, '--policy', POLICY, '--models', models)).toMatchObject({
      code: 0,
      last: { replayed: RECORDS, different: 0 },
    });
    writeFileSync(path.join(models, 'manifest.json'), JSON.stringify({ ...manifest, version: 2 }));
    const changed = await replay(file, '--policy', POLICY, '--models', models);
    expect(changed.last).toEqual({ replayed: RECORDS, different: RECORDS });
    expect(changed.named[0]).toMatchObject({ part: 'model' });
  });

  it('fails when there is nothing to replay', async () => {
    expect(await replay(written('nothing.jsonl', '\n'), ...withModels)).toMatchObject({ code: 1, last: { replayed: 0, different: 0 } });
  });
});

describe('replaying records of a former core', () => {
  const records = path.join(FORMER, 'records.jsonl');
  const policy = path.join(FORMER, 'policy');
  const bundle = readdirSync(FORMER).find((name) => name.endsWith('.mjs.gz')) ?? '';
  const hash = bundle.slice(0, 64);
  let cores: string;
  beforeAll(() => {
    cores = at('cores');
    mkdirSync(cores);
    writeFileSync(path.join(cores, `${hash}.mjs`), gunzipSync(readFileSync(path.join(FORMER, bundle))));
    for (const name of readdirSync(FORMER).filter((one) => one.endsWith('.json'))) cpSync(path.join(FORMER, name), path.join(cores, name));
  });

  it('takes each with the core it names, byte for byte', async () => {
    const { code, out, err } = await runSotto(['replay', records, '--policy', policy, '--cores', cores]);
    expect(code, err).toBe(0);
    expect(out).toBe('{"replayed":24,"different":0}\n');
  });

  it('takes each with the core that central keeps, once it is what its hash says', async () => {
    const known = at('checked-then');
    mkdirSync(known);
    for (const name of readdirSync(cores).filter((one) => one.endsWith('.json'))) cpSync(path.join(cores, name), path.join(known, name));
    const { central, close } = await openCentral(null);
    try {
      const { db } = central.store;
      expect(await keepCore(db, readFileSync(path.join(cores, `${hash}.mjs`)), 1)).toBe(hash);
      const asked = ['--policy', policy, '--cores', known, '--central', central.url, '--token', await producerToken(central)];
      expect(await replay(records, ...asked)).toMatchObject({ code: 0, last: { replayed: 24, different: 0 } });
      // Whoever gets past the database gets nothing run.
      await central.store.script(
        `alter table cores disable trigger all; update cores set source = convert_to('export const compileRevision = () => 0;', 'UTF8')`,
      );
      const forged = await replay(records, ...asked);
      expect(forged.last).toEqual({ replayed: 24, different: 24 });
      expect(forged.named[0]?.['words']).toContain('is not the core');
    } finally {
      await close();
    }
  });

  it('never takes them with today’s core, and names the core that is missing', async () => {
    expect((await loadPresentCore()).hash).not.toBe(hash);
    const { code, last, named } = await replay(records, '--policy', policy);
    expect(code).toBe(1);
    expect(last).toEqual({ replayed: 24, different: 24 });
    expect(named[0]).toMatchObject({ part: 'core', members: ['core'] });
    expect(named[0]?.['words']).toContain(hash);
  });

  it('refuses a core that is not the one it is named after', async () => {
    const forged = at('forged');
    mkdirSync(forged);
    writeFileSync(path.join(forged, `${hash}.mjs`), 'export const compileRevision = () => 0;\n');
    const { named } = await replay(records, '--policy', policy, '--cores', forged);
    expect(named[0]?.['words']).toContain('is not the core');
  });

  it('notices what was changed in them', async () => {
    const [first = ''] = readFileSync(records, 'utf8').split('\n');
    const record = JSON.parse(first) as { reasons: string };
    const changed = canonicalJson({ ...record, reasons: `B${record.reasons.slice(1)}` });
    const { last, named } = await replay(written('former.jsonl', `${changed}\n`), '--policy', policy, '--cores', cores);
    expect(last).toEqual({ replayed: 1, different: 1 });
    expect(named[0]).toMatchObject({ part: 'record', members: ['reasons'] });
  });
});
