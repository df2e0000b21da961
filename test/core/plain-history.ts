/** What was done on a call and before it, told as plainly as it can be: which outcomes stand, which prompts are on the screen. */
import type { DecisionInputs } from '#contract/decision.ts';
import type { Outcome } from '#contract/outcome.ts';
import type { Interaction, ProfileSlice } from '#contract/profile.ts';

/** One appearance of a prompt on one desk, from its opening to its end. */
interface Showing {
  readonly from: number;
  readonly device: string;
  readonly prompts: Set<string>;
  card: boolean;
  reached: boolean;
  rejectedAt: number | null;
}

const OPENING = new Set<string>(['offered', 'delivered', 'seen']);
const INDIFFERENT = new Set<string>(['retracted', 'complaint', 'opt-out', 'resolved', 'churned']);
const ANSWERS = new Set<string>(['accepted', 'overridden', 'acted', 'not-acted', 'customer-accepted', 'customer-declined']);
const REST_MS = 120_000;

export class PlainHistory {
  readonly standing: readonly Outcome[];
  readonly #in: DecisionInputs;

  constructor(inputs: DecisionInputs) {
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
    this.standing = standing;
  }

  get identified(): boolean {
    return this.#in.call.identity !== 'unknown' && this.#in.call.customerId !== null;
  }

  get profile(): ProfileSlice | null {
    const { call, profile } = this.#in;
    return profile !== null && profile.customerId === call.customerId && call.identity !== 'unknown' ? profile : null;
  }

  /** Everything there is to count; `withOpen` = also what belongs to a prompt that is on the screen now. */
  past(withOpen: boolean): readonly Interaction[] {
    const { call } = this.#in;
    const own = this.standing.filter((one) => one.customerId === null || one.customerId === call.customerId);
    const before = this.identified
      ? [...(this.profile?.history ?? []).filter((one) => !own.some((other) => alike(one, other))), ...call.contacts]
      : [];
    const opened = (one: Outcome): boolean => {
      const since = this.openSince(one.actionId);
      return since !== null && one.atMs >= since;
    };
    return [...before, ...own.filter((one) => withOpen || !opened(one))];
  }

  openSince(actionId: string): number | null {
    return this.showings(actionId).findLast(({ device, prompts }) => prompts.size > 0 && device === this.#in.deviceId)?.from ?? null;
  }

  /** Walks the outcomes of one action: a showing begins when a prompt opens while none is open on that desk. */
  showings(actionId: string): readonly Showing[] {
    const all: Showing[] = [];
    for (const one of this.standing.filter((outcome) => outcome.actionId === actionId)) {
      const holding = all.find(({ prompts }) => prompts.has(one.decisionId));
      if (OPENING.has(one.kind)) {
        let showing = holding ?? all.find(({ device, prompts }) => device === one.deviceId && prompts.size > 0);
        if (showing === undefined) {
          showing = { from: one.atMs, card: false, reached: false, rejectedAt: null, device: one.deviceId, prompts: new Set() };
          all.push(showing);
        }
        showing.prompts.add(one.decisionId);
        showing.card ||= one.role === 'primary';
        showing.reached ||= one.kind !== 'offered';
      } else if (!INDIFFERENT.has(one.kind)) {
        if (one.kind === 'rejected' && holding !== undefined) holding.rejectedAt = one.atMs;
        holding?.prompts.delete(one.decisionId);
      }
    }
    return all;
  }

  /** Why an action is not asked about again on this call; null when it may be. */
  answered(actionId: string): 'rejected-in-call' | 'answered-in-call' | 'snoozed' | null {
    const mine = this.standing.filter((one) => one.actionId === actionId);
    if (mine.some(({ kind }) => kind === 'rejected')) return 'rejected-in-call';
    const chosen = this.standing.some((one) => one.kind === 'overridden' && one.chosenActionId === actionId);
    if (chosen || mine.some(({ kind }) => ANSWERS.has(kind))) return 'answered-in-call';
    const rests = mine.some(
      ({ kind, atMs, untilMs, seen }) =>
        (kind === 'snoozed' && (untilMs ?? atMs + REST_MS) > this.#in.nowMs) ||
        (kind === 'expired' && seen === true && atMs + REST_MS > this.#in.nowMs),
    );
    return rests ? 'snoozed' : null;
  }
}

const alike = (one: Interaction, other: Interaction): boolean =>
  one.kind === other.kind && one.channel === other.channel && one.atMs === other.atMs && one.actionId === other.actionId;
