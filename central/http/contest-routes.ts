/** Contests by HTTP: for whoever takes the customer's words, and for those who look at them. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Nothing } from '#contract/approval.ts';
import {
  CONTESTABLE_PATH,
  ContestableQuery,
  ContestAnswer,
  ContestAssignment,
  type ContestLetter,
  type ContestRefusal,
  CONTESTS_PATH,
  NewContest,
} from '#contract/contest.ts';
import { contestLetter } from '../contests/contest-letter.ts';
import type { ContestViews } from '../contests/contest-views.ts';
import type { ContestDone, Contests } from '../contests/contests.ts';
import type { Counters } from '../store/counters.ts';
import type { Query } from '../store/open-store.ts';
import { readBody } from './read-body.ts';
import { idIn, personOf, scopeOf } from './server.ts';

interface Settings {
  readonly db: Query;
  readonly counters: Counters;
  readonly contests: Contests;
  readonly views: ContestViews;
}

export function contestRoutes(server: FastifyInstance, { db, counters, contests, views }: Settings): void {
  const refuse = (reply: FastifyReply, status: number, error: string, detail: string): FastifyReply => {
    counters.add(`contests: refused ${error}`);
    return reply.code(status).send({ error, detail });
  };
  const refused = (reply: FastifyReply, reason: ContestRefusal): FastifyReply => refuse(reply, STATUS[reason] ?? 409, reason, WHY[reason]);
  /** Null: not there, or out of reach. */
  const seen = async (request: FastifyRequest) => {
    const id = idIn(request, 'contestId');
    return id === null ? null : views.view(id, personOf(request).personId, scopeOf(request));
  };
  const answered = async (request: FastifyRequest, reply: FastifyReply, done: ContestDone) =>
    done.ok ? ((await seen(request)) ?? refused(reply, 'not-found')) : refused(reply, done.reason);

  server.post(CONTESTS_PATH, async (request, reply) => {
    const body = readBody(request, NewContest);
    if (!body.ok) return refuse(reply, 400, 'bad-request', body.detail);
    const done = await contests.open(body.value, personOf(request).personId, scopeOf(request));
    if (!done.ok) return refused(reply, done.reason);
    counters.add('contests: opened');
    return reply.code(201).send(await views.receipt(done.contestId));
  });

  server.get(CONTESTS_PATH, (request) => views.queue(personOf(request).personId, scopeOf(request)));

  server.get(CONTESTABLE_PATH, async (request, reply) => {
    const query = ContestableQuery.safeParse(request.query);
    if (!query.success) return refuse(reply, 400, 'bad-query', 'name a customer by customerId, or a call by callId');
    return views.decisionsAbout(query.data, scopeOf(request));
  });

  server.get(`${CONTESTS_PATH}/:contestId`, async (request, reply) => (await seen(request)) ?? refused(reply, 'not-found'));

  server.get(`${CONTESTS_PATH}/:contestId/letter`, async (request, reply) => {
    const view = await seen(request);
    if (view === null) return refused(reply, 'not-found');
    const customer =
      view.customerId === null
        ? undefined
        : await db.selectFrom('customers').select('display_name').where('customer_id', '=', view.customerId).executeTakeFirst();
    const letter = contestLetter(view, customer?.display_name ?? 'customer');
    if (letter === null) return refused(reply, 'not-over-yet');
    return reply.header('cache-control', 'no-store').send({ contestId: view.contestId, text: letter } satisfies ContestLetter);
  });

  server.post(`${CONTESTS_PATH}/:contestId/assign`, async (request, reply) => {
    const body = readBody(request, ContestAssignment);
    if (!body.ok) return refuse(reply, 400, 'bad-request', body.detail);
    const view = await seen(request);
    if (view === null) return refused(reply, 'not-found');
    const { personId } = personOf(request);
    return answered(request, reply, await contests.assign(view.contestId, personId, body.value.personId ?? personId));
  });

  server.post(`${CONTESTS_PATH}/:contestId/answer`, async (request, reply) => {
    const body = readBody(request, ContestAnswer);
    if (!body.ok) return refuse(reply, 400, 'bad-request', body.detail);
    const view = await seen(request);
    if (view === null) return refused(reply, 'not-found');
    return answered(request, reply, await contests.answer(view.contestId, personOf(request).personId, body.value));
  });

  server.post(`${CONTESTS_PATH}/:contestId/withdraw`, async (request, reply) => {
    const body = readBody(request, Nothing);
    if (!body.ok) return refuse(reply, 400, 'bad-request', body.detail);
    const view = await seen(request);
    if (view === null) return refused(reply, 'not-found');
    return answered(request, reply, await contests.withdraw(view.contestId, personOf(request).personId));
  });
}

const STATUS: Readonly<Partial<Record<ContestRefusal, number>>> = {
  'not-found': 404,
  'no-such-decision': 404,
  'took-part': 403,
  'not-your-role': 403,
};

const WHY: Readonly<Record<ContestRefusal, string>> = {
  'not-found': 'there is no such contest',
  'no-such-decision': 'there is no decision about a customer of that id within reach',
  'contested-already': 'it is contested already, and not answered yet',
  over: 'it is over',
  expired: 'its time is over: what ran out was never confirmed',
  'took-part': 'another person looks at it than those who decided, asked or approved',
  'not-your-role': 'this is for others to look at',
  'nobody-to-assign': 'that person may not look at it',
  'not-over-yet': 'nobody has answered it yet',
};
