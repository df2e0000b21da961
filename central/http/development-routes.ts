/** The development issuer's tokens for programs, and for people who are at no desk. Mounted by the embedded central alone. */
import type { FastifyInstance } from 'fastify';
import { DevelopmentTokenRequest, type SessionResponse, TOKEN_PATH } from '#contract/sign-in.ts';
import { findPrincipal } from '../access/directory.ts';
import { type DeskIssuer, DEVELOPMENT_ISSUER, MAX_TOKEN_AGE_S, type OwnSpeaker } from '../access/tokens.ts';
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
    const asked = DevelopmentTokenRequest.safeParse(read.ok ? read.value : null);
    if (!asked.success) {
      counters.add('issuer: refused bad-request');
      return reply.code(400).send({ error: 'bad-request' });
    }
    if ('person' in asked.data) {
      const speaker: OwnSpeaker = { kind: 'account', issuer: DEVELOPMENT_ISSUER, subject: asked.data.person };
      if ((await findPrincipal(db, speaker))?.kind !== 'person') return reply.code(404).send({ error: 'unknown-agent' });
      return { token: await issuer.issue(speaker), expiresInS: MAX_TOKEN_AGE_S } satisfies SessionResponse;
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
