/**
 * A whole shift at one desk while central is away: eight simulated hours, three people in turns, a call every six minutes,
 * and every five minutes the engine dies. The calls are made up from the seed; what happens to them is the real engine's.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { CallEvent, type CallEventType } from '#contract/call-events.ts';
import type { Delivery } from '#contract/live.ts';
import type { ProfileSlice } from '#contract/profile.ts';
import { storeFolder } from '#main/engine-process/store-folder.ts';
import { TRUSTED } from '../engine/signing.ts';
import { smallRevision } from '../engine/small-revision.ts';
import { randomFrom } from '../fault/random-from.ts';
import type { HotDesk } from './hot-desk.ts';
import type { Segment } from './shift-child.ts';
import { type HistoryLine, parseHistory } from './shift-history.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const SEGMENT_MS = 5 * MINUTE_MS;
const CALL_EVERY_MS = 6 * MINUTE_MS;
const SAY_EVERY_MS = 35_000;
const SAYINGS = 8;
/** People change every hour. */
const SEGMENTS_A_TURN = 12;
/** Statements of five minutes, about: deaths fall among them. */
const STATEMENTS = 150;

export interface ShiftPlan {
  readonly seed: number;
  readonly segments: number;
  readonly agents: readonly string[];
  /** The segment in which nothing more fits into the store; null = none. */
  readonly fullAt: number | null;
  readonly isCanary: boolean;
}

export interface ShiftRun {
  readonly history: readonly HistoryLine[];
  readonly kills: number;
  readonly killedAtStatement: number;
  readonly clockFaults: number;
  readonly calls: number;
}

/** What the computer's clock is wrong by, from which of a shift's 96 parts on: days ahead and back, an hour as where summer time is corrected by hand, a second twice. */
const CLOCK_FAULTS: readonly { readonly at: number; readonly offMs: number }[] = [
  { at: 0, offMs: 0 },
  { at: 15, offMs: 3 * DAY_MS },
  { at: 17, offMs: 0 },
  { at: 30, offMs: 60 * MINUTE_MS },
  { at: 33, offMs: 0 },
  { at: 50, offMs: -3 * DAY_MS },
  { at: 53, offMs: 0 },
  { at: 65, offMs: -1_000 },
  { at: 80, offMs: -60 * MINUTE_MS },
  { at: 83, offMs: 0 },
];
const PARTS = 96;
const clockOffMs = (segment: number, of: number): number => CLOCK_FAULTS.findLast(({ at }) => at <= (segment * PARTS) / of)?.offMs ?? 0;

/** One file that loads in a tenth of the time the sources take; native libraries stay outside. */
export async function builtChild(): Promise<string> {
  const outDir = path.join(ROOT, 'out', 'shift');
  await build({
    configFile: false,
    root: ROOT,
    logLevel: 'error',
    ssr: { noExternal: true, external: ['better-sqlite3', 'onnxruntime-node'] },
    build: {
      ssr: path.join(ROOT, 'test', 'desk', 'shift-child.ts'),
      outDir,
      emptyOutDir: false,
      minify: false,
      target: 'node24',
      rolldownOptions: {
        external: ['better-sqlite3', 'onnxruntime-node'],
        output: { format: 'es', entryFileNames: 'shift-child.mjs', codeSplitting: false },
      },
    },
  });
  return path.join(outDir, 'shift-child.mjs');
}

/** Everybody has signed in at the desk before. Central's clock is what the calls are timed by; the desk's may be wrong. */
export async function workShift(desk: HotDesk, child: string, plan: ShiftPlan): Promise<ShiftRun> {
  const random = randomFrom(plan.seed);
  const startMs = Date.UTC(2026, 9, 24, 22);
  const calls = callsOf(plan, startMs);
  const historyFile = path.join(desk.userData, 'history.jsonl');
  writeFileSync(historyFile, '');
  const revision = smallRevision();
  let spare = forked(child);
  let kills = 0;
  let killedAtStatement = 0;
  for (let i = 0; i < plan.segments; i++) {
    const agentId = agentOf(plan, i);
    const person = (await desk.people.find(agentId)) ?? fail(`${agentId} never signed in here`);
    const folder = storeFolder(desk.userData, agentId);
    mkdirSync(folder, { recursive: true });
    const segmentMs = startMs + i * SEGMENT_MS;
    const underWay = calls.filter(
      (call) => call.agentId === agentId && call.startMs < segmentMs + SEGMENT_MS && call.endMs > segmentMs - SEGMENT_MS,
    );
    const isFull = i === plan.fullAt;
    const drawn = random(4) === 0 ? 0 : 1 + random(STATEMENTS);
    const dieAfter = isFull ? 0 : drawn;
    const segment: Segment = {
      storeFolder: folder,
      migrations: path.join(ROOT, 'migrations', 'desktop'),
      keyHex: desk.people.storeKey(person) ?? fail(`the key of ${agentId} is gone`),
      deviceId: desk.device.deviceId ?? fail('the device is not enrolled'),
      agentId,
      historyFile,
      revision,
      trusted: TRUSTED,
      profile: profileAt(startMs),
      clockMs: segmentMs + clockOffMs(i, plan.segments),
      deliveries: underWay
        .flatMap(({ events }) => events)
        .filter(({ atMs }) => atMs < segmentMs + SEGMENT_MS)
        .map(({ atMs, delivery }) => ({ inMs: Math.max(0, atMs - segmentMs), delivery }))
        .toSorted((a, b) => a.inMs - b.inMs),
      firstOp: i * 1_000,
      dieAfter,
      full: isFull,
      isCanary: plan.isCanary,
    };
    const running = spare;
    spare = forked(child);
    await toItsDeath(running, segment);
    kills += 1;
    if (dieAfter > 0) killedAtStatement += 1;
  }
  spare.kill('SIGKILL');
  const clockFaults = Array.from({ length: plan.segments }, (_, i) => clockOffMs(i, plan.segments)).filter(
    (offMs, i, all) => i > 0 && offMs !== all[i - 1],
  ).length;
  return { history: parseHistory(readFileSync(historyFile, 'utf8')), kills, killedAtStatement, clockFaults, calls: calls.length };
}

const forked = (child: string): ChildProcess => fork(child, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });

async function toItsDeath(child: ChildProcess, segment: Segment): Promise<void> {
  let said = '';
  child.stderr?.on('data', (data: Buffer) => {
    said += String(data);
  });
  const gone = new Promise<NodeJS.Signals | null>((resolve) => child.once('exit', (_, signal) => resolve(signal)));
  child.send(segment);
  const signal = await gone;
  if (signal !== 'SIGKILL') throw new Error(`a segment of the shift ended by itself: ${said}`);
}

interface MadeCall {
  readonly agentId: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly events: readonly { readonly atMs: number; readonly delivery: Delivery }[];
}

const agentOf = ({ agents }: ShiftPlan, segment: number): string => agents[Math.floor(segment / SEGMENTS_A_TURN) % agents.length] ?? '';

function callsOf(plan: ShiftPlan, startMs: number): readonly MadeCall[] {
  const made: MadeCall[] = [];
  for (let atMs = startMs; atMs < startMs + plan.segments * SEGMENT_MS; atMs += CALL_EVERY_MS) {
    const agentId = agentOf(plan, Math.floor((atMs - startMs) / SEGMENT_MS));
    made.push(call(`shift-${plan.seed}-${made.length}`, agentId, atMs));
  }
  return made;
}

function call(callId: string, agentId: string, startMs: number): MadeCall {
  const events: { atMs: number; delivery: Delivery }[] = [];
  const add = (inMs: number, type: CallEventType, data: object): void => {
    const seq = events.length + 1;
    const atMs = startMs + inMs;
    const event = CallEvent.parse({
      specversion: '1.0',
      id: `${callId}-${seq}`,
      source: '/shift',
      subject: callId,
      type,
      time: new Date(atMs).toISOString(),
      data,
    });
    events.push({ atMs, delivery: { callId, seq, event } });
  };
  add(0, 'sotto.call.offered', { agentId, direction: 'inbound', queue: 'billing', identity: 'verified', customerId: 'customer-1' });
  add(2_000, 'sotto.call.connected', { agentId });
  for (let i = 0; i < SAYINGS; i++) {
    const startedMs = (i + 1) * SAY_EVERY_MS;
    const speaker = i % 2 === 0 ? 'customer' : 'agent';
    add(startedMs, 'sotto.utterance.final', {
      utteranceId: `u-${i}`,
      speaker,
      text: `We are moving house, part ${i}.`,
      startMs: startedMs,
      endMs: startedMs + 900,
    });
  }
  const overMs = (SAYINGS + 1) * SAY_EVERY_MS;
  add(overMs, 'sotto.call.ended', { reason: 'customer-hung-up' });
  add(overMs + 1_000, 'sotto.wrapup.started', { agentId });
  add(overMs + 10_000, 'sotto.wrapup.ended', { agentId });
  return { agentId, startMs, endMs: events.at(-1)?.atMs ?? startMs, events };
}

const profileAt = (atMs: number): ProfileSlice => ({
  customerId: 'customer-1',
  version: 1,
  asOfMs: atMs,
  displayName: 'Mina Park',
  language: 'en',
  fields: { plan: 'basic' },
  consents: [{ purpose: 'marketing', granted: true, atMs }],
  history: [],
});

function fail(words: string): never {
  throw new Error(words);
}
