/** Signs what desks install. */
import type { ModelBundle } from '#contract/model.ts';
import type { RevisionBundle } from '#contract/policy.ts';
import type { Signed, TrustedKeys } from '#contract/signature.ts';
import { statementBytes, statementOf } from '#policy';
import type { SigningKey } from '../access/signing-key.ts';

export class BundleSigner {
  readonly #key: SigningKey;

  constructor(key: SigningKey) {
    this.#key = key;
  }

  /** What a desk is told to trust when it is enrolled. */
  get trusted(): TrustedKeys {
    const { id, publicKey } = this.#key;
    return { keys: [{ id, publicKey, revoked: false }], modelSignatures: 1 };
  }

  /** `replaces`: the newer version this one takes the place of; null where versions only went up. */
  sign(bundle: RevisionBundle | ModelBundle, replaces: number | null): Signed {
    const ed25519 = this.#key.sign(statementBytes(statementOf(bundle, replaces)));
    return { replaces, signatures: [{ keyId: this.#key.id, ed25519 }] };
  }
}
