/**
 * The engine process: the one place of the desktop that builds adapters. Main talks to it over the port of
 * `utilityProcess`; it opens the store, starts the engine, answers, and on `stop` or a signal flushes and closes.
 */
import type { ParentPort } from 'electron';
import { type FromEngine, ToEngine } from '#contract/engine-port.ts';
import { faultLine, InWords, type Operation, wordsOf } from '#contract/fault.ts';
import type { ServedBundle } from '#contract/served-bundle.ts';
import { writeCrash } from '../crash/crash-files.ts';
import { type DeskProcess, startDesk } from './start-desk.ts';

const port: ParentPort = process.parentPort;
const post = (message: FromEngine): void => port.postMessage(message);

let desk: Promise<DeskProcess | null> | null = null;
let isStopping = false;
/** Models that main has tried for us now. */
const trials = new Map<number, (words: string | null) => void>();
let lastTrial = 0;
/** Where a crash is written down; known from the start on. */
let folder: string | null = null;

port.on('message', ({ data }) => {
  const message = ToEngine.safeParse(data);
  if (!message.success) return post({ op: 'log', level: 'error', text: 'A message from main did not fit its schema and was ignored.' });
  receive(message.data).catch(fatal('message'));
});

process.once('SIGTERM', () => void stop().catch(fatal('message')));
process.once('SIGINT', () => void stop().catch(fatal('message')));
// Main is gone: nobody is left to answer, but what is saved is flushed.
process.once('disconnect', () => void stop().catch(fatal('message')));
process.on('uncaughtException', fatal('uncaught'));
process.on('unhandledRejection', fatal('unhandled'));

async function receive(message: ToEngine): Promise<void> {
  switch (message.op) {
    case 'start':
      if (desk !== null) return post({ op: 'log', level: 'warn', text: 'The engine was started already.' });
      folder = message.folder;
      desk = startDesk(message, post, tryModel, broken);
      if ((await desk) !== null) post({ op: 'ready' });
      return;
    case 'request': {
      const running = await desk;
      try {
        if (running === null) throw new InWords('the engine is not running');
        post({ op: 'response', id: message.id, ok: true, body: await running.engine.request(message.channel, message.body) });
      } catch (error) {
        // What we say no with is said to whoever asked; anything else is our own mistake, and told where mistakes are.
        if (!(error instanceof InWords)) post({ op: 'log', level: 'error', text: faultLine('request', error) });
        post({ op: 'response', id: message.id, ok: false, body: wordsOf(error) });
      }
      return;
    }
    case 'token':
      return (await desk)?.engine.setTokens(message);
    case 'model-tried':
      trials.get(message.id)?.(message.words);
      trials.delete(message.id);
      return;
    case 'orders-kept':
      return (await desk)?.ordersKept(message.id, message.seq);
    case 'suspend':
      // Everything saved is durable already; there is nothing to do but wait.
      return;
    case 'resume':
      return (await desk)?.engine.awake();
    case 'stop':
      return stop();
  }
}

/** Main has it tried: a utility process cannot start another. */
function tryModel(bundle: ServedBundle): Promise<string | null> {
  return new Promise((resolve) => {
    const id = (lastTrial += 1);
    trials.set(id, resolve);
    post({ op: 'try-model', id, bundle });
  });
}

async function stop(): Promise<void> {
  if (isStopping) return;
  isStopping = true;
  await (await desk)?.close();
  post({ op: 'stopped' });
  // The port keeps the process alive; the message above is on its way once the queue is empty.
  setTimeout(() => process.exit(0), 20);
}

/** The store can no longer be trusted: a new process opens it anew. */
function broken(words: string): void {
  fatal('store')(new InWords(words));
}

function fatal(operation: Operation): (error: unknown) => void {
  return (error) => {
    process.stderr.write(`engine: ${faultLine(operation, error)}\n`);
    if (folder !== null) writeCrash(folder, 'engine', operation, error);
    process.exit(1);
  };
}
