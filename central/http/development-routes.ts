/** The development issuer's tokens for programs. Mounted by the embedded central alone. */
import type { FastifyInstance } from 'fastify';
import { IntegrationRequest, type SessionResponse, TOKEN_PATH } from '#contract/sign-in.ts';
import { type DeskIssuer, MAX_TOKEN_AGE_S } from '../access/tokens.ts';
import { readJson } from '../intake/read-json.ts';
import type { Counters } from '../store/counters.ts';
import type { Query } from '../store/open-store.ts';

interface Settings {
  readonly db: Query;
  readonly issuer: DeskIssuer;
  readonly counters: Counters;
}

export function developmentRoutes(server: FastifyInstance, { db, issuer, counters }: Settings): void {
  server.post(TOKEN_PATH, async (request, reply) => {
    const read = readJson(request.body as Buffer);
    const asked = IntegrationRequest.safeParse(read.ok ? read.value : null);
    if (!asked.success) {
      counters.add('issuer: refused bad-request');
      return reply.code(400).send({ error: 'bad-request' });
    }
    const name = asked.data.integration;
    await db
      .insertInto('integrations')
      .values({ name, roles: ['integration'] })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    return { token: await issuer.issue({ kind: 'integration', name }), expiresInS: MAX_TOKEN_AGE_S } satisfies SessionResponse;
  });
}
