/** For witnesses: the heads central has signed over all desks' ledgers, and one more when it is asked for. */
import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { type CentralHead, WITNESS_FIRST_LINE } from '#contract/central-head.ts';
import { type HeadSigned, witnessLines } from '../records/central-heads.ts';
import type { Query } from '../store/open-store.ts';

interface Settings {
  readonly db: Query;
  readonly sign: () => Promise<HeadSigned>;
}

/** Heads the asker has already. */
const HeadsQuery = z.strictObject({ after: z.coerce.number().int().min(0).default(0) });

export function witnessRoutes(server: FastifyInstance, { db, sign }: Settings): void {
  // As sotto verify takes it; without the first line where it is to be added to a file.
  server.get('/api/central-heads', async (request, reply) => {
    const query = HeadsQuery.safeParse(request.query);
    if (!query.success) return reply.code(400).send({ error: 'bad-query', detail: query.error.issues[0]?.message });
    return reply.type('application/x-ndjson').send(Readable.from(fileLines(db, query.data.after)));
  });

  server.post('/api/central-heads', async (_request, reply) => {
    const signed = await sign();
    if (signed.ok) return signed.head satisfies CentralHead;
    return reply.code(409).send({ error: signed.reason, detail: wentBack(signed.ledger) });
  });
}

/** What to say of a ledger of which central's tables know less than was signed. */
export const wentBack = ({ deviceId, epoch, entries }: Extract<HeadSigned, { ok: false }>['ledger']): string =>
  `central's tables no longer hold what was signed of the ledger of ${deviceId} (epoch ${epoch}, entry ${entries}): somebody changed them, or an older copy was put back. No head is signed until that is mended; keep the witness file.`;

async function* fileLines(db: Query, after: number): AsyncGenerator<string> {
  if (after === 0) yield `${WITNESS_FIRST_LINE}\n`;
  for await (const line of witnessLines(db, after)) yield `${JSON.stringify(line)}\n`;
}
