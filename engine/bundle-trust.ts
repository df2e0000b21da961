/** Whether a bundle may be looked at any closer: signed by keys this desk trusts, and no older than what it had. */
import { z } from 'zod';
import type { LearntBundle } from '#contract/learning.ts';
import type { ServedBundle } from '#contract/served-bundle.ts';
import type { RevisionBundle } from '#contract/policy.ts';
import type { BundleStatement, TrustedKeys } from '#contract/signature.ts';
import { statementBytes, statementOf } from '#policy';
import type { VerifySignature } from '#ports/randomness.ts';

export interface BundleTrust {
  readonly keys: TrustedKeys;
  readonly verify: VerifySignature;
}

type Bundle = RevisionBundle | ServedBundle;

/** In words why no trusted key vouches for the bundle; null when enough do. A revoked key vouches for nothing. */
export function untrusted(bundle: Bundle | LearntBundle, { keys: { keys, modelSignatures }, verify }: BundleTrust): string | null {
  const { signed } = bundle;
  if (signed === undefined) return 'nobody has signed its hash';
  const statement = statementOf(bundle, signed.replaces);
  const bytes = statementBytes(statement);
  const vouching = new Set<string>();
  let words = 'no key that this desk trusts has signed its hash';
  for (const { keyId, ed25519 } of signed.signatures) {
    const key = keys.find(({ id }) => id === keyId);
    if (key === undefined) continue;
    if (key.revoked) words = `the key ${keyId} that signed its hash was revoked`;
    else if (verify(key.publicKey, bytes, ed25519)) vouching.add(keyId);
    else return `the signature of key ${keyId} is not one of this hash, name and version`;
  }
  if (vouching.size === 0) return words;
  const needed = statement.kind === 'model' ? modelSignatures : 1;
  return vouching.size >= needed ? null : `${vouching.size} of the ${needed} keys that must sign its hash did`;
}

/** What is installed, as one row of the store: the last that passed all checks, and the version each name has reached. */
export const Slots = z.strictObject({
  revision: z.string().nullable(),
  model: z.string().nullable(),
  /** The model of text; rows from before there were any lack it. */
  intent: z.string().nullable().default(null),
  /** The model on trial, likewise. */
  challenger: z.string().nullable().default(null),
  versions: z.record(z.string(), z.int().min(1)),
});
export type Slots = z.infer<typeof Slots>;

export const NO_SLOTS: Slots = { revision: null, model: null, intent: null, challenger: null, versions: {} };

const nameOf = ({ kind, name }: BundleStatement): string => `${kind}/${name}`;

/** In words why the bundle may not follow what is installed; null when it may: versions go up, or a signature says that they go back. */
export function goesBack(bundle: Bundle, { versions }: Slots): string | null {
  const replaces = bundle.signed?.replaces ?? null;
  const statement = statementOf(bundle, replaces);
  const last = versions[nameOf(statement)];
  if (last === undefined || statement.version >= last || (replaces !== null && replaces >= last)) return null;
  return `its version ${statement.version} is older than ${last}, and no signature of its hash says that it replaces that`;
}

/** Where a bundle is put. */
export type Slot = Exclude<keyof Slots, 'versions'>;

/** With this bundle in a slot. */
export function installed(bundle: Bundle, slot: Slot, slots: Slots): Slots {
  const statement = statementOf(bundle, bundle.signed?.replaces ?? null);
  return { ...slots, [slot]: bundle.hash, versions: { ...slots.versions, [nameOf(statement)]: statement.version } };
}
