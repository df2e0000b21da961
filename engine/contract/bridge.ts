/** The names both sides of the bridge use. Apart from ipc.ts, so that the preload script carries no schema library. */
import type { IpcChannel, IpcRequest, IpcResponse } from './ipc.ts';

/** What is pushed, main → window: changes of the desk's view, and what the other rooms hear. */
export const DESK_CHANGED = 'desk:changed';
export const NEWS_CAME = 'news:came';

/** The global the preload script exposes. */
export const BRIDGE = 'sotto';

export interface Bridge {
  /** Sends a request; rejects when main refuses it. */
  call<C extends IpcChannel>(channel: C, request: IpcRequest<C>): Promise<IpcResponse<C>>;
  /** Calls back with each change of the view; returns what stops it. */
  onChange(listener: (change: unknown) => void): () => void;
  /** Calls back with each of the news; returns what stops it. */
  onNews(listener: (news: unknown) => void): () => void;
}
