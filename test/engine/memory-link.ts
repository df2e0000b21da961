/** The Link port in memory, to be told what central does: connect, go away, answer, refuse. */
import type { ResumeRequest } from '#contract/live.ts';
import type { LearntBundle } from '#contract/learning.ts';
import type { RevisionBundle } from '#contract/policy.ts';
import type { ServedBundle } from '#contract/served-bundle.ts';
import type { DeskStates } from '#contract/supervision.ts';
import type { OutboxBatch, OutboxReceipt } from '#contract/sync.ts';
import type { Link, LinkHandlers, Sent } from '#ports/link.ts';

type Message =
  | 'delivery'
  | 'partial'
  | 'context'
  | 'release'
  | 'versions'
  | 'usage'
  | 'learnt'
  | 'orders'
  | 'answer'
  | 'supervision'
  | 'clock';

export const stored = (batch: OutboxBatch): Sent<OutboxReceipt> => ({
  ok: true,
  body: { items: batch.items.map(({ id }) => ({ id, result: 'stored' as const })) },
});

export const AWAY = { ok: false, reason: 'away', words: 'central is away' } as const;

export class MemoryLink implements Link {
  readonly resumes: ResumeRequest[] = [];
  readonly states: DeskStates[] = [];
  readonly batches: OutboxBatch[] = [];
  readonly faults: Error[] = [];
  readonly revisions = new Map<string, RevisionBundle>();
  readonly models = new Map<string, ServedBundle>();
  readonly bases = new Map<string, LearntBundle>();
  /** What becomes of the next batches; away while not connected. */
  onBatch: (batch: OutboxBatch) => Sent<OutboxReceipt> = stored;
  #handlers: LinkHandlers | null = null;
  #isConnected = false;

  open(handlers: LinkHandlers): void {
    this.#handlers = { ...handlers, fault: (error) => this.faults.push(error) };
  }

  connect(): void {
    this.#isConnected = true;
    this.#handlers?.state('connected');
  }

  disconnect(): void {
    this.#isConnected = false;
    this.#handlers?.state('disconnected');
  }

  /** Central says something; resolves with the acknowledgement. */
  async say(name: Message, body: unknown): Promise<unknown> {
    if (this.#handlers === null) throw new Error('the link was not opened');
    return this.#handlers[name](body);
  }

  resume(request: ResumeRequest): void {
    this.resumes.push(request);
  }

  tellState(states: DeskStates): boolean {
    if (this.#isConnected) this.states.push(states);
    return this.#isConnected;
  }

  async sendBatch(batch: OutboxBatch): Promise<Sent<OutboxReceipt>> {
    if (!this.#isConnected) return AWAY;
    this.batches.push(batch);
    return this.onBatch(batch);
  }

  async fetchRevision(hash: string): Promise<Sent<RevisionBundle>> {
    const body = this.revisions.get(hash);
    return body === undefined ? AWAY : { ok: true, body };
  }

  async fetchModel(hash: string): Promise<Sent<ServedBundle>> {
    const body = this.models.get(hash);
    return body === undefined ? AWAY : { ok: true, body };
  }

  async fetchLearnt(hash: string): Promise<Sent<LearntBundle>> {
    const body = this.bases.get(hash);
    return body === undefined ? AWAY : { ok: true, body };
  }

  setTokens(): void {
    // Nobody asks for one in memory.
  }

  async close(): Promise<void> {
    this.#isConnected = false;
    this.#handlers = null;
  }
}
