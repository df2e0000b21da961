/**
 * Script → a call on the clock: CloudEvents with times and each producer's own numbers, the agent's answers, the expectations.
 *
 *   telephony  offered accepted connected … ended, wrap-up, holds, transfers, capture, queue
 *   speech     partial and final utterances
 *   crm        identification, consents, profile, journeys, contacts
 */
import { CallEvent, type CallEventType } from '#contract/call-events.ts';
import type { RejectReason } from '#contract/policy.ts';
import type { Script, Step } from './script.ts';

export interface TimedEvent {
  readonly atMs: number;
  readonly event: CallEvent;
}

/** What the scripted agent does with a prompt, if it is there. */
export interface TimedAnswer {
  readonly atMs: number;
  readonly callId: string;
  readonly agentId: string;
  readonly actionId: string;
  readonly answer: 'accept' | 'reject' | 'snooze' | 'override' | 'ignore';
  readonly reason?: RejectReason;
  readonly chosenActionId?: string;
}

/** What is expected from one moment on. */
export interface Expectation {
  /** Index of the step, for messages; -1 = the whole call. */
  readonly step: number;
  readonly atMs: number;
  readonly must: readonly { readonly actionId: string; readonly role?: 'primary' | 'chip' | undefined }[];
  readonly untilMs: number;
  readonly may: readonly string[];
  readonly mustNot: readonly string[];
}

export interface ScriptedCall {
  readonly callId: string;
  readonly scriptId: string;
  readonly title: string;
  readonly startMs: number;
  /** After the wrap-up. */
  readonly endMs: number;
  /** In order; the last one ends the call. */
  readonly agentIds: readonly string[];
  /** In order of time, as are the answers and expectations. */
  readonly events: readonly TimedEvent[];
  readonly answers: readonly TimedAnswer[];
  readonly expectations: readonly Expectation[];
}

export interface Expansion {
  readonly startMs: number;
  /** Makes the call's id unique, so that a script can be played again. */
  readonly suffix: string;
  /** 2 = twice as fast. Expectations hold at 1: gaps and expiry do not shrink along. */
  readonly speed?: number;
}

const RINGS_MS = 2_200;
const WORDS_PER_S = 2.8;
const SHORTEST_UTTERANCE_MS = 700;
/** From the end of the last word to the final text. */
const RECOGNITION_MS = 240;
const PARTIAL_EVERY_MS = 900;

const SOURCES = { telephony: 'demo/telephony', speech: 'demo/speech', crm: 'demo/crm' } as const;
type Producer = keyof typeof SOURCES;

/** Who says what. */
const PRODUCERS: Readonly<Record<CallEventType, Producer>> = {
  'sotto.call.offered': 'telephony',
  'sotto.call.accepted': 'telephony',
  'sotto.call.connected': 'telephony',
  'sotto.call.held': 'telephony',
  'sotto.call.resumed': 'telephony',
  'sotto.call.identified': 'crm',
  'sotto.call.transferred': 'telephony',
  'sotto.call.ended': 'telephony',
  'sotto.wrapup.started': 'telephony',
  'sotto.wrapup.ended': 'telephony',
  'sotto.utterance.partial': 'speech',
  'sotto.utterance.final': 'speech',
  'sotto.capture.paused': 'telephony',
  'sotto.capture.resumed': 'telephony',
  'sotto.consent.changed': 'crm',
  'sotto.profile.updated': 'crm',
  'sotto.journey.changed': 'crm',
  'sotto.contact.made': 'crm',
  'sotto.queue.updated': 'telephony',
};

/** Pure: equal arguments give equal events. Throws when an event the script writes out does not fit its schema. */
export const expandScript = (script: Script, { startMs, suffix, speed = 1 }: Expansion): ScriptedCall =>
  new Expander(script, startMs, suffix, speed).run();

class Expander {
  readonly #script: Script;
  readonly #startMs: number;
  readonly #speed: number;
  readonly #callId: string;
  readonly #drafts: { atMs: number; producer: Producer; type: CallEventType; data: unknown }[] = [];
  readonly #answers: TimedAnswer[] = [];
  readonly #expectations: Expectation[] = [];
  readonly #agentIds: string[];
  #customerId: string | undefined;
  /** Script time, in milliseconds since the start. */
  #cursorMs = 0;
  #utterances = 0;

  constructor(script: Script, startMs: number, suffix: string, speed: number) {
    this.#script = script;
    this.#startMs = startMs;
    this.#speed = speed;
    this.#callId = `${script.id}-${suffix}`;
    this.#agentIds = [script.agent];
    this.#customerId = script.customer;
  }

  run(): ScriptedCall {
    const { id, title, agent, customer, identity, direction, queue, language, ivr, may, never, steps, end, wrapUpS, disposition } =
      this.#script;
    const atStart = { step: -1, atMs: this.#startMs, untilMs: this.#startMs, must: [], may, mustNot: never };
    this.#expectations.push(atStart);
    this.#event(0, 'sotto.call.offered', {
      agentId: agent,
      direction,
      queue,
      ...(customer === undefined ? {} : { customerId: customer }),
      identity,
      language,
      ...(ivr.length === 0 ? {} : { ivr }),
    });
    this.#event(RINGS_MS - 200, 'sotto.call.accepted', { agentId: agent });
    this.#event(RINGS_MS, 'sotto.call.connected', { agentId: agent });
    this.#cursorMs = RINGS_MS;
    for (const [index, step] of steps.entries()) this.#step(index, step);
    const endedMs = this.#cursorMs + 1_000;
    this.#event(endedMs, 'sotto.call.ended', { reason: end });
    this.#event(endedMs + 200, 'sotto.wrapup.started', { agentId: this.#agentId });
    const wrappedUpMs = endedMs + 200 + wrapUpS * 1_000;
    this.#event(wrappedUpMs, 'sotto.wrapup.ended', { agentId: this.#agentId, disposition });
    return {
      callId: this.#callId,
      scriptId: id,
      title,
      startMs: this.#startMs,
      endMs: this.#clock(wrappedUpMs),
      agentIds: this.#agentIds,
      events: this.#numbered(),
      answers: this.#answers.toSorted((a, b) => a.atMs - b.atMs),
      expectations: this.#expectations,
    };
  }

  get #agentId(): string {
    return this.#agentIds.at(-1) ?? this.#script.agent;
  }

  #step(index: number, step: Step): void {
    let atMs: number;
    if ('customer' in step) atMs = this.#utterance('customer', step.customer, step.pauseS);
    else if ('agent' in step) atMs = this.#utterance('agent', step.agent, step.pauseS);
    else if ('silenceS' in step) {
      this.#cursorMs += step.silenceS * 1_000;
      atMs = this.#cursorMs;
    } else if ('event' in step) {
      this.#cursorMs += Math.max(0, step.pauseS) * 1_000;
      atMs = this.#cursorMs;
      this.#written(atMs, step.event, step.data);
    } else {
      atMs = this.#cursorMs + Math.max(0, step.pauseS) * 1_000;
      this.#answers.push({
        atMs: this.#clock(atMs),
        callId: this.#callId,
        agentId: this.#agentId,
        actionId: step.action,
        answer: step.answer,
        ...(step.reason === undefined ? {} : { reason: step.reason }),
        ...(step.chosen === undefined ? {} : { chosenActionId: step.chosen }),
      });
    }
    const { must = [], may = [], mustNot = [], withinS } = step;
    if (must.length + may.length + mustNot.length === 0) return;
    this.#expectations.push({
      step: index,
      atMs: this.#clock(atMs),
      untilMs: this.#clock(atMs + withinS * 1_000),
      must: must.map((wanted) => ({ actionId: wanted.action, ...('role' in wanted ? { role: wanted.role } : {}) })),
      may,
      mustNot,
    });
  }

  /** Gives the moment of the final text. */
  #utterance(speaker: 'customer' | 'agent', text: string, pauseS: number): number {
    const startMs = Math.max(this.#cursorMs + Math.round(pauseS * 1_000), RINGS_MS);
    const words = text.split(/\s+/);
    const endMs = startMs + Math.max(SHORTEST_UTTERANCE_MS, Math.round((words.length / WORDS_PER_S) * 1_000));
    this.#utterances += 1;
    const data = {
      utteranceId: `${this.#callId}-u${this.#utterances}`,
      speaker,
      startMs: this.#length(startMs - RINGS_MS),
      language: this.#script.language,
    };
    for (let atMs = startMs + PARTIAL_EVERY_MS; atMs < endMs; atMs += PARTIAL_EVERY_MS) {
      const heard = Math.max(1, Math.floor((words.length * (atMs - startMs)) / (endMs - startMs)));
      this.#event(atMs, 'sotto.utterance.partial', {
        ...data,
        text: words.slice(0, heard).join(' '),
        endMs: this.#length(atMs - RINGS_MS),
      });
    }
    this.#event(endMs + RECOGNITION_MS, 'sotto.utterance.final', { ...data, text, endMs: this.#length(endMs - RINGS_MS) });
    this.#cursorMs = endMs;
    return endMs + RECOGNITION_MS;
  }

  /** An event the script names: what it leaves out is the agent or the customer of the moment. */
  #written(atMs: number, type: CallEventType, data: Readonly<Record<string, unknown>>): void {
    switch (type) {
      case 'sotto.call.transferred': {
        const to = typeof data['toAgentId'] === 'string' ? data['toAgentId'] : this.#agentId;
        this.#event(atMs, type, { fromAgentId: this.#agentId, ...data });
        this.#agentIds.push(to);
        return;
      }
      case 'sotto.call.identified':
        this.#customerId = typeof data['customerId'] === 'string' ? data['customerId'] : undefined;
        this.#event(atMs, type, data);
        return;
      case 'sotto.consent.changed':
      case 'sotto.profile.updated':
      case 'sotto.journey.changed':
      case 'sotto.contact.made':
        this.#event(atMs, type, { ...(this.#customerId === undefined ? {} : { customerId: this.#customerId }), ...data });
        return;
      case 'sotto.call.held':
      case 'sotto.call.resumed':
        this.#event(atMs, type, { agentId: this.#agentId, ...data });
        return;
      case 'sotto.call.offered':
      case 'sotto.call.accepted':
      case 'sotto.call.connected':
      case 'sotto.call.ended':
      case 'sotto.wrapup.started':
      case 'sotto.wrapup.ended':
      case 'sotto.utterance.partial':
      case 'sotto.utterance.final':
      case 'sotto.capture.paused':
      case 'sotto.capture.resumed':
      case 'sotto.queue.updated':
        this.#event(atMs, type, data);
    }
  }

  #event(scriptMs: number, type: CallEventType, data: unknown): void {
    this.#drafts.push({ atMs: this.#clock(scriptMs), producer: PRODUCERS[type], type, data });
  }

  /** Puts events in order of time and gives each producer its own numbers. */
  #numbered(): readonly TimedEvent[] {
    const next: Record<Producer, number> = { telephony: 1, speech: 1, crm: 1 };
    return this.#drafts
      .toSorted((a, b) => a.atMs - b.atMs)
      .map(({ atMs, producer, type, data }) => {
        const sequence = next[producer];
        next[producer] = sequence + 1;
        const event = CallEvent.parse({
          specversion: '1.0',
          id: `${this.#callId}-${producer}-${sequence}`,
          source: SOURCES[producer],
          subject: this.#callId,
          time: new Date(atMs).toISOString(),
          datacontenttype: 'application/json',
          sequence,
          type,
          data,
        });
        return { atMs, event };
      });
  }

  #clock(scriptMs: number): number {
    return this.#startMs + this.#length(scriptMs);
  }

  #length(scriptMs: number): number {
    return Math.round(scriptMs / this.#speed);
  }
}
