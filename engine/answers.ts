/**
 * What the agent does with a card: each answer is an outcome, saved before it is said to be. Every method runs inside a
 * turn, is harmless when repeated, and says no with a closed reason and what can be done about it.
 */
import type { ApprovalStanding } from '#contract/approval.ts';
import type { Answer, Saved } from '#contract/ipc.ts';
import type { Outcome } from '#contract/outcome.ts';
import type { RejectReason } from '#contract/policy.ts';
import type { Clock } from '#ports/clock.ts';
import type { CallDesk, Card } from './call-desk.ts';
import { cardKey } from './call-desk.ts';
import type { Calls } from './calls.ts';
import { redact } from '#core';
import type { DecisionLoop } from './decision-loop.ts';
import type { Extras, OutcomeMaker } from './outcome-maker.ts';
import type { RevisionKeeper } from './revision-keeper.ts';

/** How long an answer can be taken back. */
export const UNDO_MS = 5_000;
/** How long an accepted card waits in the window for the system of record. */
const REQUEST_SHOWN_MS = 30_000;

const ANSWERS: ReadonlySet<Outcome['kind']> = new Set(['accepted', 'rejected', 'snoozed', 'overridden']);
const NO_LONGER_OPEN: ReadonlySet<Outcome['kind']> = new Set(['expired', 'withdrawn', 'superseded']);

type Refused = Extract<Saved, { saved: false }>;

const DETAILS: Readonly<Record<Exclude<Refused['reason'], 'not-stored' | 'engine-away'>, string>> = {
  'no-such-prompt': 'This suggestion is not known here. Nothing was saved.',
  'already-answered': 'This suggestion has another answer already. Take that back first.',
  expired: 'Its time was over. Nothing was saved; it comes again if it still fits.',
  'no-longer-permitted': 'It may no longer be offered to this customer. Do not act on it.',
  'needs-central':
    'A second person has to decide this, and you signed in without central. Nothing was saved; answer it when it is connected again.',
  'call-ended': 'The call is over or no longer yours. Nothing was saved.',
};

const refuse = (reason: keyof typeof DETAILS): Refused => ({ saved: false, reason, detail: DETAILS[reason] });

export interface AnswersOptions {
  readonly calls: Calls;
  readonly clock: Clock;
  readonly keeper: RevisionKeeper;
  readonly loop: DecisionLoop;
  readonly outcomes: OutcomeMaker;
  readonly at: (atMs: number, call: CallDesk, turn: () => void) => () => void;
  /** Decides again after the answer was given, in a turn of its own. */
  readonly decideAfter: (call: CallDesk, outcomeId: string) => void;
  readonly onCards: (call: CallDesk) => void;
  /** Signed in without central: what the agent may do is what was last heard. */
  readonly isOffline: () => boolean;
  /** In words, why the store did not take the last write. */
  readonly storeTrouble: () => string;
}

export class Answers {
  readonly #o: AnswersOptions;

  constructor(options: AnswersOptions) {
    this.#o = options;
  }

  answer(decisionId: string, actionId: string, answer: Answer): Saved {
    const call = this.#callOf(decisionId, actionId);
    if (call === null) return refuse('no-such-prompt');
    const given = this.#standing(call, decisionId, actionId);
    const before = given.findLast(({ kind }) => ANSWERS.has(kind));
    if (before !== undefined) {
      return before.kind === answer.kind ? { saved: true, outcomeId: before.id } : refuse('already-answered');
    }
    if (call.isOver) return refuse('call-ended');
    const card = call.cards.get(cardKey(decisionId, actionId));
    if (card === undefined) return refuse(this.#whyGone(given));
    const nowMs = this.#o.clock.nowMs();
    if (nowMs >= card.view.expiresAtMs) return refuse('expired');
    const extras = this.#extras(answer, nowMs);
    if (extras === null) return refuse('no-such-prompt');
    const chosen = answer.kind === 'overridden' ? answer.chosenActionId : actionId;
    if ((answer.kind === 'accepted' || answer.kind === 'overridden') && !this.#o.loop.isPermitted(call, chosen))
      return refuse('no-longer-permitted');
    if ((answer.kind === 'accepted' || answer.kind === 'overridden') && this.#o.isOffline() && this.#isSignificant(chosen))
      return refuse('needs-central');
    const outcome = this.#o.outcomes.make(answer.kind, call, card.view, nowMs, extras);
    if (!this.#o.loop.write(call, [outcome])) return this.#notStored();
    this.#close(call, card, answer.kind, outcome.value);
    this.#o.decideAfter(call, outcome.value.id);
    return { saved: true, outcomeId: outcome.value.id };
  }

  /** The reason of a rejection, given afterwards: the rejection is taken back and given again with its reason, in one write. */
  reason(outcomeId: string, reason: RejectReason): Saved {
    const found = this.#outcome(outcomeId);
    if (found === null || found.outcome.kind !== 'rejected') return refuse('no-such-prompt');
    const { call, outcome } = found;
    const standing = this.#standing(call, outcome.decisionId, outcome.actionId);
    const current = standing.findLast(({ kind }) => kind === 'rejected');
    if (current === undefined) return refuse('no-such-prompt');
    if (current.reason !== undefined) {
      return current.reason === reason ? { saved: true, outcomeId: current.id } : refuse('already-answered');
    }
    const nowMs = this.#o.clock.nowMs();
    const back = this.#o.outcomes.make('retracted', call, outcome, nowMs, { retracts: current.id });
    const again = this.#o.outcomes.make('rejected', call, outcome, current.atMs, { reason });
    if (!this.#o.loop.write(call, [back, again])) return this.#notStored();
    const card = call.cards.get(cardKey(outcome.decisionId, outcome.actionId));
    if (card !== undefined) card.view = { ...card.view, outcomeId: again.value.id };
    this.#o.onCards(call);
    return { saved: true, outcomeId: again.value.id };
  }

  undo(outcomeId: string): Saved {
    const found = this.#outcome(outcomeId);
    if (found === null || !ANSWERS.has(found.outcome.kind)) return refuse('no-such-prompt');
    const { call, outcome } = found;
    const before = call.outcomes.find(({ kind, retracts }) => kind === 'retracted' && retracts === outcomeId);
    if (before !== undefined) return { saved: true, outcomeId: before.id };
    if (call.isOver) return refuse('call-ended');
    const nowMs = this.#o.clock.nowMs();
    if (nowMs > outcome.atMs + UNDO_MS) return refuse('expired');
    const back = this.#o.outcomes.make('retracted', call, outcome, nowMs, { retracts: outcomeId });
    if (!this.#o.loop.write(call, [back])) return this.#notStored();
    const card = call.cards.get(cardKey(outcome.decisionId, outcome.actionId));
    if (card !== undefined) this.#reopen(call, card, nowMs);
    this.#o.decideAfter(call, back.value.id);
    return { saved: true, outcomeId: back.value.id };
  }

  /** On screen in the frame after commit. The card the first time. */
  painted(decisionId: string, actionId: string): Card | null {
    return this.#note('delivered', decisionId, actionId);
  }

  /** Visible for at least 300 ms. */
  seen(decisionId: string, actionId: string): void {
    this.#note('seen', decisionId, actionId);
  }

  /** What the system of record did with an accepted action. */
  request(call: CallDesk, outcomeId: string, result: 'requested' | 'acted' | 'failed' | 'expired', detail: string | null): void {
    const card = [...call.cards.values()].find(({ view }) => view.outcomeId === outcomeId);
    if (card === undefined || card.view.request === null) return;
    // What another person decides is at central, and waits there.
    if (result === 'requested' && (card.view.request !== 'waiting' || card.view.significant)) return;
    card.view = { ...card.view, request: result, requestDetail: detail };
    if (result !== 'requested') this.#linger(call, card, Math.max(card.view.undoUntilMs ?? 0, this.#o.clock.nowMs() + UNDO_MS));
    this.#o.onCards(call);
  }

  /** How a second person's decision stands; false where nothing of it is new here. */
  approval(
    call: CallDesk,
    { approvalId, outcomeId, state, withName, deadlineAtMs, expiresAtMs, question, atMs }: ApprovalStanding,
  ): boolean {
    const card = [...call.cards.values()].find(({ view }) => view.outcomeId === outcomeId);
    // What came of it is said by the answer: this is only about the waiting.
    // And of what was changed there is a new request.
    if (card === undefined || (card.view.request !== 'waiting' && card.view.request !== 'requested') || state === 'changed') return false;
    const before = card.view.approval;
    if (before !== undefined && before.atMs > atMs) return false;
    // A rule of central's may have made it wait that nothing here knew of.
    const request = state === 'executed' ? 'requested' : 'waiting';
    card.view = { ...card.view, request, approval: { approvalId, state, withName, deadlineAtMs, question, atMs } };
    this.#linger(call, card, expiresAtMs + REQUEST_SHOWN_MS);
    this.#o.onCards(call);
    return true;
  }

  /** The card the first time, else null. */
  #note(kind: 'delivered' | 'seen', decisionId: string, actionId: string): Card | null {
    const call = this.#callOf(decisionId, actionId);
    const card = call?.cards.get(cardKey(decisionId, actionId));
    if (!call || card === undefined || card.view.state !== 'open' || (kind === 'seen' ? card.isSeen : card.isPainted)) return null;
    if (!this.#o.loop.write(call, [this.#o.outcomes.make(kind, call, card.view, this.#o.clock.nowMs())])) return null;
    if (kind === 'seen') card.isSeen = true;
    else card.isPainted = true;
    this.#o.onCards(call);
    return card;
  }

  #extras(answer: Answer, nowMs: number): Extras | null {
    switch (answer.kind) {
      case 'accepted':
      case 'rejected':
        return {};
      case 'snoozed':
        return { untilMs: nowMs + answer.forMs };
      case 'overridden': {
        const { chosenActionId, reason, note } = answer;
        if (!this.#o.keeper.current?.actionIndex.has(chosenActionId)) return null;
        return {
          chosenActionId,
          ...(reason === undefined ? {} : { reason }),
          ...(note === undefined ? {} : { note: redact(note).text }),
        };
      }
    }
  }

  #isSignificant(actionId: string): boolean {
    const { current } = this.#o.keeper;
    return current?.revision.actions[current.actionIndex.get(actionId) ?? -1]?.significant ?? true;
  }

  #close(call: CallDesk, card: Card, kind: Answer['kind'], { id, atMs }: Outcome): void {
    const { current } = this.#o.keeper;
    const action = current?.revision.actions[current.actionIndex.get(card.view.actionId) ?? -1];
    const isRequest = kind === 'accepted' && action?.request !== undefined;
    card.view = { ...card.view, state: kind, outcomeId: id, undoUntilMs: atMs + UNDO_MS, request: isRequest ? 'waiting' : null };
    // What another person decides waits until they have, or the call is over: without central too.
    if (isRequest && card.view.significant) card.cancelTimer();
    else this.#linger(call, card, atMs + (isRequest ? REQUEST_SHOWN_MS : UNDO_MS));
    this.#o.onCards(call);
  }

  #reopen(call: CallDesk, card: Card, nowMs: number): void {
    card.view = {
      ...card.view,
      state: 'open',
      outcomeId: null,
      undoUntilMs: null,
      request: null,
      requestDetail: null,
      expiresAtMs: Math.max(card.view.expiresAtMs, nowMs + UNDO_MS),
    };
    this.#o.loop.armExpiry(call, card);
    this.#o.onCards(call);
  }

  /** An answered card leaves the window when it can no longer be taken back and nothing more is to be told of it. */
  #linger(call: CallDesk, card: Card, untilMs: number): void {
    card.cancelTimer();
    card.cancelTimer = this.#o.at(untilMs, call, () => {
      call.cards.delete(cardKey(card.view.decisionId, card.view.actionId));
      this.#o.onCards(call);
    });
  }

  #callOf(decisionId: string, actionId: string): CallDesk | null {
    const isOf = (outcome: Outcome): boolean => outcome.decisionId === decisionId && outcome.actionId === actionId;
    return this.#o.calls.recent.find((call) => call.cards.has(cardKey(decisionId, actionId)) || call.outcomes.some(isOf)) ?? null;
  }

  #outcome(outcomeId: string): { readonly call: CallDesk; readonly outcome: Outcome } | null {
    for (const call of this.#o.calls.recent) {
      const outcome = call.outcomes.find(({ id }) => id === outcomeId);
      if (outcome !== undefined) return { call, outcome };
    }
    return null;
  }

  /** Outcomes of one prompt that were not taken back. */
  #standing(call: CallDesk, decisionId: string, actionId: string): readonly Outcome[] {
    const { standing } = call.ledger(this.#o.keeper.current);
    return standing.filter((outcome) => outcome.decisionId === decisionId && outcome.actionId === actionId);
  }

  #whyGone(given: readonly Outcome[]): keyof typeof DETAILS {
    const last = given.findLast(({ kind }) => NO_LONGER_OPEN.has(kind));
    if (last === undefined) return 'no-such-prompt';
    return last.kind === 'withdrawn' ? 'no-longer-permitted' : 'expired';
  }

  #notStored(): Refused {
    return { saved: false, reason: 'not-stored', detail: this.#o.storeTrouble() };
  }
}
