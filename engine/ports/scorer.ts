/**
 * Runs one propensity model.
 *
 * Guarantees: a bundle is used only after its bytes match the manifest's hash and every golden input gave its output;
 * a failed `load` leaves the model that was loaded before in use; scores are never NaN, infinite or outside 0…1.
 */
import type { ModelBundle } from '#contract/model.ts';

export const LOAD_FAILURES = ['hash-mismatch', 'not-loadable', 'wrong-interface', 'golden-mismatch'] as const;

export type Loaded =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: (typeof LOAD_FAILURES)[number]; readonly words: string };

export type Scored =
  | { readonly ok: true; readonly propensity: Float32Array }
  /** `late`: longer than `withinMs`; the result came but must not be used. */
  | { readonly ok: false; readonly reason: 'no-model' | 'failed' | 'late' | 'bad-output'; readonly words: string };

export interface Scorer {
  load(bundle: ModelBundle): Promise<Loaded>;
  /** One batched run. `features` has the manifest's width; `actions` are indices into the manifest's `actions`; the answer is in their order. */
  score(features: Float32Array, actions: readonly number[], withinMs: number): Promise<Scored>;
  close(): Promise<void>;
}
