/** Who vouches for a revision or a model: ed25519 signatures over a statement, and the keys a desk trusts. */
import { z } from 'zod';

/** The first 16 hexadecimal digits of the SHA-256 of the public key: a key cannot take another's name. */
export const KeyId = z.string().regex(/^[0-9a-f]{16}$/);

/** An ed25519 signature, base64. */
export const Signature = z.strictObject({ keyId: KeyId, ed25519: z.string().regex(/^[A-Za-z0-9+/]{86}==$/) });
export type Signature = z.infer<typeof Signature>;

/** What travels with a bundle. Name, version and hash of the statement are the bundle's own. */
export const Signed = z.strictObject({
  /** This version replaces a newer one, of this number: without it, versions only go up. */
  replaces: z.int().min(1).nullable(),
  signatures: z.array(Signature).min(1).max(8),
});
export type Signed = z.infer<typeof Signed>;

/** What is signed, as canonical JSON in UTF-8. */
export interface BundleStatement {
  /** `learnt`: what central learnt from answers, under a policy that says so; nobody else vouches for it. */
  readonly kind: 'revision' | 'model' | 'learnt';
  /** `revision`, or the model's id. */
  readonly name: string;
  readonly version: number;
  /** The bundle's hash. */
  readonly hash: string;
  readonly replaces: number | null;
}

export const TrustedKeys = z.strictObject({
  keys: z
    .array(
      z.strictObject({
        id: KeyId,
        /** 32 bytes, base64. */
        publicKey: z.string().regex(/^[A-Za-z0-9+/]{43}=$/),
        revoked: z.boolean(),
      }),
    )
    .max(16),
  /** How many different keys must vouch for a model: two where one person trains and another approves. */
  modelSignatures: z.int().min(1).max(3),
});
export type TrustedKeys = z.infer<typeof TrustedKeys>;

/** Other keys to trust from now on, signed by as many of those trusted before as a model needs. */
export const TrustChange = z.strictObject({
  /** Goes up: an older one is not taken. */
  version: z.int().min(1),
  trusted: TrustedKeys,
  signatures: z.array(Signature).min(1).max(8),
});
export type TrustChange = z.infer<typeof TrustChange>;

/** What is signed of a change, in UTF-8. */
export const trustText = (version: number, { keys, modelSignatures }: TrustedKeys): string =>
  ['sotto-trust-1', version, modelSignatures, ...keys.map(({ id, publicKey, revoked }) => `${id} ${publicKey} ${revoked}`)].join('\n');
