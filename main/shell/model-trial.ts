/** A model is tried in a process of its own before it is installed: what it takes too much of, it takes there. */
import type { UtilityProcess } from 'electron';
import { FromProbe, type ToProbe } from '#contract/engine-port.ts';
import type { ServedBundle } from '#contract/served-bundle.ts';

export interface TrialLimits {
  /** Of the whole process, the runtime's own memory included. */
  readonly residentBytes: number;
  /** From when the process has the model to its answer. */
  readonly withinMs: number;
}

export const TRIAL_LIMITS: TrialLimits = { residentBytes: 512 * 1_048_576, withinMs: 2_000 };

/** How long the process may take to come up, on a computer that has just been started. */
const UP_WITHIN_MS = 15_000;

/** Null where the model may be installed, else why not, in words. The process is gone either way. */
export async function tryModel(
  fork: () => UtilityProcess,
  bundle: ServedBundle,
  limits: TrialLimits = TRIAL_LIMITS,
): Promise<string | null> {
  const { residentBytes, withinMs } = limits;
  const mostMb = Math.round(residentBytes / 1_048_576);
  const child = fork();
  const answered = Promise.withResolvers<string | null>();
  let timer = setTimeout(() => answered.resolve('the process it was to be tried in did not come up. Try again later'), UP_WITHIN_MS);
  child.on('message', (raw: unknown) => {
    const message = FromProbe.safeParse(raw);
    if (!message.success) return answered.resolve('it was tried, and what came of it fits no schema');
    if (message.data.op === 'tried') return answered.resolve(message.data.words);
    clearTimeout(timer);
    timer = setTimeout(() => answered.resolve(`it took longer than ${withinMs} ms to load and to answer its golden inputs`), withinMs);
    // The process ends itself a little later, should nobody else be able to.
    post(child, { op: 'try', bundle, residentBytes, endsInMs: 2 * withinMs });
  });
  child.once('exit', () => answered.resolve(`it needs more than ${mostMb} MB of memory, or brought down the process it was tried in`));
  try {
    return await answered.promise;
  } finally {
    clearTimeout(timer);
    await gone(child);
  }
}

/** Ended from outside where the process does not end by itself; a runtime at work reads no signals that can be handled. */
async function gone(child: UtilityProcess): Promise<void> {
  if (child.pid === undefined) return;
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill();
  await exited;
}

function post(child: UtilityProcess, message: ToProbe): void {
  child.postMessage(message);
}
