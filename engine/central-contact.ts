/** When central was last heard, and how far behind the live lane is. Profiles, consents and the revision age from here. */
import { eventAtMs } from '#contract/call-events.ts';
import type { DeskView } from '#contract/desk.ts';
import { AtMs } from '#contract/text.ts';
import type { Clock } from '#ports/clock.ts';
import type { LinkState } from '#ports/link.ts';
import type { Store } from '#ports/store.ts';

const SAVED_EVERY_MS = 30_000;
const DELAYED_FROM_S = 4;

const isDelayed = (seconds: number): boolean => seconds >= DELAYED_FROM_S;

export class CentralContact {
  readonly #store: Store;
  readonly #clock: Clock;
  #heardAtMs: number;
  /** The latest the clock ever was, before this start too. */
  #latestMs: number;
  #keptAtMs = 0;
  #savedAtMs = 0;
  #cancelLook: () => void = () => undefined;
  #delayS = 0;
  #connectedAtMs = 0;
  #state: LinkState = 'disconnected';

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
    const heard = AtMs.safeParse(store.setting('central-heard-at-ms'));
    this.#heardAtMs = heard.success ? heard.data : 0;
    this.#latestMs = store.latestMs();
    this.#look();
  }

  /**
   * When central was heard, for telling how old what it said is; 0 = never. Where the clock was set back since, it lies
   * as much further back: what had grown too old stays too old until central is heard again.
   */
  get heardAtMs(): number {
    const nowMs = this.#clock.nowMs();
    this.#latestMs = Math.max(this.#latestMs, nowMs);
    return Math.max(0, this.#heardAtMs - (this.#latestMs - nowMs));
  }

  get isConnected(): boolean {
    return this.#state === 'connected';
  }

  /** Tells of the link's state; false when it is the one it was in. */
  enter(state: LinkState): boolean {
    if (state === this.#state) return false;
    this.#state = state;
    if (state === 'connected') {
      this.#connectedAtMs = this.#clock.nowMs();
      this.#delayS = 0;
      this.heard();
    }
    return true;
  }

  heard(): void {
    this.#heardAtMs = this.#clock.nowMs();
    this.#latestMs = this.#heardAtMs;
    if (Math.abs(this.#heardAtMs - this.#savedAtMs) >= SAVED_EVERY_MS) this.save();
  }

  /**
   * A restart must not make old data young: kept now and then, and at the end. Where it cannot be written, data only
   * seem older than they are after a restart, and consent is asked of central again.
   */
  save(): void {
    this.#savedAtMs = this.#heardAtMs;
    this.#keep();
    if (this.#heardAtMs > 0) this.#store.saveSetting('central-heard-at-ms', this.#heardAtMs);
  }

  stop(): void {
    this.#cancelLook();
    this.save();
  }

  /** Now and then, because a clock may be set back while nothing happens. */
  #look(): void {
    this.#latestMs = Math.max(this.#latestMs, this.#clock.nowMs());
    if (this.#latestMs - this.#keptAtMs >= SAVED_EVERY_MS) this.#keep();
    this.#cancelLook = this.#clock.after(SAVED_EVERY_MS, () => this.#look());
  }

  /** Where it cannot be kept, the next look tries again. */
  #keep(): void {
    if (this.#store.keepLatest(this.#latestMs).ok) this.#keptAtMs = this.#latestMs;
  }

  /**
   * Measures how late an event is; true when the window should be told. What happened before the connection was made could
   * not come any sooner than it: a call resumed after a restart is not a slow line, however long catching up takes.
   */
  measure(event: { readonly time: string }): boolean {
    const atMs = eventAtMs(event);
    if (atMs <= this.#connectedAtMs) return false;
    const before = this.#delayS;
    this.#delayS = Math.max(0, (this.#clock.nowMs() - atMs) / 1_000);
    return isDelayed(this.#delayS) || isDelayed(before);
  }

  /** Nothing came since what was late: the line is no longer known to be slow. */
  forgetDelay(): void {
    this.#delayS = 0;
  }

  view(): DeskView['link'] {
    const state = !this.isConnected ? 'offline' : isDelayed(this.#delayS) ? 'delayed' : 'live';
    const lastHeardAtMs = AtMs.safeParse(this.#heardAtMs).success ? this.#heardAtMs : null;
    return { state, delayS: state === 'delayed' ? this.#delayS : 0, lastHeardAtMs };
  }
}
