/** Supervision by HTTP: what stands beside the wall, alerts, words to an agent, and reading along. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import {
  ALERTS_PATH,
  AlertRule,
  COACH_PATH,
  CoachingText,
  SUPERVISED_PATH,
  SUPERVISION_PATH,
  type SupervisionRefusal,
  type SupervisionView,
  TRANSCRIPT_PATH,
} from '#contract/supervision.ts';
import { Id } from '#contract/text.ts';
import { exclusionViews } from '../policy/exclusions.ts';
import type { Revisions } from '../policy/revisions.ts';
import type { Counters } from '../store/counters.ts';
import type { Store } from '../store/open-store.ts';
import { defineAlert, endAlert, rulesInForce } from '../supervision/alert-rules.ts';
import { raisedAlerts } from '../supervision/raised-alerts.ts';
import { coach, readAlong, supervisionOf } from '../supervision/call-supervision.ts';
import { readBody } from './read-body.ts';
import { personOf, scopeOf } from './server.ts';

interface Settings {
  readonly store: Store;
  readonly counters: Counters;
  readonly revisions: Revisions;
  readonly nowMs: () => number;
  /** Something is there that a desk is to show. */
  readonly said: () => void;
}

type OfCall = { Params: { callId: string } };

export function supervisionRoutes(server: FastifyInstance, { store, counters, revisions, nowMs, said }: Settings): void {
  const { db } = store;
  const refuse = (reply: FastifyReply, status: number, error: string, detail: string): FastifyReply => {
    counters.add(`supervision: refused ${error}`);
    return reply.code(status).send({ error, detail });
  };
  const no = (reply: FastifyReply, reason: SupervisionRefusal): FastifyReply => refuse(reply, STATUS[reason], reason, WHY[reason]);

  const beside = async (request: FastifyRequest): Promise<SupervisionView> => {
    const { teams } = personOf(request);
    const names = await revisions.actionNames();
    const named = await db
      .selectFrom('teams')
      .select(['team_id', 'name'])
      .where('team_id', 'in', [...teams, ''])
      .orderBy('name')
      .execute();
    const rules = await rulesInForce(db);
    const isWide = scopeOf(request).reach === 'all';
    return {
      nowMs: nowMs(),
      teams: named.map(({ team_id, name }) => ({ teamId: team_id, name })),
      rules: rules.filter(({ teamId }) => isWide || teamId === null || teams.includes(teamId)),
      actions: [...names].map(([actionId, name]) => ({ actionId, name })),
      exclusions: [...(await exclusionViews(db, nowMs()))],
      mayDefineForAll: isWide,
    };
  };
  server.get(SUPERVISION_PATH, (request) => beside(request));

  server.get(ALERTS_PATH, (request) => raisedAlerts(db, scopeOf(request), nowMs()));

  server.post(ALERTS_PATH, async (request, reply) => {
    const body = readBody(request, AlertRule);
    if (!body.ok) return refuse(reply, 400, 'bad-request', body.detail);
    const done = await defineAlert(db, body.value, scopeOf(request), personOf(request).personId, nowMs());
    return done.ok ? reply.code(201).send({ ruleId: done.ruleId }) : no(reply, done.reason);
  });

  server.post<{ Params: { ruleId: string } }>(`${ALERTS_PATH}/:ruleId/end`, async (request, reply) => {
    const done = await endAlert(db, request.params.ruleId, scopeOf(request), personOf(request).personId, nowMs());
    return done.ok ? reply.send({ ok: true }) : no(reply, done.reason);
  });

  server.post<OfCall>(COACH_PATH, async (request, reply) => {
    const body = readBody(request, CoachingText);
    if (!body.ok) return refuse(reply, 400, 'bad-request', body.detail);
    const id = Id.safeParse(request.params.callId);
    if (!id.success) return no(reply, 'not-found');
    const done = await coach(db, id.data, body.value.text, scopeOf(request), personOf(request).personId, nowMs());
    if (!done.ok) return no(reply, done.reason);
    said();
    return reply.code(201).send({ noteId: done.noteId });
  });

  server.get<OfCall & { Querystring: { after?: string } }>(TRANSCRIPT_PATH, async (request, reply) => {
    const after = Number(request.query.after ?? 0);
    if (!Number.isInteger(after) || after < 0) return refuse(reply, 400, 'bad-request', 'after is the number of a line');
    const id = Id.safeParse(request.params.callId);
    if (!id.success) return no(reply, 'not-found');
    const done = await readAlong(store, id.data, after, scopeOf(request), personOf(request).personId);
    if (!done.ok) return no(reply, done.reason);
    if (done.isNew) said();
    return reply.send(done.reading);
  });

  server.get<OfCall>(SUPERVISED_PATH, async (request, reply) => {
    const id = Id.safeParse(request.params.callId);
    const view = id.success ? await supervisionOf(db, id.data, scopeOf(request)) : null;
    return view === null ? no(reply, 'not-found') : reply.send(view);
  });
}

const STATUS: Readonly<Record<SupervisionRefusal, number>> = {
  'not-found': 404,
  'call-over': 409,
  'desk-away': 409,
  'not-your-team': 403,
  'unknown-team': 422,
  'too-many': 409,
};

const WHY: Readonly<Record<SupervisionRefusal, string>> = {
  'not-found': 'there is no such call or alert',
  'call-over': 'the call is over',
  'desk-away': 'the agent’s desk is not connected: it could not show it',
  'not-your-team': 'an alert of another team, or of the organisation, is for others to define',
  'unknown-team': 'there is no such team',
  'too-many': 'there are as many as there may be',
};
