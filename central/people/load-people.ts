/** People, their accounts, roles and teams, as an organisation lists them. */
import { sql } from 'kysely';
import { OrganisationPerson, type OrganisationTeam, type PeopleList, type PeopleView } from '#contract/people.ts';
import type { z } from 'zod';
import type { Query } from '../store/open-store.ts';

/** Who lists them. */
export interface Listing {
  /** Whose account everybody has by their id, in development; null = nobody has. */
  readonly issuer: string | null;
  /** Null: with the organisation's own list, by whoever sets central up. */
  readonly by: string | null;
  readonly nowMs: number;
}

/** What is said of each person replaces what was; nobody who is not in the list is touched. Rejects where somebody gives themselves a role. */
export async function loadPeople(
  tx: Query,
  people: readonly OrganisationPerson[],
  teams: readonly OrganisationTeam[],
  listing: Listing,
): Promise<void> {
  const named = new Map(people.flatMap((person) => (person.teams ?? []).map((id) => [id, id] as const)));
  for (const { id, name } of teams) named.set(id, name);
  for (const [team_id, name] of named)
    await tx
      .insertInto('teams')
      .values({ team_id, name })
      .onConflict((conflict) => conflict.column('team_id').doUpdateSet({ name }))
      .execute();
  for (const person of people) await loadPerson(tx, person, listing);
}

async function loadPerson(tx: Query, given: OrganisationPerson, { issuer, by, nowMs }: Listing): Promise<void> {
  const { id, name, level, language, roles = ['agent'], teams = [], accounts = [], active } = OrganisationPerson.parse(given);
  const known = await tx.selectFrom('agents').select('person_id').where('agent_id', '=', id).executeTakeFirst();
  const person_id = known?.person_id ?? id;
  const values = { name, level, language, active };
  await tx
    .insertInto('people')
    .values({ person_id, ...values })
    .onConflict((conflict) => conflict.column('person_id').doUpdateSet(values))
    .execute();
  // Somebody who takes calls is known to telephony by the list's name for them.
  if (roles.includes('agent'))
    await tx
      .insertInto('agents')
      .values({ agent_id: id, person_id })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  const all = [...accounts, ...(issuer === null ? [] : [{ issuer, subject: id }])];
  for (const account of all)
    await tx
      .insertInto('accounts')
      .values({ ...account, person_id })
      .onConflict((conflict) => conflict.columns(['issuer', 'subject']).doUpdateSet({ person_id }))
      .execute();
  await tx.deleteFrom('person_roles').where('person_id', '=', person_id).where(sql<boolean>`not role = any(${roles}::text[])`).execute();
  // Those they have already are not given again: nobody gives them to themselves by listing everybody.
  const held = await tx.selectFrom('person_roles').select('role').where('person_id', '=', person_id).execute();
  for (const role of roles.filter((one) => !held.some((had) => had.role === one)))
    await tx
      .insertInto('person_roles')
      .values({ person_id, role, granted_at_ms: nowMs, granted_by: by })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  await tx.deleteFrom('team_members').where('person_id', '=', person_id).where(sql<boolean>`not team_id = any(${teams}::text[])`).execute();
  for (const team_id of teams)
    await tx
      .insertInto('team_members')
      .values({ team_id, person_id })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
}

/** As loadPeople, with the programs of the list. */
export async function loadList(tx: Query, { people, teams, programs }: z.output<typeof PeopleList>, listing: Listing): Promise<void> {
  await loadPeople(tx, people, teams, listing);
  for (const { name, account, active } of programs) {
    const values = { roles: ['integration'], active, ...account };
    await tx
      .insertInto('integrations')
      .values({ name, ...values })
      .onConflict((conflict) => conflict.column('name').doUpdateSet(values))
      .execute();
  }
}

/** Somebody who can list the others, where nobody can yet. */
export async function firstOperator(tx: Query, issuer: string, subject: string, nowMs: number): Promise<void> {
  const known = await tx.selectFrom('person_roles').select('person_id').where('role', '=', 'operator').limit(1).executeTakeFirst();
  if (known !== undefined) return;
  const person = { id: 'first-operator', name: 'First operator', roles: ['operator' as const], accounts: [{ issuer, subject }] };
  await loadPeople(tx, [person], [], { issuer: null, by: null, nowMs });
}

export async function peopleView(db: Query): Promise<PeopleView> {
  const { rows } = await sql<PeopleView['people'][number]>`
    select p.person_id as "personId", a.agent_id as "agentId", p.name, p.active,
      array(select role from person_roles r where r.person_id = p.person_id order by role) as roles,
      array(select team_id from team_members m where m.person_id = p.person_id order by team_id) as teams,
      coalesce((select jsonb_agg(jsonb_build_object('issuer', c.issuer, 'subject', c.subject) order by c.issuer, c.subject)
        from accounts c where c.person_id = p.person_id), '[]'::jsonb) as accounts
    from people p left join agents a using (person_id) order by p.person_id limit 10000`.execute(db);
  return { people: rows };
}
