/** The Link port on socket.io: websocket only, its own reconnection, no recovery and no retries of the library's. */
import { InWords } from '#contract/fault.ts';
import { DESK_NAMESPACE, LIVE_PROTOCOL, type ResumeRequest, TO_DESK } from '#contract/live.ts';
import { LEARNT_EVENT, type LearntBundle } from '#contract/learning.ts';
import type { ServedBundle } from '#contract/served-bundle.ts';
import type { RevisionBundle } from '#contract/policy.ts';
import { DESK_STATE_EVENT, type DeskStates, SUPERVISION_EVENT } from '#contract/supervision.ts';
import { MAX_BATCH_BYTES, OUTBOX_EVENT, type OutboxBatch, OutboxReceipt } from '#contract/sync.ts';
import type { Link, LinkHandlers, Sent, Tokens } from '#ports/link.ts';
import { io, type Socket } from 'socket.io-client';
import { byProxy } from './by-proxy.ts';
import { CentralHttp } from './central-http.ts';
import { FullJitter } from './full-jitter.ts';

export interface SocketLinkOptions {
  /** Central's address, `http(s)://host:port`. */
  readonly url: string;
  readonly token: string;
  /** The device's own, with which the outbox is sent. */
  readonly deviceToken: string;
  readonly deviceId: string;
  /** 0 inclusive to 1 exclusive. */
  readonly random: () => number;
  readonly ackTimeoutMs?: number;
}

const ACK_TIMEOUT_MS = 10_000;

type Incoming = keyof typeof TO_DESK | typeof LEARNT_EVENT | typeof SUPERVISION_EVENT;
const INCOMING = [...Object.keys(TO_DESK), LEARNT_EVENT, SUPERVISION_EVENT] as readonly Incoming[];

export class SocketLink implements Link {
  readonly #options: SocketLinkOptions;
  readonly #http: CentralHttp;
  readonly #backOff: FullJitter;
  #socket: Socket | null = null;
  #handlers: LinkHandlers | null = null;
  #token: string;
  #deviceToken: string;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: SocketLinkOptions) {
    this.#options = options;
    this.#token = options.token;
    this.#deviceToken = options.deviceToken;
    this.#backOff = new FullJitter(options.random);
    this.#http = new CentralHttp(options.url, { agent: () => this.#token, device: () => this.#deviceToken }, () =>
      this.#handlers?.tokenWanted(),
    );
  }

  open(handlers: LinkHandlers): void {
    if (this.#socket !== null) throw new Error('the link is open already');
    this.#handlers = handlers;
    const socket = io(new URL(DESK_NAMESPACE, this.#options.url).href, {
      transports: ['websocket'],
      reconnection: false,
      autoConnect: false,
      forceNew: true,
      ...byProxy(this.#options.url),
      auth: (give) =>
        give({ protocol: LIVE_PROTOCOL, token: this.#token, deviceToken: this.#deviceToken, deviceId: this.#options.deviceId }),
    });
    this.#socket = socket;
    socket.on('connect', () => {
      this.#backOff.reset();
      handlers.state('connected');
    });
    socket.on('disconnect', () => this.#again('disconnected'));
    // Only a refusal by central's own word carries data; a transport's failure does not.
    socket.on('connect_error', (error) => {
      const isRefusal = 'data' in error;
      if (isRefusal) handlers.tokenWanted();
      this.#again(isRefusal ? 'refused' : 'disconnected');
    });
    for (const name of INCOMING) {
      socket.on(name, (body: unknown, acknowledge?: (done: unknown) => void) => {
        void this.#handle(handlers, name, body, acknowledge);
      });
    }
    handlers.state('connecting');
    socket.connect();
  }

  resume(request: ResumeRequest): void {
    if (this.#socket?.connected) this.#socket.emit('resume', request);
  }

  tellState(states: DeskStates): boolean {
    if (this.#socket?.connected !== true) return false;
    this.#socket.emit(DESK_STATE_EVENT, states);
    return true;
  }

  async sendBatch(batch: OutboxBatch): Promise<Sent<OutboxReceipt>> {
    if (Buffer.byteLength(JSON.stringify(batch)) > MAX_BATCH_BYTES) return this.#http.postBatch(batch);
    if (!this.#socket?.connected) return { ok: false, reason: 'away', words: 'not connected' };
    let answer: unknown;
    try {
      answer = await this.#socket.timeout(this.#options.ackTimeoutMs ?? ACK_TIMEOUT_MS).emitWithAck(OUTBOX_EVENT, batch);
    } catch {
      // Only the time limit and a lost connection reject; both mean: send again.
      return { ok: false, reason: 'away', words: 'central did not acknowledge in time' };
    }
    const receipt = OutboxReceipt.safeParse(answer);
    if (!receipt.success) return { ok: false, reason: 'bad-answer', words: `central answered with something else than a receipt` };
    return { ok: true, body: receipt.data };
  }

  fetchRevision(hash: string): Promise<Sent<RevisionBundle>> {
    return this.#http.revision(hash);
  }

  fetchModel(hash: string): Promise<Sent<ServedBundle>> {
    return this.#http.model(hash);
  }

  fetchLearnt(hash: string): Promise<Sent<LearntBundle>> {
    return this.#http.learnt(hash);
  }

  setTokens({ token, deviceToken }: Tokens): void {
    this.#token = token;
    this.#deviceToken = deviceToken;
    // Whoever waited for it need not wait any longer.
    if (this.#timer !== undefined) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      this.#handlers?.state('connecting');
      this.#socket?.connect();
    }
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = null;
    socket?.removeAllListeners();
    socket?.disconnect();
    this.#http.close();
  }

  async #handle(handlers: LinkHandlers, name: Incoming, body: unknown, acknowledge?: (done: unknown) => void): Promise<void> {
    try {
      const done = await handlers[name](body);
      acknowledge?.(done);
    } catch (error) {
      handlers.fault(new InWords(`handling ${name} failed`, { cause: error }));
    }
  }

  #again(state: 'disconnected' | 'refused'): void {
    this.#handlers?.state(state);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#handlers?.state('connecting');
      this.#socket?.connect();
    }, this.#backOff.nextMs());
  }
}
