/**
 * [O2] Killed between an event's arrival and its effect: what a desk acknowledged it has, and what it has not central sends
 * again from the offset the desk names. (The files are copied after any statement, as in killed-store.test.ts.)
 */
import { expect, test } from 'vitest';
import type { CallEvent } from '#contract/call-events.ts';
import { AGENT, DeskBench } from '../engine/desk-bench.ts';
import { SMALL_REVISION } from '../engine/shared-bench.ts';
import { counts } from './counts.ts';
import { DamagedStore } from './damaged-store.ts';
import { randomFrom } from './random-from.ts';
import { type FaultReport, report } from './report.ts';
import { StatementWatch } from './statement-watch.ts';

const KILLS = counts(50, 500);
const CANARY_KILLS = 20;
const CALL = 'call-1';
const TEXTS = ['hello', 'I am moving house', 'what does it cost', 'thank you'];
/** Statements of one such call, about. */
const STATEMENTS = 120;

interface Delivered {
  readonly callId: string;
  readonly seq: number;
  readonly event: CallEvent;
}

const script = (desk: DeskBench): readonly Delivered[] => [
  desk.event(CALL, 'sotto.call.offered', {
    agentId: AGENT,
    direction: 'inbound',
    queue: 'q',
    customerId: 'customer-1',
    identity: 'verified',
  }),
  desk.event(CALL, 'sotto.call.connected', { agentId: AGENT }),
  ...TEXTS.map((text, index) =>
    desk.event(CALL, 'sotto.utterance.final', { utteranceId: `u-${index}`, speaker: 'customer', text, startMs: index, endMs: index }),
  ),
  desk.event(CALL, 'sotto.call.held', { agentId: AGENT }),
  desk.event(CALL, 'sotto.call.resumed', { agentId: AGENT }),
];

interface Killed {
  readonly files: DamagedStore;
  readonly events: readonly Delivered[];
  /** The last number that was acknowledged. */
  readonly acknowledged: number;
}

/** A desk in the middle of a call; `isEager`: it acknowledges what arrives before it has it. */
async function killed(random: (below: number) => number, isEager: boolean): Promise<Killed | null> {
  using scratch = new DamagedStore();
  await using desk = await DeskBench.open({ scratch, bundles: [{ revision: SMALL_REVISION }] });
  const events = script(desk);
  let left = 1 + random(STATEMENTS);
  let acknowledged = 0;
  let copied: Killed | null = null;
  const after = (): void => {
    left -= 1;
    if (left === 0) copied = { files: new DamagedStore(scratch), events, acknowledged };
  };
  using _ = new StatementWatch({ after });
  for (const event of events) {
    if (isEager) acknowledged = event.seq;
    const taken = await desk.engine.deliver(event);
    if (taken.result !== 'refused') acknowledged = taken.seq;
    if (copied !== null) break;
  }
  return copied;
}

async function killMany(kills: number, isEager: boolean): Promise<FaultReport & { readonly resent: number }> {
  const random = randomFrom(31);
  const seen = { operations: 0, faults: 0, lost: 0, doubled: 0, phantom: 0, resent: 0 };
  while (seen.faults < kills) {
    const left = await killed(random, isEager);
    if (left === null) continue;
    using files = left.files;
    seen.faults += 1;
    await using desk = await DeskBench.open({ scratch: files, bundles: [] });
    const offset = desk.store.callOffsets().find(({ callId }) => callId === CALL)?.seq ?? 0;
    seen.operations += left.events.length;
    seen.lost += Math.max(0, left.acknowledged - offset);
    // Central goes on from there; an event or two come twice, as over a bad line.
    for (const event of left.events.filter(({ seq }) => seq > Math.max(0, offset - 2))) {
      const taken = await desk.engine.deliver(event);
      expect(taken.result).toBe(event.seq > offset ? 'accepted' : 'duplicate');
      if (event.seq > offset) seen.resent += 1;
    }
    const kept = desk.store.loadCall(CALL)?.events.map(({ seq }) => seq) ?? [];
    seen.doubled += kept.length - new Set(kept).size;
    expect(kept.toSorted((a, b) => a - b)).toEqual(left.events.map(({ seq }) => seq));
    const { call } = await desk.view();
    expect(call).toMatchObject({ phase: 'active', missing: 0, transcript: TEXTS.map((text) => ({ text })) });
  }
  return seen;
}

test(`[O2] killed ${KILLS} times between an event and its effect: nothing acknowledged is missing, and from the offset on everything comes again`, {
  timeout: 600_000,
}, async () => {
  const seen = await killMany(KILLS, false);
  report('[O2] killed intake', seen, { faults: KILLS });
  expect(seen.resent).toBeGreaterThan(KILLS);
});

test('[O2] canary: what is acknowledged before it is kept is missing, and this suite sees it', async () => {
  expect((await killMany(CANARY_KILLS, true)).lost).toBeGreaterThan(0);
});
