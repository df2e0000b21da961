/** An engine process of its own, the one that ships, spoken to as main speaks to it; it can be killed. Whoever uses it sees to a fresh build. */
import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { DeskView } from '#contract/desk.ts';
import { type EngineStart, FromEngine } from '#contract/engine-port.ts';
import { until } from '../central/fixture.ts';
import { BUILT_MAIN } from '../e2e/fresh-build.ts';
import type { Arm } from './engine-child.ts';

const CHILD = fileURLToPath(new URL('engine-child.ts', import.meta.url));
const ENGINE = pathToFileURL(path.join(BUILT_MAIN, 'engine-process.js')).href;

interface Waiting {
  readonly resolve: (body: unknown) => void;
  readonly reject: (error: Error) => void;
}

export class EngineUnderTest {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  readonly #listening = Promise.withResolvers<void>();
  readonly #ready = Promise.withResolvers<void>();
  /** Fulfilled with its exit code when the process is gone; null when a signal ended it. */
  readonly gone: Promise<number | null>;
  readonly logs: string[] = [];
  #requests = 0;

  constructor(env: NodeJS.ProcessEnv = {}) {
    this.#child = fork(CHILD, {
      env: { ...process.env, SOTTO_TEST_ENGINE: ENGINE, ...env },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child.stderr?.on('data', (text: Buffer) => this.logs.push(String(text)));
    const ended = new Promise<number | null>((resolve) => this.#child.once('exit', resolve));
    // What it said last is heard before it counts as gone.
    const heard = new Promise<void>((resolve) => this.#child.once('disconnect', () => resolve()));
    this.gone = Promise.all([ended, heard]).then(([code]) => {
      const dead = new Error(`the engine is gone: ${this.logs.join('')}`);
      for (const waiting of this.#waiting.values()) waiting.reject(dead);
      this.#listening.reject(dead);
      this.#ready.reject(dead);
      return code;
    });
    // Whoever needs them awaits them; a process that dies unawaited is no failure of its own.
    this.#listening.promise.catch(() => undefined);
    this.#ready.promise.catch(() => undefined);
    this.#child.on('message', (message: { readonly op?: string }) => {
      if (message.op === 'listening') this.#listening.resolve();
      else this.#receive(FromEngine.parse(message));
    });
  }

  /** Hands over the start and waits until it is ready; milliseconds that took. */
  async start(start: Omit<EngineStart, 'op'>): Promise<number> {
    await this.#listening.promise;
    const fromMs = performance.now();
    this.#child.send({ op: 'start', ...start });
    await this.#ready.promise;
    return performance.now() - fromMs;
  }

  arm(arm: Arm): void {
    this.#child.send(arm);
  }

  /** Rejects when the process dies before it answers. */
  request(channel: string, body: unknown): Promise<unknown> {
    const id = (this.#requests += 1);
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#child.send({ op: 'request', id, channel, body });
    });
  }

  async view(): Promise<DeskView> {
    return DeskView.parse(await this.request('desk:open', {}));
  }

  /** The first open card of a call, when there is one. */
  async card(callId: string): Promise<DeskView['cards'][number]> {
    let card: DeskView['cards'][number] | undefined;
    await until(
      `a card on ${callId}`,
      async () => {
        const view = await this.view();
        card = view.call?.callId === callId ? view.cards.find(({ state }) => state === 'open') : undefined;
        return card !== undefined;
      },
      15_000,
    );
    if (card === undefined) throw new Error('unreachable: until() fulfilled without a card');
    return card;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  kill(signal: NodeJS.Signals = 'SIGKILL'): void {
    this.#child.kill(signal);
  }

  /** Anything at all, as nobody should. */
  say(message: object): void {
    this.#child.send(message);
  }

  /** Asks it to flush and leave. */
  async stop(): Promise<void> {
    this.#child.send({ op: 'stop' });
    await this.gone;
  }

  #receive(message: FromEngine): void {
    if (message.op === 'ready') this.#ready.resolve();
    if (message.op === 'failed') this.#ready.reject(new Error(message.words));
    if (message.op === 'log') this.logs.push(`${message.level}: ${message.text}`);
    if (message.op !== 'response') return;
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (message.ok) waiting?.resolve(message.body);
    else waiting?.reject(new Error(String(message.body)));
  }
}
