/** The development issuer by HTTP. It is mounted by the embedded central alone. */
import type { FastifyInstance } from 'fastify';
import { TokenRequest, type TokenResponse } from '#contract/sign-in.ts';
import { type DevelopmentIssuer, MAX_TOKEN_AGE_S } from '../access/tokens.ts';
import { readJson } from '../intake/read-json.ts';
import type { Query } from '../store/open-store.ts';

export function developmentRoutes(
  server: FastifyInstance,
  { db, issuer }: { readonly db: Query; readonly issuer: DevelopmentIssuer },
): void {
  server.post('/dev/token', async (request, reply) => {
    const read = readJson(request.body as Buffer);
    const asked = TokenRequest.safeParse(read.ok ? read.value : null);
    if (!asked.success) return reply.code(400).send({ error: 'bad-request', detail: 'send {agentId, deviceId} or {integration}' });
    if ('integration' in asked.data) {
      const name = asked.data.integration;
      await db
        .insertInto('integrations')
        .values({ name, roles: ['integration'] })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      const token = await issuer.issue({ kind: 'integration', name });
      return { token, expiresInS: MAX_TOKEN_AGE_S } satisfies TokenResponse;
    }
    const { agentId, deviceId } = asked.data;
    const agent = await db.selectFrom('agents').selectAll().where('agent_id', '=', agentId).where('active', '=', true).executeTakeFirst();
    if (agent === undefined) return reply.code(404).send({ error: 'unknown-agent' });
    const token = await issuer.issue({ kind: 'agent', agentId, deviceId });
    const { name, level, language } = agent;
    return { token, expiresInS: MAX_TOKEN_AGE_S, agent: { id: agentId, name, level, language } } satisfies TokenResponse;
  });
}
