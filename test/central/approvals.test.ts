/** Significant requests from the agent's yes to the system of record, by HTTP and sockets, on both stores. */
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ApprovalView, BrokenGlasses } from '#contract/approval.ts';
import { type Scene, scene } from './approval-scene.ts';
import { TestApprover } from './deciding.ts';
import { onPostgres } from './engines.ts';
import { batch, decision, item, outcome, Producer, TestDesk, until } from './fixture.ts';

onPostgres((engine) => {
  let shared: Scene;
  beforeAll(async () => {
    shared = await scene(await engine.open(), '{ role: approver, within: 10m, quorum: [{ from: 400, people: 2 }] }');
  });
  afterAll(() => shared[Symbol.asyncDispose]());
  const sent = (outcomeId: string) => shared.system.received().filter(({ request }) => request.outcomeId === outcomeId);

  test('[C3] proposed, judged, approved by two, done once: the agent sees who has it, the system of record what was approved', async () => {
    const { people, desk, opened } = shared;
    const approver = await TestApprover.connect(opened.central.url, await people.token('one'));
    const { outcomeId, approvalId } = await people.ask(desk, 'call-1');
    await until('told', () => desk.named('approval').some((one) => one.approvalId === approvalId && one.state === 'assigned'));
    await until('on the screen', () => approver.last(approvalId)?.state === 'assigned');
    const standing = desk.named('approval').findLast((one) => one.approvalId === approvalId);
    expect(standing).toMatchObject({
      outcomeId,
      callId: 'call-1',
      actionId: 'big-credit',
      withName: expect.stringMatching(/^Name of (bob|one|two)$/),
    });
    expect((standing?.deadlineAtMs ?? 0) - Date.now()).toBeGreaterThan(9 * 60_000);
    expect(await people.queue('one')).toMatchObject([{ approvalId, amount: 500, kind: 'give-credit', actionName: 'Action big-credit' }]);

    // Evidence first, then one's own judgement, then the recommendation, then the verdict.
    const seen = await people.view('one', approvalId);
    expect(seen).toMatchObject({
      needed: 2,
      judgement: null,
      recommendation: null,
      verdicts: [],
      asked: { amount: 500, customerId: 'cust-1' },
    });
    expect((await people.word('one', approvalId, 'verdict', { verdict: 'approved', askedHash: seen.askedHash })).body).toMatchObject({
      error: 'not-judged-yet',
    });
    expect((await people.word('one', approvalId, 'opened', { evidence: 'facts' })).status).toBe(200);
    expect((await people.word('one', approvalId, 'judge', { judgement: 'for' })).body).toMatchObject({ judgement: 'for' });
    expect((await people.word('one', approvalId, 'judge', { judgement: 'against' })).body).toMatchObject({ error: 'judged-already' });
    const other = { verdict: 'approved', askedHash: 'f'.repeat(64) };
    expect((await people.word('one', approvalId, 'verdict', other)).body).toMatchObject({ error: 'asked-changed' });
    expect(await people.say('one', approvalId, 'approved')).toBe('assigned');
    expect(await people.say('one', approvalId, 'approved')).toBe('given-already');

    // The second does not see the first verdict before giving theirs.
    expect((await people.view('two', approvalId)).verdicts).toEqual([]);
    expect((await people.view('one', approvalId)).verdicts).toMatchObject([{ approver: 'one', verdict: 'approved' }]);
    expect(sent(outcomeId)).toEqual([]);
    expect(await people.say('two', approvalId, 'approved')).toMatch(/approved|executed/);
    await people.becomes(approvalId, 'executed');
    await until('sent', () => sent(outcomeId).length === 1);
    const [received] = sent(outcomeId);
    expect(received).toMatchObject({ answer: 'acted', request: { significant: true, approvalId, request: { amount: 500 } } });
    expect(received?.request.approval).toMatchObject({ askedHash: seen.askedHash, approvedBy: ['one', 'two'] });
    expect((await people.view('two', approvalId)).verdicts).toHaveLength(2);
    await until('gone from the screen', () => approver.last(approvalId)?.state === 'executed');
    approver.close();
  });

  test('nobody decides what they asked, of whatever account, nor what is not theirs to decide', async () => {
    const { people, desk, opened } = shared;
    const { approvalId } = await people.ask(desk, 'call-2', { agentId: 'bob' });
    expect((await people.word('bob', approvalId, 'judge', { judgement: 'for' })).body).toMatchObject({ error: 'own-request' });
    const { db } = opened.central.store;
    await db.insertInto('accounts').values({ issuer: 'urn:sotto:development', subject: 'bob-again', person_id: 'bob' }).execute();
    const { askedHash } = await people.view('bob', approvalId);
    const word = { verdict: 'approved', askedHash };
    expect((await people.word('bob-again', approvalId, 'verdict', word)).body).toMatchObject({ error: 'own-request' });
    expect((await people.get('far', `/api/approvals/${approvalId}`)).status).toBe(404);
    expect((await people.word('far', approvalId, 'verdict', word)).status).toBe(404);
    expect((await people.word('ann', approvalId, 'verdict', word)).status).toBe(403);
    expect((await people.word('sup', approvalId, 'verdict', word)).body).toMatchObject({ error: 'not-your-role' });
    expect((await people.queue('bob')).map((one) => one.approvalId)).toEqual([approvalId]);
    expect(await people.queue('far')).toEqual([]);
    // Whoever asked has it in no queue of theirs to decide, and nothing for all at once.
    expect((await people.post('one', '/api/approvals/verdict', { approvalIds: [approvalId], verdict: 'approved' })).status).toBe(404);
    expect((await people.word('bob', approvalId, 'withdraw')).status).toBe(200);
  });

  test('declined with a reason, which the agent hears as the answer; a question before, and its answer', async () => {
    const { people, desk } = shared;
    const { outcomeId, approvalId } = await people.ask(desk, 'call-3');
    await people.view('one', approvalId);
    expect((await people.word('one', approvalId, 'message', { text: 'What did they say of the outage?' })).status).toBe(200);
    await until('asked', () => desk.named('approval').some((one) => one.question === 'What did they say of the outage?'));
    expect((await people.word('ann', approvalId, 'message', { text: 'Three days without, card 4111 1111 1111 1111' })).status).toBe(200);
    await until('answered', () => desk.named('approval').findLast((one) => one.approvalId === approvalId)?.question === null);
    const { messages } = await people.view('one', approvalId);
    expect(messages.map(({ author }) => author)).toEqual(['one', 'ann']);
    expect(messages[1]?.text).not.toContain('4111');
    expect((await people.word('one', approvalId, 'verdict', { verdict: 'declined', askedHash: 'f'.repeat(64) })).status).toBe(400);
    expect(await people.say('one', approvalId, 'declined')).toBe('declined');
    await until('told', () => desk.named('answer').some((one) => one.outcomeId === outcomeId));
    expect(desk.named('answer').find((one) => one.outcomeId === outcomeId)).toMatchObject({
      result: 'failed',
      detail: 'Declined: It is too much',
    });
    expect(await people.say('two', approvalId, 'approved')).toBe('over');
    expect(sent(outcomeId)).toEqual([]);
  });

  test('a changed request voids what was approved before, and is never above the offer', async () => {
    const { people, desk } = shared;
    const { outcomeId, approvalId } = await people.ask(desk, 'call-4');
    expect(await people.say('one', approvalId, 'approved')).toBe('assigned');
    expect((await people.word('ann', approvalId, 'change', { amount: 900 })).body).toMatchObject({ error: 'above-the-offer' });
    expect((await people.word('bob', approvalId, 'change', { amount: 300 })).body).toMatchObject({ error: 'not-your-request' });
    const { body } = await people.word('ann', approvalId, 'change', { amount: 300 });
    const changed = String(body['approvalId']);
    expect(body).toMatchObject({ replaces: approvalId, amount: 300 });
    expect(changed).not.toBe(approvalId);
    expect(await people.stateOf(approvalId)).toBe('changed');
    expect(await people.say('two', approvalId, 'approved')).toBe('over');
    // Two are needed anew.
    expect(await people.say('one', changed, 'approved')).toBe('assigned');
    expect(await people.say('two', changed, 'approved')).toMatch(/approved|executed/);
    await until('sent', () => sent(outcomeId).length === 1);
    expect(sent(outcomeId)[0]).toMatchObject({ request: { request: { amount: 300 }, approvalId: changed } });
  });

  test('the call ends, the agent takes it back, the customer withdraws: whatever was approved is withdrawn', async () => {
    const { people, desk, opened } = shared;
    const producer = new Producer();
    await opened.central.intake(producer.offered('ann', 'cust-1'));
    const ending = await people.ask(desk, producer.callId);
    await opened.central.intake(producer.event('sotto.call.ended', { reason: 'customer-hung-up' }));
    await people.becomes(ending.approvalId, 'withdrawn');
    await until('told', () => desk.named('answer').some((one) => one.outcomeId === ending.outcomeId));
    expect(desk.named('answer').find((one) => one.outcomeId === ending.outcomeId)?.detail).toMatch(/call ended/i);

    // It came after the end of its call.
    const late = await people.ask(desk, producer.callId);
    expect(await people.stateOf(late.approvalId)).toBe('withdrawn');

    const back = await people.ask(desk, 'call-5');
    const undo = outcome({ callId: 'call-5', kind: 'retracted', actionId: 'big-credit', retracts: back.outcomeId });
    await desk.send(batch('dev-ann', [item(1, 'outcome', undo)], 'undo'));
    expect(await people.stateOf(back.approvalId)).toBe('withdrawn');
    expect(await people.say('one', back.approvalId, 'approved')).toBe('over');
    for (const { outcomeId } of [ending, late, back]) expect(sent(outcomeId)).toEqual([]);
  });

  test('[C4] who lost the role between their yes and the deed does not count: it is asked again, and others decide', async () => {
    const { people, desk, opened } = shared;
    const { db } = opened.central.store;
    const { outcomeId, approvalId } = await people.ask(desk, 'call-6');
    await sql`update action_requests set next_attempt_at_ms = ${Date.now() + 3_600_000} where outcome_id = ${outcomeId}`.execute(db);
    expect(await people.say('one', approvalId, 'approved')).toBe('assigned');
    expect(await people.say('two', approvalId, 'approved')).toBe('approved');
    await db.deleteFrom('person_roles').where('person_id', '=', 'two').where('role', '=', 'approver').execute();
    const force = db.insertInto('approval_executions').values({
      approval_id: approvalId,
      outcome_id: outcomeId,
      asked_hash: (await people.view('one', approvalId)).askedHash,
      at_ms: Date.now(),
    });
    await expect(force.execute()).rejects.toThrow(/may not any more/);
    await sql`update action_requests set next_attempt_at_ms = 0 where outcome_id = ${outcomeId}`.execute(db);
    await people.becomes(approvalId, 'requested');
    expect(sent(outcomeId)).toEqual([]);
    expect(await people.say('bob', approvalId, 'approved')).toMatch(/approved|executed/);
    await until('sent', () => sent(outcomeId).length === 1);
    expect(sent(outcomeId)[0]?.request.approval?.approvedBy).toEqual(['one', 'bob']);
    await db.insertInto('person_roles').values({ person_id: 'two', role: 'approver', granted_at_ms: 1, granted_by: null }).execute();
  });

  test('a case known to be wrong looks like the others and can never execute', async () => {
    const { people, desk, opened } = shared;
    const { outcomeId, approvalId: real } = await people.ask(desk, 'call-7');
    expect((await people.post('one', '/api/approvals/seeded', { outcomeId, amount: 50_000 })).status).toBe(403);
    const { status, body } = await people.post('coun', '/api/approvals/seeded', { outcomeId, amount: 50_000 });
    expect(status).toBe(201);
    const seeded = String(body['approvalId']);
    const [one, other] = [await people.view('two', seeded), await people.view('two', real)];
    expect(Object.keys(one)).toEqual(Object.keys(other));
    expect(JSON.stringify(one)).not.toMatch(/seed/i);
    expect(await people.say('two', seeded, 'approved')).toBe('withdrawn');
    expect(sent(outcomeId)).toEqual([]);
    const { db } = opened.central.store;
    const values = { approval_id: seeded, outcome_id: outcomeId, asked_hash: one.askedHash, at_ms: Date.now() };
    await expect(db.insertInto('approval_executions').values(values).execute()).rejects.toThrow();
    expect((await people.word('ann', real, 'withdraw')).status).toBe(200);
    const { body: meter } = await people.get('sup', '/api/approvals/meter');
    expect(meter).toMatchObject({ readings: expect.arrayContaining([expect.objectContaining({ personId: 'two', score: null })]) });
  });

  test('the glass is broken by a right of its own, with a reason, and somebody else looks at it', async () => {
    const { people, desk } = shared;
    const { outcomeId, approvalId } = await people.ask(desk, 'call-8');
    const { askedHash, may } = await people.view('glass', approvalId);
    expect(may).toEqual(['break-glass']);
    const lane = async (who: string) => TestApprover.connect(shared.opened.central.url, await people.token(who));
    const [sup, glass, coun] = [await lane('sup'), await lane('glass'), await lane('coun')];
    const broken = { askedHash, reason: 'The customer has no heating and it is minus ten' };
    expect((await people.word('one', approvalId, 'break-glass', broken)).status).toBe(403);
    expect((await people.word('glass', approvalId, 'break-glass', { askedHash, reason: 'quick' })).status).toBe(400);
    expect((await people.word('glass', approvalId, 'break-glass', broken)).status).toBe(200);
    await until('sent', () => sent(outcomeId).length === 1);
    expect(sent(outcomeId)[0]?.request.approval).toMatchObject({ brokenBy: 'glass', approvedBy: [] });
    const view = await people.view('sup', approvalId);
    expect(view.breakGlass).toMatchObject({ by: 'glass', reviewedBy: null });
    expect((view.breakGlass?.reviewDueMs ?? 0) - Date.now()).toBeLessThanOrEqual(24 * 3_600_000);
    const review = { verdict: 'right', reason: 'It was the only way' };
    const listed = async (who: string) =>
      BrokenGlasses.parse((await people.get(who, '/api/approvals/breaks')).body).items.find((one) => one.approvalId === approvalId);
    expect(await listed('sup')).toMatchObject({ reason: broken.reason, byName: 'Name of glass', isMine: true, review: null });
    expect((await people.get('one', '/api/approvals/breaks')).status).toBe(403);
    await until('who may look at it is told', () => [sup, coun].every((one) => one.waiting.includes(approvalId)));
    expect(glass.waiting).toEqual([]);
    const late = await lane('sup');
    await until('and whoever comes later', () => late.waiting.includes(approvalId));
    expect(view.may).toEqual([]);
    expect((await people.word('glass', approvalId, 'break-glass/review', review)).status).toBe(403);
    expect((await people.word('sup', approvalId, 'break-glass/review', review)).body).toMatchObject({
      breakGlass: { reviewedBy: 'sup', verdict: 'right' },
    });
    await until('nobody is waited for any more', () => ![sup, coun, late].some((one) => one.waiting.includes(approvalId)));
    for (const one of [sup, glass, coun, late]) one.close();
    expect((await people.word('coun', approvalId, 'break-glass/review', review)).body).toMatchObject({ error: 'nothing-to-review' });
    expect(await listed('coun')).toMatchObject({
      isMine: false,
      review: { byName: 'Name of sup', verdict: 'right', reason: review.reason },
    });
  });

  test('whoever may decide it takes it, or gives it to another who may: each is told what they may do', async () => {
    const { people, desk } = shared;
    const { approvalId } = await people.ask(desk, 'call-assigned');
    const seen = await people.view('one', approvalId);
    const given = await people.word('one', approvalId, 'assign', {});
    expect(given.body).toMatchObject({ state: 'assigned', assigneeId: 'one', may: ['decide', 'assign'] });
    expect(seen.may).toEqual(expect.arrayContaining(['decide', 'assign']));
    const { candidates, assigneeId } = ApprovalView.parse(given.body);
    // Neither who asked, nor who has it, nor another team's.
    expect([assigneeId, ...candidates.map(({ personId }) => personId)]).toEqual(['one', 'bob', 'two']);
    expect((await people.word('one', approvalId, 'assign', { personId: 'far' })).body).toMatchObject({ error: 'nobody-to-assign' });
    expect((await people.word('one', approvalId, 'assign', { personId: 'two' })).body).toMatchObject({ assigneeId: 'two' });
    expect((await people.view('two', approvalId)).may).toEqual(['decide', 'assign']);
    expect((await people.view('ann', approvalId)).may).toEqual([]);
    expect((await people.word('ann', approvalId, 'withdraw')).status).toBe(200);
  });

  test('the evidence is the record’s own; why and why not come after the first judgement', async () => {
    const { people, desk } = shared;
    const made = decision('call-9', { policy: 'e'.repeat(64) });
    await desk.send(batch('dev-ann', [item(1, 'decision', made)], 'evidence'));
    const { approvalId } = await people.ask(desk, 'call-9', { decisionId: made.id });
    const view = await people.view('one', approvalId);
    expect(view.asked?.recordHash).toBe(item(1, 'decision', made).hash);
    expect(view.evidence.history.length).toBeGreaterThan(0);
    expect(view.recommendation).toBeNull();
    expect((await people.word('ann', approvalId, 'withdraw')).status).toBe(200);
  });

  test('[C5] accepted while the desk was cut off: it waits, is asked when it comes, and never if its time is over', async () => {
    const { people, desk } = shared;
    const recent = await people.ask(desk, 'call-10', { atMs: Date.now() - 60_000 });
    expect(await people.stateOf(recent.approvalId)).toBe('assigned');
    const old = await people.ask(desk, 'call-10', { atMs: Date.now() - 3_600_000 });
    expect(old.approvalId).toBe('none');
    await until('told', () => desk.named('answer').some((one) => one.outcomeId === old.outcomeId));
    expect(desk.named('answer').find((one) => one.outcomeId === old.outcomeId)).toMatchObject({ result: 'expired' });
    // A desk that comes back is told how its requests stand.
    const again = await TestDesk.connect(shared.opened.central, 'ann', 'dev-again');
    await until('told', () => again.named('approval').some((one) => one.approvalId === recent.approvalId));
    again.close();
    expect((await people.word('ann', recent.approvalId, 'withdraw')).status).toBe(200);
  });
});
