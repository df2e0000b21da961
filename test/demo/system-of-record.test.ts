import { generateKeyPairSync, sign, verify } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FAILING_KINDS, startSystemOfRecord, type SystemOfRecord } from '#central/demo/system-of-record.ts';
import { type ActionRequest, SIGNATURE_HEADER } from '#contract/system-of-record.ts';

const NOW_MS = Date.UTC(2026, 4, 4, 9);
const keys = generateKeyPairSync('ed25519');
const stranger = generateKeyPairSync('ed25519');

interface Answer {
  readonly type: string;
  readonly id: string;
  readonly data: { readonly outcomeId: string; readonly detail?: string };
}

let answers: Answer[];
let refuseAnswers: number;
let central: Server;
let system: SystemOfRecord;

beforeEach(async () => {
  answers = [];
  refuseAnswers = 0;
  central = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      if (refuseAnswers > 0) {
        refuseAnswers -= 1;
        response.writeHead(503).end();
        return;
      }
      answers.push(JSON.parse(Buffer.concat(parts).toString()) as Answer);
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => central.listen(0, '127.0.0.1', resolve));
  system = await startSystemOfRecord({
    verify: (body, signature) =>
      signature.startsWith('ed25519=') && verify(null, body, keys.publicKey, Buffer.from(signature.slice(8), 'base64')),
    answerUrl: `http://127.0.0.1:${(central.address() as AddressInfo).port}/events`,
    nowMs: () => NOW_MS,
    delayMs: 20,
  });
});

afterEach(async () => {
  await system.close();
  central.closeAllConnections();
  await new Promise((resolve) => central.close(resolve));
});

const requestOf = (outcomeId: string, more: Partial<ActionRequest> = {}): ActionRequest => ({
  outcomeId,
  decisionId: 'd-1',
  callId: 'call-1',
  customerId: 'cust-0001',
  actionId: 'offer-small-goodwill',
  request: { kind: 'bill-credit', amount: 15 },
  significant: false,
  expiresAtMs: NOW_MS + 60_000,
  ...more,
});

const post = async (data: ActionRequest, key = keys.privateKey, signed = true): Promise<Response> => {
  const body = Buffer.from(
    JSON.stringify({
      specversion: '1.0',
      id: data.outcomeId,
      source: 'central',
      type: 'sotto.action.requested',
      subject: data.callId,
      data,
    }),
  );
  const signature = `ed25519=${sign(null, body, key).toString('base64')}`;
  return fetch(system.url, { method: 'POST', headers: signed ? { [SIGNATURE_HEADER]: signature } : {}, body });
};

const signedPost = (body: Buffer<ArrayBuffer>) => ({
  method: 'POST',
  body,
  headers: { [SIGNATURE_HEADER]: `ed25519=${sign(null, body, keys.privateKey).toString('base64')}` },
});

test('a signed request is taken, and answered acted a moment later', async () => {
  expect((await post(requestOf('o-1'))).status).toBe(202);
  expect(answers).toEqual([]);
  await vi.waitFor(() => expect(answers).toHaveLength(1));
  expect(answers[0]).toMatchObject({
    type: 'sotto.action.acted',
    subject: 'call-1',
    data: { outcomeId: 'o-1', detail: 'Credited to the next bill (15)' },
  });
});

test('a request that comes again is acted on and answered once', async () => {
  const replies = await Promise.all([1, 2, 3, 4].map(() => post(requestOf('o-2'))));
  expect(replies.map(({ status }) => status)).toEqual([202, 202, 202, 202]);
  await vi.waitFor(() => expect(answers).toHaveLength(1));
  await post(requestOf('o-2'));
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(answers).toHaveLength(1);
  expect(system.received()).toHaveLength(1);
  expect(system.duplicates()).toBe(4);
});

test('a significant request without its approval is refused; with it, it is taken', async () => {
  const refused = await post(requestOf('o-3', { significant: true }));
  expect(refused.status).toBe(403);
  expect(await refused.json()).toMatchObject({ refused: 'approval-missing' });
  await vi.waitFor(() => expect(answers.map(({ type }) => type)).toEqual(['sotto.action.failed']));
  expect((await post(requestOf('o-4', { significant: true, approvalId: 'a-1' }))).status).toBe(202);
  await vi.waitFor(() => expect(answers.at(-1)).toMatchObject({ type: 'sotto.action.acted', data: { outcomeId: 'o-4' } }));
});

test('a request without a signature, or signed by a stranger, is refused and leaves no trace', async () => {
  expect((await post(requestOf('o-5'), keys.privateKey, false)).status).toBe(401);
  expect((await post(requestOf('o-5'), stranger.privateKey)).status).toBe(401);
  expect(system.received()).toEqual([]);
});

test('some kinds fail, always the same, and an expired request fails too', async () => {
  const [kind, detail] = [...FAILING_KINDS][0]!;
  await post(requestOf('o-6', { request: { kind } }));
  await post(requestOf('o-7', { expiresAtMs: NOW_MS - 1 }));
  await vi.waitFor(() => expect(answers).toHaveLength(2));
  expect(answers.find(({ data }) => data.outcomeId === 'o-6')).toMatchObject({ type: 'sotto.action.failed', data: { detail } });
  expect(answers.find(({ data }) => data.outcomeId === 'o-7')).toMatchObject({ type: 'sotto.action.failed' });
});

test('an answer that central does not take is sent again until it does', async () => {
  refuseAnswers = 2;
  await post(requestOf('o-8'));
  await vi.waitFor(() => expect(answers).toHaveLength(1), { timeout: 15_000 });
  expect(answers[0]!.data.outcomeId).toBe('o-8');
});

test('malformed, oversized and misaddressed requests are refused', async () => {
  expect((await fetch(system.url, signedPost(Buffer.from('{')))).status).toBe(400);
  expect((await fetch(system.url, signedPost(Buffer.from([0xff, 0xfe])))).status).toBe(400);
  expect(
    (
      await fetch(
        system.url,
        signedPost(Buffer.from(JSON.stringify({ specversion: '1.0', id: 'x', source: 's', type: 'other', data: {} }))),
      )
    ).status,
  ).toBe(400);
  expect((await fetch(system.url, signedPost(Buffer.alloc(70 * 1024, 97)))).status).toBe(413);
  expect((await fetch(system.url)).status).toBe(405);
  expect((await fetch(new URL('/', system.url), { method: 'POST' })).status).toBe(404);
  expect(system.received()).toEqual([]);
});

test('closing gives up answers under way and frees the port', async () => {
  await post(requestOf('o-9'));
  await system.close();
  await new Promise((resolve) => setTimeout(resolve, 60));
  expect(answers).toEqual([]);
  await expect(fetch(system.url)).rejects.toThrow();
});
