/** Off-policy estimates from decision records: of a policy that explored, what one that does not would have earned. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Outcome } from '#contract/outcome.ts';
import { DecisionRecord } from '#contract/decision-record.ts';
import { seededRandom } from '#learning';
import { readPolicy } from '#main/cli/read-policy.ts';
import { asLines, generatedRequests } from './generated-requests.ts';
import { runSotto } from './run-sotto.ts';

const POLICY = path.join(import.meta.dirname, '..', '..', 'central', 'demo', 'policy');
const COUNT = 700;

let folder: string;
const file = (name: string): string => path.join(folder, name);
const cardOf = ({ result }: DecisionRecord): string | null => (result.kind === 'show' ? (result.prompts[0]?.actionId ?? null) : null);

/** The demonstration's policy with more lines in its revision. */
const policyWith = (name: string, lines: string): string => {
  cpSync(POLICY, file(name), { recursive: true });
  const revision = path.join(file(name), 'revision.yaml');
  writeFileSync(
    revision,
    `${readFileSync(revision, 'utf8')
      .replace(/^(maturityThrottle|control):.*\n/gm, '')
      .trimEnd()}\n${lines}\n`,
  );
  return file(name);
};
const decided = async (policy: string, keepAs?: string): Promise<readonly DecisionRecord[]> => {
  const { code, out, err } = await runSotto(['decide', '--policy', policy, '--requests', file('requests.jsonl')]);
  if (code !== 0) throw new Error(err);
  if (keepAs !== undefined) writeFileSync(file(keepAs), out);
  return out
    .trimEnd()
    .split('\n')
    .map((line) => DecisionRecord.parse(JSON.parse(line)));
};
/** How often an agent takes an action up: something of each action's own. */
const appeal = (actionId: string): number => ((actionId.length * 37) % 10) / 10;

let records: readonly DecisionRecord[];
let greedy: string;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'sotto-ope-records-'));
  const policy = await readPolicy(POLICY);
  if (!policy.ok) throw new Error(policy.faults.join('\n'));
  const requests = generatedRequests(policy.revision, COUNT, 5).map((request, n) => ({
    ...request,
    id: `dec-${n}`,
    seed: n * 7_919 + 104_729,
  }));
  writeFileSync(file('requests.jsonl'), asLines(requests));
  const exploring = policyWith('exploring', 'control: { share: 0.1, salt: held }\nexploration: { candidates: 3, gamma: 2 }');
  greedy = policyWith('greedy', '');
  records = await decided(exploring, 'records.jsonl');
  const random = seededRandom(1);
  const outcomes = records.flatMap((record): readonly Outcome[] => {
    const actionId = cardOf(record);
    if (actionId === null) return [];
    const { id: decisionId, callId, customerId, agentId, deviceId, atMs } = record;
    const base = {
      decisionId,
      callId,
      customerId,
      agentId,
      deviceId,
      actionId,
      treatmentId: actionId,
      channel: 'voice',
      role: 'primary',
    } as const;
    return [
      { ...base, id: `${decisionId}-seen`, kind: 'seen', atMs, clock: 1 },
      { ...base, id: `${decisionId}-answer`, kind: random() < appeal(actionId) ? 'accepted' : 'rejected', atMs: atMs + 1_000, clock: 2 },
    ];
  });
  writeFileSync(file('outcomes.jsonl'), outcomes.map((outcome) => JSON.stringify(outcome)).join('\n'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ope = (...more: string[]) =>
  runSotto(['evaluate', 'ope', '--data', file('records.jsonl'), '--outcomes', file('outcomes.jsonl'), '--json', ...more]);

it('covers what the other policy earns where it decides itself', async () => {
  expect(records.filter(({ probability }) => (probability ?? 1) < 1).length).toBeGreaterThan(COUNT / 6);
  const { code, out, err } = await ope('--policy', file('exploring'), '--against', greedy);
  expect(code, err).toBe(0);
  const { n, ips, snips, dr, meanWeight } = JSON.parse(out) as Record<string, never> & {
    n: number;
    meanWeight: number;
    ips: { estimate: number; low: number; high: number };
    snips: { low: number; high: number };
    dr: { low: number; high: number };
  };
  const cards = (await decided(greedy)).map(cardOf).filter((card) => card !== null);
  expect(n).toBeGreaterThan(COUNT / 6);
  expect(cards.length).toBeLessThanOrEqual(n);
  const truth = cards.reduce((sum, card) => sum + appeal(card), 0) / n;
  for (const { low, high } of [ips, snips, dr]) expect([low <= truth, truth <= high, high - low < 0.4]).toEqual([true, true, true]);
  expect(Math.abs(meanWeight - 1)).toBeLessThan(0.2);
});

it('of the policy itself is what it earned', async () => {
  const { out } = await ope('--policy', file('exploring'), '--against', file('exploring'));
  const figures = JSON.parse(out) as { n: number; meanWeight: number; ips: { estimate: number } };
  const accepted = readFileSync(file('outcomes.jsonl'), 'utf8').split('"accepted"').length - 1;
  expect(figures.meanWeight).toBeCloseTo(1, 9);
  expect(figures.ips.estimate * figures.n).toBeCloseTo(accepted, 6);
});

it('tells what is missing', async () => {
  expect(await ope()).toMatchObject({ code: 2, err: expect.stringContaining('give --policy DIR') as string });
  const other = await ope('--policy', greedy, '--against', greedy);
  expect([other.code, other.err]).toEqual([1, expect.stringContaining('was taken under policy')]);
});
