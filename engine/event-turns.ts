/** What one event does: journalled, applied, perhaps the end of the call, otherwise a decision. Every method runs inside a turn. */
import type { CallEvent, CallEventOf } from '#contract/call-events.ts';
import type { Trigger } from '#contract/decision.ts';
import type { CallContext, CallOffset, Delivery } from '#contract/live.ts';
import type { Outcome } from '#contract/outcome.ts';
import type { Clock } from '#ports/clock.ts';
import type { Store, Written } from '#ports/store.ts';
import type { CallDesk } from './call-desk.ts';
import type { Calls } from './calls.ts';
import type { CentralContact } from './central-contact.ts';
import type { DecisionLoop } from './decision-loop.ts';
import type { DeskViewKeeper } from './desk-view.ts';
import type { Intake, Taken } from './intake.ts';
import type { ProfileCache } from './profile-cache.ts';
import type { StopSigns } from './stop-signs.ts';

/** How long a first decision waits for the call's context while central is there. */
const CONTEXT_WITHIN_MS = 1_500;
/** Speech without a further partial for this long is over. */
const SPEECH_STALE_MS = 2_000;
/** How long the window says that words came late, where no others come. */
const LATENESS_SHOWN_MS = 5_000;

type At = (atMs: number, call: CallDesk, turn: (releasedRealMs: number) => void | Promise<void>) => () => void;

export interface EventTurnsOptions {
  readonly clock: Clock;
  readonly store: Store;
  readonly profiles: ProfileCache;
  readonly calls: Calls;
  readonly intake: Intake;
  readonly loop: DecisionLoop;
  readonly stops: StopSigns;
  readonly contact: CentralContact;
  readonly view: DeskViewKeeper;
  /** Whose calls are decided on; null: of everybody, because whoever hands the events over says whose they are. */
  readonly agentId: string | null;
  readonly at: At;
  /** A turn after this much real time. */
  readonly after: (realMs: number, turn: () => Promise<void>) => () => void;
  readonly refused: (reason: Extract<Taken, { result: 'refused' }>['reason']) => Taken;
  /** The error to throw for what was not written. */
  readonly notWritten: (written: Exclude<Written, { ok: true }>) => Error;
}

export class EventTurns {
  readonly #o: EventTurnsOptions;
  #cancelLateness: () => void = () => undefined;

  constructor(options: EventTurnsOptions) {
    this.#o = options;
  }

  /** What should have taken something off the screen and could not even be kept takes everything off, until it comes again. */
  async take(delivery: Delivery, releasedRealMs: number): Promise<Taken> {
    const { calls, stops, loop } = this.#o;
    stops.found(delivery);
    try {
      return await this.#take(delivery, releasedRealMs);
    } catch (error) {
      const call = calls.known(delivery.callId);
      const isKept = call?.state.events.some(({ seq }) => seq === delivery.seq) ?? false;
      if (isKept || !stops.miss(delivery)) throw error;
      throw loop.failClosed(call === null ? [] : [call], error);
    }
  }

  async #take(delivery: Delivery, releasedRealMs: number): Promise<Taken> {
    const { calls, intake, contact, store } = this.#o;
    const { callId, seq } = delivery;
    // Nothing of it is taken, and central need not send it again.
    if (store.isErased({ callId })) return { result: 'duplicate', callId, seq };
    const call = calls.get(delivery.callId);
    const taken = intake.take(call, delivery);
    switch (taken.result) {
      case 'duplicate':
        return { result: 'duplicate', callId: call.callId, seq: call.state.contiguousSeq };
      case 'refused':
        return this.#o.refused(taken.reason);
      case 'not-written':
        // Not acknowledged: central sends it again.
        throw this.#o.notWritten(taken.written);
      case 'new':
        break;
    }
    if (contact.measure(taken.event)) this.#tellLateness(call);
    await this.#applied(call, delivery.seq, taken.event, releasedRealMs);
    return { result: 'accepted', callId: call.callId, seq: call.state.contiguousSeq };
  }

  /** What central knows of a call: the customer, and what other desks showed and were answered. */
  async context({ callId, profile, outcomes, complete }: CallContext, releasedRealMs: number): Promise<CallOffset> {
    const { calls, profiles, store } = this.#o;
    if (store.isErased({ callId })) return { callId, seq: 0 };
    const saved: Written = profile === null ? { ok: true } : profiles.save(profile);
    const kept = saved.ok ? store.saveContext(callId, complete, outcomes) : saved;
    if (!kept.ok) throw this.#o.notWritten(kept);
    const call = calls.get(callId);
    call.context = { complete };
    const isKept = ({ customerId }: Outcome): boolean => customerId === null || !store.isErased({ customerId });
    call.addOutcomes(outcomes.filter((outcome) => outcome.callId === callId && isKept(outcome)));
    this.touch(call);
    await this.decide(call, { kind: 'resumed' }, releasedRealMs);
    return { callId, seq: call.state.contiguousSeq };
  }

  /** Speech in progress: shown, never decided on. */
  hear(callId: string, event: CallEventOf<'sotto.utterance.partial'>): void {
    const { calls, clock, intake, view } = this.#o;
    const call = calls.known(callId);
    if (call === null || call.isOver || call.state.capturePaused) {
      this.#o.refused(call === null ? 'unknown-call' : call.isOver ? 'call-ended' : 'capture-paused');
      return;
    }
    const line = intake.hear(call, event);
    const atMs = clock.nowMs();
    call.cancelSilence();
    call.cancelSilence = this.#o.at(atMs + SPEECH_STALE_MS, call, async (releasedRealMs) => {
      call.fallSilent(atMs);
      if (call.heldSinceMs !== null) await this.decide(call, { kind: 'timer' }, releasedRealMs);
    });
    if (call === calls.front) view.line(callId, line);
  }

  /** The agent wants to hear nothing on this call, or again. */
  async setQuiet(call: CallDesk, quiet: boolean, releasedRealMs: number): Promise<void> {
    const written = this.#o.store.setQuiet(call.callId, quiet);
    if (!written.ok) throw this.#o.notWritten(written);
    call.quiet = quiet;
    this.touch(call);
    await this.decide(call, { kind: 'timer' }, releasedRealMs);
  }

  async decide(call: CallDesk, trigger: Trigger, releasedRealMs: number): Promise<void> {
    if (!this.#waitsForContext(call, releasedRealMs)) await this.#o.loop.decide(call, trigger, releasedRealMs);
  }

  /** The call ended, or is somebody else's now: nothing of it stays on the screen. */
  over(call: CallDesk): void {
    const { calls, clock, loop, view } = this.#o;
    loop.withdrawAll(call);
    call.refrain = { reason: 'call-not-active', atMs: clock.nowMs() };
    this.touch(call);
    if (call === calls.front) view.touch('refrain');
    calls.tidy();
    if (calls.yieldFront()) view.touch('call', 'cards', 'refrain', 'otherCalls');
  }

  bringToFront(call: CallDesk): void {
    if (this.#o.calls.bringToFront(call)) this.#o.view.touch('call', 'cards', 'refrain', 'otherCalls');
  }

  touch(call: CallDesk): void {
    this.#o.view.touch(call === this.#o.calls.front ? 'call' : 'otherCalls');
  }

  /** Lateness is of what came last; in a silence it says nothing any more. */
  #tellLateness(call: CallDesk): void {
    const { at, clock, contact, view } = this.#o;
    view.touch('link');
    this.#cancelLateness();
    this.#cancelLateness = at(clock.nowMs() + LATENESS_SHOWN_MS, call, () => {
      contact.forgetDelay();
      view.touch('link');
    });
  }

  async #applied(call: CallDesk, seq: number, event: CallEvent, releasedRealMs: number): Promise<void> {
    const { agentId: mine } = this.#o;
    const { agentId } = call.state;
    call.isReleased = mine !== null && agentId !== null && agentId !== mine;
    if (event.type === 'sotto.utterance.final') this.#said(call, event);
    else this.touch(call);
    if (call.isOver) return this.over(call);
    this.#chooseFront(call, event.type);
    await this.decide(call, { kind: 'event', seq, type: event.type }, releasedRealMs);
  }

  #said(call: CallDesk, event: CallEventOf<'sotto.utterance.final'>): void {
    const { utteranceId, speaker, startMs, text } = event.data;
    call.partials.delete(speaker);
    if (call.speaking === null || call.speaking.by === speaker) call.fallSilent(this.#o.clock.nowMs());
    if (call === this.#o.calls.front) this.#o.view.line(call.callId, { utteranceId, speaker, text, startMs, final: true });
  }

  #chooseFront(call: CallDesk, type: CallEvent['type']): void {
    const { front } = this.#o.calls;
    const isTaken = type === 'sotto.call.connected' || type === 'sotto.call.resumed' || type === 'sotto.call.accepted';
    if (front === null || front.isOver || isTaken) this.bringToFront(call);
  }

  /** What was shown and answered before, by whomever, comes before the first card; for as long as central is there to send it. */
  #waitsForContext(call: CallDesk, releasedRealMs: number): boolean {
    if (!this.#o.contact.isConnected || call.context?.complete) return false;
    const leftMs = call.sinceRealMs + CONTEXT_WITHIN_MS - releasedRealMs;
    if (leftMs <= 0) return false;
    call.cancelRecheck();
    call.cancelRecheck = this.#o.after(leftMs, () => this.#o.loop.decide(call, { kind: 'resumed' }, this.#o.clock.realMs()));
    return true;
  }
}
