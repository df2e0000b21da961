/** `ipcMain`: one handler a channel for `invoke`, listeners for `send`. */
import type { IpcMain as ElectronIpcMain, IpcMainEvent, IpcMainInvokeEvent } from 'electron';
import { type Agrees, StrictEmitter } from './strict.ts';

type Handler = (event: IpcMainInvokeEvent, ...args: unknown[]) => unknown;

export class IpcMain extends StrictEmitter<Record<string, unknown[]>> implements Agrees<IpcMain, ElectronIpcMain> {
  readonly #handlers = new Map<string, Handler>();

  constructor() {
    super('ipcMain');
  }

  handle(channel: string, handler: Handler): void {
    if (this.#handlers.has(channel)) throw new Error(`Attempted to register a second handler for '${channel}'`);
    this.#handlers.set(channel, handler);
  }

  removeHandler(channel: string): void {
    this.#handlers.delete(channel);
  }

  /** Rejects when the channel has no handler, or as its handler does. */
  async answer(channel: string, event: IpcMainInvokeEvent, args: readonly unknown[]): Promise<unknown> {
    const handler = this.#handlers.get(channel);
    if (!handler) throw new Error(`No handler registered for '${channel}'`);
    return handler(event, ...args);
  }

  deliver(channel: string, event: IpcMainEvent, args: readonly unknown[]): void {
    this.emit(channel, event, ...args);
  }
}
