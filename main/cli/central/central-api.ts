/** Central over HTTP, as somebody at a command line: by a token they have, by name where nobody proves who they are, or by signing in in the browser. */
import { z } from 'zod';
import { SessionResponse, SIGN_IN_PATH, SignInOffer, TOKEN_PATH } from '#contract/sign-in.ts';
import { isLoopback } from '#main/network/is-loopback.ts';
import { ProviderClient } from '#main/shell/browser-sign-in/provider-client.ts';
import type { Given, OptionSpec } from '../command.ts';
import type { Terminal } from '../terminal.ts';

export const CENTRAL_OPTIONS: Readonly<Record<'central' | 'token' | 'as', OptionSpec>> = {
  central: { type: 'string', value: 'URL', help: 'Central; SOTTO_CENTRAL where not given' },
  token: { type: 'string', value: 'TOKEN', help: 'Access token; SOTTO_TOKEN, or signing in in the browser, where not given' },
  as: { type: 'string', value: 'PERSON', help: 'Who you are, where central is the demonstration’s and believes it' },
};

const TIMEOUT_MS = 120_000;
const Refusal = z.object({ error: z.string(), detail: z.string().default('') });

export class CentralApi {
  readonly #url: string;
  readonly #token: string;

  private constructor(url: string, token: string) {
    this.#url = url;
    this.#token = token;
  }

  /** In words why not. */
  static async open(given: Given, terminal: Terminal): Promise<CentralApi | string> {
    const url = given.text('central') ?? process.env['SOTTO_CENTRAL'];
    if (url === undefined || !URL.canParse(url)) return 'give --central URL, or SOTTO_CENTRAL in the environment';
    if (new URL(url).protocol !== 'https:' && !isLoopback(url)) return '--central must be an https address, or one of this computer';
    const token = given.text('token') ?? process.env['SOTTO_TOKEN'] ?? (await tokenFor(url, given.text('as'), terminal));
    if (token === null) return `central at ${url} cannot be reached, or will not have you: see above`;
    return new CentralApi(url, token);
  }

  /** The answer, or in words why there is none. */
  async ask<T>(
    method: 'GET' | 'POST',
    path: string,
    schema: z.ZodType<T>,
    body?: unknown,
  ): Promise<{ ok: true; value: T } | { ok: false; words: string }> {
    const answer = await request(this.#url, path, {
      method,
      headers: { authorization: `Bearer ${this.#token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (typeof answer === 'string') return { ok: false, words: answer };
    const parsed = schema.safeParse(answer.body);
    if (answer.status < 300 && parsed.success) return { ok: true, value: parsed.data };
    const refusal = Refusal.safeParse(answer.body);
    if (answer.status < 300 || !refusal.success) return { ok: false, words: `central answered something else (${answer.status})` };
    return {
      ok: false,
      words:
        refusal.data.detail === '' ? (WORDS[refusal.data.error] ?? refusal.data.error) : `${refusal.data.error}: ${refusal.data.detail}`,
    };
  }
}

const WORDS: Readonly<Record<string, string>> = {
  'bad-token': 'central does not accept the token: get a new one',
  'not-allowed': 'none of your roles may do that',
  'not-found': 'there is nothing of that name',
  unavailable: 'central cannot answer now: try again',
};

async function tokenFor(url: string, as: string | undefined, terminal: Terminal): Promise<string | null> {
  const asked = await request(url, SIGN_IN_PATH, {});
  const offer = typeof asked === 'string' ? null : SignInOffer.safeParse(asked.body);
  if (offer === null || !offer.success) {
    terminal.note(typeof asked === 'string' ? asked : 'this is no central');
    return null;
  }
  if (offer.data.by === 'browser') {
    const client = new ProviderClient({
      open: async (address) => terminal.note(`Open this in your browser to sign in:\n${address.href}`),
      nowMs: Date.now,
    });
    const granted = await client.signIn(offer.data, AbortSignal.timeout(5 * 60_000));
    // For this one command: nothing is kept.
    if (granted.refreshToken !== null) await client.revoke(offer.data, granted.refreshToken);
    return granted.accessToken;
  }
  if (as === undefined) {
    terminal.note('give --as PERSON: this central believes who you say you are');
    return null;
  }
  const answer = await request(url, TOKEN_PATH, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ person: as }),
  });
  const granted = typeof answer === 'string' ? null : SessionResponse.safeParse(answer.body);
  if (granted?.success === true) return granted.data.token;
  terminal.note(`nobody called ${as} is known there`);
  return null;
}

async function request(
  url: string,
  path: string,
  init: RequestInit,
): Promise<{ readonly status: number; readonly body: unknown } | string> {
  try {
    const response = await fetch(new URL(path, url), { ...init, redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) });
    return { status: response.status, body: await response.json() };
  } catch {
    return `central at ${url} does not answer`;
  }
}
