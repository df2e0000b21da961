/**
 * What became of the prompts of one call, from its outcomes.
 *
 * An outcome that was retracted counts as if it had not happened, so undo brings a card back. A prompt is a pair of
 * decision and action; it is open from `offered` until an outcome closes it. A card that stays on the screen keeps the
 * decision that brought it, and showing an action while it is open is no new prompt.
 *
 * The budget counts primary cards that were delivered or seen, or are still open. Must-say lines are exempt, and chips
 * ride along with a card.
 */
import type { Outcome } from '#contract/outcome.ts';
import type { ExperienceLevel } from '#contract/policy.ts';
import type { CompiledRevision } from './compile-revision.ts';

/** A snooze without a time, and the rest after a prompt that was seen and let pass. */
export const REST_MS = 120_000;

export interface OpenPrompt {
  readonly decisionId: string;
  readonly actionId: string;
  readonly treatmentId: string;
  readonly role: Outcome['role'];
  readonly shownAtMs: number;
}

export interface PromptLedger {
  readonly seen: ReadonlySet<string>;
  readonly rejected: ReadonlySet<string>;
  /** Accepted, overridden, or answered by the customer or the system of record. */
  readonly answered: ReadonlySet<string>;
  /** Until when, by action; may have passed. */
  readonly snoozed: ReadonlyMap<string, number>;
  /** Open on the given device, by action. */
  readonly open: ReadonlyMap<string, OpenPrompt>;
  /** Discretionary cards so far, on whatever device. */
  readonly used: number;
  /** When the latest of them appeared. */
  readonly lastShownAtMs: number | null;
  /** When it was rejected, if it was. */
  readonly lastRejectedAtMs: number | null;
  /** The outcomes that were not taken back, in their order. */
  readonly standing: readonly Outcome[];
}

interface Showing {
  readonly actionId: string;
  readonly shownAtMs: number;
  card: boolean;
  reached: boolean;
  rejectedAtMs: number | null;
}

interface Instance {
  readonly prompt: OpenPrompt;
  readonly deviceId: string;
  readonly showing: Showing;
}

/** Of a call in which nothing was shown yet. */
const NOTHING_SHOWN: PromptLedger = {
  seen: new Set(),
  rejected: new Set(),
  answered: new Set(),
  snoozed: new Map(),
  open: new Map(),
  used: 0,
  lastShownAtMs: null,
  lastRejectedAtMs: null,
  standing: [],
};

/** The ledger of the outcomes of one call. `open` is what `deviceId` has on its screen. */
export function promptLedger(
  compiled: Pick<CompiledRevision, 'actionIndex' | 'mandatory'>,
  outcomes: readonly Outcome[],
  deviceId: string,
): PromptLedger {
  if (outcomes.length === 0) return NOTHING_SHOWN;
  const standing = withoutRetracted(outcomes);
  const seen = new Set<string>();
  const rejected = new Set<string>();
  const answered = new Set<string>();
  const snoozed = new Map<string, number>();
  const instances = new Map<string, Instance>();
  const showings: Showing[] = [];
  const rest = (actionId: string, untilMs: number): void => {
    snoozed.set(actionId, Math.max(untilMs, snoozed.get(actionId) ?? 0));
  };
  for (const outcome of standing) {
    const { kind, actionId, atMs } = outcome;
    const key = `${outcome.decisionId} ${actionId}`;
    switch (kind) {
      case 'offered':
      case 'delivered':
      case 'seen': {
        if (kind === 'seen') seen.add(actionId);
        const instance = instances.get(key) ?? open(outcome, instances, showings);
        instances.set(key, instance);
        if (outcome.role === 'primary') instance.showing.card = true;
        if (kind !== 'offered') instance.showing.reached = true;
        break;
      }
      case 'rejected':
        rejected.add(actionId);
        noteRejection(instances.get(key)?.showing, atMs);
        instances.delete(key);
        break;
      case 'snoozed':
        rest(actionId, outcome.untilMs ?? atMs + REST_MS);
        instances.delete(key);
        break;
      case 'expired':
        if (outcome.seen === true) rest(actionId, atMs + REST_MS);
        instances.delete(key);
        break;
      case 'superseded':
      case 'withdrawn':
        instances.delete(key);
        break;
      case 'overridden':
        if (outcome.chosenActionId !== undefined) answered.add(outcome.chosenActionId);
        answered.add(actionId);
        instances.delete(key);
        break;
      case 'accepted':
      case 'acted':
      case 'not-acted':
      case 'customer-accepted':
      case 'customer-declined':
        answered.add(actionId);
        instances.delete(key);
        break;
      case 'retracted':
      case 'complaint':
      case 'opt-out':
      case 'resolved':
      case 'churned':
        break;
    }
  }
  const stillOpen = [...instances.values()];
  const isMandatory = (actionId: string): boolean => compiled.mandatory[compiled.actionIndex.get(actionId) ?? -1] === 1;
  const counted = showings.filter(
    (showing) =>
      showing.card && !isMandatory(showing.actionId) && (showing.reached || stillOpen.some((instance) => instance.showing === showing)),
  );
  let last: Showing | null = null;
  for (const showing of counted) if (last === null || showing.shownAtMs >= last.shownAtMs) last = showing;
  return {
    seen,
    rejected,
    answered,
    snoozed,
    open: new Map(stillOpen.filter((instance) => instance.deviceId === deviceId).map(({ prompt }) => [prompt.actionId, prompt])),
    used: counted.length,
    lastShownAtMs: last?.shownAtMs ?? null,
    lastRejectedAtMs: last?.rejectedAtMs ?? null,
    standing,
  };
}

/** What is left of the cap on discretionary cards. */
export function promptBudget(
  compiled: CompiledRevision,
  ledger: PromptLedger,
  level: ExperienceLevel,
): { readonly used: number; readonly cap: number } {
  return { used: ledger.used, cap: compiled.revision.attention.levels[level].capPerCall };
}

function noteRejection(showing: Showing | undefined, rejectedAtMs: number): void {
  if (showing !== undefined) showing.rejectedAtMs = rejectedAtMs;
}

function open(outcome: Outcome, instances: ReadonlyMap<string, Instance>, showings: Showing[]): Instance {
  const { decisionId, actionId, treatmentId, role, atMs, deviceId } = outcome;
  const other = [...instances.values()].find((instance) => instance.prompt.actionId === actionId && instance.deviceId === deviceId);
  let showing = other?.showing;
  if (showing === undefined) {
    showing = { actionId, shownAtMs: atMs, card: false, reached: false, rejectedAtMs: null };
    showings.push(showing);
  }
  return { prompt: { decisionId, actionId, treatmentId, role, shownAtMs: showing.shownAtMs }, deviceId, showing };
}

/** Outcomes without those that were taken back; a retraction that was itself retracted takes nothing back. */
export function withoutRetracted(outcomes: readonly Outcome[]): readonly Outcome[] {
  const retracted = new Set<string>();
  const seen = new Set<string>();
  for (const outcome of outcomes.toReversed()) {
    if (outcome.kind === 'retracted' && outcome.retracts !== undefined && !retracted.has(outcome.id)) retracted.add(outcome.retracts);
  }
  return outcomes.filter((outcome) => {
    if (retracted.has(outcome.id) || seen.has(outcome.id)) return false;
    seen.add(outcome.id);
    return true;
  });
}
