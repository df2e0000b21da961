/** Whether this computer may begin to trust other keys than it was told when it was enrolled: only those it trusts can say so. */
import { createPublicKey, verify } from 'node:crypto';
import { type TrustChange, type TrustedKeys, trustText } from '#contract/signature.ts';

/** In words why not; null when it may. As many of the keys trusted now must have signed as a model needs, none of them revoked. */
export function refusedChange({ version, trusted, signatures }: TrustChange, now: TrustedKeys, versionNow: number): string | null {
  if (version <= versionNow) return `change ${version} of the trusted keys is not newer than ${versionNow}`;
  const text = Buffer.from(trustText(version, trusted), 'utf8');
  const vouching = now.keys.filter(
    ({ id, publicKey, revoked }) =>
      !revoked &&
      signatures.some(({ keyId, ed25519 }) => keyId === id && verify(null, text, keyOf(publicKey), Buffer.from(ed25519, 'base64'))),
  );
  if (vouching.length >= now.modelSignatures) return null;
  return `${vouching.length} of the ${now.modelSignatures} keys that must have signed change ${version} of the trusted keys did`;
}

const keyOf = (publicKey: string) =>
  createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(publicKey, 'base64').toString('base64url') }, format: 'jwk' });
