/** The people of an organisation, their accounts, roles and teams, and its programs, as an operator lists them. */
import { z } from 'zod';
import { ExperienceLevel } from './policy.ts';
import { PERSON_ROLES } from './roles.ts';
import { FreeText, Id, LanguageTag } from './text.ts';

/** POST a PeopleList; GET a PeopleView. */
export const PEOPLE_PATH = '/api/people';

/** One of an identity provider: its issuer, and what it calls whoever it is (`sub`). */
const Account = z.strictObject({ issuer: z.url({ protocol: /^https?$/ }), subject: z.string().min(1).max(255) });

export const OrganisationPerson = z.strictObject({
  /** What telephony calls them, where they take calls; otherwise a name of the list's own. */
  id: Id,
  name: FreeText.min(1),
  level: ExperienceLevel.default('standard'),
  language: LanguageTag.default('en'),
  /** Without: agent alone. */
  roles: z.array(z.enum(PERSON_ROLES)).max(PERSON_ROLES.length).optional(),
  teams: z.array(Id).max(50).optional(),
  accounts: z.array(Account).max(10).optional(),
  /** False: they may do nothing any more, from now on. */
  active: z.boolean().default(true),
});
export type OrganisationPerson = z.input<typeof OrganisationPerson>;

export const OrganisationTeam = z.strictObject({ id: Id, name: FreeText.min(1) });
export type OrganisationTeam = z.infer<typeof OrganisationTeam>;

/** A producer of call events or a system of record, known by its account. */
const OrganisationProgram = z.strictObject({ name: Id, account: Account, active: z.boolean().default(true) });

/** What is said of each replaces what was; who is not in it stays as they are. */
export const PeopleList = z.strictObject({
  people: z.array(OrganisationPerson).max(5_000).default([]),
  teams: z.array(OrganisationTeam).max(1_000).default([]),
  programs: z.array(OrganisationProgram).max(200).default([]),
});
export type PeopleList = z.input<typeof PeopleList>;

export const PeopleView = z.object({
  people: z.array(
    z.object({
      personId: Id,
      agentId: Id.nullable(),
      name: z.string(),
      active: z.boolean(),
      roles: z.array(z.string()),
      teams: z.array(z.string()),
      accounts: z.array(z.object({ issuer: z.string(), subject: z.string() })),
    }),
  ),
});
export type PeopleView = z.infer<typeof PeopleView>;
