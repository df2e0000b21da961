/** What was learnt from answers: for desks and for whoever replays records by hash, for people as an overview. */
import { LEARNT_PATH } from '#contract/learning.ts';
import { Sha256 } from '#contract/text.ts';
import type { FastifyInstance } from 'fastify';
import { learntBundle, learntOverview } from '../learning/learnt-models.ts';
import type { Query } from '../store/open-store.ts';

export function learntRoutes(server: FastifyInstance, db: Query): void {
  server.get(LEARNT_PATH, () => learntOverview(db));

  server.get<{ Params: { hash: string } }>(`${LEARNT_PATH}/:hash`, async (request, reply) => {
    const hash = Sha256.safeParse(request.params.hash);
    const bundle = hash.success ? await learntBundle(db, hash.data) : null;
    return bundle === null ? reply.code(404).send({ error: 'not-found' }) : reply.send(bundle);
  });
}
