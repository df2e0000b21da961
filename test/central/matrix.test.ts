/** Every role at every endpoint, with what is one's own, one's team's and another team's. What is expected stands here by itself, not read from central's table. */
import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { derivedSigningKey } from '#central/access/derived-key.ts';
import { ENDPOINTS } from '#central/access/endpoints.ts';
import { DeskIssuer } from '#central/access/tokens.ts';
import { createServer } from '#central/http/server.ts';
import { Metrics } from '#central/metrics.ts';
import { Counters } from '#central/store/counters.ts';
import { LIVE_PROTOCOL, PRODUCER_NAMESPACE } from '#contract/live.ts';
import { PERSON_ROLES, type PersonRole, ROLES, type Role } from '#contract/roles.ts';
import { io } from 'socket.io-client';
import { enrolled } from './device.ts';
import { onEachEngine } from './engines.ts';
import { batch, connected, decision, deskSocket, item, type Opened, openCentral, outcome, Producer } from './fixture.ts';

/** Whose row it is, as seen by somebody in team `north` whose agent's name is theirs. */
const WHOSE = ['own', 'team', 'other'] as const;
type Whose = (typeof WHOSE)[number];

/** Per endpoint and role: nothing, one's own, one's teams', everybody's. Who is not named gets nothing. */
type Expected = Readonly<Partial<Record<Role, 'own' | 'team' | 'all'>>> | 'open';

const READERS_OF_POLICY: Expected = {
  agent: 'all',
  supervisor: 'all',
  approver: 'all',
  council: 'all',
  huddle: 'all',
  analyst: 'all',
  privacy: 'all',
  operator: 'all',
  integration: 'all',
};

const GOVERNING: Expected = { supervisor: 'all', council: 'all', huddle: 'all', analyst: 'all', privacy: 'all', operator: 'all' };

const EXPECTED: Readonly<Record<string, Expected>> = {
  'GET /health/live': 'open',
  'GET /health/ready': 'open',
  'GET /metrics': 'open',
  'GET /api/desk/sign-in': 'open',
  'POST /api/desk/challenge': 'open',
  'POST /api/desk/enrol': 'open',
  'POST /api/desk/session': 'open',
  'POST /dev/token': 'open',
  'POST /api/events': { integration: 'all' },
  'POST /api/actions/answers': { integration: 'all' },
  'GET /api/intake': READERS_OF_POLICY,
  'GET /api/calls/:callId': { agent: 'own', supervisor: 'team', approver: 'team', analyst: 'all', privacy: 'all', integration: 'all' },
  'GET /api/outcomes': { agent: 'own', supervisor: 'team', analyst: 'all', privacy: 'all', integration: 'all' },
  'GET /api/ledger-heads': { analyst: 'all', privacy: 'all', operator: 'all', integration: 'all' },
  'GET /api/subjects/:customerId': { privacy: 'all' },
  'GET /api/central-heads': { analyst: 'all', privacy: 'all', operator: 'all', integration: 'all' },
  'POST /api/central-heads': { privacy: 'all', operator: 'all' },
  // On this computer the embedded central shows the page to whoever sits at it.
  'GET /decisions': 'open',
  'POST /api/outbox': { device: 'own' },
  'GET /api/revision': READERS_OF_POLICY,
  'GET /api/revisions/:hash': READERS_OF_POLICY,
  'GET /api/models/:hash': READERS_OF_POLICY,
  'GET /api/cores/:hash': READERS_OF_POLICY,
  'POST /api/changes': { council: 'all', huddle: 'all' },
  'GET /api/changes/status': GOVERNING,
  'GET /api/changes/:requestId': GOVERNING,
  'POST /api/changes/:requestId/review': { council: 'all', huddle: 'all' },
  'POST /api/changes/:requestId/publish': { council: 'all', huddle: 'all' },
  'POST /api/changes/rollback': { council: 'all', huddle: 'all', operator: 'all' },
  'POST /api/exclusions': { council: 'all', huddle: 'all', supervisor: 'all' },
  'POST /api/exclusions/:exclusionId/lift': { council: 'all', huddle: 'all', supervisor: 'all' },
  'POST /api/exclusions/:exclusionId/review': { council: 'all', huddle: 'all' },
  'GET /api/people': { privacy: 'all', operator: 'all' },
  'POST /api/people': { operator: 'all' },
  'SOCKET /desks': { agent: 'own' },
  'SOCKET /producers': { integration: 'all' },
};

const HTTP = Object.keys(EXPECTED).filter((endpoint) => !endpoint.startsWith('SOCKET'));
/** Answers hold rows of somebody's. */
const WITH_ROWS: Readonly<Record<string, (whose: Whose) => { readonly path: string; readonly holds: (text: string) => boolean }>> = {
  'GET /api/calls/:callId': (whose) => ({ path: `/api/calls/call-${whose}`, holds: (text) => text.includes(`"call-${whose}"`) }),
  'GET /api/outcomes': (whose) => ({ path: '/api/outcomes?limit=500', holds: (text) => text.includes(`"call-${whose}"`) }),
};

const AGENT: Readonly<Record<Whose, string>> = { own: 'me', team: 'mate', other: 'stranger' };

const personOf = (role: PersonRole): string => (role === 'agent' ? 'me' : `the-${role}`);
const tries = async (connect: () => ReturnType<typeof deskSocket>): Promise<string> => {
  const socket = connect();
  try {
    await connected(socket);
    return 'in';
  } catch (error) {
    return (error as Error).message;
  } finally {
    socket.disconnect();
  }
};

onEachEngine((engine) => {
  let opened: Opened;
  let folder: string;
  let issuer: DeskIssuer;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sotto-matrix-'));
    opened = await openCentral(await engine.open(), { folder, limits: { requestsPerMinute: 1_000_000 } });
    const key: KeyObject = createPrivateKey(readFileSync(join(folder, 'signing-key.pem')));
    issuer = new DeskIssuer(derivedSigningKey(key, 'desk tokens'));
    const { central } = opened;
    const { db } = central.store;
    await central
      .loadOrganisation({
        agents: [
          { id: 'me', name: 'Me', teams: ['north'] },
          { id: 'mate', name: 'Mate', teams: ['north'] },
          { id: 'stranger', name: 'Stranger', teams: ['south'] },
          ...PERSON_ROLES.filter((role) => role !== 'agent').map((role) => ({
            id: `the-${role}`,
            name: role,
            roles: [role],
            teams: ['north'],
          })),
          { id: 'no-team', name: 'No team', roles: ['supervisor'] },
          { id: 'nobody', name: 'Nobody', roles: [] },
        ],
        customers: [],
        policyFiles: [],
        models: [],
      })
      .catch((error: unknown) => {
        // People come before the revision, which is there already.
        if (!String(error).includes('policy is refused')) throw error;
      });
    await enrolled(central, 'desk');
    for (const whose of WHOSE) {
      await central.intake(new Producer(`call-${whose}`).offered(AGENT[whose]));
      const made = [outcome({ callId: `call-${whose}`, agentId: AGENT[whose], deviceId: 'desk' })];
      const sent = batch(
        'desk',
        [
          ...made.map((one, i) => item(i + 1, 'outcome', one)),
          item(2, 'decision', decision(`call-${whose}`, { deviceId: 'desk', agentId: AGENT[whose] })),
        ],
        whose,
      );
      const response = await ask('POST /api/outbox', await tokenOf('device'), 'own', sent);
      expect(await response.json()).toMatchObject({ items: [{ result: 'stored' }, { result: 'stored' }] });
    }
    expect(await db.selectFrom('person_roles').select('role').execute()).not.toEqual([]);
  });
  afterAll(async () => {
    await opened.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const tokenOf = async (role: Role): Promise<string> => {
    if (role === 'device') return issuer.issue({ kind: 'device', deviceId: 'desk' });
    if (role !== 'integration') return issuer.issue({ kind: 'desk', personId: personOf(role), deviceId: 'desk' });
    await opened.central.store.db
      .insertInto('integrations')
      .values({ name: 'telephony', roles: ['integration'] })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    return issuer.issue({ kind: 'integration', name: 'telephony' });
  };
  const ask = (endpoint: string, token: string | null, whose: Whose, body: unknown = {}): Promise<Response> => {
    const [method = '', pattern = ''] = endpoint.split(' ');
    const path =
      WITH_ROWS[endpoint]?.(whose).path ??
      pattern
        .replace(':hash', 'f'.repeat(64))
        .replace(/:(requestId|exclusionId)/, 'none')
        .replace(/ledger-heads$/, 'ledger-heads?device=desk');
    return fetch(new URL(path, opened.central.url), {
      method,
      headers: {
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(method === 'GET' ? {} : { 'content-type': 'application/json' }),
      },
      ...(method === 'GET' ? {} : { body: JSON.stringify(body) }),
    });
  };

  test('the matrix says something of every endpoint there is, and central has no other', () => {
    expect(Object.keys(EXPECTED).toSorted()).toEqual(Object.keys(ENDPOINTS).toSorted());
    expect(Object.keys(EXPECTED).length).toBeGreaterThan(15);
  });

  test('a route that nobody said anything about keeps central from starting', async () => {
    const server = await createServer({
      counters: new Counters(opened.central.store),
      authenticate: () => Promise.resolve(null),
      requestsPerMinute: 10,
      development: false,
      failed: () => {},
      metrics: new Metrics(),
    });
    server.get('/health/live', async () => ({}));
    expect(() => server.get('/api/everything', async () => ({}))).toThrow(/GET \/api\/everything has no row/);
    expect(() => server.delete('/health/live', async () => ({}))).toThrow(/DELETE \/health\/live has no row/);
    await server.close();
  });

  test('every role gets at every endpoint what it may, of its own, its team and another team, and nothing else', {
    timeout: 90_000,
  }, async () => {
    let cells = 0;
    const wrong: string[] = [];
    for (const endpoint of HTTP) {
      const expected = EXPECTED[endpoint];
      for (const role of ROLES) {
        const token = await tokenOf(role);
        const reach = expected === 'open' ? 'all' : expected?.[role];
        // What holds nobody's rows is the same for all of them.
        for (const whose of WITH_ROWS[endpoint] === undefined ? (['own'] as const) : WHOSE) {
          cells += 1;
          const response = await ask(endpoint, token, whose);
          const text = await response.text();
          const rows = WITH_ROWS[endpoint]?.(whose);
          const isWithin = reach === 'all' || (reach === 'team' && whose !== 'other') || (reach === 'own' && whose === 'own');
          const isRefused = response.status === 403 && text.includes('not-allowed');
          const isRight =
            reach === undefined
              ? isRefused
              : !isRefused && response.status !== 401 && response.status < 500 && (rows === undefined || rows.holds(text) === isWithin);
          if (!isRight) wrong.push(`${role} at ${endpoint}, ${whose}: ${response.status} ${text.slice(0, 80)}`);
        }
      }
    }
    expect(wrong).toEqual([]);
    const withRows = Object.keys(WITH_ROWS).length;
    expect(cells).toBe((HTTP.length - withRows + withRows * WHOSE.length) * ROLES.length);
  });

  test('without a token, with a role taken away, and with a token that claims roles, nothing is opened', async () => {
    const person = await issuer.issue({ kind: 'desk', personId: 'nobody', deviceId: 'desk' });
    const open = HTTP.filter((endpoint) => EXPECTED[endpoint] === 'open');
    expect(open.length).toBeLessThan(HTTP.length / 2);
    for (const endpoint of HTTP.filter((one) => !open.includes(one))) {
      expect([endpoint, (await ask(endpoint, null, 'own')).status]).toEqual([endpoint, 401]);
      expect([endpoint, (await ask(endpoint, person, 'own')).status]).toEqual([endpoint, 403]);
    }
    const token = await tokenOf('analyst');
    const { db } = opened.central.store;
    expect((await ask('GET /api/outcomes', token, 'own')).status).toBe(200);
    await db.deleteFrom('person_roles').where('person_id', '=', 'the-analyst').execute();
    expect((await ask('GET /api/outcomes', token, 'own')).status).toBe(403);
    await db.insertInto('person_roles').values({ person_id: 'the-analyst', role: 'analyst', granted_at_ms: 1, granted_by: null }).execute();
    expect((await ask('GET /api/outcomes', token, 'own')).status).toBe(200);
  });

  test('a supervisor without a team sees nobody, and one who leaves a team nobody of it any more', async () => {
    const token = await issuer.issue({ kind: 'desk', personId: 'no-team', deviceId: 'desk' });
    for (const whose of WHOSE) expect((await ask('GET /api/calls/:callId', token, whose)).status).toBe(404);
    const { db } = opened.central.store;
    await db.insertInto('team_members').values({ team_id: 'south', person_id: 'no-team' }).execute();
    expect(await Promise.all(WHOSE.map(async (whose) => (await ask('GET /api/calls/:callId', token, whose)).status))).toEqual([
      404, 404, 200,
    ]);
    await db.deleteFrom('team_members').where('person_id', '=', 'no-team').execute();
    expect((await ask('GET /api/calls/:callId', token, 'other')).status).toBe(404);
  });

  test('nobody gives themselves a role, whatever the code does', async () => {
    const { db } = opened.central.store;
    await expect(
      db
        .insertInto('person_roles')
        .values({ person_id: 'the-operator', role: 'approver', granted_at_ms: 1, granted_by: 'the-operator' })
        .execute(),
    ).rejects.toThrow(/check/);
    await expect(
      db
        .insertInto('person_roles')
        .values({ person_id: 'me', role: 'owner' as PersonRole, granted_at_ms: 1, granted_by: null })
        .execute(),
    ).rejects.toThrow(/check/);
  });

  test('only whom the table names is let in by socket', async () => {
    const { url } = opened.central;
    const deviceToken = await tokenOf('device');
    for (const role of ROLES) {
      const token = await tokenOf(role);
      const atDesks = await tries(() => deskSocket(url, { protocol: LIVE_PROTOCOL, token, deviceToken, deviceId: 'desk' }));
      expect([role, atDesks]).toEqual([role, role === 'agent' ? 'in' : 'not-an-agent']);
      const atProducers = await tries(() =>
        io(url + PRODUCER_NAMESPACE, { transports: ['websocket'], auth: { token }, reconnection: false, forceNew: true }),
      );
      expect([role, atProducers]).toEqual([role, role === 'integration' ? 'in' : 'bad-token']);
    }
  });
});

test('a key of another purpose makes no token of ours', () => {
  const key = generateKeyPairSync('ed25519').privateKey;
  const one = derivedSigningKey(key, 'desk tokens').export({ format: 'der', type: 'pkcs8' });
  const other = derivedSigningKey(key, 'challenges').export({ format: 'der', type: 'pkcs8' });
  expect(one.equals(other)).toBe(false);
  expect(derivedSigningKey(key, 'desk tokens').export({ format: 'der', type: 'pkcs8' }).equals(one)).toBe(true);
});
