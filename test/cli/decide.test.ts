import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DecisionRecord } from '#contract/decision-record.ts';
import { canonicalJson, unpackScores } from '#core';
import { readPolicy } from '#main/cli/read-policy.ts';
import { asLines, generatedRequests, shuffled } from './generated-requests.ts';
import { runSotto } from './run-sotto.ts';

const DEMO = path.join(import.meta.dirname, '..', '..', 'central', 'demo');
const POLICY = path.join(DEMO, 'policy');
const MODELS = path.join(DEMO, 'models');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'sotto-decide-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const given = (name: string, text: string): string => {
  const file = path.join(folder, name);
  writeFileSync(file, text);
  return file;
};

const demonstration = async () => {
  const policy = await readPolicy(POLICY);
  if (!policy.ok) throw new Error(policy.faults.join('\n'));
  return policy.revision;
};

describe('sotto decide', () => {
  it('prints one record a line, canonical, with the policy, the model and the core it was taken with', async () => {
    const requests = given('some.jsonl', asLines(generatedRequests(await demonstration(), 40)));
    const { code, out, err } = await runSotto(['decide', '--policy', POLICY, '--models', MODELS, '--requests', requests]);
    expect(code, err).toBe(0);
    const lines = out.trimEnd().split('\n');
    expect(lines).toHaveLength(40);
    const records = lines.map((line) => DecisionRecord.parse(JSON.parse(line)));
    expect(lines).toEqual(records.map((record) => canonicalJson(record)));
    expect(new Set(records.map(({ policy }) => policy)).size).toBe(1);
    expect(records[0]?.policy).toBe((await demonstration()).hash);
    expect(records.every(({ models }) => models.length === 1)).toBe(true);
    expect(records.filter(({ result }) => result.kind === 'show').length).toBeGreaterThan(3);
    expect(records.map(({ id }) => id)).toEqual(records.map((_, index) => `dec-${index + 1}`));
  });

  it('decides an empty request: everything but the policy has a default', async () => {
    const { code, out } = await runSotto(['decide', '--policy', POLICY, '--requests', given('empty.jsonl', '{}\n\n{}\n')]);
    expect(code).toBe(0);
    expect(
      out
        .trimEnd()
        .split('\n')
        .map((line) => DecisionRecord.parse(JSON.parse(line)).id),
    ).toEqual(['request-1', 'request-3']);
  });

  it('gives the same whatever the order of the members and of the run', async () => {
    const requests = generatedRequests(await demonstration(), 25, 3);
    const one = given('one.jsonl', asLines(requests));
    const other = given('other.jsonl', asLines(requests.map((request, index) => shuffled(request, index))));
    const first = await runSotto(['decide', '--policy', POLICY, '--models', MODELS, '--requests', one]);
    const second = await runSotto(['decide', '--policy', POLICY, '--models', MODELS, '--requests', other]);
    expect([second.code, second.out]).toEqual([first.code, first.out]);
    expect(first.code).toBe(0);
  });

  it('names a bad line by number and path, never by its value, answers the others and exits 1', async () => {
    const file = given(
      'bad.jsonl',
      [
        '{"id":"good-1"}',
        '{"profile":{"displayName":"Ada Lovelace","fields":{"arrears":{"secret":1}}}}',
        'Ada Lovelace says {"no":',
        '{"call":{"phase":"Ada Lovelace"}}',
        '{"surname":"Lovelace"}',
        '{"id":"Ada Lovelace"}',
        '{"outcomes":[{"kind":"seen"}]}',
        '{"id":"good-2"}',
      ].join('\n'),
    );
    const { code, out, err } = await runSotto(['decide', '--policy', POLICY, '--requests', file]);
    expect(code).toBe(1);
    expect(
      out
        .trimEnd()
        .split('\n')
        .map((line) => DecisionRecord.parse(JSON.parse(line)).id),
    ).toEqual(['good-1', 'good-2']);
    for (const [line, path] of [
      [2, 'profile.fields.arrears'],
      [3, 'the line'],
      [4, 'call.phase'],
      [5, 'surname'],
      [6, 'id'],
      [7, 'outcomes.0.actionId'],
    ] as const)
      expect(err).toContain(`${file}:${line} ${path} `);
    expect(err).not.toMatch(/Ada|Lovelace|secret/);
    expect(err).toContain('2 decided, 6 refused');
    const json = await runSotto(['decide', '--policy', POLICY, '--requests', file, '--json']);
    // On a slow machine it says in between how far it is.
    expect(JSON.parse(json.err.split('\n').find((line) => line.startsWith('{')) ?? '')).toEqual({
      line: 2,
      path: 'profile.fields.arrears',
      reason: 'fits none of its forms',
    });
  });

  it('takes bytes that are no UTF-8 for what they are', async () => {
    const file = path.join(folder, 'bytes.jsonl');
    writeFileSync(file, Buffer.concat([Buffer.from('{"agentId":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}\n')]));
    const { code, err } = await runSotto(['decide', '--policy', POLICY, '--requests', file]);
    expect(code).toBe(1);
    expect(err).toContain(`${file}:1 the line is no UTF-8`);
  });

  it('decides with propensities that came from outside, on the evidence of the manifest', async () => {
    const all = await demonstration();
    const propensities = Object.fromEntries(all.actions.map(({ id }) => [id, 0.875]));
    const request = { call: { utterances: [{ speaker: 'customer', text: 'I want to cancel' }] }, profile: {} };
    const file = given('outside.jsonl', asLines([{ ...request, propensities }, request]));
    const { code, out, err } = await runSotto(['decide', '--policy', POLICY, '--models', MODELS, '--requests', file]);
    expect(code, err).toBe(0);
    const [outside, inside] = out
      .trimEnd()
      .split('\n')
      .map((line) => DecisionRecord.parse(JSON.parse(line)));
    expect(outside?.models).toEqual(inside?.models);
    expect(outside?.scores.f32).not.toBe(inside?.scores.f32);
    expect(unpackScores(Buffer.from(outside?.scores.f32 ?? '', 'base64'))[0]).toBe(0.875);
    const without = await runSotto(['decide', '--policy', POLICY, '--requests', file]);
    expect(without.code).toBe(1);
    expect(without.err).toContain(`${file}:1 the line propensities need --models`);
  });

  it('refuses a policy with faults and a model that is not what its manifest says', async () => {
    const broken = await runSotto(['decide', '--policy', folder, '--requests', given('none.jsonl', '{}\n')]);
    expect(broken).toMatchObject({ code: 1, out: '' });
    expect(broken.err).toContain('care.yaml:1 the file is missing');
    const models = await runSotto(['decide', '--policy', POLICY, '--models', POLICY, '--requests', given('none.jsonl', '{}\n')]);
    expect(models).toMatchObject({ code: 1, out: '' });
    expect(models.err).toContain('holds no model');
  });

  it('writes the SHA-256 of each record beside them when asked', async () => {
    const hashes = path.join(folder, 'hashes');
    const { out } = await runSotto(['decide', '--policy', POLICY, '--requests', given('two.jsonl', '{}\n{}\n'), '--hashes', hashes]);
    const wanted = out
      .trimEnd()
      .split('\n')
      .map((line) => `${createHash('sha256').update(line).digest('hex')}\n`);
    expect(readFileSync(hashes, 'utf8')).toBe(wanted.join(''));
  });
});
