/**
 * The decision written down as plainly as it can be said, one action after the other, to hold the fast core against.
 * Shares nothing with the core but types.
 */
import type { CheckedAction, CheckedField, CheckedRevision } from '#contract/checked-policy.ts';
import type { Condition, Operand } from '#contract/condition.ts';
import type { DecisionInputs } from '#contract/decision.ts';
import type { Outcome } from '#contract/outcome.ts';
import type { Interaction } from '#contract/profile.ts';
import type { Scores } from '#core';

type Truth = boolean | null;
const HOUR = 3_600_000;
const AHEAD = 300_000;

export interface PlainDecision {
  /** `stage/code` by action. */
  readonly ended: Readonly<Record<string, string>>;
  readonly candidates: readonly string[];
  readonly priorities: Readonly<Record<string, number>>;
  readonly shown: string;
}

export function decidePlainly(
  revision: CheckedRevision,
  inputs: DecisionInputs,
  scoresOf: (candidates: readonly string[]) => Scores,
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
    [...scores.propensity].every((p) => Number.isNaN(p) || (p >= 0 && p <= 1));
  const propensity = new Map<string, number>();
  const priorities: Record<string, number> = {};
  for (const [i, action] of candidates.entries()) {
    const score = sound ? scores.propensity[i]! : Number.NaN;
    const me = scores.model?.evidence[revision.actions.indexOf(action)] ?? 0;
    const sp = action.startingPropensity;
    const se = action.startingEvidence;
    const p = Number.isNaN(score) || !(me > 0) || !Number.isFinite(me) ? sp : (se * sp + me * score) / (se + me);
    let c = 1;
    let sum = 0;
    for (const { when, weight } of action.context) if (world.truth(when) === true) sum += weight;
    c = Math.max(0, 1 + sum / 100);
    propensity.set(action.id, p);
    priorities[action.id] = p * c * action.value * action.lever;
  }
  let left = candidates.filter((action) => {
    if (action.mandatory) return true;
    if (expired || scores.rung === 'must-say-only' || scores.rung === 'refrain') ended[action.id] = 'available/must-say-only';
    else if (propensity.get(action.id)! < action.minPropensity) ended[action.id] = 'threshold/below-propensity';
    else if (priorities[action.id]! < action.minPriority) ended[action.id] = 'threshold/below-priority';
    return ended[action.id] === undefined;
  });
  if (left.some((action) => !action.fallback)) {
    for (const action of left) if (action.fallback && !action.mandatory) ended[action.id] = 'arbitrated/outranked';
    left = left.filter((action) => ended[action.id] === undefined);
  }
  left = left.toSorted(
    (a, b) =>
      Number(b.mandatory) - Number(a.mandatory) ||
      priorities[b.id]! - priorities[a.id]! ||
      revision.actions.indexOf(a) - revision.actions.indexOf(b),
  );
  const level = revision.attention.levels[inputs.level];
  const worth = left.filter((action) => {
    let stop: string | null = null;
    if (inputs.call.phase !== 'active') stop = 'call-not-active';
    else if (action.mandatory) stop = null;
    else if (inputs.call.capturePaused) stop = 'capture-paused';
    else if (inputs.quiet) stop = 'quiet';
    else if (propensity.get(action.id)! * action.value <= level.interruptionCost) stop = 'not-worth-interrupting';
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
  const bestHeld = worth[0] ?? left[0];
  let result = shown.map((action, i) => `${i === 0 ? 'primary' : 'chip'}:${action.id}`).join(' ');
  if (result === '') result = bestHeld === undefined ? nothing(Object.values(ended)) : ended[bestHeld.id]!.split('/')[1]!;
  return { ended, candidates: candidates.map(({ id }) => id), priorities, shown: result };
}

function nothing(ended: readonly string[]): string {
  const stages = new Set(ended.map((end) => end.split('/')[0]));
  if (stages.has('care') || stages.has('contact')) return 'nothing-permitted';
  if (stages.has('applicability') || stages.has('suitability') || stages.has('threshold')) return 'nothing-relevant';
  return stages.has('basis') || stages.has('eligibility') ? 'nothing-permitted' : 'nothing-available';
}

const alike = (one: Interaction, other: Interaction): boolean =>
  one.kind === other.kind && one.channel === other.channel && one.atMs === other.atMs && one.actionId === other.actionId;

const plain = (text: string): string =>
  ` ${text
    .toLowerCase()
    .replaceAll(/[^a-z0-9']+/g, ' ')
    .trim()} `;

class World {
  readonly #revision: CheckedRevision;
  readonly #in: DecisionInputs;
  readonly #standing: readonly Outcome[];

  constructor(revision: CheckedRevision, inputs: DecisionInputs) {
    this.#revision = revision;
    this.#in = inputs;
    let standing = inputs.outcomes.filter((one) => one.callId === inputs.call.callId);
    standing = standing.filter((one, i) => standing.findIndex((other) => other.id === one.id) === i);
    // From the newest back: a retraction that stands takes its outcome away.
    for (let i = standing.length - 1; i >= 0; i--) {
      const target = standing[i]?.kind === 'retracted' ? standing[i]!.retracts : undefined;
      const at = standing.findIndex((one) => one.id === target);
      if (at < 0) continue;
      standing = standing.toSpliced(at, 1);
      if (at < i) i--;
    }
    this.#standing = standing;
  }

  get #profile() {
    const { call, profile } = this.#in;
    return profile !== null && profile.customerId === call.customerId && call.identity !== 'unknown' ? profile : null;
  }

  stopped(action: CheckedAction): string | null {
    const { nowMs } = this.#in;
    if (action.validFromMs !== undefined && nowMs < action.validFromMs) return 'available/not-yet-valid';
    if (action.validToMs !== undefined && nowMs >= action.validToMs) return 'available/no-longer-valid';
    if (this.#in.excluded.includes(action.id)) return 'available/emergency-excluded';
    if (!action.mandatory && nowMs - this.#in.centralHeardAtMs > this.#revision.usableOfflineMs) return 'available/revision-expired';
    const languages = action.treatments.filter(({ channel }) => channel === this.#in.channel).map(({ language }) => language.split('-')[0]);
    if (!languages.includes(this.#in.language.split('-')[0]) && !languages.includes(this.#revision.language.split('-')[0]))
      return 'available/no-treatment-for-channel';
    const basis = this.#basis(action);
    if (basis !== null) return `basis/${basis}`;
    for (const stage of ['eligibility', 'applicability', 'suitability'] as const) {
      for (const { condition } of action[stage]) {
        const truth = this.truth(condition);
        if (truth !== true) return `${stage}/condition-${truth === null ? 'unknown' : 'false'}`;
      }
    }
    if (action.sales) {
      const rules = this.#revision.care.map(({ condition }) => this.truth(condition));
      if (rules.includes(true)) return 'care/care-before-sale';
      if (rules.includes(null)) return 'care/care-unknown';
    }
    return this.#answered(action) ?? this.#contact(action);
  }

  #basis(action: CheckedAction): string | null {
    const purpose = this.#revision.purposes[action.purpose]!;
    if (purpose.basis === 'legal-obligation') return null;
    const { nowMs, call, centralHeardAtMs } = this.#in;
    const words = [
      ...(this.#profile?.consents ?? []).map((one) => ({ ...one, learnt: centralHeardAtMs })),
      ...(call.identity === 'unknown' ? [] : call.consents).map((one) => ({ ...one, learnt: one.atMs })),
    ].filter((one) => one.purpose === purpose.id);
    const newest = Math.max(...words.map(({ atMs }) => atMs));
    const last = words.filter(({ atMs }) => atMs === newest);
    const granted = last.some((one) => one.granted);
    const refused = last.some((one) => !one.granted);
    const contradictory = granted && (refused || newest > nowMs + AHEAD);
    if (purpose.basis !== 'consent' && this.#profile === null) return 'basis-unknown';
    if (purpose.basis === 'contract') return null;
    if (contradictory) return 'basis-unknown';
    if (purpose.basis === 'legitimate-interest') return refused ? 'objected' : null;
    if (refused) return 'no-basis';
    if (!granted || this.#profile === null) return 'basis-unknown';
    const age = nowMs - Math.max(...last.map(({ learnt }) => learnt));
    return age < -AHEAD || age > purpose.maxAgeHours * HOUR ? 'basis-unknown' : null;
  }

  #answered(action: CheckedAction): string | null {
    const mine = this.#standing.filter(
      (one) => one.actionId === action.id || (one.kind === 'overridden' && one.chosenActionId === action.id),
    );
    if (mine.some(({ kind, actionId }) => kind === 'rejected' && actionId === action.id)) return 'contact/rejected-in-call';
    if (mine.some(({ kind }) => ['accepted', 'overridden', 'acted', 'not-acted', 'customer-accepted', 'customer-declined'].includes(kind)))
      return 'contact/answered-in-call';
    const rests = mine.some(
      ({ kind, atMs, untilMs, seen }) =>
        (kind === 'snoozed' && (untilMs ?? atMs + 120_000) > this.#in.nowMs) ||
        (kind === 'expired' && seen === true && atMs + 120_000 > this.#in.nowMs),
    );
    return rests ? 'contact/snoozed' : null;
  }

  #contact(action: CheckedAction): string | null {
    if (action.mandatory || action.transactional) return null;
    const { call, nowMs } = this.#in;
    const policies = this.#revision.contact.filter(({ issues }) => issues === undefined || issues.includes(action.issue));
    if (call.identity !== 'unknown' && call.customerId !== null && this.#profile === null)
      return policies.length > 0 ? 'contact/contact-unknown' : null;
    for (const policy of policies) {
      const same = (other: CheckedAction | undefined): boolean => {
        if (other === undefined) return policy.per === 'all' && policy.issues === undefined;
        if (other.transactional || (policy.issues !== undefined && !policy.issues.includes(other.issue))) return false;
        return policy.per === 'all' || (policy.per === 'action' ? other.id === action.id : other[policy.per] === action[policy.per]);
      };
      const times = this.#history(!this.isOpen(action.id))
        .filter((one) => one.kind === policy.counts && (policy.channel ?? one.channel) === one.channel)
        .filter((one) => same(this.#revision.actions.find(({ id }) => id === one.actionId)))
        .map(({ atMs }) => atMs)
        .toSorted((a, b) => a - b);
      for (let i = policy.limit - 1; i < times.length; i++) {
        if (
          times[i]! - times[i - policy.limit + 1]! < policy.windowMs &&
          times[i]! + policy.suppressForMs > nowMs &&
          this.#isLast(times, i, policy)
        )
          return 'contact/contact-limit';
      }
    }
    return null;
  }

  /** Whether no later contact completes the limit again: the rest runs from the last one. */
  #isLast(times: readonly number[], i: number, policy: { readonly limit: number; readonly windowMs: number }): boolean {
    return !times.some((at, j) => j > i && at - times[j - policy.limit + 1]! < policy.windowMs);
  }

  #history(withOpen: boolean): readonly Interaction[] {
    const { call } = this.#in;
    const own = this.#standing.filter((one) => one.customerId === null || one.customerId === call.customerId);
    const nobody = call.identity === 'unknown' || call.customerId === null;
    const past = nobody
      ? []
      : [...(this.#profile?.history ?? []).filter((one) => !own.some((other) => alike(one, other))), ...call.contacts];
    const opened = (one: Outcome): boolean => {
      const since = this.#openSince(one.actionId);
      return since !== null && one.atMs >= since;
    };
    return [...past, ...own.filter((one) => withOpen || !opened(one))];
  }

  isOpen(actionId: string): boolean {
    return this.#openSince(actionId) !== null;
  }

  /** Walks the outcomes of one action: a showing begins when a prompt opens while none is open on that desk. */
  #showings(
    actionId: string,
  ): readonly { from: number; card: boolean; reached: boolean; rejectedAt: number | null; device: string; prompts: Set<string> }[] {
    const all: { from: number; card: boolean; reached: boolean; rejectedAt: number | null; device: string; prompts: Set<string> }[] = [];
    for (const one of this.#standing.filter((outcome) => outcome.actionId === actionId)) {
      const holding = all.find(({ prompts }) => prompts.has(one.decisionId));
      if (['offered', 'delivered', 'seen'].includes(one.kind)) {
        let showing = holding ?? all.find(({ device, prompts }) => device === one.deviceId && prompts.size > 0);
        if (showing === undefined) {
          showing = { from: one.atMs, card: false, reached: false, rejectedAt: null, device: one.deviceId, prompts: new Set() };
          all.push(showing);
        }
        showing.prompts.add(one.decisionId);
        showing.card ||= one.role === 'primary';
        showing.reached ||= one.kind !== 'offered';
      } else if (!['retracted', 'complaint', 'opt-out', 'resolved', 'churned'].includes(one.kind)) {
        if (one.kind === 'rejected' && holding !== undefined) holding.rejectedAt = one.atMs;
        holding?.prompts.delete(one.decisionId);
      }
    }
    return all;
  }

  #openSince(actionId: string): number | null {
    return this.#showings(actionId).findLast(({ device, prompts }) => prompts.size > 0 && device === this.#in.deviceId)?.from ?? null;
  }

  gate(action: CheckedAction): string | null {
    const { nowMs, speaking, silentSinceMs, heldSinceMs, trigger, level } = this.#in;
    const { pauseMs, holdAtMostMs, levels } = this.#revision.attention;
    const ids = [...new Set(this.#standing.map(({ actionId }) => actionId))];
    const cards = ids
      .filter((id) => this.#revision.actions.find((one) => one.id === id)?.mandatory !== true)
      .flatMap((id) => this.#showings(id))
      .filter(({ card, reached, prompts }) => card && (reached || prompts.size > 0));
    if (cards.length >= levels[level].capPerCall) return 'cap-reached';
    const last = cards.toSorted((a, b) => a.from - b.from).at(-1);
    const rejecting = trigger.kind === 'answer' && this.#standing.some(({ id, kind }) => id === trigger.outcomeId && kind === 'rejected');
    const after = heldSinceMs !== null && last !== undefined && last.rejectedAt !== null && last.rejectedAt <= heldSinceMs;
    if (last !== undefined && !rejecting && !after && nowMs < last.from + levels[level].gapS * 1_000) return 'gap-not-over';
    if (action.urgency === 'must') return null;
    const waited = heldSinceMs === null ? 0 : nowMs - heldSinceMs;
    if (waited >= holdAtMostMs) return null;
    if (speaking !== null) return 'someone-speaking';
    return silentSinceMs !== null && nowMs - silentSinceMs < pauseMs ? 'someone-speaking' : null;
  }

  truth(condition: Condition): Truth {
    switch (condition.op) {
      case 'literal':
        return condition.value;
      case 'not': {
        const inner = this.truth(condition.of);
        return inner === null ? null : !inner;
      }
      case 'and': {
        const parts = condition.of.map((part) => this.truth(part));
        return parts.includes(false) ? false : parts.includes(null) ? null : true;
      }
      case 'or': {
        const parts = condition.of.map((part) => this.truth(part));
        return parts.includes(true) ? true : parts.includes(null) ? null : false;
      }
      case 'has': {
        const set = this.#field(condition.path);
        if (!Array.isArray(set)) return null;
        if (set.includes(condition.value)) return true;
        return condition.path === 'call.topics' && this.#in.call.gaps.length > 0 ? null : false;
      }
      case 'said':
        if (this.#heard(condition.by, condition.phrases)) return true;
        return this.#in.call.gaps.length > 0 ? null : false;
      case 'in': {
        const value = this.#value(condition.left);
        return value === null ? null : (condition.set as readonly unknown[]).includes(value);
      }
      case 'compare': {
        const value = this.#value(condition.left) as number | null;
        const right = condition.right as number;
        if (value === null) return null;
        switch (condition.is) {
          case '<':
            return value < right;
          case '<=':
            return value <= right;
          case '==':
            return value === right;
          case '!=':
            return value !== right;
          case '>=':
            return value >= right;
          case '>':
            return value > right;
        }
      }
    }
  }

  #heard(by: string, phrases: readonly string[]): boolean {
    return this.#in.call.utterances.some(
      (one) => (by === 'anyone' || by === one.speaker) && phrases.some((phrase) => plain(one.text).includes(plain(phrase))),
    );
  }

  #value(operand: Operand): unknown {
    switch (operand.kind) {
      case 'field':
        return this.#field(operand.path);
      case 'since': {
        const at = this.#field(operand.path);
        return typeof at === 'number' ? this.#in.nowMs - at : null;
      }
      case 'count': {
        if (this.#profile === null) return null;
        const { scope } = operand;
        return this.#history(false).filter((one) => {
          if (
            one.kind !== operand.outcome ||
            (operand.channel ?? one.channel) !== one.channel ||
            one.atMs <= this.#in.nowMs - operand.windowMs
          )
            return false;
          if (scope.of === 'any') return true;
          if (scope.of === 'action') return one.actionId === scope.name;
          const { of, name } = scope;
          return this.#revision.actions.some((action) => action.id === one.actionId && action[of as 'group'] === name);
        }).length;
      }
    }
  }

  #field(path: string): unknown {
    const definition = this.#revision.fields.find((one) => one.path === path)!;
    const [root, name] = path.split('.') as [string, string];
    return fitting(
      definition,
      root === 'call' ? this.#call(name) : root === 'journey' ? this.#in.call.journeys[name] : this.#fromProfile(definition, name),
    );
  }

  #fromProfile(definition: CheckedField, name: string): unknown {
    const { call, nowMs } = this.#in;
    const newer = call.profileVersion !== null && call.profileVersion > (this.#profile?.version ?? 0);
    if (newer && call.identity !== 'unknown' && Object.hasOwn(call.fields, name)) return call.fields[name];
    if (this.#profile === null) return null;
    const age = nowMs - this.#profile.asOfMs;
    return age < -AHEAD || (definition.maxAgeHours !== undefined && age > definition.maxAgeHours * HOUR)
      ? null
      : this.#profile.fields[name];
  }

  #call(name: string): unknown {
    const { call, nowMs, speaking } = this.#in;
    const end = call.endedAtMs ?? nowMs;
    if (name === 'topics') return this.#revision.topics.filter(({ by, phrases }) => this.#heard(by, phrases)).map(({ topic }) => topic);
    if (name === 'elapsedS') return call.connectedAtMs === null ? null : Math.max(0, Math.floor((end - call.connectedAtMs) / 1_000));
    if (name === 'customerSilentS') {
      if (speaking?.by === 'customer') return 0;
      if (call.connectedAtMs === null) return null;
      const spoke = call.utterances.findLast(({ speaker }) => speaker === 'customer')?.atMs ?? 0;
      return Math.max(0, Math.floor((end - Math.max(spoke, call.connectedAtMs)) / 1_000));
    }
    return (call as unknown as Record<string, unknown>)[name];
  }
}

function fitting({ type, values = [] }: CheckedField, value: unknown): unknown {
  const ok =
    type === 'boolean'
      ? typeof value === 'boolean'
      : type === 'number'
        ? Number.isFinite(value)
        : type === 'text'
          ? typeof value === 'string' && value.isWellFormed()
          : type === 'enum'
            ? values.includes(value as string)
            : type === 'time'
              ? typeof value === 'string' && value.endsWith('Z') && !Number.isNaN(Date.parse(value))
              : Array.isArray(value) && value.every((item) => typeof item === 'string' && (values.length === 0 || values.includes(item)));
  if (!ok) return null;
  return type === 'time' ? Date.parse(value as string) : value;
}
