/** The names both sides of the bridge use. Apart from ipc.ts, so that the preload script carries no schema library. */
import type { IpcChannel, IpcRequest, IpcResponse } from './ipc.ts';

/** The one push, main → window. */
export const DESK_CHANGED = 'desk:changed';

/** The global the preload script exposes. */
export const BRIDGE = 'sotto';

export interface Bridge {
  /** Sends a request; rejects when main refuses it. */
  call<C extends IpcChannel>(channel: C, request: IpcRequest<C>): Promise<IpcResponse<C>>;
  /** Calls back with each change of the view; returns what stops it. */
  onChange(listener: (change: unknown) => void): () => void;
}
