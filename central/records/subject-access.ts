/** Everything central holds about one person, for themselves: their data, what was said on their calls, and every decision about them with its reasons. */
import { sql } from 'kysely';
import type { CheckedRevision } from '#contract/checked-policy.ts';
import type { Outcome } from '#contract/outcome.ts';
import type { SubjectAccess, ToldContest, ToldDecision } from '#contract/subject-access.ts';
import type { NamedManifest } from '#core';
import { checkRevision } from '#policy';
import type { Query } from '../store/open-store.ts';
import { DecisionTeller, type ToldRecord } from './told-decision.ts';

/** Null where central knows nothing of the person: no profile, no call, no decision. */
export async function subjectAccess(db: Query, customerId: string, nowMs: number): Promise<SubjectAccess | null> {
  const customer = await db.selectFrom('customers').selectAll().where('customer_id', '=', customerId).executeTakeFirst();
  const consents = await db.selectFrom('consents').selectAll().where('customer_id', '=', customerId).orderBy('purpose').execute();
  const contacts = await db.selectFrom('interactions').selectAll().where('customer_id', '=', customerId).orderBy('at_ms').execute();
  const calls = await db.selectFrom('calls').selectAll().where('customer_id', '=', customerId).orderBy('offered_at_ms').execute();
  const decisions = await toldDecisions(db, customerId);
  if (customer === undefined && calls.length + decisions.length + contacts.length + consents.length === 0) return null;
  const requests = await db
    .selectFrom('action_requests')
    .selectAll()
    .where('customer_id', '=', customerId)
    .orderBy('expires_at_ms')
    .execute();
  const holds = await db
    .selectFrom('data_orders')
    .select(['until_ms', 'at_ms'])
    .where('customer_id', '=', customerId)
    .where('kind', '=', 'hold')
    .orderBy('seq')
    .execute();
  const said = await utterances(
    db,
    calls.map(({ call_id: callId }) => callId),
  );
  const coached = await coachingWords(
    db,
    calls.map(({ call_id: callId }) => callId),
  );
  return {
    v: 1,
    customerId,
    madeAtMs: nowMs,
    profile: customer === undefined ? null : { displayName: customer.display_name, language: customer.language, fields: customer.fields },
    consents: consents.map(({ purpose, granted, at_ms: atMs }) => ({ purpose, granted, atMs })),
    contacts: contacts
      .filter(({ retracted }) => !retracted)
      .map(({ kind, channel, at_ms: atMs, action_id: actionId }) => ({ kind, channel, atMs, actionId })),
    calls: calls.map((call) => ({
      callId: call.call_id,
      agentId: call.agent_id,
      offeredAtMs: call.offered_at_ms,
      endedAtMs: call.ended_at_ms,
      said: said.get(call.call_id) ?? [],
      coached: coached.get(call.call_id) ?? [],
    })),
    requests: requests.map(({ action_id: actionId, state, amount, detail }) => ({ actionId, state, amount, detail })),
    holds: holds.flatMap(({ until_ms: untilMs, at_ms: atMs }) => (untilMs === null ? [] : [{ untilMs, atMs }])),
    decisions,
    contests: await toldContests(db, customerId),
  };
}

async function toldDecisions(db: Query, customerId: string): Promise<readonly ToldDecision[]> {
  const rows = await db
    .selectFrom('decisions')
    .select(['id', 'policy', 'body'])
    .where('customer_id', '=', customerId)
    .orderBy('at_ms')
    .orderBy('id')
    .execute();
  if (rows.length === 0) return [];
  const ids = rows.map(({ id }) => id);
  const repeats = await db
    .selectFrom('decision_repeats')
    .select(['decision_id', (eb) => eb.fn.countAll<number>().as('times')])
    .where('decision_id', 'in', ids)
    .groupBy('decision_id')
    .execute();
  const repeated = new Map(repeats.map((row) => [row.decision_id, row.times]));
  const outcomes = Map.groupBy(
    await db
      .selectFrom('outcomes')
      .select(['decision_id', 'body'])
      .where('decision_id', 'in', ids)
      .orderBy('clock')
      .orderBy('id')
      .execute(),
    (row) => row.decision_id,
  );
  const manifests = await manifestsNamedIn(
    db,
    rows.map(({ body }) => body),
  );
  const tellers = new Map<string, DecisionTeller | null>();
  const told: ToldDecision[] = [];
  for (const { id, policy, body } of rows) {
    const known = tellers.get(policy);
    const teller = known === undefined ? await tellerOf(db, policy, manifests) : known;
    tellers.set(policy, teller);
    const became = (outcomes.get(id) ?? []).map((row) => toldOutcome(row.body));
    told.push({ ...(teller === null ? untold(body) : teller.tell(body)), outcomes: became, repeated: repeated.get(id) ?? 0 });
  }
  return told;
}

const toldOutcome = ({ id, kind, actionId, atMs, reason, note, chosenActionId }: Outcome): ToldDecision['outcomes'][number] => ({
  id,
  kind,
  actionId,
  atMs,
  ...(reason === undefined ? {} : { reason }),
  ...(note === undefined ? {} : { note }),
  ...(chosenActionId === undefined ? {} : { chosenActionId }),
});

/** Null where the revision is not at central, or this version cannot read it any more. */
export async function tellerOf(
  db: Query,
  hash: string,
  models: ReadonlyMap<string, NamedManifest['manifest']>,
): Promise<DecisionTeller | null> {
  const row = await db.selectFrom('revisions').select('files').where('hash', '=', hash).executeTakeFirst();
  const checked = row === undefined ? null : checkRevision(row.files, { hash });
  if (checked?.ok !== true) return null;
  const revision: CheckedRevision = checked.revision;
  return new DecisionTeller(revision, models);
}

/** As far as a record says something without its revision. */
function untold(body: string): ToldRecord {
  const { id, atMs, callId, agentId, rung, models, result } = JSON.parse(body) as ToldRecord & {
    readonly result: { readonly kind: string; readonly reason?: ToldRecord['refrained'] };
  };
  const refrained = result.kind === 'refrain' ? (result.reason ?? null) : null;
  return { id, atMs, callId, agentId, rung, models, refrained, policy: null, reproduced: false, shown: [], used: [], considered: [] };
}

async function toldContests(db: Query, customerId: string): Promise<readonly ToldContest[]> {
  const rows = await db
    .selectFrom('contests as c')
    .leftJoin('contest_answers as a', 'a.contest_id', 'c.contest_id')
    .leftJoin('people as p', 'p.person_id', 'a.reviewer')
    .selectAll('c')
    .select(['a.finding', 'a.reasons', 'a.remedy', 'a.at_ms', 'p.name'])
    .where('c.customer_id', '=', customerId)
    .orderBy('c.received_at_ms')
    .orderBy('c.contest_id')
    .execute();
  return rows.map((row) => ({
    contestId: row.contest_id,
    decisionId: row.decision_id,
    // The tables take no answer of somebody who had a part in it.
    humanIntervention: row.name === null || row.at_ms === null ? null : { by: row.name, atMs: row.at_ms, tookPart: false },
    pointOfView: { words: row.words, atMs: row.received_at_ms },
    contest: {
      state: row.state,
      finding: row.finding,
      reasons: row.reasons,
      remedy: row.remedy,
      deadlineAtMs: row.deadline_at_ms,
      expiresAtMs: row.expires_at_ms,
      endedAtMs: row.ended_at_ms,
    },
  }));
}

async function utterances(db: Query, callIds: readonly string[]): Promise<ReadonlyMap<string, SubjectAccess['calls'][number]['said']>> {
  if (callIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('call_events')
    .select(['call_id', 'at_ms', 'body'])
    .where('call_id', 'in', callIds)
    .where('type', '=', 'sotto.utterance.final')
    .orderBy('seq')
    .execute();
  const said = rows.flatMap(({ call_id: callId, at_ms: atMs, body }) =>
    body.type === 'sotto.utterance.final' ? [{ callId, by: body.data.speaker, text: body.data.text, atMs }] : [],
  );
  return new Map(
    [...Map.groupBy(said, ({ callId }) => callId)].map(([callId, all]) => [callId, all.map(({ by, text, atMs }) => ({ by, text, atMs }))]),
  );
}

type Words = SubjectAccess['calls'][number]['coached'];

/** What was written about their call beside it; words that are gone are not told of. */
async function coachingWords(db: Query, callIds: readonly string[]): Promise<ReadonlyMap<string, Words>> {
  if (callIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('coaching_notes as n')
    .innerJoin('people as p', 'p.person_id', 'n.author')
    .select(['n.call_id', 'p.name', 'n.text', 'n.at_ms'])
    .where('n.call_id', 'in', callIds)
    .orderBy('n.at_ms')
    .orderBy('n.note_id')
    .execute();
  const written = rows.flatMap(({ call_id: callId, name, text, at_ms: atMs }) => (text === null ? [] : [{ callId, by: name, text, atMs }]));
  return new Map(
    [...Map.groupBy(written, ({ callId }) => callId)].map(([callId, all]) => [
      callId,
      all.map(({ by, text, atMs }) => ({ by, text, atMs })),
    ]),
  );
}

/** Manifests by hash: of every trained model that scores actions, and of what was learnt, of which there is one an hour, those that records name. */
export async function manifestsNamedIn(db: Query, bodies: readonly string[]): Promise<ReadonlyMap<string, NamedManifest['manifest']>> {
  const models = await db.selectFrom('models').select(['hash', 'manifest']).execute();
  const named = [...new Set(bodies.flatMap((body) => (JSON.parse(body) as Pick<ToldRecord, 'models'>).models))];
  const learnt = await db
    .selectFrom('learnt_models')
    .select(['hash', 'manifest'])
    .where('hash', '=', sql<string>`any(${named}::text[])`)
    .execute();
  const trained = models.flatMap(({ hash, manifest }) => (manifest.kind === 'intent' ? [] : [{ hash, manifest }]));
  return new Map([...trained, ...learnt].map(({ hash, manifest }) => [hash, manifest]));
}
