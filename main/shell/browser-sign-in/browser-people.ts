/** The people at this desk as the identity provider knows them: who signs in in the browser, and who still is signed in. */
import { faultLine } from '#contract/fault.ts';
import { SignInRefused } from '../sign-in-refused.ts';
import type { BrowserOffer, Granted, ProviderClient } from './provider-client.ts';
import type { RefreshTokens } from './refresh-tokens.ts';

/** A token that ends sooner than this is renewed before it is used. */
const LEAST_LIFE_MS = 60_000;

export interface BrowserPeopleOptions {
  readonly client: ProviderClient;
  readonly refreshTokens: RefreshTokens;
  readonly nowMs: () => number;
  readonly onLog: (text: string) => void;
}

export class BrowserPeople {
  readonly #o: BrowserPeopleOptions;
  /** Of whoever was proven last, here in memory alone. */
  #latest: { readonly personId: string; readonly granted: Granted } | null = null;
  /** A refresh token is good once: one renewal after the other. */
  #renewing: Promise<unknown> = Promise.resolve();

  constructor(options: BrowserPeopleOptions) {
    this.#o = options;
  }

  /** Without asking anybody; null when they have to sign in (again). `sinceMs`: a sign-in before then is too old. */
  renewed(personId: string, offer: BrowserOffer, sinceMs: number): Promise<Granted | null> {
    const done = this.#renewing.then(() => this.#renew(personId, offer, sinceMs));
    this.#renewing = done.catch(() => undefined);
    return done;
  }

  /** Somebody signs in in the browser; who it is, central says. */
  proven(offer: BrowserOffer, signal: AbortSignal): Promise<Granted> {
    return this.#o.client.signIn(offer, signal);
  }

  /** Central says who was proven: they sit here now. */
  async signedIn(personId: string, offer: BrowserOffer, granted: Granted): Promise<void> {
    this.#latest = { personId, granted };
    if (granted.refreshToken !== null) await this.#o.refreshTokens.keep(personId, offer.issuer, granted.refreshToken, this.#o.nowMs());
  }

  /** Whoever was proven is not let in: nothing is kept of it, here or there. */
  async givenBack(offer: BrowserOffer, granted: Granted): Promise<void> {
    const { client, onLog } = this.#o;
    if (granted.refreshToken === null) return;
    await client.revoke(offer, granted.refreshToken).catch((error: unknown) => onLog(faultLine('sign-in', error)));
  }

  /** Nothing here lets them in again without the browser, nor anybody who copied it. */
  async signedOut(personId: string, offer: BrowserOffer | null): Promise<void> {
    const { client, refreshTokens, onLog } = this.#o;
    if (this.#latest?.personId === personId) this.#latest = null;
    const kept = await refreshTokens.find(personId);
    await refreshTokens.forget(personId);
    if (kept === null || offer === null || kept.issuer !== offer.issuer) return;
    await client.revoke(offer, kept.token).catch((error: unknown) => onLog(faultLine('sign-in', error)));
  }

  async #renew(personId: string, offer: BrowserOffer, sinceMs: number): Promise<Granted | null> {
    const { client, refreshTokens, nowMs } = this.#o;
    const latest = this.#latest?.personId === personId ? this.#latest.granted : null;
    if (latest !== null && latest.expiresAtMs - nowMs() > LEAST_LIFE_MS) return latest;
    const kept = await refreshTokens.find(personId);
    if (kept === null || kept.issuer !== offer.issuer || kept.signedInAtMs < sinceMs) return null;
    try {
      const granted = await client.refresh(offer, kept.token);
      if (granted.refreshToken !== null) await refreshTokens.keep(personId, kept.issuer, granted.refreshToken, kept.signedInAtMs);
      this.#latest = { personId, granted };
      return granted;
    } catch (error) {
      if (!(error instanceof SignInRefused)) throw error;
      this.#latest = null;
      await refreshTokens.forget(personId);
      return null;
    }
  }
}
