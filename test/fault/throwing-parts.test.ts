/**
 * Every part of the desk is made to throw, one after the other, at the first word of a call and at a withdrawal of consent:
 * what may not be shown is not shown, what is shown has its record, and nothing is accepted that is not permitted.
 */
import { expect, test } from 'vitest';
import type { DeskView } from '#contract/desk.ts';
import type { Saved } from '#contract/ipc.ts';
import type { ProfileSlice } from '#contract/profile.ts';
import { AGENT, CUSTOMER, DeskBench, MODEL, START_MS } from '../engine/desk-bench.ts';
import { CONSENTED, smallRevision } from '../engine/small-revision.ts';
import { report } from './report.ts';
import { ThrowingParts } from './throwing-parts.ts';

const CALL = 'call-1';
const BUNDLES = [{ revision: smallRevision() }, { model: MODEL }];
/** Throwing once is the moment of a fault; throwing on is a part that is gone. Without the time nothing can be told at all. */
const timesOf = (place: string): readonly number[] => (/^clock\.(?:now|real)Ms$/.test(place) ? [1] : [1, Infinity]);
/** Ends the desk or is not of a call: nothing is shown because of it. */
const NOT_OF_A_CALL = new Set(['store.close', 'scorer.close', 'scorer.load', 'store.installRevision', 'store.installModel']);
const LEAST_PLACES = 24;

const profile = (version: number, granted: boolean): ProfileSlice => ({
  ...CUSTOMER,
  version,
  consents: [{ purpose: 'marketing', granted, atMs: START_MS - 60_000 - (granted ? 1 : 0) }],
  history: [{ kind: 'seen', channel: 'email', atMs: START_MS - 86_400_000 }],
});

class Tried implements AsyncDisposable {
  readonly parts = new ThrowingParts();
  #desk: DeskBench | null = null;

  async open(): Promise<DeskBench> {
    this.#desk = await DeskBench.open({ bundles: BUNDLES, alter: (parts) => this.parts.alter(parts) });
    return this.#desk;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.parts.disarm();
    await this.#desk?.[Symbol.asyncDispose]();
  }
}

/** What the window has, which is all it was ever told. */
function onScreen(desk: DeskBench): DeskView['cards'] {
  return desk.changes.findLast(({ cards }) => cards !== undefined)?.cards ?? [];
}

const isOpen = (desk: DeskBench, actionId: string): boolean =>
  onScreen(desk).some((card) => card.actionId === actionId && card.state === 'open');

/** Whatever it comes to: a part that throws may reject, and the next thing happens all the same. */
const anyhow = async (work: Promise<unknown>): Promise<void> => {
  await work.catch(() => undefined);
};

async function accepts(desk: DeskBench, card: { readonly decisionId: string; readonly actionId: string }): Promise<boolean> {
  const saved = await desk.answer(card).catch((): Saved => ({ saved: false, reason: 'engine-away', detail: '' }));
  return saved.saved;
}

interface Seen {
  readonly struck: number;
  /** Shown without permission, or without a record. */
  readonly wrong: readonly string[];
}

async function begin(desk: DeskBench, about: ProfileSlice): Promise<void> {
  await anyhow(desk.engine.context({ callId: CALL, profile: about, outcomes: [], complete: true }));
  const who = { customerId: about.customerId, identity: 'verified' as const };
  await anyhow(desk.say(CALL, 'sotto.call.offered', { agentId: AGENT, direction: 'inbound', queue: 'billing', ...who }));
  await anyhow(desk.say(CALL, 'sotto.call.connected', { agentId: AGENT }));
  await anyhow(desk.utter(CALL, 'customer', 'I am moving house'));
  await anyhow(desk.advance(4_000));
}

/** The part is out of order from the first word of a call with a customer who refuses. */
async function atTheStart(place: string, times: number): Promise<Seen> {
  await using tried = new Tried();
  const desk = await tried.open();
  tried.parts.arm(place, times);
  await begin(desk, profile(1, false));
  await anyhow(desk.engine.request('call:ask', { callId: CALL }));
  const wrong = onScreen(desk)
    .filter(({ state }) => state === 'open')
    .filter(({ actionId, decisionId }) => actionId === CONSENTED || desk.store.decisionRecord(decisionId) === null)
    .map(({ actionId }) => `${actionId} was shown`);
  return { struck: tried.parts.disarm(), wrong };
}

/** It is in order until the card is on the screen, and fails while consent is taken back; which the desk hears of unless it `isDeaf`. */
async function atTheWithdrawal(place: string, times: number, isDeaf = false): Promise<Seen> {
  await using tried = new Tried();
  const desk = await tried.open();
  await begin(desk, profile(1, true));
  const card = onScreen(desk).find(({ actionId, state }) => actionId === CONSENTED && state === 'open');
  if (card === undefined) throw new Error('with consent the action was not shown');
  tried.parts.arm(place, times);
  const wrong: string[] = [];
  // The profile is read anew, and what was understood of it is forgotten.
  await anyhow(desk.engine.context({ callId: CALL, profile: profile(2, true), outcomes: [], complete: true }));
  const withdrawal = desk.event(CALL, 'sotto.consent.changed', {
    customerId: CUSTOMER.customerId,
    purpose: 'marketing',
    granted: false,
  });
  if (!isDeaf) await anyhow(desk.engine.deliver(withdrawal));
  if (isOpen(desk, CONSENTED)) wrong.push('it stayed on the screen');
  if (await accepts(desk, card)) wrong.push('it was accepted');
  await anyhow(desk.utter(CALL, 'customer', 'hello'));
  await anyhow(desk.advance(30_000));
  if (isOpen(desk, CONSENTED)) wrong.push('it came back');
  const struck = tried.parts.disarm();
  await anyhow(desk.utter(CALL, 'customer', 'is anybody there'));
  await anyhow(desk.advance(30_000));
  if (isOpen(desk, CONSENTED)) wrong.push('it came back when all was in order again');
  if (await accepts(desk, card)) wrong.push('it was accepted when all was in order again');
  // Central sends what was not acknowledged again.
  await anyhow(desk.engine.deliver(withdrawal));
  await anyhow(desk.utter(CALL, 'customer', 'hello again'));
  await anyhow(desk.advance(30_000));
  if (isOpen(desk, CONSENTED)) wrong.push('it came back after the withdrawal was heard again');
  return { struck, wrong };
}

/** Every place such a call passes. */
async function allPlaces(): Promise<readonly string[]> {
  await using tried = new Tried();
  const desk = await tried.open();
  await begin(desk, profile(1, true));
  const card = onScreen(desk).find(({ actionId }) => actionId === CONSENTED);
  if (card === undefined) throw new Error('with consent the action was not shown');
  await desk.say(CALL, 'sotto.consent.changed', { customerId: CUSTOMER.customerId, purpose: 'marketing', granted: false });
  await desk.advance(30_000);
  return [...tried.parts.places].filter((place) => !NOT_OF_A_CALL.has(place)).toSorted();
}

test.each([
  ['from the first word of a call', atTheStart],
  ['while consent is taken back', atTheWithdrawal],
] as const)(
  '[C1 C2] each part made to throw %s: nothing is shown or accepted that is not permitted',
  { timeout: 300_000 },
  async (name, tryIt) => {
    const places = await allPlaces();
    expect(places.length).toBeGreaterThanOrEqual(LEAST_PLACES);
    const wrong: string[] = [];
    let [struck, tries] = [0, 0];
    for (const place of places) {
      for (const times of timesOf(place)) {
        tries += 1;
        const seen = await tryIt(place, times);
        if (seen.struck > 0) struck += 1;
        for (const words of seen.wrong) wrong.push(`${place}, ${times === 1 ? 'once' : 'on and on'}: ${words}`);
      }
    }
    expect(wrong).toEqual([]);
    report(
      `[C1 C2] each part made to throw ${name}`,
      { operations: tries, faults: struck, lost: 0, doubled: 0, phantom: wrong.length },
      { faults: places.length },
    );
  },
);

test('[C1 C2] canary: where the withdrawal is never heard of, the card stays, and this suite sees it', async () => {
  const { wrong } = await atTheWithdrawal('store.keepLatest', 1, true);
  expect(wrong).toContain('it stayed on the screen');
  expect(wrong).toContain('it was accepted');
});
