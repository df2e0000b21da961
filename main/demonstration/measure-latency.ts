/**
 * Measures what an agent feels: from the event on the desk's socket to the painted card, and from the accept to the saved answer.
 *
 * Simulated callers on a virtual clock say things that call for a must-say line at once; every card is waited for until the
 * real window has painted it, and is then accepted by a click in it. The samples are those the desk itself takes; nothing is
 * asked of the window between an event and its card.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { type CallEvent, PARTIAL } from '#contract/call-events.ts';
import { expandScript, type TimedAnswer } from '#central/demo/expand-script.ts';
import { Script } from '#central/demo/script.ts';
import { simulate } from '#central/demo/simulator.ts';
import type { Demonstration } from './demonstration.ts';
import { DeskDriver } from './desk-driver.ts';
import type { DeskLine } from './desk-lines.ts';
import { percentiles, type Percentiles } from './percentiles.ts';

export interface Latency {
  /** From the event on the desk's socket to the card painted in the window. */
  readonly eventToCardMs: Percentiles;
  /** From the accept at the engine to its durable row. */
  readonly acceptToSavedMs: Percentiles;
  /** Two animation frames of the same window with nothing to draw: what every painted card waits for at least. */
  readonly floorMs: Percentiles;
  /** From the start of the app on an empty profile to the desk in its window. */
  readonly coldStartMs: number;
}

export interface LatencyOptions {
  /** Cards to paint and accept, at least. */
  readonly cards: number;
  readonly agentId: string;
  /** Where the desk keeps its things; empty at the start. */
  readonly userData: string;
  readonly other: (text: string) => void;
  /** Tells how far it is. */
  readonly progress: (text: string) => void;
}

/** What a caller says, and the line the agent must say then. */
const PROMPTING: readonly (readonly [says: string, actionId: string])[] = [
  ['I would like to know why my bill went up this month.', 'verify-caller'],
  ['And yesterday somebody on the phone asked for the code.', 'warn-about-codes'],
  ['I am ringing on behalf of an old friend.', 'check-authority'],
  ['If this goes on I will write to the ombudsman.', 'state-complaint-rights'],
  ['Money is tight since they cut my hours.', 'state-hardship-help'],
  ['I could pay by card, it is here with me.', 'pause-recording'],
  ['My mother died in spring, and I look after her things.', 'express-condolence'],
  ["Some days I just can't go on.", 'respond-to-distress'],
];
const GAP_MS = 3_000;
const PAINTED_WITHIN_MS = 5_000;
const SYNCED_WITHIN_MS = 20_000;
/**
 * Real time that nothing happens in before the words that prompt, and after an answer. On a virtual clock the syllables before
 * would come in the same frame as the end of the sentence; people take longer, and the window has drawn them by then.
 */
const SETTLED_AFTER_MS = 100;

export async function measureLatency(demonstration: Demonstration, options: LatencyOptions): Promise<Latency> {
  const { central } = demonstration;
  const { cards, agentId, userData, other } = options;
  const eventToCardMs: number[] = [];
  const acceptToSavedMs: number[] = [];
  const floorMs: number[] = [];
  /** Set from the event that prompts until its card is painted: other cards than that one are no samples. */
  let painted: PromiseWithResolvers<number> | null = null;
  const onLine = (line: DeskLine): void => {
    if (line.sotto !== 'measured') return;
    acceptToSavedMs.push(...line.acceptToSavedMs);
    const [sample] = line.eventToCardMs;
    if (sample !== undefined) painted?.resolve(sample);
  };

  const startedMs = performance.now();
  await using desk = await DeskDriver.launch(
    { central: central.url, agent: agentId, userData, clock: 'virtual', headless: true },
    onLine,
    other,
  );
  const coldStartMs = Math.round(performance.now() - startedMs);
  while (central.desks() === 0) await wait(20);
  await demonstration.advance(demonstration.nowMs());

  const prompting = new Map(PROMPTING);
  const clock = { nowMs: () => demonstration.nowMs(), sleepUntil: (atMs: number) => demonstration.advance(atMs) };
  const emit = async (event: CallEvent): Promise<void> => {
    const actionId = event.type === 'sotto.utterance.final' ? prompting.get(event.data.text) : undefined;
    if (actionId !== undefined) {
      await wait(SETTLED_AFTER_MS);
      painted = Promise.withResolvers();
    }
    const receipt = await central.intake(event);
    if (receipt.result === 'refused') throw new Error(`event ${event.id} was refused: ${receipt.reason}`);
    if (event.type !== PARTIAL) await central.whenProcessed(event.subject, central.delivered(event.subject).seq);
    if (actionId === undefined || painted === null) return;
    const sample = await Promise.race([painted.promise, wait(PAINTED_WITHIN_MS, null, { ref: false })]);
    painted = null;
    if (sample === null) other(`${event.id}: no card was painted for ${actionId}`);
    else eventToCardMs.push(sample);
  };
  const answer = async (given: TimedAnswer): Promise<void> => {
    if (!(await desk.answer(given, (id) => id))) other(`${given.callId}: ${given.actionId} was not on screen to be accepted`);
    await wait(SETTLED_AFTER_MS);
    floorMs.push(await twoFramesMs(desk));
  };
  const calls = Math.ceil(cards / PROMPTING.length);
  for (let number = 1; number <= calls; number += 1) {
    const call = expandScript(callScript(agentId), { startMs: clock.nowMs() + GAP_MS, suffix: String(number) });
    await simulate([call], { clock, emit, answer });
    await demonstration.advance(call.endMs);
    options.progress(`call ${number} of ${calls}: ${eventToCardMs.length} cards painted, ${acceptToSavedMs.length} answers saved`);
  }
  await desk.drained(SYNCED_WITHIN_MS);
  return {
    eventToCardMs: percentiles(eventToCardMs),
    acceptToSavedMs: percentiles(acceptToSavedMs),
    floorMs: percentiles(floorMs),
    coldStartMs,
  };
}

/** A caller nobody knows: no contact limit is ever reached, so that every call prompts like the first. */
const callScript = (agentId: string): Script =>
  Script.parse({
    id: 'latency',
    title: 'A caller with many troubles',
    theme: 'latency',
    agent: agentId,
    identity: 'unknown',
    queue: 'general',
    steps: [
      ...PROMPTING.flatMap(([says, action]) => [
        { customer: says, pauseS: 5 },
        { answer: 'accept', action, pauseS: 2 },
      ]),
      // An answer takes no time of the talk: the call must not end before the last one.
      { silenceS: 5 },
    ],
  });

const twoFramesMs = (desk: DeskDriver): Promise<number> =>
  desk.page.evaluate(async () => {
    const startedMs = performance.now();
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    return performance.now() - startedMs;
  });
