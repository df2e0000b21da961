/**
 * The one door for call events, whatever transport they came by.
 *
 *   parse ─► wait for overtaken ones (≤ 250 ms) ─► per call, one at a time: redact ─► store ─► tell the live lane
 *
 * Under load one transaction stores events of many calls; an event that comes alone is stored alone, and at once.
 * Nothing is acknowledged before the commit. Every refusal has a closed reason and a counter.
 */
import { type CallEvent, type EventReceipt, PARTIAL, type Refusal } from '#contract/call-events.ts';
import type { Counters } from '../store/counters.ts';
import { Admission } from '../store/admission.ts';
import { isPoison, type Store } from '../store/open-store.ts';
import { noteProducer } from '../store/positions.ts';
import type { CallRow } from '../store/tables.ts';
import { judgeEvent } from './judge-event.ts';
import { KeyedQueue } from './keyed-queue.ts';
import { OrderWindow } from './order-window.ts';
import { parseEvent } from './parse-event.ts';
import { redactEvent } from './redact-event.ts';
import type { RedactionState } from '#core';
import { StoredElsewhere, type StoredEvent, type StoreResult, storeEvents } from './store-events.ts';

export interface IntakeListener {
  /** After the commit. */
  stored(stored: StoredEvent): void;
  /** An utterance in progress: it is nowhere else. */
  partial(call: CallRow, event: CallEvent): void;
}

interface Settings {
  readonly store: Store;
  readonly counters: Counters;
  readonly nowMs: () => number;
  readonly reorderMs: number;
  readonly listener: IntakeListener;
  /** An event was committed, so long after it came. */
  readonly storedAfter: (ms: number) => void;
}

/** Transactions at once. They are short, and those of one call never meet. */
const WORKERS = 2;
const EVENTS_AT_ONCE = 64;
const PACE_MS = 40;
/** More than a few seconds of what the store takes: the producer has to wait, and is told so. */
const MOST_WAITING = 4_000;

/** Too much at once: nothing was taken, and it may come again after that long. */
export class IntakeBusy extends Error {
  override readonly name = 'IntakeBusy';
  readonly retryAfterMs: number;

  constructor(retryAfterMs: number) {
    super('more events come than can be stored');
    this.retryAfterMs = retryAfterMs;
  }
}

/** Calls whose redaction goes on over utterances; the one unheard of for longest is forgotten first. */
const MAX_REMEMBERED = 5_000;

export class Intake {
  readonly #settings: Settings;
  readonly #queue = new KeyedQueue();
  readonly #window: OrderWindow;
  readonly #storing: Admission<CallEvent, StoreResult>;
  /** In memory alone: it may hold digits of a number half spoken. */
  readonly #redaction = new Map<string, RedactionState>();

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#window = new OrderWindow(settings.reorderMs);
    const workers = settings.store.kind === 'pglite' ? 1 : WORKERS;
    this.#storing = new Admission(
      { workers, groupWeight: EVENTS_AT_ONCE, paceMs: PACE_MS, mostWaiting: MOST_WAITING, longestWaitMs: Number.POSITIVE_INFINITY },
      (events) => this.#storeAll(events),
    );
  }

  /** Events that wait for their turn, and transactions under way. */
  get load(): { readonly waiting: number; readonly storing: number } {
    return { waiting: this.#storing.waiting, storing: this.#storing.working };
  }

  /** Takes one event as it came. Rejects only when the store fails or is too slow: then nothing was taken, and it can be sent again. */
  async take(input: unknown): Promise<EventReceipt> {
    const { counters, nowMs } = this.#settings;
    const cameAtMs = performance.now();
    const parsed = parseEvent(input, nowMs());
    if (!parsed.ok) return this.refuse(parsed.id, parsed.reason, parsed.detail);
    const { event, unknownKeys } = parsed;
    counters.add('events: unknown keys ignored', unknownKeys);

    const turn = this.#window.turnOf(event);
    if (turn !== null) await turn;
    let result = await this.#inOrder(event);
    if (result.result === 'refused' && result.reason === 'unknown-call') {
      await this.#window.opened(event.subject);
      result = await this.#inOrder(event);
    }
    if (result.result === 'refused') return this.refuse(event.id, result.reason, result.detail);
    counters.add(`events: ${result.result}`);
    this.#settings.storedAfter(performance.now() - cameAtMs);
    return { id: event.id, result: result.result };
  }

  /** Takes many; the receipts are in the order of the items. A producer's events that stand in the wrong order are put right first. */
  async takeBatch(inputs: readonly unknown[]): Promise<readonly EventReceipt[]> {
    // Begun in the producers' order, answered in the items'.
    const taken = new Map(producerOrder(inputs).map((index) => [index, this.take(inputs[index])]));
    return Promise.all(inputs.map((input, index) => taken.get(index) ?? this.take(input)));
  }

  /** Counts a refusal and makes its receipt: also for what never became an event, such as text that is not JSON. */
  refuse(id: string, reason: Refusal, detail: string): EventReceipt {
    this.#settings.counters.add(`events: refused ${reason}`);
    return { id, result: 'refused', reason, detail };
  }

  /** Fulfilled when everything taken so far is stored or refused. */
  idle(): Promise<void> {
    return this.#queue.idle();
  }

  #inOrder(event: CallEvent): Promise<StoreResult> {
    return this.#queue.run(event.subject, () => (event.type === PARTIAL ? this.#pass(event) : this.#store(event)));
  }

  async #store(event: CallEvent): Promise<StoreResult> {
    const { counters, listener } = this.#settings;
    const redacted = redactEvent(event, this.#redaction.get(event.subject));
    const entered = await this.#storing.enter(redacted.event, 1);
    if (!entered.ok) {
      counters.add('events: put off');
      throw new IntakeBusy(entered.retryAfterMs);
    }
    const { result } = entered;
    if (result.result !== 'accepted') return result;
    counters.add('events: secrets redacted', redacted.found);
    this.#remember(event.subject, redacted.state, result.stored.call);
    this.#window.stored(event);
    listener.stored(result.stored);
    return result;
  }

  async #storeAll(events: readonly CallEvent[]): Promise<readonly StoreResult[]> {
    const { store, nowMs } = this.#settings;
    try {
      return await store.transaction((tx) => storeEvents(tx, events, nowMs()));
    } catch (error) {
      const isOfOne = error instanceof StoredElsewhere || isPoison(error);
      if (!isOfOne) throw error;
      if (events.length === 1 && error instanceof StoredElsewhere) return [{ result: 'duplicate' }];
      if (events.length === 1) throw error;
      // One of them is at fault: each for itself, so that the others get through.
      const results: StoreResult[] = [];
      for (const event of events) results.push(...(await this.#storeAll([event])));
      return results;
    }
  }

  /** A partial utterance: checked and redacted like a final one, handed on, kept nowhere but for its number, which would be missed. */
  async #pass(event: CallEvent): Promise<StoreResult> {
    const { store, nowMs, listener } = this.#settings;
    const call = (await store.db.selectFrom('calls').selectAll().where('call_id', '=', event.subject).executeTakeFirst()) ?? null;
    const judgement = judgeEvent(call, event, nowMs());
    if (call !== null && event.sequence !== undefined && (judgement.take !== 'refuse' || judgement.reason === 'capture-paused'))
      await noteProducer(store.db, call.call_id, event.source, event.sequence);
    if (judgement.take === 'refuse') return { result: 'refused', reason: judgement.reason, detail: judgement.detail };
    const redacted = redactEvent(event, this.#redaction.get(event.subject));
    this.#window.stored(event);
    if (call !== null) listener.partial(call, redacted.event);
    return { result: 'accepted', stored: { event: redacted.event, seq: null, call, formerAgentId: null, customerId: null } };
  }

  #remember(callId: string, state: RedactionState, call: CallRow | null): void {
    this.#redaction.delete(callId);
    if (call === null || call.phase === 'closed') return;
    this.#redaction.set(callId, state);
    if (this.#redaction.size > MAX_REMEMBERED) this.#redaction.delete(this.#redaction.keys().next().value ?? '');
  }
}

/** Indices of the items; those of one producer on one call by their numbers, in the places they had together. */
function producerOrder(inputs: readonly unknown[]): readonly number[] {
  const places = new Map<string, number[]>();
  const sequences = inputs.map((input, index) => {
    const { subject, source, sequence } = (typeof input === 'object' && input !== null ? input : {}) as Record<string, unknown>;
    const n = Number(sequence);
    if (sequence === undefined || !Number.isFinite(n)) return null;
    const key = JSON.stringify([subject, source]);
    places.set(key, [...(places.get(key) ?? []), index]);
    return n;
  });
  const order = inputs.map((_, index) => index);
  for (const group of places.values()) {
    const sorted = group.toSorted((a, b) => (sequences[a] ?? 0) - (sequences[b] ?? 0));
    group.forEach((place, i) => {
      order[place] = sorted[i] ?? place;
    });
  }
  return order;
}
