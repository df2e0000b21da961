/** Plays scripted calls against a clock: events out, the agent's answers out, and afterwards what was expected. */
import { setTimeout as wait } from 'node:timers/promises';
import type { CallEvent } from '#contract/call-events.ts';
import { expandScript, type ScriptedCall, type TimedAnswer } from './expand-script.ts';
import type { Script } from './script.ts';

/** Real or virtual. `sleepUntil` returns at once for a moment that has passed; it may reject when `signal` aborts. */
export interface SimulatorClock {
  nowMs(): number;
  sleepUntil(atMs: number, signal?: AbortSignal): Promise<void>;
}

export const wallClock: SimulatorClock = {
  nowMs: () => Date.now(),
  sleepUntil: async (atMs, signal) => {
    const waitMs = atMs - Date.now();
    if (waitMs > 0) await wait(waitMs, undefined, signal === undefined ? {} : { signal });
  },
};

export interface Plan {
  readonly startMs: number;
  readonly suffix: string;
  readonly speed?: number;
  /** Between two calls of one agent, where the script names no gap of its own. */
  readonly gapS?: number;
}

/**
 * Puts scripts on the clock in their order. Every agent has one call at a time, so calls of different agents overlap;
 * a script that follows another starts its own gap after it, if the other is played too.
 */
export const planCalls = (scripts: readonly Script[], { startMs, suffix, speed = 1, gapS = 12 }: Plan): readonly ScriptedCall[] => {
  const freeAtMs = new Map<string, number>();
  const ends = new Map<string, number>();
  return scripts.map((script) => {
    const trial = expandScript(script, { startMs, suffix, speed });
    const free = Math.max(startMs, ...trial.agentIds.map((agent) => freeAtMs.get(agent) ?? startMs));
    const follows = script.after === undefined ? undefined : ends.get(script.after.script);
    const beginMs =
      follows === undefined || script.after === undefined
        ? free
        : Math.max(free - (gapS * 1_000) / speed, follows + (script.after.gapS * 1_000) / speed);
    const call = expandScript(script, { startMs: Math.round(beginMs), suffix, speed });
    for (const agent of call.agentIds) freeAtMs.set(agent, call.endMs + (gapS * 1_000) / speed);
    ends.set(script.id, call.endMs);
    return call;
  });
};

export interface Simulation {
  readonly clock: SimulatorClock;
  /** Sends one event; the simulator waits for it, so that a producer's events keep their order. */
  readonly emit: (event: CallEvent) => Promise<void>;
  /** What the scripted agent does now, if the prompt is there. */
  readonly answer?: (answer: TimedAnswer) => Promise<void>;
  readonly signal?: AbortSignal;
}

export interface SimulationReport {
  /** The calls that were begun, with what is expected of them. */
  readonly calls: readonly ScriptedCall[];
  readonly emitted: number;
  readonly answered: number;
  readonly aborted: boolean;
}

/** Plays planned calls to their end or until `signal` aborts. Rejects with what `emit` or `answer` rejects with. */
export const simulate = async (calls: readonly ScriptedCall[], { clock, emit, answer, signal }: Simulation): Promise<SimulationReport> => {
  const timeline = calls
    .flatMap((call) => [
      ...call.events.map(({ atMs, event }) => ({ atMs, call, run: () => emit(event), kind: 'event' as const })),
      ...(answer === undefined
        ? []
        : call.answers.map((given) => ({ atMs: given.atMs, call, run: () => answer(given), kind: 'answer' as const }))),
    ])
    .toSorted((a, b) => a.atMs - b.atMs);
  const begun = new Set<ScriptedCall>();
  let emitted = 0;
  let answered = 0;
  for (const { atMs, call, run, kind } of timeline) {
    if (!(await slept(clock, atMs, signal))) break;
    begun.add(call);
    await run();
    if (kind === 'event') emitted += 1;
    else answered += 1;
  }
  return { calls: calls.filter((call) => begun.has(call)), emitted, answered, aborted: signal?.aborted ?? false };
};

/** False when aborted before the moment came. */
const slept = async (clock: SimulatorClock, atMs: number, signal: AbortSignal | undefined): Promise<boolean> => {
  if (signal === undefined) {
    await clock.sleepUntil(atMs);
    return true;
  }
  if (signal.aborted) return false;
  try {
    await clock.sleepUntil(atMs, signal);
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
  return !isAborted(signal);
};

/** Read again after waiting: it may have changed meanwhile. */
const isAborted = (signal: AbortSignal): boolean => signal.aborted;
