/** One flat DevTools session: the browser itself or one page. Commands and events carry playwright-core's protocol types. */
import { EventEmitter } from 'node:events';
import type { CDPSession } from 'playwright-core';

/** The page or the browser went away before it answered; expected while windows close. */
export class TargetGone extends Error {
  override readonly name = 'TargetGone';
}

export type CommandCall = (sessionId: string | undefined, method: string, parameters: object | undefined) => Promise<unknown>;

export class DevToolsSession {
  readonly #events = new EventEmitter().setMaxListeners(0);
  readonly id: string | undefined;
  readonly send: CDPSession['send'];
  readonly on: CDPSession['on'];

  constructor(id: string | undefined, call: CommandCall) {
    this.id = id;
    this.send = ((method: string, parameters?: object) => call(id, method, parameters)) as CDPSession['send'];
    this.on = ((event: string, listener: (payload: unknown) => void) => this.#events.on(event, listener)) as unknown as CDPSession['on'];
  }

  /** The page was detached: closed, or lost with the browser. */
  onGone(listener: () => void): void {
    this.#events.once('gone', listener);
  }

  deliver(event: string, payload: unknown): void {
    this.#events.emit(event, payload);
  }
}

/** Ends a command whose answer nobody needs: a vanished target is fine, anything else is handed to `failed`. */
export function ignoreGone(command: Promise<unknown>, failed: (cause: unknown) => void): void {
  command.catch((cause: unknown) => {
    if (!(cause instanceof TargetGone)) failed(cause);
  });
}
