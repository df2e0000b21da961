/** Changes of policy and models, and what is taken out in an emergency, by HTTP: what `sotto revision` speaks to. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import {
  CHANGES_PATH,
  Exclusion,
  EXCLUSIONS_PATH,
  ExclusionReview,
  Proposal,
  Review,
  Rollback,
  ROLLBACK_PATH,
  STATUS_PATH,
} from '#contract/change-request.ts';
import { Id } from '#contract/text.ts';
import { ChangeRequests, type Done } from '../policy/change-requests.ts';
import { exclude, lift, reviewExclusion, type Settled } from '../policy/exclusions.ts';
import type { Revisions } from '../policy/revisions.ts';
import type { Counters } from '../store/counters.ts';
import type { Store } from '../store/open-store.ts';
import { readBody } from './read-body.ts';
import { personOf } from './server.ts';

interface Settings {
  readonly store: Store;
  readonly revisions: Revisions;
  readonly counters: Counters;
  readonly nowMs: () => number;
  readonly published: () => Promise<void>;
}

/** A revision's text, or a model in base64. */
const PROPOSAL_BYTES = 64 * 1024 * 1024;

export function changeRoutes(server: FastifyInstance, { store, revisions, counters, nowMs, published }: Settings): void {
  const changes = new ChangeRequests({ store, revisions, nowMs, published });
  const refuse = (reply: FastifyReply, status: number, error: string, detail: string, more: object = {}): FastifyReply => {
    counters.add(`changes: refused ${error}`);
    return reply.code(status).send({ error, detail, ...more });
  };
  const answer = (reply: FastifyReply, done: Done<unknown>, status = 200): FastifyReply => {
    if (done.ok) return reply.code(status).send(done.value);
    const code = done.reason === 'not-found' ? 404 : done.reason.startsWith('bad-') ? 422 : 409;
    return refuse(reply, code, done.reason, done.detail, done.faults === undefined ? {} : { faults: done.faults });
  };
  /** Null: it was answered. */
  const given = <T>(request: FastifyRequest, reply: FastifyReply, schema: z.ZodType<T>): T | null => {
    const body = readBody(request, schema);
    if (body.ok) return body.value;
    refuse(reply, 400, 'bad-request', body.detail);
    return null;
  };

  server.post(CHANGES_PATH, { bodyLimit: PROPOSAL_BYTES }, async (request, reply) => {
    const proposal = given(request, reply, Proposal as z.ZodType<z.output<typeof Proposal>>);
    return proposal === null ? reply : answer(reply, await changes.propose(proposal, personOf(request)), 201);
  });

  server.get(STATUS_PATH, async () => changes.status());

  server.post(ROLLBACK_PATH, async (request, reply) => {
    const wanted = given(request, reply, Rollback);
    return wanted === null ? reply : answer(reply, await changes.rollback(wanted, personOf(request)));
  });

  server.get<{ Params: { requestId: string } }>(`${CHANGES_PATH}/:requestId`, async (request, reply) => {
    const id = Id.safeParse(request.params.requestId);
    const view = id.success ? await changes.view(id.data) : null;
    return view === null ? refuse(reply, 404, 'not-found', 'there is no such change') : reply.send(view);
  });

  server.post<{ Params: { requestId: string } }>(`${CHANGES_PATH}/:requestId/review`, async (request, reply) => {
    const review = given(request, reply, Review);
    return review === null ? reply : answer(reply, await changes.review(request.params.requestId, review, personOf(request)));
  });

  server.post<{ Params: { requestId: string } }>(`${CHANGES_PATH}/:requestId/publish`, async (request, reply) =>
    answer(reply, await changes.publish(request.params.requestId, personOf(request))),
  );

  server.post(EXCLUSIONS_PATH, async (request, reply) => {
    const wanted = given(request, reply, Exclusion);
    if (wanted === null) return reply;
    const current = revisions.current === null ? null : await revisions.checked(revisions.current.revision);
    const known = new Set(current?.actions.map(({ id }) => id));
    const done = await exclude(store.db, wanted, personOf(request).personId, known, nowMs());
    if (!done.ok) return refuse(reply, 409, done.reason, `${wanted.actionId} until ${new Date(wanted.untilMs).toISOString()}`);
    await published();
    return reply.code(201).send({ exclusionId: done.exclusionId });
  });

  server.post<{ Params: { exclusionId: string } }>(`${EXCLUSIONS_PATH}/:exclusionId/lift`, async (request, reply) => {
    const done = await lift(store.db, request.params.exclusionId, personOf(request).personId, nowMs());
    if (done.ok) await published();
    return settled(reply, done);
  });

  server.post<{ Params: { exclusionId: string } }>(`${EXCLUSIONS_PATH}/:exclusionId/review`, async (request, reply) => {
    const review = given(request, reply, ExclusionReview);
    if (review === null) return reply;
    return settled(reply, await reviewExclusion(store, request.params.exclusionId, review, personOf(request).personId, nowMs()));
  });

  function settled(reply: FastifyReply, done: Settled): FastifyReply {
    if (done.ok) return reply.send({ ok: true });
    return refuse(reply, done.reason === 'not-found' ? 404 : 409, done.reason, WHY[done.reason]);
  }
}

const WHY: Readonly<Record<Extract<Settled, { ok: false }>['reason'], string>> = {
  'not-found': 'there is no such exclusion',
  'own-exclusion': 'another person looks at it than who made it',
  over: 'it is over, or was looked at already',
};
