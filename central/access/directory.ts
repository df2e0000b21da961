/** Who may do what, read from the tables at every use: a role that was taken away is gone at once. */
import { sql } from 'kysely';
import type { Role } from '#contract/roles.ts';
import type { Query } from '../store/open-store.ts';
import { activeDevices } from './devices.ts';
import type { Speaker } from './tokens.ts';

export interface PersonPrincipal {
  readonly kind: 'person';
  readonly personId: string;
  /** What telephony calls them; null = they take no calls. */
  readonly agentId: string | null;
  /** The desk they speak from; null = no desk's. */
  readonly deviceId: string | null;
  readonly roles: ReadonlySet<Role>;
  readonly teams: readonly string[];
}

export type Principal =
  | PersonPrincipal
  | { readonly kind: 'device'; readonly deviceId: string; readonly roles: ReadonlySet<Role> }
  | {
      readonly kind: 'integration';
      readonly name: string;
      readonly roles: ReadonlySet<Role>;
      /** As it was named by its token, to ask for it again. */
      readonly speaker: Speaker;
    };

/** A device sends what was made on it; a program speaks for its system. That is all. */
const DEVICE: ReadonlySet<Role> = new Set(['device']);
const INTEGRATION: ReadonlySet<Role> = new Set(['integration']);

/** Null when nobody active is known by that name. */
export async function findPrincipal(db: Query, speaker: Speaker): Promise<Principal | null> {
  const [found] = await findPrincipals(db, [speaker]);
  return found ?? null;
}

/** In the order asked for, with a few queries however many they are. */
export async function findPrincipals(db: Query, speakers: readonly Speaker[]): Promise<readonly (Principal | null)[]> {
  const [people, devices, integrations] = await Promise.all([
    activePeople(db, speakers),
    knownDevices(db, speakers),
    activeIntegrations(db, speakers),
  ]);
  return speakers.map((speaker): Principal | null => {
    switch (speaker.kind) {
      case 'device':
        return devices.has(speaker.deviceId) ? { ...speaker, roles: DEVICE } : null;
      case 'desk': {
        const person = people.get(speaker.personId);
        return person === undefined || !devices.has(speaker.deviceId) ? null : { ...person, deviceId: speaker.deviceId };
      }
      case 'person':
        return people.get(speaker.personId) ?? null;
      case 'account':
        return people.get(accountKey(speaker)) ?? program(integrations.get(accountKey(speaker)), speaker);
      case 'integration':
        return program(integrations.get(speaker.name), speaker);
    }
  });
}

const program = (name: string | undefined, speaker: Speaker): Principal | null =>
  name === undefined ? null : { kind: 'integration', name, roles: INTEGRATION, speaker };

type Account = Extract<Speaker, { kind: 'account' }>;

/** Neither an issuer nor an id holds a line break. */
const accountKey = ({ issuer, subject }: Pick<Account, 'issuer' | 'subject'>): string => `${issuer}\n${subject}`;
const isAccount = (speaker: Speaker): speaker is Account => speaker.kind === 'account';

interface PersonRow {
  readonly person_id: string;
  readonly agent_id: string | null;
  readonly roles: readonly Role[];
  readonly teams: readonly string[];
  /** Those of the accounts asked for that are theirs. */
  readonly accounts: readonly string[];
}

/** By their id, and by each account they were asked for by. */
async function activePeople(db: Query, speakers: readonly Speaker[]): Promise<ReadonlyMap<string, PersonPrincipal>> {
  const ids = speakers.flatMap((speaker) => (speaker.kind === 'desk' || speaker.kind === 'person' ? [speaker.personId] : []));
  const accounts = speakers.filter(isAccount);
  if (ids.length + accounts.length === 0) return new Map();
  const { rows } = await sql<PersonRow>`
    select p.person_id, a.agent_id,
      array(select role from person_roles r where r.person_id = p.person_id order by role) as roles,
      array(select team_id from team_members m where m.person_id = p.person_id order by team_id) as teams,
      array(select c.issuer || E'\n' || c.subject from accounts c where c.person_id = p.person_id) as accounts
    from people p left join agents a using (person_id)
    where p.active and (p.person_id = any(${ids}::text[]) or p.person_id in (
      select c.person_id from accounts c
      join unnest(${accounts.map(({ issuer }) => issuer)}::text[], ${accounts.map(({ subject }) => subject)}::text[]) as asked (issuer, subject)
      using (issuer, subject)))`.execute(db);
  return new Map(
    rows.flatMap(({ person_id, agent_id, roles, teams, accounts: theirs }) => {
      const person: PersonPrincipal = {
        kind: 'person',
        personId: person_id,
        agentId: agent_id,
        deviceId: null,
        roles: new Set(roles),
        teams,
      };
      return [person_id, ...theirs].map((key) => [key, person] as const);
    }),
  );
}

async function knownDevices(db: Query, speakers: readonly Speaker[]): Promise<ReadonlySet<string>> {
  const ids = [...new Set(speakers.flatMap((speaker) => ('deviceId' in speaker ? [speaker.deviceId] : [])))];
  if (ids.length === 0) return new Set();
  const rows = await activeDevices(db, ids).select('device_id').execute();
  return new Set(rows.map(({ device_id }) => device_id));
}

/** Their names, by their name or by the account their token comes from. */
async function activeIntegrations(db: Query, speakers: readonly Speaker[]): Promise<ReadonlyMap<string, string>> {
  const names = speakers.flatMap((speaker) => (speaker.kind === 'integration' ? [speaker.name] : []));
  const subjects = speakers.filter(isAccount).map(({ subject }) => subject);
  if (names.length + subjects.length === 0) return new Map();
  const { rows } = await sql<{ name: string; issuer: string | null; subject: string | null }>`
    select name, issuer, subject from integrations
    where active and 'integration' = any(roles) and (name = any(${names}::text[]) or subject = any(${subjects}::text[]))`.execute(db);
  // One whose tokens come from the identity provider is known by nothing else.
  return new Map(
    rows.map(({ name, issuer, subject }) => [issuer === null || subject === null ? name : accountKey({ issuer, subject }), name]),
  );
}

/** Verifies a token and looks up who it names. */
export type Authenticate = (token: string) => Promise<Principal | null>;

export function authenticator(
  find: (speaker: Speaker) => Promise<Principal | null>,
  verify: (token: string) => Promise<Speaker | null>,
): Authenticate {
  return async (token) => {
    const speaker = await verify(token);
    return speaker === null ? null : find(speaker);
  };
}
