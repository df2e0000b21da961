/**
 * The half that runs in the isolated world of each frame: `require('electron')` as a sandboxed preload has it
 * (`contextBridge`, `ipcRenderer`), then the app's preload. Self-contained: only its source text runs.
 */
import type { ContextBridge, IpcRenderer } from 'electron';
import type { Codec } from './codec.ts';
import type { makeBridge } from './context-bridge.ts';
import type { HostToPage, PageSettings, PageToHost } from './page-messages.ts';

export type PreloadFunction = (require: (name: string) => unknown, module: { exports: unknown }, exports: unknown, process: object) => void;

/* oxlint-disable unicorn/consistent-function-scoping -- self-contained */
export function runIsolatedWorld(bridgeOf: typeof makeBridge, codec: Codec, settings: PageSettings, preload: PreloadFunction): void {
  type Listener = (event: object, ...args: unknown[]) => void;
  interface Waiting {
    readonly resolve: (value: unknown) => void;
    readonly reject: (cause: Error) => void;
  }
  const world = globalThis as unknown as Record<string, unknown> & {
    readonly document: EventTarget & { createComment(text: string): EventTarget };
    readonly MouseEvent: new (type: string, init: { relatedTarget: EventTarget }) => Event;
    readonly top: unknown;
    readonly self: unknown;
  };
  const isMainFrame = world.top === world.self;
  const binding = world[settings.bindingName] as (text: string) => void;
  const tell = (message: PageToHost): void => binding(JSON.stringify(message));

  const node = world.document.createComment('');
  world.document.dispatchEvent(new world.MouseEvent(settings.handOverKey, { relatedTarget: node }));
  const bridge = bridgeOf(node, 'isolated', ({ url, name, features }) => tell({ kind: 'open', url, name, features }));
  if (!isMainFrame && !settings.preloadInSubFrames) return;

  const strict = <T extends object>(target: T, name: string): T =>
    new Proxy(target, {
      get(object, member, receiver) {
        if (typeof member === 'string' && !(member in object) && member !== 'then' && member !== 'toJSON')
          throw new Error(`electron stand-in: ${name}.${member} is not implemented`);
        return Reflect.get(object, member, receiver) as unknown;
      },
    });

  const listeners = new Map<string, Listener[]>();
  const onceWrappers = new WeakMap<Listener, Listener>();
  const waiting = new Map<number, Waiting>();
  let lastId = 0;

  const add = (channel: string, listener: Listener): void => {
    listeners.set(channel, [...(listeners.get(channel) ?? []), listener]);
  };
  const remove = (channel: string, listener: Listener): void => {
    const kept = [...(listeners.get(channel) ?? [])];
    const at = kept.findLastIndex((held) => held === listener || onceWrappers.get(held) === listener);
    if (at >= 0) kept.splice(at, 1);
    listeners.set(channel, kept);
  };

  type Implemented = 'invoke' | 'send' | 'on' | 'once' | 'off' | 'addListener' | 'removeListener' | 'removeAllListeners' | 'listenerCount';
  const ipcRenderer: IpcRenderer = strict(
    {
      send: (channel: string, ...args: unknown[]) => tell({ kind: 'send', channel, args: codec.pack(args) }),
      // Asynchronous, so that arguments which cannot be cloned reject instead of throwing.
      invoke: async (channel: string, ...args: unknown[]) => {
        const packed = codec.pack(args);
        lastId += 1;
        const id = lastId;
        return new Promise<unknown>((resolve, reject) => {
          waiting.set(id, { resolve, reject });
          tell({ kind: 'invoke', id, channel, args: packed });
        });
      },
      on: (channel: string, listener: Listener) => (add(channel, listener), ipcRenderer),
      addListener: (channel: string, listener: Listener) => (add(channel, listener), ipcRenderer),
      once: (channel: string, listener: Listener) => {
        const wrapper: Listener = (event, ...args) => {
          remove(channel, wrapper);
          listener(event, ...args);
        };
        onceWrappers.set(wrapper, listener);
        add(channel, wrapper);
        return ipcRenderer;
      },
      off: (channel: string, listener: Listener) => (remove(channel, listener), ipcRenderer),
      removeListener: (channel: string, listener: Listener) => (remove(channel, listener), ipcRenderer),
      removeAllListeners: (channel: string) => (listeners.delete(channel), ipcRenderer),
      listenerCount: (channel: string) => listeners.get(channel)?.length ?? 0,
    } satisfies Record<Implemented, unknown> as unknown as IpcRenderer,
    'ipcRenderer',
  );
  const contextBridge = strict(
    { exposeInMainWorld: (key, api) => bridge.expose(key, api) } satisfies Pick<ContextBridge, 'exposeInMainWorld'>,
    'contextBridge',
  );

  const receive = (text: string): void => {
    const message = JSON.parse(text) as HostToPage;
    if (message.kind === 'push') {
      const event = { sender: ipcRenderer, senderId: 0, ports: [] };
      for (const listener of listeners.get(message.channel) ?? []) listener(event, ...(codec.unpack(message.args) as unknown[]));
      return;
    }
    const asked = waiting.get(message.id);
    waiting.delete(message.id);
    if (message.ok) asked?.resolve(codec.unpack(message.value));
    else asked?.reject(new Error(message.message));
  };
  Object.defineProperty(world, settings.receiverName, { value: receive });

  const electron = strict({ contextBridge, ipcRenderer }, 'electron (in a preload)');
  const require = (name: string): unknown => {
    if (name === 'electron' || name === 'electron/renderer') return electron;
    throw new Error(`module not found: ${name}`);
  };
  const module = { exports: {} as unknown };
  const process = strict(
    { ...settings.process, type: 'renderer', sandboxed: true, contextIsolated: true, isMainFrame, env: {} },
    'process (in a preload)',
  );
  try {
    preload.call(module.exports, require, module, module.exports, process);
  } catch (cause) {
    const error = cause instanceof Error ? cause : new Error(String(cause));
    tell({ kind: 'preload-failed', message: error.message, stack: error.stack ?? '' });
  }
}
