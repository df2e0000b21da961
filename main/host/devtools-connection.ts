/** The DevTools protocol over a pair of pipes: JSON messages ended by a zero byte, sessions told apart by their id. */
import type { Readable, Writable } from 'node:stream';
import { DevToolsSession, TargetGone } from './devtools-session.ts';

interface Reply {
  readonly id?: number;
  readonly method?: string;
  readonly params?: unknown;
  readonly sessionId?: string;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

interface Waiting {
  readonly method: string;
  readonly sessionId: string | undefined;
  readonly resolve: (result: unknown) => void;
  readonly reject: (cause: Error) => void;
}

export class DevToolsConnection {
  readonly root: DevToolsSession;
  readonly #sessions = new Map<string, DevToolsSession>();
  readonly #waiting = new Map<number, Waiting>();
  readonly #toBrowser: Writable;
  #lastId = 0;
  #closed = false;
  #partial: Buffer[] = [];

  constructor(toBrowser: Writable, fromBrowser: Readable) {
    this.#toBrowser = toBrowser;
    this.root = new DevToolsSession(undefined, this.#call);
    this.root.on('Target.detachedFromTarget', ({ sessionId }) => this.#drop(sessionId));
    // A pipe breaks when the browser ends; `close` says so to everyone who waits.
    toBrowser.on('error', () => this.close());
    fromBrowser.on('error', () => this.close());
    fromBrowser.on('data', (bytes: Buffer) => this.#read(bytes));
  }

  /** The session of that id, made on first sight. */
  session(id: string): DevToolsSession {
    const known = this.#sessions.get(id);
    if (known) return known;
    const session = new DevToolsSession(id, this.#call);
    this.#sessions.set(id, session);
    return session;
  }

  /** Ends every session and rejects every command still open. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const id of this.#sessions.keys()) this.#drop(id);
    this.#rejectWaiting(() => true);
    this.#toBrowser.destroy();
  }

  readonly #call = (sessionId: string | undefined, method: string, parameters: object = {}): Promise<unknown> => {
    if (this.#closed || (sessionId !== undefined && !this.#sessions.has(sessionId)))
      return Promise.reject(new TargetGone(`${method}: the target is gone`));
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { method, sessionId, resolve, reject });
      this.#toBrowser.write(`${JSON.stringify({ id, sessionId, method, params: parameters })}\0`);
    });
  };

  #read(bytes: Buffer): void {
    let from = 0;
    for (let end = bytes.indexOf(0); end >= 0; end = bytes.indexOf(0, from)) {
      this.#partial.push(bytes.subarray(from, end));
      from = end + 1;
      const text = Buffer.concat(this.#partial).toString('utf8');
      this.#partial = [];
      this.#dispatch(JSON.parse(text) as Reply);
    }
    if (from < bytes.length) this.#partial.push(bytes.subarray(from));
  }

  #dispatch(reply: Reply): void {
    if (reply.id === undefined) {
      const session = reply.sessionId === undefined ? this.root : this.#sessions.get(reply.sessionId);
      session?.deliver(reply.method ?? '', reply.params);
      return;
    }
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if (reply.error) waiting?.reject(new Error(`${waiting.method}: ${reply.error.message}`));
    else waiting?.resolve(reply.result);
  }

  #drop(sessionId: string): void {
    const session = this.#sessions.get(sessionId);
    if (!session) return;
    this.#sessions.delete(sessionId);
    this.#rejectWaiting((waiting) => waiting.sessionId === sessionId);
    session.deliver('gone', undefined);
  }

  #rejectWaiting(which: (waiting: Waiting) => boolean): void {
    for (const [id, waiting] of this.#waiting) {
      if (!which(waiting)) continue;
      this.#waiting.delete(id);
      waiting.reject(new TargetGone(`${waiting.method}: the target is gone`));
    }
  }
}
