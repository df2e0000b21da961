/** Signs what desks install, and holds the signatures of those who approve models against their keys. */
import type { LearntBundle } from '#contract/learning.ts';
import type { ServedBundle } from '#contract/served-bundle.ts';
import type { RevisionBundle } from '#contract/policy.ts';
import type { Signature, Signed, TrustChange, TrustedKeys } from '#contract/signature.ts';
import { statementBytes, statementOf } from '#policy';
import type { PublicKey, SigningKey } from '../access/signing-key.ts';

/** Who besides central must sign a model: `signatures` different keys in all, central's own among them. */
export interface ModelApproval {
  readonly keys: readonly PublicKey[];
  readonly signatures: number;
  /** What desks are told of other keys: it must say the same of these. */
  readonly change?: TrustChange | null;
}

export type SignedModel = { readonly ok: true; readonly signed: Signed } | { readonly ok: false; readonly reason: string };

export class BundleSigner {
  readonly #key: SigningKey;
  readonly #approval: ModelApproval;

  constructor(key: SigningKey, approval: ModelApproval = { keys: [], signatures: 1 }) {
    if (approval.keys.some(({ id }) => id === key.id)) throw new Error("central's own key cannot approve what central signs: name another");
    this.#key = key;
    this.#approval = approval;
    const changed = approval.change?.trusted;
    if (changed === undefined) return;
    const active = changed.keys.filter(({ revoked }) => !revoked).map(({ id }) => id);
    const missing = this.#configured.keys.filter(({ id }) => !active.includes(id));
    if (missing.length > 0 || changed.modelSignatures !== approval.signatures)
      throw new Error(
        'trustChangeFile does not say what the rest of the config says: it must trust the key of signingKeyFile and those of approverKeyFiles, and ask for as many signatures',
      );
  }

  /** What a desk is told to trust when it is enrolled. */
  get trusted(): TrustedKeys {
    const { change } = this.#approval;
    if (change !== undefined && change !== null) return change.trusted;
    return this.#configured;
  }

  get #configured(): TrustedKeys {
    const keys = [this.#key, ...this.#approval.keys].map(({ id, publicKey }) => ({ id, publicKey, revoked: false }));
    return { keys, modelSignatures: this.#approval.signatures };
  }

  /** `replaces`: the newer version this one takes the place of; null where versions only went up. */
  sign(bundle: RevisionBundle | ServedBundle | LearntBundle, replaces: number | null): Signed {
    const ed25519 = this.#key.sign(statementBytes(statementOf(bundle, replaces)));
    return { replaces, signatures: [{ keyId: this.#key.id, ed25519 }] };
  }

  /** Central's own signature beside those that came with the model; in words what is missing where they are too few. */
  signModel(bundle: ServedBundle, replaces: number | null): SignedModel {
    const own = this.sign(bundle, replaces);
    const approvals = this.#approvals(bundle, replaces);
    const missing = this.#approval.signatures - 1 - approvals.length;
    if (missing <= 0) return { ok: true, signed: { replaces, signatures: [...own.signatures, ...approvals] } };
    const how = replaces === null ? '' : `, as one that replaces version ${replaces}: --replaces ${replaces}`;
    return { ok: false, reason: `${missing} more of the keys that approve models must sign it (sotto model sign${how})` };
  }

  /** One a key, of those configured, and good for this very statement. */
  #approvals(bundle: ServedBundle, replaces: number | null): readonly Signature[] {
    const bytes = statementBytes(statementOf(bundle, replaces));
    const given = bundle.signed?.signatures ?? [];
    return this.#approval.keys.flatMap((key) => given.find(({ keyId, ed25519 }) => keyId === key.id && key.verifies(bytes, ed25519)) ?? []);
  }
}
