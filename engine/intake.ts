/**
 * From what the socket brings to a call's state: parse, redact, journal once, apply, watch for gaps.
 *
 * Order is restored by the reducer, whose value depends on the set of events only. A gap is asked for within a second and
 * again, ever more rarely, until it is closed.
 */
import type { CallEvent, CallEventOf, Refusal } from '#contract/call-events.ts';
import type { TranscriptLine } from '#contract/desk.ts';
import type { Delivery } from '#contract/live.ts';
import type { Clock } from '#ports/clock.ts';
import type { Store, Written } from '#ports/store.ts';
import type { CallDesk } from './call-desk.ts';
import { redactUtterance } from '#core';
import { withoutErased } from './without-erased.ts';

/** A late neighbour usually comes by itself; after this it is asked for. */
const FIRST_RESYNC_MS = 250;
const LONGEST_RESYNC_MS = 60_000;

/** What became of a delivery. `seq`: every event of the call up to this one is journalled and processed. */
export type Taken =
  | { readonly result: 'accepted' | 'duplicate'; readonly callId: string; readonly seq: number }
  | { readonly result: 'refused'; readonly reason: Refusal };

export type Journalled =
  | { readonly result: 'new'; readonly event: CallEvent }
  | { readonly result: 'duplicate' }
  | { readonly result: 'refused'; readonly reason: Refusal }
  | { readonly result: 'not-written'; readonly written: Exclude<Written, { ok: true }> };

export interface IntakeOptions {
  readonly store: Store;
  readonly clock: Clock;
  /** Asks central for everything after what is journalled. */
  readonly resync: () => void;
  readonly onGap: (call: CallDesk) => void;
}

export class Intake {
  readonly #o: IntakeOptions;

  constructor(options: IntakeOptions) {
    this.#o = options;
  }

  /** Keeps an event and applies it. Call inside a turn. */
  take(call: CallDesk, delivery: Delivery): Journalled {
    const isErased = (customerId: string): boolean => this.#o.store.isErased({ customerId });
    const { event, redaction, isBlanked } = redacted(call, withoutErased(delivery.event, isErased));
    const kept = this.#o.store.journalDelivery({ ...delivery, event });
    if (kept === 'duplicate') return { result: 'duplicate' };
    if (kept === 'conflict') return { result: 'refused', reason: 'sequence-reused' };
    if (kept !== 'new') return { result: 'not-written', written: kept };
    call.redaction = redaction;
    const hadGap = call.state.gaps.length > 0;
    call.apply({ seq: delivery.seq, event });
    this.#watch(call, hadGap);
    return isBlanked ? { result: 'refused', reason: 'capture-paused' } : { result: 'new', event };
  }

  /** Speech in progress, as it may be shown. */
  hear(call: CallDesk, event: CallEventOf<'sotto.utterance.partial'>): TranscriptLine {
    const { speaker, text } = event.data;
    const clean = redactUtterance(call.redaction, { speaker, text, partial: true });
    return call.hear(event, clean.text, this.#o.clock.nowMs());
  }

  #watch(call: CallDesk, hadGap: boolean): void {
    const hasGap = call.state.gaps.length > 0;
    if (hasGap === hadGap) return;
    const atMs = this.#o.clock.nowMs();
    const kind = hasGap ? 'gap.found' : 'gap.closed';
    call.notes.push({ id: `${kind}-${call.notes.length}`, atMs, callTimeS: call.secondsInto(atMs), kind, detail: null });
    this.#o.onGap(call);
    call.cancelResync();
    call.resyncs = 0;
    if (hasGap) this.#ask(call);
  }

  #ask(call: CallDesk): void {
    const waitMs = Math.min(LONGEST_RESYNC_MS, FIRST_RESYNC_MS * 2 ** call.resyncs);
    call.resyncs += 1;
    call.cancelResync = this.#o.clock.after(waitMs, () => {
      this.#o.resync();
      this.#ask(call);
    });
  }
}

/** Central has redacted already; what it may have missed must not be stored here either. While capture is paused nothing said is kept. */
function redacted(
  call: CallDesk,
  event: CallEvent,
): { readonly event: CallEvent; readonly redaction: CallDesk['redaction']; readonly isBlanked: boolean } {
  if (event.type !== 'sotto.utterance.final') return { event, redaction: call.redaction, isBlanked: false };
  if (call.state.capturePaused) {
    // The number stays taken, or it would be a gap for ever.
    return { event: { ...event, data: { ...event.data, text: '' } }, redaction: call.redaction, isBlanked: true };
  }
  const { speaker, text } = event.data;
  const clean = redactUtterance(call.redaction, { speaker, text });
  return { event: { ...event, data: { ...event.data, text: clean.text } }, redaction: clean.state, isBlanked: false };
}
