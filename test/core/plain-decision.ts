/**
 * The decision written down as plainly as it can be said, one action after the other, to hold the fast core against.
 * Shares nothing with the core but types.
 */
import type { CheckedAction, CheckedRevision } from '#contract/checked-policy.ts';
import type { Condition } from '#contract/condition.ts';
import type { DecisionInputs } from '#contract/decision.ts';
import type { Rung } from '#contract/reason-codes.ts';
import { PlainHistory } from './plain-history.ts';
import { explorePlainly, type PlainExplored } from './plain-exploration.ts';
import { stickyShare } from './plain-sticky-share.ts';
import { AHEAD, plainBasis } from './plain-basis.ts';
import { PlainValues, type Truth } from './plain-values.ts';

export interface PlainDecision {
  /** `stage/code` by action. */
  readonly ended: Readonly<Record<string, string>>;
  readonly candidates: readonly string[];
  readonly priorities: Readonly<Record<string, number>>;
  /** `primary:a chip:b`, or the reason of the refrain. */
  readonly shown: string;
  /** Of what is shown, by action. */
  readonly treatments: Readonly<Record<string, string>>;
  /** Of what came of it; undefined where the policy does not explore, null in an arm. */
  readonly probability: number | null | undefined;
}

/** What a model says. `propensity` of the candidates in their order, NaN for one it does not know; what it saw by action of the revision. */
export interface PlainScores {
  readonly rung: Rung;
  readonly propensity: ArrayLike<number> | null;
  readonly model: { readonly evidence: ArrayLike<number>; readonly positives: ArrayLike<number> } | null;
}

export function decidePlainly(
  revision: CheckedRevision,
  inputs: DecisionInputs,
  scoresOf: (candidates: readonly string[]) => PlainScores,
): PlainDecision {
  const world = new World(revision, inputs);
  const ended: Record<string, string> = {};
  const candidates: CheckedAction[] = [];
  for (const action of revision.actions) {
    const stop = world.stopped(action);
    if (stop === null) candidates.push(action);
    else ended[action.id] = stop;
  }
  const scores = scoresOf(candidates.map(({ id }) => id));
  const expired = inputs.nowMs - inputs.centralHeardAtMs > revision.usableOfflineMs;
  const sound =
    !expired &&
    revision.useModel &&
    (scores.rung === 'model' || scores.rung === 'last-good-model') &&
    scores.propensity?.length === candidates.length &&
    Array.from(scores.propensity).every((p) => Number.isNaN(p) || (p >= 0 && p <= 1));
  const propensity = new Map<string, number>();
  const priorities: Record<string, number> = {};
  for (const [i, action] of candidates.entries()) {
    const score = sound ? scores.propensity[i]! : Number.NaN;
    const me = scores.model?.evidence[revision.actions.indexOf(action)] ?? 0;
    const sp = action.startingPropensity;
    const se = action.startingEvidence;
    const p = Number.isNaN(score) || !(me > 0) || !Number.isFinite(me) ? sp : (se * sp + me * score) / (se + me);
    propensity.set(action.id, p);
    const { propensity: hasP = true, context: hasC = true, value: hasV = true, lever: hasL = true } = revision.factors ?? {};
    const c = hasC ? world.contextWeight(action) : 1;
    priorities[action.id] = (hasP ? p : 1) * c * (hasV ? action.value : 1) * (hasL ? action.lever : 1);
  }
  const isMustSayOnly = expired || scores.rung === 'must-say-only' || scores.rung === 'refrain';
  const positivesOf = (action: CheckedAction): number => scores.model?.positives[revision.actions.indexOf(action)] ?? 0;
  const couldPass = candidates.filter(
    (action) =>
      !action.mandatory &&
      !world.isHeldOut(action) &&
      propensity.get(action.id)! >= action.minPropensity &&
      priorities[action.id]! >= action.minPriority,
  );
  let left = candidates.filter((action) => {
    if (action.mandatory) return true;
    let stop: string | null = null;
    if (isMustSayOnly) stop = 'available/must-say-only';
    else if (world.isHeldOut(action)) stop = 'threshold/held-out';
    else if (world.isControl) stop = 'threshold/control-group';
    else if (world.isThrottled(action, positivesOf(action))) stop = 'threshold/maturity-throttle';
    else if (propensity.get(action.id)! < action.minPropensity) stop = 'threshold/below-propensity';
    else if (priorities[action.id]! < action.minPriority) stop = 'threshold/below-priority';
    if (stop !== null) ended[action.id] = stop;
    return stop === null;
  });
  for (const action of candidates) priorities[action.id] = world.rankInArm(action, propensity.get(action.id)!, priorities[action.id]!);
  const level = revision.attention.levels[inputs.level];
  const worthOf = (action: CheckedAction): boolean => propensity.get(action.id)! * action.value > level.interruptionCost;
  const isSilent = inputs.call.phase !== 'active' || inputs.call.capturePaused || inputs.quiet;
  let explored: PlainExplored = { favoured: null, passedOver: [], probability: 1 };
  const isCertain = isMustSayOnly || isSilent || (inputs.call.phase === 'active' && left.some(({ mandatory }) => mandatory));
  if (revision.exploration !== undefined && world.arm === 'nba' && !isCertain) {
    const runners = couldPass
      .toSorted((a, b) => priorities[b.id]! - priorities[a.id]! || revision.actions.indexOf(a) - revision.actions.indexOf(b))
      .map((action) => ({
        id: action.id,
        priority: priorities[action.id]!,
        share: world.throttleShare(action, positivesOf(action)),
        isHere: left.includes(action),
        isSignificant: action.significant,
        isFallback: action.fallback,
        isShowable: worthOf(action) && (world.isOpen(action.id) || world.gate(action) === null),
      }));
    explored = explorePlainly(runners, revision.exploration, { share: revision.control?.share ?? 0, isIn: world.isControl }, inputs.seed);
  }
  if (left.some((action) => !action.fallback)) {
    for (const action of left) if (action.fallback && !action.mandatory) ended[action.id] = 'arbitrated/outranked';
    left = left.filter((action) => ended[action.id] === undefined);
  }
  left = left.toSorted(
    (a, b) =>
      Number(b.mandatory) - Number(a.mandatory) ||
      Number(b.id === explored.favoured) - Number(a.id === explored.favoured) ||
      priorities[b.id]! - priorities[a.id]! ||
      revision.actions.indexOf(a) - revision.actions.indexOf(b),
  );
  const worth = left.filter((action) => {
    let stop: string | null = null;
    if (inputs.call.phase !== 'active') stop = 'call-not-active';
    else if (action.mandatory) stop = null;
    else if (inputs.call.capturePaused) stop = 'capture-paused';
    else if (inputs.quiet) stop = 'quiet';
    else if (!worthOf(action)) stop = 'not-worth-interrupting';
    if (stop !== null) ended[action.id] = `interruption/${stop}`;
    return stop === null;
  });
  const places = 1 + revision.maxChips;
  const gate = (action: CheckedAction): string | null => (action.mandatory || world.isOpen(action.id) ? null : world.gate(action));
  const shown = worth.filter((action) => gate(action) === null).slice(0, places);
  for (const [i, action] of worth.entries()) {
    const at = shown.indexOf(action);
    if (at >= 0) ended[action.id] = at === 0 ? 'shown/primary' : 'shown/chip';
    else ended[action.id] = i < places && gate(action) !== null ? `interruption/${gate(action)}` : 'arbitrated/outranked';
  }
  for (const id of explored.passedOver) if (ended[id] === 'arbitrated/outranked') ended[id] = 'arbitrated/not-drawn';
  const bestHeld = worth[0] ?? left[0];
  let result = shown.map((action, i) => `${i === 0 ? 'primary' : 'chip'}:${action.id}`).join(' ');
  if (result === '') result = bestHeld === undefined ? nothing(Object.values(ended)) : ended[bestHeld.id]!.split('/')[1]!;
  const treatments = Object.fromEntries(shown.map((action) => [action.id, world.treatment(action)!]));
  const probability = revision.exploration === undefined ? undefined : world.arm === 'nba' ? explored.probability : null;
  return { ended, candidates: candidates.map(({ id }) => id), priorities, shown: result, treatments, probability };
}

function nothing(ended: readonly string[]): string {
  const stages = new Set(ended.map((end) => end.split('/')[0]));
  if (stages.has('care') || stages.has('contact') || stages.has('constraint')) return 'nothing-permitted';
  if (stages.has('applicability') || stages.has('suitability') || stages.has('threshold')) return 'nothing-relevant';
  return stages.has('basis') || stages.has('eligibility') ? 'nothing-permitted' : 'nothing-available';
}

class World {
  readonly #revision: CheckedRevision;
  readonly #in: DecisionInputs;
  readonly #history: PlainHistory;
  readonly #values: PlainValues;

  constructor(revision: CheckedRevision, inputs: DecisionInputs) {
    this.#revision = revision;
    this.#in = inputs;
    this.#history = new PlainHistory(inputs);
    this.#values = new PlainValues(revision, inputs, this.#history);
  }

  /** `stage/code` of what stops an action before it is scored; null when nothing does. */
  stopped(action: CheckedAction): string | null {
    const unavailable = this.#unavailable(action);
    if (unavailable !== null) return `available/${unavailable}`;
    const basis = plainBasis(this.#revision.purposes[action.purpose]!, this.#in, this.#history.profile);
    if (basis !== null) return `basis/${basis}`;
    const isLifted = this.arm === 'eligibility-only' && !action.mandatory && !action.significant;
    for (const stage of isLifted ? (['eligibility'] as const) : (['eligibility', 'applicability', 'suitability'] as const)) {
      for (const { condition } of action[stage]) {
        const truth = this.#truth(condition);
        if (truth !== true) return `${stage}/condition-${truth === null ? 'unknown' : 'false'}`;
      }
    }
    if (action.sales) {
      const rules = this.#revision.care.map(({ condition }) => this.#truth(condition));
      if (rules.includes(true)) return 'care/care-before-sale';
      if (rules.includes(null)) return 'care/care-unknown';
    }
    const contact = this.#history.answered(action.id) ?? this.#contact(action);
    if (contact !== null) return `contact/${contact}`;
    const constraint = this.#constraint(action);
    return constraint === null ? null : `constraint/constraint-${constraint}`;
  }

  #unavailable(action: CheckedAction): string | null {
    const { nowMs, channel } = this.#in;
    if (action.validFromMs !== undefined && nowMs < action.validFromMs) return 'not-yet-valid';
    if (action.validToMs !== undefined && nowMs >= action.validToMs) return 'no-longer-valid';
    const number = this.#revision.actions.indexOf(action);
    const excluded = this.#revision.exclusions.some(
      (one) => one.action === number && nowMs < one.untilMs && (one.channel ?? channel) === channel,
    );
    if (excluded || this.#in.excluded.includes(action.id)) return 'emergency-excluded';
    if (!action.mandatory && nowMs - this.#in.centralHeardAtMs > this.#revision.usableOfflineMs) return 'revision-expired';
    return this.treatment(action) === null ? 'no-treatment-for-channel' : null;
  }

  /** The treatment an action is shown with, by name; null where there is none. */
  treatment(action: CheckedAction): string | null {
    const { channel, language } = this.#in;
    const usable = action.treatments.filter((one) => one.channel === channel && (one.when === undefined || this.#truth(one.when) === true));
    for (const wanted of [language, this.#revision.language]) {
      const same =
        usable.find((one) => one.language === wanted) ?? usable.find((one) => one.language.split('-')[0] === wanted.split('-')[0]);
      if (same !== undefined) return same.id;
    }
    return null;
  }

  #contact(action: CheckedAction): string | null {
    if (action.mandatory || action.transactional) return null;
    const { nowMs } = this.#in;
    const policies = this.#revision.contact.filter(({ issues }) => issues === undefined || issues.includes(action.issue));
    if (this.#history.identified && this.#history.profile === null) return policies.length > 0 ? 'contact-unknown' : null;
    for (const policy of policies) {
      const same = (other: CheckedAction | undefined): boolean => {
        if (other === undefined) return policy.per === 'all' && policy.issues === undefined;
        if (other.transactional || (policy.issues !== undefined && !policy.issues.includes(other.issue))) return false;
        return policy.per === 'all' || (policy.per === 'action' ? other.id === action.id : other[policy.per] === action[policy.per]);
      };
      const times = this.#history
        .past(!this.isOpen(action.id))
        .filter((one) => one.kind === policy.counts && (policy.channel ?? one.channel) === one.channel)
        .filter((one) => same(this.#revision.actions.find(({ id }) => id === one.actionId)))
        .map(({ atMs }) => atMs)
        .toSorted((a, b) => a - b);
      // The rest runs from the last contact that completes the limit.
      const completing = times.findLast((at, i) => at - (times[i - policy.limit + 1] ?? -Infinity) < policy.windowMs);
      if (completing !== undefined && completing + policy.suppressForMs > nowMs) return 'contact-limit';
    }
    return null;
  }

  #constraint(action: CheckedAction): 'reached' | 'unknown' | null {
    const number = this.#revision.actions.indexOf(action);
    const states = this.#revision.constraints.filter(({ covers }) => covers.includes(number)).map((one) => this.#use(one, action));
    if (states.includes('reached')) return 'reached';
    return states.includes('unknown') ? 'unknown' : null;
  }

  #use(constraint: CheckedRevision['constraints'][number], action: CheckedAction): 'reached' | 'unknown' | 'free' {
    const { nowMs, usage } = this.#in;
    const said = usage.filter(({ constraintId }) => constraintId === constraint.id).toSorted((a, b) => b.asOfMs - a.asOfMs)[0];
    if (said === undefined || !(said.used >= 0) || nowMs - said.asOfMs > constraint.maxAgeMs || said.asOfMs - nowMs > AHEAD)
      return 'unknown';
    const used = periodBegins(constraint.period, said.asOfMs) < periodBegins(constraint.period, nowMs) ? 0 : said.used;
    const isReached = constraint.kind === 'volume' ? used >= constraint.limit : used + (action.request?.amount ?? 0) > constraint.limit;
    return isReached ? 'reached' : 'free';
  }

  contextWeight(action: CheckedAction): number {
    let percent = 0;
    for (const { when, weight } of action.context) if (this.#truth(when) === true) percent += weight;
    let later = 0;
    for (const { after, weight, overMs } of action.influence) {
      const times = this.#history
        .past(false)
        .filter((one) => one.kind === after && one.actionId === action.id)
        .map(({ atMs }) => atMs);
      const age = Math.max(0, this.#in.nowMs - Math.max(...times));
      if (age < overMs) later += weight * (1 - age / overMs);
    }
    const isKnown = !this.#history.identified || this.#history.profile !== null;
    return Math.max(0, 1 + (isKnown ? percent + later : percent) / 100);
  }

  get isControl(): boolean {
    const { control } = this.#revision;
    const { callId, customerId } = this.#in.call;
    return control !== undefined && stickyShare(this.#salt(control), this.#history.identified ? customerId! : callId) < control.share;
  }

  isHeldOut({ id }: CheckedAction): boolean {
    const { callId, customerId } = this.#in.call;
    const whom = this.#history.identified ? customerId! : callId;
    return (this.#revision.holdouts ?? []).some(
      (one) =>
        one.actions.includes(id) &&
        this.#in.nowMs >= one.fromMs &&
        this.#in.nowMs < one.untilMs &&
        stickyShare(this.#salt(one), whom) < one.share,
    );
  }

  #salt({ salt, anew }: { readonly salt: string; readonly anew?: string | undefined }): string {
    const began = new Date(this.#in.call.offeredAtMs ?? this.#in.nowMs);
    return anew === undefined ? salt : `${salt}\0${began.getUTCFullYear()}-${String(began.getUTCMonth() + 1).padStart(2, '0')}`;
  }

  isThrottled(action: CheckedAction, positives: number): boolean {
    return stickyShare(this.#in.call.callId, action.id) >= this.throttleShare(action, positives);
  }

  throttleShare(action: CheckedAction, positives: number): number {
    const throttle = this.#revision.maturityThrottle;
    if (throttle === undefined || !action.sales) return 1;
    return throttle.startShare + (1 - throttle.startShare) * Math.min(1, positives / throttle.fullAtPositives);
  }

  get arm(): string {
    const { experiment } = this.#revision;
    if (experiment === undefined) return 'nba';
    const { agentId, siteId, call } = this.#in;
    const ids = { customer: call.identity === 'unknown' ? null : call.customerId, agent: agentId, site: siteId ?? null };
    const id = ids[experiment.unit];
    if (id === null) return 'nba';
    const at = stickyShare(this.#salt(experiment), id);
    let from = 0;
    for (const { arm, share } of experiment.arms) {
      // To the last bit as the core subtracts it; the shares of the tests are such that nothing is lost.
      if (at - from < share) return arm;
      from += share;
    }
    return 'nba';
  }

  /** What an action ranks by in its arm. */
  rankInArm(action: CheckedAction, propensity: number, priority: number): number {
    const { experiment, factors } = this.#revision;
    const drawn = stickyShare(`${experiment?.salt ?? ''}\0${this.#in.call.callId}`, action.id);
    const { context: hasC = true, value: hasV = true, lever: hasL = true } = factors ?? {};
    const c = hasC ? this.contextWeight(action) : 1;
    const v = hasV ? action.value : 1;
    const p = (factors?.propensity ?? true) ? propensity : 1;
    switch (this.arm) {
      case 'random-relevant':
        return drawn;
      case 'propensity-only':
        return propensity;
      case 'no-levers':
        return p * c * v;
      case 'random-propensity':
        return drawn * c * v * (hasL ? action.lever : 1);
      default:
        return priority;
    }
  }

  isOpen(actionId: string): boolean {
    return this.#history.openSince(actionId) !== null;
  }

  gate(action: CheckedAction): string | null {
    const { nowMs, speaking, silentSinceMs, heldSinceMs, trigger, level } = this.#in;
    const { pauseMs, holdAtMostMs, levels } = this.#revision.attention;
    const { standing } = this.#history;
    const ids = [...new Set(standing.map(({ actionId }) => actionId))];
    const cards = ids
      .filter((id) => this.#revision.actions.find((one) => one.id === id)?.mandatory !== true)
      .flatMap((id) => this.#history.showings(id))
      .filter(({ card, reached, prompts }) => card && (reached || prompts.size > 0));
    if (cards.length >= levels[level].capPerCall) return 'cap-reached';
    const last = cards.toSorted((a, b) => a.from - b.from).at(-1);
    const rejecting = trigger.kind === 'answer' && standing.some(({ id, kind }) => id === trigger.outcomeId && kind === 'rejected');
    const after = heldSinceMs !== null && last !== undefined && last.rejectedAt !== null && last.rejectedAt <= heldSinceMs;
    if (last !== undefined && !rejecting && !after && nowMs < last.from + levels[level].gapS * 1_000) return 'gap-not-over';
    if (action.urgency === 'must') return null;
    const waited = heldSinceMs === null ? 0 : nowMs - heldSinceMs;
    if (waited >= holdAtMostMs) return null;
    if (speaking !== null) return 'someone-speaking';
    return silentSinceMs !== null && nowMs - silentSinceMs < pauseMs ? 'someone-speaking' : null;
  }

  #truth(condition: Condition): Truth {
    return this.#values.truth(condition);
  }
}

/** The first day of the day, week or month a moment lies in, in UTC, as a text that sorts by time. */
function periodBegins(period: CheckedRevision['constraints'][number]['period'], atMs: number): string {
  const day = new Date(atMs);
  if (period === 'total') return '';
  if (period === 'month') return day.toISOString().slice(0, 7);
  if (period === 'week') day.setUTCDate(day.getUTCDate() - ((day.getUTCDay() + 6) % 7));
  return day.toISOString().slice(0, 10);
}
