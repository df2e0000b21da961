/** What central believes of an identity provider's tokens, and what it does not. */
import { generateKeyPairSync } from 'node:crypto';
import { exportJWK, importJWK, type JWK, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseConfig } from '#central/config.ts';
import { CHALLENGE_PATH, ENROL_PATH, SESSION_PATH, SIGN_IN_PATH, SignInOffer, TOKEN_PATH } from '#contract/sign-in.ts';
import { deskTokens, post } from './device.ts';
import { DURABLE, onPostgres } from './engines.ts';
import { type ProductionCentral, productionCentral, RESOURCE, TestProvider } from './provider.ts';

const nowS = (): number => Math.floor(Date.now() / 1_000);

onPostgres((engine) => {
  let provider: TestProvider;
  let production: ProductionCentral;
  beforeAll(async () => {
    provider = await TestProvider.open();
    production = await productionCentral(await engine.open(), provider.issuer);
  });
  afterAll(async () => {
    await production[Symbol.asyncDispose]();
    await provider[Symbol.asyncDispose]();
  });

  interface Forged {
    readonly key?: JWK | Uint8Array;
    readonly header?: Readonly<Record<string, unknown>> & { readonly alg?: string };
    readonly claims?: Readonly<Record<string, unknown>>;
  }

  /** As the provider makes them, but for what is given. */
  async function forged({ key = provider.keys.ec, header = {}, claims = {} }: Forged = {}): Promise<string> {
    const body = { iss: provider.issuer, aud: RESOURCE, sub: 'sub-sue', iat: nowS(), exp: nowS() + 300, ...claims };
    const signed = new SignJWT(JSON.parse(JSON.stringify(body)) as typeof body).setProtectedHeader({
      alg: 'ES256',
      typ: 'at+jwt',
      kid: 'ec',
      ...header,
    });
    return signed.sign(key instanceof Uint8Array ? key : await importJWK(key, header.alg ?? 'ES256'));
  }
  const status = async (token: string, path = '/api/revision'): Promise<number> =>
    (await fetch(new URL(path, production.central.url), { headers: { authorization: `Bearer ${token}` } })).status;

  test('attacks on access tokens: wrong audience, no algorithm, HMAC with the public key, expired, keys it brings along, tokens of another kind', async () => {
    const other = { ...(await exportJWK(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey)), kid: 'ec' };
    const publicRsa = { ...provider.keys.rsa };
    for (const secret of ['d', 'p', 'q', 'dp', 'dq', 'qi'] as const) delete publicRsa[secret];
    const attacks: Readonly<Record<string, string>> = {
      'another audience': await forged({ claims: { aud: 'https://other.example' } }),
      'the client as audience': await forged({ claims: { aud: 'sotto-desktop' } }),
      'no audience': await forged({ claims: { aud: undefined } }),
      'alg none': new UnsecuredJWT({ sub: 'sub-sue' })
        .setIssuer(provider.issuer)
        .setAudience(RESOURCE)
        .setIssuedAt()
        .setExpirationTime('5m')
        .encode(),
      'HMAC with the public key as secret': await forged({
        key: new TextEncoder().encode(JSON.stringify(publicRsa)),
        header: { alg: 'HS256', kid: 'rsa' },
      }),
      'HMAC with its modulus': await forged({ key: Buffer.from(String(publicRsa.n), 'base64url'), header: { alg: 'HS256', kid: 'rsa' } }),
      expired: await forged({ claims: { iat: nowS() - 400, exp: nowS() - 100 } }),
      'older than ten minutes, whatever it says': await forged({ claims: { iat: nowS() - 3_600, exp: nowS() + 3_600 } }),
      'issued in the future': await forged({ claims: { iat: nowS() + 600, exp: nowS() + 900 } }),
      'no end': await forged({ claims: { exp: undefined } }),
      'another key': await forged({ key: other }),
      'another key, at an address it names': await forged({ key: other, header: { jku: 'https://evil.example/jwks', kid: 'evil' } }),
      'another key, in itself': await forged({ key: other, header: { jwk: { ...other, d: undefined } } }),
      'an unknown critical header': await forged({ header: { kid: 'unknown' } }),
      'an id token': await forged({ header: { typ: 'JWT' }, claims: { nonce: 'n' } }),
      'another issuer': await forged({ claims: { iss: 'https://evil.example' } }),
      'central’s own name': await forged({ claims: { iss: 'urn:sotto:central', aud: 'urn:sotto:central', kind: 'desk', device: 'd' } }),
      'the development issuer’s name': await forged({ claims: { iss: 'urn:sotto:development', sub: 'ann' } }),
      nobody: await forged({ claims: { sub: 'sub-mallory' } }),
      'somebody whose name is a person’s id': await forged({ claims: { sub: 'sue' } }),
      'a role of its own': await forged({ claims: { sub: 'sub-mallory', roles: ['operator'], scope: 'operator' } }),
    };
    expect(await status(await forged())).toBe(200);
    for (const [name, token] of Object.entries(attacks)) expect([name, await status(token)]).toEqual([name, 401]);
    expect(Object.keys(attacks).length).toBeGreaterThan(18);
    // The same from inside the body, at the door where a desk gets its tokens.
    for (const path of [SESSION_PATH, ENROL_PATH]) expect((await post(production.central.url, path, {})).status).toBe(400);
  });

  test('in production nobody is believed by name, and no program gets a token for the asking', async () => {
    const { url } = production.central;
    expect((await post(url, TOKEN_PATH, { integration: 'x' })).status).toBe(404);
    await expect(deskTokens(production.central, 'ann', 'desk')).rejects.toThrow(/401/);
    expect((await post(url, CHALLENGE_PATH, {})).status).toBe(200);
    const offer = SignInOffer.parse(await (await fetch(new URL(SIGN_IN_PATH, url))).json());
    expect(offer).toEqual({
      by: 'browser',
      issuer: provider.issuer,
      clientId: 'sotto-desktop',
      resource: RESOURCE,
      scope: 'openid offline_access',
      name: 'Example ID',
    });
    expect((await fetch(`${url}/decisions`)).status).toBe(401);
  });

  test('two accounts of one person are one person; an account that is taken away opens nothing', async () => {
    const { db } = production.central.store;
    await db.insertInto('accounts').values({ issuer: provider.issuer, subject: 'sub-sue-2', person_id: 'sue' }).execute();
    const second = await forged({ claims: { sub: 'sub-sue-2' } });
    expect(await status(second)).toBe(200);
    await db.deleteFrom('accounts').where('subject', '=', 'sub-sue-2').execute();
    expect(await status(second)).toBe(401);
  });

  test('where there is no operator yet, the one whom the config names lists the others, and is named once', async () => {
    const token = await forged({ claims: { sub: 'sub-first' } });
    expect(await status(token, '/api/people')).toBe(200);
    expect(await status(await forged(), '/api/people')).toBe(403);
    const list = { people: [{ id: 'pia', name: 'Pia', roles: ['operator'], accounts: [{ issuer: provider.issuer, subject: 'sub-pia' }] }] };
    expect((await post(production.central.url, '/api/people', list, { authorization: `Bearer ${token}` })).status).toBe(200);
    expect(await status(await forged({ claims: { sub: 'sub-pia' } }), '/api/people')).toBe(200);
  });

  test('a program is known by its account at the provider and by nothing else', async () => {
    const { db } = production.central.store;
    await db
      .insertInto('integrations')
      .values({ name: 'telephony', roles: ['integration'], issuer: provider.issuer, subject: 'client-1' })
      .execute();
    const feed = '/api/outcomes';
    expect(await status(await forged({ claims: { sub: 'client-1' } }), feed)).toBe(200);
    expect(await status(await forged({ claims: { sub: 'telephony' } }), feed)).toBe(401);
    await db.updateTable('integrations').set({ active: false }).execute();
    expect(await status(await forged({ claims: { sub: 'client-1' } }), feed)).toBe(401);
  });

  test('where the provider cannot be asked for its keys nothing is known: come again later', async () => {
    const gone = await TestProvider.open();
    await gone[Symbol.asyncDispose]();
    await using other = await productionCentral(await engine.open(), gone.issuer);
    const token = await forged({ claims: { iss: gone.issuer } });
    const response = await fetch(`${other.central.url}/api/revision`, { headers: { authorization: `Bearer ${token}` } });
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
  });

  test('the development issuer does not start in production, and an issuer without encryption is on this computer', () => {
    const production = {
      mode: 'production',
      databaseUrl: 'postgres://x',
      signingKeyFile: 'k',
      models: { approverKeyFiles: ['a'] },
      signIn: { issuer: 'https://id.example', clientId: 'c', resource: RESOURCE },
    };
    expect(parseConfig(production).mode).toBe('production');
    const { signIn: _, ...without } = production;
    expect(() => parseConfig(without)).toThrow(/signIn/);
    expect(() => parseConfig({ ...production, signIn: { ...production.signIn, issuer: 'http://id.example' } })).toThrow(
      /signIn.issuer: must be https/,
    );
    expect(() => parseConfig({ ...production, signIn: { ...production.signIn, algorithms: ['HS256'] } })).toThrow(/signIn.algorithms/);
    expect(() => parseConfig({ ...production, folder: 'x' })).toThrow(/folder/);
  });
}, DURABLE);
