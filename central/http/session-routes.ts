/** Desks' computers and the people at them: enrolment, and the tokens with which a desk speaks to central. */
import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import {
  CHALLENGE_PATH,
  ENROL_PATH,
  EnrolRequest,
  type EnrolResponse,
  proofText,
  SESSION_PATH,
  SessionRequest,
  SIGN_IN_PATH,
  type SignedIn,
  type SignInOffer,
  type SessionResponse,
} from '#contract/sign-in.ts';
import type { TrustChange, TrustedKeys } from '#contract/signature.ts';
import type { Challenges } from '../access/challenges.ts';
import { deskSecret, deviceKey, enrol, isSignedBy, publicKeyOf } from '../access/devices.ts';
import type { PersonPrincipal } from '../access/directory.ts';
import { type DeskIssuer, MAX_TOKEN_AGE_S } from '../access/tokens.ts';
import { readJson } from '../intake/read-json.ts';
import type { Counters } from '../store/counters.ts';
import type { Query } from '../store/open-store.ts';

/** Who a request is of. A no has a reason that the desk has words for. */
export type Identified =
  | { readonly ok: true; readonly person: PersonPrincipal; readonly lifeS: number }
  | { readonly ok: false; readonly reason: 'bad-token' | 'unknown-agent' };

/** How people prove who they are here. */
export interface PeopleProof {
  readonly offer: SignInOffer;
  /** Of a bearer token; undefined where people are not known by tokens. */
  readonly byToken?: (token: string) => Promise<Identified>;
  /** Of a name alone: the development issuer. */
  readonly byName?: (agentId: string) => Promise<Identified>;
}

interface Settings {
  readonly db: Query;
  readonly proof: PeopleProof;
  readonly issuer: DeskIssuer;
  readonly challenges: Challenges;
  readonly counters: Counters;
  /** Whom a desk trusts from its enrolment on. */
  readonly trusted: TrustedKeys;
  /** How those who were enrolled before come to the same. */
  readonly trustChange: TrustChange | null;
  /** How long after a sign-in a person may sign in at the desk without central. */
  readonly offlineHours: number;
  readonly nowMs: () => number;
}

const STATUS = { 'bad-token': 401, 'unknown-agent': 404 } as const;

export function sessionRoutes(server: FastifyInstance, settings: Settings): void {
  const { db, proof, issuer, challenges, counters, trusted, trustChange, offlineHours, nowMs } = settings;
  const refuse = (reply: FastifyReply, status: number, error: string): FastifyReply => {
    counters.add(`sign-in: refused ${error}`);
    return reply.code(status).send({ error });
  };

  server.get(SIGN_IN_PATH, async () => proof.offer);

  server.post(CHALLENGE_PATH, async () => ({ challenge: challenges.issue() }));

  server.post(ENROL_PATH, async (request, reply) => {
    const read = readJson(request.body as Buffer);
    const asked = EnrolRequest.safeParse(read.ok ? read.value : null);
    if (!asked.success) return refuse(reply, 400, 'bad-request');
    const { publicKey, challenge, signature } = asked.data;
    const key = publicKeyOf(publicKey);
    if (key === null) return refuse(reply, 400, 'bad-key');
    const bearer = bearerOf(request);
    const isFresh = await challenges.take(challenge);
    if (!isFresh || !isSignedBy(key, proofText('enrol', challenge, publicKey, shadowOf(bearer)), signature))
      return refuse(reply, 401, 'bad-proof');
    // Where people prove who they are, a computer is enrolled by one of them.
    let by: string | null = null;
    if (proof.byToken !== undefined) {
      const found = bearer === null ? ({ ok: false, reason: 'bad-token' } as const) : await proof.byToken(bearer);
      if (!found.ok) return refuse(reply, STATUS[found.reason], found.reason);
      by = found.person.personId;
    }
    const enrolled = await enrol(db, key, by, nowMs());
    if (!enrolled.ok) return refuse(reply, 403, 'revoked-device');
    const changed = trustChange === null ? {} : { trustVersion: trustChange.version };
    return reply.send({ deviceId: enrolled.deviceId, trusted, ...changed } satisfies EnrolResponse);
  });

  server.post(SESSION_PATH, async (request, reply) => {
    const read = readJson(request.body as Buffer);
    const asked = SessionRequest.safeParse(read.ok ? read.value : null);
    if (!asked.success) return refuse(reply, 400, 'bad-request');
    const { agentId, deviceId, challenge, signature } = asked.data;
    const bearer = bearerOf(request);
    // Signed by an enrolled device's own key, now, for this person. The challenge is spent whatever comes of it.
    const isFresh = await challenges.take(challenge);
    const key = await deviceKey(db, deviceId);
    if (!isFresh || key === null || !isSignedBy(key, proofText('token', challenge, deviceId, agentId ?? shadowOf(bearer)), signature))
      return refuse(reply, 401, 'bad-proof');
    const found = await whoAsks(agentId ?? null, bearer);
    if (found === null) {
      const deviceToken = await issuer.issue({ kind: 'device', deviceId });
      return { token: deviceToken, expiresInS: MAX_TOKEN_AGE_S } satisfies SessionResponse;
    }
    if (!found.ok) return refuse(reply, STATUS[found.reason], found.reason);
    const { person, lifeS } = found;
    const expiresInS = Math.max(1, Math.min(MAX_TOKEN_AGE_S, Math.floor(lifeS)));
    return {
      token: await issuer.issue({ kind: 'desk', personId: person.personId, deviceId }, expiresInS),
      expiresInS,
      agent: await signedIn(person, deviceId),
    } satisfies SessionResponse;
  });

  /** Null: nobody, the device asks for itself. */
  async function whoAsks(agentId: string | null, bearer: string | null): Promise<Identified | null> {
    if (agentId !== null) return (await proof.byName?.(agentId)) ?? { ok: false, reason: 'bad-token' };
    if (bearer !== null) return (await proof.byToken?.(bearer)) ?? { ok: false, reason: 'bad-token' };
    return null;
  }

  async function signedIn({ personId, agentId, roles }: PersonPrincipal, deviceId: string): Promise<SignedIn> {
    const { name, level, language } = await db
      .selectFrom('people')
      .select(['name', 'level', 'language'])
      .where('person_id', '=', personId)
      .executeTakeFirstOrThrow();
    return {
      id: agentId ?? personId,
      name,
      level,
      language,
      roles: [...roles],
      deviceToken: await issuer.issue({ kind: 'device', deviceId }),
      secret: await deskSecret(db, personId, deviceId, nowMs()),
      offlineHours,
      ...(trustChange === null ? {} : { trustChange }),
      atMs: Date.now(),
    };
  }
}

function bearerOf(request: FastifyRequest): string | null {
  const [scheme, token] = (request.headers.authorization ?? '').split(' ');
  return scheme?.toLowerCase() === 'bearer' && token !== undefined && token !== '' ? token : null;
}

/** What a device signs of a token that it does not show to whoever reads its signatures. */
const shadowOf = (token: string | null): string | null =>
  token === null ? null : createHash('sha256').update(token, 'utf8').digest('hex');
