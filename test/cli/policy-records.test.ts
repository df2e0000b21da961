/** Levers, factors and the funnel over records, held against what deciding under the changed files really gives. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Verdict } from '#contract/decision.ts';
import { DecisionRecord } from '#contract/decision-record.ts';
import { REASON_ALPHABET, REASONS } from '#contract/reason-codes.ts';
import { readPolicy } from '#main/cli/read-policy.ts';
import { asLines, generatedRequests } from './generated-requests.ts';
import { runSotto } from './run-sotto.ts';

const DEMO = path.join(import.meta.dirname, '..', '..', 'central', 'demo');
const POLICY = path.join(DEMO, 'policy');
const MODELS = path.join(DEMO, 'models');
const ACTION = 'offer-bereavement-team';
const COUNT = 300;

let folder: string;
let records: readonly DecisionRecord[];
const file = (name: string): string => path.join(folder, name);
const asked = ['--records', 'records.jsonl', '--models', MODELS];
const ask = (words: readonly string[]) => runSotto(words.map((word) => (word === 'records.jsonl' ? file(word) : word)));

const decided = async (policy: string): Promise<string> => {
  const { code, out, err } = await runSotto(['decide', '--policy', policy, '--models', MODELS, '--requests', file('requests.jsonl')]);
  if (code !== 0) throw new Error(err);
  return out;
};
const parsed = (text: string): readonly DecisionRecord[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => DecisionRecord.parse(JSON.parse(line)));
const cardOf = ({ result }: DecisionRecord): string | null => (result.kind === 'show' ? (result.prompts[0]?.actionId ?? null) : null);
const shareOf = (all: readonly DecisionRecord[]): number => all.filter((record) => cardOf(record) === ACTION).length / all.length;

/** The demonstration's policy with one file changed. */
const changed = (name: string, change: (text: string) => string): string => {
  const copy = mkdtempSync(file('policy-'));
  cpSync(POLICY, copy, { recursive: true });
  const at = path.join(copy, name);
  const before = readFileSync(at, 'utf8');
  const after = change(before);
  if (after === before) throw new Error(`${name} is as it was`);
  writeFileSync(at, after);
  return copy;
};
const weighing = (points: number): string =>
  changed(`actions/hardship/bereavement/${ACTION}.yaml`, (text) => {
    const own = Number(/^weight: (-?\d+)$/m.exec(text)?.[1] ?? '0');
    return `${text.replace(/^weight: .*\n/m, '').trimEnd()}\nweight: ${own + points}\n`;
  });

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'sotto-records-'));
  const policy = await readPolicy(POLICY);
  if (!policy.ok) throw new Error(policy.faults.join('\n'));
  writeFileSync(file('requests.jsonl'), asLines(generatedRequests(policy.revision, COUNT, 5)));
  const out = await decided(POLICY);
  writeFileSync(file('records.jsonl'), out);
  records = parsed(out);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('sotto policy lever', () => {
  it('finds the least lever for a share: with it the share is reached, with a point less it is not', async () => {
    const present = shareOf(records);
    expect(present).toBeGreaterThan(0.03);
    for (const target of [present * 0.6, present + 2 / COUNT]) {
      const { code, out, err } = await ask(['policy', 'lever', POLICY, ...asked, '--action', ACTION, '--target', String(target), '--json']);
      expect(code, err).toBe(0);
      const answer = JSON.parse(out) as { reached: boolean; lever: number; change: number; share: number; present: { share: number } };
      expect(answer).toMatchObject({ reached: true, present: { share: present } });
      expect(answer.share).toBeGreaterThanOrEqual(target);
      expect(shareOf(parsed(await decided(weighing(answer.change))))).toBe(answer.share);
      expect(shareOf(parsed(await decided(weighing(answer.change - 1))))).toBeLessThan(target);
    }
  });

  it('says that none does, and the largest share there is', async () => {
    const { code, out } = await ask(['policy', 'lever', POLICY, ...asked, '--action', ACTION, '--target', '0.9']);
    expect(code).toBe(1);
    const largest = Number(/the largest share there is, is ([\d.]+) %/.exec(out)?.[1]) / 100;
    const most = shareOf(parsed(await decided(weighing(900))));
    expect(Math.abs(largest - most)).toBeLessThan(0.0006);
    expect(most).toBeGreaterThan(shareOf(records));
  });

  it('refuses a share that is none, an action there is none of, records of another policy and a model it was not given', async () => {
    const wrong = ['policy', 'lever', POLICY, ...asked];
    expect(await ask([...wrong, '--action', ACTION, '--target', '20'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('--target'),
    });
    const other = await ask([...wrong, '--action', 'offer-bereavement-tean', '--target', '0.2']);
    expect(other).toMatchObject({ code: 2, err: expect.stringContaining(`did you mean "${ACTION}"`) });
    const more = await ask(['policy', 'lever', weighing(1), ...asked, '--action', ACTION, '--target', '0.2']);
    expect(more).toMatchObject({ code: 1, err: expect.stringContaining('was taken under policy') });
    const bare = await ask(['policy', 'lever', POLICY, '--records', 'records.jsonl', '--action', ACTION, '--target', '0.2']);
    expect(bare).toMatchObject({ code: 1, err: expect.stringContaining('give --models DIR with it') });
  });
});

describe('sotto policy factors', () => {
  it('counts the cards that are others without a factor, as deciding with it switched off gives them', async () => {
    const { code, out, err } = await ask(['policy', 'factors', POLICY, ...asked, '--json']);
    expect(code, err).toBe(0);
    type Factor = { factor: string; different: number; actions: { actionId: string; wins: number }[] };
    const answer = JSON.parse(out) as { decisions: number; factors: Factor[] };
    expect(answer.decisions).toBe(COUNT);
    expect(answer.factors.map(({ factor }) => factor)).toEqual(['propensity', 'context', 'value', 'lever']);
    expect(answer.factors.reduce((sum, { different }) => sum + different, 0)).toBeGreaterThan(10);
    for (const { factor, different, actions } of answer.factors) {
      const without = parsed(await decided(changed('revision.yaml', (text) => `${text.trimEnd()}\nfactors: { ${factor}: false }\n`)));
      expect(without.filter((record, place) => cardOf(record) !== cardOf(records[place]!)).length).toBe(different);
      for (const { actionId, wins } of actions) {
        const count = (all: readonly DecisionRecord[]): number => all.filter((record) => cardOf(record) === actionId).length;
        expect(count(without) - count(records)).toBe(wins);
      }
    }
  });
});

describe('sotto policy funnel', () => {
  it('has a row a stage that adds up, and ends with what was shown', async () => {
    const { code, out } = await ask(['policy', 'funnel', POLICY, '--records', 'records.jsonl', '--json']);
    expect(code).toBe(0);
    type Row = { stage: string; ended: number; leftPerDecision: number; noneLeft: number };
    const { decisions, actions, stages } = JSON.parse(out) as { decisions: number; actions: number; stages: Row[] };
    expect([decisions, stages.length]).toEqual([COUNT, 13]);
    expect(stages.reduce((sum, { ended }) => sum + ended, 0)).toBe(decisions * actions);
    const shown = records.map(({ result }) => (result.kind === 'show' ? result.prompts.length : 0));
    expect(stages.at(-1)).toEqual({
      stage: 'shown',
      ended: shown.reduce((sum, count) => sum + count, 0),
      leftPerDecision: shown.reduce((sum, count) => sum + count, 0) / COUNT,
      noneLeft: shown.filter((count) => count === 0).length / COUNT,
    });
    expect(stages.map(({ leftPerDecision }) => leftPerDecision)).toEqual(
      stages.map(({ leftPerDecision }) => leftPerDecision).toSorted((a, b) => b - a),
    );
    const plain = await ask(['policy', 'funnel', POLICY, '--records', 'records.jsonl']);
    expect(plain.out.trimEnd().split('\n')).toHaveLength(2 + 13);
  });

  it('tells of a line that is no record by its number', async () => {
    writeFileSync(file('broken.jsonl'), `${readFileSync(file('records.jsonl'), 'utf8').split('\n')[0]}\n{}\n`);
    const { code, out, err } = await ask(['policy', 'funnel', POLICY, '--records', file('broken.jsonl')]);
    expect([code, out.startsWith('1 decisions')]).toEqual([1, true]);
    expect(err).toContain('broken.jsonl:2');
  });
});

describe('sotto explain', () => {
  it('gives every action of a decision one end, with factors that multiply back to its priority and ranks that are those of the record', async () => {
    const { code, out, err } = await ask(['explain', POLICY, ...asked, '--json']);
    expect(code, err).toBe(0);
    const lines = out.trimEnd().split('\n');
    expect(lines).toHaveLength(COUNT);
    let ranked = 0;
    for (const [place, line] of lines.entries()) {
      const { decision, verdicts } = JSON.parse(line) as { decision: string; verdicts: readonly Verdict[] };
      const record = records[place]!;
      expect(decision).toBe(record.id);
      expect(verdicts).toHaveLength(record.reasons.length);
      for (const [i, { stage, code: reason, factors }] of verdicts.entries()) {
        expect(REASONS[REASON_ALPHABET.indexOf(record.reasons.charAt(i))]).toMatchObject({ stage, code: reason });
        if (factors === null) continue;
        ranked += 1;
        const { propensity, contextWeight, value, lever, priority } = factors;
        expect(Math.abs(propensity * contextWeight * value * lever - priority)).toBeLessThanOrEqual(1e-9 * priority);
      }
    }
    expect(ranked).toBeGreaterThan(COUNT);
  });

  it('shows one decision as a table, and says what it does not find', async () => {
    const { id } = records[0]!;
    const { code, out } = await ask(['explain', POLICY, ...asked, '--decision', id, '--action', ACTION]);
    expect(code).toBe(0);
    expect(out.trimEnd().split('\n')).toHaveLength(3);
    expect(out).toMatch(new RegExp(`^${id}: .*\\n.*priority.*\\n  ${ACTION} .*/`));
    for (const [words, why] of [
      [['--decision', 'none'], 'no decision "none"'],
      [['--action', 'none'], 'no action "none"'],
    ] as const) {
      const refused = await ask(['explain', POLICY, ...asked, ...words]);
      expect(refused).toMatchObject({ code: 1, err: expect.stringContaining(why) });
    }
  });
});
