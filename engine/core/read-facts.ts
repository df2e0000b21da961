/** From everything a decision is given to what its stages read. */
import { at } from './at.ts';
import type { DecisionInputs } from '#contract/decision.ts';
import type { CompiledRevision } from './compile-revision.ts';
import { basisEndsAtMs, basisOf } from './consent-basis.ts';
import { contactHistory, countContacts, suppressions } from './contact-history.ts';
import { eventsMissing } from './call-reducer.ts';
import type { DecisionFacts, FieldFact } from './facts.ts';
import { customerSpokeAtMs, knownProfile, readFields } from './field-values.ts';
import { type PromptLedger, promptLedger } from './prompt-ledger.ts';

/** Freshness, windows and validity that end later than this do not set a moment to look again: something else will have come. */
const FORESEEN_MS = 3_600_000;
const HOUR_MS = 3_600_000;

export interface ReadFacts {
  readonly facts: DecisionFacts;
  /** Values of all fields of the catalogue, for features. */
  readonly values: readonly FieldFact[];
}

export function readFacts(compiled: CompiledRevision, inputs: DecisionInputs): ReadFacts {
  const { revision, slots } = compiled;
  const { call, nowMs } = inputs;
  const heard = compiled.finder.hear(call.utterances);
  const values = readFields(revision, inputs, heard);
  const ledger = promptLedger(
    compiled,
    inputs.outcomes.filter((outcome) => outcome.callId === call.callId),
    inputs.deviceId,
  );
  const history = contactHistory(inputs, ledger);
  const later = new Soonest(nowMs);
  const counts: (number | null)[] = [];
  for (const slot of slots.slots) {
    if (slot.kind !== 'count') continue;
    const { value, fallsAtMs } = countContacts(compiled, history, slot.operand, nowMs);
    counts.push(value);
    later.consider(fallsAtMs);
  }
  for (const purpose of revision.purposes) later.consider(basisEndsAtMs(purpose, inputs));
  for (const atMs of compiled.validityMs) later.consider(atMs);
  considerFreshness(compiled, inputs, later);
  considerSeconds(compiled, inputs, later);
  considerSince(compiled, values, nowMs, later);
  const offlineMs = nowMs - inputs.centralHeardAtMs;
  if (offlineMs <= revision.usableOfflineMs) later.consider(inputs.centralHeardAtMs + revision.usableOfflineMs + 1);
  const indices = (ids: Iterable<string>): number[] =>
    [...ids].flatMap((id) => compiled.actionIndex.get(id) ?? []).toSorted((a, b) => a - b);
  const facts: DecisionFacts = {
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
    excluded: indices(new Set(inputs.excluded)),
    eventsMissing: eventsMissing(call),
    fields: compiled.usedFields.map((field) => values[field] ?? null),
    counts,
    said: heard.map(({ list, phrase, atMs }) => [list, phrase, atMs] as const),
    basis: revision.purposes.map((purpose) => basisOf(purpose, inputs)),
    history: history.known,
    contact: suppressions(compiled, history, nowMs),
    rejected: indices(ledger.rejected),
    answered: indices(ledger.answered),
    snoozed: pairs(
      compiled,
      [...ledger.snoozed].filter(([, untilMs]) => untilMs > nowMs),
    ),
    open: pairs(
      compiled,
      [...ledger.open].map(([id, { shownAtMs }]) => [id, shownAtMs] as const),
    ),
    used: ledger.used,
    lastShownAtMs: ledger.lastShownAtMs,
    gapWaived: gapWaived(inputs, ledger),
    laterAtMs: later.atMs,
  };
  return { facts, values };
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

function pairs({ actionIndex }: CompiledRevision, entries: readonly (readonly [string, number])[]): readonly (readonly [number, number])[] {
  return entries
    .flatMap(([id, atMs]) => {
      const action = actionIndex.get(id);
      return action === undefined ? [] : [[action, atMs] as const];
    })
    .toSorted((a, b) => a[0] - b[0]);
}

/**
 * The decision that follows a rejection need not wait for the gap. If it had to wait for a pause in speech, the decision
 * after the pause is still that one.
 */
function gapWaived({ trigger, heldSinceMs }: DecisionInputs, ledger: PromptLedger): boolean {
  if (trigger.kind === 'answer' && ledger.standing.some(({ id, kind }) => id === trigger.outcomeId && kind === 'rejected')) return true;
  return heldSinceMs !== null && ledger.lastRejectedAtMs !== null && ledger.lastRejectedAtMs <= heldSinceMs;
}

/** Fields of the profile that turn stale. */
function considerFreshness({ revision, usedFields }: CompiledRevision, inputs: DecisionInputs, later: Soonest): void {
  const profile = knownProfile(inputs.call, inputs.profile);
  if (profile === null) return;
  for (const index of usedFields) {
    const { maxAgeHours } = at(revision.fields, index);
    if (maxAgeHours !== undefined) later.consider(profile.asOfMs + maxAgeHours * HOUR_MS + 1);
  }
}

/** The next whole second at which a condition on the call's own clocks can turn. */
function considerSeconds(compiled: CompiledRevision, { call, nowMs, speaking }: DecisionInputs, later: Soonest): void {
  if (call.endedAtMs !== null || call.connectedAtMs === null) return;
  const starts: Readonly<Record<string, number | null>> = {
    'call.elapsedS': call.connectedAtMs,
    'call.customerSilentS': speaking?.by === 'customer' ? null : customerSpokeAtMs(call),
  };
  for (const [path, startMs] of Object.entries(starts)) {
    if (startMs === null) continue;
    const seconds = Math.max(0, Math.floor((nowMs - startMs) / 1_000));
    const turn = compiled.turningPoints('field', path).find((point) => point > seconds);
    if (turn !== undefined) later.consider(startMs + turn * 1_000);
  }
}

/** The next millisecond at which a condition on the time since a field can turn. */
function considerSince(
  { slots, revision, turningPoints }: CompiledRevision,
  values: readonly FieldFact[],
  nowMs: number,
  later: Soonest,
): void {
  for (const slot of slots.slots) {
    if (slot.kind !== 'since') continue;
    const atMs = values[slot.field];
    if (typeof atMs !== 'number') continue;
    const turn = turningPoints('since', at(revision.fields, slot.field).path).find((point) => atMs + point > nowMs);
    if (turn !== undefined) later.consider(atMs + turn);
  }
}
