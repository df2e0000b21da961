/** The calls of this desk: loaded when first heard of, let go when over, one of them in front. */
import type { Clock } from '#ports/clock.ts';
import type { Store } from '#ports/store.ts';
import { type Card, CallDesk } from './call-desk.ts';
import type { RevisionKeeper } from './revision-keeper.ts';

/** Ended calls kept in memory for their wrap-up and late events; the oldest beyond these are finished. */
const LINGERING = 8;

export interface CallsOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly keeper: RevisionKeeper;
  readonly deviceId: string;
  /** A card that was on screen when the engine last stopped. */
  readonly onRestored: (call: CallDesk, card: Card) => void;
}

export class Calls {
  readonly #options: CallsOptions;
  readonly #calls = new Map<string, CallDesk>();
  #front: CallDesk | null = null;

  constructor(options: CallsOptions) {
    this.#options = options;
  }

  get front(): CallDesk | null {
    return this.#front;
  }

  get all(): readonly CallDesk[] {
    return [...this.#calls.values()];
  }

  /** Those in memory and the one in front, which may be finished. */
  get recent(): readonly CallDesk[] {
    const all = this.all;
    return this.#front === null || all.includes(this.#front) ? all : [...all, this.#front];
  }

  /** In memory only. */
  known(callId: string): CallDesk | null {
    return this.#calls.get(callId) ?? null;
  }

  /** From memory, from the store, or new. */
  get(callId: string): CallDesk {
    const known = this.#calls.get(callId);
    if (known !== undefined) return known;
    const { store, clock, deviceId } = this.#options;
    const call = new CallDesk(callId, deviceId, clock.realMs());
    const stored = store.loadCall(callId);
    this.#calls.set(callId, call);
    if (stored !== null) this.#restore(call, stored);
    return call;
  }

  /** Everything unfinished, as the store has it. */
  restoreAll(): readonly CallDesk[] {
    const { store, clock, deviceId } = this.#options;
    for (const stored of store.loadCalls()) {
      const call = new CallDesk(stored.callId, deviceId, clock.realMs());
      this.#calls.set(stored.callId, call);
      this.#restore(call, stored);
    }
    for (const call of this.#calls.values()) if (!call.isOver) this.#front = call;
    return this.all;
  }

  #restore(call: CallDesk, stored: Parameters<CallDesk['restore']>[0]): void {
    for (const card of call.restore(stored, this.#options.keeper.current)) this.#options.onRestored(call, card);
  }

  /** Puts a call in front; true when it was not. */
  bringToFront(call: CallDesk): boolean {
    if (this.#front === call) return false;
    this.#front = call;
    return true;
  }

  /** The call in front is over or gone: another that goes on takes its place, if there is one. True when another, or none, is in front now. */
  yieldFront(): boolean {
    const front = this.#front;
    if (front !== null && !front.isOver) return false;
    const next = this.all.findLast((call) => !call.isOver && call.state.phase === 'active') ?? this.all.findLast((call) => !call.isOver);
    if (next !== undefined) return this.bringToFront(next);
    // What ended stays for its wrap-up; what goes on at another desk is no longer seen here.
    if (front === null || !front.isReleased || front.state.endedAtMs !== null) return false;
    this.#front = null;
    return true;
  }

  /** A call that is over and will hear nothing more but latecomers. It stays in front until another takes its place. */
  finish(call: CallDesk): void {
    if (!call.isFinished) {
      call.isFinished = true;
      // Where it cannot be written the call is loaded once more at the next start, and finished then.
      this.#options.store.finishCall(call.callId, this.#options.clock.nowMs());
    }
    call.stop();
    call.cards.clear();
    this.#calls.delete(call.callId);
  }

  /** Nothing of it stays, in front neither. */
  forget(call: CallDesk): void {
    this.finish(call);
    if (this.#front !== call) return;
    this.#front = null;
    this.yieldFront();
  }

  /** Lets the oldest of many ended calls go. */
  tidy(): void {
    const over = this.all.filter((call) => call.isOver);
    for (const call of over.slice(0, Math.max(0, over.length - LINGERING))) this.finish(call);
  }

  stop(): void {
    for (const call of this.#calls.values()) call.stop();
  }
}
