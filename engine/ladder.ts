/**
 * The rungs a decision can stand on, best first. (Must-say only, for a revision that is too old, is the core's own.)
 *
 *   model                the one central wants: the champion, or the challenger for those it decides for
 *   last-good-model      another one, because the one wanted is not here, was refused or failed
 *   starting-propensity  the policy uses no model, nobody named one, or this decision's scores came too late to be waited for
 *   rules-only           a model was named and there is none to be used: refused, past its last day, unfit for the policy,
 *                        or out of order (it failed or gave no propensities)
 *
 * A challenger scores every decision beside the champion, and what the one that does not decide would have given goes to the
 * record. Where the challenger fails, the champion decides, whose scores are there by then; where the champion fails, it is for
 * nobody else to step in: a challenger is on trial.
 *
 * What was learnt from answers (adaptive-scores.ts) stands beside the trained model, not on a rung below it. Where there is no trained
 * score it is the model if nobody named another, else the last good one.
 *
 * On the last two the policy's own starting propensities take the place of scores; the rung says whether something is wrong.
 * Every decision asks the model anew, so one failure costs one decision.
 */
import type { Contributions } from '#contract/contribution.ts';
import type { DecisionInputs } from '#contract/decision.ts';
import type { ModelBundle, ModelManifest } from '#contract/model.ts';
import type { Rung } from '#contract/reason-codes.ts';
import {
  type Candidates,
  type CompiledModel,
  type CompiledRevision,
  compileModels,
  isChallenged,
  type NamedManifest,
  type Scores,
} from '#core';
import type { Sha256 } from '#ports/randomness.ts';
import type { Loaded, Scored, Scorer } from '#ports/scorer.ts';
import type { Clock } from '#ports/clock.ts';
import { AdaptiveScores } from './adaptive-scores.ts';
import type { ScoredAction } from './model-contributions.ts';
import { OwnAnswers, type OwnAnswersOptions } from './own-answers.ts';
import { TrainedModel } from './trained-model.ts';

const SCORE_WITHIN_MS = 20;

const without = (rung: Rung): Scores => ({ rung, propensity: null, model: null });

export const WITHOUT_MODEL = without('starting-propensity');

export interface LadderOptions extends OwnAnswersOptions {
  readonly scorer: Scorer;
  /** For the challenger; left out, none is loaded. */
  readonly challengerScorer?: Scorer;
  readonly clock: Clock;
  /** A score that takes longer comes too late to be waited for. */
  readonly scoreWithinMs?: number;
  readonly sha256: Sha256;
  /** In words why a model was not used. */
  readonly onFailure: (words: string) => void;
}

/** Which model a decision is to be scored by, and on which rung it then stands. */
interface Standing {
  readonly rung: Rung;
  /** Null: none. */
  readonly by: TrainedModel | null;
}

export class Ladder {
  /** What answers add to the trained model. */
  readonly adaptive: AdaptiveScores;
  readonly #champion: TrainedModel;
  readonly #challenger: TrainedModel;
  readonly #clock: Clock;
  readonly #withinMs: number;
  /** Manifests of the models loaded since the start, by hash: what they decided can still be explained. */
  readonly #manifests = new Map<string, ModelManifest>();
  #wanted: string | null = null;
  #challengerWanted: string | null = null;

  constructor(options: LadderOptions) {
    const { scorer, challengerScorer, clock, scoreWithinMs, onFailure } = options;
    this.#champion = new TrainedModel(scorer, onFailure);
    this.#challenger = new TrainedModel(challengerScorer ?? null, (words) => onFailure(`challenger: ${words}`));
    this.#clock = clock;
    this.#withinMs = scoreWithinMs ?? SCORE_WITHIN_MS;
    this.adaptive = new AdaptiveScores({ ...options, answers: new OwnAnswers(options) });
  }

  get loaded(): string | null {
    return this.#champion.hash;
  }

  get loadedChallenger(): string | null {
    return this.#challenger.hash;
  }

  /** The hash central wants used; another one that is loaded is the last good model. */
  want(hash: string | null): void {
    this.#wanted = hash;
  }

  /** The hash of the challenger central names; another one that is loaded is not asked. */
  wantChallenger(hash: string | null): void {
    this.#challengerWanted = hash;
  }

  /** The best rung a decision under a revision can stand on now, where the champion decides. */
  rung(compiled: CompiledRevision, nowMs: number): Rung {
    const trained = this.#ofChampion(compiled, nowMs);
    return trained.by === null && this.adaptive.isReady(compiled) ? this.#alone : trained.rung;
  }

  /** Of answers alone. */
  get #alone(): Rung {
    return this.#wanted === null ? 'model' : 'last-good-model';
  }

  #ofChampion(compiled: CompiledRevision, nowMs: number): Standing {
    const champion = this.#champion;
    if (!compiled.revision.useModel || (champion.hash === null && this.#wanted === null)) return { rung: 'starting-propensity', by: null };
    if (!champion.isUsable(compiled, nowMs)) return { rung: 'rules-only', by: null };
    return { rung: champion.hash === this.#wanted ? 'model' : 'last-good-model', by: champion };
  }

  #standing(compiled: CompiledRevision, nowMs: number, challenged: boolean): Standing {
    if (!challenged || this.#challengerWanted === null) return this.#ofChampion(compiled, nowMs);
    return this.#mayChallenge(compiled, nowMs)
      ? { rung: 'model', by: this.#challenger }
      : inPlaceOfChallenger(this.#ofChampion(compiled, nowMs));
  }

  #mayChallenge(compiled: CompiledRevision, nowMs: number): boolean {
    const { useModel, challenger } = compiled.revision;
    const { hash, id } = this.#challenger;
    const isNamed = hash !== null && hash === this.#challengerWanted && id === challenger?.model;
    return useModel && isNamed && this.#challenger.isUsable(compiled, nowMs);
  }

  /** A bundle that is not loaded leaves the one before in use. */
  load(bundle: ModelBundle): Promise<Loaded> {
    return this.#load(this.#champion, bundle);
  }

  loadChallenger(bundle: ModelBundle): Promise<Loaded> {
    return this.#load(this.#challenger, bundle);
  }

  async #load(into: TrainedModel, bundle: ModelBundle): Promise<Loaded> {
    const loaded = await into.load(bundle);
    if (loaded.ok) this.#manifests.set(bundle.hash, bundle.manifest);
    return loaded;
  }

  /** The trained model that is to score a decision under a revision; null where none will. (What answers are asked with is in every record.) */
  modelFor(compiled: CompiledRevision, inputs: DecisionInputs): CompiledModel | null {
    return this.#standing(compiled, inputs.nowMs, isChallenged(compiled.revision, inputs)).by?.compiled(compiled) ?? null;
  }

  /** The models of a record, made ready for its revision; null where one of them was never in use here, and for none. */
  recorded(compiled: CompiledRevision, hashes: readonly string[]): CompiledModel | null {
    const named = hashes.flatMap((hash): readonly NamedManifest[] => {
      const manifest = this.#manifests.get(hash) ?? this.adaptive.manifest(hash);
      return manifest === null ? [] : [{ hash, manifest }];
    });
    return named.length < hashes.length ? null : compileModels(compiled, named);
  }

  /** What each field contributed to the propensity of one action, by the model that scored it. */
  contributionsOf(scored: ScoredAction): Contributions {
    const by = scored.model !== null && scored.model === this.#challenger.hash ? this.#challenger : this.#champion;
    return by.contributions.of(scored);
  }

  /** Scores all candidates the model knows and may be used for in one batch; the others are NaN. */
  async score(compiled: CompiledRevision, candidates: Candidates): Promise<Scores> {
    const { nowMs, facts } = candidates;
    const standing = this.#standing(compiled, nowMs, facts.challenged);
    const beside = this.#beside(compiled, nowMs, standing);
    const ask = (model: TrainedModel): Promise<Scored> => model.score(compiled, candidates, this.#withinMs);
    const { rung, by } = standing;
    const asked = by === null ? null : ask(by);
    const [own, other] = beside === null ? [await asked, null] : await Promise.all([asked, this.#inTime(ask(beside))]);
    const scoresOf = (model: TrainedModel, at: Rung, propensity: Float32Array): Scores =>
      this.adaptive.over(compiled, candidates, { rung: at, propensity, model: model.compiled(compiled) }, this.#alone);
    const isOtherThere = beside !== null && other?.ok === true;
    if (by !== null && own?.ok === true) {
      const scores = scoresOf(by, rung, own.propensity);
      const shadow = isOtherThere && candidates.actions.length > 0 ? scoresOf(beside, rung, other.propensity).propensity : null;
      const model = beside?.hash ?? null;
      return model === null || !(shadow instanceof Float32Array) ? scores : { ...scores, shadow: { model, propensity: shadow } };
    }
    if (by === this.#challenger && isOtherThere)
      return scoresOf(beside, inPlaceOfChallenger(this.#ofChampion(compiled, nowMs)).rung, other.propensity);
    const failed = own?.ok === false ? (own.reason === 'late' ? 'starting-propensity' : 'rules-only') : rung;
    return this.adaptive.over(compiled, candidates, without(failed), this.#alone);
  }

  /** The other of champion and challenger; null where there is none to compare with. */
  #beside(compiled: CompiledRevision, nowMs: number, { by }: Standing): TrainedModel | null {
    if (by === null) return null;
    if (by === this.#challenger) return this.#ofChampion(compiled, nowMs).by;
    return this.#mayChallenge(compiled, nowMs) ? this.#challenger : null;
  }

  /** Null where it is not there in time: what has no effect must not hold up a card. */
  async #inTime(scoring: Promise<Scored>): Promise<Scored | null> {
    const { promise: timeIsUp, resolve } = Promise.withResolvers<null>();
    const stop = this.#clock.after(this.#withinMs, () => resolve(null));
    const scored = await Promise.race([scoring, timeIsUp]);
    stop();
    return scored;
  }
}

/** The champion that decides for those the challenger was to decide for is the last good model. */
const inPlaceOfChallenger = ({ rung, by }: Standing): Standing => ({ rung: rung === 'model' ? 'last-good-model' : rung, by });
