/** Who is let in at this central, put together: whose tokens are believed, and who still may be connected. */
import type { KeyObject } from 'node:crypto';
import type { CentralConfig } from '../config.ts';
import type { PeopleProof } from '../http/session-routes.ts';
import type { Query } from '../store/open-store.ts';
import { AdmittedSockets } from './admitted-sockets.ts';
import { Challenges } from './challenges.ts';
import { derivedSigningKey } from './derived-key.ts';
import { developmentProof } from './development-proof.ts';
import { Gathering } from '../store/gathering.ts';
import { type Authenticate, authenticator, findPrincipals } from './directory.ts';
import { IdentityProvider, providerProof } from './identity-provider.ts';
import { DeskIssuer, type Speaker, speakerVerifier, tokenVerifier } from './tokens.ts';

export interface Access {
  readonly issuer: DeskIssuer;
  readonly authenticate: Authenticate;
  readonly admitted: AdmittedSockets;
  readonly challenges: Challenges;
  readonly proof: PeopleProof;
}

/** `signingKey`: the one that all nodes have. */
export async function openAccess(config: CentralConfig, db: Query, signingKey: KeyObject): Promise<Access> {
  const issuer = new DeskIssuer(derivedSigningKey(signingKey, 'desk tokens'));
  const own = tokenVerifier(await issuer.rules());
  const principals = new Gathering((speakers: readonly Speaker[]) => findPrincipals(db, speakers));
  const find = (speaker: Speaker) => principals.ask(speaker);
  const shared = { issuer, admitted: new AdmittedSockets(db), challenges: new Challenges(signingKey, db, Date.now) };
  if (config.mode === 'embedded')
    return { ...shared, authenticate: authenticator(find, speakerVerifier(own, null)), proof: developmentProof(db) };
  const provider = new IdentityProvider(config.signIn, Date.now);
  return {
    ...shared,
    authenticate: authenticator(find, speakerVerifier(own, provider)),
    proof: providerProof(db, provider, config.signIn),
  };
}
