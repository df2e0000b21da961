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
import { APPROVER_NAMESPACE } from '#contract/approval.ts';
import { SUPERVISOR_NAMESPACE } from '#contract/supervision.ts';
import { PERSON_ROLES, type PersonRole, ROLES, type Role } from '#contract/roles.ts';
import { sql } from 'kysely';
import { io } from 'socket.io-client';
import { enrolled } from './device.ts';
import { onPostgres } from './engines.ts';
import { EXPECTED } from './expected-access.ts';
import { batch, connected, decision, deskSocket, item, type Opened, openCentral, outcome, Producer } from './fixture.ts';

/** Whose row it is, as seen by somebody in team `north` whose agent's name is theirs. */
const WHOSE = ['own', 'team', 'other'] as const;
type Whose = (typeof WHOSE)[number];

const HTTP = Object.keys(EXPECTED).filter((endpoint) => !endpoint.startsWith('SOCKET'));
/** Answers hold rows of somebody's. */
const WITH_ROWS: Readonly<Record<string, (whose: Whose) => { readonly path: string; readonly holds: (text: string) => boolean }>> = {
  'GET /api/calls/:callId': (whose) => ({ path: `/api/calls/call-${whose}`, holds: (text) => text.includes(`"call-${whose}"`) }),
  'GET /api/approvals/:approvalId': (whose) => ({
    path: `/api/approvals/${approvalOf.get(whose) ?? 'none'}`,
    holds: (text) => text.includes(`"call-${whose}"`),
  }),
  'GET /api/calls/:callId/supervision': (whose) => ({
    path: `/api/calls/call-${whose}/supervision`,
    holds: (text) => text.includes(`"call-${whose}"`),
  }),
  'GET /api/overrides/cases/:outcomeId': (whose) => ({
    path: `/api/overrides/cases/override-${whose}`,
    holds: (text) => text.includes(`"override-${whose}"`),
  }),
  'GET /api/overrides/cases': (whose) => ({
    path: '/api/overrides/cases?size=500',
    holds: (text) => text.includes(`"override-${whose}"`),
  }),
  'GET /api/overrides/coaching': (whose) => ({
    path: '/api/overrides/coaching',
    holds: (text) => text.includes(`"${AGENT[whose]}"`),
  }),
  'GET /api/contests': (whose) => ({ path: '/api/contests', holds: (text) => text.includes(`"contest-${whose}"`) }),
  'GET /api/contests/:contestId': (whose) => ({
    path: `/api/contests/contest-${whose}`,
    holds: (text) => text.includes(`"contest-${whose}"`),
  }),
  'GET /api/contests/decisions': (whose) => ({
    path: '/api/contests/decisions?customerId=cust-1',
    holds: (text) => text.includes(`"call-${whose}"`),
  }),
  'GET /api/outcomes': (whose) => ({ path: '/api/outcomes?limit=500', holds: (text) => text.includes(`"call-${whose}"`) }),
};

/** Of each call's significant request, once it is there. */
const approvalOf = new Map<Whose, string>();

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

onPostgres((engine) => {
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
      const significant = { kind: 'accepted', actionId: 'big-credit' } as const;
      const of = { callId: `call-${whose}`, agentId: AGENT[whose], deviceId: 'desk' };
      const overridden = { id: `override-${whose}`, kind: 'overridden', actionId: 'explain-bill', chosenActionId: 'change-plan' } as const;
      const made = [outcome({ ...of, ...significant }), outcome({ ...of, ...overridden, reason: 'know-better' })];
      const sent = batch(
        'desk',
        [
          ...made.map((one, i) => item(i + 1, 'outcome', one)),
          item(3, 'decision', decision(`call-${whose}`, { deviceId: 'desk', agentId: AGENT[whose] })),
        ],
        whose,
      );
      const response = await ask('POST /api/outbox', await tokenOf('device'), 'own', sent);
      expect(await response.json()).toMatchObject({ items: [{ result: 'stored' }, { result: 'stored' }, { result: 'stored' }] });
    }
    for (const { approval_id, agent_id } of await db.selectFrom('approval_requests').select(['approval_id', 'agent_id']).execute())
      for (const whose of WHOSE) if (AGENT[whose] === agent_id) approvalOf.set(whose, approval_id);
    expect(approvalOf.size).toBe(WHOSE.length);
    const until = Date.now() + 86_400_000;
    await sql`insert into data_orders (kind, customer_id, until_ms, at_ms) values ('hold', 'cust-1', ${until}, 1)`.execute(db);
    for (const whose of WHOSE)
      await sql`insert into contests (contest_id, decision_id, call_id, customer_id, agent_id, agent_person, policy, record, record_hash, words,
          taken_by, levels, roles, received_at_ms, deadline_at_ms, expires_at_ms, changed_at_ms)
        select ${`contest-${whose}`}, d.id, d.call_id, d.customer_id, d.agent_id, a.person_id, d.policy, d.body, d.hash, 'It is not fair', 'me',
          '[{"role": "supervisor", "withinMs": 5}]', '{supervisor}', 1, ${until}, ${until}, 1
        from decisions d join agents a using (agent_id) where d.agent_id = ${AGENT[whose]}`.execute(db);
    for (const whose of WHOSE)
      await db
        .insertInto('coaching_looks')
        .values({ looked_by: 'the-supervisor', agent_id: AGENT[whose], reason: 'first weeks', since_ms: 1, at_ms: 2 })
        .execute();
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
        .replace(/:(requestId|exclusionId|approvalId|ruleId|callId|outcomeId|itemId|contestId)/, 'none')
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

  test('every role gets at every endpoint what it may, of its own, its team and another team, and nothing else', async () => {
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
      const atApprovers = await tries(() =>
        io(url + APPROVER_NAMESPACE, { transports: ['websocket'], auth: { token }, reconnection: false, forceNew: true }),
      );
      const atSupervisors = await tries(() =>
        io(url + SUPERVISOR_NAMESPACE, { transports: ['websocket'], auth: { token }, reconnection: false, forceNew: true }),
      );
      expect([role, atSupervisors]).toEqual([role, role === 'supervisor' ? 'in' : 'not-a-supervisor']);
      const decides = role in (EXPECTED[`SOCKET ${APPROVER_NAMESPACE}`] as Readonly<Record<string, unknown>>);
      expect([role, atApprovers]).toEqual([role, decides ? 'in' : 'not-an-approver']);
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
