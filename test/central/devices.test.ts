import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ENROL_PATH, EnrolResponse, proofText, SESSION_PATH, SessionResponse } from '#contract/sign-in.ts';
import { OUTBOX_PATH } from '#contract/sync.ts';
import { agentToken, askToken, challengeOf, deviceToken, enrolled, post, signed } from './device.ts';
import { onPostgres } from './engines.ts';
import { batch, item, type Opened, openCentral, outcome, producerToken, TestDesk, until } from './fixture.ts';

const newKey = (): KeyObject => generateKeyPairSync('ed25519').privateKey;
const publicOf = (key: KeyObject): string => createPublicKey(key).export({ format: 'der', type: 'spki' }).toString('base64');

onPostgres((engine) => {
  let opened: Opened;
  beforeAll(async () => {
    opened = await openCentral(await engine.open(), { live: { pollMs: 100 } });
  });
  afterAll(() => opened.close());

  const enrol = async (key: KeyObject, more: Readonly<Record<string, unknown>> = {}) => {
    const { url } = opened.central;
    const challenge = await challengeOf(url);
    const publicKey = publicOf(key);
    const signature = signed(key, proofText('enrol', challenge, publicKey, null));
    return post(url, ENROL_PATH, { publicKey, challenge, signature, ...more });
  };
  const send = (bearer: string, body: unknown) => post(opened.central.url, OUTBOX_PATH, body, { authorization: `Bearer ${bearer}` });

  test('a device is enrolled by its own key, has one name, and signs a person in with a proof', async () => {
    const key = newKey();
    const { deviceId } = EnrolResponse.parse(await (await enrol(key)).json());
    expect(EnrolResponse.parse(await (await enrol(key)).json()).deviceId).toBe(deviceId);
    expect(EnrolResponse.parse(await (await enrol(newKey())).json()).deviceId).not.toBe(deviceId);
    const first = SessionResponse.parse(await (await askToken(opened.central, 'ann', deviceId, key)).json()).agent;
    const again = SessionResponse.parse(await (await askToken(opened.central, 'ann', deviceId, key)).json()).agent;
    const other = SessionResponse.parse(await (await askToken(opened.central, 'bob', deviceId, key)).json()).agent;
    expect(first).toMatchObject({ id: 'ann', roles: ['agent'], offlineHours: 12 });
    expect(again?.secret).toBe(first?.secret);
    expect(other?.secret).not.toBe(first?.secret);
  });

  test('nobody gets a token for a device without that device’s key: not with another key, another person’s proof, or a proof used before', async () => {
    const { central } = opened;
    const key = await enrolled(central, 'dev-ann');
    const refused: Record<string, number> = {};
    const ask = async (name: string, body: Readonly<Record<string, unknown>>) => {
      refused[name] = (await post(central.url, SESSION_PATH, body)).status;
    };
    const proof = async (by: KeyObject, deviceId: string, agentId: string | null, purpose: 'token' | 'enrol' = 'token') => {
      const challenge = await challengeOf(central.url);
      return { deviceId, challenge, signature: signed(by, proofText(purpose, challenge, deviceId, agentId)) };
    };
    await ask('another key', { agentId: 'ann', ...(await proof(newKey(), 'dev-ann', 'ann')) });
    await ask('another person', { agentId: 'bob', ...(await proof(key, 'dev-ann', 'ann')) });
    await ask('a person with the device’s proof', { agentId: 'ann', ...(await proof(key, 'dev-ann', null)) });
    await ask('another device', { agentId: 'ann', ...(await proof(key, 'dev-ann', 'ann')), deviceId: 'dev-bob' });
    await ask('not enrolled', { agentId: 'ann', ...(await proof(key, 'dev-unknown', 'ann')) });
    await ask('another purpose', { agentId: 'ann', ...(await proof(key, 'dev-ann', 'ann', 'enrol')) });
    const invented = 'A'.repeat(32);
    await ask('a challenge of its own making', {
      agentId: 'ann',
      deviceId: 'dev-ann',
      challenge: invented,
      signature: signed(key, proofText('token', invented, 'dev-ann', 'ann')),
    });
    const good = { agentId: 'ann', ...(await proof(key, 'dev-ann', 'ann')) };
    expect((await post(central.url, SESSION_PATH, good)).status).toBe(200);
    await ask('the same proof again', good);
    expect(Object.entries(refused).filter(([, status]) => status !== 401)).toEqual([]);
    expect(Object.keys(refused)).toHaveLength(8);
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    expect((await enrol(newKey(), { publicKey: publicOf(newKey()) })).status).toBe(401);
    expect((await enrol(newKey(), { publicKey: publicOf(rsa).slice(0, 200) })).status).toBe(400);
    expect((await enrol(newKey(), { roles: ['agent'] })).status).toBe(400);
  });

  test('batches are taken from the device’s own token, whoever made what is in them, and from nobody else’s', async () => {
    const { central } = opened;
    const own = await deviceToken(central, 'dev-ann');
    const made = [outcome({ callId: 'call-1', agentId: 'ann' }), outcome({ callId: 'call-1', agentId: 'bob' })];
    const body = batch(
      'dev-ann',
      made.map((one, i) => item(i + 1, 'outcome', one)),
      'e-device',
    );
    for (const [name, bearer] of [
      ['the agent’s', await agentToken(central, 'ann', 'dev-ann')],
      ['another device’s', await deviceToken(central, 'dev-bob')],
      ['a program’s', await producerToken(central)],
    ] as const)
      expect([name, (await send(bearer, body)).status]).toEqual([name, 403]);
    expect(await (await send(own, body)).json()).toMatchObject({ items: [{ result: 'stored' }, { result: 'stored' }] });
    // It can do that one thing.
    for (const path of ['/api/revision', '/api/outcomes'])
      expect((await fetch(new URL(path, central.url), { headers: { authorization: `Bearer ${own}` } })).status).toBe(403);
    expect((await post(central.url, '/api/events', {}, { authorization: `Bearer ${own}` })).status).toBe(403);
  });

  test('a revoked device sends nothing: its socket is cut, its tokens are worth nothing, its key is not taken again', async () => {
    const { central } = opened;
    const key = newKey();
    const { deviceId } = EnrolResponse.parse(await (await enrol(key)).json());
    const before = SessionResponse.parse(await (await askToken(central, 'cy', deviceId, key)).json());
    const deviceBefore = before.agent?.deviceToken ?? '';
    await enrolled(central, 'dev-lost');
    const desk = await TestDesk.connect(central, 'cy', 'dev-lost');
    expect(await central.revokeDevice('dev-lost')).toBe(true);
    expect(await central.revokeDevice(deviceId)).toBe(true);
    expect(await central.revokeDevice('dev-never')).toBe(false);
    await until('cut off', () => !desk.isConnected);
    await expect(TestDesk.connect(central, 'cy', 'dev-lost')).rejects.toThrow();
    const one = item(1, 'outcome', outcome({ callId: 'call-2', deviceId }));
    expect((await send(deviceBefore, batch(deviceId, [one], 'e-revoked'))).status).toBe(401);
    expect((await send(before.token, batch(deviceId, [one], 'e-revoked'))).status).toBe(401);
    expect((await askToken(central, 'cy', deviceId, key)).status).toBe(401);
    expect((await enrol(key)).status).toBe(403);
    const rows = await central.store.db.selectFrom('outcomes').select('id').where('id', '=', one.id).execute();
    const secrets = await central.store.db.selectFrom('desk_secrets').select('secret').where('device_id', '=', deviceId).execute();
    expect([rows, secrets]).toEqual([[], []]);
  });
});
