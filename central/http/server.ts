/** The HTTP side: limits, who may ask, and the routes. Bodies reach the routes as bytes; each route parses its own. */
import rateLimit from '@fastify/rate-limit';
import Fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Authenticate, Principal, Role } from '../access/directory.ts';
import type { Counters } from '../store/counters.ts';

export interface HttpSettings {
  readonly counters: Counters;
  readonly authenticate: Authenticate;
  readonly requestsPerMinute: number;
  /** Only loopback names as Host, and no requests of web pages: what stands between the development issuer and a browser. */
  readonly loopbackOnly: boolean;
  readonly failed: (operation: string, error: unknown) => void;
}

const JSON_TYPES = ['application/json', 'application/cloudevents+json', 'application/cloudevents-batch+json'];
const LOOPBACK_HOST = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/;
const DEFAULT_BODY_BYTES = 64 * 1024;

export async function createServer({
  counters,
  authenticate,
  requestsPerMinute,
  loopbackOnly,
  failed,
}: HttpSettings): Promise<FastifyInstance> {
  const server = Fastify({
    logger: false,
    bodyLimit: DEFAULT_BODY_BYTES,
    requestTimeout: 30_000,
    connectionTimeout: 60_000,
    forceCloseConnections: true,
  });
  server.removeAllContentTypeParsers();
  server.addContentTypeParser(JSON_TYPES, { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  server.decorateRequest('principal', null);
  await server.register(rateLimit, { max: requestsPerMinute, timeWindow: 60_000 });

  server.addHook('onRequest', async (request, reply) => {
    if (loopbackOnly && (!LOOPBACK_HOST.test(request.headers.host ?? '') || request.headers.origin !== undefined))
      return refuse(reply, 403, 'only-from-this-machine');
    // A compressed body would be checked for size before it is unpacked.
    const encoding = request.headers['content-encoding'];
    if (encoding !== undefined && encoding !== 'identity') return refuse(reply, 415, 'not-compressed-please');
    const allowed = request.routeOptions.config.roles;
    if (allowed === undefined) return;
    const [scheme, token] = (request.headers.authorization ?? '').split(' ');
    const principal = scheme?.toLowerCase() === 'bearer' && token !== undefined ? await authenticate(token) : null;
    if (principal === null) return refuse(reply.header('www-authenticate', 'Bearer'), 401, 'bad-token');
    if (!allowed.some((role) => principal.roles.has(role))) return refuse(reply, 403, 'not-allowed');
    request.principal = principal;
  });
  server.setErrorHandler((error: FastifyError, request, reply) => {
    const status = error.statusCode ?? 500;
    if (status === 429) return refuse(reply, 429, 'too-many-requests');
    if (status === 413) return refuse(reply, 413, 'too-large');
    if (status === 415) return refuse(reply, 415, 'unknown-content-type');
    if (status < 500) return refuse(reply, status, 'bad-request');
    failed(`${request.method} ${request.routeOptions.url ?? 'unknown route'}`, error);
    return refuse(reply.header('retry-after', '1'), 503, 'unavailable');
  });
  server.setNotFoundHandler((_request, reply) => refuse(reply, 404, 'not-found'));

  function refuse(reply: FastifyReply, status: number, reason: string): FastifyReply {
    counters.add(`http: refused ${reason}`);
    return reply.code(status).type('application/json').send({ error: reason });
  }
  return server;
}

/** The principal of a route that names roles. */
export function principalOf(request: FastifyRequest): Principal {
  if (request.principal === null) throw new Error(`${request.routeOptions.url ?? 'a route'} reads the principal but names no roles`);
  return request.principal;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may ask; absent = anybody. */
    readonly roles?: readonly Role[];
  }
  interface FastifyRequest {
    principal: Principal | null;
  }
}
