/** Who may do what, read from the tables at every use: a role that was taken away is gone at once. */
import type { Query } from '../store/open-store.ts';
import { activeDevices } from './devices.ts';
import type { Speaker } from './tokens.ts';

export const ROLES = ['agent', 'supervisor', 'analyst', 'integration', 'device'] as const;
export type Role = (typeof ROLES)[number];

/** A device sends what was made on it; that is all. */
const DEVICE_ROLES: readonly Role[] = ['device'];

export type Principal = Speaker & { readonly roles: ReadonlySet<string> };

/** Null when nobody active is known by that name. */
export async function findPrincipal(db: Query, speaker: Speaker): Promise<Principal | null> {
  const roles = await rolesOf(db, speaker);
  return roles === null ? null : { ...speaker, roles: new Set(roles) };
}

async function rolesOf(db: Query, speaker: Speaker): Promise<readonly string[] | null> {
  switch (speaker.kind) {
    case 'device':
      return (await isActiveDevice(db, speaker.deviceId)) ? DEVICE_ROLES : null;
    case 'agent': {
      if (!(await isActiveDevice(db, speaker.deviceId))) return null;
      const ofAgent = db.selectFrom('agents').select('roles').where('agent_id', '=', speaker.agentId).where('active', '=', true);
      return (await ofAgent.executeTakeFirst())?.roles ?? null;
    }
    case 'integration': {
      const ofName = db.selectFrom('integrations').select('roles').where('name', '=', speaker.name).where('active', '=', true);
      return (await ofName.executeTakeFirst())?.roles ?? null;
    }
  }
}

const isActiveDevice = async (db: Query, deviceId: string): Promise<boolean> =>
  (await activeDevices(db, [deviceId]).select('device_id').executeTakeFirst()) !== undefined;

/** Verifies a token and looks up who it names. */
export type Authenticate = (token: string) => Promise<Principal | null>;

export function authenticator(db: Query, verify: (token: string) => Promise<Speaker | null>): Authenticate {
  return async (token) => {
    const speaker = await verify(token);
    return speaker === null ? null : findPrincipal(db, speaker);
  };
}
