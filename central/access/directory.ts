/** Who may do what, read from the tables at every use: a role that was taken away is gone at once. */
import type { Query } from '../store/open-store.ts';
import type { Speaker } from './tokens.ts';

export const ROLES = ['agent', 'supervisor', 'analyst', 'integration'] as const;
export type Role = (typeof ROLES)[number];

export type Principal = Speaker & { readonly roles: ReadonlySet<string> };

/** Null when nobody active is known by that name. */
export async function findPrincipal(db: Query, speaker: Speaker): Promise<Principal | null> {
  const row =
    speaker.kind === 'agent'
      ? await db.selectFrom('agents').select('roles').where('agent_id', '=', speaker.agentId).where('active', '=', true).executeTakeFirst()
      : await db.selectFrom('integrations').select('roles').where('name', '=', speaker.name).where('active', '=', true).executeTakeFirst();
  return row === undefined ? null : { ...speaker, roles: new Set(row.roles) };
}

/** Verifies a token and looks up who it names. */
export type Authenticate = (token: string) => Promise<Principal | null>;

export function authenticator(db: Query, verify: (token: string) => Promise<Speaker | null>): Authenticate {
  return async (token) => {
    const speaker = await verify(token);
    return speaker === null ? null : findPrincipal(db, speaker);
  };
}
