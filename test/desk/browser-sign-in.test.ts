/** Signing in in the system's browser at a real identity provider, and what somebody in between could try. */
import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { LoopbackRedirect } from '#main/shell/browser-sign-in/loopback-redirect.ts';
import { openInBrowser } from '#main/shell/browser-sign-in/open-in-browser.ts';
import { DURABLE, onPostgres } from '../central/engines.ts';
import { CLIENT_ID, type ProductionCentral, productionCentral, RESOURCE, TestProvider } from '../central/provider.ts';
import { until } from '../central/fixture.ts';
import { HotDesk } from './hot-desk.ts';

const isCallback = (url: URL): boolean => url.pathname === '/callback';

onPostgres((engine) => {
  let provider: TestProvider;
  let production: ProductionCentral;
  let desk: HotDesk;
  let tamper: (url: URL) => URL | null;
  /** Every address the browser was sent to. */
  let visited: URL[];

  beforeAll(async () => {
    provider = await TestProvider.open();
    production = await productionCentral(await engine.open(), provider.issuer);
  });
  afterAll(async () => {
    await production[Symbol.asyncDispose]();
    await provider[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    provider.signsInAs = 'sub-ann';
    visited = [];
    provider.given.length = 0;
    tamper = (url) => url;
    const visit = provider.browser((url) => {
      visited.push(url);
      return tamper(url);
    });
    desk = await HotDesk.open(production.central.url, undefined, { visit });
  });
  afterEach(() => desk[Symbol.asyncDispose]());

  const refused = async (agentId: string | null = null): Promise<string> => {
    const entered = await desk.sessions.enter(agentId);
    return entered.ok ? 'let in' : entered.words;
  };
  const refresh = (token: string): Promise<Response> =>
    fetch(`${provider.issuer}/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: token, client_id: CLIENT_ID, resource: RESOURCE }),
    });

  test('somebody signs in in the browser, is connected, and nobody but main had a token of the provider', async () => {
    expect(await desk.sessions.offer()).toMatchObject({ by: 'browser', name: 'Example ID', clientId: CLIENT_ID });
    await desk.enter(null);
    expect(desk.sessions.agentId).toBe('ann');
    await until('connected', () => production.central.desks() === 1, 15_000);
    const asked = visited[0];
    expect(asked?.origin).toBe(provider.issuer);
    expect(asked?.searchParams.get('code_challenge_method')).toBe('S256');
    expect(asked?.searchParams.get('redirect_uri')).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/callback$/);
    expect(asked?.searchParams.get('client_secret')).toBeNull();
    for (const name of ['state', 'nonce', 'code_challenge']) expect(asked?.searchParams.get(name)?.length).toBeGreaterThan(20);
    // Canaries: every token the provider ever gave, in every file of the desk, every log, and everything said to its processes.
    expect(provider.given.length).toBeGreaterThanOrEqual(3);
    const files = readdirSync(desk.userData, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(files.some(({ name }) => name.endsWith('.refresh'))).toBe(true);
    const kept = files.map((entry) => readFileSync(join(entry.parentPath, entry.name)).toString('latin1')).join('\n');
    const said = JSON.stringify([
      desk.processes.map(({ heard, said: answered }) => [heard, answered]),
      desk.logs,
      desk.states,
      production.logged,
    ]);
    const view = JSON.stringify([await desk.view(), await desk.sessions.roster()]);
    for (const token of provider.given) for (const place of [kept, said, view]) expect(place.includes(token)).toBe(false);
    const { db } = production.central.store;
    const rows = JSON.stringify([
      await db.selectFrom('desk_secrets').selectAll().execute(),
      await db.selectFrom('devices').selectAll().execute(),
    ]);
    for (const token of provider.given) expect(rows.includes(token)).toBe(false);
    // The canary of this canary: central's own tokens are handed to the engine, and that is seen.
    expect(said).toContain('"token":"ey');
    expect(await db.selectFrom('devices').select('enrolled_by').execute()).toContainEqual({ enrolled_by: 'ann' });
  });

  test('tokens are renewed without asking, each refresh token good once, and signing out ends them', async () => {
    await desk.enter(null);
    const before = provider.given.length;
    desk.clockOffMs = 4.5 * 60_000;
    const engine = desk.of('engine-process.js').at(-1)?.child;
    engine?.emit('message', { op: 'token-wanted' });
    await until('renewed', () => provider.given.length > before, 10_000);
    await until(
      'handed on',
      () =>
        (desk
          .of('engine-process.js')
          .at(-1)
          ?.heard.filter((one) => (one as { op: string }).op === 'token').length ?? 0) > 0,
    );
    expect(visited.filter(isCallback)).toHaveLength(1);
    const last = provider.given.at(-2) ?? '';
    await desk.sessions.leave();
    for (const token of provider.given.filter((one) => !one.startsWith('ey'))) expect((await refresh(token)).status).toBe(400);
    expect(last).not.toBe('');
    expect(readdirSync(join(desk.userData, 'people')).some((name) => name.endsWith('.refresh'))).toBe(false);
    // Whoever chooses that name now has to sign in.
    const visits = visited.filter(isCallback).length;
    await desk.enter('ann');
    expect(visited.filter(isCallback).length).toBe(visits + 1);
  });

  test('without central whoever signed in here may sit for N hours, as with the other issuer', async () => {
    await desk.enter(null);
    await desk.sessions.leave();
    // What sends for others has her store.
    await desk.sessions.close();
    await using away = await HotDesk.open('http://127.0.0.1:9', desk.userData, { visit: provider.browser() });
    expect(await away.sessions.offer()).toBeNull();
    await away.enter('ann');
    expect((await away.view()).session.offlineSinceMs).not.toBeNull();
    await away.sessions.leave();
    const entered = await away.sessions.enter(null);
    expect(entered).toMatchObject({ ok: false, words: expect.stringMatching(/Central cannot be reached/) });
  });

  test('who cancels, who has no account here and who has no room here hears so in words', async () => {
    provider.signsInAs = null;
    expect(await refused()).toMatch(/not let in, or cancelled/);
    provider.signsInAs = 'sub-mallory';
    expect(await refused()).toMatch(/no access to Sotto/);
    provider.signsInAs = 'sub-otto';
    expect(await refused()).toMatch(/may sign in, but has nothing to do here/);
    // What they were given is worth nothing.
    const tokens = provider.given.filter((one) => !one.startsWith('ey'));
    expect(tokens).toHaveLength(2);
    for (const token of tokens) expect((await refresh(token)).status).toBe(400);
    // In the browser nothing comes back; in the window somebody changes their mind.
    tamper = (url) => (isCallback(url) ? null : url);
    const waiting = refused();
    visited.length = 0;
    await until('in the browser', () => visited.length > 0);
    desk.sessions.cancel();
    expect(await waiting).toMatch(/cancelled/);
    expect(desk.sessions.agentId).toBeNull();
  });

  test('attack, wrong state: what comes back for another sign-in changes nothing', async () => {
    let answered: number | null = null;
    tamper = (url) => {
      if (!isCallback(url) || answered !== null) return url;
      const forged = new URL(url);
      forged.searchParams.set('state', 'of-somebody-else');
      answered = 0;
      void fetch(forged).then(({ status }) => (answered = status));
      return null;
    };
    const waiting = refused();
    await until('the forged one is answered', () => (answered ?? 0) > 0);
    expect(answered).toBe(400);
    desk.sessions.cancel();
    expect(await waiting).toMatch(/cancelled/);
  });

  test('attack, code replay: a code that was used is worth nothing, and ends what came of it', async () => {
    await desk.enter(null);
    const came = visited.find(isCallback);
    const replay = await fetch(`${provider.issuer}/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        code: came?.searchParams.get('code') ?? '',
        redirect_uri: `${came?.origin}/callback`,
        client_id: CLIENT_ID,
        code_verifier: 'a'.repeat(43),
      }),
    });
    expect(replay.status).toBe(400);
  });

  test('attack, PKCE downgrade: without the challenge, or with a plain one, nobody is let in; a stolen code is worth nothing', async () => {
    tamper = (url) => {
      if (url.pathname === '/auth') for (const name of ['code_challenge', 'code_challenge_method']) url.searchParams.delete(name);
      return url;
    };
    expect(await refused()).toMatch(/said no/);
    tamper = (url) => {
      if (url.pathname === '/auth') url.searchParams.set('code_challenge_method', 'plain');
      return url;
    };
    expect(await refused()).toMatch(/said no/);
    // The code of somebody's own sign-in, put into another's.
    tamper = (url) => {
      if (url.pathname === '/auth') url.searchParams.set('code_challenge', 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM');
      return url;
    };
    expect(await refused()).toMatch(/said no \(invalid_grant\)/);
  });

  test('attack, mix-up: what comes back in the name of another issuer, or of none, is not taken', async () => {
    for (const iss of ['https://evil.example', null]) {
      tamper = (url) => {
        if (!isCallback(url)) return url;
        if (iss === null) url.searchParams.delete('iss');
        else url.searchParams.set('iss', iss);
        return url;
      };
      expect(await refused()).toMatch(/not what was asked/);
    }
  });

  test('attack, nonce reuse: an identity made for another sign-in is not taken', async () => {
    tamper = (url) => {
      if (url.pathname === '/auth') url.searchParams.set('nonce', 'of-an-earlier-sign-in');
      return url;
    };
    expect(await refused()).toMatch(/not what was asked/);
  });

  test('attack, second callback: whoever comes with the same address later finds nobody', async () => {
    await desk.enter(null);
    const came = visited.find(isCallback);
    await expect(fetch(came ?? expect.fail('nobody came'))).rejects.toThrow();
  });

  test('attack, callback from elsewhere: it listens to this computer alone, under that name, to a browser that comes there', async () => {
    await using redirect = await LoopbackRedirect.open('s'.repeat(43));
    const { port } = new URL(redirect.url);
    const others = Object.values(networkInterfaces()).flatMap((each) =>
      (each ?? []).filter(({ internal, family }) => !internal && family === 'IPv4'),
    );
    for (const { address } of others)
      await expect(
        new Promise((resolve, reject) => {
          const socket = connect(Number(port), address);
          socket.once('connect', resolve);
          socket.once('error', reject);
        }),
      ).rejects.toThrow();
    const status = async (path: string, init: RequestInit = {}): Promise<number> =>
      (await fetch(new URL(path, redirect.url), init).then((response) => response)).status;
    const good = `/callback?code=c&state=${'s'.repeat(43)}`;
    expect(await status('/')).toBe(404);
    expect(await status(good, { method: 'POST' })).toBe(404);
    expect(await status(good, { headers: { origin: 'https://evil.example' } })).toBe(404);
    expect(await status(good.replace('s'.repeat(43), 's'.repeat(42)))).toBe(400);
    // A page elsewhere whose name leads here.
    const rebound = await new Promise<string>((resolve) => {
      const socket = connect(Number(port), '127.0.0.1', () => socket.write(`GET ${good} HTTP/1.1\r\nHost: evil.example:${port}\r\n\r\n`));
      socket.once('data', (data) => resolve(String(data)));
    });
    expect(rebound).toMatch(/^HTTP\/1.1 404/);
    const came = redirect.come(AbortSignal.timeout(5_000));
    expect(await status(good)).toBe(200);
    expect((await came).searchParams.get('code')).toBe('c');
  });

  test('attack, refresh replay: a token used twice ends them all, and whoever sits there must sign in again', async () => {
    await desk.enter(null);
    const stolen = provider.given.findLast((token) => !token.startsWith('ey')) ?? '';
    // The thief is first; the desk's own is then the second use.
    expect((await refresh(stolen)).status).toBe(200);
    desk.clockOffMs = 4.5 * 60_000;
    desk.of('engine-process.js').at(-1)?.child.emit('message', { op: 'token-wanted' });
    await until('told', () => desk.logs.some((line) => line.includes('must sign in again')), 10_000);
    for (const token of provider.given.filter((one) => !one.startsWith('ey'))) expect((await refresh(token)).status).toBe(400);
  });

  test('attack, revoked: whoever was taken off is let in no more, with whatever token, and is cut off', async () => {
    await desk.enter(null);
    await until('connected', () => production.central.desks() === 1, 15_000);
    const { db } = production.central.store;
    await db.updateTable('people').set({ active: false }).where('person_id', '=', 'ann').execute();
    await until('cut off', () => production.central.desks() === 0);
    const access = provider.given.findLast((token) => token.startsWith('ey')) ?? '';
    expect((await fetch(`${production.central.url}/api/revision`, { headers: { authorization: `Bearer ${access}` } })).status).toBe(401);
    await desk.sessions.leave();
    expect(await refused()).toMatch(/no access to Sotto/);
    await db.updateTable('people').set({ active: true }).where('person_id', '=', 'ann').execute();
  });

  test('only the provider’s own page is ever opened', async () => {
    const opened: string[] = [];
    const shell = { openExternal: async (url: string) => void opened.push(url) };
    const origin = 'https://id.example';
    for (const url of [
      'http://id.example/auth',
      'https://id.example@evil.example/',
      'https://id.example.evil.example/',
      'file:///etc/passwd',
      'smb://id.example/x',
      'https://user:pw@id.example/',
    ])
      await expect(openInBrowser(shell, new URL(url), origin)).rejects.toThrow(/not the identity provider/);
    await openInBrowser(shell, new URL('https://id.example/auth?x=1'), origin);
    expect(opened).toEqual(['https://id.example/auth?x=1']);
  });
}, DURABLE);
