/**
 * The one way from the window to central: questions of CENTRAL_CHANNELS go out in the name of the person who is signed in, and news of
 * central comes in. The token stays here; what somebody may do is central's to say, each time.
 */
import { CENTRAL_CHANNELS, type CentralChannel } from '#contract/central-channels.ts';
import { faultLine } from '#contract/fault.ts';
import type { IpcRequest, IpcResponse } from '#contract/ipc.ts';
import { APPROVER_NAMESPACE } from '#contract/approval.ts';
import { type News, NEWS_FROM_CENTRAL, WALL_FROM_CENTRAL } from '#contract/news.ts';
import { SUPERVISOR_NAMESPACE } from '#contract/supervision.ts';
import { NewsSocket, type NewsSocketOptions } from '#adapters/socket/news-socket.ts';
import { requestOf } from './request-of.ts';

const TIMEOUT_MS = 15_000;

export interface CentralDoorOptions {
  readonly central: string;
  /** What the person was signed in with; null: without central. */
  readonly token: string | null;
  /** A new token of the same person; null: none can be had now. */
  readonly freshToken: () => Promise<string | null>;
  readonly onNews: (news: News) => void;
  readonly onLog: (text: string) => void;
  /** 0 inclusive to 1 exclusive. */
  readonly random: () => number;
}

/** Nobody knows what became of it. */
export const AWAY = { told: false, reason: 'away' } as const;

export class CentralDoor {
  readonly #o: CentralDoorOptions;
  readonly #closing = new AbortController();
  #token: string | null;
  #renewing: Promise<string | null> | null = null;
  #news: NewsSocket | null = null;
  #wall: NewsSocket | null = null;
  #isLive = false;

  constructor(options: CentralDoorOptions) {
    this.#o = options;
    this.#token = options.token;
  }

  /** Whether central's news comes in now. */
  get isLive(): boolean {
    return this.#isLive;
  }

  /** From now on what central tells comes in, until it is closed. */
  listen(): void {
    this.#news ??= this.#socket(APPROVER_NAMESPACE, NEWS_FROM_CENTRAL, (live) => {
      if (this.#isLive === live) return;
      this.#isLive = live;
      this.#o.onNews({ kind: 'link', body: { live } });
    });
  }

  /** While the wall is open what central tells of running calls comes in, too; opened anew, all of it. */
  watchWall(on: boolean): void {
    this.#wall?.close();
    this.#wall = on
      ? this.#socket(SUPERVISOR_NAMESPACE, WALL_FROM_CENTRAL, (live) => this.#o.onNews({ kind: 'wall-link', body: { live } }))
      : null;
  }

  async ask<C extends CentralChannel>(channel: C, request: IpcRequest<C>): Promise<IpcResponse<C>> {
    const asked = requestOf(CENTRAL_CHANNELS[channel], request);
    const answer = asked === null ? { told: false, reason: 'not-found' } : await this.#asked(channel, asked);
    return answer as IpcResponse<C>;
  }

  close(): void {
    this.#closing.abort();
    this.#news?.close();
    this.#wall?.close();
  }

  #socket(namespace: string, kinds: NewsSocketOptions['kinds'], onState: (live: boolean) => void): NewsSocket {
    const { central, onNews, onLog, random } = this.#o;
    return new NewsSocket({
      url: central,
      namespace,
      kinds,
      random,
      token: async (isRefused) => (isRefused || this.#token === null ? this.#renewed() : this.#token),
      onNews,
      onState,
      onFault: onLog,
    });
  }

  async #asked(channel: CentralChannel, asked: NonNullable<ReturnType<typeof requestOf>>): Promise<unknown> {
    const first = this.#token ?? (await this.#renewed());
    const response = first === null ? null : await this.#send(asked, first);
    // A token that is not taken did nothing: the same is asked once more with another.
    const second = response?.status === 401 ? await this.#renewed() : null;
    const answered = second === null ? response : await this.#send(asked, second);
    if (answered === null) return AWAY;
    const { status, body } = answered;
    if (status >= 300) {
      const reason = typeof body === 'object' && body !== null && 'error' in body ? String(body.error).slice(0, 60) : 'away';
      return { told: false, reason: status >= 500 || status === 401 ? 'away' : reason };
    }
    const { response: schema } = CENTRAL_CHANNELS[channel];
    const read = schema.safeParse({ told: true, answer: body });
    if (read.success) return read.data;
    this.#o.onLog(`central's answer to ${channel} does not fit its schema`);
    return AWAY;
  }

  /** Null: not reachable, cut off, or somebody else's page in between. */
  async #send(
    { method, path, body }: NonNullable<ReturnType<typeof requestOf>>,
    token: string,
  ): Promise<{ readonly status: number; readonly body: unknown } | null> {
    try {
      const response = await fetch(new URL(path, this.#o.central), {
        method,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        headers: {
          authorization: `Bearer ${token}`,
          accept: 'application/json',
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        redirect: 'error',
        signal: AbortSignal.any([AbortSignal.timeout(TIMEOUT_MS), this.#closing.signal]),
      });
      return { status: response.status, body: await response.json() };
    } catch {
      return null;
    }
  }

  /** Whoever asks meanwhile waits for the same one. */
  #renewed(): Promise<string | null> {
    this.#renewing ??= this.#o
      .freshToken()
      .catch((error: unknown) => {
        this.#o.onLog(faultLine('sign-in', error));
        return null;
      })
      .then((token) => {
        this.#token = token ?? this.#token;
        return token;
      })
      .finally(() => {
        this.#renewing = null;
      });
    return this.#renewing;
  }
}
