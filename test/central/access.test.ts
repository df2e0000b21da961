import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { derivedSigningKey } from '#central/access/derived-key.ts';
import { parseConfig } from '#central/config.ts';
import { LIVE_PROTOCOL } from '#contract/live.ts';
import { onEachEngine } from './engines.ts';
import { agentToken, askToken, deskTokens, enrolled } from './device.ts';
import { connected, deskSocket, type Opened, openCentral, Producer, producerToken, TestDesk, until } from './fixture.ts';

const ISSUER = 'urn:sotto:central';
const AUDIENCE = 'urn:sotto:central';

interface Forged {
  readonly key?: KeyObject | Uint8Array;
  readonly header?: Readonly<Record<string, string>>;
  readonly issuer?: string;
  readonly audience?: string;
  readonly issuedAtS?: number;
  readonly expiresAtS?: number;
  readonly subject?: string;
  readonly claims?: Readonly<Record<string, unknown>>;
}

const nowS = () => Math.floor(Date.now() / 1_000);

onEachEngine((engine) => {
  let opened: Opened;
  let folder: string;
  let key: KeyObject;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sotto-access-'));
    opened = await openCentral(await engine.open(), { folder, live: { pollMs: 100 } });
    key = derivedSigningKey(createPrivateKey(readFileSync(join(folder, 'signing-key.pem'))), 'desk tokens');
    await enrolled(opened.central, 'dev-ann');
  });
  afterAll(async () => {
    await opened.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const forge = (what: Forged) => {
    const jwt = new SignJWT({ kind: 'desk', device: 'dev-ann', ...what.claims })
      .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: 'desks', ...what.header })
      .setIssuer(what.issuer ?? ISSUER)
      .setAudience(what.audience ?? AUDIENCE)
      .setSubject(what.subject ?? 'ann')
      .setIssuedAt(what.issuedAtS ?? nowS())
      .setExpirationTime(what.expiresAtS ?? nowS() + 300);
    return jwt.sign(what.key ?? key);
  };
  const httpStatus = async (token: string) =>
    (await fetch(`${opened.central.url}/api/revision`, { headers: { authorization: `Bearer ${token}` } })).status;
  const socketRefusal = async (auth: object): Promise<string> => {
    const socket = deskSocket(opened.central.url, auth);
    try {
      await connected(socket);
      return 'connected';
    } catch (error) {
      return (error as Error).message;
    } finally {
      socket.disconnect();
    }
  };

  test('a token that is not exactly right opens neither HTTP nor the socket', async () => {
    const other = generateKeyPairSync('ed25519').privateKey;
    const publicPem = createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString();
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    const good = await forge({});
    const attacks: Readonly<Record<string, string>> = {
      nothing: '',
      rubbish: 'a.b.c',
      'alg none': new UnsecuredJWT({ kind: 'desk', device: 'dev-ann' })
        .setSubject('ann')
        .setIssuer(ISSUER)
        .setAudience(AUDIENCE)
        .setIssuedAt()
        .setExpirationTime('5m')
        .encode(),
      'HS256 with the public key': await forge({ key: new TextEncoder().encode(publicPem), header: { alg: 'HS256' } }),
      RS256: await forge({ key: rsa, header: { alg: 'RS256' } }),
      'another key': await forge({ key: other }),
      'another key that brings itself along': await forge({ key: other, header: { jku: 'https://evil.example/keys', kid: 'evil' } }),
      'another key id': await forge({ header: { kid: 'other' } }),
      'another issuer': await forge({ issuer: 'urn:evil' }),
      'another audience': await forge({ audience: 'urn:other' }),
      'an id token': await forge({ header: { typ: 'JWT' } }),
      expired: await forge({ issuedAtS: nowS() - 500, expiresAtS: nowS() - 120 }),
      'older than ten minutes, whatever it says': await forge({ issuedAtS: nowS() - 3_600, expiresAtS: nowS() + 3_600 }),
      'issued in the future': await forge({ issuedAtS: nowS() + 3_600, expiresAtS: nowS() + 3_700 }),
      'somebody unknown': await forge({ subject: 'mallory' }),
      'a role of its own': await forge({ subject: 'mallory', claims: { roles: ['agent', 'analyst'] } }),
      'no device': await forge({ claims: { device: undefined } }),
      'signature cut off': good.slice(0, good.lastIndexOf('.') + 1),
      'one letter changed': good.replace(/\.(.)/, (_, letter: string) => `.${letter === 'e' ? 'f' : 'e'}`),
    };
    expect(await httpStatus(good)).toBe(200);
    const { deviceToken } = await deskTokens(opened.central, 'ann', 'dev-ann');
    expect(await socketRefusal({ protocol: LIVE_PROTOCOL, token: good, deviceToken, deviceId: 'dev-ann' })).toBe('connected');
    for (const [name, token] of Object.entries(attacks)) {
      expect([name, await httpStatus(token)]).toEqual([name, 401]);
      const refusal = await socketRefusal({ protocol: LIVE_PROTOCOL, token, deviceToken, deviceId: 'dev-ann' });
      expect([name, refusal]).toEqual([name, token === '' ? 'bad-handshake' : 'bad-token']);
    }
  });

  test('a handshake of another protocol, another device or another role is refused with its reason', async () => {
    const own = { protocol: LIVE_PROTOCOL, ...(await deskTokens(opened.central, 'ann', 'dev-ann')), deviceId: 'dev-ann' };
    const others = await deskTokens(opened.central, 'ann', 'dev-bob');
    expect(await socketRefusal({ ...own, protocol: 99 })).toBe('other-protocol');
    expect(await socketRefusal({ ...own, deviceId: 'dev-bob' })).toBe('other-device');
    expect(await socketRefusal({ ...own, deviceToken: others.deviceToken })).toBe('other-device');
    expect(await socketRefusal({ ...own, deviceToken: own.token })).toBe('not-a-device');
    expect(await socketRefusal({ ...own, deviceToken: '' })).toBe('bad-handshake');
    expect(await socketRefusal({ ...own, admin: true })).toBe('bad-handshake');
    for (const token of [await producerToken(opened.central), own.deviceToken])
      expect(await socketRefusal({ ...own, token })).toBe('not-an-agent');
  });

  test('an agent who is taken off the directory loses the socket and every request at once', async () => {
    const token = await agentToken(opened.central, 'bob', 'dev-bob');
    const desk = await TestDesk.connect(opened.central, 'bob');
    const active = (value: boolean) =>
      opened.central.store.db.updateTable('people').set({ active: value }).where('person_id', '=', 'bob').execute();
    await active(false);
    await until('cut off', () => !desk.isConnected);
    expect(await httpStatus(token)).toBe(401);
    await active(true);
    desk.close();
  });

  test("an agent sees nothing of a colleague's call", async () => {
    const producer = new Producer();
    await opened.central.intake(producer.offered('ann'));
    const ask = async (agentId: string) =>
      (
        await fetch(`${opened.central.url}/api/calls/${producer.callId}`, {
          headers: { authorization: `Bearer ${await agentToken(opened.central, agentId, 'd')}` },
        })
      ).status;
    expect([await ask('ann'), await ask('bob')]).toEqual([200, 404]);
    const bob = await TestDesk.connect(opened.central, 'bob', 'dev-bob', [{ callId: producer.callId, seq: 0 }]);
    await until('told that it is not his', () => bob.named('release').length > 0);
    expect(bob.deliveries(producer.callId)).toEqual([]);
    bob.close();
  });

  test('the development issuer answers this machine only, and only for agents it knows', async () => {
    const { central } = opened;
    const ask = (body: unknown, headers: Record<string, string> = {}) =>
      fetch(`${central.url}/dev/token`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      });
    expect((await askToken(central, 'mallory', 'dev-ann')).status).toBe(404);
    expect((await ask({ agentId: 'ann' })).status).toBe(400);
    expect((await ask({ integration: 'telephony', roles: ['analyst'] })).status).toBe(400);
    expect((await ask({ integration: 'telephony' }, { origin: 'https://evil.example' })).status).toBe(403);
    expect((await ask({ integration: 'telephony' }, { 'content-type': 'text/plain' })).status).toBe(415);
  });
});

test('a config that cannot be right is refused with every reason', () => {
  expect(() => parseConfig({ mode: 'embedded', folder: 'x', host: '0.0.0.0' })).toThrow(
    /host: the embedded central listens on loopback only/,
  );
  expect(() => parseConfig({ mode: 'embedded', folder: '', port: -1, surprise: 1 })).toThrow(/folder:[\s\S]*port:[\s\S]*surprise/);
  expect(() => parseConfig({ mode: 'production', databaseUrl: 'mysql://x' })).toThrow(
    /databaseUrl: must begin with postgres[\s\S]*signIn[\s\S]*models: models need more signatures/,
  );
  expect(() => parseConfig(null)).toThrow(/refused/);
});
