/** Contests at central: what is frozen and held, who may look at it and who not (also past the code), time, letters, and what the customer is given. */
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { contestLetter } from '#central/contests/contest-letter.ts';
import { subjectAccess } from '#central/records/subject-access.ts';
import { subjectText } from '#central/records/subject-text.ts';
import { ContestableDecisions, ContestLetter, ContestQueue, ContestReceipt, ContestView } from '#contract/contest.ts';
import type { Outcome } from '#contract/outcome.ts';
import { type Scene, scene } from './approval-scene.ts';
import { TestApprover } from './deciding.ts';
import { onPostgres } from './engines.ts';
import { batch, decision, item, outcome, Producer, until } from './fixture.ts';

const WORDS = 'I was never asked about my move, and my card is 4111 1111 1111 1111';
const REASONS = 'The rule took the old address: it should not have applied.';
const DAY_MS = 86_400_000;

let epochs = 0;

/** A decision about the customer on ann's call, with what came of it; its id. */
async function decided({ opened, desk }: Scene, made: readonly Partial<Outcome>[] = [], more: object = {}): Promise<string> {
  const { db } = opened.central.store;
  const current = await db
    .selectFrom('publications')
    .select('hash')
    .where('kind', '=', 'revision')
    .orderBy('pos', 'desc')
    .executeTakeFirst();
  const record = decision('call-1', { policy: current?.hash, ...more });
  const items = [
    item(1, 'decision', record),
    ...made.map((one, n) => item(n + 2, 'outcome', outcome({ callId: 'call-1', decisionId: record.id, ...one }))),
  ];
  const { items: receipts } = await desk.send(batch('dev-ann', items, `contested-${epochs++}`));
  expect(receipts.map(({ result }) => result)).toEqual(items.map(() => 'stored'));
  return record.id;
}

async function contested({ people }: Scene, decisionId: string, by = 'ann'): Promise<string> {
  const { status, body } = await people.post(by, '/api/contests', { decisionId, words: WORDS });
  expect([status, body['error']]).toEqual([201, undefined]);
  return ContestReceipt.parse(body).contestId;
}

const word = ({ people }: Scene, who: string, contestId: string, name: string, body: object = {}) =>
  people.post(who, `/api/contests/${contestId}/${name}`, body);
const viewOf = async ({ people }: Scene, who: string, contestId: string) =>
  ContestView.parse((await people.get(who, `/api/contests/${contestId}`)).body);

/** Everything but what contests themselves write. */
async function rest({ opened }: Scene): Promise<string> {
  const { db } = opened.central.store;
  const tables = [
    'action_requests',
    'approval_requests',
    'approval_verdicts',
    'outcomes',
    'decisions',
    'consents',
    'interactions',
    'customers',
    'calls',
    'data_orders',
  ];
  const all = [];
  for (const table of tables) all.push([table, (await sql`select t::text as row from ${sql.table(table)} t order by 1`.execute(db)).rows]);
  return JSON.stringify(all);
}

onPostgres((engine) => {
  test('from a decision to the letter: the record is frozen and held, another person answers, nothing else changes, and the customer is given all of it', async () => {
    await using staged = await scene(await engine.open(), null);
    const { opened, people } = staged;
    const { db } = opened.central.store;
    const decisionId = await decided(staged, [{ kind: 'accepted', actionId: 'change-plan' }]);
    const { decisions } = ContestableDecisions.parse((await people.get('ann', '/api/contests/decisions?customerId=cust-1')).body);
    expect(decisions).toMatchObject([{ decisionId, shown: ['Action change-plan'], contestId: null }]);
    const { callId = '' } = decisions[0] ?? {};
    await opened.central.intake(new Producer(callId).offered('ann', 'cust-1'));
    expect((await people.get('ann', `/api/contests/decisions?callId=${callId}`)).body).toEqual({ decisions });
    for (const about of ['customerId=cust-2', 'callId=no-such'])
      expect((await people.get('ann', `/api/contests/decisions?${about}`)).body).toEqual({ decisions: [] });
    // Whoever that call is not of is told nothing of its customer.
    expect((await people.get('cy', `/api/contests/decisions?callId=${callId}`)).body).toEqual({ decisions: [] });
    for (const about of ['', '?customerId=', `?customerId=cust-1&callId=${callId}`])
      expect((await people.get('ann', `/api/contests/decisions${about}`)).status).toBe(400);
    const nowMs = Date.now();
    const supervisor = await TestApprover.connect(opened.central.url, await people.token('sup'));
    const approver = await TestApprover.connect(opened.central.url, await people.token('one'));
    const contestId = await contested(staged, decisionId);
    // Whoever looks at contests hears of it while they look, and nobody else.
    await until('heard of', () => supervisor.changedRooms.includes('contests'));
    expect(approver.changedRooms).toEqual([]);
    supervisor.close();
    approver.close();
    const record = await db.selectFrom('decisions').select(['body', 'hash']).where('id', '=', decisionId).executeTakeFirstOrThrow();
    const row = await db.selectFrom('contests').selectAll().executeTakeFirstOrThrow();
    expect(row).toMatchObject({ record: record.body, record_hash: record.hash, state: 'assigned', assignee: 'sup' });
    expect(row.words).not.toContain('4111');
    // Held for longer than it may take, with the contest as its ground.
    const orders = await db.selectFrom('data_orders').selectAll().execute();
    expect(orders).toMatchObject([{ kind: 'hold', customer_id: 'cust-1', basis: `contest ${contestId}`, ordered_by: 'ann' }]);
    expect(orders[0]?.until_ms).toBeGreaterThan(nowMs + 200 * DAY_MS);
    expect(await opened.central.erase('cust-1')).toMatchObject({ ok: false, reason: 'held' });
    expect((await people.post('ann', '/api/contests', { decisionId, words: WORDS })).body).toMatchObject({ error: 'contested-already' });
    // What was frozen stays, whatever becomes of the record.
    for (const change of [
      "words = 'other'",
      "record = '{}'",
      "decision_id = 'x'",
      "taken_by = 'one'",
      'expires_at_ms = expires_at_ms + 1',
      "customer_id = 'x'",
    ])
      await expect(sql`update contests set ${sql.raw(change)}`.execute(db)).rejects.toThrow(/stays as it was/);
    const seen = await viewOf(staged, 'sup', contestId);
    expect(seen).toMatchObject({
      isMine: true,
      tookPart: [{ name: 'Name of ann', how: 'agent' }],
      requests: [{ actionId: 'change-plan' }],
      answer: null,
    });
    expect(seen.decision?.shown).toMatchObject([{ name: 'Action change-plan', do: 'Do change-plan' }]);
    expect(contestLetter(seen, 'Mina')).toBeNull();
    expect((await people.get('sup', `/api/contests/${contestId}/letter`)).status).toBe(409);
    const before = await rest(staged);
    expect((await word(staged, 'sup', contestId, 'answer', { finding: 'set-aside', reasons: REASONS })).status).toBe(400);
    const remedy = 'Her plan is set back by the billing team, at her wish';
    const answered = ContestView.parse(
      (await word(staged, 'sup', contestId, 'answer', { finding: 'set-aside', reasons: REASONS, remedy })).body,
    );
    expect(answered).toMatchObject({
      state: 'answered',
      isMine: false,
      answer: { reviewerName: 'Name of sup', finding: 'set-aside', reasons: REASONS, remedy },
    });
    // Nothing follows by itself.
    expect(await rest(staged)).toBe(before);
    expect((await word(staged, 'coun', contestId, 'answer', { finding: 'stands', reasons: REASONS })).body).toMatchObject({
      error: 'over',
    });
    await expect(sql`update contest_answers set finding = 'stands'`.execute(db)).rejects.toThrow(/stays/);
    await expect(sql`delete from contest_answers`.execute(db)).rejects.toThrow(/stays/);
    await expect(sql`update contests set state = 'received', ended_at_ms = null`.execute(db)).rejects.toThrow(/it is over/);
    const letter = ContestLetter.parse((await people.get('sup', `/api/contests/${contestId}/letter`)).body).text;
    for (const said of [
      'Dear Mina Park',
      'I was never asked',
      'Do change-plan',
      'Name of sup',
      'set aside',
      REASONS,
      remedy,
      'supervisory authority',
    ])
      expect(letter).toContain(said);
    // The three things of the law, each by itself, in what they are given.
    const told = await subjectAccess(db, 'cust-1', Date.now());
    expect(told?.contests).toMatchObject([
      {
        contestId,
        decisionId,
        humanIntervention: { by: 'Name of sup', tookPart: false },
        pointOfView: { words: expect.stringContaining('I was never asked') },
        contest: { state: 'answered', finding: 'set-aside', reasons: REASONS, remedy },
      },
    ]);
    const text = told === null ? '' : subjectText(told);
    for (const said of ['Decisions you contested', 'I was never asked', 'Name of sup looked at it', REASONS, remedy])
      expect(text).toContain(said);
  });

  test('who decided, asked, approved or answered before does not look at it, neither by the code nor past it', async () => {
    await using staged = await scene(await engine.open(), null);
    const { opened, people, desk } = staged;
    const { db } = opened.central.store;
    await sql`insert into person_roles (person_id, role, granted_at_ms) select p, 'supervisor', 1 from unnest(array['ann', 'one', 'two', 'far']) as p`.execute(
      db,
    );
    const decisionId = await decided(staged);
    const { approvalId } = await people.ask(desk, 'call-1', { decisionId });
    expect(await people.say('one', approvalId, 'approved')).toMatch(/approved|executed/);
    const contestId = await contested(staged, decisionId);
    const view = await viewOf(staged, 'coun', contestId);
    expect(view.tookPart.map(({ name, how }) => `${name} ${how}`)).toEqual([
      'Name of ann agent',
      'Name of ann asked',
      'Name of one decided',
    ]);
    expect(['sup', 'two']).toContain(view.assigneeId);
    const stands = { finding: 'stands', reasons: REASONS };
    for (const who of ['ann', 'one']) {
      expect((await word(staged, who, contestId, 'answer', stands)).body).toMatchObject({ error: 'took-part' });
      expect((await word(staged, who, contestId, 'withdraw')).body).toMatchObject({ error: 'took-part' });
      expect((await word(staged, 'sup', contestId, 'assign', { personId: who })).body).toMatchObject({ error: 'took-part' });
    }
    expect((await word(staged, 'far', contestId, 'answer', stands)).status).toBe(404);
    expect((await word(staged, 'sup', contestId, 'assign', { personId: 'bob' })).body).toMatchObject({ error: 'nobody-to-assign' });
    const insert = (who: string) =>
      sql`insert into contest_answers (contest_id, reviewer, finding, reasons, at_ms) values (${contestId}, ${who}, 'stands', ${REASONS}, 1)`.execute(
        db,
      );
    for (const who of ['ann', 'one', 'far', 'bob', 'glass']) await expect(insert(who)).rejects.toThrow(/may not look at it/);
    for (const who of ['ann', 'one', 'far', 'bob'])
      await expect(sql`update contests set assignee = ${who}`.execute(db)).rejects.toThrow(/may not look at it/);
    for (const who of ['ann', 'one', null])
      await expect(sql`update contests set state = 'withdrawn', ended_at_ms = 1, withdrawn_by = ${who}`.execute(db)).rejects.toThrow(
        /does not say that it was withdrawn/,
      );
    await expect(sql`update contests set state = 'answered', ended_at_ms = 1`.execute(db)).rejects.toThrow(/nobody answered/);
    await expect(sql`update contests set state = 'expired', ended_at_ms = 1`.execute(db)).rejects.toThrow(/there is time left/);
    // Whoever it is given to approves something of it meanwhile: another has it.
    const second = await people.ask(desk, 'call-1', { decisionId });
    await word(staged, 'sup', contestId, 'assign', { personId: 'two' });
    await people.say('two', second.approvalId, 'approved');
    await opened.central.tick(Date.now());
    expect(await viewOf(staged, 'coun', contestId)).toMatchObject({ state: 'assigned', assigneeId: 'sup' });
    expect((await word(staged, 'two', contestId, 'answer', stands)).body).toMatchObject({ error: 'took-part' });
    expect((await word(staged, 'sup', contestId, 'answer', stands)).body).toMatchObject({ state: 'answered' });
    // Contested again, it is for somebody else again.
    const again = await contested(staged, decisionId, 'sup');
    expect((await viewOf(staged, 'coun', again)).tookPart.map(({ how }) => how)).toContain('answered-before');
    expect((await word(staged, 'sup', again, 'answer', stands)).body).toMatchObject({ error: 'took-part' });
    // A role that goes is gone in that moment.
    await db.deleteFrom('person_roles').where('person_id', '=', 'coun').execute();
    await expect(
      sql`insert into contest_answers (contest_id, reviewer, finding, reasons, at_ms) values (${again}, 'coun', 'stands', ${REASONS}, 1)`.execute(
        db,
      ),
    ).rejects.toThrow(/may not look at it/);
  });

  test('time: up a level with its deadline, and at its end expired, which confirms nothing and is said so; what nobody may be told of is not opened', async () => {
    await using staged = await scene(await engine.open(), null);
    const { opened, people } = staged;
    const { db } = opened.central.store;
    const unknown = await decided(staged, [], { customerId: null });
    for (const id of [unknown, 'no-such-decision'])
      expect((await people.post('ann', '/api/contests', { decisionId: id, words: WORDS })).body).toMatchObject({
        error: 'no-such-decision',
      });
    const decisionId = await decided(staged);
    expect((await people.post('bob', '/api/contests', { decisionId, words: WORDS })).status).toBe(404);
    const contestId = await contested(staged, decisionId);
    const later = (column: string, toMs: number) => sql`update contests set ${sql.ref(column)} = ${toMs}`.execute(db);
    await later('deadline_at_ms', Date.now() - 1_000);
    await opened.central.tick(Date.now());
    expect(await viewOf(staged, 'coun', contestId)).toMatchObject({ state: 'escalated', level: 1, assigneeId: 'coun' });
    const mine = ContestQueue.parse((await people.get('coun', '/api/contests')).body).items;
    expect(mine).toMatchObject([{ contestId, isMine: true }]);
    await sql`alter table contests disable trigger contest_change_checked`.execute(db);
    await sql`update contests set received_at_ms = 1000000000000, expires_at_ms = ${Date.now() - 1}`.execute(db);
    await sql`alter table contests enable trigger contest_change_checked`.execute(db);
    const stands = { finding: 'stands', reasons: REASONS };
    expect((await word(staged, 'coun', contestId, 'answer', stands)).body).toMatchObject({ error: 'expired' });
    await expect(
      sql`insert into contest_answers (contest_id, reviewer, finding, reasons, at_ms) values (${contestId}, 'coun', 'stands', ${REASONS}, 1)`.execute(
        db,
      ),
    ).rejects.toThrow(/its time is over/);
    await opened.central.tick(Date.now());
    const expired = await viewOf(staged, 'coun', contestId);
    expect(expired).toMatchObject({ state: 'expired', answer: null, isMine: false });
    const letter = contestLetter(expired, 'Mina Park') ?? '';
    expect(letter).toContain('not confirmed');
    expect(letter).not.toMatch(/stands|set aside/);
    expect((await subjectAccess(db, 'cust-1', Date.now()))?.contests).toMatchObject([
      { humanIntervention: null, contest: { state: 'expired', finding: null } },
    ]);
    // It can be contested again; withdrawn by the customer, told to somebody who had no part in it.
    const again = await contested(staged, decisionId);
    expect((await word(staged, 'sup', again, 'withdraw')).body).toMatchObject({ state: 'withdrawn' });
    // Once nothing holds it any more, an erasure leaves that it was contested, and no word of it.
    await opened.central.hold('cust-1', Date.now() - 1);
    expect(await opened.central.erase('cust-1')).toMatchObject({ ok: true });
    expect(await db.selectFrom('contests').select(['words', 'record', 'customer_id']).distinct().execute()).toEqual([
      { words: null, record: null, customer_id: null },
    ]);
  });
});
