/** For witnesses: the heads central has signed over all desks' ledgers, and one more when it is asked for. */
import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { type CentralHead, WITNESS_FIRST_LINE } from '#contract/central-head.ts';
import { type CentralHeads, wentBack, witnessLines } from '../records/central-heads.ts';
import type { Query } from '../store/open-store.ts';

interface Settings {
  readonly db: Query;
  readonly heads: CentralHeads;
}

/** Heads the asker has already. */
const HeadsQuery = z.strictObject({ after: z.coerce.number().int().min(0).default(0) });

export function witnessRoutes(server: FastifyInstance, { db, heads }: Settings): void {
  // As sotto verify takes it; without the first line where it is to be added to a file.
  server.get('/api/central-heads', async (request, reply) => {
    const query = HeadsQuery.safeParse(request.query);
    if (!query.success) return reply.code(400).send({ error: 'bad-query', detail: query.error.issues[0]?.message });
    return reply.type('application/x-ndjson').send(Readable.from(fileLines(db, query.data.after)));
  });

  server.post('/api/central-heads', async (_request, reply) => {
    const signed = await heads.sign();
    if (signed.ok) return signed.head satisfies CentralHead;
    return reply.code(409).send({ error: signed.reason, detail: wentBack(signed.ledger) });
  });
}

async function* fileLines(db: Query, after: number): AsyncGenerator<string> {
  if (after === 0) yield `${WITNESS_FIRST_LINE}\n`;
  for await (const line of witnessLines(db, after)) yield `${JSON.stringify(line)}\n`;
}
