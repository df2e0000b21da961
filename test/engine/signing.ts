/** A key of the tests alone, which signs what desks under test install. */
import { createPrivateKey } from 'node:crypto';
import { SigningKey } from '#central/access/signing-key.ts';
import { BundleSigner } from '#central/policy/bundle-signer.ts';
import type { LearntBundle } from '#contract/learning.ts';
import type { RevisionBundle } from '#contract/policy.ts';
import type { ServedBundle } from '#contract/served-bundle.ts';
import type { TrustedKeys } from '#contract/signature.ts';

/** What stands before the 32 bytes of an ed25519 private key in PKCS #8 (RFC 8410). */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

/** Always the same key for the same letter. */
export const keyOf = (letter: string): SigningKey =>
  new SigningKey(createPrivateKey({ key: Buffer.concat([PKCS8, Buffer.alloc(32, letter)]), format: 'der', type: 'pkcs8' }));
export const signerOf = (letter: string): BundleSigner => new BundleSigner(keyOf(letter));

const SIGNER = signerOf('s');
export const TRUSTED: TrustedKeys = SIGNER.trusted;

/** With the tests' signature instead of any it had. */
export const signed = <T extends RevisionBundle | ServedBundle | LearntBundle>(bundle: T, replaces: number | null = null): T => ({
  ...bundle,
  signed: SIGNER.sign(bundle, replaces),
});
