/** A trained model of the desk with the runtime it is loaded in, and what may be asked of it under a revision. */
import type { ModelBundle, ModelManifest } from '#contract/model.ts';
import { type Candidates, type CompiledModel, type CompiledRevision, compileModel, featureVector } from '#core';
import { checkModel, describeModelFinding, type ModelCheck } from '#policy';
import type { Loaded, Scored, Scorer } from '#ports/scorer.ts';
import { ModelContributions } from './model-contributions.ts';

const DAY_MS = 86_400_000;

const NO_RUNTIME: Loaded = { ok: false, reason: 'not-loadable', words: 'This desk has no runtime for a second model.' };
const NO_MODEL: Scored = { ok: false, reason: 'no-model', words: 'No model is loaded.' };
const NOTHING: Scored = { ok: true, propensity: new Float32Array(0) };

interface Known {
  readonly hash: string;
  readonly manifest: ModelManifest;
  /** Place in the manifest's `actions`, by action id. */
  readonly placeOf: ReadonlyMap<string, number>;
  /** Exclusive. */
  readonly endsAtMs: number;
}

/** The known model under one revision. */
interface Fit extends ModelCheck {
  readonly revision: CompiledRevision;
  readonly known: Known;
}

export class TrainedModel {
  /** What it makes of each field. */
  readonly contributions = new ModelContributions();
  readonly #scorer: Scorer | null;
  readonly #onFailure: (words: string) => void;
  #known: Known | null = null;
  #fit: Fit | null = null;
  #compiled: { readonly revision: CompiledRevision; readonly model: CompiledModel } | null = null;

  /** `onFailure`: in words why it is not used. */
  constructor(scorer: Scorer | null, onFailure: (words: string) => void) {
    this.#scorer = scorer;
    this.#onFailure = onFailure;
  }

  /** Hash of what is loaded; null = nothing is. */
  get hash(): string | null {
    return this.#known?.hash ?? null;
  }

  /** What it was published as. */
  get id(): string | null {
    return this.#known?.manifest.id ?? null;
  }

  /** A bundle that is not loaded leaves the one before in use. */
  async load(bundle: ModelBundle): Promise<Loaded> {
    if (this.#scorer === null) return NO_RUNTIME;
    const loaded = await this.#scorer.load(bundle);
    if (loaded.ok) {
      const { hash, manifest } = bundle;
      this.contributions.use(bundle);
      this.#known = {
        hash,
        manifest,
        placeOf: new Map(manifest.actions.map(({ id }, place) => [id, place])),
        endsAtMs: manifest.validTo === undefined ? Infinity : Date.parse(`${manifest.validTo}T00:00:00Z`) + DAY_MS,
      };
    }
    return loaded;
  }

  /** Whether it may score decisions under a revision: loaded, not past its last day, fit for the policy. */
  isUsable(compiled: CompiledRevision, nowMs: number): boolean {
    const known = this.#known;
    return known !== null && nowMs < known.endsAtMs && this.#fitOf(compiled, known).isUsable;
  }

  /** Made ready for deciding under a revision; null where nothing is loaded. */
  compiled(compiled: CompiledRevision): CompiledModel | null {
    const known = this.#known;
    if (known === null) return null;
    if (this.#compiled?.revision === compiled && this.#compiled.model.hash === known.hash) return this.#compiled.model;
    const model = compileModel(compiled, known.manifest, known.hash);
    this.#compiled = { revision: compiled, model };
    return model;
  }

  /** Of all candidates it knows and may be used for, in one batch; the others are NaN. */
  async score(compiled: CompiledRevision, candidates: Candidates, withinMs: number): Promise<Scored> {
    const known = this.#known;
    if (known === null || this.#scorer === null) return NO_MODEL;
    const { length } = candidates.actions;
    if (length === 0) return NOTHING;
    const { barred } = this.#fitOf(compiled, known);
    const positions: number[] = [];
    const places: number[] = [];
    for (const [position, action] of candidates.actions.entries()) {
      const id = compiled.revision.actions[action]?.id ?? '';
      const place = known.placeOf.get(id);
      if (place === undefined || barred.has(id)) continue;
      positions.push(position);
      places.push(place);
    }
    const scored = await this.#scorer.score(featureVector(known.manifest.features, candidates), places, withinMs);
    if (!scored.ok) {
      this.#onFailure(scored.words);
      return scored;
    }
    const propensity = new Float32Array(length).fill(Number.NaN);
    for (const [index, position] of positions.entries()) propensity[position] = scored.propensity[index] ?? Number.NaN;
    return { ok: true, propensity };
  }

  /** Found once per revision and model, and told once. */
  #fitOf(revision: CompiledRevision, known: Known): Fit {
    if (this.#fit?.revision === revision && this.#fit.known === known) return this.#fit;
    const fit = { revision, known, ...checkModel(revision.revision, known.manifest, this.contributions.transparency) };
    this.#fit = fit;
    const { id, version } = known.manifest;
    for (const finding of fit.findings) this.#onFailure(`of model ${id} ${version}, ${describeModelFinding(finding)}.`);
    return fit;
  }
}
