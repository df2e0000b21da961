/**
 * Everybody at once at the tables themselves, past all code: who asks approves their own (with either of their accounts), two approvers
 * say yes or no, one of them loses the role, somebody of no role and somebody of another team try, amounts are edited, times run out,
 * and five executors each try to execute. What came of it is then read from the tables by plain queries.
 */
import type pg from 'pg';
import { canonicalJson } from '#core';
import { sqlState } from '#central/store/open-store.ts';
import { sha256 } from './fixture.ts';

export interface Race {
  readonly requests: number;
  readonly executed: number;
  readonly refused: number;
  readonly violations: Readonly<Record<string, number>>;
}

const AGENTS = 20;
const EXECUTORS = 5;
const LEVELS = JSON.stringify([{ role: 'approver', goalMs: 1_000, withinMs: 2_000 }]);

interface Case {
  readonly i: number;
  readonly outcomeId: string;
  readonly approvalId: string;
  readonly hash: string;
  readonly requester: string;
}

/** Of every tenth: what its time is, whether its amount is edited, whether it is a case known to be wrong. */
const isSeeded = (i: number): boolean => i % 10 === 3;
const isShort = (i: number): boolean => i % 10 === 5;
const isEdited = (i: number): boolean => i % 10 === 7;
const needs = (i: number): number => (i % 3 === 0 ? 2 : 1);

async function prepare(client: pg.Client, count: number): Promise<readonly Case[]> {
  await client.query(
    'create table if not exists race_log (approval_id text, what text, at timestamptz not null default clock_timestamp())',
  );
  await client.query(
    `insert into people (person_id, name) select 'asker-' || n, 'Asker' from generate_series(0, $1::int - 1) n on conflict do nothing`,
    [AGENTS],
  );
  await client.query(
    `insert into agents (agent_id, person_id) select 'agent-' || n, 'asker-' || n from generate_series(0, $1::int - 1) n
    on conflict do nothing`,
    [AGENTS],
  );
  await client.query(
    `insert into accounts (issuer, subject, person_id)
    select 'https://id', kind || n, 'asker-' || n from generate_series(0, $1::int - 1) n, unnest(array['first-', 'second-']) kind on conflict do nothing`,
    [AGENTS],
  );
  // Whoever asks is an approver too, for others.
  await client.query(
    `insert into person_roles (person_id, role, granted_at_ms) select 'asker-' || n, 'approver', 1
    from generate_series(0, $1::int - 1) n on conflict do nothing`,
    [AGENTS],
  );
  await client.query(`insert into teams (team_id, name) values ('ours', 'Ours'), ('theirs', 'Theirs') on conflict do nothing`);
  await client.query(
    `insert into team_members (team_id, person_id) select 'ours', 'asker-' || n from generate_series(0, $1::int - 1) n
    on conflict do nothing`,
    [AGENTS],
  );
  await client.query(`insert into people (person_id, name) values ('nobody', 'Nobody'), ('far', 'Far') on conflict do nothing`);
  await client.query(`insert into person_roles (person_id, role, granted_at_ms) values ('far', 'approver', 1) on conflict do nothing`);
  await client.query(`insert into team_members (team_id, person_id) values ('theirs', 'far'), ('ours', 'nobody') on conflict do nothing`);

  const nowMs = Date.now();
  const cases = Array.from({ length: count }, (_, i): Case & { readonly asked: string } => {
    const asked = canonicalJson({
      outcomeId: `outcome-${i}`,
      decisionId: `decision-${i}`,
      recordHash: null,
      callId: `call-${i}`,
      customerId: `customer-${i}`,
      actionId: 'big-credit',
      treatmentId: 'voice',
      kind: 'give-credit',
      amount: 500.5,
    });
    return { i, outcomeId: `outcome-${i}`, approvalId: `approval-${i}`, hash: sha256(asked), requester: `asker-${i % AGENTS}`, asked };
  });
  const column = <T>(read: (one: (typeof cases)[number]) => T): readonly T[] => cases.map(read);
  await client.query(
    `insert into people (person_id, name) select 'one-' || n, 'One' from generate_series(0, $1::int - 1) n
     union all select 'two-' || n, 'Two' from generate_series(0, $1::int - 1) n`,
    [count],
  );
  await client.query(
    `insert into person_roles (person_id, role, granted_at_ms)
     select who || n, 'approver', 1 from generate_series(0, $1::int - 1) n, unnest(array['one-', 'two-']) who`,
    [count],
  );
  await client.query(
    `insert into team_members (team_id, person_id) select 'ours', who || n from generate_series(0, $1::int - 1) n, unnest(array['one-', 'two-']) who`,
    [count],
  );
  const real = (one: Case): boolean => !isSeeded(one.i);
  await client.query(
    `insert into outcomes (id, hash, kind, decision_id, call_id, customer_id, agent_id, device_id, action_id, at_ms, clock, body, received_at_ms)
     select 'outcome-' || n, 'h', 'accepted', 'decision-' || n, 'call-' || n, 'customer-' || n, 'agent-' || (n % $2), 'dev', 'big-credit', 1, 1,
       '{"treatmentId": "voice", "kind": "accepted", "actionId": "big-credit"}'::jsonb, 1
     from unnest($1::int[]) n`,
    [cases.filter(real).map(({ i }) => i), AGENTS],
  );
  await client.query(
    `insert into action_requests (outcome_id, decision_id, call_id, customer_id, agent_id, action_id, kind, amount, significant, state,
       next_attempt_at_ms, expires_at_ms)
     select 'outcome-' || n, 'decision-' || n, 'call-' || n, 'customer-' || n, 'agent-' || (n % $2), 'big-credit', 'give-credit', 500.5, true,
       'waiting', 0, $3 from unnest($1::int[]) n`,
    [cases.filter(real).map(({ i }) => i), AGENTS, nowMs + 3_600_000],
  );
  await client.query(
    `insert into approval_requests (approval_id, outcome_id, is_seeded, call_id, customer_id, agent_id, requester, asked, asked_hash, levels, roles,
       needed, requested_at_ms, goal_at_ms, deadline_at_ms, expires_at_ms, changed_at_ms)
     select 'approval-' || n, case when seeded then null else 'outcome-' || n end, seeded, 'call-' || n, 'customer-' || n, 'agent-' || (n % $8),
       'asker-' || (n % $8), asked, hash, $6::jsonb, array['approver'], needed, $7, $7, $7, expires, $7
     from unnest($1::int[], $2::text[], $3::text[], $4::int[], $5::bigint[], $9::boolean[]) as t (n, asked, hash, needed, expires, seeded)`,
    [
      column(({ i }) => i),
      column(({ asked }) => asked),
      column(({ hash }) => hash),
      column(({ i }) => needs(i)),
      // Some run out in the middle of it all.
      column(({ i }) => (isShort(i) ? nowMs + 200 + 2 * i : nowMs + 3_600_000)),
      LEVELS,
      nowMs,
      AGENTS,
      column(({ i }) => isSeeded(i)),
    ],
  );
  return cases;
}

type Step = (client: pg.Client) => Promise<void>;

/** What the tables themselves refuse; anything else is a fault of this test. */
const EXPECTED = /^23|^40/;

const statement =
  (text: string, ...values: readonly unknown[]): Step =>
  async (client) => {
    await client.query(text, [...values]);
  };

/** All that is tried with one request, in the order in which it is begun. */
function stepsOf({ i, outcomeId, approvalId, hash, requester }: Case, random: () => number): readonly Step[] {
  const says =
    (who: string, verdict: string, of = hash): Step =>
    async (client) => {
      await client.query(
        `insert into approval_looks (approval_id, person_id, opened_at_ms, judgement, judged_at_ms) values ($1, $2, 1, 'for', 1) on conflict do nothing`,
        [approvalId, who],
      );
      await client.query(
        `insert into approval_verdicts (approval_id, asked_hash, requester, approver, judgement, verdict, reason, at_ms)
       values ($1, $2, $3, $4, 'for', $5, 'because', 1)`,
        [approvalId, of, requester, who, verdict],
      );
    };
  const second: Step = async (client) => {
    const { rows } = await client.query<{ person_id: string }>(`select person_id from accounts where subject = $1`, [
      `second-${i % AGENTS}`,
    ]);
    await says(rows[0]?.person_id ?? '', 'approved')(client);
  };
  const approve: Step = async (client) => {
    await client.query(
      `update approval_requests set state = 'approved', changed_at_ms = 2 where approval_id = $1 and ended_at_ms is null`,
      [approvalId],
    );
  };
  const execute: Step = async (client) => {
    await client.query('begin');
    try {
      await client.query(`insert into approval_executions (approval_id, outcome_id, asked_hash, at_ms) values ($1, $2, $3, 1)`, [
        approvalId,
        outcomeId,
        hash,
      ]);
      await client.query(`insert into race_log (approval_id, what) values ($1, 'executed')`, [approvalId]);
      await client.query('commit');
    } catch (error) {
      await client.query('rollback');
      throw error;
    }
  };
  const revoke =
    (who: string): Step =>
    async (client) => {
      await client.query('begin');
      await client.query(`delete from person_roles where person_id = $1`, [who]);
      await client.query(`insert into race_log (approval_id, what) values ($1, $2)`, [approvalId, `revoked ${who}`]);
      await client.query('commit');
    };
  const first: readonly Step[] = [
    says(requester, 'approved'),
    second,
    says('nobody', 'approved'),
    says('far', 'approved'),
    says(`one-${i}`, random() < 0.1 ? 'declined' : 'approved'),
    says(`two-${i}`, 'approved', random() < 0.05 ? sha256('something else') : hash),
    statement(`update action_requests set state = 'pending' where outcome_id = $1 and state = 'waiting'`, outcomeId),
    statement(`update action_requests set significant = false where outcome_id = $1`, outcomeId),
  ];
  const then: readonly Step[] = [
    ...(i % 4 === 1 ? [revoke(`one-${i}`)] : []),
    ...(i % 4 === 2 ? [revoke(`two-${i}`)] : []),
    ...(isEdited(i) ? [statement(`update action_requests set amount = 9000 where outcome_id = $1`, outcomeId)] : []),
    approve,
    ...Array.from({ length: EXECUTORS }, () => execute),
    approve,
    ...Array.from({ length: 2 }, () => execute),
  ];
  return [...shuffled(first, random), ...shuffled(then.slice(0, -3), random), ...then.slice(-3)];
}

function shuffled<T>(list: readonly T[], random: () => number): readonly T[] {
  return list
    .map((one) => [random(), one] as const)
    .toSorted(([a], [b]) => a - b)
    .map(([, one]) => one);
}

/** Each client takes the next step of whichever request is due, so that steps of one request overlap. */
export async function race(clients: readonly pg.Client[], count: number, random: () => number): Promise<Race> {
  const [first] = clients;
  if (first === undefined) throw new Error('a race needs connections');
  const cases = await prepare(first, count);
  const steps = cases.map((one) => stepsOf(one, random));
  const longest = Math.max(...steps.map(({ length }) => length));
  // Step k of one request goes to a connection beside step k + 1 of the same: that is where they meet.
  const lane: Step[] = [];
  for (let from = 0; from < steps.length; from += 8)
    for (let k = 0; k < longest; k++) for (const own of steps.slice(from, from + 2)) lane.push(...own.slice(k, k + 1));
  const rest = steps.flatMap((own, i) => (i % 8 < 2 ? [] : own));
  const work = interleaved(lane, rest);
  let refused = 0;
  let next = 0;
  await Promise.all(
    clients.map(async (client) => {
      for (let step = work[next++]; step !== undefined; step = work[next++]) {
        try {
          await step(client);
        } catch (error) {
          if (!EXPECTED.test(sqlState(error) ?? '')) throw error;
          refused++;
          await client.query('rollback').catch(() => {});
        }
      }
    }),
  );
  return { requests: count, refused, ...(await readBack(first)) };
}

const interleaved = <T>(a: readonly T[], b: readonly T[]): readonly T[] => {
  const both: T[] = [];
  const step = a.length === 0 ? 0 : b.length / a.length;
  a.forEach((one, i) => both.push(one, ...b.slice(Math.floor(i * step), Math.floor((i + 1) * step))));
  return a.length === 0 ? b : both;
};

/** By queries that share nothing with what holds it. */
async function readBack(client: pg.Client): Promise<Pick<Race, 'executed' | 'violations'>> {
  const count = async (query: string): Promise<number> => Number((await client.query<{ n: string }>(query)).rows[0]?.n ?? 0);
  const done = `(select e.*, r.requester, r.asked, r.expires_at_ms, r.needed from approval_executions e left join approval_requests r using (approval_id))`;
  return {
    executed: await count(`select count(*) as n from approval_executions`),
    violations: {
      'too few other people approved': await count(`select count(*) as n from ${done} d where d.needed is null or d.needed > (
        select count(distinct v.approver) from approval_verdicts v join team_members m on m.person_id = v.approver and m.team_id = 'ours'
        where v.approval_id = d.approval_id and v.verdict = 'approved' and v.approver <> d.requester and v.approver <> 'nobody')`),
      'approved by who asks': await count(`select count(*) as n from approval_verdicts where approver = requester`),
      'executed against a no': await count(`select count(*) as n from ${done} d where exists (
        select from approval_verdicts v where v.approval_id = d.approval_id and v.verdict = 'declined')`),
      'executed twice': await count(
        `select count(*) as n from (select 1 from race_log where what = 'executed' group by approval_id having count(*) > 1) x`,
      ),
      'another amount': await count(`select count(*) as n from ${done} d join action_requests a using (outcome_id)
        where a.amount <> (d.asked::jsonb ->> 'amount')::float8`),
      'after its end': await count(`select count(*) as n from ${done} d where d.at_ms >= d.expires_at_ms`),
      'known to be wrong': await count(
        `select count(*) as n from approval_executions e join approval_requests r using (approval_id) where r.is_seeded`,
      ),
      'on its way without':
        await count(`select count(*) as n from action_requests a where a.state in ('pending', 'requested', 'acted', 'failed')
        and not exists (select from approval_executions e where e.outcome_id = a.outcome_id and e.approval_id = a.approval_id)`),
      'no longer significant': await count(`select count(*) as n from action_requests where not significant`),
      'by who lost the role before':
        await count(`select count(*) as n from race_log e join ${done} d using (approval_id) where e.what = 'executed'
        and d.needed > (select count(distinct v.approver) from approval_verdicts v where v.approval_id = d.approval_id and v.verdict = 'approved'
          and v.approver like any (array['one-%', 'two-%'])
          and not exists (select from race_log l where l.approval_id = d.approval_id and l.what = 'revoked ' || v.approver and l.at < e.at))`),
    },
  };
}
