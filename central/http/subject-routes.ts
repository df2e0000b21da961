/** For the privacy officer: all that is held about one person, as JSON or as text for them to read; and what is ordered about it. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { SubjectErasure, SubjectHold, type SubjectOrders, SUBJECTS_PATH } from '#contract/subject-orders.ts';
import { Id } from '#contract/text.ts';
import { orderErasure, orderHold, ordersAbout } from '../privacy/data-orders.ts';
import { subjectAccess } from '../records/subject-access.ts';
import { subjectText } from '../records/subject-text.ts';
import type { Counters } from '../store/counters.ts';
import type { Store } from '../store/open-store.ts';
import { readBody } from './read-body.ts';
import { principalOf } from './server.ts';

interface Settings {
  readonly store: Store;
  readonly counters: Counters;
  readonly nowMs: () => number;
  /** Desks, here and at other nodes, are to hear of it now. */
  readonly ordered: () => void;
}

const Params = z.strictObject({ customerId: Id });
const customerOf = (request: FastifyRequest): string | null => Params.safeParse(request.params).data?.customerId ?? null;
const SubjectQuery = z.strictObject({ as: z.enum(['json', 'text']).default('json') });

export function subjectRoutes(server: FastifyInstance, { store, counters, nowMs, ordered }: Settings): void {
  const { db } = store;
  const refuse = (reply: FastifyReply, status: number, error: string, detail?: string): FastifyReply => {
    counters.add(`subjects: refused ${error}`);
    return reply.code(status).send({ error, detail });
  };
  const tell = async (customerId: string): Promise<SubjectOrders> => ({ customerId, orders: [...(await ordersAbout(db, customerId))] });

  server.get(`${SUBJECTS_PATH}/:customerId`, async (request, reply) => {
    const customerId = customerOf(request);
    const query = SubjectQuery.safeParse(request.query);
    if (customerId === null || !query.success) return refuse(reply, 400, 'bad-query', query.error?.issues[0]?.message);
    const told = await subjectAccess(db, customerId, nowMs());
    counters.add('subject access: asked');
    if (told === null) return refuse(reply, 404, 'not-found', 'nothing is held about this customer');
    void reply.header('cache-control', 'no-store');
    if (query.data.as === 'json') return told;
    return reply.type('text/plain; charset=utf-8').send(subjectText(told));
  });

  server.get(`${SUBJECTS_PATH}/:customerId/orders`, async (request, reply) => {
    const customerId = customerOf(request);
    return customerId === null ? refuse(reply, 400, 'bad-query') : tell(customerId);
  });

  server.post(`${SUBJECTS_PATH}/:customerId/hold`, async (request, reply) => {
    const customerId = customerOf(request);
    const hold = readBody(request, SubjectHold);
    if (customerId === null || !hold.ok) return refuse(reply, 400, 'bad-request', hold.ok ? undefined : hold.detail);
    const { untilMs, basis } = hold.value;
    await orderHold(store, customerId, untilMs, nowMs(), { basis, by: whoAsks(request) });
    ordered();
    return tell(customerId);
  });

  server.post(`${SUBJECTS_PATH}/:customerId/erase`, async (request, reply) => {
    const customerId = customerOf(request);
    const erasure = readBody(request, SubjectErasure);
    if (customerId === null || !erasure.ok) return refuse(reply, 400, 'bad-request', erasure.ok ? undefined : erasure.detail);
    if (erasure.value.erase !== customerId) return refuse(reply, 400, 'bad-request', 'erase must name the customer of the address');
    const erased = await orderErasure(store, customerId, nowMs(), whoAsks(request));
    if (!erased.ok) return refuse(reply, 409, 'held', `a legal hold is in force until ${new Date(erased.untilMs).toISOString()}`);
    ordered();
    return tell(customerId);
  });
}

function whoAsks(request: FastifyRequest): string | null {
  const principal = principalOf(request);
  return principal.kind === 'person' ? principal.personId : null;
}
