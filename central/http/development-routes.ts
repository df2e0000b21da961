/** The development issuer by HTTP. It is mounted by the embedded central alone. */
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { z } from 'zod';
import {
  CHALLENGE_PATH,
  ENROL_PATH,
  EnrolRequest,
  type EnrolResponse,
  proofText,
  type SignedIn,
  TOKEN_PATH,
  TokenRequest,
  type TokenResponse,
} from '#contract/sign-in.ts';
import type { TrustChange, TrustedKeys } from '#contract/signature.ts';
import { Challenges } from '../access/challenges.ts';
import { deskSecret, deviceKey, enrol, isSignedBy, publicKeyOf } from '../access/devices.ts';
import { type DevelopmentIssuer, MAX_TOKEN_AGE_S } from '../access/tokens.ts';
import { readJson } from '../intake/read-json.ts';
import type { Counters } from '../store/counters.ts';
import type { Query } from '../store/open-store.ts';

interface Settings {
  readonly db: Query;
  readonly issuer: DevelopmentIssuer;
  readonly counters: Counters;
  /** Whom a desk trusts from its enrolment on. */
  readonly trusted: TrustedKeys;
  /** How those who were enrolled before come to the same. */
  readonly trustChange: TrustChange | null;
  /** How long after a sign-in a person may sign in at the desk without central. */
  readonly offlineHours: number;
  readonly nowMs: () => number;
}

type Asked<T> = Exclude<T, { integration: string }>;

export function developmentRoutes(
  server: FastifyInstance,
  { db, issuer, counters, trusted, trustChange, offlineHours, nowMs }: Settings,
): void {
  const challenges = new Challenges(() => performance.now());
  const refuse = (reply: FastifyReply, status: number, error: string): FastifyReply => {
    counters.add(`issuer: refused ${error}`);
    return reply.code(status).send({ error });
  };

  server.post(CHALLENGE_PATH, async () => ({ challenge: challenges.issue() }));

  server.post(ENROL_PATH, async (request, reply) => {
    const read = readJson(request.body as Buffer);
    const asked = EnrolRequest.safeParse(read.ok ? read.value : null);
    if (!asked.success) return refuse(reply, 400, 'bad-request');
    const { publicKey, challenge, signature } = asked.data;
    const key = publicKeyOf(publicKey);
    if (key === null) return refuse(reply, 400, 'bad-key');
    if (!challenges.take(challenge) || !isSignedBy(key, proofText('enrol', challenge, publicKey, null), signature))
      return refuse(reply, 401, 'bad-proof');
    const enrolled = await enrol(db, key, nowMs());
    if (!enrolled.ok) return refuse(reply, 403, 'revoked-device');
    const changed = trustChange === null ? {} : { trustVersion: trustChange.version };
    return reply.send({ deviceId: enrolled.deviceId, trusted, ...changed } satisfies EnrolResponse);
  });

  server.post(TOKEN_PATH, async (request, reply) => {
    const read = readJson(request.body as Buffer);
    const asked = TokenRequest.safeParse(read.ok ? read.value : null);
    if (!asked.success) return refuse(reply, 400, 'bad-request');
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
    if (!(await isProven(asked.data))) return refuse(reply, 401, 'bad-proof');
    const deviceToken = await issuer.issue({ kind: 'device', deviceId });
    if (agentId === undefined) return { token: deviceToken, expiresInS: MAX_TOKEN_AGE_S } satisfies TokenResponse;
    const row = await db.selectFrom('agents').selectAll().where('agent_id', '=', agentId).where('active', '=', true).executeTakeFirst();
    if (row === undefined) return refuse(reply, 404, 'unknown-agent');
    const { name, level, language, roles, person_id } = row;
    const secret = await deskSecret(db, person_id, deviceId, nowMs());
    const changed = trustChange === null ? {} : { trustChange };
    const agent: SignedIn = { id: agentId, name, level, language, roles, deviceToken, secret, offlineHours, ...changed, atMs: Date.now() };
    return { token: await issuer.issue({ kind: 'agent', agentId, deviceId }), expiresInS: MAX_TOKEN_AGE_S, agent } satisfies TokenResponse;
  });

  /** Signed by an enrolled device's own key, now, for this person. */
  async function isProven({ agentId, deviceId, challenge, signature }: Asked<z.infer<typeof TokenRequest>>): Promise<boolean> {
    // Spent whatever comes of it.
    const isFresh = challenges.take(challenge);
    const key = await deviceKey(db, deviceId);
    return isFresh && key !== null && isSignedBy(key, proofText('token', challenge, deviceId, agentId ?? null), signature);
  }
}
