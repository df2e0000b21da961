/* Requests as nobody would make them, at the door of main and at that of the engine behind it. */
import fc from 'fast-check';
import type { IpcMainInvokeEvent } from 'electron';
import { expect, test, vi } from 'vitest';
import { IPC, IPC_CHANNELS, type IpcChannel, MAX_IPC_CHARS, MAX_IPC_PER_SECOND } from '#contract/ipc.ts';
import { type IpcHandlers, openIpcGate } from '#main/shell/ipc-gate.ts';

const isFull = process.env['SOTTO_FULL'] === '1';
const REQUESTS = isFull ? 200_000 : 20_000;

type Listener = (event: IpcMainInvokeEvent, ...args: unknown[]) => Promise<unknown>;

/** A door whose handlers note what came through, and check that it is what the schema makes of it. */
function door() {
  const listeners = new Map<string, Listener>();
  const ipcMain = {
    handle: (channel: string, listener: Listener) => void listeners.set(channel, listener),
    removeHandler: (channel: string) => void listeners.delete(channel),
  };
  const served: { readonly channel: IpcChannel; readonly request: unknown }[] = [];
  let nowMs = 0;
  const handlers = Object.fromEntries(
    IPC_CHANNELS.map((channel) => [channel, async (request: unknown) => (served.push({ channel, request }), {})]),
  ) as unknown as IpcHandlers;
  const gate = openIpcGate(ipcMain, handlers, () => nowMs);
  const frame = { url: 'app://bundle/index.html' };
  const event = { senderFrame: frame, sender: { id: 1, mainFrame: frame } } as unknown as IpcMainInvokeEvent;
  return {
    gate,
    served,
    listeners,
    /** What became of a request a moment later than the last. */
    send: async (channel: string, ...args: readonly unknown[]): Promise<string> => {
      nowMs += 1_000 / MAX_IPC_PER_SECOND + 1;
      const listener = listeners.get(channel);
      if (listener === undefined) return 'no handler';
      return listener(event, ...args).then(
        () => 'answered',
        (error: Error) => /refused: (\w+)$/.exec(error.message)?.[1] ?? `threw ${error.name}`,
      );
    },
  };
}

const id = fc.oneof(fc.constantFrom('call-1', 'dec-1', 'add-line', 'a', '../../etc/passwd', 'a b', '', '__proto__', '\u0000'), fc.string());
const FIELDS = 'decisionId actionId answer kind callId quiet outcomeId reason forMs level theme compact onTop name where atMs visible'
  .concat(' __proto__ constructor prototype toString then path file')
  .split(' ');
const field = fc.constantFrom(...FIELDS);
const value = fc.oneof(
  id,
  fc.boolean(),
  fc.integer(),
  fc.double(),
  fc.constantFrom<unknown>(
    null,
    undefined,
    'accepted',
    'rejected',
    'snoozed',
    'overridden',
    'light',
    'guided',
    'already-done',
    1e308,
    -0,
    60_000,
  ),
);
const dictionary = fc.dictionary(field, fc.oneof({ weight: 3, arbitrary: value }, { weight: 1, arbitrary: fc.dictionary(field, value) }), {
  maxKeys: 6,
});

/** Objects that lie about what they are. */
const strange: fc.Arbitrary<unknown> = fc
  .constantFrom<() => unknown>(
    () => JSON.parse('{"callId":"call-1","quiet":true,"__proto__":{"polluted":true}}'),
    () => JSON.parse('{"constructor":{"prototype":{"polluted":true}}}'),
    () => Object.create({ callId: 'call-1', quiet: true }),
    () => new Proxy({}, { get: () => 'x', ownKeys: () => ['callId'] }),
    () => ({
      get callId() {
        throw new Error('a getter that throws');
      },
    }),
    () => ({ toJSON: () => ({ callId: 'call-1', quiet: true }) }),
    () => new Map([['callId', 'call-1']]),
    () => new Date(Number.NaN),
    () => new Uint8Array(1_000),
    () => Symbol('request'),
    () => 10n,
    () => () => 'a function',
    () => [[[[[[[[]]]]]]]],
    () => {
      let deep: unknown = {};
      for (let level = 0; level < 5_000; level++) deep = { deep };
      return deep;
    },
    () => {
      const cycle: Record<string, unknown> = {};
      cycle['callId'] = cycle;
      return cycle;
    },
    () => ({ callId: 'x'.repeat(MAX_IPC_CHARS + 1), quiet: true }),
  )
  .map((make) => make());

const anyChannel = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom<string>(...IPC_CHANNELS) },
  { weight: 1, arbitrary: fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'desk:changed', 'card:answer ')) },
);
const anyArguments = fc.oneof(
  { weight: 6, arbitrary: dictionary.map((one) => [one]) },
  { weight: 2, arbitrary: strange.map((one) => [one]) },
  { weight: 1, arbitrary: fc.array(fc.oneof(dictionary, value), { maxLength: 3 }) },
);

test(`IPC: of ${REQUESTS.toLocaleString('en')} generated requests none passes but what the schema takes, none pollutes a prototype, none throws anything else`, {
  timeout: 600_000,
}, async () => {
  // The door tells of each answer it kept back.
  using told = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const { served, gate, send } = door();
  const became = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(anyChannel, anyArguments, async (channel, args) => {
      const before = served.length;
      const result = await send(channel, ...args);
      const kind = result.startsWith('threw') ? 'answer refused' : result;
      became.set(kind, (became.get(kind) ?? 0) + 1);
      const through = served.slice(before);
      expect(through.length).toBeLessThanOrEqual(1);
      for (const { channel: to, request } of through) {
        expect(to).toBe(channel);
        // What a handler sees is the schema's own copy: parsing it again changes nothing.
        expect(IPC[to].request.parse(request)).toEqual(request);
        expect(Object.getPrototypeOf(request)).toBe(Object.prototype);
      }
      if (through.length === 0) expect(['no handler', 'schema', 'size']).toContain(result);
      // A handler's answer that does not fit its schema never leaves either.
      if (result.startsWith('threw')) expect(through).toHaveLength(1);
    }),
    { numRuns: REQUESTS },
  );
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  expect([...became.values()].reduce((sum, one) => sum + one, 0)).toBe(REQUESTS);
  expect(gate.refusals).toMatchObject({ sender: 0, rate: 0 });
  for (const kind of ['schema', 'size', 'no handler', 'answered']) expect(became.get(kind) ?? 0, kind).toBeGreaterThan(0);
  expect(told).toHaveBeenCalled();
  console.log(`IPC fuzz: ${JSON.stringify(Object.fromEntries(became))}`);
});

test('IPC: no request has a place for a path, and after closing no channel answers', async () => {
  const { listeners, gate, send } = door();
  const names = IPC_CHANNELS.flatMap((channel) => Object.keys((IPC[channel].request as unknown as { shape: object }).shape));
  expect(names.length).toBeGreaterThanOrEqual(20);
  expect(names.filter((name) => /path|file|folder|url|href|command/i.test(name))).toEqual([]);
  gate.close();
  expect(listeners.size).toBe(0);
  for (const channel of IPC_CHANNELS) expect(await send(channel, {})).toBe('no handler');
});
