/**
 * Plays scripted calls one after the other on a virtual clock, answered by clicks in the real window, and says whether
 * everything that was to happen happened.
 *
 * Nothing moves by itself: the clock goes to the next event or timer, the desk does all that falls due and says so, the
 * event goes through central to the desk, the window draws, and only then time goes on.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { type CallEvent, PARTIAL } from '#contract/call-events.ts';
import { expectationViolations, type ShownPrompt, type Violation } from '#central/demo/expectations.ts';
import { expandScript, type ScriptedCall, type TimedAnswer } from '#central/demo/expand-script.ts';
import { actionPlaces } from '#central/demo/organisation.ts';
import { simulate } from '#central/demo/simulator.ts';
import type { Script } from '#central/demo/script.ts';
import { percentiles, type Percentiles } from './percentiles.ts';
import type { Demonstration } from './demonstration.ts';
import { DeskDriver } from './desk-driver.ts';
import type { DeskLine } from './desk-lines.ts';
import { LearningLines, type LearningResult } from './learning-lines.ts';

/** Real time a card has to be on screen to count as seen is 300 ms. */
const SEEN_AFTER_MS = 350;
/** Virtual time between two calls. */
const GAP_S = 3;
const SYNCED_WITHIN_MS = 20_000;
/** Virtual time after the last call. */
const AFTERWARDS_MS = 600_000;

export interface OnceResult {
  readonly calls: number;
  readonly events: number;
  readonly decisions: number;
  readonly shown: number;
  readonly refrained: number;
  readonly answered: number;
  readonly outcomesSaved: number;
  readonly outcomesSynced: number;
  readonly eventToCardMs: Percentiles;
  readonly acceptToSavedMs: Percentiles;
  readonly learnt: LearningResult;
  /** Expectations of the scripts that did not hold. */
  readonly violations: readonly Violation[];
  /** Answers of the scripted agent to prompts that were not on screen. */
  readonly missedAnswers: readonly string[];
}

export interface OnceOptions {
  readonly scripts: readonly Script[];
  readonly onLine: (line: DeskLine) => void;
  readonly other: (text: string) => void;
  /** Tells how far it is, one line a call. */
  readonly progress: (text: string) => void;
  readonly suffix: string;
  /** Where an agent's desk keeps its things. */
  readonly userDataOf: (agentId: string) => string;
  /** Ids of the outcomes in a desk's own store, read after the desk has closed it. */
  readonly saved: (userData: string, agentId: string) => Promise<readonly string[]>;
}

export async function playOnce(demonstration: Demonstration, options: OnceOptions): Promise<OnceResult> {
  const { central, organisation } = demonstration;
  const nowMs = (): number => demonstration.nowMs();
  const counts = { events: 0, decisions: 0, shown: 0, refrained: 0, answered: 0 };
  const eventToCardMs: number[] = [];
  const acceptToSavedMs: number[] = [];
  const missedAnswers: string[] = [];
  const timeline = new Map<string, ShownPrompt[]>();
  const synced = new Set<string>();
  const learning = new LearningLines(central, options.progress);
  const stopCounting = central.onOutcome(({ id }) => synced.add(id));

  const onLine = (line: DeskLine): void => {
    if (line.sotto === 'decided') {
      counts.decisions += 1;
      if (line.kind === 'show') counts.shown += 1;
      else counts.refrained += 1;
    } else if (line.sotto === 'measured') {
      eventToCardMs.push(...line.eventToCardMs);
      acceptToSavedMs.push(...line.acceptToSavedMs);
    }
    options.onLine(line);
  };
  const desks = new Map<string, DeskDriver>();
  const openDesk = async (agentId: string): Promise<void> => {
    if (desks.has(agentId)) return;
    const userData = options.userDataOf(agentId);
    desks.set(
      agentId,
      await DeskDriver.launch({ central: central.url, agent: agentId, userData, clock: 'virtual', headless: true }, onLine, options.other),
    );
    // Its clock stands where ours does before anything happens to it.
    while (central.desks() < desks.size) await wait(20);
    await demonstration.advance(nowMs());
  };
  const seenOnce = new Set<string>();
  let running: ScriptedCall | null = null;

  /** Notes what is on screen now, and when each prompt came and went by the virtual clock. */
  const look = async (): Promise<void> => {
    if (running === null) return;
    const atMs = nowMs();
    const prompts = timeline.get(running.callId) ?? [];
    timeline.set(running.callId, prompts);
    // After a transfer the call is on another desk's screen.
    const screens = await Promise.all(running.agentIds.map(async (agentId) => (await desks.get(agentId)?.shown()) ?? []));
    const screen = screens.flat();
    for (const [at, prompt] of prompts.entries()) {
      if (prompt.untilMs === null && !screen.some(({ actionId, role }) => actionId === prompt.actionId && role === prompt.role))
        prompts[at] = { ...prompt, untilMs: atMs };
    }
    for (const { actionId, role } of screen) {
      if (prompts.some((prompt) => prompt.untilMs === null && prompt.actionId === actionId && prompt.role === role)) continue;
      prompts.push({ atMs, untilMs: null, actionId, role });
      if (!seenOnce.has(`${running.callId} ${actionId}`)) {
        seenOnce.add(`${running.callId} ${actionId}`);
        // A prompt counts as seen by the person's eye, in real time: it must have had that chance before anything else happens.
        await wait(SEEN_AFTER_MS);
      }
    }
  };
  const clock = {
    nowMs,
    sleepUntil: async (atMs: number): Promise<void> => {
      if (atMs <= nowMs()) return;
      await demonstration.advance(atMs);
      await look();
    },
  };
  const emit = async (event: CallEvent): Promise<void> => {
    counts.events += 1;
    const receipt = await central.intake(event);
    if (receipt.result === 'refused' && receipt.reason !== 'capture-paused')
      options.other(`event ${event.id} was refused: ${receipt.reason} ${receipt.detail ?? ''}`);
    // A partial utterance is shown at most: nothing is decided on it, so nothing is waited for.
    if (event.type === PARTIAL) return;
    await central.whenProcessed(event.subject, central.delivered(event.subject).seq);
    await look();
  };
  const names = new Map(organisation.revision.actions.map(({ id, name }) => [id, name]));
  const nameOf = (actionId: string): string => names.get(actionId) ?? actionId;
  const answer = async (given: TimedAnswer): Promise<void> => {
    if (await desks.get(given.agentId)?.answer(given, nameOf)) counts.answered += 1;
    else missedAnswers.push(`${given.callId}: ${given.answer} ${given.actionId}`);
    await look();
  };

  const violations: Violation[] = [];
  let learnt: LearningResult;
  try {
    for (const [index, script] of options.scripts.entries()) {
      // One after the other: the clock is everybody's.
      const call = expandScript(script, { startMs: nowMs() + (script.after?.gapS ?? GAP_S) * 1_000, suffix: options.suffix });
      options.progress(`call ${index + 1} of ${options.scripts.length}: ${call.title}`);
      for (const agentId of call.agentIds) await openDesk(agentId);
      running = call;
      await simulate([call], { clock, emit, answer });
      await demonstration.advance(call.endMs);
      await look();
      violations.push(...expectationViolations(call, timeline.get(call.callId) ?? [], actionPlaces(organisation.revision)));
      running = null;
    }
    for (const desk of desks.values()) await desk.drained(SYNCED_WITHIN_MS);
    // What was answered on the last call is learnt too.
    await demonstration.advance(nowMs() + AFTERWARDS_MS);
  } finally {
    for (const desk of desks.values()) await desk[Symbol.asyncDispose]();
    stopCounting();
    learnt = learning.stop();
  }
  const saved = (await Promise.all([...desks.keys()].map((agentId) => options.saved(options.userDataOf(agentId), agentId)))).flat();
  return {
    calls: options.scripts.length,
    ...counts,
    outcomesSaved: saved.length,
    outcomesSynced: saved.filter((id) => synced.has(id)).length,
    eventToCardMs: percentiles(eventToCardMs),
    acceptToSavedMs: percentiles(acceptToSavedMs),
    learnt,
    violations,
    missedAnswers,
  };
}
