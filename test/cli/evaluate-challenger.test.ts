/** What champion and challenger foretold, from records that hold both and what became of them. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Outcome } from '#contract/outcome.ts';
import { type CompiledModel, compileRevision, Decider } from '#core';
import { seededRandom } from '#learning';
import { readPolicy } from '#main/cli/read-policy.ts';
import { requestInputs } from '#policy';
import { core } from '../core/fixtures.ts';
import { generatedRequests } from './generated-requests.ts';
import { runSotto } from './run-sotto.ts';

const POLICY = path.join(import.meta.dirname, '..', '..', 'central', 'demo', 'policy');
const CHAMPION = '1'.repeat(64);
const CHALLENGER = '2'.repeat(64);
const COUNT = 700;
let folder: string;
const file = (name: string): string => path.join(folder, name);

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'sotto-challenger-'));
  cpSync(POLICY, file('policy'), { recursive: true });
  const yaml = path.join(file('policy'), 'revision.yaml');
  const kept = readFileSync(yaml, 'utf8').replace(/^(adaptive|control|maturityThrottle|exploration):.*$/gm, '');
  writeFileSync(yaml, `${kept}\nchallenger: { model: next, share: 0.5, salt: trial, unit: customer }\n`);
  const policy = await readPolicy(file('policy'));
  if (!policy.ok) throw new Error(policy.faults.join('\n'));
  const compiled = compileRevision(policy.revision);
  const decider = new Decider(compiled, core);
  const evidence = new Float64Array(policy.revision.actions.length).fill(1e9);
  const model = (hash: string): CompiledModel => ({ hash, learnt: null, evidence, positives: evidence, extraFields: [], additive: null });
  const random = seededRandom(5);
  const records: string[] = [];
  const outcomes: Outcome[] = [];
  for (const [n, request] of generatedRequests(policy.revision, COUNT, 8).entries()) {
    const call = { ...request.call, callId: `call-${n}`, customerId: `cust-${n}`, identity: 'verified' as const };
    const given = requestInputs(
      { ...request, call, ...(request.profile ? { profile: { ...request.profile, customerId: `cust-${n}` } } : {}) },
      { id: `d-${n}`, language: 'en' },
    );
    const candidates = decider.filter(given);
    const truth = Float32Array.from(candidates.actions, () => 0.05 + 0.9 * random());
    const rough = truth.map((p) => 0.5 + (p - 0.5) * 0.1);
    const [own, other] = candidates.facts.challenged ? [CHALLENGER, CHAMPION] : [CHAMPION, CHALLENGER];
    const said = (hash: string): Float32Array => (hash === CHALLENGER ? truth : rough);
    const decision = decider.arbitrate(given, candidates, {
      rung: 'model',
      propensity: said(own),
      model: model(own),
      shadow: { model: other, propensity: said(other) },
    });
    records.push(decision.recordJson);
    const [card] = decision.result.kind === 'show' ? decision.result.prompts : [];
    if (card === undefined) continue;
    const place = candidates.actions.indexOf(compiled.actionIndex.get(card.actionId) ?? -1);
    const base = {
      decisionId: given.decisionId,
      callId: call.callId,
      customerId: call.customerId,
      agentId: given.agentId,
      deviceId: given.deviceId,
      actionId: card.actionId,
      treatmentId: card.treatmentId,
      channel: 'voice',
      role: 'primary',
      atMs: given.nowMs + 1_000,
    } as const;
    const isTaken = random() < (truth[place] ?? 0);
    outcomes.push(
      { ...base, id: `s-${n}`, kind: 'seen', clock: 1 },
      { ...base, id: `a-${n}`, kind: isTaken ? 'accepted' : 'rejected', clock: 2 },
    );
  }
  writeFileSync(file('records.jsonl'), `${records.join('\n')}\n`);
  writeFileSync(file('outcomes.jsonl'), `${outcomes.map((one) => JSON.stringify(one)).join('\n')}\n`);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('the model that foretells better is found, whichever of the two decided', async () => {
  const files = ['--data', file('records.jsonl'), '--outcomes', file('outcomes.jsonl'), '--policy', file('policy'), '--json'];
  const { code, out, err } = await runSotto(['evaluate', 'challenger', ...files]);
  expect(code, err).toBe(0);
  const { decisions, pairs } = JSON.parse(out) as {
    decisions: Record<string, number>;
    pairs: readonly { champion: string; challenger: string; n: number; verdict: string; logLoss: number; championLogLoss: number }[];
  };
  expect([decisions['challenger']! > 100, decisions['champion']! > 100, decisions['fellBack']]).toEqual([true, true, 0]);
  expect(pairs).toHaveLength(1);
  expect(pairs[0]).toMatchObject({ champion: CHAMPION, challenger: CHALLENGER, verdict: 'better' });
  expect(pairs[0]!.n).toBeGreaterThan(100);
  expect(pairs[0]!.logLoss).toBeLessThan(pairs[0]!.championLogLoss - 0.05);
  const arms = await runSotto(['experiment', 'analyse', ...files, '--control', 'champion']);
  expect(arms.code, arms.err).toBe(0);
  expect((JSON.parse(arms.out) as { sampleRatio: object }).sampleRatio).toMatchObject({ alarm: false, assumedEqual: false });
});
