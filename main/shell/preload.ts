/** Runs in the isolated world of each window. The page gets two frozen functions and nothing of Electron's. */
import { contextBridge, ipcRenderer } from 'electron';
import { BRIDGE, type Bridge, DESK_CHANGED } from '#contract/bridge.ts';

const bridge: Bridge = {
  // Main refuses channels it does not know: the list is kept in one place.
  call: (channel, request) => ipcRenderer.invoke(channel, request),
  onChange: (listener) => {
    const forward = (_event: unknown, change: unknown): void => listener(change);
    ipcRenderer.on(DESK_CHANGED, forward);
    return () => {
      ipcRenderer.removeListener(DESK_CHANGED, forward);
    };
  },
};

contextBridge.exposeInMainWorld(BRIDGE, bridge);
