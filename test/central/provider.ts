/** A real identity provider (oidc-provider) on this computer, somebody at a browser who signs in there, and a central in production that believes it. */
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, type JWK } from 'jose';
import Provider from 'oidc-provider';
import type { Central } from '#central/central.ts';
import { startCentral } from '#central/start-central.ts';
import type { Store } from '#central/store/open-store.ts';
import type { PersonRole } from '#contract/roles.ts';
import { smallPolicy } from './small-policy.ts';

export const CLIENT_ID = 'sotto-desktop';
export const RESOURCE = 'https://sotto.example/central';

export interface ProviderKeys {
  readonly rsa: JWK;
  readonly ec: JWK;
}

/** Every place a browser was sent to. */
export type Visit = (url: URL) => Promise<Response>;

export class TestProvider implements AsyncDisposable {
  readonly issuer: string;
  /** Private, as the provider has them. */
  readonly keys: ProviderKeys;
  /** Whose account whoever is at the browser signs in with; null = they cancel. */
  signsInAs: string | null = null;
  /** Every token it gave, to look for where none may be. */
  readonly given: string[] = [];
  readonly #server: Server;

  private constructor(issuer: string, keys: ProviderKeys, server: Server) {
    this.issuer = issuer;
    this.keys = keys;
    this.#server = server;
  }

  static async open(accessLifeS = 300): Promise<TestProvider> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const keys: ProviderKeys = {
      rsa: { ...(await exportJWK(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey)), kid: 'rsa', alg: 'RS256', use: 'sig' },
      ec: { ...(await exportJWK(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey)), kid: 'ec', alg: 'ES256', use: 'sig' },
    };
    const opened = new TestProvider(issuer, keys, server);
    const provider = new Provider(issuer, {
      jwks: { keys: [keys.rsa, keys.ec] as never },
      clients: [
        {
          client_id: CLIENT_ID,
          token_endpoint_auth_method: 'none',
          application_type: 'native',
          redirect_uris: ['http://127.0.0.1/callback'],
          grant_types: ['authorization_code', 'refresh_token'],
          response_types: ['code'],
        },
      ],
      pkce: { required: () => true },
      rotateRefreshToken: true,
      cookies: { keys: [randomUUID()] },
      findAccount: (_, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
      interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
      features: {
        devInteractions: { enabled: false },
        revocation: { enabled: true },
        resourceIndicators: {
          enabled: true,
          defaultResource: () => RESOURCE,
          useGrantedResource: () => true,
          getResourceServerInfo: () => ({
            scope: '',
            audience: RESOURCE,
            accessTokenFormat: 'jwt',
            accessTokenTTL: accessLifeS,
            jwt: { sign: { alg: 'ES256' } },
          }),
        },
      },
      ttl: { Session: 3_600, Grant: 3_600, Interaction: 600, RefreshToken: 3_600, IdToken: 600, AuthorizationCode: 60 },
    });
    provider.use(async (ctx, next) => {
      if (ctx.path.startsWith('/interaction/')) {
        await opened.#interact(provider, ctx.req, ctx.res);
        ctx.respond = false;
        return;
      }
      await next();
      const body = ctx.body as { access_token?: unknown; refresh_token?: unknown; id_token?: unknown } | undefined;
      for (const token of [body?.access_token, body?.refresh_token, body?.id_token])
        if (typeof token === 'string') opened.given.push(token);
    });
    server.on('request', provider.callback());
    return opened;
  }

  /** The system's browser: follows every redirect, with cookies, and comes back to the desk. `tamper` changes where it goes. */
  browser(tamper: (url: URL) => URL | null = (url) => url): (url: URL) => Promise<void> {
    return (url) => {
      // A browser takes its time; who opened it does not wait.
      void this.#visit(url, tamper).catch(() => undefined);
      return Promise.resolve();
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #visit(start: URL, tamper: (url: URL) => URL | null): Promise<void> {
    const cookies = new Map<string, string>();
    let at: URL | null = start;
    for (let steps = 0; at !== null && steps < 20; steps += 1) {
      const url: URL | null = tamper(at);
      if (url === null) return;
      const response: Response = await fetch(url, {
        redirect: 'manual',
        headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      });
      for (const cookie of response.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
        if (value === '') cookies.delete(name);
        else cookies.set(name, value);
      }
      await response.arrayBuffer();
      const location = response.headers.get('location');
      at = location === null ? null : new URL(location, url);
    }
  }

  async #interact(
    provider: Provider,
    request: Parameters<Provider['interactionDetails']>[0],
    response: Parameters<Provider['interactionDetails']>[1],
  ) {
    const { prompt, session, params, grantId } = await provider.interactionDetails(request, response);
    if (this.signsInAs === null)
      return provider.interactionFinished(request, response, { error: 'access_denied', error_description: 'they went away' });
    if (prompt.name === 'login')
      return provider.interactionFinished(request, response, { login: { accountId: this.signsInAs } }, { mergeWithLastSubmission: false });
    const grant =
      grantId === undefined
        ? new provider.Grant({ accountId: session?.accountId ?? '', clientId: String(params['client_id']) })
        : await provider.Grant.find(grantId);
    grant?.addOIDCScope(String(params['scope']));
    grant?.addResourceScope(RESOURCE, '');
    return provider.interactionFinished(
      request,
      response,
      { consent: { grantId: await grant?.save() } },
      { mergeWithLastSubmission: true },
    );
  }
}

export interface ProductionCentral extends AsyncDisposable {
  readonly central: Central;
  readonly logged: string[];
}

/** Agents ann and bob, and sue who supervises; each has an account of their name at the provider. */
export async function productionCentral(store: Store, issuer: string): Promise<ProductionCentral> {
  const folder = mkdtempSync(join(tmpdir(), 'sotto-production-'));
  const signingKeyFile = join(folder, 'signing.pem');
  const approverKeyFile = join(folder, 'approver.pem');
  writeFileSync(signingKeyFile, generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }));
  writeFileSync(approverKeyFile, generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }));
  const logged: string[] = [];
  const central = await startCentral(
    {
      mode: 'production',
      databaseUrl: 'postgres://unused',
      signIn: { issuer, clientId: CLIENT_ID, resource: RESOURCE, name: 'Example ID', firstOperator: 'sub-first' },
      signingKeyFile,
      models: { approverKeyFiles: [approverKeyFile] },
    },
    { store, log: (line) => logged.push(line) },
  );
  const person = (id: string, roles: readonly PersonRole[]) => ({
    id,
    name: id,
    roles: [...roles],
    accounts: [{ issuer, subject: `sub-${id}` }],
  });
  await central.loadOrganisation({
    agents: [person('ann', ['agent']), person('bob', ['agent']), person('sue', ['supervisor']), person('otto', ['operator'])],
    customers: [],
    policyFiles: smallPolicy(),
    models: [],
  });
  return {
    central,
    logged,
    async [Symbol.asyncDispose]() {
      await central.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
