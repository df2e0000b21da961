/** The HTTP side: limits, who may ask, and the routes. Bodies reach the routes as bytes; each route parses its own. */
import rateLimit from '@fastify/rate-limit';
import Fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { Id } from '#contract/text.ts';
import type { Authenticate, PersonPrincipal, Principal } from '../access/directory.ts';
import { type Endpoint, ENDPOINTS } from '../access/endpoints.ts';
import { type Scope, scopeFor } from '../access/scope.ts';
import type { Metrics } from '../metrics.ts';
import type { Counters } from '../store/counters.ts';

export interface HttpSettings {
  readonly counters: Counters;
  readonly authenticate: Authenticate;
  readonly requestsPerMinute: number;
  /** The embedded central: only loopback names as Host, and no requests of web pages: what stands between the development issuer and a browser. */
  readonly development: boolean;
  readonly failed: (operation: string, error: unknown) => void;
  readonly metrics: Metrics;
}

const JSON_TYPES = ['application/json', 'application/cloudevents+json', 'application/cloudevents-batch+json'];
const LOOPBACK_HOST = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/;
const DEFAULT_BODY_BYTES = 64 * 1024;

export async function createServer({
  counters,
  authenticate,
  requestsPerMinute,
  development,
  failed,
  metrics,
}: HttpSettings): Promise<FastifyInstance> {
  const server = Fastify({
    logger: false,
    bodyLimit: DEFAULT_BODY_BYTES,
    requestTimeout: 30_000,
    connectionTimeout: 60_000,
    forceCloseConnections: true,
    exposeHeadRoutes: false,
  });
  server.removeAllContentTypeParsers();
  server.addContentTypeParser(JSON_TYPES, { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  server.decorateRequest('principal', null);
  server.decorateRequest('scope', null);
  server.addHook('onRoute', (route) => {
    for (const method of [route.method].flat()) endpointOf(method, route.url);
  });
  await server.register(rateLimit, { max: requestsPerMinute, timeWindow: 60_000 });

  server.addHook('onRequest', async (request, reply) => {
    if (development && (!LOOPBACK_HOST.test(request.headers.host ?? '') || request.headers.origin !== undefined))
      return refuse(reply, 403, 'only-from-this-machine');
    // A compressed body would be checked for size before it is unpacked.
    const encoding = request.headers['content-encoding'];
    if (encoding !== undefined && encoding !== 'identity') return refuse(reply, 415, 'not-compressed-please');
    if (request.is404) return;
    const endpoint = endpointOf(request.method, request.routeOptions.url ?? '');
    if (endpoint.open === true || (development && endpoint.openInDevelopment === true)) return;
    const [scheme, token] = (request.headers.authorization ?? '').split(' ');
    const principal = scheme?.toLowerCase() === 'bearer' && token !== undefined ? await authenticate(token) : null;
    if (principal === null) return refuse(reply.header('www-authenticate', 'Bearer'), 401, 'bad-token');
    const scope = scopeFor(endpoint, principal);
    if (scope === null) return refuse(reply, 403, 'not-allowed');
    request.principal = principal;
    request.scope = scope;
  });
  server.addHook('onResponse', async (request, reply) =>
    metrics.requested(request.method, request.routeOptions.url ?? 'unknown', reply.statusCode, reply.elapsedTime),
  );
  server.setErrorHandler((error: FastifyError, request, reply) => {
    const status = error.statusCode ?? 500;
    if (status === 429) return refuse(reply, 429, 'too-many-requests');
    if (status === 413) return refuse(reply, 413, 'too-large');
    if (status === 415) return refuse(reply, 415, 'unknown-content-type');
    if (status < 500) return refuse(reply, status, 'bad-request');
    failed(`${request.method} ${request.routeOptions.url ?? 'unknown route'}`, error);
    return refuse(reply.header('retry-after', String(retryAfterS(error))), 503, 'unavailable');
  });
  server.setNotFoundHandler((_request, reply) => refuse(reply, 404, 'not-found'));

  function refuse(reply: FastifyReply, status: number, reason: string): FastifyReply {
    counters.add(`http: refused ${reason}`);
    return reply.code(status).type('application/json').send({ error: reason });
  }
  return server;
}

/** Throws for a route without a row: nobody would have said who may ask it. */
function endpointOf(method: string, url: string): Endpoint {
  const endpoint = ENDPOINTS[`${method} ${url}`];
  if (endpoint === undefined) throw new Error(`${method} ${url} has no row in central/access/endpoints.ts: say there who may ask it`);
  return endpoint;
}

/** Whoever was put off knows better than one second when there will be room. */
const retryAfterS = (error: FastifyError): number =>
  'retryAfterMs' in error && typeof error.retryAfterMs === 'number' ? Math.ceil(error.retryAfterMs / 1_000) : 1;

/** Who asks, at an endpoint that is not open. */
export function principalOf(request: FastifyRequest): Principal {
  if (request.principal === null) throw new Error(`${request.routeOptions.url ?? 'a route'} reads the principal but is open`);
  return request.principal;
}

/** The same, at an endpoint that the table opens to people alone. */
export function personOf(request: FastifyRequest): PersonPrincipal {
  const principal = principalOf(request);
  if (principal.kind !== 'person')
    throw new Error(`${request.routeOptions.url ?? 'a route'} is for people, and the table of endpoints lets in others`);
  return principal;
}

/** An id of the path by its name; null where what stands there is none. */
export const idIn = (request: FastifyRequest, name: string): string | null =>
  Id.safeParse((request.params as Readonly<Record<string, string>>)[name]).data ?? null;

/** Whose rows may be answered with; everybody's where the endpoint is open. */
export const scopeOf = (request: FastifyRequest): Scope => request.scope ?? { reach: 'all' };

declare module 'fastify' {
  interface FastifyRequest {
    principal: Principal | null;
    scope: Scope | null;
  }
}
