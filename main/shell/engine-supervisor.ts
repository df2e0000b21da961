/**
 * Keeps the engine process running and carries requests to it.
 *
 *   starting ──ready──► ready ──exit──► restarting ──ready──► ready
 *                          failed or five crashes in a minute ──► stopped
 *
 * A request made while the engine is away waits for it at most HOLD_MS; a request that was under way when the
 * engine died is rejected, because nobody can know whether it was carried out: the view after the restart tells.
 */
import type { UtilityProcess } from 'electron';
import type { DeskChange } from '#contract/desk.ts';
import { type DecisionLine, type EngineStart, FromEngine, type ToEngine } from '#contract/engine-port.ts';
import { InWords, wordsOf } from '#contract/fault.ts';
import type { ServedBundle } from '#contract/served-bundle.ts';
import type { DataOrder } from '#contract/live.ts';
import type { Tokens } from '#ports/link.ts';

const HOLD_MS = 3_000;
const CRASHES_THAT_STOP = 5;
const CRASH_WINDOW_MS = 60_000;
const RESTART_DELAYS_MS = [0, 100, 250, 500] as const;
const STOP_MS = 5_000;

export type EngineState = 'starting' | 'ready' | 'restarting' | 'stopped';

/** Rejection of a request the engine did not answer. */
export class EngineAway extends InWords {
  override readonly name = 'EngineAway';
}

export interface EngineEvents {
  onState(state: EngineState, trouble: string | null): void;
  onChange(change: DeskChange): void;
  onDecided(line: DecisionLine): void;
  onMeasured(samples: { readonly eventToCardMs: readonly number[]; readonly acceptToSavedMs: readonly number[] }): void;
  onLog(level: 'info' | 'warn' | 'error', text: string): void;
  /** Null where the model may be installed, else why not. */
  tryModel(bundle: ServedBundle): Promise<string | null>;
  /** Orders about customers' data, and central's time; resolves to the last one that is kept. */
  keepOrders(orders: readonly DataOrder[], centralAtMs: number): Promise<number>;
  /** The tokens ran out: resolves to new ones, or null when none can be had now. */
  freshTokens(): Promise<Tokens | null>;
}

interface Waiting {
  readonly resolve: (body: unknown) => void;
  readonly reject: (error: unknown) => void;
}

export class EngineSupervisor {
  readonly #fork: () => UtilityProcess;
  readonly #start: () => Promise<EngineStart>;
  readonly #events: EngineEvents;
  readonly #nowMs: () => number;
  readonly #waiting = new Map<number, Waiting>();
  readonly #held: { readonly send: () => void; readonly fail: (error: unknown) => void }[] = [];
  #process: UtilityProcess | undefined;
  #state: EngineState = 'starting';
  #crashesAtMs: number[] = [];
  #nextId = 1;
  #stopping: (() => void) | undefined;

  /** `fork` makes the process, `start` what it is handed each time it starts (the token may have changed). `nowMs` only goes forwards. */
  constructor(
    fork: () => UtilityProcess,
    start: () => Promise<EngineStart>,
    events: EngineEvents,
    nowMs: () => number = () => performance.now(),
  ) {
    this.#fork = fork;
    this.#start = start;
    this.#events = events;
    this.#nowMs = nowMs;
  }

  get state(): EngineState {
    return this.#state;
  }

  /** The engine process's id while it runs. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  run(): void {
    const child = this.#fork();
    this.#process = child;
    child.on('message', (message: unknown) => this.#receive(child, message));
    child.on('exit', (code) => this.#exited(child, code));
    child.once('spawn', () => {
      this.#start().then(
        (start) => this.#post(start),
        (error: unknown) => this.#fail(`The engine could not be started: ${wordsOf(error)}`),
      );
    });
  }

  /** Asks the engine; rejects with EngineAway when it does not come back in time or dies meanwhile. */
  request(channel: string, body: unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const send = (): void => {
        const id = this.#nextId++;
        this.#waiting.set(id, { resolve, reject });
        this.#post({ op: 'request', id, channel, body });
      };
      if (this.#state === 'ready') return send();
      if (this.#state === 'stopped') return reject(new EngineAway('the engine has stopped'));
      const held = { send: () => (clearTimeout(timer), send()), fail: (error: unknown) => (clearTimeout(timer), reject(error)) };
      // A first start may have to build its store: it is given longer than a restart.
      const timer = setTimeout(
        () => {
          this.#held.splice(this.#held.indexOf(held), 1);
          reject(new EngineAway('the engine is away'));
        },
        this.#state === 'starting' ? 10 * HOLD_MS : HOLD_MS,
      );
      this.#held.push(held);
    });
  }

  tell(message: Extract<ToEngine, { op: 'token' | 'suspend' | 'resume' }>): void {
    if (this.#state === 'ready') this.#post(message);
  }

  /** Lets the engine flush and close; after STOP_MS it is killed. */
  stop(): Promise<void> {
    const child = this.#process;
    if (child?.pid === undefined) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(() => child.kill(), STOP_MS);
      this.#stopping = () => {
        clearTimeout(timer);
        resolve();
      };
      this.#post({ op: 'stop' });
    });
  }

  #post(message: ToEngine): void {
    this.#process?.postMessage(message);
  }

  #receive(child: UtilityProcess, raw: unknown): void {
    if (child !== this.#process) return;
    const message = FromEngine.parse(raw);
    switch (message.op) {
      case 'ready':
        this.#enter('ready', null);
        for (const held of this.#held.splice(0)) held.send();
        return;
      case 'response': {
        const waiting = this.#waiting.get(message.id);
        this.#waiting.delete(message.id);
        if (message.ok) waiting?.resolve(message.body);
        else waiting?.reject(new InWords(String(message.body)));
        return;
      }
      case 'change':
        return this.#events.onChange(message.change);
      case 'decided':
        return this.#events.onDecided(message.line);
      case 'measured':
        return this.#events.onMeasured(message);
      case 'log':
        return this.#events.onLog(message.level, message.text);
      case 'try-model':
        this.#try(child, message.id, message.bundle);
        return;
      case 'token-wanted':
        this.#events.freshTokens().then(
          (tokens) => tokens !== null && this.tell({ op: 'token', ...tokens }),
          (error: unknown) => this.#events.onLog('warn', `No new tokens: ${wordsOf(error)}`),
        );
        return;
      case 'orders':
        this.#events.keepOrders(message.orders, message.atMs).then(
          (seq) => this.#post({ op: 'orders-kept', id: message.id, seq }),
          // Not answered: central is not told that they are kept, and sends them again.
          (error: unknown) => this.#events.onLog('error', `Orders about customers’ data could not be kept: ${wordsOf(error)}`),
        );
        return;
      case 'failed':
        return this.#fail(message.words);
      case 'stopped':
        return;
    }
  }

  #try(child: UtilityProcess, id: number, bundle: ServedBundle): void {
    const tell = (words: string | null): void => {
      if (child === this.#process) this.#post({ op: 'model-tried', id, words });
    };
    this.#events.tryModel(bundle).then(tell, (error: unknown) => tell(`it could not be tried: ${wordsOf(error)}`));
  }

  #exited(child: UtilityProcess, code: number): void {
    if (child !== this.#process) return;
    this.#process = undefined;
    for (const waiting of this.#waiting.values()) waiting.reject(new EngineAway('the engine stopped before it answered'));
    this.#waiting.clear();
    if (this.#stopping !== undefined) {
      this.#enter('stopped', null);
      return this.#stopping();
    }
    if (this.#state === 'stopped') return;
    const nowMs = this.#nowMs();
    this.#crashesAtMs = [...this.#crashesAtMs.filter((atMs) => nowMs - atMs < CRASH_WINDOW_MS), nowMs];
    this.#events.onLog('error', `The engine process ended unexpectedly (code ${code}).`);
    if (this.#crashesAtMs.length >= CRASHES_THAT_STOP) {
      return this.#fail(
        'Suggestions stopped working and did not recover. Saved answers are safe. Restart Sotto; if it happens again, call support.',
      );
    }
    this.#enter('restarting', 'Suggestions are restarting. Saved answers are safe.');
    setTimeout(() => this.run(), RESTART_DELAYS_MS[this.#crashesAtMs.length - 1] ?? 1_000);
  }

  #fail(words: string): void {
    this.#enter('stopped', words);
    for (const held of this.#held.splice(0)) held.fail(new EngineAway(words));
    this.#process?.kill();
  }

  #enter(state: EngineState, trouble: string | null): void {
    this.#state = state;
    this.#events.onState(state, trouble);
  }
}
