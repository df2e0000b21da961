/**
 * Tells central, for supervisors, what is on this desk's screen: all running calls, when that changed, a few times a second at most and
 * never from within a decision. Only while central is connected: nothing is kept for later, because later something else is so.
 */
import type { DeskCallState } from '#contract/supervision.ts';
import { MAX_DESK_CALLS } from '#contract/supervision.ts';
import { latestUnderstood } from '#core';
import type { Clock } from '#ports/clock.ts';
import type { Link } from '#ports/link.ts';
import type { CallDesk } from './call-desk.ts';
import type { Calls } from './calls.ts';

const PAUSE_MS = 150;

export class StateReporter {
  readonly #link: Link | null;
  readonly #clock: Clock;
  readonly #calls: Calls;
  #cancel: (() => void) | null = null;
  /** What central was told; null = nothing since it is connected. */
  #told: string | null = null;

  constructor(link: Link | null, clock: Clock, calls: Calls) {
    this.#link = link;
    this.#clock = clock;
    this.#calls = calls;
  }

  /** Something may be other than it was. */
  touch(): void {
    if (this.#link !== null) this.#cancel ??= this.#clock.after(PAUSE_MS, () => this.#tell());
  }

  /** Central knows nothing. */
  connected(): void {
    this.#told = null;
    this.touch();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  #tell(): void {
    this.#cancel = null;
    const states = {
      calls: this.#calls.all
        .filter((call) => !call.isOver && call.state.events.length > 0)
        .slice(-MAX_DESK_CALLS)
        .map(stateOf),
    };
    const text = JSON.stringify(states);
    if (text !== this.#told && this.#link?.tellState(states) === true) this.#told = text;
  }
}

function stateOf(call: CallDesk): DeskCallState {
  const latest = latestUnderstood(call.state);
  const said = call.state.utterances.find(({ seq }) => seq === latest?.seq);
  const intent = latest?.intent ?? null;
  const open = call.openCards.map(({ view }) => view);
  const card = open.find(({ role }) => role === 'primary') ?? open[0];
  return {
    callId: call.callId,
    connectedAtMs: call.state.connectedAtMs,
    rung: call.rung,
    topic: intent === null || said === undefined ? null : { intent, atMs: said.atMs },
    prompt:
      card === undefined ? null : { decisionId: card.decisionId, actionId: card.actionId, urgency: card.urgency, sinceMs: card.shownAtMs },
  };
}
