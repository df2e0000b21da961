/** One agent's desk around the real core, in virtual time: decides on events, answers and the core's own timers, and keeps what was on the screen. */
import { createHash } from 'node:crypto';
import type { TimedAnswer } from '#central/demo/expand-script.ts';
import type { ShownPrompt } from '#central/demo/expectations.ts';
import type { DemoAgent } from '#central/demo/organisation.ts';
import type { SimulatorClock } from '#central/demo/simulator.ts';
import type { CallEvent } from '#contract/call-events.ts';
import type { CallState } from '#contract/call-state.ts';
import type { Decision, DecisionInputs, Prompt, Trigger } from '#contract/decision.ts';
import type { Outcome } from '#contract/outcome.ts';
import type { ProfileSlice } from '#contract/profile.ts';
import { REASONS } from '#contract/reason-codes.ts';
import { type Candidates, type CompiledRevision, type Core, Decider, emptyCall, reduceCall, type Scores, understand } from '#core';
import type { Understanding } from './understanding.ts';

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const CORE: Core = { hash: '0'.repeat(64), sha256, text: (bytes) => Buffer.from(bytes).toString('utf8') };
const SPEAKING = REASONS.findIndex(({ code }) => code === 'someone-speaking');
const TEXT_MODEL = '1'.repeat(64);
const SNOOZE_MS = 120_000;

export type Scoring = (candidates: Candidates) => Scores;
export const startingPropensities: Scoring = () => ({
  rung: 'starting-propensity',
  propensity: null,
  model: null,
});

interface Card {
  readonly prompt: Prompt;
  readonly decisionId: string;
  readonly shown: { -readonly [K in keyof ShownPrompt]: ShownPrompt[K] };
}

export class CoreDesk {
  readonly shown: ShownPrompt[] = [];
  /** Answers to prompts that were not there. */
  readonly unanswerable: TimedAnswer[] = [];
  readonly decisions: Decision[] = [];
  readonly #decider: Decider;
  readonly #customers: ReadonlyMap<string, ProfileSlice>;
  readonly #agents: ReadonlyMap<string, DemoAgent>;
  readonly #scoring: Scoring;
  readonly #understanding: Understanding | null;
  readonly #cards = new Map<string, Card>();
  readonly #outcomes: Outcome[] = [];
  #call: CallState;
  #seq = 0;
  #clock = 0;
  #nowMs: number;
  #speaking: DecisionInputs['speaking'] = null;
  #silentSinceMs: number | null = null;
  #heldSinceMs: number | null = null;
  #recheckAtMs: number | null = null;

  constructor(
    callId: string,
    startMs: number,
    compiled: CompiledRevision,
    customers: ReadonlyMap<string, ProfileSlice>,
    agents: ReadonlyMap<string, DemoAgent>,
    scoring: Scoring,
    understanding: Understanding | null,
  ) {
    this.#call = emptyCall(callId);
    this.#nowMs = startMs;
    this.#decider = new Decider(compiled, CORE);
    this.#customers = customers;
    this.#agents = agents;
    this.#scoring = scoring;
    this.#understanding = understanding;
  }

  /** Time passes only here: up to the moment asked for, stopping at every timer on the way. */
  get clock(): SimulatorClock {
    return {
      nowMs: () => this.#nowMs,
      sleepUntil: async (atMs) => {
        for (let timerMs = this.#nextTimerMs(); timerMs !== null && timerMs <= atMs; timerMs = this.#nextTimerMs()) {
          this.#nowMs = timerMs;
          this.#expire();
          this.#decide({ kind: 'timer' });
        }
        this.#nowMs = Math.max(this.#nowMs, atMs);
      },
    };
  }

  async take(event: CallEvent): Promise<void> {
    if (event.type === 'sotto.utterance.partial') {
      this.#speaking ??= { by: event.data.speaker, sinceMs: this.#nowMs };
      return;
    }
    if (event.type === 'sotto.utterance.final') {
      this.#speaking = null;
      this.#silentSinceMs = this.#nowMs;
    }
    if (event.type === 'sotto.call.transferred') for (const card of this.#cards.values()) this.#close(card, 'withdrawn');
    this.#seq += 1;
    this.#call = reduceCall(this.#call, { seq: this.#seq, event });
    const about = event.type === 'sotto.utterance.final' && event.data.speaker === 'customer' ? event.data.text : null;
    const answer = about === null ? undefined : this.#understanding?.get(about);
    if (answer !== undefined) this.#call = understand(this.#call, TEXT_MODEL, [{ seq: this.#seq, ...answer }]);
    this.#decide({ kind: 'event', seq: this.#seq, type: event.type });
  }

  async answer(answer: TimedAnswer): Promise<void> {
    const card = this.#cards.get(answer.actionId);
    if (card === undefined) {
      this.unanswerable.push(answer);
      return;
    }
    if (answer.answer === 'ignore') return;
    const kind = ({ accept: 'accepted', reject: 'rejected', snooze: 'snoozed', override: 'overridden' } as const)[answer.answer];
    const outcome = this.#close(card, kind, {
      ...(answer.reason === undefined ? {} : { reason: answer.reason }),
      ...(answer.chosenActionId === undefined ? {} : { chosenActionId: answer.chosenActionId }),
      ...(kind === 'snoozed' ? { untilMs: this.#nowMs + SNOOZE_MS } : {}),
    });
    this.#decide({ kind: 'answer', outcomeId: outcome.id });
  }

  #nextTimerMs(): number | null {
    const moments = [...this.#cards.values()].map(({ prompt }) => prompt.expiresAtMs);
    if (this.#recheckAtMs !== null) moments.push(this.#recheckAtMs);
    return moments.length === 0 ? null : Math.max(this.#nowMs, Math.min(...moments));
  }

  #expire(): void {
    for (const card of this.#cards.values()) if (card.prompt.expiresAtMs <= this.#nowMs) this.#close(card, 'expired', { seen: true });
  }

  #decide(trigger: Trigger): void {
    const inputs = this.#inputs(trigger);
    const candidates = this.#decider.filter(inputs);
    const decision = this.#decider.arbitrate(inputs, candidates, this.#scoring(candidates));
    this.decisions.push(decision);
    this.#recheckAtMs = decision.recheckAtMs;
    this.#heldSinceMs = decision.codes.includes(SPEAKING) ? (this.#heldSinceMs ?? this.#nowMs) : null;
    const prompts = decision.result.kind === 'show' ? decision.result.prompts : [];
    for (const card of this.#cards.values()) {
      if (!prompts.some(({ actionId }) => actionId === card.prompt.actionId))
        this.#close(card, prompts.length > 0 ? 'superseded' : 'withdrawn');
    }
    for (const prompt of prompts) this.#show(prompt, inputs.decisionId);
  }

  /** A card that moves between the primary place and the chips is the same prompt seen in another place. */
  #show(prompt: Prompt, decisionId: string): void {
    const before = this.#cards.get(prompt.actionId);
    if (before?.shown.role === prompt.role) return;
    if (before !== undefined) before.shown.untilMs = this.#nowMs;
    const card: Card = {
      prompt,
      decisionId: before?.decisionId ?? decisionId,
      shown: { atMs: this.#nowMs, untilMs: null, actionId: prompt.actionId, role: prompt.role },
    };
    this.shown.push(card.shown);
    this.#cards.set(prompt.actionId, card);
    if (before === undefined) this.#record(card, 'offered');
    this.#record(card, 'seen');
  }

  #close(card: Card, kind: Outcome['kind'], more: Partial<Outcome> = {}): Outcome {
    card.shown.untilMs = this.#nowMs;
    this.#cards.delete(card.prompt.actionId);
    return this.#record(card, kind, more);
  }

  #record({ prompt, decisionId }: Card, kind: Outcome['kind'], more: Partial<Outcome> = {}): Outcome {
    this.#clock += 1;
    const outcome: Outcome = {
      id: `outcome-${this.#clock}`,
      kind,
      decisionId,
      callId: this.#call.callId,
      customerId: this.#call.customerId,
      agentId: this.#call.agentId ?? 'nobody',
      deviceId: `device-${this.#call.agentId}`,
      actionId: prompt.actionId,
      treatmentId: prompt.treatmentId,
      channel: 'voice',
      role: prompt.role,
      atMs: this.#nowMs,
      clock: this.#clock,
      ...more,
    };
    this.#outcomes.push(outcome);
    return outcome;
  }

  #inputs(trigger: Trigger): DecisionInputs {
    this.#clock += 1;
    const agentId = this.#call.agentId ?? 'nobody';
    return {
      decisionId: `decision-${this.#clock}`,
      deviceId: `device-${agentId}`,
      agentId,
      level: this.#agents.get(agentId)?.level ?? 'standard',
      trigger,
      clock: this.#clock,
      nowMs: this.#nowMs,
      seed: 7,
      channel: 'voice',
      language: 'en',
      call: this.#call,
      profile: (this.#call.customerId === null ? undefined : this.#customers.get(this.#call.customerId)) ?? null,
      outcomes: this.#outcomes,
      centralHeardAtMs: this.#nowMs,
      excluded: [],
      // Of an organisation nobody has used anything of yet.
      usage: this.#decider.compiled.revision.constraints.map(({ id }) => ({ constraintId: id, used: 0, asOfMs: this.#nowMs })),
      quiet: false,
      speaking: this.#speaking,
      silentSinceMs: this.#silentSinceMs,
      heldSinceMs: this.#heldSinceMs,
    };
  }
}
