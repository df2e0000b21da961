/** What central says besides events: calls that are no longer ours, current versions, the use of what is scarce, answers of the system of record, the virtual clock. */
import { CurrentVersions, TO_DESK } from '#contract/live.ts';
import { CallSupervised, type Shown } from '#contract/supervision.ts';
import type { VirtualClock } from '#ports/clock.ts';
import type { LinkHandlers, LinkState } from '#ports/link.ts';
import type { Written } from '#ports/store.ts';
import type { Answers } from './answers.ts';
import type { Calls } from './calls.ts';
import type { CentralContact } from './central-contact.ts';
import type { ConstraintUses } from './constraint-uses.ts';
import { DataOrders } from './data-orders.ts';
import type { DecisionLoop } from './decision-loop.ts';
import type { DeskViewKeeper } from './desk-view.ts';
import type { EventTurns } from './event-turns.ts';
import type { ProfileCache } from './profile-cache.ts';
import type { RevisionKeeper } from './revision-keeper.ts';
import type { StopSigns } from './stop-signs.ts';
import type { Surroundings } from './surroundings.ts';

/** The desk that takes a call over waits about as long for what was answered here. */
const RELEASE_FLUSH_MS = 5_000;

export interface CentralMessagesOptions {
  readonly surroundings: Surroundings;
  readonly calls: Calls;
  readonly keeper: RevisionKeeper;
  readonly contact: CentralContact;
  readonly uses: ConstraintUses;
  readonly events: EventTurns;
  readonly answers: Answers;
  readonly loop: DecisionLoop;
  readonly profiles: ProfileCache;
  readonly view: DeskViewKeeper;
  readonly stops: StopSigns;
  readonly turn: <T>(work: () => T | Promise<T>) => Promise<T>;
  readonly settled: () => Promise<void>;
  readonly decideAll: () => Promise<void>;
  readonly flushOutbox: (withinMs: number) => Promise<void>;
  readonly refused: (reason: 'bad-data') => unknown;
  /** The error to throw for what was not written. */
  readonly notWritten: (written: Exclude<Written, { ok: true }>) => Error;
  /** The link is there again: ask for what was missed, send what waited. */
  readonly connected: () => void;
}

export class CentralMessages {
  readonly #o: CentralMessagesOptions;
  readonly #orders: DataOrders;

  constructor(options: CentralMessagesOptions) {
    this.#o = options;
    this.#orders = new DataOrders(options);
  }

  get handlers(): Pick<
    LinkHandlers,
    'release' | 'versions' | 'usage' | 'learnt' | 'orders' | 'answer' | 'approval' | 'supervision' | 'clock' | 'state'
  > {
    return {
      release: (body) => this.#release(body),
      versions: (body) => this.#versions(body),
      usage: (body) => this.#usage(body),
      learnt: (body) => this.#learnt(body),
      orders: (body) => {
        this.#o.contact.heard();
        return this.#orders.take(body);
      },
      answer: (body) => this.#answer(body),
      approval: (body) => this.#approval(body),
      supervision: (body) => this.#supervision(body),
      clock: (body) => this.#clock(body),
      state: (state) => this.#state(state),
    };
  }

  async #release(raw: unknown): Promise<void> {
    const { calls, events, stops, turn, flushOutbox } = this.#o;
    this.#o.contact.heard();
    const parsed = TO_DESK.release.safeParse(raw);
    if (!parsed.success) return this.#refuse();
    const { callId } = parsed.data;
    const passed = stops.raise(callId);
    await turn(() => {
      passed();
      const call = calls.get(callId);
      call.isReleased = true;
      events.over(call);
      calls.finish(call);
    });
    await flushOutbox(RELEASE_FLUSH_MS);
  }

  async #versions(raw: unknown): Promise<void> {
    const { keeper, stops, turn, decideAll } = this.#o;
    this.#o.contact.heard();
    const parsed = CurrentVersions.safeParse(raw);
    if (!parsed.success) return this.#refuse();
    const excluded = parsed.data.excluded.toSorted().join();
    // A decision under way is stopped only where all are taken again.
    const passed = keeper.excluded.toSorted().join() === excluded ? null : stops.raise(null);
    await turn(async () => {
      passed?.();
      const isChanged = keeper.excluded.toSorted().join() !== excluded;
      keeper.follow(parsed.data);
      if (isChanged || passed !== null) await decideAll();
    });
  }

  async #usage(raw: unknown): Promise<void> {
    const { uses, turn, decideAll } = this.#o;
    this.#o.contact.heard();
    const parsed = TO_DESK.usage.safeParse(raw);
    if (!parsed.success) return this.#refuse();
    // Most counts stop nothing new: then nothing is decided again.
    await turn(async () => {
      if (uses.take(parsed.data)) await decideAll();
    });
  }

  async #learnt(raw: unknown): Promise<void> {
    this.#o.contact.heard();
    if (!this.#o.keeper.learnt.follow(raw)) await this.#refuse();
  }

  async #answer(raw: unknown): Promise<void> {
    const { calls, answers, events, turn } = this.#o;
    this.#o.contact.heard();
    const parsed = TO_DESK.answer.safeParse(raw);
    if (!parsed.success) return this.#refuse();
    const { callId, outcomeId, result, detail = null, atMs } = parsed.data;
    await turn(() => {
      const call = calls.recent.find((known) => known.callId === callId);
      const id = `request-${outcomeId}`;
      // Central says it again on every connect.
      if (call === undefined || call.notes.some((note) => note.id === id)) return;
      call.notes.push({ id, atMs, callTimeS: call.secondsInto(atMs), kind: `request.${result}`, detail });
      answers.request(call, outcomeId, result, detail);
      events.touch(call);
    });
  }

  async #approval(raw: unknown): Promise<void> {
    const { calls, answers, events, turn } = this.#o;
    this.#o.contact.heard();
    const parsed = TO_DESK.approval.safeParse(raw);
    if (!parsed.success) return this.#refuse();
    const { callId } = parsed.data;
    await turn(() => {
      const call = calls.recent.find((known) => known.callId === callId);
      if (call === undefined || !answers.approval(call, parsed.data)) return;
      events.touch(call);
    });
  }

  /** Says what is on the screen because of it; null where nothing is: the call is not known here, or over. */
  async #supervision(raw: unknown): Promise<Shown | null> {
    const { calls, events, turn } = this.#o;
    this.#o.contact.heard();
    const parsed = CallSupervised.safeParse(raw);
    if (!parsed.success) {
      await this.#refuse();
      return null;
    }
    const { callId, notes, readers } = parsed.data;
    return turn(() => {
      const call = calls.recent.find((known) => known.callId === callId);
      if (call === undefined || call.isOver) return null;
      call.supervision = { notes, readers };
      events.touch(call);
      // Of a call that is not in front nothing is seen: central says it again.
      if (call !== calls.front) return null;
      return { callId, notes: notes.map(({ noteId }) => noteId), readers: readers.map(({ readId }) => readId) };
    });
  }

  /** Moves the virtual clock; resolves when all that fell due was done. A desk that follows its own clock ignores it. */
  async #clock(raw: unknown): Promise<void> {
    const { contact, settled, surroundings, view } = this.#o;
    const { clock } = surroundings;
    const parsed = TO_DESK.clock.safeParse(raw);
    if (!clock.virtual || !parsed.success) return;
    await settled();
    await (clock as VirtualClock).advance(parsed.data.nowMs, settled);
    contact.heard();
    view.clockMoved();
    view.flush();
  }

  #state(state: LinkState): void {
    const { contact, connected, view } = this.#o;
    if (!contact.enter(state)) return;
    view.touch('link');
    if (contact.isConnected) connected();
    view.flush();
  }

  #refuse(): Promise<void> {
    return this.#o.turn(() => {
      this.#o.refused('bad-data');
    });
  }
}
