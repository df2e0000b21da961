/** Central over HTTP, for what does not fit the socket: revisions, models, items over the batch limit. */
import { CORE_PATH, CoreSource } from '#contract/core-source.ts';
import { LEARNT_PATH, LearntBundle } from '#contract/learning.ts';
import { MODEL_PATH, REVISION_PATH } from '#contract/live.ts';
import { ServedBundle } from '#contract/served-bundle.ts';
import { RevisionBundle } from '#contract/policy.ts';
import { OUTBOX_PATH, type OutboxBatch, OutboxReceipt } from '#contract/sync.ts';
import type { Sent } from '#ports/link.ts';
import type { z } from 'zod';

const TIMEOUT_MS = 15_000;

/** Asked for at each use: they are renewed. */
export interface HttpTokens {
  readonly agent: () => string;
  readonly device: () => string;
}

interface HttpRequest {
  readonly method: string;
  readonly token: string;
  readonly body?: string;
}

export class CentralHttp {
  readonly #url: string;
  readonly #tokens: HttpTokens;
  readonly #tokenRefused: () => void;
  readonly #closing = new AbortController();

  constructor(url: string, tokens: HttpTokens, tokenRefused: () => void) {
    this.#url = url;
    this.#tokens = tokens;
    this.#tokenRefused = tokenRefused;
  }

  revision(hash: string): Promise<Sent<RevisionBundle>> {
    return this.#ask(`${REVISION_PATH}/${hash}`, { method: 'GET', token: this.#tokens.agent() }, RevisionBundle);
  }

  model(hash: string): Promise<Sent<ServedBundle>> {
    return this.#ask(`${MODEL_PATH}/${hash}`, { method: 'GET', token: this.#tokens.agent() }, ServedBundle);
  }

  learnt(hash: string): Promise<Sent<LearntBundle>> {
    return this.#ask(`${LEARNT_PATH}/${hash}`, { method: 'GET', token: this.#tokens.agent() }, LearntBundle);
  }

  /** To be held against its hash before it is run. */
  core(hash: string): Promise<Sent<CoreSource>> {
    return this.#ask(`${CORE_PATH}/${hash}`, { method: 'GET', token: this.#tokens.agent() }, CoreSource);
  }

  postBatch(batch: OutboxBatch): Promise<Sent<OutboxReceipt>> {
    return this.#ask(OUTBOX_PATH, { method: 'POST', token: this.#tokens.device(), body: JSON.stringify(batch) }, OutboxReceipt);
  }

  close(): void {
    this.#closing.abort();
  }

  async #ask<T>(path: string, { token, ...request }: HttpRequest, schema: z.ZodType<T>): Promise<Sent<T>> {
    let status: number;
    let body: unknown;
    try {
      const response = await fetch(new URL(path, this.#url), {
        ...request,
        headers: {
          authorization: `Bearer ${token}`,
          accept: 'application/json',
          ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        redirect: 'error',
        signal: AbortSignal.any([AbortSignal.timeout(TIMEOUT_MS), this.#closing.signal]),
      });
      status = response.status;
      body = response.ok ? await response.json() : await response.text();
    } catch {
      // No connection, too slow, or cut off half-way: nothing is known of what became of it.
      return { ok: false, reason: 'away', words: `central did not answer ${request.method} ${path}` };
    }
    if (status < 300) {
      const parsed = schema.safeParse(body);
      if (parsed.success) return { ok: true, body: parsed.data };
      return { ok: false, reason: 'bad-answer', words: `central's answer to ${request.method} ${path} does not fit its schema` };
    }
    if (status === 401) this.#tokenRefused();
    // The same request will never be taken; what has to do with who asks or how often may be, later.
    const isFinal = [400, 413, 422].includes(status);
    return { ok: false, reason: isFinal ? 'refused' : 'away', words: `central answered ${request.method} ${path} with ${status}` };
  }
}
