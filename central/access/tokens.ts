/** Access tokens: they prove who speaks, nothing else; what that one may do is in the tables. */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { createLocalJWKSet, decodeJwt, exportJWK, type JSONWebKeySet, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import { Id } from '#contract/text.ts';

/** `typ` of an access token (RFC 9068): an id token in its place is refused. */
export const TOKEN_TYPE = 'at+jwt';
/** Longest life of a token. */
export const MAX_TOKEN_AGE_S = 600;
/** Clocks may differ by this much. */
export const TOLERANCE_S = 60;

/** Whose accounts the development issuer's are: it has no tokens of its own for people, who sign in by name. */
export const DEVELOPMENT_ISSUER = 'urn:sotto:development' as const;

/** Who speaks: a person at a desk, a device for itself, a program; or an account of the identity provider, whoever's it is. */
export type Speaker =
  | { readonly kind: 'desk'; readonly personId: string; readonly deviceId: string }
  | { readonly kind: 'device'; readonly deviceId: string }
  | { readonly kind: 'integration'; readonly name: string }
  /** Never of a token: to ask again for somebody who was let in. */
  | { readonly kind: 'person'; readonly personId: string }
  | { readonly kind: 'account'; readonly issuer: string; readonly subject: string };

/** Whom central's own tokens are for; an account is one of the development issuer's. */
export type OwnSpeaker =
  | Exclude<Speaker, { kind: 'account' | 'person' }>
  | { readonly kind: 'account'; readonly issuer: typeof DEVELOPMENT_ISSUER; readonly subject: string };

export interface TokenRules {
  readonly issuer: string;
  readonly audience: string;
  readonly keys: JSONWebKeySet;
}

const Claims = z.union([
  z
    .object({ kind: z.literal('desk'), sub: Id, device: Id })
    .transform(({ sub, device }): Speaker => ({ kind: 'desk', personId: sub, deviceId: device })),
  z.object({ kind: z.literal('device'), sub: Id }).transform(({ sub }): Speaker => ({ kind: 'device', deviceId: sub })),
  z.object({ kind: z.literal('integration'), sub: Id }).transform(({ sub }): Speaker => ({ kind: 'integration', name: sub })),
  z
    .object({ kind: z.literal('account'), sub: Id })
    .transform(({ sub }): Speaker => ({ kind: 'account', issuer: DEVELOPMENT_ISSUER, subject: sub })),
]);

/** Returns what verifies a token: the speaker, or null whatever is wrong with it. Keys named by the token itself (`jku`, `jwk`) are not looked at. */
export function tokenVerifier({ issuer, audience, keys }: TokenRules): (token: string) => Promise<Speaker | null> {
  const keySet = createLocalJWKSet(keys);
  return async (token) => {
    try {
      const { payload } = await jwtVerify(token, keySet, {
        algorithms: ['EdDSA'],
        issuer,
        audience,
        typ: TOKEN_TYPE,
        maxTokenAge: MAX_TOKEN_AGE_S,
        clockTolerance: TOLERANCE_S,
        requiredClaims: ['sub', 'exp', 'iat'],
      });
      return Claims.parse(payload);
    } catch {
      return null;
    }
  };
}

/** Central's own tokens, and those of the identity provider where there is one: whose it claims to be, by that one's keys it is checked. */
export function speakerVerifier(
  own: (token: string) => Promise<Speaker | null>,
  provider: { readonly issuer: string; identify(token: string): Promise<{ readonly account: Speaker } | null> } | null,
): (token: string) => Promise<Speaker | null> {
  return async (token) => {
    if (provider === null || claimedIssuer(token) !== provider.issuer) return own(token);
    return (await provider.identify(token))?.account ?? null;
  };
}

function claimedIssuer(token: string): string | null {
  try {
    return decodeJwt(token).iss ?? null;
  } catch {
    return null;
  }
}

function subjectOf(speaker: OwnSpeaker): string {
  switch (speaker.kind) {
    case 'desk':
      return speaker.personId;
    case 'device':
      return speaker.deviceId;
    case 'integration':
      return speaker.name;
    case 'account':
      return speaker.subject;
  }
}

/**
 * Central's own tokens, for desks: of a person at a device, and of a device. Every node has the same key. Where no identity provider
 * is, in development and demonstration, programs get theirs here too.
 */
export class DeskIssuer {
  readonly issuer = 'urn:sotto:central';
  readonly audience = 'urn:sotto:central';
  readonly #key: KeyObject;

  constructor(key: KeyObject) {
    this.#key = key;
  }

  async rules(): Promise<TokenRules> {
    const key = await exportJWK(createPublicKey(this.#key));
    return { issuer: this.issuer, audience: this.audience, keys: { keys: [{ ...key, kid: 'desks', alg: 'EdDSA' }] } };
  }

  /** Good for `lifeS` seconds, ten minutes at most. */
  async issue(speaker: OwnSpeaker, lifeS: number = MAX_TOKEN_AGE_S): Promise<string> {
    const claims = { kind: speaker.kind, ...(speaker.kind === 'desk' ? { device: speaker.deviceId } : {}) };
    return await new SignJWT(claims)
      .setProtectedHeader({ alg: 'EdDSA', typ: TOKEN_TYPE, kid: 'desks' })
      .setIssuer(this.issuer)
      .setAudience(this.audience)
      .setSubject(subjectOf(speaker))
      .setIssuedAt()
      .setExpirationTime(`${Math.min(lifeS, MAX_TOKEN_AGE_S)}s`)
      .sign(this.#key);
  }
}
