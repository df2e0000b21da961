/**
 * The demonstration's own system of record: billing, orders and field service behind one small HTTP server.
 *
 *   central ──POST action.requested, signed──► here ──after a moment, POST action.acted | action.failed──► central
 *
 * A request is known by its outcome id: a second one is taken and not acted on again. A significant request without its
 * approval is refused whatever central thinks, and so is an approval that was used for another. Which kinds of request fail is fixed, so that the demonstration is the same
 * every time. What was asked is kept in memory only.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import {
  ACTION_ACTED,
  ACTION_FAILED,
  ACTION_REQUESTED,
  type ActionAnswer,
  ActionRequest,
  SIGNATURE_HEADER,
} from '#contract/system-of-record.ts';
import { Id } from '#contract/text.ts';

const RequestEvent = z.object({
  specversion: z.literal('1.0'),
  id: Id,
  source: z.string().min(1).max(256),
  type: z.literal(ACTION_REQUESTED),
  data: ActionRequest,
});

/** Kinds this system cannot do, and what it says. */
export const FAILING_KINDS: ReadonlyMap<string, string> = new Map([
  ['price-match', 'The other quote is not on file: ask for it in writing first'],
  ['signal-report', 'The radio team takes no reports before Monday'],
  ['preserve-voicemail', 'The mailbox has to be unlocked by the owner first'],
]);

const DONE: ReadonlyMap<string, string> = new Map([
  ['bill-credit', 'Credited to the next bill'],
  ['loyalty-credit', 'Credit set up for the coming months'],
  ['engineer-visit', 'Visit booked'],
  ['line-test', 'Line test run'],
  ['instalments', 'Instalments set up'],
  ['pause-payments', 'Payments paused for two months'],
  ['change-plan', 'Plan changed from today'],
  ['refund', 'Refund on its way, three working days'],
  ['lock-account', 'Account locked'],
  ['order', 'Order placed'],
]);

export interface SystemOfRecordOptions {
  /** Whether the signature header belongs to these bytes and to a key that is trusted. */
  readonly verify: (body: Uint8Array, signature: string) => boolean | Promise<boolean>;
  /** Where answers are posted, as structured CloudEvents. */
  readonly answerUrl: string;
  /** Sent with every answer, for example an authorization; asked for each time, because tokens are short-lived. */
  readonly answerHeaders?: () => Promise<Readonly<Record<string, string>>>;
  readonly nowMs: () => number;
  /** Between a request and its answer. */
  readonly delayMs?: number;
  /** 0 = any free port. */
  readonly port?: number;
  /** Told about an answer that could not be delivered after all attempts. */
  readonly onUndelivered?: (outcomeId: string, error: unknown) => void;
}

export type Received = { readonly request: ActionRequest; readonly answer: 'acted' | 'failed'; readonly detail: string };

export interface SystemOfRecord extends AsyncDisposable {
  /** Where requests go. */
  readonly url: string;
  /** What was asked, first come first; a repeated request is not in it twice. */
  readonly received: () => readonly Received[];
  /** Requests that came again. */
  readonly duplicates: () => number;
  /** Stops listening and gives up answers under way. */
  readonly close: () => Promise<void>;
}

const MAX_BODY_BYTES = 64 * 1024;
const ATTEMPTS = 6;
const FIRST_RETRY_MS = 200;

/** Listens on loopback. Rejects when the port is taken. */
export const startSystemOfRecord = async (options: SystemOfRecordOptions): Promise<SystemOfRecord> => {
  const desk = new Desk(options);
  const server = createServer((request, response) => {
    desk.take(request).then(
      (reply) => send(response, reply),
      (error: unknown) =>
        send(response, { status: 500, body: { refused: 'internal', detail: error instanceof Error ? error.name : 'unknown' } }),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    desk.stop();
    server.closeAllConnections();
    if (server.listening) await new Promise<void>((resolve) => server.close(() => resolve()));
    await desk.settled();
  };
  return {
    url: `http://127.0.0.1:${port}/requests`,
    received: () => desk.received,
    duplicates: () => desk.duplicates,
    close,
    [Symbol.asyncDispose]: close,
  };
};

interface Reply {
  readonly status: number;
  readonly body: Readonly<Record<string, string>>;
}

class Desk {
  duplicates = 0;
  readonly #options: SystemOfRecordOptions;
  readonly #known = new Map<string, Received>();
  readonly #underWay = new Set<Promise<void>>();
  readonly #stopped = new AbortController();

  constructor(options: SystemOfRecordOptions) {
    this.#options = options;
  }

  get received(): readonly Received[] {
    return [...this.#known.values()];
  }

  stop(): void {
    this.#stopped.abort();
  }

  async settled(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  async take(request: IncomingMessage): Promise<Reply> {
    if (request.url !== '/requests') return refused(404, 'no-such-path', 'requests go to /requests');
    if (request.method !== 'POST') return refused(405, 'not-a-post', 'send a POST');
    const body = await readBody(request);
    if (body === null) return refused(413, 'too-large', `at most ${MAX_BODY_BYTES} bytes`);
    const signature = request.headers[SIGNATURE_HEADER];
    if (typeof signature !== 'string') return refused(401, 'not-signed', `the header ${SIGNATURE_HEADER} is missing`);
    if (!(await this.#options.verify(body, signature))) return refused(401, 'bad-signature', 'the signature does not fit the body');
    const event = RequestEvent.safeParse(parseJson(body));
    if (!event.success) return refused(400, 'bad-request', z.prettifyError(event.error));
    const { id, data } = event.data;
    if (id !== data.outcomeId) return refused(400, 'bad-request', 'the id of the event must be the outcome id');
    return this.#decide(data);
  }

  #decide(request: ActionRequest): Reply {
    const { outcomeId } = request;
    if (this.#known.has(outcomeId)) {
      this.duplicates += 1;
      return { status: 202, body: { taken: 'before', outcomeId } };
    }
    if (request.significant && request.approvalId === undefined) {
      this.#answerLater(request, 'failed', 'Refused: a significant request needs an approval');
      return refused(403, 'approval-missing', 'a significant request needs its approvalId');
    }
    const other = [...this.#known.values()].find((one) => one.request.approvalId === request.approvalId);
    if (request.significant && other !== undefined) {
      this.#answerLater(request, 'failed', 'Refused: the approval was for another request');
      return refused(403, 'approval-used', 'an approval is good once');
    }
    const { kind, amount } = request.request;
    const failure = this.#options.nowMs() > request.expiresAtMs ? 'The request came too late and has expired' : FAILING_KINDS.get(kind);
    if (failure === undefined)
      this.#answerLater(request, 'acted', `${DONE.get(kind) ?? 'Done'}${amount === undefined ? '' : ` (${amount})`}`);
    else this.#answerLater(request, 'failed', failure);
    return { status: 202, body: { taken: 'now', outcomeId } };
  }

  #answerLater(request: ActionRequest, answer: Received['answer'], detail: string): void {
    this.#known.set(request.outcomeId, { request, answer, detail });
    const delivery = this.#deliver(request, answer, detail)
      .catch((error: unknown) => {
        if (!this.#stopped.signal.aborted) this.#options.onUndelivered?.(request.outcomeId, error);
      })
      .finally(() => this.#underWay.delete(delivery));
    this.#underWay.add(delivery);
  }

  async #deliver({ outcomeId, callId }: ActionRequest, answer: Received['answer'], detail: string): Promise<void> {
    const { signal } = this.#stopped;
    await wait(this.#options.delayMs ?? 400, undefined, { signal });
    const data: ActionAnswer = { outcomeId, detail };
    const body = JSON.stringify({
      specversion: '1.0',
      id: `${outcomeId}-${answer}`,
      source: 'demo/system-of-record',
      type: answer === 'acted' ? ACTION_ACTED : ACTION_FAILED,
      subject: callId,
      time: new Date(this.#options.nowMs()).toISOString(),
      datacontenttype: 'application/json',
      data,
    });
    for (let attempt = 1; ; attempt++) {
      try {
        const response = await fetch(this.#options.answerUrl, {
          method: 'POST',
          headers: { 'content-type': 'application/cloudevents+json', ...(await this.#options.answerHeaders?.()) },
          body,
          signal,
        });
        await response.arrayBuffer();
        if (response.ok) return;
        throw new Error(`answering ${outcomeId}: ${response.status} from ${this.#options.answerUrl}`);
      } catch (error) {
        if (attempt === ATTEMPTS || signal.aborted) throw error;
      }
      await wait(FIRST_RETRY_MS * 2 ** (attempt - 1), undefined, { signal });
    }
  }
}

/** Null when it is larger than allowed. */
const readBody = async (request: IncomingMessage): Promise<Uint8Array | null> => {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > MAX_BODY_BYTES) return null;
    parts.push(part);
  }
  return Buffer.concat(parts);
};

const parseJson = (body: Uint8Array): unknown => {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined;
    throw error;
  }
};

const refused = (status: number, reason: string, detail: string): Reply => ({ status, body: { refused: reason, detail } });

const send = (response: ServerResponse, { status, body }: Reply): void => {
  // A body that was not read to its end cannot be followed by another request.
  const headers = status === 413 ? { connection: 'close' } : {};
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
};
