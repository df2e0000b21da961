/** Central ends in good time, whoever stands in its door: somebody who only opened it, who is half-way in, or who does not hear goodbye. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import { LIVE_PROTOCOL } from '#contract/live.ts';
import type { Tokens } from '#ports/link.ts';
import { deskTokens } from '../central/device.ts';
import { counts } from '../fault/counts.ts';
import { onPostgres } from '../central/engines.ts';
import { deskSocket, openCentral } from '../central/fixture.ts';
import { timedTest } from './timed-test.ts';

const MOMENTS = counts(14, 40);
const LATEST_MS = 200;
const WITHIN_MS = 2_000;
/** Moments at which frozen desks stand in the door too: they cost central all the time it gives anybody. */
const HELD_EVERY = 5;
/** How much of the request was sent before central closes: nothing, the half of it, all of it without ever reading an answer. */
const SENT_RATIOS = [0, 0.5, 1];

const upgrade = (host: string): string =>
  [
    'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1',
    `Host: ${host}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${Buffer.alloc(16).toString('base64')}`,
    '\r\n',
  ].join('\r\n');

/** Connections that stop at every step of the way in, each opened by a desk that froze there. */
async function frozen(url: URL): Promise<readonly Socket[]> {
  const text = upgrade(url.host);
  return Promise.all(
    SENT_RATIOS.map(async (ratio) => {
      const socket = connect(Number(url.port), url.hostname);
      socket.on('error', () => undefined);
      await once(socket, 'connect');
      socket.pause();
      if (ratio > 0) socket.write(text.slice(0, text.length * ratio));
      return socket;
    }),
  );
}

/** Begins to connect every few milliseconds until it is stopped. */
function dialling(url: string, tokens: Tokens): () => void {
  const auth = { protocol: LIVE_PROTOCOL, ...tokens, deviceId: 'dev-ann' };
  const sockets = [deskSocket(url, auth)];
  const timer = setInterval(() => sockets.push(deskSocket(url, auth)), 5);
  return () => {
    clearInterval(timer);
    for (const socket of sockets) socket.disconnect();
  };
}

onPostgres((engine) => {
  timedTest('central closes within two seconds at any moment of desks connecting', { timeout: 240_000 }, async () => {
    const store = await engine.open();
    const tookMs: number[] = [];
    for (let moment = 0; moment < MOMENTS; moment++) {
      // Only its door is of interest: the store stays open from one time to the next.
      const { central, close } = await openCentral({ ...store, close: () => Promise.resolve() });
      const held = moment % HELD_EVERY === 0 ? await frozen(new URL(central.url)) : [];
      const stop = dialling(central.url, await deskTokens(central, 'ann', 'dev-ann'));
      await pause((LATEST_MS * moment) / (MOMENTS - 1));
      const startMs = performance.now();
      await close();
      tookMs.push(performance.now() - startMs);
      stop();
      for (const socket of held) socket.destroy();
    }
    await store.close();
    const longest = Math.max(...tookMs);
    console.log(`[closing]: ${tookMs.length} times on ${engine.name}, ${Math.round(longest)} ms at most`);
    expect(tookMs.length).toBe(MOMENTS);
    expect(longest).toBeLessThan(WITHIN_MS);
  });
});
