/** From everything a decision is given to what its stages read. */
import { at } from './at.ts';
import type { DecisionInputs } from '#contract/decision.ts';
import { armOf, heldOut, isChallenged, isControl } from './assignment.ts';
import type { CompiledRevision } from './compile-revision.ts';
import type { Outcome } from '#contract/outcome.ts';
import { eventsMissing } from './call-reducer.ts';
import type { CompiledModel } from './compile-model.ts';
import { basisOf } from './consent-basis.ts';
import { usedNow, useTurnsAtMs } from './constraint-use.ts';
import { ContactHistories, countWithin, type HistoryIndex } from './contact-history.ts';
import type { DecisionFacts, FieldFact } from './facts.ts';
import { FieldReader } from './field-reader.ts';
import { customerSpokeAtMs, knownProfile } from './field-values.ts';
import { type PromptLedger, promptLedger } from './prompt-ledger.ts';
import { SpeechReader } from './speech-read.ts';
import { type UnderstoodProfile, UnderstoodProfiles } from './understood-profiles.ts';

/** Freshness, windows and validity that end later than this do not set a moment to look again: something else will have come. */
const FORESEEN_MS = 3_600_000;
const HOUR_MS = 3_600_000;

/** Reads facts for one revision. What it has understood of a profile, a history or a call's outcomes it keeps for the next decision. */
export class FactReader {
  readonly #compiled: CompiledRevision;
  readonly #fields: FieldReader;
  readonly #histories: ContactHistories;
  readonly #speech = new SpeechReader();
  /** Slots of counts, with their windows. */
  readonly #windowsMs: readonly number[];
  readonly #ageing: readonly number[];
  /** Those of the facts that are as long as the revision says are filled again and again. */
  readonly #usedValues: FieldFact[];
  readonly #counts: (number | null)[];
  readonly #basis: number[];
  readonly #usage: (number | null)[];
  readonly #profiles: UnderstoodProfiles;
  #profile: UnderstoodProfile | null = null;
  #ledger: {
    readonly outcomes: readonly Outcome[];
    readonly length: number;
    readonly callId: string;
    readonly deviceId: string;
    readonly ledger: PromptLedger;
  } | null = null;

  constructor(compiled: CompiledRevision) {
    const { revision, slots, usedFields } = compiled;
    this.#compiled = compiled;
    this.#fields = new FieldReader(revision);
    this.#histories = new ContactHistories(compiled);
    this.#windowsMs = slots.slots.flatMap((slot) => (slot.kind === 'count' ? [slot.operand.windowMs] : []));
    this.#ageing = usedFields.filter((field) => at(revision.fields, field).maxAgeHours !== undefined);
    this.#usedValues = usedFields.map(() => null);
    this.#counts = this.#windowsMs.map(() => null);
    this.#basis = revision.purposes.map(() => -1);
    this.#usage = revision.constraints.map(() => null);
    this.#profiles = new UnderstoodProfiles(compiled);
  }

  /** Values of all fields of the catalogue, by index, as of the last `read`. */
  get values(): readonly FieldFact[] {
    return this.#fields.values;
  }

  /** The profile that the facts' fields of a profile are as of the last `read`; null where age or the call made one of them another. */
  get profile(): UnderstoodProfile | null {
    return this.#profile;
  }

  /** Valid until the next `read`. */
  read(inputs: DecisionInputs, model: CompiledModel | null): DecisionFacts {
    const { revision, usedFields, fieldsOfPurpose, finder } = this.#compiled;
    const { call, nowMs } = inputs;
    const heard = finder.hear(call.utterances);
    const speech = this.#speech.read(call);
    const values = this.#fields.read(inputs, heard, speech);
    const ledger = this.#ledgerOf(inputs);
    const { known, index } = this.#histories.of(inputs, ledger);
    const later = new Soonest(nowMs);
    for (let purpose = 0; purpose < this.#basis.length; purpose++) {
      const { stop, endsAtMs } = basisOf(at(revision.purposes, purpose), inputs);
      this.#basis[purpose] = stop;
      later.consider(endsAtMs);
      if (stop >= 0) this.#fields.leaveOut(fieldsOfPurpose[purpose] as Int32Array);
    }
    for (let i = 0; i < usedFields.length; i++) this.#usedValues[i] = values[usedFields[i] as number] as FieldFact;
    const { unchanged } = this.#fields;
    this.#profile = unchanged === null ? null : this.#profiles.of(unchanged, this.#usedValues);
    this.#count(known === 'known' ? index : null, nowMs, later);
    for (const [number, constraint] of revision.constraints.entries()) {
      this.#usage[number] = usedNow(constraint, inputs.usage, nowMs);
      later.consider(useTurnsAtMs(constraint, inputs.usage, nowMs));
    }
    this.#considerTime(inputs, values, later);
    const offlineMs = nowMs - inputs.centralHeardAtMs;
    if (offlineMs <= revision.usableOfflineMs) later.consider(inputs.centralHeardAtMs + revision.usableOfflineMs + 1);
    return {
      level: inputs.level,
      channel: inputs.channel,
      language: inputs.language,
      phase: call.phase,
      capturePaused: call.capturePaused,
      quiet: inputs.quiet,
      speaking: inputs.speaking !== null,
      silentSinceMs: inputs.silentSinceMs,
      heldSinceMs: inputs.heldSinceMs,
      revisionExpired: offlineMs > revision.usableOfflineMs,
      excluded: this.#excluded(inputs),
      eventsMissing: eventsMissing(call),
      fields: this.#usedValues,
      modelFields: model?.extraFields.map((field) => values[field] ?? null) ?? NOTHING,
      counts: this.#counts,
      said: heard.length === 0 ? NOTHING : heard.map(({ list, phrase, atMs }) => [list, phrase, atMs] as const),
      understoodBy: call.understoodBy,
      unread: speech.unread,
      basis: this.#basis,
      history: known,
      contact: restingAt(index, nowMs, later),
      influence: known === 'unknown' ? NOTHING : this.#influence(index, nowMs),
      usage: this.#usage,
      control: isControl(revision, inputs),
      arm: revision.experiment === undefined ? 'nba' : armOf(revision.experiment, inputs),
      challenged: isChallenged(revision, inputs),
      heldOut: revision.holdouts === undefined ? NOTHING : (heldOut(revision.holdouts, inputs) ?? NOTHING),
      rejected: this.#indices(ledger.rejected),
      answered: this.#indices(ledger.answered),
      snoozed: ledger.snoozed.size === 0 ? NOTHING : this.#pairs([...ledger.snoozed].filter(([, untilMs]) => untilMs > nowMs)),
      open: ledger.open.size === 0 ? NOTHING : this.#pairs([...ledger.open].map(([id, { shownAtMs }]) => [id, shownAtMs] as const)),
      used: ledger.used,
      lastShownAtMs: ledger.lastShownAtMs,
      gapWaived: gapWaived(inputs, ledger),
      laterAtMs: later.atMs,
    };
  }

  /** Outcomes are only ever added to a call's list. */
  #ledgerOf({ outcomes, call, deviceId }: DecisionInputs): PromptLedger {
    const last = this.#ledger;
    if (last?.outcomes === outcomes && last.length === outcomes.length && last.callId === call.callId && last.deviceId === deviceId) {
      return last.ledger;
    }
    const own = outcomes.filter((outcome) => outcome.callId === call.callId);
    const ledger = promptLedger(this.#compiled, own, deviceId);
    this.#ledger = { outcomes, length: outcomes.length, callId: call.callId, deviceId, ledger };
    return ledger;
  }

  /** A count needs a known history. */
  #count(index: HistoryIndex | null, nowMs: number, later: Soonest): void {
    for (let i = 0; i < this.#counts.length; i++) {
      if (index === null) {
        this.#counts[i] = null;
        continue;
      }
      const { value, fallsAtMs } = countWithin(at(index.counts, i), this.#windowsMs[i] as number, nowMs);
      this.#counts[i] = value;
      later.consider(fallsAtMs);
    }
  }

  #excluded({ excluded, channel, nowMs }: DecisionInputs): readonly number[] {
    const { exclusions } = this.#compiled.revision;
    if (excluded.length === 0 && exclusions.length === 0) return NOTHING;
    const own = exclusions.filter((exclusion) => nowMs < exclusion.untilMs && (exclusion.channel ?? channel) === channel);
    return [...new Set([...this.#indices(excluded), ...own.map(({ action }) => action)])].toSorted((a, b) => a - b);
  }

  /** Fades evenly from the full weight at once to nothing at the end of its time. */
  #influence({ influences }: HistoryIndex, nowMs: number): DecisionFacts['influence'] {
    if (influences.length === 0) return NOTHING;
    return influences.flatMap(({ action, lastMs }) => {
      let percent = 0;
      for (const [entry, { weight, overMs }] of at(this.#compiled.revision.actions, action).influence.entries()) {
        const ageMs = Math.max(0, nowMs - (lastMs[entry] as number));
        if (ageMs < overMs) percent += weight * (1 - ageMs / overMs);
      }
      return percent === 0 ? [] : [[action, percent] as const];
    });
  }

  #indices(ids: Iterable<string>): readonly number[] {
    let found: number[] | null = null;
    for (const id of ids) {
      const action = this.#compiled.actionIndex.get(id);
      if (action !== undefined) (found ??= []).push(action);
    }
    return found === null ? NOTHING : [...new Set(found)].toSorted((a, b) => a - b);
  }

  #pairs(entries: readonly (readonly [string, number])[]): readonly (readonly [number, number])[] {
    return entries
      .flatMap(([id, atMs]) => {
        const action = this.#compiled.actionIndex.get(id);
        return action === undefined ? [] : [[action, atMs] as const];
      })
      .toSorted((a, b) => a[0] - b[0]);
  }

  /** When a fact turns by time alone. */
  #considerTime(inputs: DecisionInputs, values: readonly FieldFact[], later: Soonest): void {
    const { revision, validityMs, sinceTurns } = this.#compiled;
    later.consider(firstAfter(validityMs, inputs.nowMs));
    const profile = this.#ageing.length === 0 ? null : knownProfile(inputs.call, inputs.profile);
    if (profile !== null) {
      for (const field of this.#ageing) later.consider(profile.asOfMs + (at(revision.fields, field).maxAgeHours ?? 0) * HOUR_MS + 1);
    }
    considerSeconds(this.#compiled, inputs, later);
    for (const { field, points } of sinceTurns) {
      const atMs = values[field];
      const turn = typeof atMs === 'number' ? firstAfter(points, inputs.nowMs - atMs) : null;
      if (typeof atMs === 'number' && turn !== null) later.consider(atMs + turn);
    }
  }
}

const NOTHING: readonly never[] = [];

/** The units that rest now. A rest that only the prompts on the screen brought about spares those; from when on, time alone tells. */
function restingAt({ rests }: HistoryIndex, nowMs: number, later: Soonest): DecisionFacts['contact'] {
  let resting: DecisionFacts['contact'][number][] | null = null;
  for (const { policy, unit, untilMs, withoutOpenUntilMs } of rests) {
    if (untilMs <= nowMs) continue;
    (resting ??= []).push([policy, unit, untilMs, withoutOpenUntilMs > nowMs ? 0 : 1]);
    if (withoutOpenUntilMs < untilMs) later.consider(withoutOpenUntilMs);
  }
  return resting ?? NOTHING;
}

/** The first of ascending numbers above `value`; null where there is none. */
function firstAfter(ascending: readonly number[], value: number): number | null {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] as number) > value) high = middle;
    else low = middle + 1;
  }
  return ascending[low] ?? null;
}

class Soonest {
  readonly #nowMs: number;
  #atMs: number | null = null;

  constructor(nowMs: number) {
    this.#nowMs = nowMs;
  }

  get atMs(): number | null {
    return this.#atMs;
  }

  consider(atMs: number | null): void {
    if (atMs === null || atMs <= this.#nowMs || atMs > this.#nowMs + FORESEEN_MS) return;
    if (this.#atMs === null || atMs < this.#atMs) this.#atMs = atMs;
  }
}

/**
 * The decision that follows a rejection need not wait for the gap. If it had to wait for a pause in speech, the decision
 * after the pause is still that one.
 */
function gapWaived({ trigger, heldSinceMs }: DecisionInputs, ledger: PromptLedger): boolean {
  if (trigger.kind === 'answer' && ledger.standing.some(({ id, kind }) => id === trigger.outcomeId && kind === 'rejected')) return true;
  return heldSinceMs !== null && ledger.lastRejectedAtMs !== null && ledger.lastRejectedAtMs <= heldSinceMs;
}

/** The next whole second at which a condition on the call's own clocks can turn. */
function considerSeconds({ secondTurns }: CompiledRevision, { call, nowMs, speaking }: DecisionInputs, later: Soonest): void {
  if (call.endedAtMs !== null || call.connectedAtMs === null) return;
  considerTurn(secondTurns.elapsed, call.connectedAtMs, nowMs, later);
  if (secondTurns.customerSilent.length === 0 || speaking?.by === 'customer') return;
  const spokeAtMs = customerSpokeAtMs(call);
  if (spokeAtMs !== null) considerTurn(secondTurns.customerSilent, spokeAtMs, nowMs, later);
}

function considerTurn(points: readonly number[], startMs: number, nowMs: number, later: Soonest): void {
  const turn = firstAfter(points, Math.max(0, Math.floor((nowMs - startMs) / 1_000)));
  if (turn !== null) later.consider(startMs + turn * 1_000);
}
