import type { IpcMainInvokeEvent } from 'electron';
import { expect, test } from 'vitest';
import { IPC_CHANNELS, MAX_IPC_CHARS, MAX_IPC_PER_SECOND } from '#contract/ipc.ts';
import { type IpcHandlers, openIpcGate } from '#main/shell/ipc-gate.ts';

type Listener = (event: IpcMainInvokeEvent, ...args: unknown[]) => Promise<unknown>;

/** The gate over a table of its registrations, so that a request can come from any frame. */
function gate() {
  const listeners = new Map<string, Listener>();
  const ipcMain = {
    handle: (channel: string, listener: Listener) => void listeners.set(channel, listener),
    removeHandler: (channel: string) => void listeners.delete(channel),
  };
  let served = 0;
  let nowMs = 0;
  const handlers = Object.fromEntries(IPC_CHANNELS.map((channel) => [channel, async () => ((served += 1), {})])) as unknown as IpcHandlers;
  const opened = openIpcGate(ipcMain, handlers, () => nowMs);
  const send = (channel: string, event: IpcMainInvokeEvent, ...args: unknown[]): Promise<unknown> => {
    const listener = listeners.get(channel);
    if (listener === undefined) throw new Error(`no listener for ${channel}`);
    return listener(event, ...args);
  };
  return { listeners, opened, send, served: () => served, later: (ms: number) => (nowMs += ms) };
}

function eventFrom(url: string | null, { main = true, id = 1 } = {}): IpcMainInvokeEvent {
  const frame = url === null ? null : { url };
  return {
    senderFrame: frame,
    sender: { id, mainFrame: main ? frame : { url: 'app://bundle/index.html' } },
  } as unknown as IpcMainInvokeEvent;
}
const ours = (): IpcMainInvokeEvent => eventFrom('app://bundle/index.html');
const QUIET = { callId: 'call-1', quiet: true };

test('[E17] every channel is behind the gate and refuses a wrong frame, a sub-frame and a frame that navigated', async () => {
  const { listeners, send, served, opened } = gate();
  expect([...listeners.keys()].toSorted()).toEqual(IPC_CHANNELS.toSorted());
  const strangers = [
    eventFrom(null),
    eventFrom('app://bundle/index.html', { main: false }),
    ...['https://bundle/', 'app://bundle.evil/index.html', 'app://x@bundle/', 'file:///index.html', 'about:blank', 'not a url'].map((url) =>
      eventFrom(url),
    ),
  ];
  for (const channel of IPC_CHANNELS) {
    for (const stranger of strangers) await expect(send(channel, stranger, QUIET)).rejects.toThrow('sender');
  }
  expect(opened.refusals.sender).toBe(IPC_CHANNELS.length * strangers.length);
  expect(served()).toBe(0);
});

test('a request of ours with the right shape is served; wrong shapes, sizes and argument counts are refused and counted', async () => {
  const { send, served, opened } = gate();
  await expect(send('call:quiet', ours(), QUIET)).resolves.toEqual({});
  for (const wrong of [
    undefined,
    null,
    7,
    {},
    { ...QUIET, extra: 1 },
    { callId: 'a b', quiet: true },
    JSON.parse('{"callId":"call-1","quiet":true,"__proto__":{"x":1}}'),
  ]) {
    await expect(send('call:quiet', ours(), wrong)).rejects.toThrow('schema');
  }
  await expect(send('call:quiet', ours())).rejects.toThrow('size');
  await expect(send('call:quiet', ours(), QUIET, QUIET)).rejects.toThrow('size');
  await expect(send('call:quiet', ours(), { callId: 'x'.repeat(MAX_IPC_CHARS), quiet: true })).rejects.toThrow('size');
  const cycle: Record<string, unknown> = {};
  cycle['self'] = cycle;
  await expect(send('call:quiet', ours(), cycle)).rejects.toThrow('size');
  expect(served()).toBe(1);
  expect(opened.refusals).toMatchObject({ schema: 7, size: 4 });
});

test('a window that floods is slowed for that second, others are not', async () => {
  const { send, served, opened, later } = gate();
  for (let i = 0; i < MAX_IPC_PER_SECOND; i++) await send('call:quiet', ours(), QUIET);
  await expect(send('call:quiet', ours(), QUIET)).rejects.toThrow('rate');
  await send('call:quiet', eventFrom('app://bundle/index.html', { id: 2 }), QUIET);
  later(1_000);
  await send('call:quiet', ours(), QUIET);
  expect(served()).toBe(MAX_IPC_PER_SECOND + 2);
  expect(opened.refusals.rate).toBe(1);
});

test('an answer that does not fit its schema never leaves', async () => {
  const { send } = gate();
  await expect(send('desk:open', ours(), {})).rejects.toThrow();
});

test('closing removes every channel', () => {
  const { listeners, opened } = gate();
  opened.close();
  expect(listeners.size).toBe(0);
});
