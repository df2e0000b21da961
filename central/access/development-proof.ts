/** The development issuer: whoever is named is believed. Nothing of it is mounted outside the embedded central. */
import type { CentralConfig } from '../config.ts';
import type { PeopleProof } from '../http/session-routes.ts';
import type { Query, Store } from '../store/open-store.ts';
import { firstOperator } from '../people/load-people.ts';
import { findPrincipal } from './directory.ts';
import { DEVELOPMENT_ISSUER, MAX_TOKEN_AGE_S } from './tokens.ts';

export const developmentProof = (db: Query): PeopleProof => ({
  offer: { by: 'name' },
  async byName(subject) {
    const person = await findPrincipal(db, { kind: 'account', issuer: DEVELOPMENT_ISSUER, subject });
    return person?.kind === 'person' ? { ok: true, person, lifeS: MAX_TOKEN_AGE_S } : { ok: false, reason: 'unknown-agent' };
  },
});

/** Data that were in production are never again opened to whoever says a name. */
export async function takeUp({ db }: Store, config: CentralConfig): Promise<void> {
  if (config.mode === 'production') {
    const { issuer, firstOperator: subject } = config.signIn;
    if (subject !== null) await db.transaction().execute((tx) => firstOperator(tx, issuer, subject, Date.now()));
    await db.updateTable('installation').set({ production: true, clock: 'system' }).where('production', '=', false).execute();
    return;
  }
  const { production } = await db.selectFrom('installation').select('production').executeTakeFirstOrThrow();
  if (production) throw new Error('this database is of a central in production: the development issuer does not start on it');
  // Where time is moved by hand, it is what approvals end by.
  await db.updateTable('installation').set({ clock: config.clock }).where('clock', '<>', config.clock).execute();
}
