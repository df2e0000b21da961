/**
 * What arrived and is about to take something off the screen, but waits for the turn that is running; and what arrived
 * and could not be kept. A decision under way looks here before it shows anything, so that nothing appears that the next
 * turn, or the same event when central sends it again, would have to take away.
 */
import type { CallEvent } from '#contract/call-events.ts';
import type { Delivery } from '#contract/live.ts';

function isStop(event: CallEvent): boolean {
  switch (event.type) {
    case 'sotto.consent.changed':
      return !event.data.granted;
    case 'sotto.call.ended':
    case 'sotto.call.held':
    case 'sotto.call.identified':
    case 'sotto.call.transferred':
    case 'sotto.capture.paused':
    case 'sotto.profile.updated':
    case 'sotto.wrapup.started':
    case 'sotto.wrapup.ended':
      return true;
    case 'sotto.call.offered':
    case 'sotto.call.accepted':
    case 'sotto.call.connected':
    case 'sotto.call.resumed':
    case 'sotto.utterance.partial':
    case 'sotto.utterance.final':
    case 'sotto.capture.resumed':
    case 'sotto.journey.changed':
    case 'sotto.contact.made':
    case 'sotto.queue.updated':
      return false;
  }
}

const nothing = (): void => undefined;
const EVERY_CALL = '';

export class StopSigns {
  readonly #ahead = new Map<string, number>();
  /** By call, the numbers of stops that came and were not kept. */
  readonly #missed = new Map<string, Set<number>>();

  /** Returns what to call when the event's own turn has come. */
  put({ callId, event }: Delivery): () => void {
    return isStop(event) ? this.raise(callId) : nothing;
  }

  /** It came, and could not be kept: until it comes again nothing is shown on its call. True when it is a stop. */
  miss({ callId, seq, event }: Delivery): boolean {
    if (!isStop(event)) return false;
    this.#missed.set(callId, (this.#missed.get(callId) ?? new Set()).add(seq));
    return true;
  }

  /** It came again, and was kept. */
  found({ callId, seq }: Delivery): void {
    const missed = this.#missed.get(callId);
    missed?.delete(seq);
    if (missed?.size === 0) this.#missed.delete(callId);
  }

  /** `null`: for every call. */
  raise(callId: string | null): () => void {
    const key = callId ?? EVERY_CALL;
    this.#ahead.set(key, (this.#ahead.get(key) ?? 0) + 1);
    return () => {
      const left = (this.#ahead.get(key) ?? 1) - 1;
      if (left === 0) this.#ahead.delete(key);
      else this.#ahead.set(key, left);
    };
  }

  isAhead(callId: string): boolean {
    return this.#missed.has(callId) || this.#ahead.has(callId) || this.#ahead.has(EVERY_CALL);
  }
}
