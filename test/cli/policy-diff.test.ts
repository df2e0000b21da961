import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BlastReport } from '#policy';
import { readPolicy } from '#main/cli/read-policy.ts';
import { asLines, generatedRequests } from './generated-requests.ts';
import { runSotto } from './run-sotto.ts';

const OLD = path.join(import.meta.dirname, '..', '..', 'central', 'demo', 'policy');
const MODELS = path.join(import.meta.dirname, '..', '..', 'central', 'demo', 'models');
const DECISIONS = 160;

let folder: string;
let requests: string;
let records: string;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'sotto-diff-'));
  const policy = await readPolicy(OLD);
  if (!policy.ok) throw new Error(policy.faults.join('\n'));
  requests = path.join(folder, 'requests.jsonl');
  writeFileSync(requests, asLines(generatedRequests(policy.revision, DECISIONS, 21)));
  const ran = await runSotto(['decide', '--policy', OLD, '--models', MODELS, '--requests', requests]);
  if (ran.code !== 0) throw new Error(ran.err);
  records = path.join(folder, 'records.jsonl');
  writeFileSync(records, ran.out);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let copies = 0;
/** The demonstration's revision with one file edited; the edit must find what it is to change. */
const edited = (file: string, from: string | RegExp, to: string): string => {
  const copy = path.join(folder, `edited-${(copies += 1)}`);
  cpSync(OLD, copy, { recursive: true });
  const text = readFileSync(path.join(copy, file), 'utf8');
  const changed = text.replace(from, to);
  if (changed === text) throw new Error(`${file} has no ${String(from)}`);
  writeFileSync(path.join(copy, file), changed);
  return copy;
};

const diff = async (next: string, ...more: readonly string[]): Promise<BlastReport> => {
  const { code, out, err } = await runSotto(['policy', 'diff', OLD, next, '--models', MODELS, '--json', ...more]);
  expect(code, err).toBe(0);
  return JSON.parse(out) as BlastReport;
};

/** From requests and from records alike. */
const both = async (next: string): Promise<readonly BlastReport[]> => [
  await diff(next, '--requests', requests),
  await diff(next, '--records', records),
];

describe('sotto policy diff', () => {
  it('says of the same revision that nothing differs', async () => {
    for (const report of await both(OLD))
      expect(report).toMatchObject({
        effect: 'none',
        decisions: DECISIONS,
        notKnown: 0,
        different: 0,
        changes: [],
        actions: [],
        findings: [],
      });
  });

  it('reports an eligibility that an unrelated edit erased', async () => {
    const next = edited('actions/sales/issue.yaml', /weight: 0\neligibility:\n(?: {2}- .*\n)+/, 'weight: 5\n');
    for (const report of await both(next)) {
      const erased = report.findings.filter(({ kind }) => kind === 'eligibility-removed');
      expect(erased.length).toBeGreaterThan(5);
      expect(report.changes.filter(({ change, part }) => change === 'removed' && part === 'eligibility').length).toBeGreaterThanOrEqual(
        erased.length,
      );
      expect(report.actions.some(({ moves }) => moves.some(({ from }) => from === 'eligibility'))).toBe(true);
    }
    const { out } = await runSotto(['policy', 'diff', OLD, next, '--models', MODELS, '--requests', requests]);
    expect(out).toMatch(/Look at this\n {2}\S+ may be offered without “/);
  });

  it('reports a suppression that lasts for ever, and an exclusion that does', async () => {
    const rest = edited('contact.yaml', 'suppressFor: 60d', 'suppressFor: 90000d');
    for (const report of await both(rest)) {
      expect(report.findings).toContainEqual(
        expect.objectContaining({ kind: 'endless-suppression', policy: 'refused-offer', days: 90_000 }),
      );
      expect(report.changes).toContainEqual(
        expect.objectContaining({ of: 'contact', id: 'refused-offer', change: 'changed', part: 'suppressForMs' }),
      );
    }
    const excluded = path.join(folder, 'excluded');
    cpSync(OLD, excluded, { recursive: true });
    writeFileSync(
      path.join(excluded, 'exclusions.yaml'),
      '- { action: warn-about-codes, reason: Broken, until: "2099-01-01T00:00:00Z" }\n',
    );
    for (const report of await both(excluded))
      expect(report.findings).toContainEqual(expect.objectContaining({ kind: 'endless-exclusion', actionId: 'warn-about-codes' }));
  });

  it('reports a contact policy that is no longer applied, and what became unlimited', async () => {
    const next = edited('contact.yaml', 'issues: [education]', 'issues: [hardship]');
    for (const report of await both(next)) {
      const finding = report.findings.find((one) => one.kind === 'contact-policy-not-applied');
      expect(finding).toMatchObject({ policy: 'tips', why: 'covers-less' });
      if (finding?.kind !== 'contact-policy-not-applied') throw new Error('it was looked for');
      expect(finding.unlimited.length).toBeGreaterThan(0);
      expect(finding.actions).toEqual(expect.arrayContaining([...finding.unlimited]));
    }
  });

  it('tells from records what it tells from requests, and what they do not hold is not guessed', async () => {
    const next = edited('actions/hardship/bereavement/offer-bereavement-team.yaml', /^value: .*$/m, 'value: 4');
    const [fromRequests, fromRecords] = await both(next);
    expect(fromRecords).toEqual(fromRequests);
    expect(fromRequests?.different).toBeGreaterThan(0);
    const asking = edited(
      'actions/hardship/bereavement/offer-bereavement-team.yaml',
      /^reasons:\n/m,
      'applicability:\n  - count("seen", "any", "11d") < 9\nreasons:\n',
    );
    const report = await diff(asking, '--records', records);
    expect(report.notKnown).toBeGreaterThan(0);
    expect(report.missing).toEqual([{ what: 'count of seen in all in 264 h', decisions: report.notKnown }]);
    expect(report).toMatchObject({ different: 0, actions: [] });
    const words = await runSotto(['policy', 'diff', OLD, asking, '--models', MODELS, '--records', records]);
    expect(words.out).toContain(`Not known from these records: ${report.notKnown}.`);
  });

  it('groups customers by the fields asked for, never by protected ones unless asked', async () => {
    const next = edited('attention.yaml', /capPerCall: \d+/g, 'capPerCall: 0');
    const report = await diff(next, '--requests', requests, '--by', 'appUser,profile.hasTv');
    expect(new Set(report.groups.map(({ field }) => field))).toEqual(new Set(['profile.appUser', 'profile.hasTv']));
    for (const { customers } of report.groups) expect(customers).toBeGreaterThanOrEqual(10);
    const all = await diff(next, '--requests', requests);
    const fields = readFileSync(path.join(OLD, 'fields.yaml'), 'utf8');
    for (const field of new Set(all.groups.map(({ field }) => field)))
      expect(fields).not.toMatch(new RegExp(`${field.replace('.', '\\.')}\\b[^\\n]*protected`));
    const wrong = await runSotto(['policy', 'diff', OLD, next, '--requests', requests, '--by', 'tenureMonths']);
    expect(wrong).toMatchObject({ code: 2 });
    expect(wrong.err).toContain('profile.tenureMonths is none');
  });

  it('exits 3 when asked to fail on a change, and only on one', async () => {
    const base = ['--requests', requests, '--fail-on-change', '--json'];
    expect(await runSotto(['policy', 'diff', OLD, OLD, ...base])).toMatchObject({ code: 0 });
    const reworded = edited('actions/sales/issue.yaml', /^name: .*$/m, 'name: Selling');
    expect(await runSotto(['policy', 'diff', OLD, reworded, ...base])).toMatchObject({ code: 0 });
    const silenced = edited('attention.yaml', /capPerCall: \d+/g, 'capPerCall: 0');
    expect(await runSotto(['policy', 'diff', OLD, silenced, ...base])).toMatchObject({ code: 3 });
  });

  it('refuses a revision with faults, records of another one, and lines that are none', async () => {
    const broken = edited('contact.yaml', 'suppressFor: 60d', 'suppressFor: never');
    expect(await runSotto(['policy', 'diff', OLD, broken, '--records', records])).toMatchObject({ code: 1, out: '' });
    const next = edited('actions/sales/issue.yaml', /^name: .*$/m, 'name: Selling');
    const foreign = await runSotto(['policy', 'diff', next, OLD, '--records', records, '--models', MODELS]);
    expect(foreign.code).toBe(1);
    expect(foreign.err).toContain('not under the old one');
    expect(foreign.err).toContain(`${DECISIONS} of ${DECISIONS} lines could not be used`);
    expect(await runSotto(['policy', 'diff', OLD, next])).toMatchObject({ code: 2 });
    const modelless = await runSotto(['policy', 'diff', OLD, next, '--records', records]);
    expect(modelless.err).toContain('give --models DIR');
  });
});
