/** Access tokens: JWTs signed with Ed25519. They prove who speaks, nothing else; what that one may do is in the tables. */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { createLocalJWKSet, exportJWK, type JSONWebKeySet, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import { Id } from '#contract/text.ts';

/** `typ` of an access token (RFC 9068): an id token in its place is refused. */
const TYPE = 'at+jwt';
/** Longest life of a token. */
export const MAX_TOKEN_AGE_S = 600;
/** Clocks may differ by this much. */
const TOLERANCE_S = 60;

/** Who speaks: a person at a device, a device for itself, a program. */
export type Speaker =
  | { readonly kind: 'agent'; readonly agentId: string; readonly deviceId: string }
  | { readonly kind: 'device'; readonly deviceId: string }
  | { readonly kind: 'integration'; readonly name: string };

export interface TokenRules {
  readonly issuer: string;
  readonly audience: string;
  readonly keys: JSONWebKeySet;
}

const Claims = z.union([
  z
    .object({ kind: z.literal('agent'), sub: Id, device: Id })
    .transform(({ sub, device }): Speaker => ({ kind: 'agent', agentId: sub, deviceId: device })),
  z.object({ kind: z.literal('device'), sub: Id }).transform(({ sub }): Speaker => ({ kind: 'device', deviceId: sub })),
  z.object({ kind: z.literal('integration'), sub: Id }).transform(({ sub }): Speaker => ({ kind: 'integration', name: sub })),
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
        typ: TYPE,
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

function subjectOf(speaker: Speaker): string {
  switch (speaker.kind) {
    case 'agent':
      return speaker.agentId;
    case 'device':
      return speaker.deviceId;
    case 'integration':
      return speaker.name;
  }
}

/** Makes tokens where no identity provider is: development and demonstration. */
export class DevelopmentIssuer {
  readonly issuer = 'urn:sotto:development';
  readonly audience = 'urn:sotto:central';
  readonly #key: KeyObject;

  constructor(key: KeyObject) {
    this.#key = key;
  }

  async rules(): Promise<TokenRules> {
    const key = await exportJWK(createPublicKey(this.#key));
    return { issuer: this.issuer, audience: this.audience, keys: { keys: [{ ...key, kid: 'development', alg: 'EdDSA' }] } };
  }

  async issue(speaker: Speaker): Promise<string> {
    const claims = { kind: speaker.kind, ...(speaker.kind === 'agent' ? { device: speaker.deviceId } : {}) };
    return await new SignJWT(claims)
      .setProtectedHeader({ alg: 'EdDSA', typ: TYPE, kid: 'development' })
      .setIssuer(this.issuer)
      .setAudience(this.audience)
      .setSubject(subjectOf(speaker))
      .setIssuedAt()
      .setExpirationTime(`${MAX_TOKEN_AGE_S}s`)
      .sign(this.#key);
  }
}
