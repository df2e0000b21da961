/** The desktop as a public client of the identity provider: code with PKCE, no secret, no page of the provider's inside the app. */
import * as oidc from 'openid-client';
import { InWords } from '#contract/fault.ts';
import type { SignInOffer } from '#contract/sign-in.ts';
import { isLoopback } from '../../network/is-loopback.ts';
import { SignInRefused } from '../sign-in-refused.ts';
import { LoopbackRedirect } from './loopback-redirect.ts';

export type BrowserOffer = Extract<SignInOffer, { by: 'browser' }>;

/** What the provider gave. Never leaves main but as the bearer of one request to central. */
export interface Granted {
  readonly accessToken: string;
  readonly expiresAtMs: number;
  /** Null: the provider gives none, and who sits here signs in again when the access token is over. */
  readonly refreshToken: string | null;
}

/** The provider cannot be reached now. */
export class ProviderAway extends InWords {
  override readonly name = 'ProviderAway';
}

const TIMEOUT_S = 10;
/** How long somebody may take in the browser. */
const VISIT_MS = 5 * 60_000;

export interface ProviderClientOptions {
  /** Opens an address of this origin in the system's browser. */
  readonly open: (url: URL, origin: string) => Promise<void>;
  readonly nowMs: () => number;
}

export class ProviderClient {
  readonly #o: ProviderClientOptions;
  #known: { readonly key: string; readonly config: oidc.Configuration } | null = null;

  constructor(options: ProviderClientOptions) {
    this.#o = options;
  }

  /** Somebody signs in in the browser. Throws SignInRefused when they are not let in, or the way back was not what was begun. */
  async signIn(offer: BrowserOffer, signal: AbortSignal): Promise<Granted> {
    const config = await this.#discovered(offer);
    const [verifier, state, nonce] = [oidc.randomPKCECodeVerifier(), oidc.randomState(), oidc.randomNonce()];
    await using redirect = await LoopbackRedirect.open(state);
    const url = oidc.buildAuthorizationUrl(config, {
      redirect_uri: redirect.url,
      scope: offer.scope,
      resource: offer.resource,
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
      nonce,
      // Whoever sat here before may still be signed in in the browser: who it is now is asked.
      prompt: offer.scope.split(' ').includes('offline_access') ? 'login consent' : 'login',
    });
    const endpoint = config.serverMetadata().authorization_endpoint;
    if (endpoint === undefined) throw new SignInRefused(`${offer.name} has no page to sign in at. Ask support.`);
    await this.#o.open(url, new URL(endpoint).origin);
    const came = await redirect.come(AbortSignal.any([signal, AbortSignal.timeout(VISIT_MS)])).catch((cause: unknown) => {
      throw new SignInRefused(
        isTimeout(cause) ? 'Nobody signed in in the browser within five minutes. Try again.' : 'Signing in was cancelled.',
      );
    });
    const tokens = await this.#asked(() =>
      oidc.authorizationCodeGrant(
        config,
        came,
        { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true },
        { resource: offer.resource },
      ),
    );
    return this.#granted(tokens, null);
  }

  /** Throws SignInRefused when the token is worth nothing any more. */
  async refresh(offer: BrowserOffer, refreshToken: string): Promise<Granted> {
    const config = await this.#discovered(offer);
    const tokens = await this.#asked(() => oidc.refreshTokenGrant(config, refreshToken, { resource: offer.resource }));
    return this.#granted(tokens, refreshToken);
  }

  /** The token, and all that came of it, is worth nothing from now on. Throws when the provider does not say so. */
  async revoke(offer: BrowserOffer, refreshToken: string): Promise<void> {
    const config = await this.#discovered(offer);
    if (config.serverMetadata().revocation_endpoint !== undefined) await this.#asked(() => oidc.tokenRevocation(config, refreshToken));
  }

  async #discovered(offer: BrowserOffer): Promise<oidc.Configuration> {
    const key = JSON.stringify([offer.issuer, offer.clientId]);
    if (this.#known?.key === key) return this.#known.config;
    const issuer = new URL(offer.issuer);
    const isPlain = issuer.protocol === 'http:';
    if (isPlain && !isLoopback(issuer)) throw new SignInRefused('The identity provider that central names has no encryption. Ask support.');
    const config = await this.#asked(() =>
      oidc.discovery(issuer, offer.clientId, undefined, oidc.None(), {
        timeout: TIMEOUT_S,
        execute: [oidc.enableNonRepudiationChecks, ...(isPlain ? [oidc.allowInsecureRequests] : [])],
      }),
    );
    this.#known = { key, config };
    return config;
  }

  #granted(tokens: oidc.TokenEndpointResponse & oidc.TokenEndpointResponseHelpers, before: string | null): Granted {
    return {
      accessToken: tokens.access_token,
      expiresAtMs: this.#o.nowMs() + (tokens.expiresIn() ?? 0) * 1_000,
      refreshToken: tokens.refresh_token ?? before,
    };
  }

  /** What the provider says no to, and what does not fit, is a no; everything else is that it is away. Messages of the library may quote tokens. */
  async #asked<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      if (error instanceof oidc.AuthorizationResponseError)
        throw new SignInRefused(
          error.error === 'access_denied'
            ? 'You were not let in, or cancelled it there.'
            : `The identity provider said no (${plain(error.error)}).`,
        );
      if (error instanceof oidc.ResponseBodyError && error.status < 500)
        throw new SignInRefused(`The identity provider said no (${plain(error.error)}). Sign in again.`);
      if (error instanceof oidc.ClientError && !AWAY.has(error.code ?? ''))
        throw new SignInRefused(
          `What the identity provider answered is not what was asked of it (${plain(error.code ?? 'unknown')}). Ask support.`,
        );
      throw new ProviderAway('The identity provider cannot be reached now.');
    }
  }
}

/** Of the library: the answer did not come, or is some other page's. */
const AWAY: ReadonlySet<string> = new Set([
  'OAUTH_TIMEOUT',
  'OAUTH_RESPONSE_IS_NOT_CONFORM',
  'OAUTH_RESPONSE_IS_NOT_JSON',
  'OAUTH_PARSE_ERROR',
]);

const plain = (code: string): string => /^[\w-]{1,60}$/.exec(code)?.[0] ?? 'unknown';
const isTimeout = (cause: unknown): boolean => cause instanceof DOMException && cause.name === 'TimeoutError';
