/** What central tells the rooms of the window: websocket only, its own reconnection. Nothing is sent up this way. */
import { type News, readNews } from '#contract/news.ts';
import { io, type Socket } from 'socket.io-client';
import { z } from 'zod';
import { byProxy } from './by-proxy.ts';
import { FullJitter } from './full-jitter.ts';

export interface NewsSocketOptions {
  readonly url: string;
  readonly namespace: string;
  /** What it tells, by the names of its messages. */
  readonly kinds: readonly News['kind'][];
  /** Asked for at each attempt. `isRefused`: the last one was not taken. Null: none can be had now. */
  readonly token: (isRefused: boolean) => Promise<string | null>;
  /** 0 inclusive to 1 exclusive. */
  readonly random: () => number;
  readonly onNews: (news: News) => void;
  readonly onState: (live: boolean) => void;
  /** Something came that was not agreed. */
  readonly onFault: (what: string) => void;
}

/** Central knows whoever it is, and they may not listen: asked again after this long, for roles change. */
const NOT_NOW_MS = 30_000;

const Refusal = z.object({ data: z.object({ reason: z.string() }) });

export class NewsSocket {
  readonly #o: NewsSocketOptions;
  readonly #backOff: FullJitter;
  readonly #socket: Socket;
  #timer: NodeJS.Timeout | undefined;
  #isRefused = false;

  constructor(options: NewsSocketOptions) {
    this.#o = options;
    this.#backOff = new FullJitter(options.random);
    const { url, namespace, kinds, onNews, onState, onFault } = options;
    const socket = io(new URL(namespace, url).href, {
      transports: ['websocket'],
      reconnection: false,
      autoConnect: false,
      forceNew: true,
      ...byProxy(url),
    });
    this.#socket = socket;
    socket.on('connect', () => {
      this.#isRefused = false;
      this.#backOff.reset();
      onState(true);
    });
    socket.on('disconnect', (reason) => {
      // Cut by central itself: who they are may have changed.
      this.#isRefused = reason === 'io server disconnect';
      onState(false);
      this.#again(this.#backOff.nextMs());
    });
    // Only a refusal by central's own word carries data; a transport's failure does not.
    socket.on('connect_error', (error) => {
      const refusal = Refusal.safeParse(error);
      this.#isRefused = refusal.success;
      this.#again(refusal.success && refusal.data.data.reason !== 'bad-token' ? NOT_NOW_MS : this.#backOff.nextMs());
    });
    for (const kind of kinds) {
      socket.on(kind, (body: unknown, acknowledge?: () => void) => {
        const news = readNews(kind, body);
        if (news === null) onFault(`central's message ${kind} does not fit its schema`);
        else onNews(news);
        // Handed on: who waits for that may tell more.
        acknowledge?.();
      });
    }
    this.#again(0);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#socket.removeAllListeners();
    this.#socket.disconnect();
    this.#timer = undefined;
  }

  #again(afterMs: number): void {
    clearTimeout(this.#timer);
    const timer = setTimeout(() => {
      void this.#o.token(this.#isRefused).then((token) => {
        // Closed, or begun anew, meanwhile.
        if (timer !== this.#timer) return undefined;
        if (token === null) return this.#again(this.#backOff.nextMs());
        this.#socket.auth = { token };
        this.#socket.connect();
        return undefined;
      });
    }, afterMs);
    this.#timer = timer;
  }
}
