/** [P3] Nothing is kept longer than its kind is, and nothing goes before. */
import { expect, test } from 'vitest';
import { SteppedClock } from '#adapters/system/stepped-clock.ts';
import type { SqliteStore } from '#adapters/sqlite/sqlite-store.ts';
import { ABANDONED_DAYS, RETENTION_DAYS, STORED_KINDS } from '#contract/retention.ts';
import { MAX_BATCH_BYTES, type OutboxReceipt } from '#contract/sync.ts';
import { keepNoLonger } from '#engine';
import { canonical, decision, delivery, event, outcome } from '../conformance/samples.ts';
import { Scratch } from '../conformance/sqlite-scratch.ts';
import { DAY_MS, type Days, isThere, type MadeCall, shouldBeThere, type There } from './kept-records.ts';

const HOUR_MS = 3_600_000;
const BEGIN_MS = Date.UTC(2025, 0, 1);
const DAYS = 400;
/** Central is away on these days, and has everything the day after. */
const AWAY = { from: 120, to: 170 } as const;
const NEVER = Number.MAX_SAFE_INTEGER;

/** Every limit so many days later. */
const off = (days: number): Days => Object.fromEntries(STORED_KINDS.map((kind) => [kind, RETENTION_DAYS[kind] + days])) as Days;

const connected = (callId: string, seq: number, atMs: number) => ({
  callId,
  seq,
  event: event('sotto.call.connected', { agentId: 'ann' }, atMs, callId),
});

/** A life of so many days at one desk; retention runs as if its limits were `limits`. Returns every way in which it was not as `RETENTION_DAYS` wants it. */
class DeskLife implements Disposable {
  readonly #scratch = new Scratch();
  readonly store: SqliteStore = this.#scratch.open();
  readonly calls: MadeCall[] = [];
  readonly tooLong: string[] = [];
  readonly tooEarly: string[] = [];
  looked = 0;
  gone = 0;

  live(days: number, limits: Days): void {
    for (let day = 0; day < days; day++) {
      const dayMs = BEGIN_MS + day * DAY_MS;
      this.#callOf(day, dayMs + 9 * HOUR_MS);
      this.#runOn(day, dayMs + 12 * HOUR_MS);
      if (day < AWAY.from || day > AWAY.to) this.#send(dayMs + 18 * HOUR_MS);
      // At any hour: what is due at this one goes, what is due at the next does not.
      const nowMs = dayMs + 20 * HOUR_MS + (day % 4) * HOUR_MS;
      const retained = this.store.retain(nowMs, limits);
      if (!retained.ok) throw new Error(retained.words);
      this.gone += Object.values(retained.gone).reduce((sum, count) => sum + count, 0);
      this.#look(day, nowMs);
    }
  }

  [Symbol.dispose](): void {
    this.#scratch[Symbol.dispose]();
  }

  /** One call a day; of some the end is never told, some are held, of some central refuses the decision, one goes on for forty days. */
  #callOf(day: number, atMs: number): void {
    const callId = `call-${day}`;
    const customerId = `customer-${day}`;
    const isAbandoned = day % 5 === 3;
    const runsOn = day === 60;
    const sentDay = day >= AWAY.from && day <= AWAY.to ? AWAY.to + 1 : day;
    const sentAtMs = BEGIN_MS + sentDay * DAY_MS + 18 * HOUR_MS;
    const entry = decision(day * 10 + 1, {
      callId,
      outcomes: [canonical(outcome(day * 10 + 2, { callId, customerId, kind: 'offered', atMs }))],
    });
    this.store.journalDelivery(connected(callId, 1, atMs));
    this.store.recordDecision(entry);
    this.store.saveProfile({
      customerId,
      version: 1,
      asOfMs: atMs,
      displayName: 'Ada',
      language: 'en',
      fields: {},
      consents: [],
      history: [],
    });
    const overAtMs = runsOn ? atMs + 40 * DAY_MS + 3 * HOUR_MS : atMs;
    if (!isAbandoned && !runsOn) this.store.finishCall(callId, atMs);
    const heldUntilMs = day % 20 === 7 ? atMs + 100 * DAY_MS : 0;
    if (heldUntilMs > 0) this.store.hold({ callId }, heldUntilMs);
    this.calls.push({
      callId,
      decisionId: entry.id,
      customerId,
      overAtMs,
      runsUntilMs: isAbandoned || runsOn ? overAtMs + ABANDONED_DAYS * DAY_MS : 0,
      heldUntilMs,
      sentAtMs,
      refusedAtMs: day % 7 === 2 ? sentAtMs : null,
      profileAsOfMs: atMs,
    });
  }

  /** The long call: something is said every day. */
  #runOn(day: number, atMs: number): void {
    if (day > 60 && day <= 100) this.store.journalDelivery(connected('call-60', day - 58, atMs));
  }

  #send(atMs: number): void {
    const refused = new Set(this.calls.filter(({ refusedAtMs }) => refusedAtMs !== null).map(({ decisionId }) => decisionId));
    for (let batch = this.#next(); batch !== null; batch = this.#next()) {
      const items: OutboxReceipt['items'] = batch.items.map(({ id }) =>
        refused.has(id) ? { id, result: 'refused', reason: 'bad-item' } : { id, result: 'stored' },
      );
      this.store.settleBatch(batch, { items }, atMs);
    }
  }

  #next(): ReturnType<SqliteStore['takeBatch']> {
    return this.store.takeBatch('device-1', { items: 50, bytes: MAX_BATCH_BYTES });
  }

  /** Every call near one of its limits each day, and all of them every fortieth. */
  #look(day: number, nowMs: number): void {
    for (const call of this.calls) {
      const ages = [call.overAtMs, call.profileAsOfMs, call.heldUntilMs - 30 * DAY_MS, call.refusedAtMs ?? NEVER, call.sentAtMs].map(
        (ms) => (nowMs - ms) / DAY_MS,
      );
      const isNear = ages.some((age) => Object.values(RETENTION_DAYS).some((limit) => Math.abs(age - limit) < 1.5));
      if (!isNear && day % 40 !== 39) continue;
      this.looked += 1;
      const there = isThere(this.store, call);
      const should = shouldBeThere(call, nowMs, RETENTION_DAYS);
      for (const kind of Object.keys(should) as (keyof There)[]) {
        if (there[kind] && !should[kind]) this.tooLong.push(`day ${day}: ${kind} of ${call.callId}`);
        if (!there[kind] && should[kind]) this.tooEarly.push(`day ${day}: ${kind} of ${call.callId}`);
      }
    }
  }
}

test(`[P3] over ${DAYS} days nothing is kept longer than its kind is, and nothing goes early`, { timeout: 240_000 }, () => {
  using life = new DeskLife();
  life.live(DAYS, RETENTION_DAYS);
  expect({ tooLong: life.tooLong, tooEarly: life.tooEarly }).toEqual({ tooLong: [], tooEarly: [] });
  expect(life.looked).toBeGreaterThan(3 * DAYS);
  expect(life.gone).toBeGreaterThan(5 * (DAYS - 100));
  // What is unsent or refused lately is still there, and the chain holds over all that is gone.
  expect(life.store.verifyLedger()).toEqual({ entries: 2 * DAYS, brokenAt: null });
  expect(life.store.counts()).toMatchObject({ unsent: 0, ledger: 2 * DAYS });
  console.log(
    `[P3]: ${DAYS} days, ${life.calls.length} calls, ${life.looked} looked at, ${life.gone} rows gone, 0 kept too long, 0 gone early`,
  );
});

test('[P3] canary: limits that are a day off, either way, are seen of every kind', () => {
  using longer = new DeskLife();
  longer.live(45, off(1));
  using shorter = new DeskLife();
  shorter.live(45, off(-1));
  for (const kind of ['transcript', 'card', 'outcome', 'record', 'profile'] as const) {
    expect([longer.tooLong, shorter.tooEarly].map((wrongs) => wrongs.some((one) => one.includes(`: ${kind} `)))).toEqual([true, true]);
  }
  expect([longer.tooEarly, shorter.tooLong]).toEqual([[], []]);
});

test('a call under way is not touched whatever its age, nor is what central does not have', () => {
  using scratch = new Scratch();
  const store = scratch.open();
  const nowMs = BEGIN_MS + 500 * DAY_MS;
  store.journalDelivery(connected('under-way', 1, BEGIN_MS));
  store.journalDelivery({
    ...delivery(2, 'Hello', 'under-way'),
    event: event('sotto.call.connected', { agentId: 'ann' }, nowMs - DAY_MS, 'under-way'),
  });
  store.recordDecision(decision(1, { callId: 'under-way' }));
  const unsent = decision(2, { callId: 'over' });
  store.journalDelivery(connected('over', 1, BEGIN_MS));
  store.recordDecision(unsent);
  store.finishCall('over', BEGIN_MS);
  const before = store.counts();
  store.retain(nowMs, RETENTION_DAYS);
  expect(store.loadCall('under-way')).toMatchObject({ finished: false, events: [{}, {}], cards: [{}], outcomes: [{}] });
  expect(store.loadCall('over')).toMatchObject({ events: [], cards: [], outcomes: [{}], lastDecision: null });
  expect(store.decisionRecord(unsent.id)).toBe(unsent.recordJson);
  expect(store.counts()).toEqual(before);
  // And a desk opened again agrees with its anchor: nothing of what is gone counts as damage.
  store.close();
  expect(scratch.open().counts()).toEqual(before);
});

test('it runs at the start and every hour, and what is due goes within the hour', async () => {
  using scratch = new Scratch();
  const store = scratch.open();
  const timers: { readonly ms: number; readonly call: () => void }[] = [];
  const clock = new (class extends SteppedClock {
    override after(ms: number, call: () => void): () => void {
      timers.push({ ms, call });
      return () => undefined;
    }
  })(BEGIN_MS);
  store.journalDelivery(connected('call-1', 1, BEGIN_MS));
  store.recordDecision(decision(1, { callId: 'call-1' }));
  store.finishCall('call-1', BEGIN_MS);
  const runs: number[] = [];
  const stop = keepNoLonger({ store, clock, onRun: (nowMs) => runs.push(nowMs), onNotWritten: ({ words }) => runs.push(words.length) });
  for (let hour = 1; hour <= 10 * 24; hour++) {
    await clock.advance(BEGIN_MS + hour * HOUR_MS, async () => undefined);
    expect(timers.at(-1)?.ms).toBe(HOUR_MS);
    timers.at(-1)?.call();
    expect((store.loadCall('call-1')?.events.length ?? 0) > 0, `hour ${hour}`).toBe(hour < RETENTION_DAYS.transcript * 24);
  }
  stop();
  expect(runs).toHaveLength(10 * 24 + 1);
});

test('limits are whole days, and no profile outlives the answers that complete it', () => {
  for (const kind of STORED_KINDS) expect(Number.isInteger(RETENTION_DAYS[kind]) && RETENTION_DAYS[kind] > ABANDONED_DAYS, kind).toBe(true);
  expect(RETENTION_DAYS.profile).toBeLessThanOrEqual(RETENTION_DAYS.outcome);
  expect(RETENTION_DAYS.record).toBeLessThanOrEqual(RETENTION_DAYS['dead-letter']);
});
