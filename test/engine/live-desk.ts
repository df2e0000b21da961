/** A desk of real parts on a real socket to a real central. */
import { randomUUID } from 'node:crypto';
import { OnnxScorer } from '#adapters/onnx/onnx-scorer.ts';
import { SocketLink } from '#adapters/socket/socket-link.ts';
import type { SqliteStore } from '#adapters/sqlite/sqlite-store.ts';
import { verifyEd25519 } from '#adapters/system/ed25519.ts';
import { SystemClock } from '#adapters/system/system-clock.ts';
import { sha256, systemRandomness } from '#adapters/system/system-randomness.ts';
import { DeskChange, DeskView } from '#contract/desk.ts';
import type { DecisionLine } from '#contract/engine-port.ts';
import type { Answer, Saved } from '#contract/ipc.ts';
import type { TrustedKeys } from '#contract/signature.ts';
import { createEngine, type Engine } from '#engine';
import type { Clock } from '#ports/clock.ts';
import type { Tokens } from '#ports/link.ts';
import { until } from '../central/fixture.ts';
import { Scratch } from '../conformance/sqlite-scratch.ts';

export interface LiveDeskOptions {
  readonly url: string;
  readonly tokens: Tokens;
  readonly agentId: string;
  readonly deviceId?: string;
  readonly scratch?: Scratch;
  /** The system's own by default. */
  readonly clock?: Clock;
  /** Nobody by default: whoever opens it has started that central. */
  readonly trusted?: TrustedKeys;
}

export class LiveDesk implements AsyncDisposable {
  readonly lines: DecisionLine[] = [];
  readonly logs: string[] = [];
  readonly changes: { readonly atMs: number; readonly change: DeskChange }[] = [];
  readonly store: SqliteStore;
  readonly scratch: Scratch;
  readonly #scorer = new OnnxScorer();
  readonly #ownsScratch: boolean;
  engine!: Engine;
  #tokensWanted = 0;

  private constructor(scratch: Scratch, ownsScratch: boolean) {
    this.scratch = scratch;
    this.#ownsScratch = ownsScratch;
    this.store = scratch.open();
  }

  static async open({
    url,
    tokens,
    agentId,
    deviceId = `dev-${agentId}`,
    scratch,
    clock = new SystemClock(),
    trusted,
  }: LiveDeskOptions): Promise<LiveDesk> {
    const desk = new LiveDesk(scratch ?? new Scratch(), scratch === undefined);
    const link = new SocketLink({ url, ...tokens, deviceId, random: systemRandomness.unit });
    desk.engine = await createEngine(
      {
        store: desk.store,
        scorer: desk.#scorer,
        link,
        clock,
        random: systemRandomness,
        sha256,
        trust: trusted === undefined ? null : { keys: trusted, verify: verifyEd25519 },
        coreHash: 'c'.repeat(64),
        deviceId,
        agent: { id: agentId, name: agentId, level: 'guided', language: 'en' },
        demonstration: true,
      },
      {
        onChange: (change) => desk.changes.push({ atMs: performance.now(), change: DeskChange.parse(change) }),
        onDecision: (line) => desk.lines.push(line),
        onMeasured: () => undefined,
        onLog: (level, text) => desk.logs.push(`${level}: ${text}`),
        onTokenWanted: () => (desk.#tokensWanted += 1),
        onBroken: (words) => desk.logs.push(`broken: ${words}`),
      },
    );
    return desk;
  }

  get tokensWanted(): number {
    return this.#tokensWanted;
  }

  async view(): Promise<DeskView> {
    return DeskView.parse(await this.engine.request('desk:open', {}));
  }

  /** Connected, with a policy. */
  async ready(): Promise<this> {
    await until('connected with a policy', async () => {
      const view = await this.view();
      return view.link.state !== 'offline' && view.session.policy !== null;
    });
    return this;
  }

  /** The cards of a call, as soon as there are any. */
  async cards(callId: string): Promise<DeskView['cards']> {
    let cards: DeskView['cards'] = [];
    try {
      await until(`a card on ${callId}`, async () => {
        const view = await this.view();
        cards = view.call?.callId === callId ? view.cards.filter(({ state }) => state === 'open') : [];
        return cards.length > 0;
      });
    } catch (error) {
      throw new Error(`${JSON.stringify(this.lines.slice(-5))} ${this.logs.join('; ')}`, { cause: error });
    }
    return cards;
  }

  async answer({ decisionId, actionId }: { readonly decisionId: string; readonly actionId: string }, answer: Answer): Promise<Saved> {
    return (await this.engine.request('card:answer', { decisionId, actionId, answer })) as Saved;
  }

  /** Everything unsent has reached central. */
  async drained(withinMs = 10_000): Promise<void> {
    await until('the outbox empty', () => this.store.counts().unsent === 0, withinMs);
  }

  /** Leaves the store's folder, so that it can be opened again. */
  async stop(): Promise<void> {
    await this.engine.close();
    await this.#scorer.close();
    this.store.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    if (this.#ownsScratch) this.scratch[Symbol.dispose]();
  }
}

export const newCallId = (): string => `call-${randomUUID().slice(0, 8)}`;
