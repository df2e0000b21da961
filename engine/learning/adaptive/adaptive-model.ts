/**
 * A model that learns from every response: the plain rate per action as the prior, and features that count only as far as they
 * foretold better than it. One pass, nothing is ever gone back to.
 */
import type { AdaptiveState } from '#contract/model.ts';
import { ExpertMixture, type Expert, type MixtureSettings } from './expert-mixture.ts';
import { type AdaptiveShape, type Cell, ResponseEncoder } from './response-encoder.ts';

/** The plain rate: slow, and one that follows the common rate within some hundred responses. */
const PLAIN: readonly Expert[] = [
  { featureVariance: 0, drift: 1e-4, actionDrift: 0, featureDrift: 0 },
  { featureVariance: 0, drift: 1e-2, actionDrift: 1e-6, featureDrift: 0 },
];

/** Features in three tempers, from the one that doubts them and forgets nothing to the one that believes and forgets quickly. */
const WITH_FEATURES: readonly Expert[] = [
  { featureVariance: 0.02, drift: 1e-4, actionDrift: 0, featureDrift: 0 },
  { featureVariance: 0.05, drift: 1e-4, actionDrift: 0, featureDrift: 1e-6 },
  { featureVariance: 0.2, drift: 1e-3, actionDrift: 1e-6, featureDrift: 1e-5 },
];

/** The more ways an action is described, the less each of them says at first: together they doubt as much. */
const settingsFor = ({ action, features }: AdaptiveShape): MixtureSettings => {
  const parts = action.length;
  const pairs = (parts * (parts - 1)) / 2 + (parts > 2 ? 1 : 0);
  return {
    experts: features.length === 0 ? PLAIN : [...PLAIN, ...WITH_FEATURES],
    plainShare: 0.8,
    forgetting: 3e-4,
    actionVariance: Math.min(1, 2 / Math.max(1, parts)),
    pairVariance: pairs === 0 ? 0 : 0.1 / pairs,
  };
};

/** In log-odds. */
export interface LogOddsApart {
  /** The rate common to all. */
  readonly base: number;
  readonly action: number;
  /** In the order of the shape. */
  readonly features: readonly number[];
}

interface Evidence {
  readonly responses: number;
  readonly positives: number;
}

const NO_EVIDENCE: Evidence = { responses: 0, positives: 0 };

export class AdaptiveModel {
  readonly shape: AdaptiveShape;
  readonly #encoder: ResponseEncoder;
  readonly #mixture: ExpertMixture;
  readonly #evidence: Map<string, Evidence>;
  #responses: number;
  #positives: number;

  /** `state`: goes on from what another one had learnt; its shape counts. */
  constructor(shape: AdaptiveShape, state?: AdaptiveState) {
    this.shape = state === undefined ? shape : { action: state.action, features: state.features };
    this.#encoder = new ResponseEncoder(this.shape, state?.encoder);
    this.#mixture = new ExpertMixture(settingsFor(this.shape), state?.mixture, state?.responses);
    this.#responses = state?.responses ?? 0;
    this.#positives = state?.positives ?? 0;
    this.#evidence = new Map(
      (state?.evidence ?? []).map(({ action, responses, positives }) => [JSON.stringify(action), { responses, positives }]),
    );
  }

  /** Responses learnt from, and those of them that were positive. */
  get responses(): number {
    return this.#responses;
  }

  get positives(): number {
    return this.#positives;
  }

  /** P(positive), 0 … 1; cells in the order of the shape. Nothing is learnt and nothing changes. */
  propensity(action: readonly Cell[], features: readonly Cell[]): number {
    return this.#mixture.propensity(this.#encoder.read(action, features, false));
  }

  /** The log-odds of `propensity`, taken apart: base + action + all features are what it is the logistic function of. */
  apart(action: readonly Cell[], features: readonly Cell[]): LogOddsApart {
    const { base, groups } = this.#mixture.apart(this.#encoder.read(action, features, false));
    const [ofAction = 0, ...ofFeatures] = groups;
    return { base, action: ofAction, features: ofFeatures };
  }

  /** What is known of exactly this action. */
  evidence(action: readonly Cell[]): Evidence {
    return this.#evidence.get(JSON.stringify(action)) ?? NO_EVIDENCE;
  }

  /** Learns from one response; returns what `propensity` said of it before. */
  learn(action: readonly Cell[], features: readonly Cell[], isPositive: boolean): number {
    const tokens = this.#encoder.read(action, features, true);
    const said = this.#mixture.learn(tokens, this.#encoder.size, isPositive);
    this.#responses += 1;
    this.#positives += isPositive ? 1 : 0;
    if (action.length > 0) {
      const name = JSON.stringify(action);
      const { responses, positives } = this.#evidence.get(name) ?? NO_EVIDENCE;
      this.#evidence.set(name, { responses: responses + 1, positives: positives + (isPositive ? 1 : 0) });
    }
    return said;
  }

  state(): AdaptiveState {
    return {
      action: [...this.shape.action],
      features: [...this.shape.features],
      responses: this.#responses,
      positives: this.#positives,
      evidence: [...this.#evidence].map(([name, known]) => ({ action: JSON.parse(name) as Cell[], ...known })),
      encoder: this.#encoder.state(),
      mixture: this.#mixture.state(),
    };
  }
}
