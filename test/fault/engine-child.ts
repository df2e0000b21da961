/**
 * The engine process as main forks it, over Node's own channel, and its own executioner: told to, it kills itself with
 * SIGKILL at one moment of saving an answer. The moments are those of SQLite's statements and of the port, reached by
 * wrapping the libraries from outside; the engine knows nothing of it.
 *
 *   BEGIN ─1─ insert … ─k─ COMMIT ─n─ answer leaves
 */
import { flushCompileCache } from 'node:module';
import Database from 'better-sqlite3';

/** What the parent says before an answer it wants killed. */
export interface Arm {
  readonly arm: 'statement' | 'before-answer';
  /** With `statement`: die after this many statements of the answer's transaction, BEGIN included. */
  readonly after: number;
}

interface Message {
  readonly op?: string;
  readonly channel?: string;
  readonly id?: number;
}

const isCanary = process.env['SOTTO_TEST_ACKNOWLEDGE_EARLY'] === '1';
let arm: Arm | null = null;
let isAnswering = false;
let statements = 0;

const die = (): void => {
  process.kill(process.pid, 'SIGKILL');
};

const statement = Object.getPrototypeOf(new Database(':memory:').prepare('select 1')) as { run(...args: unknown[]): unknown };
const { run } = statement;
statement.run = function counted(this: unknown, ...args: unknown[]): unknown {
  const result = run.apply(this, args);
  if (isAnswering && arm?.arm === 'statement') {
    statements += 1;
    if (statements === arm.after) die();
  }
  return result;
};

const send = process.send?.bind(process) as (message: unknown, sent?: () => void) => void;
let listener: ((event: { data: unknown }) => void) | undefined;
let answering: number | undefined;

process.on('message', (message: Message & Partial<Arm>) => {
  if (message.arm !== undefined) {
    arm = message as Arm;
    return;
  }
  if (message.op === 'request' && message.channel === 'card:answer') {
    isAnswering = true;
    statements = 0;
    answering = message.id;
    // The canary says that it is saved before it is, and has been heard when it begins.
    if (isCanary) {
      send({ op: 'response', id: message.id, ok: true, body: { saved: true, outcomeId: 'too-early' } }, () =>
        listener?.({ data: message }),
      );
      return;
    }
  }
  listener?.({ data: message });
});

Object.defineProperty(process, 'parentPort', {
  value: {
    on: (_: 'message', call: (event: { data: unknown }) => void) => {
      listener = call;
    },
    postMessage: (message: Message) => {
      if (message.op === 'response' && message.id === answering) {
        if (arm?.arm === 'before-answer') die();
        isAnswering = false;
        if (isCanary) return;
      }
      send(message);
    },
  },
});
Object.defineProperty(process, 'send', { value: undefined });

await import(process.env['SOTTO_TEST_ENGINE'] ?? 'SOTTO_TEST_ENGINE names the engine process');
// Who is killed does not write it.
flushCompileCache();
send({ op: 'listening' });
