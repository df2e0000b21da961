/**
 * The way to central: the live lane down, the outbox up, revisions and models on request.
 *
 * Guarantees: messages are handed over in the order they came, and are acknowledged to central only after
 * the handler's promise is fulfilled, with what it returned; a rejected handler is not acknowledged. The link reconnects
 * by itself for as long as it is open, and says so. Nothing is kept in it: what was handed to it and not answered is the caller's to send again.
 */
import type { LearntBundle } from '#contract/learning.ts';
import type { ServedBundle } from '#contract/served-bundle.ts';
import type { ResumeRequest } from '#contract/live.ts';
import type { RevisionBundle } from '#contract/policy.ts';
import type { DeskStates } from '#contract/supervision.ts';
import type { OutboxBatch, OutboxReceipt } from '#contract/sync.ts';

export type LinkState = 'connecting' | 'connected' | 'disconnected' | 'refused';

/** What comes down. Bodies are as received: the engine's intake checks them. */
export interface LinkHandlers {
  delivery(body: unknown): Promise<unknown>;
  partial(body: unknown): Promise<unknown>;
  context(body: unknown): Promise<unknown>;
  release(body: unknown): Promise<unknown>;
  versions(body: unknown): Promise<unknown>;
  usage(body: unknown): Promise<unknown>;
  learnt(body: unknown): Promise<unknown>;
  orders(body: unknown): Promise<unknown>;
  answer(body: unknown): Promise<unknown>;
  approval(body: unknown): Promise<unknown>;
  supervision(body: unknown): Promise<unknown>;
  clock(body: unknown): Promise<unknown>;
  state(state: LinkState): void;
  /** The access token was refused or runs out: new ones are wanted by `setTokens`. */
  tokenWanted(): void;
  /** A handler failed: what it was given is not acknowledged and comes again. */
  fault(error: Error): void;
}

/** Why nothing came back. `away`: not connected or timed out, send again; `refused`: central will not have it as it is. */
export type Sent<T> =
  | { readonly ok: true; readonly body: T }
  | { readonly ok: false; readonly reason: 'away' | 'refused' | 'bad-answer'; readonly words: string };

/** Who speaks: the person at the desk, and the device in whose name the outbox is sent. */
export interface Tokens {
  readonly token: string;
  readonly deviceToken: string;
}

export interface Link {
  /** Begins to connect. Once. */
  open(handlers: LinkHandlers): void;
  resume(request: ResumeRequest): void;
  /** What is on the screen, for supervisors. False: not connected, and not sent. Nobody acknowledges it, and it may be lost. */
  tellState(states: DeskStates): boolean;
  /** Over the socket; a batch that does not fit there goes by HTTP. */
  sendBatch(batch: OutboxBatch): Promise<Sent<OutboxReceipt>>;
  fetchRevision(hash: string): Promise<Sent<RevisionBundle>>;
  fetchModel(hash: string): Promise<Sent<ServedBundle>>;
  fetchLearnt(hash: string): Promise<Sent<LearntBundle>>;
  setTokens(tokens: Tokens): void;
  close(): Promise<void>;
}
