/** Signs what desks install. The same key signs what leaves for the system of record; the two kinds of text cannot be mistaken for each other. */
import { createHash, createPublicKey, type KeyObject, sign } from 'node:crypto';
import type { ModelBundle } from '#contract/model.ts';
import type { RevisionBundle } from '#contract/policy.ts';
import type { Signed, TrustedKeys } from '#contract/signature.ts';
import { statementBytes, statementOf } from '#policy';

/** The 32 bytes of an ed25519 key are the last of its SPKI. */
const RAW_BYTES = 32;

export class BundleSigner {
  readonly #key: KeyObject;
  readonly #id: string;
  readonly #publicKey: Buffer;

  constructor(key: KeyObject) {
    this.#key = key;
    this.#publicKey = createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-RAW_BYTES);
    this.#id = createHash('sha256').update(this.#publicKey).digest('hex').slice(0, 16);
  }

  /** What a desk is told to trust when it is enrolled. */
  get trusted(): TrustedKeys {
    return { keys: [{ id: this.#id, publicKey: this.#publicKey.toString('base64'), revoked: false }], modelSignatures: 1 };
  }

  /** `replaces`: the newer version this one takes the place of; null where versions only went up. */
  sign(bundle: RevisionBundle | ModelBundle, replaces: number | null): Signed {
    const ed25519 = sign(null, statementBytes(statementOf(bundle, replaces)), this.#key).toString('base64');
    return { replaces, signatures: [{ keyId: this.#id, ed25519 }] };
  }
}
