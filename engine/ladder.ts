/**
 * The rungs a decision can stand on, best first. (Must-say only, for a revision that is too old, is the core's own.)
 *
 *   model                the one central wants
 *   last-good-model      another one, because the one wanted is not here or was refused
 *   starting-propensity  the policy uses no model, nobody named one, or this decision's scores came too late to be waited for
 *   rules-only           a model was named and there is none to be used: refused, past its last day, unfit for the policy,
 *                        or out of order (it failed or gave no propensities)
 *
 * On the last two the policy's own starting propensities take the place of scores; the rung says whether something is wrong.
 * Every decision asks the model anew, so one failure costs one decision.
 */
import type { ModelBundle, ModelManifest } from '#contract/model.ts';
import type { Rung } from '#contract/reason-codes.ts';
import { type Candidates, type CompiledModel, type CompiledRevision, compileModel, featureVector, type Scores } from '#core';
import { checkModel, describeModelFinding, type ModelCheck } from '#policy';
import type { Loaded, Scorer } from '#ports/scorer.ts';
import { ModelContributions } from './model-contributions.ts';

const SCORE_WITHIN_MS = 20;
const DAY_MS = 86_400_000;

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

const without = (rung: Rung): Scores => ({ rung, propensity: null, model: null });

export const WITHOUT_MODEL = without('starting-propensity');

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
  #fit: Fit | null = null;

  /** A score that takes longer than `withinMs` comes too late to be waited for. `onFailure`: in words why a model was not used. */
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

  /** The best rung a decision under a revision can stand on now. */
  rung(compiled: CompiledRevision, nowMs: number): Rung {
    const known = this.#known;
    if (!compiled.revision.useModel || (known === null && this.#wanted === null)) return 'starting-propensity';
    if (known === null || nowMs >= known.endsAtMs || !this.#fitOf(compiled, known).isUsable) return 'rules-only';
    return known.hash === this.#wanted ? 'model' : 'last-good-model';
  }

  /** A bundle that is not loaded leaves the one before in use. */
  async load(bundle: ModelBundle): Promise<Loaded> {
    const loaded = await this.#scorer.load(bundle);
    if (loaded.ok) {
      const { hash, manifest } = bundle;
      this.#manifests.set(hash, manifest);
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

  /** The model that will score a decision under a revision; null where none will. */
  modelFor(compiled: CompiledRevision, nowMs: number): CompiledModel | null {
    const rung = this.rung(compiled, nowMs);
    return this.#known === null || (rung !== 'model' && rung !== 'last-good-model') ? null : this.model(compiled, this.#known.hash);
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

  /** Scores all candidates the model knows and may be used for in one batch; the others are NaN. */
  async score(compiled: CompiledRevision, candidates: Candidates): Promise<Scores> {
    const known = this.#known;
    const rung = this.rung(compiled, candidates.nowMs);
    const model = this.modelFor(compiled, candidates.nowMs);
    if (known === null || model === null) return without(rung);
    const { length } = candidates.actions;
    if (length === 0) return { rung, propensity: new Float32Array(0), model };
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
    const scored = await this.#scorer.score(featureVector(known.manifest.features, candidates), places, this.#withinMs);
    if (!scored.ok) {
      this.#onFailure(scored.words);
      return without(scored.reason === 'late' ? 'starting-propensity' : 'rules-only');
    }
    const propensity = new Float32Array(length).fill(Number.NaN);
    for (const [index, position] of positions.entries()) propensity[position] = scored.propensity[index] ?? Number.NaN;
    return { rung, propensity, model };
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
