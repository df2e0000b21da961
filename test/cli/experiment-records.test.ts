/** An experiment from the policy that assigns it to what came of it: records of all arms, their outcomes, and the analysis. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Outcome } from '#contract/outcome.ts';
import { DecisionRecord } from '#contract/decision-record.ts';
import { seededRandom } from '#learning';
import { readPolicy } from '#main/cli/read-policy.ts';
import { asLines, generatedRequests } from './generated-requests.ts';
import { runSotto } from './run-sotto.ts';

const POLICY = path.join(import.meta.dirname, '..', '..', 'central', 'demo', 'policy');
const COUNT = 900;
const HOLDOUT = `holdouts:
  - { id: kept-back, name: Worth of sales, issues: [sales], share: 0.3, salt: launch, from: '2020-01-01T00:00:00Z', until: '2040-01-01T00:00:00Z' }`;
const ARMS = 'experiment: { salt: may, unit: customer, arms: [{ arm: random-relevant, share: 0.3 }, { arm: no-levers, share: 0.2 }] }';

let folder: string;
let records: readonly DecisionRecord[];
const file = (name: string): string => path.join(folder, name);
const isKept = ({ inputs: { heldOut } }: DecisionRecord): boolean => Array.isArray(heldOut) && heldOut.includes(0);
const armOf = ({ inputs: { control, arm } }: DecisionRecord): string => {
  if (control === true) return 'control-group';
  return typeof arm === 'string' ? arm : 'nba';
};

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'sotto-experiment-records-'));
  cpSync(POLICY, file('policy'), { recursive: true });
  const revision = path.join(file('policy'), 'revision.yaml');
  const kept = readFileSync(revision, 'utf8')
    .replace(/^(control|maturityThrottle):.*\n/gm, '')
    .trimEnd();
  writeFileSync(revision, `${kept}\ncontrol: { share: 0.2, salt: held }\n${HOLDOUT}\n${ARMS}\n`);
  const policy = await readPolicy(file('policy'));
  if (!policy.ok) throw new Error(policy.faults.join('\n'));
  const requests = generatedRequests(policy.revision, COUNT, 21).map((request, n) => ({
    ...request,
    call: {
      ...request.call,
      callId: `call-${n}`,
      customerId: n % 30 === 0 ? null : `cust-${n % 600}`,
      identity: n % 30 === 0 ? ('unknown' as const) : ('verified' as const),
    },
    ...(request.profile ? { profile: { ...request.profile, customerId: `cust-${n % 600}` } } : {}),
  }));
  writeFileSync(file('requests.jsonl'), asLines(requests));
  const { code, out, err } = await runSotto(['decide', '--policy', file('policy'), '--requests', file('requests.jsonl')]);
  if (code !== 0) throw new Error(err);
  writeFileSync(file('records.jsonl'), out);
  records = out
    .trimEnd()
    .split('\n')
    .map((line) => DecisionRecord.parse(JSON.parse(line)));
  const random = seededRandom(3);
  const outcomes = records.flatMap((record): readonly Outcome[] => {
    const [card] = record.result.kind === 'show' ? record.result.prompts : [];
    if (card === undefined) return [];
    const { id: decisionId, callId, customerId, agentId, deviceId, atMs } = record;
    const { actionId, treatmentId } = card;
    const base = { decisionId, callId, customerId, agentId, deviceId, actionId, treatmentId, channel: 'voice', role: 'primary' } as const;
    const isTaken = random() < (armOf(record) === 'random-relevant' ? 0.2 : 0.7);
    return [
      { ...base, id: `${decisionId}-seen`, kind: 'seen', atMs, clock: 1 },
      { ...base, id: `${decisionId}-answer`, kind: isTaken ? 'accepted' : 'rejected', atMs: atMs + 1_000, clock: 2 },
    ];
  });
  writeFileSync(file('outcomes.jsonl'), `${outcomes.map((outcome) => JSON.stringify(outcome)).join('\n')}\nnonsense\n`);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const analyse = (...more: string[]) =>
  runSotto(['experiment', 'analyse', '--data', file('records.jsonl'), '--outcomes', file('outcomes.jsonl'), ...more]);

describe('sotto experiment analyse --outcomes', () => {
  it('compares the policy with the arms its records name, by customer, at the shares it means', async () => {
    const { out, err } = await analyse('--policy', file('policy'), '--control', 'nba', '--json');
    expect(err).toContain('1 of');
    expect(err).toContain('calls of nobody known');
    const { arms, comparisons, sampleRatio, trusted, n } = JSON.parse(out) as {
      n: number;
      trusted: boolean;
      arms: readonly { arm: string; metric: string; n: number; units: number; mean: number }[];
      comparisons: readonly { arm: string; metric: string; significant: boolean; difference: { estimate: number } }[];
      sampleRatio: { alarm: boolean; assumedEqual: boolean };
    };
    const known = records.filter(({ customerId }) => customerId !== null);
    expect(n).toBe(known.length);
    for (const arm of ['nba', 'random-relevant', 'no-levers', 'control-group']) {
      const own = known.filter((record) => armOf(record) === arm);
      const told = arms.find((one) => one.arm === arm && one.metric === 'accepted');
      expect([told?.n, told?.units]).toEqual([own.length, new Set(own.map(({ customerId }) => customerId)).size]);
    }
    expect(sampleRatio).toMatchObject({ alarm: false, assumedEqual: false });
    expect(trusted).toBe(true);
    const random = comparisons.find(({ arm, metric }) => arm === 'random-relevant' && metric === 'accepted');
    expect([random?.significant, (random?.difference.estimate ?? 0) < 0]).toEqual([true, true]);
    const levers = comparisons.find(({ arm, metric }) => arm === 'no-levers' && metric === 'accepted');
    expect(levers?.significant).toBe(false);
  });

  it('tells what a proposition was worth by those it was kept from, apart from those who are held back from everything', async () => {
    const { out } = await analyse('--policy', file('policy'), '--holdout', 'kept-back', '--control', 'offered', '--json');
    const { arms, n, sampleRatio } = JSON.parse(out) as {
      n: number;
      arms: readonly { arm: string; metric: string; n: number }[];
      sampleRatio: { alarm: boolean };
    };
    const known = records.filter(({ customerId }) => customerId !== null);
    const count = (arm: string): number | undefined => arms.find((one) => one.arm === arm && one.metric === 'accepted')?.n;
    const within = known.filter((record) => armOf(record) !== 'control-group');
    expect(n).toBe(known.length);
    expect(count('held-out')).toBe(within.filter(isKept).length);
    expect(count('offered')).toBe(within.filter((record) => !isKept(record)).length);
    expect(count('held-out')).toBeGreaterThan(100);
    expect(sampleRatio.alarm).toBe(false);
  });

  it('says what is missing', async () => {
    expect(await analyse('--policy', file('policy'), '--holdout', 'no-such')).toMatchObject({
      code: 2,
      err: expect.stringContaining('has no holdout "no-such"; it has kept-back') as string,
    });
    expect(await analyse()).toMatchObject({ code: 2, err: expect.stringContaining('give --policy DIR') as string });
  });
});
