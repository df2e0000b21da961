import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { io, type Socket } from 'socket.io-client';
import { afterEach, expect, test } from 'vitest';
import type { Principal } from '#central/access/directory.ts';
import { openSockets } from '#central/http/open-sockets.ts';
import { DeskDoor } from '#central/live/desk-door.ts';
import { Admission } from '#central/store/admission.ts';
import type { Counters } from '#central/store/counters.ts';
import { DESK_NAMESPACE, LIVE_PROTOCOL } from '#contract/live.ts';

const DESKS = 120;
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const principalOf = (token: string): Principal =>
  token.startsWith('device')
    ? { kind: 'device', deviceId: 'd', roles: new Set(['device']) }
    : { kind: 'person', personId: 'p', agentId: token, deviceId: 'd', roles: new Set(['agent']), teams: [] };

/** A door alone: who a token is of is said at once, and counted. */
async function open(resumes: boolean) {
  const http = createServer();
  const sockets = openSockets(http, () => false);
  const desks = sockets.of(DESK_NAMESPACE);
  let inside = 0;
  let most = 0;
  const door = new DeskDoor({
    desks,
    authenticate: async (token) => {
      if (!token.startsWith('device')) most = Math.max(most, ++inside);
      await pause(5);
      return token === 'nobody' ? null : principalOf(token);
    },
    counters: { add: () => {} } as unknown as Counters,
    failed: (operation, error) => expect.unreachable(`${operation}: ${String(error)}`),
  });
  desks.on('connection', (socket) => {
    socket.on('resume', async () => {
      await pause(5);
      inside--;
      if (resumes) door.resumed(socket);
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const open: Socket[] = [];
  closers.push(async () => {
    for (const socket of open) socket.disconnect();
    await sockets.close();
  });
  const come = (token: string): Promise<string> => {
    const auth = { protocol: LIVE_PROTOCOL, token, deviceToken: 'device', deviceId: 'd' };
    const socket = io(url + DESK_NAMESPACE, { transports: ['websocket'], auth, reconnection: false, forceNew: true });
    open.push(socket);
    return new Promise((resolve) => {
      socket.once('connect', () => {
        socket.emit('resume', {});
        resolve('in');
      });
      socket.once('connect_error', (error) => resolve(error.message));
    });
  };
  return { come, most: () => most, door };
}

test('desks that come at once are let in a few at a time, and all of them', async () => {
  const { come, most, door } = await open(true);
  const came = await Promise.all(Array.from({ length: DESKS }, (_, n) => come(`agent-${n}`)));
  expect(came.every((each) => each === 'in')).toBe(true);
  expect(most()).toBeLessThanOrEqual(24);
  expect(most()).toBeGreaterThan(4);
  expect(door.waiting).toBe(0);
});

test('a desk that is in and says nothing holds up nobody for long, and neither does one that is refused', async () => {
  const { come } = await open(false);
  const came = await Promise.all(Array.from({ length: 60 }, (_, n) => come(n % 2 === 0 ? 'nobody' : `agent-${n}`)));
  expect(came.filter((each) => each === 'in')).toHaveLength(30);
  expect(came.filter((each) => each === 'bad-token')).toHaveLength(30);
});

test('work that is to rest begins its groups apart, and goes on at once when it need not rest any more', async () => {
  const begun: number[] = [];
  let restMs = 60;
  const settings = { workers: 4, groupWeight: 1, paceMs: 0, mostWaiting: 100, longestWaitMs: 60_000, restMs: () => restMs };
  const line = new Admission<number, number>(settings, async (tasks) => {
    begun.push(performance.now());
    return tasks;
  });
  const all = Array.from({ length: 12 }, (_, n) => line.enter(n, 1));
  await Promise.all(all.slice(0, 4));
  restMs = 0;
  await Promise.all(all);
  const gaps = begun.slice(1).map((atMs, n) => atMs - (begun[n] ?? 0));
  expect(Math.min(...gaps.slice(0, 3))).toBeGreaterThan(50);
  expect(Math.min(...gaps.slice(4))).toBeLessThan(50);
  expect(begun).toHaveLength(12);
});

test('whoever has more to bring is given a place in line: nobody in line is told to come at once, and turns come one after the other', async () => {
  const gate = Promise.withResolvers<void>();
  const settings = { workers: 1, groupWeight: 50, paceMs: 0, mostWaiting: 10_000, longestWaitMs: 100 };
  const line = new Admission<number, number>(settings, async (tasks) => {
    await gate.promise;
    return tasks;
  });
  expect(line.nextTurn(50)).toBe(0);
  const all = [line.enter(0, 50), ...[1, 2, 3].map((n) => line.enter(n, 50))];
  const turns = Array.from({ length: 5 }, () => line.nextTurn(50));
  expect(turns.every((turn, n) => n === 0 || turn >= (turns[n - 1] ?? 0) + 45)).toBe(true);
  // Whoever is turned away stands in the same line.
  const put = await line.enter(9, 50);
  expect(put.ok ? 0 : put.retryAfterMs).toBeGreaterThan(turns.at(-1) ?? 0);
  gate.resolve();
  expect((await Promise.all(all)).every(({ ok }) => ok)).toBe(true);
  expect(line.nextTurn(50)).toBe(0);
});
