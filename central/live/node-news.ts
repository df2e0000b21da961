/**
 * What nodes tell each other: that there is something to read, never the thing itself. One message carries what many transactions did,
 * and goes out beside them, not in them: a notification inside a writer's transaction would make all writers wait for one lock.
 *
 *   tell ─► gathered for a few milliseconds ─► NOTIFY ─► every other node hears it, or does not: then its poll finds the same
 *
 * The one exception is an utterance in progress, which is in no table: it is handed on as it is, redacted, and worth nothing a second later.
 */
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { z } from 'zod';
import { REVIEW_ROOMS } from '#contract/approval.ts';
import { CallEvent } from '#contract/call-events.ts';
import { Id } from '#contract/text.ts';
import type { Counters } from '../store/counters.ts';
import type { Listening, Query, Store } from '../store/open-store.ts';

const CHANNEL = 'sotto_nodes';
const GATHER_MS = 20;
/** PostgreSQL takes messages below 8,000 bytes. */
const MOST_BYTES = 7_500;
/** More of a kind than this in one gathering: the others are better off looking for themselves. */
const MOST_OF_A_KIND = 1_000;
const LISTEN_AGAIN_MS = 500;

/** Where there is something new to read. */
const LOOKS = ['outcomes', 'answers', 'approvals', ...REVIEW_ROOMS, 'versions', 'orders', 'supervision', 'everything'] as const;

/** One thing to tell. */
export type News =
  /** Something was stored on a call whose agent is not connected here; with whose it was before, when it changed hands. */
  | { readonly call: string; readonly agentId: string; readonly formerAgentId?: string | undefined }
  /** The former desk's answers are in. */
  | { readonly handedOver: string }
  /** Their slice changed. */
  | { readonly customer: string }
  | { readonly partial: CallEvent; readonly agentId: string }
  /** Something new in a table that every node reads. */
  | { readonly look: (typeof LOOKS)[number] };

const NewsOnWire = z.union([
  z.object({ call: Id, agentId: Id, formerAgentId: Id.optional() }),
  z.object({ handedOver: Id }),
  z.object({ customer: Id }),
  z.object({ partial: CallEvent, agentId: Id }),
  z.object({ look: z.enum(LOOKS) }),
]);
const Message = z.object({ from: z.string(), news: z.array(NewsOnWire) });

interface Settings {
  readonly store: Store;
  /** What it tells goes this way. */
  readonly db: Query;
  readonly counters: Counters;
  readonly failed: (operation: string, error: unknown) => void;
}

export class NodeNews {
  readonly #settings: Settings;
  readonly #self = randomUUID();
  #pending = new Map<string, News>();
  #timer: NodeJS.Timeout | null = null;
  #sending: Promise<void> = Promise.resolve();
  #hear: (news: News) => void = () => {};
  #listening: Listening | null = null;
  #isClosed = false;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  /** To all other nodes, soon. Nothing waits for it, and it may be lost. */
  tell(news: News): void {
    if (this.#settings.store.listen === null || this.#isClosed) return;
    this.#pending.set(JSON.stringify(news), news);
    this.#timer ??= setTimeout(() => this.#send(), GATHER_MS);
  }

  /** Begins to hear the others. `look: everything` is heard whenever messages may have been missed. */
  async start(hear: (news: News) => void): Promise<void> {
    this.#hear = hear;
    await this.#listen();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer ?? undefined);
    await this.#sending;
    await this.#listening?.close();
  }

  #send(): void {
    const all = [...this.#pending.keys()];
    this.#pending = new Map();
    this.#timer = null;
    const payloads = all.length > MOST_OF_A_KIND ? [this.#message(['{"look":"everything"}'])] : this.#messages(all);
    this.#sending = this.#notify(payloads);
  }

  async #notify(payloads: readonly string[]): Promise<void> {
    try {
      await sql`select pg_notify(${CHANNEL}, payload) from unnest(${payloads}::text[]) as payload`.execute(this.#settings.db);
    } catch (error) {
      this.#settings.failed('telling the other nodes', error);
    }
  }

  /** As many as fit into each. */
  #messages(all: readonly string[]): readonly string[] {
    const messages: string[] = [];
    let taken: string[] = [];
    let bytes = 100;
    for (const text of all) {
      const size = Buffer.byteLength(text) + 1;
      // Only an utterance in progress can be as long: the next one is heard instead.
      if (size > MOST_BYTES - 100) continue;
      if (bytes + size > MOST_BYTES) {
        messages.push(this.#message(taken));
        taken = [];
        bytes = 100;
      }
      taken.push(text);
      bytes += size;
    }
    return taken.length === 0 ? messages : [...messages, this.#message(taken)];
  }

  #message(news: readonly string[]): string {
    return `{"from":"${this.#self}","news":[${news.join(',')}]}`;
  }

  async #listen(): Promise<void> {
    const { store, failed } = this.#settings;
    if (store.listen === null || this.#isClosed) return;
    try {
      this.#listening = await store.listen(
        CHANNEL,
        (text) => this.#heard(text),
        () => this.#listenAgain(),
      );
      if (this.#isClosed) await this.#listening.close();
      this.#hear({ look: 'everything' });
    } catch (error) {
      failed('listening to the other nodes', error);
      this.#listenAgain();
    }
  }

  #listenAgain(): void {
    this.#listening = null;
    if (!this.#isClosed) setTimeout(() => void this.#listen(), LISTEN_AGAIN_MS).unref();
  }

  #heard(text: string): void {
    const message = Message.safeParse(parsed(text));
    if (!message.success) {
      this.#settings.counters.add('nodes: messages not understood');
      return;
    }
    if (message.data.from !== this.#self) for (const news of message.data.news) this.#hear(news);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
