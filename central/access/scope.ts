/** Whose rows a request may see, and the condition that says so to the database. */
import { type RawBuilder, sql } from 'kysely';
import type { PersonPrincipal, Principal } from './directory.ts';
import { type Endpoint, ENDPOINTS, type Reach } from './endpoints.ts';

export type Scope =
  | { readonly reach: 'all' }
  /** Of agents who are in one of these teams, and one's own. */
  | { readonly reach: 'team'; readonly teams: readonly string[]; readonly agentId: string | null }
  | { readonly reach: 'own'; readonly agentId: string | null };

const WIDTH: Readonly<Record<Reach, number>> = { own: 1, team: 2, all: 3 };

/** The widest that any of the roles gives; null = none of them may. */
export function scopeFor(endpoint: Endpoint, principal: Principal): Scope | null {
  const reaches = [...principal.roles].flatMap((role) => endpoint.may[role] ?? []);
  const [widest] = reaches.toSorted((a, b) => WIDTH[b] - WIDTH[a]);
  if (widest === undefined) return null;
  const agentId = principal.kind === 'person' ? principal.agentId : null;
  switch (widest) {
    case 'all':
      return { reach: 'all' };
    case 'own':
      return { reach: 'own', agentId };
    case 'team':
      return { reach: 'team', teams: principal.kind === 'person' ? principal.teams : [], agentId };
  }
}

/** Whether a row of this agent (a column's name) is within reach. */
export function withinScope(scope: Scope, agentColumn: string): RawBuilder<boolean> {
  const agent = sql.ref(agentColumn);
  switch (scope.reach) {
    case 'all':
      return sql<boolean>`true`;
    case 'own':
      return sql<boolean>`${agent} = ${scope.agentId}`;
    case 'team':
      return sql<boolean>`(${agent} = ${scope.agentId} or ${agent} in (
        select a.agent_id from agents a join team_members m using (person_id) where m.team_id = any(${scope.teams}::text[])))`;
  }
}

/** The same by the endpoint's name; null also where there is none of that name. */
export function scopeAt(endpoint: string, principal: Principal): Scope | null {
  const row = ENDPOINTS[endpoint];
  return row === undefined ? null : scopeFor(row, principal);
}

/** Whether one of their roles is named for this endpoint. */
export const mayConnect = (endpoint: string, principal: Principal): boolean => scopeAt(endpoint, principal) !== null;

/** What somebody sees hangs on both: with others they connect anew. */
export const isReachSame = (one: PersonPrincipal, other: PersonPrincipal): boolean =>
  one.roles.size === other.roles.size &&
  [...one.roles].every((role) => other.roles.has(role)) &&
  one.teams.join(' ') === other.teams.join(' ');
