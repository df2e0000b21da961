/** The demonstration as a person sees it: the window opens, calls ring one after the other in real time, and go on until it is closed. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import type { CallEvent } from '#contract/call-events.ts';
import { planCalls, simulate, wallClock } from '#central/demo/simulator.ts';
import type { Script } from '#central/demo/script.ts';
import type { Demonstration } from './demonstration.ts';
import { type DeskLine, readDeskLines } from './desk-lines.ts';
import { deskCommand } from './launch-desk.ts';
import { LearningLines } from './learning-lines.ts';

/** From the desk being there to the first ring, and before each further one. */
const BEFORE_RING_MS = 100;
/** A desk that has not connected after this long is not going to. */
const CONNECT_WITHIN_MS = 30_000;
const ENDINGS: ReadonlySet<string> = new Set(['sotto.call.ended', 'sotto.wrapup.ended']);
const STOP_WITHIN_MS = 8_000;

export interface LiveOptions {
  readonly agent: string;
  readonly scripts: readonly Script[];
  readonly userData: string;
  readonly headless: boolean;
  readonly signal: AbortSignal;
  readonly onLine: (line: DeskLine) => void;
  readonly other: (text: string) => void;
  readonly progress: (text: string) => void;
}

/** Plays until the signal aborts or the window is closed. Resolves to the desk's exit code. */
export async function playLive({ central }: Pick<Demonstration, 'central'>, options: LiveOptions): Promise<number> {
  const { executable, args, env, electron } = deskCommand({
    central: central.url,
    agent: options.agent,
    userData: options.userData,
    clock: 'system',
    headless: options.headless,
  });
  options.progress(electron ? 'Opening the window in Electron.' : 'Opening the window on the stand-in runtime (Electron API on Chromium).');
  // A group of its own: Ctrl-C in the terminal reaches this process alone, which then stops the desk in order.
  const desk = spawn(executable, args, { env, stdio: ['ignore', 'pipe', 'pipe'], detached: process.platform !== 'win32' });
  readDeskLines(desk.stdout, options.onLine, options.other);
  desk.stderr.on('data', (data: Buffer) => options.other(data.toString().trimEnd()));
  const closed = once(desk, 'close').then(([code]) => (typeof code === 'number' ? code : 0));
  const windowClosed = new AbortController();
  void closed.then(() => windowClosed.abort());
  const signal = AbortSignal.any([options.signal, windowClosed.signal]);
  const learning = new LearningLines(central, options.progress);
  try {
    await connected(central, signal);
    for (let round = 1; !signal.aborted; round++) {
      const planned = planCalls(options.scripts, { startMs: Date.now() + BEFORE_RING_MS, suffix: `${Date.now().toString(36)}-${round}` });
      for (const call of planned) {
        if (signal.aborted) break;
        // Each call starts when the one before is over, whatever the plan thought.
        const shiftMs = Date.now() + BEFORE_RING_MS - call.startMs;
        options.progress(`Call: ${call.title}`);
        const emit = async (event: CallEvent): Promise<void> => {
          await central.intake({ ...event, time: new Date(Date.now()).toISOString() });
        };
        const clock = {
          nowMs: () => Date.now(),
          sleepUntil: (atMs: number, abort?: AbortSignal) => wallClock.sleepUntil(atMs + shiftMs, abort),
        };
        const { aborted } = await simulate([call], { clock, emit, signal });
        // Nobody is left on a call that was cut short: the next start must not find it open.
        if (aborted) for (const { event } of call.events) if (ENDINGS.has(event.type)) await emit(event);
        await wait(2_000, undefined, { signal }).catch(() => {});
      }
    }
  } finally {
    learning.stop();
    desk.kill('SIGTERM');
    const late = setTimeout(() => desk.kill('SIGKILL'), STOP_WITHIN_MS);
    await closed;
    clearTimeout(late);
  }
  return options.signal.aborted ? 0 : await closed;
}

async function connected(central: Demonstration['central'], signal: AbortSignal): Promise<void> {
  const untilMs = performance.now() + CONNECT_WITHIN_MS;
  while (central.desks() === 0 && !signal.aborted) {
    if (performance.now() > untilMs)
      throw new Error(
        'The window did not connect to central. Its messages are above; start again with SOTTO_HEADLESS=1 to do without a display.',
      );
    await wait(50);
  }
}
