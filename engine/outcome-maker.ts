/** Makes outcomes: each with an id of its own and the next number of the device's clock. */
import type { Outcome } from '#contract/outcome.ts';
import { canonicalJson } from '#core';
import type { Randomness } from '#ports/randomness.ts';
import type { Canonical } from '#ports/store.ts';
import type { CallDesk } from './call-desk.ts';
import type { LogicalClock } from './logical-clock.ts';

export type Extras = Partial<Pick<Outcome, 'reason' | 'chosenActionId' | 'note' | 'untilMs' | 'retracts' | 'seen'>>;

type Prompted = Pick<Outcome, 'decisionId' | 'actionId' | 'treatmentId' | 'role'>;

export class OutcomeMaker {
  readonly #random: Randomness;
  readonly #clock: LogicalClock;
  readonly #who: { readonly agentId: string; readonly deviceId: string };

  constructor(random: Randomness, clock: LogicalClock, who: { readonly agentId: string; readonly deviceId: string }) {
    this.#random = random;
    this.#clock = clock;
    this.#who = who;
  }

  make(kind: Outcome['kind'], call: CallDesk, prompt: Prompted, atMs: number, extras: Extras = {}): Canonical<Outcome> {
    const { decisionId, actionId, treatmentId, role } = prompt;
    const value: Outcome = {
      id: this.#random.uuid(),
      kind,
      decisionId,
      callId: call.callId,
      customerId: call.state.customerId,
      ...this.#who,
      actionId,
      treatmentId,
      channel: 'voice',
      role,
      atMs,
      clock: this.#clock.next(),
      ...extras,
    };
    return { value, json: canonicalJson(value) };
  }
}
