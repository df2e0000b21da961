/** Runs in the isolated world of each window. The page gets three frozen functions and nothing of Electron's. */
import { contextBridge, ipcRenderer } from 'electron';
import { BRIDGE, type Bridge, DESK_CHANGED, NEWS_CAME } from '#contract/bridge.ts';

const follow =
  (channel: string) =>
  (listener: (pushed: unknown) => void): (() => void) => {
    const forward = (_event: unknown, pushed: unknown): void => listener(pushed);
    ipcRenderer.on(channel, forward);
    return () => {
      ipcRenderer.removeListener(channel, forward);
    };
  };

const bridge: Bridge = {
  // Main refuses channels it does not know: the list is kept in one place.
  call: (channel, request) => ipcRenderer.invoke(channel, request),
  onChange: follow(DESK_CHANGED),
  onNews: follow(NEWS_CAME),
};

contextBridge.exposeInMainWorld(BRIDGE, bridge);
