/** What desks fetch and send by HTTP. */
import type { FastifyInstance } from 'fastify';
import { MODEL_PATH, REVISION_PATH } from '#contract/live.ts';
import { OUTBOX_PATH } from '#contract/sync.ts';
import { Sha256 } from '#contract/text.ts';
import { readJson } from '../intake/read-json.ts';
import { learntRoutes } from './learnt-routes.ts';
import type { Query } from '../store/open-store.ts';
import type { Revisions } from '../policy/revisions.ts';
import type { Outbox } from '../sync/outbox.ts';
import { principalOf } from './server.ts';

interface Settings {
  readonly outbox: Outbox;
  readonly revisions: Revisions;
  readonly outboxBytes: number;
  readonly db: Query;
}

export function deskRoutes(server: FastifyInstance, { outbox, revisions, outboxBytes, db }: Settings): void {
  learntRoutes(server, db);
  server.post(OUTBOX_PATH, { bodyLimit: outboxBytes }, async (request, reply) => {
    const principal = principalOf(request);
    if (principal.kind !== 'device') return reply.code(403).send({ error: 'not-a-device' });
    const read = readJson(request.body as Buffer);
    const result = read.ok
      ? await outbox.take(principal.deviceId, read.value)
      : ({ ok: false, reason: 'bad-batch', detail: read.detail } as const);
    if (result.ok) return reply.send(result.receipt);
    if (result.reason === 'busy')
      return reply
        .code(503)
        .header('retry-after', String(Math.ceil(result.retryAfterMs / 1_000)))
        .send({ error: 'busy', detail: result.detail });
    return reply.code(result.reason === 'foreign-device' ? 403 : 400).send({ error: result.reason, detail: result.detail });
  });

  server.get('/api/revision', async (_request, reply) => {
    const current = revisions.current;
    const bundle = current === null ? null : await revisions.revision(current.revision);
    return bundle === null ? reply.code(404).send({ error: 'no-revision-published' }) : reply.send(bundle);
  });

  server.get<{ Params: { hash: string } }>(`${REVISION_PATH}/:hash`, async (request, reply) => {
    const hash = Sha256.safeParse(request.params.hash);
    const bundle = hash.success ? await revisions.revision(hash.data) : null;
    return bundle === null ? reply.code(404).send({ error: 'not-found' }) : reply.send(bundle);
  });

  server.get<{ Params: { hash: string } }>(`${MODEL_PATH}/:hash`, async (request, reply) => {
    const hash = Sha256.safeParse(request.params.hash);
    const bundle = hash.success ? await revisions.model(hash.data) : null;
    return bundle === null ? reply.code(404).send({ error: 'not-found' }) : reply.send(bundle);
  });
}
