/** For the privacy officer: all that is held about one person, as JSON or as text for them to read. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { Id } from '#contract/text.ts';
import { subjectAccess } from '../records/subject-access.ts';
import { subjectText } from '../records/subject-text.ts';
import type { Counters } from '../store/counters.ts';
import type { Query } from '../store/open-store.ts';

interface Settings {
  readonly db: Query;
  readonly counters: Counters;
  readonly nowMs: () => number;
}

const Params = z.strictObject({ customerId: Id });
const SubjectQuery = z.strictObject({ as: z.enum(['json', 'text']).default('json') });

export function subjectRoutes(server: FastifyInstance, { db, counters, nowMs }: Settings): void {
  server.get('/api/subjects/:customerId', async (request, reply) => {
    const params = Params.safeParse(request.params);
    const query = SubjectQuery.safeParse(request.query);
    if (!params.success || !query.success) {
      const [issue] = (params.error ?? query.error)?.issues ?? [];
      return reply.code(400).send({ error: 'bad-query', detail: issue?.message });
    }
    const told = await subjectAccess(db, params.data.customerId, nowMs());
    counters.add('subject access: asked');
    if (told === null) return reply.code(404).send({ error: 'not-found', detail: 'nothing is held about this customer' });
    void reply.header('cache-control', 'no-store');
    if (query.data.as === 'json') return told;
    return reply.type('text/plain; charset=utf-8').send(subjectText(told));
  });
}
