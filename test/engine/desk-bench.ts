/** A whole desk on real parts: encrypted SQLite in a scratch folder, onnxruntime, a clock that is moved by hand. */
import { OnnxScorer } from '#adapters/onnx/onnx-scorer.ts';
import type { SqliteStore } from '#adapters/sqlite/sqlite-store.ts';
import { verifyEd25519 } from '#adapters/system/ed25519.ts';
import { SteppedClock } from '#adapters/system/stepped-clock.ts';
import { sha256, systemRandomness } from '#adapters/system/system-randomness.ts';
import { CallEvent, type CallEventOf, type CallEventType } from '#contract/call-events.ts';
import { DeskChange, DeskView } from '#contract/desk.ts';
import type { DecisionLine } from '#contract/engine-port.ts';
import type { Saved } from '#contract/ipc.ts';
import type { ProfileSlice } from '#contract/profile.ts';
import { createEngine, type Engine, type Surroundings, type Taken } from '#engine';
import { Scratch } from '../conformance/sqlite-scratch.ts';
import { demonstrationModel, demonstrationRevision } from './demonstration.ts';
import { TRUSTED } from './signing.ts';

export const START_MS = Date.UTC(2025, 5, 2, 9);
export const AGENT = 'agent-01';
export const REVISION = demonstrationRevision();
export const MODEL = demonstrationModel();

export const CUSTOMER: ProfileSlice = {
  customerId: 'cust-0001',
  version: 1,
  asOfMs: START_MS - 60_000,
  displayName: 'Margaret Okafor',
  language: 'en',
  fields: {
    plan: 'fibre-100',
    tenureMonths: 41,
    contractMonthsLeft: 7,
    monthlyPrice: 41,
    lastBill: 87.2,
    usualBill: 41,
    billIncrease: 46.2,
    billReason: 'roaming',
    roamingCharges: 46.2,
    paymentMethod: 'direct-debit',
    arrears: 0,
    arrearsDays: 0,
    hasHardship: false,
    vulnerable: false,
    bereavement: false,
    areaOutage: 'none',
    openFault: false,
    openComplaint: false,
    securityFlag: 'none',
    paymentPlan: false,
    failedPayments: 0,
    overageMonths: 0,
    spendCap: false,
  },
  consents: [
    { purpose: 'marketing', granted: true, atMs: START_MS - 86_400_000 },
    { purpose: 'personal-offers', granted: true, atMs: START_MS - 86_400_000 },
  ],
  history: [],
};

export interface BenchOptions {
  readonly scratch?: Scratch;
  readonly surroundings?: Partial<Surroundings>;
  /** Takes the desk's parts and gives them back altered. */
  readonly alter?: (parts: Surroundings) => Surroundings;
  /** Where its clock stands; START_MS by default. */
  readonly startMs?: number;
  /** What is installed; by default the demonstration's revision and model. */
  readonly bundles?: readonly Parameters<Engine['install']>[0][];
}

export class DeskBench implements AsyncDisposable {
  readonly clock: SteppedClock;
  readonly store: SqliteStore;
  readonly scorer: OnnxScorer;
  readonly lines: DecisionLine[] = [];
  readonly logs: string[] = [];
  readonly measured = { eventToCardMs: [] as number[], acceptToSavedMs: [] as number[] };
  readonly changes: DeskChange[] = [];
  engine!: Engine;
  readonly #scratch: Scratch;
  readonly #ownsScratch: boolean;
  readonly #seq = new Map<string, number>();
  #events = 0;

  private constructor(options: BenchOptions) {
    this.#ownsScratch = options.scratch === undefined;
    this.#scratch = options.scratch ?? new Scratch();
    this.store = this.#scratch.open();
    this.scorer = new OnnxScorer();
    this.clock = new SteppedClock(options.startMs ?? START_MS);
  }

  static async open(options: BenchOptions = {}): Promise<DeskBench> {
    const bench = new DeskBench(options);
    const alter = options.alter ?? ((parts) => parts);
    bench.engine = await createEngine(
      alter({
        store: bench.store,
        scorer: bench.scorer,
        // A busy machine may stall the model for longer than an agent would wait; what is tested here is not how fast it is.
        scoreWithinMs: 5_000,
        link: null,
        clock: bench.clock,
        random: systemRandomness,
        sha256,
        trust: { keys: TRUSTED, verify: verifyEd25519 },
        coreHash: 'c'.repeat(64),
        deviceId: 'device-1',
        agent: { id: AGENT, name: 'Ana', level: 'guided', language: 'en' },
        demonstration: true,
        ...options.surroundings,
      }),
      {
        onChange: (change) => bench.changes.push(DeskChange.parse(change)),
        onDecision: (line) => bench.lines.push(line),
        onMeasured: ({ eventToCardMs, acceptToSavedMs }) => {
          bench.measured.eventToCardMs.push(...eventToCardMs);
          bench.measured.acceptToSavedMs.push(...acceptToSavedMs);
        },
        onLog: (level, text) => bench.logs.push(`${level}: ${text}`),
        onTokenWanted: () => bench.logs.push('token wanted'),
        onBroken: (words) => bench.logs.push(`broken: ${words}`),
      },
    );
    for (const bundle of options.bundles ?? [{ revision: REVISION }, { model: MODEL }]) {
      const installed = await bench.engine.install(bundle);
      if (!installed.ok) throw new Error(installed.words);
    }
    return bench;
  }

  /** The next event of a call, at the clock's time. */
  event<T extends CallEventType>(callId: string, type: T, data: CallEventOf<T>['data']): { callId: string; seq: number; event: CallEvent } {
    const seq = (this.#seq.get(callId) ?? 0) + 1;
    this.#seq.set(callId, seq);
    this.#events += 1;
    const event = CallEvent.parse({
      specversion: '1.0',
      id: `${callId}-${seq}-${this.#events}`,
      source: '/test',
      subject: callId,
      type,
      time: new Date(this.clock.nowMs()).toISOString(),
      data,
    });
    return { callId, seq, event };
  }

  say<T extends CallEventType>(callId: string, type: T, data: CallEventOf<T>['data']): Promise<Taken> {
    return this.engine.deliver(this.event(callId, type, data));
  }

  utter(callId: string, speaker: 'customer' | 'agent', text: string): Promise<Taken> {
    // Into the call; of a bench that runs for days, into the day.
    const startMs = (this.clock.nowMs() - START_MS) % 80_000_000;
    const utteranceId = `u-${this.#events}`;
    return this.say(callId, 'sotto.utterance.final', { utteranceId, speaker, text, startMs, endMs: startMs + 1_000 });
  }

  async advance(ms: number): Promise<void> {
    await this.clock.advance(this.clock.nowMs() + ms, () => this.engine.settled());
  }

  /** Offered, connected and verified as the customer with the high bill, whose context came before. */
  async begin(callId: string, customerId: string | null = CUSTOMER.customerId): Promise<void> {
    const profile = customerId === null ? null : { ...CUSTOMER, customerId, asOfMs: this.clock.nowMs() - 60_000 };
    await this.engine.context({ callId, profile, outcomes: [], complete: true });
    const known = customerId === null ? { identity: 'unknown' as const } : { customerId, identity: 'verified' as const };
    await this.say(callId, 'sotto.call.offered', { agentId: AGENT, direction: 'inbound', queue: 'billing', ...known });
    await this.say(callId, 'sotto.call.connected', { agentId: AGENT });
  }

  async view(): Promise<DeskView> {
    return DeskView.parse(await this.engine.request('desk:open', {}));
  }

  /** Until a card is on screen: the customer asks about the bill and pauses. */
  async showCard(callId: string): Promise<DeskView['cards'][number]> {
    await this.utter(callId, 'customer', 'Why is my bill so high this month? It is twice what I usually pay.');
    await this.advance(4_000);
    const [card] = (await this.view()).cards;
    if (card === undefined) throw new Error(`no card after the question about the bill: ${JSON.stringify(this.lines.slice(-3))}`);
    return card;
  }

  async answer(
    card: { readonly decisionId: string; readonly actionId: string },
    kind: 'accepted' | 'rejected' = 'accepted',
  ): Promise<Saved> {
    const { decisionId, actionId } = card;
    return (await this.engine.request('card:answer', { decisionId, actionId, answer: { kind } })) as Saved;
  }

  /** Kinds of outcomes in the store for a call, in the order of the device's clock. */
  kinds(callId: string): readonly string[] {
    const outcomes = this.store.loadCall(callId)?.outcomes ?? [];
    return outcomes.toSorted((a, b) => a.clock - b.clock).map(({ kind, actionId }) => `${kind} ${actionId}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.engine.close();
    await this.scorer.close();
    this.store.close();
    if (this.#ownsScratch) this.#scratch[Symbol.dispose]();
  }
}
