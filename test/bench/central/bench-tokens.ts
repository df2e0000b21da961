/** Access tokens of the benchmark's own issuer, which the nodes under load believe by their configuration. */
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { exportJWK, SignJWT } from 'jose';

export const ISSUER = 'https://issuer.bench.invalid/';
export const AUDIENCE = 'sotto-central';
const KEY_ID = 'bench';

export async function tokenSettings(key: KeyObject) {
  const { x } = await exportJWK(createPublicKey(key));
  return { issuer: ISSUER, audience: AUDIENCE, keys: [{ kty: 'OKP' as const, crv: 'Ed25519' as const, x: x ?? '', kid: KEY_ID }] };
}

export class TokenMaker {
  readonly #key: KeyObject;

  constructor(pem: string) {
    this.#key = createPrivateKey(pem);
  }

  agent = (agentId: string, deviceId: string): Promise<string> => this.#sign(agentId, { kind: 'agent', device: deviceId });
  device = (deviceId: string): Promise<string> => this.#sign(deviceId, { kind: 'device' });
  integration = (name: string): Promise<string> => this.#sign(name, { kind: 'integration' });

  #sign(subject: string, claims: Readonly<Record<string, string>>): Promise<string> {
    return new SignJWT(claims)
      .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: KEY_ID })
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setSubject(subject)
      .setIssuedAt()
      .setExpirationTime('600s')
      .sign(this.#key);
  }
}
