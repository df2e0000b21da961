/**
 * Several ways to weigh the same tokens, and how far each is to be believed.
 *
 *   expert        a Bayesian logistic regression: every weight is a normal distribution of its own, narrowed by each response
 *                 (assumed density filtering) and widened again by the time that passes (drift)
 *   fixed share   experts by how well they foretold so far (Herbster & Warmuth 1998): what foretells worse than the plain rate
 *                 counts for nothing, and what begins to be right is believed within a few responses
 *   stack         one more logistic regression, of the experts' log-odds, which corrects what all of them get wrong;
 *                 it too must have foretold better to be believed
 *
 * Only + − × ÷, square roots and the core's own exp: the same responses give the same bits everywhere.
 */
import type { AdaptiveState } from '#contract/model.ts';
import { logistic } from '../fit-additive.ts';
import { FEATURE, type Tokens } from './response-encoder.ts';

export interface Expert {
  /** Variance of a feature's weight before anything is known; 0 = the plain rate, which looks at the action alone. */
  readonly featureVariance: number;
  /** What time adds to the variance of the rate common to all, of an action's own, and of a feature's, per response of all. */
  readonly drift: number;
  readonly actionDrift: number;
  readonly featureDrift: number;
}

export interface MixtureSettings {
  /** The plain rates first, then those that look at features. */
  readonly experts: readonly Expert[];
  /** Believed of the plain rate before anything is known; the others share the rest. */
  readonly plainShare: number;
  /** Share of belief that goes back to where it began, with each response. */
  readonly forgetting: number;
  readonly actionVariance: number;
  readonly pairVariance: number;
}

/** Log-odds of a positive before the first response, and its variance: a yes is rarer than a no. */
const START = -1.5;
const START_VARIANCE = 4;
/** Of the stack: variance of what it adds to a log-odd, of its own constant, what time adds, and its share before it has shown anything. */
const STACK_VARIANCE = 0.05;
const STACK_CONSTANT = 0.1;
const STACK_DRIFT = 1e-5 * STACK_VARIANCE;
const STACK_SHARE = 0.1;
/** An expert's certainty ends here: no likelihood becomes 0. */
const MOST_LOG_ODDS = 30;
const PROBIT = Math.PI / 8;

const within = (logOdds: number): number => Math.min(MOST_LOG_ODDS, Math.max(-MOST_LOG_ODDS, logOdds));

const larger = (from: Float64Array, length: number): Float64Array<ArrayBuffer> => {
  const to = new Float64Array(length);
  to.set(from);
  return to;
};

export class ExpertMixture {
  readonly #settings: MixtureSettings;
  readonly #experts: number;
  /** The first so many look at no feature. */
  readonly #plain: number;
  /** Token × expert. */
  #mean = new Float64Array(0);
  #variance = new Float64Array(0);
  /** Per token: responses there were when it was last learnt about. */
  #learntAt = new Float64Array(0);
  #tokens = 0;
  #responses = 0;
  /** Of the response at hand, per expert: log-odds before and after doubt about the weights, its variance, and its propensity. */
  readonly #sum: Float64Array;
  readonly #doubt: Float64Array;
  readonly #logOdds: Float64Array;
  readonly #propensity: Float64Array;
  readonly #belief: Float64Array;
  readonly #startBelief: Float64Array;
  readonly #stack: Float64Array;
  readonly #covariance: Float64Array;
  readonly #towards: Float64Array;
  #stackBelief = STACK_SHARE;
  #pooled = 0;
  #stacked = 0;
  /** Of the response at hand, token × expert: the weights' variances. */
  #now = new Float64Array(0);
  /** Of the response at hand, per expert: how far it moves a mean and narrows a variance. */
  readonly #pull: Float64Array;
  readonly #narrowing: Float64Array;
  /** Kind of token × expert: prior variance and drift. */
  readonly #prior: Float64Array;
  readonly #drift: Float64Array;

  /** `state` is of a mixture with the same settings. */
  constructor(settings: MixtureSettings, state?: AdaptiveState['mixture'], responses = 0) {
    this.#settings = settings;
    const n = settings.experts.length;
    this.#experts = n;
    this.#plain = settings.experts.filter(({ featureVariance }) => featureVariance === 0).length;
    this.#sum = new Float64Array(n);
    this.#doubt = new Float64Array(n);
    this.#pull = new Float64Array(n);
    this.#narrowing = new Float64Array(n);
    this.#logOdds = new Float64Array(n + 1).fill(1);
    this.#propensity = new Float64Array(n);
    this.#startBelief = Float64Array.from(settings.experts, (_, at) =>
      at === 0 ? settings.plainShare : (1 - settings.plainShare) / (n - 1),
    );
    this.#belief = this.#startBelief.slice();
    this.#stack = new Float64Array(n + 1).fill(1 / n, 0, n);
    this.#covariance = new Float64Array((n + 1) ** 2);
    for (let at = 0; at <= n; at++) this.#covariance[at * (n + 2)] = at < n ? STACK_VARIANCE : STACK_CONSTANT;
    this.#towards = new Float64Array(n + 1);
    const { actionVariance, pairVariance } = settings;
    this.#prior = Float64Array.from(
      [() => START_VARIANCE, () => actionVariance, () => pairVariance, ({ featureVariance }: Expert) => featureVariance].flatMap((of) =>
        settings.experts.map(of),
      ),
    );
    this.#drift = Float64Array.from(
      (['drift', 'actionDrift', 'actionDrift', 'featureDrift'] as const).flatMap((kind) => settings.experts.map((expert) => expert[kind])),
    );
    if (state === undefined) {
      this.#grow(1);
      return;
    }
    this.#mean = Float64Array.from(state.mean);
    this.#variance = Float64Array.from(state.variance);
    this.#learntAt = Float64Array.from(state.learntAt);
    this.#tokens = state.learntAt.length;
    this.#belief.set(state.belief);
    this.#stack.set(state.stack);
    this.#covariance.set(state.covariance);
    this.#stackBelief = state.stackBelief;
    this.#responses = responses;
  }

  state(): AdaptiveState['mixture'] {
    const weights = this.#tokens * this.#experts;
    return {
      mean: [...this.#mean.subarray(0, weights)],
      variance: [...this.#variance.subarray(0, weights)],
      learntAt: [...this.#learntAt.subarray(0, this.#tokens)],
      belief: [...this.#belief],
      stack: [...this.#stack],
      covariance: [...this.#covariance],
      stackBelief: this.#stackBelief,
    };
  }

  /** P(positive) of a response not learnt from. */
  propensity(tokens: Tokens): number {
    this.#weigh(tokens);
    return this.#mixed();
  }

  /**
   * What adds up to the log-odds of `propensity`: one number per group of tokens, which end at `ends`, and what is left, which is the
   * rate common to all. Every expert's doubt damps all its tokens alike, so each token has a share of its own.
   */
  apart(tokens: Tokens): { readonly base: number; readonly groups: readonly number[] } {
    this.#weigh(tokens);
    const n = this.#experts;
    let unclipped = this.#stack[n] as number;
    for (let k = 0; k < n; k++) unclipped += (this.#stack[k] as number) * (this.#logOdds[k] as number);
    const kept = unclipped === 0 ? 0 : this.#stacked / unclipped;
    const share = Float64Array.from({ length: n }, (_, k) => {
      const believed = (1 - this.#stackBelief) * (this.#belief[k] as number) + this.#stackBelief * (this.#stack[k] as number) * kept;
      const sum = this.#sum[k] as number;
      return sum === 0 ? 0 : (believed * (this.#logOdds[k] as number)) / sum;
    });
    const ofSlot = (slot: number): number => {
      const token = tokens.at[slot] as number;
      if (token < 0 || token >= this.#tokens) return 0;
      let sum = 0;
      for (let k = tokens.kind[slot] === FEATURE ? this.#plain : 0; k < n; k++)
        sum += (this.#mean[token * n + k] as number) * (tokens.value[slot] as number) * (share[k] as number);
      return sum;
    };
    const groups = Array.from(tokens.ends, (end, group) => {
      let sum = 0;
      for (let slot = group === 0 ? 1 : (tokens.ends[group - 1] as number); slot < end; slot++) sum += ofSlot(slot);
      return sum;
    });
    return { base: ofSlot(0) + this.#stackBelief * (this.#stack[n] as number) * kept, groups };
  }

  /** Learns from a response whose tokens all have numbers; returns what `propensity` would have said before. */
  learn(tokens: Tokens, size: number, isPositive: boolean): number {
    this.#grow(size);
    this.#weigh(tokens);
    const said = this.#mixed();
    this.#learnWeights(tokens, isPositive);
    this.#learnStack(isPositive);
    this.#learnBelief(isPositive);
    this.#responses += 1;
    return said;
  }

  #grow(size: number): void {
    const n = this.#experts;
    if (size > this.#learntAt.length) {
      const room = Math.max(64, 2 * size);
      this.#mean = larger(this.#mean, room * n);
      this.#variance = larger(this.#variance, room * n);
      this.#learntAt = larger(this.#learntAt, room);
    }
    // −1: its variances are the prior's, whatever its kind, until it is first learnt about.
    for (; this.#tokens < size; this.#tokens++) {
      this.#learntAt[this.#tokens] = -1;
      if (this.#tokens === 0) this.#mean.fill(START, 0, n);
    }
  }

  #weigh(tokens: Tokens): void {
    const n = this.#experts;
    const mean = this.#mean;
    const variance = this.#variance;
    const prior = this.#prior;
    const drift = this.#drift;
    const sum = this.#sum.fill(0);
    const doubt = this.#doubt.fill(0);
    if (this.#now.length < tokens.count * n) this.#now = new Float64Array(2 * tokens.count * n);
    const now = this.#now;
    for (let slot = 0; slot < tokens.count; slot++) {
      const token = tokens.at[slot] as number;
      const value = tokens.value[slot] as number;
      const kind = tokens.kind[slot] as number;
      const since = token < 0 || token >= this.#tokens ? -1 : (this.#learntAt[token] as number);
      const isNew = since < 0;
      const elapsed = this.#responses - since;
      const first = token * n;
      for (let k = kind === FEATURE ? this.#plain : 0; k < n; k++) {
        const rule = kind * n + k;
        const most = prior[rule] as number;
        // What it was when last learnt about and what time has added; never more than before anything was known.
        const widened = isNew ? most : (variance[first + k] as number) + elapsed * (drift[rule] as number);
        const variant = widened < most ? widened : most;
        now[slot * n + k] = variant;
        if (token >= 0 && token < this.#tokens) sum[k] = (sum[k] as number) + (mean[first + k] as number) * value;
        doubt[k] = (doubt[k] as number) + variant * value * value;
      }
    }
    let pooled = 0;
    let stacked = this.#stack[n] as number;
    for (let k = 0; k < n; k++) {
      // MacKay's approximation: a log-odds with doubt is nearer to 0.
      const logOdds = within((sum[k] as number) / Math.sqrt(1 + PROBIT * (doubt[k] as number)));
      this.#logOdds[k] = logOdds;
      this.#propensity[k] = logistic(logOdds);
      pooled += (this.#belief[k] as number) * logOdds;
      stacked += (this.#stack[k] as number) * logOdds;
    }
    this.#pooled = pooled;
    this.#stacked = within(stacked);
  }

  #mixed(): number {
    return logistic((1 - this.#stackBelief) * this.#pooled + this.#stackBelief * this.#stacked);
  }

  #learnWeights(tokens: Tokens, isPositive: boolean): void {
    const n = this.#experts;
    const mean = this.#mean;
    const variance = this.#variance;
    const pull = this.#pull;
    const narrowing = this.#narrowing;
    for (let k = 0; k < n; k++) {
      const p = this.#propensity[k] as number;
      const curvature = p * (1 - p);
      const damped = 1 + curvature * (this.#doubt[k] as number);
      pull[k] = ((isPositive ? 1 : 0) - p) / damped;
      narrowing[k] = curvature / damped;
    }
    const now = this.#now;
    for (let slot = 0; slot < tokens.count; slot++) {
      const token = tokens.at[slot] as number;
      const value = tokens.value[slot] as number;
      const first = token * n;
      for (let k = tokens.kind[slot] === FEATURE ? this.#plain : 0; k < n; k++) {
        const before = now[slot * n + k] as number;
        const towards = before * value;
        mean[first + k] = (mean[first + k] as number) + towards * (pull[k] as number);
        variance[first + k] = before - towards * towards * (narrowing[k] as number);
      }
      this.#learntAt[token] = this.#responses;
    }
  }

  /** Extended Kalman step of the stack's weights, all covariances kept. */
  #learnStack(isPositive: boolean): void {
    const size = this.#experts + 1;
    const p = logistic(this.#stacked);
    const curvature = p * (1 - p);
    let doubt = 0;
    for (let a = 0; a < size; a++) {
      let sum = 0;
      for (let b = 0; b < size; b++) sum += (this.#covariance[a * size + b] as number) * (this.#logOdds[b] as number);
      this.#towards[a] = sum;
      doubt += sum * (this.#logOdds[a] as number);
    }
    const damped = 1 + curvature * doubt;
    const pull = ((isPositive ? 1 : 0) - p) / damped;
    for (let a = 0; a < size; a++) {
      const towards = this.#towards[a] as number;
      this.#stack[a] = (this.#stack[a] as number) + towards * pull;
      for (let b = 0; b < size; b++)
        this.#covariance[a * size + b] =
          (this.#covariance[a * size + b] as number) - ((towards * curvature) / damped) * (this.#towards[b] as number);
      const own = a * (size + 1);
      this.#covariance[own] = Math.min(STACK_CONSTANT, (this.#covariance[own] as number) + STACK_DRIFT);
    }
  }

  #learnBelief(isPositive: boolean): void {
    const { forgetting } = this.#settings;
    const likelihood = (p: number): number => (isPositive ? p : 1 - p);
    let total = 0;
    for (let k = 0; k < this.#experts; k++) {
      const belief = (this.#belief[k] as number) * likelihood(this.#propensity[k] as number);
      this.#belief[k] = belief;
      total += belief;
    }
    for (let k = 0; k < this.#experts; k++)
      this.#belief[k] = ((1 - forgetting) * (this.#belief[k] as number)) / total + forgetting * (this.#startBelief[k] as number);
    const stacked = this.#stackBelief * likelihood(logistic(this.#stacked));
    const pooled = (1 - this.#stackBelief) * likelihood(logistic(this.#pooled));
    this.#stackBelief = ((1 - forgetting) * stacked) / (stacked + pooled) + forgetting * STACK_SHARE;
  }
}
