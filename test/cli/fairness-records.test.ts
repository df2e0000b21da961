/** Fairness of every stage from decision records and a file of attributes that no record holds. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DecisionRecord } from '#contract/decision-record.ts';
import { STAGES } from '#contract/reason-codes.ts';
import { readPolicy } from '#main/cli/read-policy.ts';
import { asLines, generatedRequests } from './generated-requests.ts';
import { runSotto } from './run-sotto.ts';

const POLICY = path.join(import.meta.dirname, '..', '..', 'central', 'demo', 'policy');
const COUNT = 400;

let folder: string;
let records: readonly DecisionRecord[];
const file = (name: string): string => path.join(folder, name);
const originOf = (customerId: string): string => (Number(customerId.slice('cust-'.length)) % 3 === 0 ? 'NORTH' : 'SOUTH');

interface Stage {
  readonly stage: string;
  readonly n: number;
  readonly partitions: readonly {
    readonly groups: readonly { readonly group: { readonly origin: string }; readonly n: number; readonly selectionRate: number }[];
  }[];
}
const report = (...more: string[]) =>
  runSotto(['evaluate', 'fairness', '--data', file('attributes.csv'), '--groups', 'origin', '--redraws', '200', ...more]);

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'sotto-fairness-records-'));
  const policy = await readPolicy(POLICY);
  if (!policy.ok) throw new Error(policy.faults.join('\n'));
  const requests = generatedRequests(policy.revision, COUNT, 11).map((request, n) => ({
    ...request,
    call: { ...request.call, customerId: `cust-${n % 300}` },
    ...(request.profile ? { profile: { ...request.profile, customerId: `cust-${n % 300}` } } : {}),
  }));
  writeFileSync(file('requests.jsonl'), asLines(requests));
  const { code, out, err } = await runSotto(['decide', '--policy', POLICY, '--requests', file('requests.jsonl')]);
  if (code !== 0) throw new Error(err);
  writeFileSync(file('records.jsonl'), out);
  records = out
    .trimEnd()
    .split('\n')
    .map((line) => DecisionRecord.parse(JSON.parse(line)));
  const rows = Array.from({ length: 300 }, (_, n) => `cust-${n},${originOf(`cust-${n}`)}`);
  writeFileSync(file('attributes.csv'), ['customerId,origin', ...rows].join('\n'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('sotto evaluate fairness --records', () => {
  it('tells of every stage whom it let through, and of all who was shown something', async () => {
    const { code, out, err } = await report('--records', file('records.jsonl'), '--policy', POLICY, '--json');
    expect(code, err).toBe(0);
    const { n, stages } = JSON.parse(out) as { n: number; stages: readonly Stage[] };
    const customers = [...new Set(records.flatMap(({ customerId }) => customerId ?? []))];
    expect(n).toBe(customers.length);
    expect(stages.map(({ stage }) => stage)).toEqual(STAGES.filter((stage) => stages.some((one) => one.stage === stage)));
    expect(stages.length).toBeGreaterThan(3);
    for (const [i, { n: there }] of stages.slice(0, -1).entries()) expect(there).toBeLessThanOrEqual(stages[i - 1]?.n ?? n);
    const policy = await readPolicy(POLICY);
    const mandatory = new Set(policy.ok ? policy.revision.actions.filter((action) => action.mandatory).map(({ id }) => id) : []);
    const shown = new Set(
      records.flatMap(({ result, customerId }) =>
        result.kind === 'show' && result.prompts.some(({ actionId }) => !mandatory.has(actionId)) ? (customerId ?? []) : [],
      ),
    );
    const last = stages.at(-1);
    expect([last?.stage, last?.n]).toEqual(['shown', n]);
    for (const { group, n: own, selectionRate } of last?.partitions[0]?.groups ?? []) {
      const members = customers.filter((customer) => originOf(customer) === group.origin);
      expect(own).toBe(members.length);
      expect(selectionRate).toBeCloseTo(members.filter((customer) => shown.has(customer)).length / members.length, 10);
    }
    expect(out + err).not.toContain('cust-');
  });

  it('of one issue, in words, and says what is missing', async () => {
    const asked = ['--records', file('records.jsonl'), '--policy', POLICY];
    const sales = await report(...asked, '--actions', 'sales');
    expect([sales.code, sales.out]).toEqual([0, expect.stringContaining('Stage ')]);
    expect(await report(...asked, '--actions', 'nothing')).toMatchObject({ code: 2, err: expect.stringContaining('nothing') as string });
    expect(await report('--records', file('records.jsonl'))).toMatchObject({
      code: 2,
      err: expect.stringContaining('--policy DIR') as string,
    });
    expect(await report()).toMatchObject({ code: 2, err: expect.stringContaining('either --prediction') as string });
    writeFileSync(file('others.csv'), 'customerId,origin\nsomebody,NORTH\n');
    const others = await runSotto(['evaluate', 'fairness', '--data', file('others.csv'), '--groups', 'origin', ...asked]);
    expect([others.code, others.err]).toEqual([1, expect.stringContaining('none of the customers')]);
  });
});
