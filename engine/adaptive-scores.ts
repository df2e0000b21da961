/**
 * Propensities that follow what is answered: the base central signed and this desk's own answers since, beside the trained model.
 *
 * Both are averaged in log-odds, the answers with weight n / (n + equalAt) for n answers to the action, so that
 * what each field contributes still adds up. Where there is no trained score the answers speak alone.
 * A call keeps the model it began with. Mandatory actions follow no answers, significant ones only where the policy says so.
 */
import type { CheckedAdaptive } from '#contract/checked-policy.ts';
import { DecisionRecord } from '#contract/decision-record.ts';
import type { LearntBundle, OwnLearning } from '#contract/learning.ts';
import type { Rung } from '#contract/reason-codes.ts';
import {
  type Candidates,
  type CompiledModel,
  type CompiledRevision,
  compileModel,
  type FieldValues,
  followsAnswers,
  joined,
  readCanonical,
  type Scores,
  withOwn,
} from '#core';
import {
  actionCells,
  type Cell,
  DeskLearning,
  featureCell,
  type FrozenModel,
  type LearningBase,
  type LogOddsApart,
  logistic,
} from '#learning';
import type { Sha256 } from '#ports/randomness.ts';
import type { Store } from '#ports/store.ts';
import type { OwnAnswers } from './own-answers.ts';

/** Models of former calls that can still be explained. */
const MOST_KNOWN = 8;

export interface AdaptiveScoresOptions {
  readonly store: Store;
  readonly answers: OwnAnswers;
  readonly sha256: Sha256;
  /** In words why what was learnt is not used. */
  readonly onFailure: (words: string) => void;
}

/** A frozen model made ready for one revision, beside one trained model. */
interface Ready {
  readonly compiled: CompiledRevision;
  readonly frozen: FrozenModel;
  readonly trained: CompiledModel | null;
  readonly channel: string;
  readonly model: CompiledModel;
  /** Per action: weight of the answers, 0 where they do not count. */
  readonly weight: Float64Array;
  readonly cells: readonly (readonly Cell[])[];
  /** Per action the log-odds of the answers' part, NaN where it was not asked for yet, for the features as they were last. */
  readonly logOdds: Float64Array;
  readonly features: Cell[];
}

/** What the answers said of one action of one decision. */
export interface AnswersPart extends LogOddsApart {
  readonly answers: number;
  /** From 0, all of it the trained model, to 1. */
  readonly weight: number;
  readonly featurePaths: readonly string[];
}

export class AdaptiveScores {
  readonly #o: AdaptiveScoresOptions;
  #bundle: LearntBundle | null = null;
  #learning: DeskLearning | null = null;
  #areAnswersKnown = false;
  /** The last two: champion and challenger are asked in turn. */
  #ready: readonly Ready[] = [];
  /** By base and address, as records name them. */
  readonly #known = new Map<string, FrozenModel>();
  /** Bases installed since the start, by hash. */
  readonly #manifests = new Map<string, LearntBundle['manifest']>();
  #told = '';

  constructor(options: AdaptiveScoresOptions) {
    this.#o = options;
  }

  /** The last base; null = none yet. */
  get base(): LearntBundle['manifest'] | null {
    return this.#bundle?.manifest ?? null;
  }

  manifest(hash: string): LearntBundle['manifest'] | null {
    return this.#manifests.get(hash) ?? this.#o.store.learnt(hash)?.bundle.manifest ?? null;
  }

  /** A base whose signature and hash were checked. Calls under way keep theirs. Throws a RangeError where its state is another one. */
  install(bundle: LearntBundle, covers: number): void {
    const base = baseOf(bundle, covers);
    if (base === null) return;
    if (this.#learning === null || this.#bundle?.manifest.reward !== bundle.manifest.reward || !this.#learning.install(base))
      this.#learning = new DeskLearning(base, this.#o.sha256);
    this.#bundle = bundle;
    this.#areAnswersKnown = false;
    this.#manifests.set(bundle.hash, bundle.manifest);
  }

  /** Something was answered here, or taken back. */
  answered(): void {
    this.#areAnswersKnown = false;
  }

  /** Somebody's data went: what was learnt from it here goes too. */
  erased(): void {
    this.#o.answers.forget();
    this.#areAnswersKnown = false;
    this.#known.clear();
    this.#learning?.forget();
  }

  /** A call goes on that was under way before the engine stopped: on the model of its last record, if that can be had. */
  goOn(callId: string, lastDecisionId: string | null): void {
    const learning = this.#learning;
    const json = lastDecisionId === null ? null : this.#o.store.decisionRecord(lastDecisionId);
    if (learning === null || json === null) return;
    const record = DecisionRecord.parse(readCanonical(json));
    const hash = record.models.at(-1) ?? '';
    const kept = this.#o.store.learnt(hash);
    const base = kept === null ? null : baseOf(kept.bundle, kept.covers);
    if (kept === null || base === null) return;
    const { manifest } = kept.bundle;
    this.#manifests.set(hash, manifest);
    const own = record.learnt === undefined ? [] : this.#o.answers.since(base.covers, manifest.features);
    learning.goOn(callId, base, record.learnt?.address ?? null, own);
  }

  /** Whether there is something to score with under this revision. */
  isReady({ revision }: CompiledRevision): boolean {
    return revision.useModel && revision.adaptive !== undefined && this.#fits(revision.adaptive);
  }

  /** The trained scores with what the answers say; themselves where nothing does. `alone`: the rung where no trained model scored. */
  over(compiled: CompiledRevision, candidates: Candidates, trained: Scores, alone: Rung): Scores {
    const { adaptive } = compiled.revision;
    const { length } = candidates.actions;
    if (adaptive === undefined || !compiled.revision.useModel || length === 0 || !this.#fits(adaptive)) return trained;
    const frozen = this.#during(candidates.callId, adaptive);
    if (frozen === null) return trained;
    const ready = this.#readied(compiled, adaptive, frozen, trained.model, candidates.facts.channel);
    this.#readFeatures(ready, candidates);
    const propensity = new Float32Array(length);
    let isAny = trained.propensity !== null;
    for (let i = 0; i < length; i++) {
      const action = candidates.actions[i] as number;
      const given = trained.propensity === null ? Number.NaN : (trained.propensity[i] as number);
      const weight = ready.weight[action] as number;
      if (weight === 0) {
        propensity[i] = given;
        continue;
      }
      isAny = true;
      const answers = this.#logOdds(ready, action);
      propensity[i] = logistic(Number.isNaN(given) ? answers : (1 - weight) * logOddsOf(given) + weight * answers);
    }
    if (!isAny) return trained;
    return { rung: trained.propensity === null ? alone : trained.rung, propensity, model: ready.model };
  }

  /** What the answers said of an action in a decision with these models; undefined where they said nothing, `gone` where that is not known any more. */
  apart(
    compiled: CompiledRevision,
    { models, learnt }: { readonly models: readonly string[]; readonly learnt: OwnLearning | null },
    action: number,
    candidates: Candidates,
  ): AnswersPart | 'gone' | undefined {
    const { adaptive } = compiled.revision;
    const base = models.at(-1) ?? '';
    if (adaptive === undefined || this.manifest(base) === null) return undefined;
    const frozen = this.#known.get(nameOf(base, learnt?.address ?? null));
    const asked = compiled.revision.actions[action];
    if (frozen === undefined || asked === undefined) return 'gone';
    const cells = actionCells(candidates.facts.channel, asked);
    const answers = frozen.evidence(cells).responses;
    if (answers === 0 || !followsAnswers(compiled, action)) return undefined;
    const parts = frozen.apart(
      cells,
      adaptive.features.map((path) => featureCell(candidates.field(path))),
    );
    return { ...parts, answers, weight: answers / (answers + adaptive.equalAt), featurePaths: adaptive.features };
  }

  /** The base is about what the policy asks about; said once where it is not. */
  #fits({ reward, features }: CheckedAdaptive): boolean {
    const manifest = this.#bundle?.manifest;
    if (manifest === undefined) return false;
    if (manifest.reward === reward && manifest.features.join() === features.join()) return true;
    if (this.#told !== this.#bundle?.hash)
      this.#o.onFailure(
        `what was learnt (${manifest.id} ${manifest.version}) is about other fields or another reward than the policy asks for.`,
      );
    this.#told = this.#bundle?.hash ?? '';
    return false;
  }

  #during(callId: string, { reward, features }: CheckedAdaptive): FrozenModel | null {
    const learning = this.#learning;
    if (learning === null) return null;
    if (!this.#areAnswersKnown && !learning.isFrozen(callId)) {
      // What customers did is known at central alone.
      learning.tell(reward === 'agent' ? this.#o.answers.since(learning.base.covers, features) : []);
      this.#areAnswersKnown = true;
    }
    return learning.during(callId);
  }

  #readied(
    compiled: CompiledRevision,
    adaptive: CheckedAdaptive,
    frozen: FrozenModel,
    trained: CompiledModel | null,
    channel: string,
  ): Ready {
    const known = this.#ready.find(
      (one) => one.compiled === compiled && one.frozen === frozen && one.trained === trained && one.channel === channel,
    );
    if (known !== undefined) return known;
    const { actions } = compiled.revision;
    const cells = actions.map((action) => actionCells(channel, action));
    const weight = Float64Array.from(actions, (_, action) => {
      const { responses } = frozen.evidence(cells[action] as readonly Cell[]);
      return followsAnswers(compiled, action) ? responses / (responses + adaptive.equalAt) : 0;
    });
    const own = frozen.own.flatMap(({ action: cell, responses, positives }): OwnLearning['own'] => {
      const action = compiled.actionIndex.get(String(cell.at(-1))) ?? -1;
      return action >= 0 && followsAnswers(compiled, action) ? [[action, responses, positives]] : [];
    });
    const base = compileModel(compiled, this.manifest(frozen.base) as LearntBundle['manifest'], frozen.base);
    const both = trained === null ? base : joined(trained, base);
    const learnt = { address: frozen.address, own: own.toSorted((a, b) => a[0] - b[0]) };
    const model = frozen.own.length === 0 ? both : withOwn(both, learnt);
    this.#remember(nameOf(frozen.base, frozen.own.length === 0 ? null : frozen.address), frozen);
    const logOdds = new Float64Array(actions.length).fill(Number.NaN);
    const ready = { compiled, frozen, trained, channel, model, weight, cells, logOdds, features: [] };
    this.#ready = [ready, ...this.#ready.slice(0, 1)];
    return ready;
  }

  #readFeatures({ frozen, features, logOdds }: Ready, candidates: Pick<FieldValues, 'field'>): void {
    const { features: paths } = frozen.shape;
    let isOther = false;
    for (let at = 0; at < paths.length; at++) {
      const cell = featureCell(candidates.field(paths[at] as string));
      if (features[at] !== cell) isOther = true;
      features[at] = cell;
    }
    if (isOther) logOdds.fill(Number.NaN);
  }

  #logOdds({ frozen, cells, features, logOdds }: Ready, action: number): number {
    const known = logOdds[action] as number;
    if (!Number.isNaN(known)) return known;
    const asked = logOddsOf(frozen.propensity(cells[action] as readonly Cell[], features));
    logOdds[action] = asked;
    return asked;
  }

  #remember(name: string, frozen: FrozenModel): void {
    const [oldest] = this.#known.keys();
    if (this.#known.size >= MOST_KNOWN && oldest !== undefined) this.#known.delete(oldest);
    this.#known.set(name, frozen);
  }
}

const nameOf = (base: string, address: string | null): string => `${base} ${address ?? ''}`;

/** The scores are inputs of the record, so the runtime's logarithm will do. */
const logOddsOf = (p: number): number => {
  const within = Math.min(1 - 1e-9, Math.max(1e-9, p));
  return Math.log(within / (1 - within));
};

/** Null where the state is not there any more. */
const baseOf = ({ hash, manifest, state }: LearntBundle, covers: number): LearningBase | null =>
  state === null ? null : { name: hash, hash: manifest.state, state, covers };
