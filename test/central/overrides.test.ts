/** Overrides at review: what reaches it, what the tables keep as it was, who may say what of it, what clusters become, and the figures. */
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { retain } from '#central/privacy/retention.ts';
import {
  CoachingLooks,
  OverrideCase,
  OverrideFigures,
  OverrideItem,
  OverrideItems,
  OverrideNotices,
  OverrideQueue,
  OverrideSample,
} from '#contract/override-review.ts';
import type { Outcome } from '#contract/outcome.ts';
import type { Scene } from './approval-scene.ts';
import { scene } from './approval-scene.ts';
import { onPostgres } from './engines.ts';
import { batch, decision, item } from './fixture.ts';
import { outcome } from './fixture.ts';
import { smallPolicy } from './small-policy.ts';

let epochs = 0;
/** Stores these in one batch of their own, and says what became of each. */
async function store({ desk }: Scene, outcomes: readonly Outcome[], decisions: readonly { readonly id: string }[] = []): Promise<void> {
  const items = [
    ...decisions.map((one, n) => item(n + 1, 'decision', one as { id: string })),
    ...outcomes.map((one, n) => item(decisions.length + n + 1, 'outcome', one)),
  ];
  for (let from = 0; from < items.length; from += 50) {
    const sent = items.slice(from, from + 50).map((one, n) => ({ ...one, seq: n + 1 }));
    const receipt = await desk.send(batch('dev-ann', sent, `epoch-${epochs++}`));
    expect(receipt.items.map(({ result }) => result)).toEqual(sent.map(() => 'stored'));
  }
}

const overridden = (more: Partial<Outcome> = {}): Outcome =>
  outcome({
    callId: 'call-1',
    kind: 'overridden',
    actionId: 'explain-bill',
    chosenActionId: 'change-plan',
    reason: 'know-better',
    ...more,
  });

/** So many overrides for one reason. */
const many = (n: number, reason: NonNullable<Outcome['reason']>) => Array.from({ length: n }, () => overridden({ reason }));

/** The small policy with one action that is only a Could. */
const withCould = smallPolicy(2).map((file) =>
  file.path.endsWith('change-plan.yaml') ? { ...file, text: file.text.replace('urgency: should', 'urgency: could') } : file,
);

onPostgres((engine) => {
  test('every override and every rejected Should is at review in the moment it is stored, with the record as it came; a rejected Could is not', async () => {
    await using staged = await scene(await engine.open(), null);
    const { opened, people } = staged;
    const { db } = opened.central.store;
    expect(await opened.central.publishRevision(withCould)).toMatchObject({ ok: true });
    const revision = (
      await db.selectFrom('publications').select('hash').where('name', '=', 'revision').orderBy('pos', 'desc').execute()
    )[0];
    const made = decision('call-1', { policy: revision?.hash });
    const of = { decisionId: made.id, callId: 'call-1' };
    const override = overridden({ ...of, note: 'She had moved' });
    const should = outcome({ ...of, kind: 'rejected', actionId: 'explain-bill', reason: 'not-relevant' });
    const could = outcome({ ...of, kind: 'rejected', actionId: 'change-plan', reason: 'not-relevant' });
    const seen = outcome({ ...of, kind: 'seen', actionId: 'explain-bill', atMs: override.atMs - 4_000 });
    const unknown = outcome({ ...of, kind: 'rejected', actionId: 'gone-since', decisionId: randomUUID() });
    await store(staged, [seen, override, should, could, unknown, outcome({ ...of, kind: 'accepted' })], [made]);
    const rows = await db.selectFrom('override_cases').selectAll().orderBy('at_ms').execute();
    expect(rows.map((row) => row.outcome_id).toSorted()).toEqual([override.id, should.id, unknown.id].toSorted());
    const kept = rows.find((row) => row.outcome_id === override.id);
    const record = await db.selectFrom('decisions').select(['body', 'hash']).where('id', '=', made.id).executeTakeFirstOrThrow();
    expect(kept).toMatchObject({ record: record.body, record_hash: record.hash, person_id: expect.any(String), urgency: 'should' });
    expect(kept?.seen_at_ms).toBe(override.atMs - 4_000);
    // Whatever becomes of the record, and of the policy, the picture stays.
    await sql`delete from decisions`.execute(db);
    const view = OverrideCase.parse((await people.get('sup', `/api/overrides/cases/${override.id}`)).body);
    expect(view).toMatchObject({ note: 'She had moved', chosenActionName: 'Action change-plan', recordHash: record.hash, verdicts: [] });
    expect(view.picture?.shown).toMatchObject([{ actionId: 'change-plan', do: 'Do change-plan' }]);
    // Nobody's name is in it.
    expect(JSON.stringify(view)).not.toMatch(/ann/i);
    for (const change of ["record = 'other'", "reason = 'already-done'", 'at_ms = 1', "record_hash = 'x'", "chosen_action_id = 'x'"])
      await expect(sql`update override_cases set ${sql.raw(change)}`.execute(db)).rejects.toThrow(/stays as it was/);
    await expect(sql`delete from override_cases`.execute(db)).rejects.toThrow(/stays as it was/);
    // What the agent took back in time is none.
    await store(staged, [outcome({ callId: 'call-1', kind: 'retracted', retracts: should.id, actionId: 'explain-bill' })]);
    const queue = OverrideQueue.parse((await people.get('sup', '/api/overrides')).body);
    expect(queue.groups.map(({ actionId, kind, reason, cases }) => [actionId, kind, reason, cases])).toEqual([
      ['explain-bill', 'overridden', 'know-better', 1],
      ['gone-since', 'rejected', null, 1],
    ]);
  });

  test('two judge the same case without seeing what the other says; nobody judges their own, a third does not, and what was said stays', async () => {
    await using staged = await scene(await engine.open(), null);
    const { opened, people } = staged;
    const { db } = opened.central.store;
    const [one, two] = [overridden(), overridden()];
    await store(staged, [one, two]);
    const say = (who: string, id: string, verdict: string, more: object = {}) =>
      people.post(who, `/api/overrides/cases/${id}/verdict`, { verdict, ...more });
    expect((await say('sup', one.id, 'agent-right', { note: 'The rule was wrong, card 4111 1111 1111 1111' })).body).toMatchObject({
      mine: 'agent-right',
      verdicts: [{ isMine: true, note: expect.not.stringContaining('4111') }],
    });
    const before = OverrideCase.parse((await people.get('coun', `/api/overrides/cases/${one.id}`)).body);
    expect(before).toMatchObject({ mine: null, verdicts: [] });
    const queueOf = async (who: string) => OverrideQueue.parse((await people.get(who, '/api/overrides')).body).groups[0];
    expect(await queueOf('coun')).toMatchObject({ cases: 2, judged: 1, agentRight: 0, systemRight: 0 });
    expect(await queueOf('sup')).toMatchObject({ judged: 1, agentRight: 1 });
    expect(await say('sup', one.id, 'unclear')).toMatchObject({ status: 409, body: { error: 'judged-already' } });
    const both = OverrideCase.parse((await say('coun', one.id, 'system-right')).body);
    expect(both.verdicts.map(({ verdict, isMine }) => [verdict, isMine])).toEqual([
      ['agent-right', false],
      ['system-right', true],
    ]);
    // They differ: it is unclear, and what two reviewers come to is not enough to say how far they agree.
    expect(await queueOf('coun')).toMatchObject({ agentRight: 0, systemRight: 0, unclear: 1 });
    expect(OverrideQueue.parse((await people.get('coun', '/api/overrides')).body).agreement).toEqual({
      cases: 1,
      agreement: null,
      alpha: null,
    });
    await sql`insert into person_roles (person_id, role, granted_at_ms) values ('ann', 'supervisor', 1), ('one', 'supervisor', 1), ('far', 'supervisor', 1)`.execute(
      db,
    );
    expect(await say('one', one.id, 'agent-right')).toMatchObject({ status: 409, body: { error: 'two-judged-it' } });
    expect(await say('ann', two.id, 'agent-right')).toMatchObject({ status: 403, body: { error: 'own-case' } });
    expect((await say('far', two.id, 'agent-right')).status).toBe(404);
    // Past the code the tables say the same.
    const insert = (who: string, id: string) =>
      sql`insert into override_verdicts (outcome_id, reviewer, verdict, at_ms) values (${id}, ${who}, 'agent-right', 1)`.execute(db);
    for (const who of ['ann', 'far', 'two']) await expect(insert(who, two.id)).rejects.toThrow(/may not judge it/);
    await expect(insert('one', one.id)).rejects.toThrow(/two have judged it/);
    await expect(sql`update override_verdicts set verdict = 'unclear'`.execute(db)).rejects.toThrow(/stays/);
    await expect(sql`delete from override_verdicts`.execute(db)).rejects.toThrow(/stays/);
    await db.deleteFrom('person_roles').where('person_id', '=', 'sup').execute();
    await expect(insert('sup', two.id)).rejects.toThrow(/may not judge it/);
  });

  test('a cluster above its size becomes an item with an owner; who raised it hears what came of it', async () => {
    await using staged = await scene(await engine.open(), null, { overrides: { size: 5 } });
    const { opened, people, desk } = staged;
    const { db } = opened.central.store;
    await store(staged, [...many(5, 'wrong-facts'), ...many(4, 'already-done')]);
    await opened.central.tick(Date.now());
    const list = async () => OverrideItems.parse((await people.get('coun', '/api/overrides/items')).body).items;
    const [item1, ...others] = await list();
    expect(others).toEqual([]);
    expect(item1).toMatchObject({ reason: 'wrong-facts', fault: 'data', state: 'open', ownerId: 'coun', cases: 5, agents: 1 });
    // One more joins it; taken back or not of this kind does not.
    await store(staged, [overridden({ reason: 'wrong-facts' })]);
    await opened.central.tick(Date.now());
    expect(await list()).toMatchObject([{ cases: 6 }]);
    const id = item1?.itemId ?? '';
    const change = (body: object) => people.post('coun', `/api/overrides/items/${id}`, body);
    expect((await change({ ownerId: 'ann' })).body).toMatchObject({ error: 'cannot-own' });
    expect((await change({ state: 'changed' })).status).toBe(400);
    expect(OverrideItem.parse((await change({ fault: 'policy', ownerId: 'sup', state: 'working' })).body)).toMatchObject({
      ownerName: 'Name of sup',
    });
    const notices = async (who: string) => OverrideNotices.parse((await people.get(who, '/api/overrides/notices')).body).notices;
    expect(await notices('ann')).toEqual([]);
    expect(
      OverrideItem.parse((await change({ state: 'changed', words: 'Bills of the last year are read from the ledger now' })).body),
    ).toMatchObject({
      state: 'changed',
    });
    expect(await change({ state: 'left', words: 'It is as it should be' })).toMatchObject({ status: 409, body: { error: 'over' } });
    expect(await notices('ann')).toMatchObject(
      [{ itemId: id, raised: 6, state: 'changed', seenAtMs: null, words: /read from the ledger/ }].map((one) => ({
        ...one,
        words: expect.stringMatching(one.words),
      })),
    );
    expect(await notices('bob')).toEqual([]);
    expect((await people.post('ann', `/api/overrides/notices/${id}/seen`)).body).toMatchObject({
      notices: [{ seenAtMs: expect.any(Number) }],
    });
    // What comes afterwards is counted anew.
    await store(
      staged,
      Array.from({ length: 4 }, () => overridden({ reason: 'wrong-facts' })),
    );
    await opened.central.tick(Date.now());
    expect(await list()).toHaveLength(1);
    const { rows } = await sql<{ state: string; by: string | null }>`select state, by from override_item_events order by pos`.execute(db);
    expect(rows).toEqual([
      { state: 'open', by: null },
      { state: 'working', by: 'coun' },
      { state: 'changed', by: 'coun' },
    ]);
    await expect(sql`update override_items set state = 'open', ended_at_ms = null`.execute(db)).rejects.toThrow(/it is over/);
    await expect(sql`delete from override_item_events`.execute(db)).rejects.toThrow(/stays/);
    expect(desk.isConnected).toBe(true);
  });

  test('who is erased is in no picture any more, and pictures go when records do; that it was overridden, and what was found, stays', async () => {
    await using staged = await scene(await engine.open(), null);
    const { opened, people } = staged;
    const { db } = opened.central.store;
    const made = decision('call-1');
    const theirs = overridden({ decisionId: made.id });
    const other = overridden({ decisionId: made.id, callId: 'call-2', customerId: null });
    await store(staged, [theirs, other], [made]);
    await people.post('sup', `/api/overrides/cases/${theirs.id}/verdict`, { verdict: 'agent-right', note: 'Mina had moved' });
    await opened.central.erase('cust-1');
    const rows = await db.selectFrom('override_cases').select(['outcome_id', 'record', 'customer_id']).execute();
    expect(rows.find((row) => row.outcome_id === theirs.id)).toEqual({ outcome_id: theirs.id, record: null, customer_id: null });
    expect(await db.selectFrom('override_verdicts').select(['verdict', 'note']).execute()).toEqual([
      { verdict: 'agent-right', note: null },
    ]);
    expect(rows.find((row) => row.outcome_id === other.id)?.record).not.toBeNull();
    const days = { events: 400, records: 1, outcomes: 400, deadLetters: 90 };
    await retain(opened.central.store, days, Date.now() + 2 * 86_400_000);
    expect(await db.selectFrom('override_cases').select('record').distinct().execute()).toEqual([{ record: null }]);
    // With the answer itself the case goes.
    await retain(opened.central.store, { ...days, outcomes: 1 }, Date.now() + 2 * 86_400_000);
    expect(await db.selectFrom('override_cases').selectAll().execute()).toEqual([]);
  });

  test('figures by action, issue and team are what was answered, with intervals or nothing; those of one agent leave a row each time', async () => {
    await using staged = await scene(await engine.open(), null, { systemOfRecord: null });
    const { opened, people } = staged;
    const { db } = opened.central.store;
    const prompts = Array.from({ length: 40 }, (_, n) => ({ callId: `call-${n}`, decisionId: randomUUID(), actionId: 'change-plan' }));
    const startMs = Date.now() - 60_000;
    await store(
      staged,
      prompts.flatMap((of, n): Outcome[] => {
        const seen = outcome({ ...of, kind: 'seen', atMs: startMs });
        if (n < 24) return [seen, outcome({ ...of, kind: 'accepted', atMs: startMs + 1_000 * (n + 1) })];
        if (n < 36) return [seen, overridden({ ...of, chosenActionId: 'explain-bill', atMs: startMs + 2_000 })];
        const rejected = outcome({ ...of, kind: 'rejected', atMs: startMs + 500 });
        return n < 38 ? [seen, rejected] : [seen, rejected, outcome({ ...of, kind: 'retracted', retracts: rejected.id })];
      }),
    );
    await sql`update action_requests set state = 'acted' where call_id <= 'call-2'`.execute(db);
    await sql`update action_requests set state = 'failed' where call_id > 'call-2'`.execute(db);
    const failed =
      (
        await sql<{
          n: number;
        }>`select count(*)::int as n from action_requests where state = 'failed' and action_id = 'change-plan'`.execute(db)
      ).rows[0]?.n ?? 0;
    const cases = await db
      .selectFrom('override_cases')
      .select(['outcome_id'])
      .where('kind', '=', 'overridden')
      .orderBy('outcome_id')
      .execute();
    for (const [n, { outcome_id }] of cases.entries())
      await people.post('sup', `/api/overrides/cases/${outcome_id}/verdict`, {
        verdict: n < 9 ? 'agent-right' : n < 11 ? 'system-right' : 'unclear',
      });
    const figures = async (who: string, by: string) =>
      OverrideFigures.parse((await people.get(who, `/api/overrides/figures?by=${by}`)).body).rows;
    const [row] = await figures('sup', 'action');
    expect(row).toMatchObject({
      key: 'change-plan',
      name: 'Action change-plan',
      seen: 40,
      acceptance: { estimate: 0.6 },
      override: { estimate: 0.3 },
      rejection: { estimate: 0.05 },
    });
    expect(row?.appropriate?.estimate).toBeCloseTo(9 / 11, 10);
    expect(row?.notActed?.estimate).toBeCloseTo(failed / 24, 10);
    expect(row?.seenToAcceptS).toEqual({ estimate: 12.5, low: expect.any(Number), high: expect.any(Number) });
    expect(row?.seenToAcceptS?.low).toBeLessThan(12);
    expect(row?.seenToAcceptS?.high).toBeGreaterThan(13);
    expect(await figures('coun', 'issue')).toMatchObject([{ key: 'care', seen: 40 }]);
    expect(await figures('coun', 'team')).toMatchObject([{ key: 'north', name: 'north', seen: 40 }]);
    // Another team's supervisor has none of it, and too few say nothing.
    await sql`insert into person_roles (person_id, role, granted_at_ms) values ('far', 'supervisor', 1)`.execute(db);
    expect(await figures('far', 'action')).toEqual([]);
    await store(staged, [outcome({ callId: 'call-x', kind: 'accepted', actionId: 'explain-bill' })]);
    expect((await figures('sup', 'action'))[1]).toMatchObject({
      key: 'explain-bill',
      seen: 1,
      acceptance: null,
      seenToAcceptS: null,
      appropriate: null,
    });
    // Of one agent: never without the row that says who looked and why.
    expect((await people.post('sup', '/api/overrides/coaching', { agentId: 'ann' })).status).toBe(400);
    expect((await people.post('far', '/api/overrides/coaching', { agentId: 'ann', reason: 'curious' })).status).toBe(404);
    const look = async () =>
      OverrideFigures.parse((await people.post('sup', '/api/overrides/coaching', { agentId: 'ann', reason: 'first weeks' })).body);
    expect((await look()).rows).toMatchObject([{ key: 'ann', seen: 41 }]);
    await look();
    const looks = CoachingLooks.parse((await people.get('ann', '/api/overrides/coaching')).body).looks;
    expect(looks).toMatchObject([{ by: 'Name of sup', agentId: 'ann', reason: 'first weeks' }, { by: 'Name of sup' }]);
    await expect(sql`delete from coaching_looks`.execute(db)).rejects.toThrow(/stays/);
    await sql`alter table coaching_looks rename to coaching_looks_gone`.execute(db);
    expect((await people.post('sup', '/api/overrides/coaching', { agentId: 'ann', reason: 'first weeks' })).status).toBe(503);
  });

  test('a sample has a part of every action, kind and reason, is the same for the same seed, and leaves out what one has judged', async () => {
    await using staged = await scene(await engine.open(), null);
    const { people } = staged;
    await store(staged, [...many(30, 'know-better'), ...many(9, 'wrong-facts'), ...many(1, 'already-done')]);
    const sample = async (query: string) => OverrideSample.parse((await people.get('sup', `/api/overrides/cases?${query}`)).body);
    const first = await sample('seed=7&size=10');
    expect(first.of).toBe(40);
    const drawn = (reason: string) => first.cases.filter((one) => one.reason === reason);
    expect([drawn('know-better').length, drawn('wrong-facts').length, drawn('already-done').length]).toEqual([6, 3, 1]);
    expect(first.cases.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(40, 9);
    expect((await sample('seed=7&size=10')).cases).toEqual(first.cases);
    expect((await sample('seed=8&size=10')).cases).not.toEqual(first.cases);
    const judged = first.cases[0]?.outcomeId ?? '';
    await people.post('sup', `/api/overrides/cases/${judged}/verdict`, { verdict: 'unclear' });
    const todo = await sample('seed=7&size=500&todo=true');
    expect(todo.cases).toHaveLength(39);
    expect(todo.cases.some(({ outcomeId }) => outcomeId === judged)).toBe(false);
    expect((await sample('reason=wrong-facts&size=500')).cases).toHaveLength(9);
  });
});
