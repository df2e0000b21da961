/**
 * A producer's events that overtook each other on the way are put back in order, when the missing ones come soon enough.
 * Only this node's memory is used: what it does not know of it does not wait for. Nothing held here was acknowledged.
 */
import type { CallEvent } from '#contract/call-events.ts';

/** More than this many waiting at once means a fault elsewhere: the rest goes on as it came. */
const MAX_WAITING = 256;
const MAX_CALLS = 5_000;

interface Waiting {
  readonly isDue: () => boolean;
  readonly go: () => void;
}

export class OrderWindow {
  readonly #waitMs: number;
  /** Highest number stored, by source, of the calls seen last. */
  readonly #calls = new Map<string, Map<string, number>>();
  readonly #waiting = new Map<string, Set<Waiting>>();
  #count = 0;

  constructor(waitMs: number) {
    this.#waitMs = waitMs;
  }

  /** Null when it is this event's turn at once; else fulfilled when it is, or has waited long enough. */
  turnOf(event: CallEvent): Promise<void> | null {
    const { subject, source, sequence } = event;
    if (sequence === undefined) return null;
    const isDue = () => {
      const highest = this.#calls.get(subject)?.get(source);
      return highest === undefined || sequence <= highest + 1;
    };
    return isDue() ? null : this.#wait(subject, isDue);
  }

  /** Fulfilled when the call is known here, or after the wait. */
  opened(callId: string): Promise<void> {
    return this.#wait(callId, () => this.#calls.has(callId));
  }

  /** To be called after an event of a call was stored. */
  stored(event: CallEvent): void {
    const sources = this.#calls.get(event.subject) ?? new Map<string, number>();
    // Newest last, so that the first key is the call unheard of for longest.
    this.#calls.delete(event.subject);
    this.#calls.set(event.subject, sources);
    if (this.#calls.size > MAX_CALLS) this.#calls.delete(this.#calls.keys().next().value ?? '');
    if (event.sequence !== undefined) sources.set(event.source, Math.max(event.sequence, sources.get(event.source) ?? 0));
    for (const waiting of this.#waiting.get(event.subject) ?? []) if (waiting.isDue()) waiting.go();
  }

  async #wait(callId: string, isDue: () => boolean): Promise<void> {
    if (isDue() || this.#waitMs === 0 || this.#count >= MAX_WAITING) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const ofCall = this.#waiting.get(callId) ?? new Set();
    const waiting: Waiting = { isDue, go: resolve };
    this.#waiting.set(callId, ofCall.add(waiting));
    this.#count++;
    const timer = setTimeout(resolve, this.#waitMs);
    await promise;
    clearTimeout(timer);
    this.#count--;
    ofCall.delete(waiting);
    if (ofCall.size === 0) this.#waiting.delete(callId);
  }
}
