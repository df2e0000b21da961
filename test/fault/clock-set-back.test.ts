/** [V6] A clock that is set back opens nothing that had grown too old, whether Sotto ran meanwhile or not. */
import { expect, test } from 'vitest';
import type { Clock } from '#ports/clock.ts';
import { CentralContact } from '../../engine/central-contact.ts';
import { Scratch } from '../conformance/sqlite-scratch.ts';
import { DeskBench, START_MS } from '../engine/desk-bench.ts';
import { MemoryLink } from '../engine/memory-link.ts';
import { CONSENTED, smallRevision } from '../engine/small-revision.ts';
import { counts } from './counts.ts';
import { DamagedStore } from './damaged-store.ts';
import { randomFrom } from './random-from.ts';
import { report } from './report.ts';

const HOUR_MS = 3_600_000;
const USABLE_MS = 24 * HOUR_MS;
const FAULTS = counts(250, 5_000);

/** A wall clock that anybody may set, forwards and back. */
class SetClock implements Clock {
  readonly virtual = false;
  ms = START_MS;
  readonly #looks = new Set<() => void>();

  nowMs(): number {
    return this.ms;
  }

  realMs(): number {
    return 0;
  }

  at(): () => void {
    throw new Error('nothing here waits for a time');
  }

  after(_: number, call: () => void): () => void {
    this.#looks.add(call);
    return () => this.#looks.delete(call);
  }

  /** Time goes by, and whoever looks now and then has looked. */
  pass(ms: number): void {
    this.ms += ms;
    const due = Array.from(this.#looks);
    this.#looks.clear();
    for (const look of due) look();
  }
}

test(`[V6] ${FAULTS} times the clock is set: what central said is never taken for younger than the clock ever showed`, {
  timeout: 1_800_000,
}, () => {
  using place = new DamagedStore();
  const random = randomFrom(6);
  const clock = new SetClock();
  let contact = new CentralContact(place.open(), clock);
  contact.heard();
  /** What a witness beside the desk has seen. */
  let heardAtMs = clock.ms;
  let latestMs = clock.ms;
  const seen = { operations: 0, faults: 0, opened: 0, openedWithoutMark: 0, open: 0 };
  while (seen.faults < FAULTS) {
    seen.operations += 1;
    const step = random(10);
    if (step < 4) clock.pass((1 + random(10)) * HOUR_MS);
    else if (step < 7) {
      clock.ms += (random(2) === 0 ? -1 : 1) * (1 + random(72)) * HOUR_MS;
      seen.faults += 1;
    } else if (step < 9) {
      // Closed, or killed: what was looked at last is kept either way.
      if (step === 7) contact.stop();
      place.close();
      contact = new CentralContact(place.open(), clock);
    } else {
      contact.heard();
      heardAtMs = clock.ms;
      latestMs = clock.ms;
    }
    latestMs = Math.max(latestMs, clock.ms);
    const isTooOld = latestMs - heardAtMs > USABLE_MS;
    const isOpen = clock.ms - contact.heardAtMs <= USABLE_MS;
    if (isOpen) seen.open += 1;
    if (isOpen && isTooOld) seen.opened += 1;
    if (isTooOld && clock.ms - heardAtMs <= USABLE_MS) seen.openedWithoutMark += 1;
    // A kill may come at any time; the look of half a minute ago is what is kept.
    clock.pass(0);
  }
  contact.stop();
  console.log(`[V6] ${JSON.stringify(seen)}`);
  report('[V6] clock set', { ...seen, lost: 0, doubled: 0, phantom: seen.opened }, { faults: FAULTS });
  expect(seen.open, 'the gate is open where it should be').toBeGreaterThan(FAULTS / 10);
  expect(seen.openedWithoutMark, 'canary: without the mark it would have opened').toBeGreaterThan(FAULTS / 20);
});

test('[V6] consent that had grown too old stays unknown when the clock is set back over a restart, until central is heard', async () => {
  using scratch = new Scratch();
  {
    await using desk = await DeskBench.open({ scratch, bundles: [{ revision: smallRevision(1) }] });
    await desk.begin('call-1');
    expect((await desk.view()).cards.map(({ actionId }) => actionId)).toContain(CONSENTED);
  }
  for (const [hours, isHeard] of [
    [25, false],
    [23, false],
    [23, true],
  ] as const) {
    await using later = await DeskBench.open({
      scratch,
      bundles: [],
      surroundings: { link: new MemoryLink() },
      startMs: START_MS + hours * HOUR_MS,
    });
    if (isHeard) await later.begin('call-2');
    await later.advance(1_000);
    const { cards } = await later.view();
    expect(
      cards.some(({ actionId }) => actionId === CONSENTED),
      `after ${hours} hours`,
    ).toBe(isHeard);
  }
});
