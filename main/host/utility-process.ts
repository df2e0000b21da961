/** `utilityProcess.fork`: a Node child with structured-clone messages; ports are relayed by id. */
import type {
  Details,
  ForkOptions,
  MessagePortMain,
  UtilityProcess as ElectronUtilityProcess,
  utilityProcess as ElectronModule,
} from 'electron';
import { type ChildProcess, fork, type StdioOptions } from 'node:child_process';
import { constants } from 'node:os';
import { PortLink, takeEnds } from './message-ports.ts';
import { type Agrees, notImplemented, refuseUnknown, StrictEmitter } from './strict.ts';
import type { UtilityMessage } from './utility-messages.ts';

const runtime = new URL('./utility-runtime.ts', import.meta.url).href;
const knownOptions: readonly (keyof ForkOptions)[] = ['env', 'execArgv', 'cwd', 'stdio', 'serviceName'];

interface UtilityEvents {
  spawn: [];
  message: [message: unknown];
  exit: [code: number];
  error: [type: 'FatalError', location: string, report: string];
}

const ways: readonly unknown[] = ['pipe', 'ignore', 'inherit'];

/** `inherit` by default, as in Electron; input is never connected. */
function stdioOf(option: ForkOptions['stdio']): StdioOptions {
  const [, output, errors] = typeof option === 'string' ? [option, option, option] : (option ?? ['ignore', 'inherit', 'inherit']);
  for (const way of [output, errors]) if (!ways.includes(way)) throw notImplemented(`utilityProcess.fork stdio '${way}'`);
  return ['ignore', output, errors, 'ipc'] as StdioOptions;
}

class UtilityProcess extends StrictEmitter<UtilityEvents> implements Agrees<UtilityProcess, ElectronUtilityProcess> {
  pid: number | undefined;
  readonly stdout: NodeJS.ReadableStream | null;
  readonly stderr: NodeJS.ReadableStream | null;
  readonly #child: ChildProcess;
  readonly #link: PortLink;
  #killed = false;

  constructor(child: ChildProcess) {
    super('UtilityProcess', ['spawn', 'message', 'exit', 'error']);
    this.pid = undefined;
    this.#child = child;
    this.stdout = child.stdout;
    this.stderr = child.stderr;
    this.#link = new PortLink('main', (message) => this.#send(message));
    child.once('spawn', () => {
      this.pid = child.pid;
      this.emit('spawn');
    });
    child.on('message', (message) => {
      const received = message as UtilityMessage;
      if (received.kind === 'message') this.emit('message', received.data);
      else this.#link.receive(received);
    });
    child.once('error', (cause) => {
      if (this.listenerCount('error') > 0) this.emit('error', 'FatalError', 'fork', String(cause));
    });
    child.once('exit', (code, signal) => {
      this.pid = undefined;
      this.#link.drop();
      // Electron reports 0 for a process it was asked to end, and the signal's number for one ended from outside.
      this.emit('exit', this.#killed && signal === 'SIGTERM' ? 0 : (code ?? (signal === null ? 1 : constants.signals[signal])));
    });
  }

  postMessage(data: unknown, transfer: readonly MessagePortMain[] = []): void {
    const copy: unknown = structuredClone(data);
    this.#send({ kind: 'message', data: copy, ports: this.#link.give(takeEnds(transfer)) });
  }

  kill(): boolean {
    this.#killed = true;
    return this.#child.kill('SIGTERM');
  }

  #send(message: UtilityMessage): void {
    // Messages to a process that has ended are dropped, as Electron drops them; also when this process has not heard of its end yet.
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }
}

export interface UtilityHost {
  readonly isReady: () => boolean;
  readonly childGone: (details: Details) => void;
}

/** The module `utilityProcess`, and a way to end every child with this process. */
export function createUtilityProcess(host: UtilityHost) {
  const children = new Set<ChildProcess>();

  const start = (modulePath: string, args: string[] = [], options: ForkOptions = {}): UtilityProcess => {
    if (!host.isReady()) throw new Error('utilityProcess cannot be created before app is ready.');
    refuseUnknown(options, knownOptions, 'utilityProcess.fork');
    const child = fork(modulePath, args, {
      cwd: options.cwd,
      env: (options.env as NodeJS.ProcessEnv | undefined) ?? process.env,
      // Not the parent's own switches: a debugger port cannot be opened twice.
      execArgv: ['--import', runtime, ...(options.execArgv ?? [])],
      serialization: 'advanced',
      stdio: stdioOf(options.stdio),
    });
    children.add(child);
    const utility = new UtilityProcess(child);
    child.once('exit', (code, signal) => {
      children.delete(child);
      if (code === 0 || signal === 'SIGTERM') return;
      const reason = signal === 'SIGKILL' ? 'killed' : signal === null ? 'abnormal-exit' : 'crashed';
      host.childGone({
        type: 'Utility',
        reason,
        exitCode: code ?? (signal === null ? 1 : constants.signals[signal]),
        serviceName: 'node.mojom.NodeService',
        name: options.serviceName ?? 'Node Utility Process',
      });
    });
    return utility;
  };
  // Electron also takes `fork(path, options)`.
  const forkUtility = (modulePath: string, args?: string[] | ForkOptions, options?: ForkOptions): ElectronUtilityProcess =>
    Array.isArray(args) || args === undefined ? start(modulePath, args, options) : start(modulePath, [], args);

  return {
    utilityProcess: { fork: forkUtility } satisfies Pick<typeof ElectronModule, 'fork'>,
    killAll: () => {
      for (const child of children) child.kill('SIGKILL');
    },
  };
}
