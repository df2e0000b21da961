/** The Link port on real sockets and real HTTP, against a server that does what central does and what it must never do. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { Server as SocketServer, type Socket } from 'socket.io';
import { FullJitter } from '#adapters/socket/full-jitter.ts';
import { SocketLink } from '#adapters/socket/socket-link.ts';
import { DESK_NAMESPACE, DeskHandshake, LIVE_PROTOCOL, MAX_SOCKET_BYTES } from '#contract/live.ts';
import { MAX_BATCH_BYTES, OUTBOX_EVENT, OUTBOX_PATH, type OutboxBatch } from '#contract/sync.ts';
import type { LinkHandlers, LinkState } from '#ports/link.ts';
import { sha256 } from './samples.ts';

class TestCentral {
  readonly handshakes: unknown[] = [];
  readonly posts: { readonly path: string; readonly token: string; readonly bytes: number }[] = [];
  readonly batches: OutboxBatch[] = [];
  refuseWith: string | null = null;
  onBatch: (batch: OutboxBatch, acknowledge: (receipt: unknown) => void) => void = (batch, acknowledge) =>
    acknowledge({ items: batch.items.map(({ id }) => ({ id, result: 'stored' })) });
  onHttp: (request: IncomingMessage, body: string) => { readonly status: number; readonly body: unknown } = (_, body) => ({
    status: 200,
    body: { items: (JSON.parse(body) as OutboxBatch).items.map(({ id }) => ({ id, result: 'stored' })) },
  });
  readonly #http: Server;
  readonly #io: SocketServer;
  #sockets: Socket[] = [];

  private constructor() {
    this.#http = createServer((request, response) => {
      let body = '';
      request.on('data', (part: Buffer) => (body += String(part)));
      request.on('end', () => {
        this.posts.push({ path: request.url ?? '', token: request.headers.authorization ?? '', bytes: body.length });
        const answer = this.onHttp(request, body);
        response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body));
      });
    });
    this.#io = new SocketServer(this.#http, { transports: ['websocket'], maxHttpBufferSize: MAX_SOCKET_BYTES });
    this.#io
      .of(DESK_NAMESPACE)
      .use((socket, next) => {
        this.handshakes.push(socket.handshake.auth);
        if (this.refuseWith === null) next();
        else next(Object.assign(new Error(this.refuseWith), { data: { reason: this.refuseWith } }));
      })
      .on('connection', (socket) => {
        this.#sockets.push(socket);
        socket.on(OUTBOX_EVENT, (batch: OutboxBatch, acknowledge: (receipt: unknown) => void) => {
          this.batches.push(batch);
          this.onBatch(batch, acknowledge);
        });
      });
  }

  static async start(port = 0): Promise<TestCentral> {
    const central = new TestCentral();
    await new Promise<void>((resolve) => central.#http.listen(port, '127.0.0.1', resolve));
    return central;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get port(): number {
    return (this.#http.address() as AddressInfo).port;
  }

  get socket(): Socket {
    const socket = this.#sockets.at(-1);
    if (socket === undefined) throw new Error('no desk is connected');
    return socket;
  }

  cut(): void {
    this.socket.disconnect(true);
  }

  async stop(): Promise<void> {
    await this.#io.close();
  }
}

class Desk {
  readonly states: LinkState[] = [];
  readonly heard: (readonly [string, unknown])[] = [];
  readonly faults: string[] = [];
  tokensWanted = 0;
  /** What a message waits for before it is acknowledged. */
  onMessage: (name: string, body: unknown) => Promise<unknown> = async () => 'done';
  readonly link: SocketLink;

  constructor(url: string, ackTimeoutMs = 500) {
    this.link = new SocketLink({
      url,
      token: 'first-token',
      deviceToken: 'device-token',
      deviceId: 'device-1',
      random: () => 0.05,
      ackTimeoutMs,
    });
    const on = (name: string) => async (body: unknown) => {
      this.heard.push([name, body]);
      return this.onMessage(name, body);
    };
    const handlers: LinkHandlers = {
      delivery: on('delivery'),
      partial: on('partial'),
      context: on('context'),
      release: on('release'),
      versions: on('versions'),
      usage: on('usage'),
      learnt: on('learnt'),
      orders: on('orders'),
      answer: on('answer'),
      approval: on('approval'),
      supervision: on('supervision'),
      clock: on('clock'),
      state: (state) => this.states.push(state),
      tokenWanted: () => (this.tokensWanted += 1),
      fault: (error) => this.faults.push(`${error.message}: ${String(error.cause)}`),
    };
    this.link.open(handlers);
  }

  async connected(): Promise<this> {
    await expect.poll(() => this.states.at(-1)).toBe('connected');
    return this;
  }
}

const open: { readonly close: () => Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).toReversed()) await each.close();
});

async function central(port?: number): Promise<TestCentral> {
  const started = await TestCentral.start(port);
  open.push({ close: () => started.stop() });
  return started;
}

function desk(url: string): Desk {
  const made = new Desk(url);
  open.push({ close: () => made.link.close() });
  return made;
}

const batchOf = (bytes: number): OutboxBatch => {
  const body = JSON.stringify({ text: 'x'.repeat(bytes) });
  return { protocol: 1, deviceId: 'device-1', epoch: 'e', items: [{ seq: 1, kind: 'outcome', id: 'outcome-1', hash: sha256(body), body }] };
};

describe('a link', () => {
  test('says who it is, hands messages over in order, and acknowledges each only after it was processed', async () => {
    const server = await central();
    const ann = desk(server.url);
    await ann.connected();
    expect(DeskHandshake.parse(server.handshakes[0])).toEqual({
      protocol: LIVE_PROTOCOL,
      token: 'first-token',
      deviceToken: 'device-token',
      deviceId: 'device-1',
    });
    const gate = Promise.withResolvers<unknown>();
    ann.onMessage = () => gate.promise;
    const acknowledged: unknown[] = [];
    server.socket.emit('context', { callId: 'a' }, (done: unknown) => acknowledged.push(done));
    server.socket.emit('delivery', { seq: 1 }, (done: unknown) => acknowledged.push(done));
    server.socket.emit('delivery', { seq: 2 }, (done: unknown) => acknowledged.push(done));
    await expect.poll(() => ann.heard.length).toBe(3);
    expect(ann.heard).toEqual([
      ['context', { callId: 'a' }],
      ['delivery', { seq: 1 }],
      ['delivery', { seq: 2 }],
    ]);
    expect(acknowledged).toEqual([]);
    gate.resolve({ callId: 'a', seq: 2 });
    await expect.poll(() => acknowledged.length).toBe(3);
    expect(acknowledged[2]).toEqual({ callId: 'a', seq: 2 });
  });

  test('a handler that fails is not acknowledged, and is told of', async () => {
    const server = await central();
    const ann = await desk(server.url).connected();
    ann.onMessage = async () => {
      throw new Error('the disk is full');
    };
    const answer = server.socket.timeout(300).emitWithAck('delivery', { seq: 1 });
    await expect(answer).rejects.toThrow();
    expect(ann.faults).toEqual([expect.stringMatching(/delivery.*the disk is full/)]);
  });

  test('comes back by itself after it was cut off, and after central was away', async () => {
    const server = await central();
    const ann = await desk(server.url).connected();
    server.cut();
    await expect.poll(() => ann.states.filter((state) => state === 'connected').length).toBe(2);
    const { port } = server;
    await server.stop();
    await expect.poll(() => ann.states.at(-1)).not.toBe('connected');
    await new Promise((resolve) => setTimeout(resolve, 300));
    const again = await central(port);
    await expect.poll(() => ann.states.at(-1)).toBe('connected');
    expect(again.handshakes.length).toBeGreaterThan(0);
  });

  test('a refused token is asked for anew; the next attempt carries the new one', async () => {
    const server = await central();
    server.refuseWith = 'bad-token';
    const ann = desk(server.url);
    await expect.poll(() => ann.tokensWanted).toBeGreaterThan(0);
    expect(ann.states).toContain('refused');
    ann.link.setTokens({ token: 'second-token', deviceToken: 'device-token' });
    // An attempt that was on its way has the first one still.
    await expect.poll(() => server.handshakes.at(-1)).toMatchObject({ token: 'second-token' });
    server.refuseWith = null;
    await ann.connected();
  });

  test('a batch without an acknowledgement, or with something else than a receipt, was not sent', async () => {
    const server = await central();
    const ann = await desk(server.url).connected();
    server.onBatch = () => undefined;
    expect(await ann.link.sendBatch(batchOf(10))).toMatchObject({ ok: false, reason: 'away' });
    server.onBatch = (_, acknowledge) => acknowledge({ items: [{ id: 'outcome-1', result: 'perhaps' }] });
    expect(await ann.link.sendBatch(batchOf(10))).toMatchObject({ ok: false, reason: 'bad-answer' });
    server.onBatch = () => server.cut();
    expect(await ann.link.sendBatch(batchOf(10))).toMatchObject({ ok: false, reason: 'away' });
    expect(await ann.link.sendBatch(batchOf(10))).toMatchObject({ ok: false, reason: 'away' });
  });

  test('what is larger than a batch may be goes by HTTP, with the token of the device', async () => {
    const server = await central();
    const ann = await desk(server.url).connected();
    expect(await ann.link.sendBatch(batchOf(100))).toMatchObject({ ok: true });
    expect(server.batches).toHaveLength(1);
    expect(await ann.link.sendBatch(batchOf(MAX_BATCH_BYTES))).toMatchObject({ ok: true });
    expect(server.batches).toHaveLength(1);
    expect(server.posts).toEqual([{ path: OUTBOX_PATH, token: 'Bearer device-token', bytes: expect.any(Number) }]);
    expect(server.posts[0]?.bytes).toBeGreaterThan(MAX_BATCH_BYTES);
  });

  test.each([
    [400, 'refused'],
    [413, 'refused'],
    [401, 'away'],
    [403, 'away'],
    [429, 'away'],
    [500, 'away'],
    [503, 'away'],
  ])('HTTP %i means %s', async (status, reason) => {
    const server = await central();
    const ann = await desk(server.url).connected();
    server.onHttp = () => ({ status, body: { error: 'no' } });
    expect(await ann.link.sendBatch(batchOf(MAX_BATCH_BYTES))).toMatchObject({ ok: false, reason });
    expect(ann.tokensWanted).toBe(status === 401 ? 1 : 0);
  });

  test('a revision or a model that does not fit its schema did not come', async () => {
    const server = await central();
    const ann = await desk(server.url).connected();
    for (const body of [{}, { hash: 'x' }, [], 'text']) {
      server.onHttp = () => ({ status: 200, body });
      expect(await ann.link.fetchRevision('a'.repeat(64))).toMatchObject({ ok: false, reason: 'bad-answer' });
      expect(await ann.link.fetchModel('a'.repeat(64))).toMatchObject({ ok: false, reason: 'bad-answer' });
    }
    expect(server.posts.map(({ path }) => path).slice(0, 2)).toEqual([`/api/revisions/${'a'.repeat(64)}`, `/api/models/${'a'.repeat(64)}`]);
  });
});

/** The first eight waits when the dice always fall the same. */
const waits = (random: number): readonly number[] => {
  const jitter = new FullJitter(() => random);
  return Array.from({ length: 8 }, () => jitter.nextMs());
};

test('waits between attempts are spread over the whole of a limit that doubles up to three seconds', () => {
  expect(waits(0)).toEqual(Array.from({ length: 8 }, () => 0));
  expect(waits(0.5)).toEqual([100, 200, 400, 800, 1_500, 1_500, 1_500, 1_500]);
});
