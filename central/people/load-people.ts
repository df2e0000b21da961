/** People, their accounts, roles and teams, as an organisation lists them. */
import { sql } from 'kysely';
import { z } from 'zod';
import { ExperienceLevel } from '#contract/policy.ts';
import { PERSON_ROLES } from '#contract/roles.ts';
import { FreeText, Id, LanguageTag } from '#contract/text.ts';
import type { Query } from '../store/open-store.ts';

export const OrganisationPerson = z.strictObject({
  /** What telephony calls them, where they take calls; otherwise a name of the list's own. */
  id: Id,
  name: FreeText.min(1),
  level: ExperienceLevel.default('standard'),
  language: LanguageTag.default('en'),
  /** Without: agent alone. */
  roles: z.array(z.enum(PERSON_ROLES)).max(PERSON_ROLES.length).optional(),
  teams: z.array(Id).max(50).optional(),
  /** Accounts of an identity provider: its issuer, and what it calls the person (`sub`). */
  accounts: z
    .array(z.strictObject({ issuer: z.url(), subject: z.string().min(1).max(255) }))
    .max(10)
    .optional(),
});
export type OrganisationPerson = z.input<typeof OrganisationPerson>;

export const OrganisationTeam = z.strictObject({ id: Id, name: FreeText.min(1) });
export type OrganisationTeam = z.infer<typeof OrganisationTeam>;

/**
 * What is said of each person replaces what was; nobody who is not in the list is touched. `issuer`: whose account everybody has by
 * their id, in development; null = nobody has.
 */
export async function loadPeople(
  tx: Query,
  people: readonly OrganisationPerson[],
  teams: readonly OrganisationTeam[],
  issuer: string | null,
): Promise<void> {
  const named = new Map(people.flatMap((person) => (person.teams ?? []).map((id) => [id, id] as const)));
  for (const { id, name } of teams) named.set(id, name);
  for (const [team_id, name] of named)
    await tx
      .insertInto('teams')
      .values({ team_id, name })
      .onConflict((conflict) => conflict.column('team_id').doUpdateSet({ name }))
      .execute();
  for (const person of people) await loadPerson(tx, person, issuer);
}

async function loadPerson(tx: Query, given: OrganisationPerson, issuer: string | null): Promise<void> {
  const { id, name, level, language, roles = ['agent'], teams = [], accounts = [] } = OrganisationPerson.parse(given);
  const known = await tx.selectFrom('agents').select('person_id').where('agent_id', '=', id).executeTakeFirst();
  const person_id = known?.person_id ?? id;
  const values = { name, level, language, active: true };
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
  for (const role of roles)
    await tx
      .insertInto('person_roles')
      .values({ person_id, role, granted_at_ms: Date.now(), granted_by: null })
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
