/**
 * The load, in a process of its own: desks on every node, producers on every node, and what they send at fixed rates, whatever
 * the answers take (open loop: what waits counts from when it was due). Told what to do by its parent, one thing after the other.
 */
import { createPrivateKey, randomUUID } from 'node:crypto';
import { derivedSigningKey } from '#central/access/derived-key.ts';
import { DeskIssuer } from '#central/access/tokens.ts';
import { mulberry32 } from '../decide/mulberry32.ts';
import { Latencies } from './latencies.ts';
import { LoadedDesk } from './loaded-desk.ts';
import { LoadedProducer } from './loaded-producer.ts';
import { makerOf } from './made-items.ts';
import type { GeneratorSettings } from './plan.ts';
import type { Asked, DrainFigures, PhaseFigures } from './generator-words.ts';

/** One in so many batches of the return has its receipt lost on the way, and comes twice. */
const LOST_RECEIPT_EACH = 50;
const TICK_MS = 5;

const settings = JSON.parse(process.env['BENCH_GENERATOR'] ?? '') as GeneratorSettings;
const { plan, urls } = settings;
const tokens = new DeskIssuer(derivedSigningKey(createPrivateKey(settings.signingKeyPem), 'desk tokens'));
const random = mulberry32(20_261_123);
const tally = { connects: 0, refusals: 0, resent: 0, pushedBack: 0, notStored: 0, eventsResent: 0, eventsRefused: 0 };

/** Events under way: when they were due, and which desk they are for. */
const underWay = new Map<string, { readonly dueMs: number; readonly desk: LoadedDesk }>();
let live = new Latencies();
let liveWithAway = new Latencies();
/** Ten seconds of due events each, since the phase began. */
let liveEachTenS: Latencies[] = [];
let phaseBeganMs = 0;
const outcomeIds: string[] = [];

const desks = Array.from(
  { length: plan.devices },
  (_, n) => new LoadedDesk(makerOf(n, settings.policy), tokens, { delivered, counted: (what) => void tally[what]++ }, random),
);
const LAG_EVERY_MS = 50;
const urlOf = (n: number): string => urls[n % urls.length] ?? '';

function delivered(eventId: string): void {
  const sent = underWay.get(eventId);
  if (sent === undefined) return;
  underWay.delete(eventId);
  const nowMs = performance.now();
  liveWithAway.add(nowMs - sent.dueMs);
  const since = sent.desk.connectedAtMs;
  // An event for a desk that was away waited for the desk, not for central.
  if (since === null || since > sent.dueMs) return;
  live.add(nowMs - sent.dueMs);
  (liveEachTenS[Math.max(0, Math.floor((sent.dueMs - phaseBeganMs) / 10_000))] ??= new Latencies()).add(nowMs - sent.dueMs);
}

let producers: readonly LoadedProducer[] = [];
const sequences = new Map<string, number>();

/** Sent by a producer that is connected to any node: most often not the desk's. */
function sendEvent(n: number, type: string, data: Readonly<Record<string, unknown>>, dueMs: number): void {
  const desk = desks[n];
  if (desk === undefined) return;
  const sequence = (sequences.get(desk.callId) ?? 0) + 1;
  sequences.set(desk.callId, sequence);
  const id = randomUUID();
  underWay.set(id, { dueMs, desk });
  const event = { specversion: '1.0', id, source: '/bench', subject: desk.callId, time: new Date().toISOString(), type, sequence, data };
  void hand(producers[Math.floor(n / urls.length) % producers.length], event);
}

async function hand(producer: LoadedProducer | undefined, event: { readonly id: string }): Promise<void> {
  if (await producer?.untilTaken(event, () => void tally.eventsResent++)) return;
  tally.eventsRefused++;
  underWay.delete(event.id);
}

const utterance = (n: number): Readonly<Record<string, unknown>> => ({
  utteranceId: `u${n}`,
  speaker: 'customer',
  text: 'I am moving house next month and I would like to know what that costs me',
  // A call lasts no longer than a day, whatever the benchmark takes.
  startMs: (n % 10_000) * 1_000,
  endMs: (n % 10_000) * 1_000 + 900,
});

/** Calls `send` with when each was due, `perS` times a second, for so long; what was late is made up for at once. */
function openLoop(perS: number, isOver: () => boolean, send: (n: number, dueMs: number) => void): Promise<void> {
  if (perS === 0) return Promise.resolve();
  const beganMs = performance.now();
  let sent = 0;
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      const nowMs = performance.now();
      for (; beganMs + (sent * 1_000) / perS <= nowMs; sent++) send(sent, beganMs + (sent * 1_000) / perS);
      if (!isOver()) return;
      clearInterval(timer);
      resolve();
    }, TICK_MS);
  });
}

async function connectAll(isAtOnce: boolean): Promise<void> {
  const waiting = desks.map((desk, n) => ({ desk, url: urlOf(n) }));
  const one = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await next.desk.connect(next.url, true);
  };
  await (isAtOnce ? Promise.all(desks.map((desk, n) => desk.connect(urlOf(n), false))) : Promise.all(Array.from({ length: 50 }, one)));
}

async function openCalls(): Promise<void> {
  producers = await Promise.all(urls.map((url) => LoadedProducer.connect(url, tokens)));
  for (const [n, { agentId }] of desks.entries()) {
    const offered = { agentId, direction: 'inbound', queue: 'billing', identity: 'verified', customerId: `customer-${n}` };
    sendEvent(n, 'sotto.call.offered', offered, performance.now());
    if (n % 20 === 19) await pause(40);
  }
  await settled(30_000);
  for (const [n, { agentId }] of desks.entries()) {
    sendEvent(n, 'sotto.call.connected', { agentId }, performance.now());
    if (n % 20 === 19) await pause(40);
  }
  await settled(30_000);
}

/** Until nothing is under way, or so long. */
async function settled(withinMs: number): Promise<void> {
  const endMs = performance.now() + withinMs;
  while (underWay.size > 0 && performance.now() < endMs) await pause(20);
}

function begin(): void {
  live = new Latencies();
  liveWithAway = new Latencies();
  liveEachTenS = [];
  phaseBeganMs = performance.now();
  for (const name of Object.keys(tally)) tally[name as keyof typeof tally] = 0;
}

async function phase(seconds: number, eventsPerS: number, outcomesPerS: number): Promise<PhaseFigures> {
  begin();
  const outcomes = new Latencies();
  const endMs = performance.now() + seconds * 1_000;
  const isOver = (): boolean => performance.now() >= endMs;
  const answers: Promise<void>[] = [];
  let acked = 0;
  await Promise.all([
    openLoop(eventsPerS, isOver, (n, dueMs) => sendEvent((n * 7) % plan.devices, 'sotto.utterance.final', utterance(n), dueMs)),
    openLoop(outcomesPerS, isOver, (n, dueMs) => {
      const answer = async (): Promise<void> => {
        const ids = await desks[(n * 11) % plan.devices]?.answerOnce();
        outcomes.add(performance.now() - dueMs);
        if (performance.now() < endMs) acked++;
        outcomeIds.push(...(ids ?? []));
      };
      answers.push(answer());
    }),
  ]);
  const deliveredInTime = live.count;
  await settled(30_000);
  await Promise.race([Promise.all(answers), pause(30_000)]);
  return {
    seconds,
    eventsPerS: Math.round(deliveredInTime / seconds),
    outcomesPerS: Math.round(acked / seconds),
    events: live.summary(),
    outcomes: outcomes.summary(),
    connected: desks.filter(({ connectedAtMs }) => connectedAtMs !== null).length,
    undelivered: underWay.size,
    tally: { ...tally },
  };
}

/** All desks come back at once, each with what it queued; live events go on meanwhile. */
async function comeBack(): Promise<DrainFigures> {
  for (const desk of desks) desk.disconnect();
  await pause(2_000);
  begin();
  let isDrained = false;
  const lag = new Latencies();
  const stopLag = watchLag(lag);
  const beganMs = performance.now();
  const loop = openLoop(
    plan.eventsPerS,
    () => isDrained,
    (n, dueMs) => sendEvent((n * 7) % plan.devices, 'sotto.utterance.final', utterance(n), dueMs),
  );
  let connectedMs = 0;
  const sinceMs = Date.now() - plan.queuedPerDevice * 60_000;
  const all = Promise.all(
    desks.map(async (desk, n) => {
      await desk.connect(urlOf(n), false);
      connectedMs = performance.now() - beganMs;
      const ids = await desk.drain(plan.queuedPerDevice, sinceMs, () => random() < 1 / LOST_RECEIPT_EACH);
      for (const id of ids) outcomeIds.push(id);
    }),
  );
  const isComplete = await Promise.race([all.then(() => true), pause(plan.returnAtMostS * 1_000).then(() => false)]);
  const seconds = (performance.now() - beganMs) / 1_000;
  isDrained = true;
  await loop;
  await settled(60_000);
  stopLag();
  return {
    seconds: Math.round(seconds * 10) / 10,
    isComplete,
    allConnectedS: Math.round(connectedMs / 100) / 10,
    live: live.summary(),
    liveEachTenS: Array.from(liveEachTenS, (each) => (each ?? new Latencies()).summary()),
    generatorLag: lag.summary(),
    liveWithAway: liveWithAway.summary(),
    undelivered: underWay.size,
    tally: { ...tally },
  };
}

/** Twenty times a second, by how much a turn of this process comes late. */
function watchLag(lag: Latencies): () => void {
  let dueMs = performance.now() + LAG_EVERY_MS;
  const timer = setInterval(() => {
    const nowMs = performance.now();
    lag.add(Math.max(0, nowMs - dueMs));
    dueMs = nowMs + LAG_EVERY_MS;
  }, LAG_EVERY_MS);
  return () => clearInterval(timer);
}

async function ask(asked: Asked): Promise<unknown> {
  switch (asked.what) {
    case 'connect':
      await connectAll(false);
      await openCalls();
      return { connected: desks.filter(({ connectedAtMs }) => connectedAtMs !== null).length };
    case 'phase':
      return await phase(asked.seconds, asked.eventsPerS, asked.outcomesPerS);
    case 'return':
      return await comeBack();
    case 'ids':
      return outcomeIds;
    case 'end':
      for (const desk of desks) desk.disconnect();
      for (const producer of producers) producer.disconnect();
      setTimeout(() => process.exit(0), 500).unref();
      return null;
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

process.on('message', (asked: Asked) => {
  ask(asked).then(
    (answer) => process.send?.({ ok: true, answer }),
    (error: unknown) => process.send?.({ ok: false, words: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});
process.on('disconnect', () => process.exit(0));
