/** Decides requests with the bundled core, one after the other, with the model they are to be scored by. */
import { OnnxScorer } from '#adapters/onnx/onnx-scorer.ts';
import type { CheckedRevision } from '#contract/checked-policy.ts';
import type { Decision, DecisionInputs } from '#contract/decision.ts';
import type { Candidates, CompiledModel, Decider, Scores } from '#core';
import { describeModelFinding } from '#policy';
import type { PresentCore } from '../core/core-file.ts';
import { coreOf } from '../core/runtime.ts';
import { modelFit } from '#central/policy/model-fit.ts';
import type { FoundModel } from './model-folder.ts';

/** However long a score takes, it is waited for: nobody is on the line. */
const ANY_TIME_MS = Number.MAX_SAFE_INTEGER;

export type Propensities = Readonly<Record<string, number>>;

export type Decided =
  /** Both valid until the next decision. */
  { readonly ok: true; readonly decision: Decision; readonly candidates: Candidates } | { readonly ok: false; readonly reason: string };

/** A model outside the core, with where each action it may be used for stands in its manifest. */
interface Outside {
  readonly found: FoundModel;
  readonly placeOf: ReadonlyMap<string, number>;
  readonly scorer: OnnxScorer;
}

export class RequestDecider {
  readonly decider: Decider;
  /** Made ready for the revision; null without one, and where the revision wants none. */
  readonly model: CompiledModel | null;
  readonly #module: PresentCore['module'];
  readonly #outside: Outside | null;

  private constructor({ module }: PresentCore, decider: Decider, model: CompiledModel | null, outside: Outside | null) {
    this.decider = decider;
    this.model = model;
    this.#module = module;
    this.#outside = outside;
  }

  /** In words why a model cannot be used. */
  static async open(core: PresentCore, revision: CheckedRevision, found: FoundModel | null): Promise<RequestDecider | string> {
    const decider = new core.module.Decider(core.module.compileRevision(revision), coreOf(core.hash));
    if (found === null || !revision.useModel) return new RequestDecider(core, decider, null, null);
    const { isUsable, barred, findings } = modelFit(revision, found);
    if (!isUsable) return findings.map((finding) => `${found.folder}: ${describeModelFinding(finding)}`).join('\n');
    let model: CompiledModel;
    try {
      model = core.module.compileModel(decider.compiled, found.manifest, found.hash);
    } catch (error) {
      if (error instanceof RangeError) return `${found.folder}: ${error.message}`;
      throw error;
    }
    if (found.onnx === null || found.manifest.kind !== 'propensity') return new RequestDecider(core, decider, model, null);
    const { manifest } = found;
    const scorer = new OnnxScorer();
    const loaded = await scorer.load({ hash: found.hash, manifest, onnxBase64: found.onnx.toString('base64') });
    if (!loaded.ok) return `${found.folder}: ${loaded.words}`;
    const placeOf = new Map(manifest.actions.flatMap(({ id }, place) => (barred.has(id) ? [] : [[id, place] as const])));
    return new RequestDecider(core, decider, model, { found, placeOf, scorer });
  }

  /** `propensities` by action take the place of running a model outside the core. */
  async decide(inputs: DecisionInputs, propensities?: Propensities): Promise<Decided> {
    const { decider, model } = this;
    if (propensities !== undefined && this.#outside === null)
      return {
        ok: false,
        reason: 'propensities need --models with the manifest of the model that gave them: it says what evidence they rest on',
      };
    const candidates = decider.filter(inputs, model);
    const scores = this.#outside === null ? decider.score(candidates, model) : await this.#score(this.#outside, candidates, propensities);
    if (typeof scores === 'string') return { ok: false, reason: scores };
    return { ok: true, decision: decider.arbitrate(inputs, candidates, scores), candidates };
  }

  async close(): Promise<void> {
    await this.#outside?.scorer.close();
  }

  /** In words why the model gave none. */
  async #score(
    { found, placeOf, scorer }: Outside,
    candidates: Candidates,
    propensities: Propensities | undefined,
  ): Promise<Scores | string> {
    const { actions } = this.decider.compiled.revision;
    const propensity = new Float32Array(candidates.actions.length).fill(Number.NaN);
    const asked: { readonly position: number; readonly place: number }[] = [];
    for (const [position, action] of candidates.actions.entries()) {
      const id = actions[action]?.id ?? '';
      const place = placeOf.get(id);
      if (place === undefined) continue;
      if (propensities === undefined) asked.push({ position, place });
      else propensity[position] = propensities[id] ?? Number.NaN;
    }
    if (asked.length > 0) {
      const places = asked.map(({ place }) => place);
      const scored = await scorer.score(this.#module.featureVector(found.manifest.features, candidates), places, ANY_TIME_MS);
      if (!scored.ok) return scored.words;
      for (const [index, { position }] of asked.entries()) propensity[position] = scored.propensity[index] ?? Number.NaN;
    }
    return { rung: 'model', propensity, model: this.model };
  }
}
