/**
 * The organisation's identity provider (OpenID Connect): its access tokens prove who speaks. They are checked against the keys that the
 * provider publishes; a key, an algorithm or an address that a token names itself is not looked at.
 */
import { createRemoteJWKSet, errors, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { z } from 'zod';
import type { SignInOffer } from '#contract/sign-in.ts';
import type { PeopleProof } from '../http/session-routes.ts';
import type { Query } from '../store/open-store.ts';
import { findPrincipal } from './directory.ts';
import { MAX_TOKEN_AGE_S, type Speaker, TOKEN_TYPE, TOLERANCE_S } from './tokens.ts';

/** Asymmetric ones alone: with HS256 whoever knows the public key could sign. */
export const TOKEN_ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA'] as const;

const DISCOVERY_TIMEOUT_MS = 5_000;
const DISCOVERED_FOR_MS = 3_600_000;

/** As people are offered it, and how its tokens may be signed. */
export type ProviderSettings = Omit<Extract<SignInOffer, { by: 'browser' }>, 'by'> & { readonly algorithms: readonly string[] };

const Discovered = z.object({ issuer: z.string(), jwks_uri: z.url() });

type Account = Extract<Speaker, { kind: 'account' }>;
export interface Identity {
  readonly account: Account;
  /** How long the token is still good. */
  readonly lifeS: number;
}

/** The provider could not be asked for its keys: whether a token is good is not known. */
export class ProviderAway extends Error {
  override readonly name = 'ProviderAway';
}

export class IdentityProvider {
  readonly #settings: ProviderSettings;
  readonly #nowMs: () => number;
  #keys: { readonly get: JWTVerifyGetKey; readonly untilMs: number } | null = null;

  /** Asks for nothing before the first token is to be checked. `nowMs`: this computer's clock. */
  constructor(settings: ProviderSettings, nowMs: () => number) {
    this.#settings = settings;
    this.#nowMs = nowMs;
  }

  get issuer(): string {
    return this.#settings.issuer;
  }

  /** Null whatever is wrong with it. Throws ProviderAway when that cannot be known now. */
  async identify(token: string): Promise<Identity | null> {
    const { issuer, resource, algorithms } = this.#settings;
    const keys = await this.#keySet();
    try {
      const { payload } = await jwtVerify(token, keys, {
        algorithms: [...algorithms],
        issuer,
        audience: resource,
        typ: TOKEN_TYPE,
        maxTokenAge: MAX_TOKEN_AGE_S,
        clockTolerance: TOLERANCE_S,
        requiredClaims: ['sub', 'exp', 'iat', 'aud'],
      });
      const subject = z.string().min(1).max(255).parse(payload.sub);
      return { account: { kind: 'account', issuer, subject }, lifeS: (payload.exp ?? 0) - this.#nowMs() / 1_000 };
    } catch (error) {
      const isAway = error instanceof errors.JWKSTimeout || (error instanceof TypeError && error.message === 'fetch failed');
      if (isAway || (error instanceof errors.JOSEError && error.code === 'ERR_JOSE_GENERIC'))
        throw new ProviderAway(`the keys of ${issuer} cannot be had`, { cause: error });
      return null;
    }
  }

  async #keySet(): Promise<JWTVerifyGetKey> {
    if (this.#keys !== null && this.#nowMs() < this.#keys.untilMs) return this.#keys.get;
    const { issuer } = this.#settings;
    try {
      const response = await fetch(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, {
        redirect: 'error',
        signal: AbortSignal.timeout(DISCOVERY_TIMEOUT_MS),
      });
      const found = Discovered.parse(await response.json());
      if (found.issuer !== issuer) throw new Error('it calls itself something else');
      if (isPlain(found.jwks_uri) && !isPlain(issuer)) throw new Error('its keys are to be had without encryption');
      const get = createRemoteJWKSet(new URL(found.jwks_uri), { timeoutDuration: DISCOVERY_TIMEOUT_MS });
      this.#keys = { get, untilMs: this.#nowMs() + DISCOVERED_FOR_MS };
      return get;
    } catch (error) {
      // What was discovered before is still better than nobody being let in.
      if (this.#keys !== null) return this.#keys.get;
      throw new ProviderAway(`${issuer} does not say where its keys are`, { cause: error });
    }
  }
}

const isPlain = (url: string): boolean => new URL(url).protocol === 'http:';

/** People prove who they are by the provider's tokens; whose account it is, is in the tables. */
export function providerProof(db: Query, provider: IdentityProvider, settings: ProviderSettings): PeopleProof {
  const { issuer, clientId, resource, scope, name } = settings;
  return {
    offer: { by: 'browser', issuer, clientId, resource, scope, name },
    async byToken(token) {
      const identity = await provider.identify(token);
      if (identity === null) return { ok: false, reason: 'bad-token' };
      const person = await findPrincipal(db, identity.account);
      if (person?.kind !== 'person') return { ok: false, reason: 'unknown-agent' };
      return { ok: true, person, lifeS: identity.lifeS };
    },
  };
}
