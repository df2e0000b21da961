/** A call as its producers tell it: telephony, speech and CRM, each with its own numbers, into the real central. */
import type { Central } from '#central/central.ts';
import type { CallEventType, EventReceipt, Speaker } from '#contract/call-events.ts';

type Producer = 'telephony' | 'speech' | 'crm';

export interface Caller {
  readonly agentId: string;
  readonly customerId?: string;
  readonly identity?: 'unknown' | 'asserted' | 'verified';
}

export interface CallSurroundings {
  /** Asked for each time: central may have been restarted meanwhile. */
  readonly central: () => Central;
  readonly nowMs: () => number;
}

export class LiveCall {
  readonly callId: string;
  agentId: string;
  readonly #surroundings: CallSurroundings;
  readonly #next: Record<Producer, number> = { telephony: 1, speech: 1, crm: 1 };
  #utterances = 0;
  #connectedAtMs = 0;
  #isOver = false;

  constructor(callId: string, agentId: string, surroundings: CallSurroundings) {
    this.callId = callId;
    this.agentId = agentId;
    this.#surroundings = surroundings;
  }

  /** Offered, taken, connected, and all of it processed at the desk. */
  async begin({ customerId, identity = customerId === undefined ? 'unknown' : 'verified' }: Omit<Caller, 'agentId'>): Promise<this> {
    const { agentId } = this;
    await this.tell('telephony', 'sotto.call.offered', {
      agentId,
      direction: 'inbound',
      queue: 'billing',
      identity,
      ...(customerId === undefined ? {} : { customerId }),
    });
    await this.tell('telephony', 'sotto.call.accepted', { agentId });
    this.#connectedAtMs = this.#surroundings.nowMs();
    await this.tell('telephony', 'sotto.call.connected', { agentId });
    await this.processed();
    return this;
  }

  customer(text: string): Promise<EventReceipt> {
    return this.say('customer', text);
  }

  agent(text: string): Promise<EventReceipt> {
    return this.say('agent', text);
  }

  async say(speaker: Speaker, text: string): Promise<EventReceipt> {
    this.#utterances += 1;
    const endMs = Math.max(0, Math.round(this.#surroundings.nowMs() - this.#connectedAtMs));
    return this.tell('speech', 'sotto.utterance.final', {
      utteranceId: `${this.callId}-u${this.#utterances}`,
      speaker,
      text,
      startMs: Math.max(0, endMs - 900),
      endMs,
    });
  }

  /** One event, which central must take. */
  async tell(producer: Producer, type: CallEventType, data: Readonly<Record<string, unknown>>): Promise<EventReceipt> {
    const receipt = await this.#send(producer, type, data);
    if (receipt.result !== 'accepted') throw new Error(`${type} of ${this.callId}: ${receipt.result} ${receipt.reason} ${receipt.detail}`);
    return receipt;
  }

  /** The producer's next event as it would be sent. */
  event(producer: Producer, type: CallEventType, data: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
    const sequence = this.#next[producer]++;
    return {
      specversion: '1.0',
      id: `${this.callId}-${producer}-${sequence}`,
      source: `test/${producer}`,
      subject: this.callId,
      time: new Date(this.#surroundings.nowMs()).toISOString(),
      datacontenttype: 'application/json',
      sequence,
      type,
      data,
    };
  }

  /** Everything stored so far is processed at the agent's desk. */
  async processed(): Promise<void> {
    const central = this.#surroundings.central();
    await central.whenProcessed(this.callId, central.delivered(this.callId).seq);
  }

  /** From the end to the end of the wrap-up, all of it processed at the desk. */
  async end(): Promise<void> {
    await this.hangUp();
    await this.processed();
  }

  async hangUp(): Promise<void> {
    this.#isOver = true;
    const { agentId } = this;
    await this.#send('telephony', 'sotto.call.ended', { reason: 'customer-hung-up' });
    await this.#send('telephony', 'sotto.wrapup.started', { agentId });
    await this.#send('telephony', 'sotto.wrapup.ended', { agentId, disposition: 'done' });
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  #send(producer: Producer, type: CallEventType, data: Readonly<Record<string, unknown>>): Promise<EventReceipt> {
    return this.#surroundings.central().intake(this.event(producer, type, data));
  }
}
