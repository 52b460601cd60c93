import type { FastifyInstance, FastifyRequest } from 'fastify';

const LOOPBACK = /^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/;

/**
 * Whether a page may read this server. No `Origin` header: not a page of another origin. `allowed` null: only pages served
 * from this machine.
 */
export function mayRead(request: FastifyRequest, allowed: readonly string[] | null): boolean {
  const { origin, host } = request.headers;
  // The scheme is not compared: a proxy that ends TLS hides it.
  if (origin === undefined || origin.replace(/^https?:\/\//, '') === host) return true;
  if (allowed === null) return LOOPBACK.test(origin);
  return allowed.includes('*') || allowed.includes(origin);
}

/** CORS headers for reading (GET), and the answer to a browser's question beforehand. WebSockets check `mayRead` themselves. */
export function addCors(app: FastifyInstance, allowed: readonly string[] | null): void {
  app.addHook('onRequest', async (request, reply) => {
    // A cache must not hand one origin's answer to another.
    reply.header('vary', 'Origin');
    const { origin } = request.headers;
    if (origin === undefined || !mayRead(request, allowed)) return;
    reply.header('access-control-allow-origin', origin);
    if (request.method !== 'OPTIONS') return;
    reply.header('access-control-allow-methods', 'GET').header('access-control-max-age', '600');
    return reply.code(204).send();
  });
}
