/** What comes of calls: parsed, put in line behind what is being done, and taken in a turn. */
import type { CallOffset } from '#contract/live.ts';
import type { Clock } from '#ports/clock.ts';
import type { Calls } from './calls.ts';
import type { CentralContact } from './central-contact.ts';
import type { EventTurns } from './event-turns.ts';
import type { Taken } from './intake.ts';
import { parseContext } from './parse-context.ts';
import { parseDelivery, parsePartial } from './parse-delivery.ts';
import type { StopSigns } from './stop-signs.ts';

export interface ArrivalsOptions {
  readonly clock: Clock;
  readonly calls: Calls;
  readonly contact: CentralContact;
  readonly stops: StopSigns;
  readonly events: EventTurns;
  readonly turn: <T>(work: () => T | Promise<T>) => Promise<T>;
  readonly refused: (reason: Extract<Taken, { result: 'refused' }>['reason']) => Taken;
}

export class Arrivals {
  readonly #o: ArrivalsOptions;

  constructor(options: ArrivalsOptions) {
    this.#o = options;
  }

  /** Rejects when it could not be stored: it is to come again. */
  async deliver(raw: unknown): Promise<Taken> {
    const { clock, contact, calls, stops, events, turn, refused } = this.#o;
    const releasedRealMs = clock.realMs();
    contact.heard();
    const parsed = parseDelivery(raw, (callId) => calls.known(callId)?.state.events.at(-1)?.seq ?? 0);
    if (!parsed.ok) return turn(() => refused(parsed.reason));
    const passed = stops.put(parsed.delivery);
    return turn(() => {
      passed();
      return events.take(parsed.delivery, releasedRealMs);
    });
  }

  async partial(raw: unknown): Promise<void> {
    const { contact, events, turn, refused } = this.#o;
    contact.heard();
    const parsed = parsePartial(raw);
    await turn(() => {
      if (!parsed.ok) return void refused(parsed.reason);
      const { callId, event } = parsed.delivery;
      if (event.type === 'sotto.utterance.partial') events.hear(callId, event);
    });
  }

  /** Null when it does not fit its schema. */
  async context(raw: unknown): Promise<CallOffset | null> {
    const { clock, contact, events, turn, refused } = this.#o;
    const releasedRealMs = clock.realMs();
    contact.heard();
    const parsed = parseContext(raw);
    return turn(() => {
      if (parsed === null || parsed.isPartial) refused('bad-data');
      return parsed === null ? null : events.context(parsed.context, releasedRealMs);
    });
  }
}
