/**
 * The one door between windows and the rest. Every request passes the same four checks, sender, rate, size,
 * schema, before a handler sees it, and every answer is checked against its schema before it leaves.
 */
import type { IpcMain, IpcMainInvokeEvent } from 'electron';
import { faultLine, InWords, wordsOf } from '#contract/fault.ts';
import { IPC, IPC_CHANNELS, type IpcChannel, type IpcRequest, type IpcResponse, MAX_IPC_CHARS, MAX_IPC_PER_SECOND } from '#contract/ipc.ts';
import { isAppUrl } from './window-options.ts';

export type IpcHandlers = { readonly [C in IpcChannel]: (request: IpcRequest<C>, event: IpcMainInvokeEvent) => Promise<IpcResponse<C>> };

/** Why a request was refused; counted, and told to the caller without detail of what is inside. */
export type IpcRefusal = 'sender' | 'rate' | 'size' | 'schema';

export interface IpcGate {
  /** Refusals so far, by reason. */
  readonly refusals: Readonly<Record<IpcRefusal, number>>;
  close(): void;
}

const isTrusted = (event: IpcMainInvokeEvent): boolean => {
  const frame = event.senderFrame;
  return frame !== null && frame === event.sender.mainFrame && isAppUrl(frame.url);
};

/** Whole requests per second and sender; refilled at the turn of each second. */
class RateLimit {
  #windowAtMs = 0;
  readonly #used = new Map<number, number>();

  allows(sender: number, nowMs: number): boolean {
    if (nowMs - this.#windowAtMs >= 1000) {
      this.#windowAtMs = nowMs;
      this.#used.clear();
    }
    const used = (this.#used.get(sender) ?? 0) + 1;
    this.#used.set(sender, used);
    return used <= MAX_IPC_PER_SECOND;
  }
}

/** Registers every channel of IPC. A refused request rejects with an error that names the channel and the check. */
export function openIpcGate(ipcMain: Pick<IpcMain, 'handle' | 'removeHandler'>, handlers: IpcHandlers, nowMs: () => number): IpcGate {
  const refusals = { sender: 0, rate: 0, size: 0, schema: 0 };
  const rate = new RateLimit();
  const refuse = (channel: IpcChannel, reason: IpcRefusal): never => {
    refusals[reason] += 1;
    throw new InWords(`${channel} refused: ${reason}`);
  };
  const register = (channel: IpcChannel): void => {
    ipcMain.handle(channel, async (event, ...args: unknown[]) => {
      if (!isTrusted(event)) refuse(channel, 'sender');
      if (!rate.allows(event.sender.id, nowMs())) refuse(channel, 'rate');
      if (args.length !== 1 || charsOf(args[0]) > MAX_IPC_CHARS) refuse(channel, 'size');
      const request = IPC[channel].request.safeParse(args[0]);
      if (!request.success) return refuse(channel, 'schema');
      const handle = handlers[channel] as (request: unknown, event: IpcMainInvokeEvent) => Promise<unknown>;
      try {
        return IPC[channel].response.parse(await handle(request.data, event));
      } catch (error) {
        // Electron prints whatever a handler throws, causes too: only words of ours may be in it.
        if (error instanceof InWords && error.cause === undefined) throw error;
        process.stderr.write(`${faultLine('request', error)}\n`);
        throw new InWords(`${channel} failed: ${wordsOf(error)}`);
      }
    });
  };
  for (const channel of IPC_CHANNELS) register(channel);
  return {
    refusals,
    close: () => {
      for (const channel of IPC_CHANNELS) ipcMain.removeHandler(channel);
    },
  };
}

/** Size as JSON; what JSON cannot hold (a cycle, a bigint) is too large by definition. */
function charsOf(value: unknown): number {
  try {
    return JSON.stringify(value)?.length ?? 0;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
