/** For whoever watches: outcomes, the page of decisions, and whether central is well. */
import type { FastifyInstance } from 'fastify';
import { sql } from 'kysely';
import { z } from 'zod';
import { CORE_PATH, type CoreSource } from '#contract/core-source.ts';
import { Id, Sha256 } from '#contract/text.ts';
import { readCore } from '../records/cores.ts';
import type { Metrics } from '../metrics.ts';
import type { Revisions } from '../policy/revisions.ts';
import type { Counters } from '../store/counters.ts';
import type { Query } from '../store/open-store.ts';
import { readHeads } from '../sync/ledger-heads.ts';
import { decisionsPage, PAGE_POLICY } from './decisions-page.ts';
import { FeedQuery, readOutcomes } from './outcome-feed.ts';
import { scopeOf } from './server.ts';

interface Settings {
  readonly db: Query;
  readonly counters: Counters;
  readonly revisions: Revisions;
  readonly metrics: Metrics;
  /** This node is about to end, and others should be asked. */
  readonly isDraining: () => boolean;
}

const HeadsQuery = z.strictObject({ device: Id });

export function readingRoutes(server: FastifyInstance, { db, counters, revisions, metrics, isDraining }: Settings): void {
  server.get('/api/outcomes', async (request, reply) => {
    const query = FeedQuery.safeParse(request.query);
    if (query.success) return readOutcomes(db, query.data, scopeOf(request));
    return reply.code(400).send({ error: 'bad-query', detail: query.error.issues[0]?.message });
  });

  // As sotto verify --head takes them: one JSON object a line.
  server.get('/api/ledger-heads', async (request, reply) => {
    const query = HeadsQuery.safeParse(request.query);
    if (!query.success) return reply.code(400).send({ error: 'bad-query', detail: query.error.issues[0]?.message });
    const heads = await readHeads(db, query.data.device);
    return reply.type('application/x-ndjson').send(heads.map((head) => `${JSON.stringify(head)}\n`).join(''));
  });

  server.get<{ Params: { hash: string } }>(`${CORE_PATH}/:hash`, async (request, reply) => {
    const hash = Sha256.safeParse(request.params.hash);
    const source = hash.success ? await readCore(db, hash.data) : null;
    if (source === null) return reply.code(404).send({ error: 'not-found' });
    return { hash: request.params.hash, source: Buffer.from(source).toString('utf8') } satisfies CoreSource;
  });

  server.get('/decisions', async (request, reply) =>
    reply
      .type('text/html; charset=utf-8')
      .header('content-security-policy', PAGE_POLICY)
      .header('x-content-type-options', 'nosniff')
      .header('referrer-policy', 'no-referrer')
      .header('cache-control', 'no-store')
      .send(await decisionsPage(db, await counters.totals(), scopeOf(request))),
  );

  server.get('/metrics', async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text()));

  // A process that answers is alive, whatever it waits for: restarting it would not bring the database back.
  server.get('/health/live', async () => ({ live: true }));

  server.get('/health/ready', async (_request, reply) => {
    if (isDraining()) return reply.code(503).send({ ready: false, reason: 'draining' });
    try {
      await sql`select 1`.execute(db);
    } catch {
      return reply.code(503).send({ ready: false, reason: 'database' });
    }
    return revisions.current === null ? reply.code(503).send({ ready: false, reason: 'no-revision-published' }) : { ready: true };
  });
}
