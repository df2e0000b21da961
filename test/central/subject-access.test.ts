/** What somebody is given who asks for the data held about them: decisions of the real core over the real policy, told whole, and changed by nothing. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DEMO_FOLDER, loadOrganisation } from '#central/demo/organisation.ts';
import { subjectAccess } from '#central/records/subject-access.ts';
import { subjectText } from '#central/records/subject-text.ts';
import type { DecisionRecord } from '#contract/decision-record.ts';
import { REASONS } from '#contract/reason-codes.ts';
import type { SubjectAccess, ToldDecision } from '#contract/subject-access.ts';
import { readPolicy } from '#main/cli/read-policy.ts';
import { demonstrationModel } from '../engine/demonstration.ts';
import { asLines, generatedRequests } from '../cli/generated-requests.ts';
import { runSotto } from '../cli/run-sotto.ts';
import { onPostgres } from './engines.ts';
import { type Opened, openCentral, Producer } from './fixture.ts';

const DECISIONS = 40;
const SUBJECT = 'cust-0001';
const AT_MS = Date.UTC(2026, 4, 4, 9);

let folder: string;
let records: readonly string[];
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'sotto-subject-'));
  const policy = await readPolicy(path.join(DEMO_FOLDER, 'policy'));
  if (!policy.ok) throw new Error(policy.faults.join('\n'));
  const requests = path.join(folder, 'requests.jsonl');
  const made = generatedRequests(policy.revision, DECISIONS, 7).map((request, index) => ({ ...request, id: `told-${index}` }));
  writeFileSync(requests, asLines(made));
  const ran = await runSotto([
    'decide',
    '--policy',
    path.join(DEMO_FOLDER, 'policy'),
    '--models',
    path.join(DEMO_FOLDER, 'models'),
    '--requests',
    requests,
  ]);
  if (ran.code !== 0) throw new Error(ran.err);
  records = ran.out.trimEnd().split('\n');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

onPostgres((engine) => {
  let opened: Opened;
  let told: SubjectAccess;
  let coach: string;
  beforeAll(async () => {
    opened = await openCentral(await engine.open());
    const { central } = opened;
    const { policyFiles, customers, agents } = await loadOrganisation({ nowMs: AT_MS });
    await central.loadOrganisation({ agents, customers, policyFiles, models: [demonstrationModel()] });
    const { db } = central.store;
    for (const body of records) {
      const record = JSON.parse(body) as DecisionRecord;
      await db
        .insertInto('decisions')
        .values({
          id: record.id,
          hash: 'f'.repeat(64),
          device_id: record.deviceId,
          agent_id: record.agentId,
          call_id: record.callId,
          customer_id: SUBJECT,
          at_ms: record.atMs,
          policy: record.policy,
          body,
          received_at_ms: AT_MS,
        })
        .execute();
    }
    const call = new Producer('call-told');
    await central.intake(call.offered(agents[0]?.id ?? '', SUBJECT));
    const { person_id: author, name } = await db.selectFrom('people').selectAll().executeTakeFirstOrThrow();
    coach = name;
    const note = { call_id: 'call-told', agent_id: agents[0]?.id ?? '', author, at_ms: AT_MS };
    for (const text of ['Ask about the move', null])
      await db
        .insertInto('coaching_notes')
        .values({ ...note, text })
        .execute();
    const read = await subjectAccess(db, SUBJECT, AT_MS);
    if (read === null) throw new Error('nothing was told');
    told = read;
  });
  afterAll(() => opened.close());

  test('every decision is told with every action of its policy: where it ended, the rule, what it asked for and what was found', () => {
    expect(told.decisions).toHaveLength(DECISIONS);
    const ends = new Set<string>();
    for (const decision of told.decisions) {
      expect(decision, decision.id).toMatchObject({ reproduced: true, policy: { name: expect.any(String) } });
      expect(decision.considered.length).toBeGreaterThan(100);
      const record = JSON.parse(records.find((body) => body.includes(`"${decision.id}"`)) ?? '{}') as DecisionRecord;
      const shown = record.result.kind === 'show' ? record.result.prompts.map(({ actionId }) => actionId) : [];
      expect(decision.shown.map(({ actionId }) => actionId)).toEqual(shown);
      expect(decision.refrained === null).toBe(shown.length > 0);
      for (const { stage, code, rule, values } of decision.considered) {
        ends.add(`${stage}/${code}`);
        if (stage === 'eligibility' || stage === 'applicability' || stage === 'suitability') {
          expect(rule).not.toBeNull();
          expect(values.length).toBeGreaterThan(0);
        }
      }
    }
    expect(told.decisions.filter(({ shown }) => shown.length > 0).length).toBeGreaterThan(3);
    expect(ends.size).toBeGreaterThan(8);
  });

  test('what was proposed is told in the words the agent had, with every place filled, and factors that multiply back', () => {
    const shown = told.decisions.flatMap((decision) => decision.shown);
    expect(shown.length).toBeGreaterThan(3);
    for (const { name, words, because } of shown) {
      expect(name).not.toBe('');
      expect(words.do).not.toBe('');
      expect(because.join(' ')).not.toMatch(/[{}]/);
    }
    const ranked = told.decisions.flatMap(({ considered }) => considered).filter(({ ranked: factors }) => factors !== null);
    expect(ranked.length).toBeGreaterThan(50);
    for (const { ranked: factors } of ranked) {
      const { propensity = 0, contextWeight = 0, value = 0, lever = 0, priority = 0 } = factors ?? {};
      expect(Math.abs(propensity * contextWeight * value * lever - priority)).toBeLessThanOrEqual(1e-9 * Math.abs(priority));
    }
  });

  test('as text it names what is held, each decision and its reasons, and has words for every way an action can end', () => {
    const text = subjectText(told);
    // What a supervisor wrote about their call is theirs to know too; words that are gone are not.
    expect(told.calls.map(({ coached }) => coached)).toEqual([[{ by: coach, text: 'Ask about the move', atMs: AT_MS }]]);
    expect(text).toContain(`${coach} wrote to the agent: Ask about the move`);
    expect(text).toContain(SUBJECT);
    for (const title of ['Your data', 'What you agreed to', 'Calls', 'Decisions about you']) expect(text).toContain(title);
    expect(text.match(/Proposed to the agent: /g)?.length ?? 0).toBe(told.decisions.flatMap(({ shown }) => shown).length);
    expect(text.match(/Not proposed: /g)?.length ?? 0).toBeGreaterThan(1_000);
    const [decision] = told.decisions as [ToldDecision];
    const [action] = decision.considered;
    if (action === undefined) throw new Error('nothing was considered');
    for (const { stage, code } of REASONS) {
      const one = { ...decision, shown: [], considered: [{ ...action, stage: stage === 'shown' ? 'arbitrated' : stage, code }] };
      expect(subjectText({ ...told, decisions: [one] }), code).not.toContain(`${action.name} ${code}`);
    }
  });

  test('without its revision a decision is told as far as its record says something, and says that there was more', async () => {
    const { db } = opened.central.store;
    const [body = ''] = records;
    const record = JSON.parse(body) as DecisionRecord;
    const other = { ...record, id: 'of-other-rules', policy: 'e'.repeat(64) };
    const row = { hash: 'f'.repeat(64), device_id: 'd', agent_id: 'a', call_id: 'c', at_ms: 1, received_at_ms: 1 };
    const changed = { ...record, id: 'changed', scores: { ...record.scores, digest: '0'.repeat(record.scores.digest.length) } };
    await db
      .insertInto('decisions')
      .values([
        { ...row, id: other.id, customer_id: 'cust-other', policy: other.policy, body: JSON.stringify(other) },
        { ...row, id: changed.id, customer_id: 'cust-other', policy: record.policy, body: JSON.stringify(changed) },
      ])
      .execute();
    const read = await subjectAccess(db, 'cust-other', AT_MS);
    expect(read?.decisions.find(({ id }) => id === other.id)).toMatchObject({ policy: null, reproduced: false, considered: [] });
    const again = read?.decisions.find(({ id }) => id === changed.id);
    expect(again).toMatchObject({ reproduced: false, policy: { hash: record.policy } });
    expect(again?.considered.length).toBeGreaterThan(100);
    expect(subjectText(read as SubjectAccess)).toContain('cannot be told any more');
    expect(await subjectAccess(db, 'nobody', AT_MS)).toBeNull();
  });
});
