/**
 * The rungs a decision can stand on: current model → last good model → starting propensity. (Must-say only, for a
 * revision that is too old, is the core's own.) A model that fails or is late costs its decision one rung, not the next one.
 */
import type { ModelBundle, ModelManifest } from '#contract/model.ts';
import type { Rung } from '#contract/reason-codes.ts';
import { type Candidates, type CompiledModel, type CompiledRevision, compileModel, featureVector, type Scores } from '#core';
import type { Loaded, Scorer } from '#ports/scorer.ts';
import { ModelContributions } from './model-contributions.ts';

const SCORE_WITHIN_MS = 20;

interface Known {
  readonly hash: string;
  readonly manifest: ModelManifest;
  /** Place in the manifest's `actions`, by action id. */
  readonly placeOf: ReadonlyMap<string, number>;
}

export const WITHOUT_MODEL: Scores = { rung: 'starting-propensity', propensity: null, model: null };

export class Ladder {
  /** What the loaded model makes of each field. */
  readonly contributions = new ModelContributions();
  readonly #scorer: Scorer;
  readonly #withinMs: number;
  readonly #onFailure: (words: string) => void;
  /** Manifests of the models loaded since the start, by hash: what they decided can still be explained. */
  readonly #manifests = new Map<string, ModelManifest>();
  #compiled: { readonly revision: CompiledRevision; readonly model: CompiledModel } | null = null;
  #known: Known | null = null;
  #wanted: string | null = null;

  /** A score that takes longer than `withinMs` comes too late to be waited for. */
  constructor(scorer: Scorer, withinMs: number | undefined, onFailure: (words: string) => void) {
    this.#scorer = scorer;
    this.#withinMs = withinMs ?? SCORE_WITHIN_MS;
    this.#onFailure = onFailure;
  }

  get loaded(): string | null {
    return this.#known?.hash ?? null;
  }

  /** The hash central wants used; another one that is loaded is the last good model. */
  want(hash: string | null): void {
    this.#wanted = hash;
  }

  /** The best rung a decision can stand on now. */
  get rung(): Rung {
    if (this.#known === null) return 'starting-propensity';
    return this.#known.hash === this.#wanted ? 'model' : 'last-good-model';
  }

  /** A bundle that is not loaded leaves the one before in use. */
  async load(bundle: ModelBundle): Promise<Loaded> {
    const loaded = await this.#scorer.load(bundle);
    if (loaded.ok) {
      const { hash, manifest } = bundle;
      this.#manifests.set(hash, manifest);
      this.contributions.use(bundle);
      this.#known = { hash, manifest, placeOf: new Map(manifest.actions.map(({ id }, place) => [id, place])) };
    }
    return loaded;
  }

  /** The model that will score a decision under a revision; null where none will. */
  modelFor(compiled: CompiledRevision): CompiledModel | null {
    return this.#known === null || !compiled.revision.useModel ? null : this.model(compiled, this.#known.hash);
  }

  /** A model that was in use since the start, made ready for a revision; null for any other. */
  model(compiled: CompiledRevision, hash: string): CompiledModel | null {
    const manifest = this.#manifests.get(hash);
    if (manifest === undefined) return null;
    if (this.#compiled?.revision === compiled && this.#compiled.model.hash === hash) return this.#compiled.model;
    const model = compileModel(compiled, manifest, hash);
    this.#compiled = { revision: compiled, model };
    return model;
  }

  /** Scores all candidates the model knows in one batch; the others are NaN. */
  async score(compiled: CompiledRevision, candidates: Candidates): Promise<Scores> {
    const known = this.#known;
    const { rung } = this;
    const model = this.modelFor(compiled);
    if (known === null || model === null) return WITHOUT_MODEL;
    const { length } = candidates.actions;
    if (length === 0) return { rung, propensity: new Float32Array(0), model };
    const positions: number[] = [];
    const places: number[] = [];
    for (const [position, action] of candidates.actions.entries()) {
      const place = known.placeOf.get(compiled.revision.actions[action]?.id ?? '');
      if (place === undefined) continue;
      positions.push(position);
      places.push(place);
    }
    const scored = await this.#scorer.score(featureVector(known.manifest.features, candidates), places, this.#withinMs);
    if (!scored.ok) {
      this.#onFailure(scored.words);
      return WITHOUT_MODEL;
    }
    const propensity = new Float32Array(length).fill(Number.NaN);
    for (const [index, position] of positions.entries()) propensity[position] = scored.propensity[index] ?? Number.NaN;
    return { rung, propensity, model };
  }
}
