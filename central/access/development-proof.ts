/** The development issuer: whoever is named is believed. Nothing of it is mounted outside the embedded central. */
import type { PeopleProof } from '../http/session-routes.ts';
import type { Query } from '../store/open-store.ts';
import { findPrincipal } from './directory.ts';
import { DEVELOPMENT_ISSUER, MAX_TOKEN_AGE_S } from './tokens.ts';

export const developmentProof = (db: Query): PeopleProof => ({
  offer: { by: 'name' },
  async byName(subject) {
    const person = await findPrincipal(db, { kind: 'account', issuer: DEVELOPMENT_ISSUER, subject });
    return person?.kind === 'person' ? { ok: true, person, lifeS: MAX_TOKEN_AGE_S } : { ok: false, reason: 'unknown-agent' };
  },
});
