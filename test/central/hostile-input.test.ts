import { connect as connectTcp } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LIVE_PROTOCOL, MAX_SOCKET_BYTES } from '#contract/live.ts';
import { onPostgres } from './engines.ts';
import { batch, decision, item, type Opened, openCentral, outcome, Producer, producerSocket, TestDesk, until } from './fixture.ts';
import { deskTokens } from './device.ts';

onPostgres((engine) => {
  let opened: Opened;
  beforeAll(async () => {
    opened = await openCentral(await engine.open(), { limits: { producerEventsPerS: 50, deskMessagesPerS: 10, requestsPerMinute: 1_000 } });
  });
  afterAll(() => opened.close());

  const works = async () => {
    const producer = new Producer();
    expect(await opened.central.intake(producer.offered('cy'))).toMatchObject({ result: 'accepted' });
    expect((await fetch(`${opened.central.url}/health/live`)).status).toBe(200);
  };

  test('raw rubbish on a websocket closes that connection and nothing else', async () => {
    const tokens = await deskTokens(opened.central, 'ann', 'dev-ann');
    const hello = JSON.stringify({ protocol: LIVE_PROTOCOL, ...tokens, deviceId: 'dev-ann' });
    const frames: readonly (string | ArrayBuffer)[] = [
      '42{"not":"an array"}',
      '59-["event",{"_placeholder":true,"num":99}]',
      '4999-["event"]',
      `42${'['.repeat(10_000)}`,
      '42["__proto__",1]',
      '42["connect",1]',
      '42["disconnect",1]',
      '42["error",1]',
      '4',
      '9',
      '\u0000',
      new Uint8Array([1, 2, 3, 255]).buffer,
      `42["resume","${'x'.repeat(MAX_SOCKET_BYTES)}"]`,
      '42["resume",{"calls":"all"}]',
      '42["outbox",null]',
    ];
    for (const frame of frames) {
      const socket = new WebSocket(`${opened.central.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
      await new Promise((resolve, reject) => {
        socket.addEventListener('open', resolve);
        socket.addEventListener('error', reject);
      });
      socket.send(`40/desks,${hello}`);
      await new Promise((resolve) => {
        socket.addEventListener('message', ({ data }) => {
          if (String(data).startsWith('40/desks')) resolve(null);
        });
      });
      socket.send(frame);
      await pause(20);
      socket.close();
    }
    await works();
  });

  test('polling, foreign pages and half a handshake get nowhere', async () => {
    expect((await fetch(`${opened.central.url}/socket.io/?EIO=4&transport=polling`)).status).toBe(400);
    const { port } = new URL(opened.central.url);
    const raw = (text: string) =>
      new Promise<string>((resolve) => {
        const socket = connectTcp(Number(port), '127.0.0.1', () => socket.write(text));
        let answer = '';
        socket.on('data', (chunk) => {
          answer += chunk.toString();
          socket.destroy();
        });
        socket.on('close', () => resolve(answer));
        socket.on('error', () => resolve(answer));
      });
    const upgrade = (headers: string) =>
      `GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${headers}\r\n`;
    expect(await raw(upgrade(''))).toMatch(/^HTTP\/1.1 101/);
    expect(await raw(upgrade('Origin: https://evil.example\r\n'))).not.toMatch(/^HTTP\/1.1 101/);
    expect(await raw('GET /decisions HTTP/1.1\r\nHost: evil.example\r\n\r\n')).toMatch(/^HTTP\/1.1 403/);
    await works();
  });

  test('a producer that floods is cut off, and what it was acknowledged is stored', async () => {
    const socket = await producerSocket(opened.central);
    const producer = new Producer();
    let accepted = 0;
    socket.emit('event', producer.offered('ann'), () => accepted++);
    for (let i = 0; i < 500; i++) socket.emit('event', producer.said(`flood ${i}`), () => accepted++);
    await until('cut off', () => !socket.connected);
    await until('stored', async () => {
      const rows = await opened.central.store.db.selectFrom('call_events').select('seq').where('call_id', '=', producer.callId).execute();
      return rows.length >= accepted && rows.length > 0;
    });
    const rows = await opened.central.store.db
      .selectFrom('call_events')
      .select('seq')
      .where('call_id', '=', producer.callId)
      .orderBy('seq')
      .execute();
    expect(rows.length).toBeLessThan(500);
    expect(rows.map(({ seq }) => seq)).toEqual(rows.map((_, i) => i + 1));
    await works();
  });

  test('a desk that floods is cut off', async () => {
    const desk = await TestDesk.connect(opened.central, 'ann', 'dev-flood');
    for (let i = 0; i < 100; i++) desk.emit('resume', { calls: [] });
    await until('cut off', () => !desk.isConnected);
    await works();
  });

  test('the page of decisions shows hostile text as text, runs nothing, and shows what was refused', async () => {
    const desk = await TestDesk.connect(opened.central, 'ann', 'dev-page');
    const made = decision('call-<script>alert(1)</script>'.replaceAll(/[<>]/g, '~'), {
      deviceId: 'dev-page',
      trigger: { kind: 'event', type: '<img src=x onerror=alert(1)>' },
    });
    const rejected = outcome({ callId: made.callId, decisionId: made.id, kind: 'rejected', reason: 'know-better', deviceId: 'dev-page' });
    await desk.send(batch('dev-page', [item(1, 'decision', made), item(2, 'outcome', rejected), {}]));
    const refrained = decision('call-quiet', {
      deviceId: 'dev-page',
      result: { kind: 'refrain', reason: 'cap-reached', value: 3, best: 'change-plan' },
    });
    await desk.send(batch('dev-page', [item(4, 'decision', refrained)]));
    desk.close();
    const response = await fetch(`${opened.central.url}/decisions`);
    const page = await response.text();
    expect(response.headers.get('content-security-policy')).toMatch(/^default-src 'none'/);
    expect(page).not.toMatch(/<script|<img/);
    expect(page).toContain('&lt;img src=x onerror=alert(1)&gt;');
    expect(page).toContain('rejected change-plan (know-better)');
    expect(page).toContain('cap-reached: change-plan');
    expect(page).toMatch(/outbox: refused bad-item<\/td><td>1/);
    expect(page).not.toContain('Mina Park');
  });

  test('more requests than allowed are told to come later', async () => {
    const statuses = new Map<number, Response>();
    for (let i = 0; i < 1_100 && !statuses.has(429); i += 50)
      for (const response of await Promise.all(Array.from({ length: 50 }, () => fetch(`${opened.central.url}/health/live`))))
        statuses.set(response.status, response);
    expect(statuses.get(429)?.headers.get('retry-after')).toMatch(/^\d+$/);
  });
});
