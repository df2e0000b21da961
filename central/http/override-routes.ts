/** Overrides at review by HTTP: for whoever judges them, whoever owns what they show, and the agents who raised it. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import {
  CasesQuery,
  COACHING_PATH,
  CoachingLook,
  type CoachingLooks,
  FIGURES_PATH,
  FiguresQuery,
  ItemChange,
  NOTICES_PATH,
  OVERRIDE_CASES_PATH,
  OVERRIDE_ITEMS_PATH,
  type OverrideRefusal,
  OVERRIDES_PATH,
  OverrideVerdict,
  OverrideWindow,
} from '#contract/override-review.ts';
import { Nothing } from '#contract/approval.ts';
import { type Scope, withinScope } from '../access/scope.ts';
import { judgeCase } from '../overrides/judge-case.ts';
import { overrideFigures } from '../overrides/override-figures.ts';
import type { OverrideItems } from '../overrides/override-items.ts';
import type { OverrideViews } from '../overrides/override-views.ts';
import type { Catalogue } from '../policy/catalogue.ts';
import type { Counters } from '../store/counters.ts';
import type { Query, Store } from '../store/open-store.ts';
import { readBody } from './read-body.ts';
import { idIn, personOf, scopeOf } from './server.ts';

interface Settings {
  readonly store: Store;
  readonly counters: Counters;
  readonly nowMs: () => number;
  readonly catalogue: Catalogue;
  readonly views: OverrideViews;
  readonly items: OverrideItems;
  /** Something at review is other than it was. */
  readonly changed: () => void;
}

const DAY_MS = 86_400_000;
const MOST_LOOKS = 500;
const MOST_AGENTS = 500;

export function overrideRoutes(server: FastifyInstance, { store, counters, nowMs, catalogue, views, items, changed }: Settings): void {
  const refuse = (reply: FastifyReply, status: number, error: string, detail: string): FastifyReply => {
    counters.add(`overrides: refused ${error}`);
    return reply.code(status).send({ error, detail });
  };
  const refused = (reply: FastifyReply, reason: OverrideRefusal): FastifyReply => refuse(reply, STATUS[reason] ?? 409, reason, WHY[reason]);
  const since = ({ days }: { readonly days: number }): number => nowMs() - days * DAY_MS;

  server.get(OVERRIDES_PATH, async (request, reply) => {
    const query = OverrideWindow.safeParse(request.query);
    if (!query.success) return refuse(reply, 400, 'bad-query', 'days is a whole number from 1 to 400');
    return views.queue(personOf(request).personId, scopeOf(request), since(query.data));
  });

  server.get(OVERRIDE_CASES_PATH, async (request, reply) => {
    const query = CasesQuery.safeParse(request.query);
    if (!query.success) return refuse(reply, 400, 'bad-query', query.error.issues[0]?.message ?? '');
    return views.sample(personOf(request).personId, scopeOf(request), since(query.data), query.data);
  });

  server.get(`${OVERRIDE_CASES_PATH}/:outcomeId`, async (request, reply) => {
    const id = idIn(request, 'outcomeId');
    const one = id === null ? null : await views.one(personOf(request).personId, scopeOf(request), id);
    return one ?? refused(reply, 'not-found');
  });

  server.post(`${OVERRIDE_CASES_PATH}/:outcomeId/verdict`, async (request, reply) => {
    const id = idIn(request, 'outcomeId');
    const verdict = readBody(request, OverrideVerdict);
    if (!verdict.ok) return refuse(reply, 400, 'bad-request', verdict.detail);
    const { personId } = personOf(request);
    if (id === null || (await views.one(personId, scopeOf(request), id)) === null) return refused(reply, 'not-found');
    const reason = await judgeCase(store, id, personId, verdict.value, nowMs());
    if (reason !== null) return refused(reply, reason);
    changed();
    return views.one(personId, scopeOf(request), id);
  });

  server.get(OVERRIDE_ITEMS_PATH, async () => ({ items: await items.list(), owners: await items.owners() }));

  server.post(`${OVERRIDE_ITEMS_PATH}/:itemId`, async (request, reply) => {
    const id = idIn(request, 'itemId');
    const change = readBody(request, ItemChange);
    if (!change.ok) return refuse(reply, 400, 'bad-request', change.detail);
    if (id === null) return refused(reply, 'not-found');
    const done = await items.change(id, personOf(request).personId, change.value);
    if (!done.ok) return refused(reply, done.reason);
    changed();
    return done.item;
  });

  server.get(FIGURES_PATH, async (request, reply) => {
    const query = FiguresQuery.safeParse(request.query);
    if (!query.success) return refuse(reply, 400, 'bad-query', 'by is action, issue or team, and days a whole number from 1 to 400');
    const asked = { by: query.data.by, sinceMs: since(query.data), scope: scopeOf(request) };
    return overrideFigures(store.db, await catalogue.actions(), asked);
  });

  server.post(COACHING_PATH, async (request, reply) => {
    const look = readBody(request, CoachingLook);
    if (!look.ok) return refuse(reply, 400, 'bad-request', look.detail);
    const { agentId, reason, days } = look.value;
    const scope = scopeOf(request);
    const known = await store.db
      .selectFrom('agents as a')
      .select('agent_id')
      .where('agent_id', '=', agentId)
      .where(withinScope(scope, 'a.agent_id'))
      .executeTakeFirst();
    if (known === undefined) return refused(reply, 'not-found');
    const sinceMs = since({ days });
    // Written down before anything is read: no figures of one person without the row that says who looked, and why.
    await store.db
      .insertInto('coaching_looks')
      .values({ looked_by: personOf(request).personId, agent_id: agentId, reason, since_ms: sinceMs, at_ms: nowMs() })
      .execute();
    counters.add('overrides: looks in coaching');
    return overrideFigures(store.db, await catalogue.actions(), { by: 'agent', sinceMs, scope, agentId });
  });

  const looks = async (request: FastifyRequest): Promise<CoachingLooks> => ({
    looks: await looksAt(store.db, scopeOf(request)),
    agents: personOf(request).roles.has('supervisor') ? await agentsWithin(store.db, scopeOf(request)) : [],
  });
  server.get(COACHING_PATH, (request) => looks(request));

  server.get(NOTICES_PATH, (request) => items.notices(personOf(request).personId));

  server.post(`${NOTICES_PATH}/:itemId/seen`, async (request, reply) => {
    const id = idIn(request, 'itemId');
    const body = readBody(request, Nothing);
    if (!body.ok) return refuse(reply, 400, 'bad-request', body.detail);
    const { personId } = personOf(request);
    if (id !== null) await items.seen(id, personId);
    return items.notices(personId);
  });
}

/** Who looked at the figures of single agents, of those within reach, the last first. */
async function looksAt(db: Query, scope: Scope): Promise<CoachingLooks['looks']> {
  return db
    .selectFrom('coaching_looks as l')
    .innerJoin('people as p', 'p.person_id', 'l.looked_by')
    .select(['p.name as by', 'l.agent_id as agentId', 'l.reason', 'l.since_ms as sinceMs', 'l.at_ms as atMs'])
    .where(withinScope(scope, 'l.agent_id'))
    .orderBy('l.pos', 'desc')
    .limit(MOST_LOOKS)
    .execute();
}

async function agentsWithin(db: Query, scope: Scope): Promise<CoachingLooks['agents']> {
  return db
    .selectFrom('agents as a')
    .innerJoin('people as p', 'p.person_id', 'a.person_id')
    .select(['a.agent_id as agentId', 'p.name'])
    .where('p.active', '=', true)
    .where(withinScope(scope, 'a.agent_id'))
    .orderBy('p.name')
    .orderBy('a.agent_id')
    .limit(MOST_AGENTS)
    .execute();
}

const STATUS: Readonly<Partial<Record<OverrideRefusal, number>>> = { 'not-found': 404, 'own-case': 403, 'not-your-role': 403 };

const WHY: Readonly<Record<OverrideRefusal, string>> = {
  'not-found': 'there is none within reach',
  'own-case': 'another person judges it than who raised it',
  'not-your-role': 'this is for others to judge',
  'judged-already': 'what was said of a case stays',
  'two-judged-it': 'two have judged it already',
  over: 'it is over: what comes after it becomes an item of its own',
  'cannot-own': 'nobody active who could own it is known by that name',
  'no-owner': 'somebody has to own it first',
};
