import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fastifyStatic from '@fastify/static';
import { BookcastError } from '../core/index.ts';
import { type Address, createApp, listenOn } from './app.ts';
import { mountApi } from './routes.ts';
import type { ApiServer } from './server.ts';
import type { Log } from './service.ts';

export interface DashboardOptions {
  /** The API of this process, then served on the page's own origin too; or the URL of one that runs elsewhere. */
  api: ApiServer | string;
  /** Folder of the built page: `index.html` and its assets. */
  webRoot: string;
  /** The command that builds the page, named where it is missing. */
  buildCommand?: string;
  log?: Log;
}

export interface DashboardServer {
  listen(host: string, port: number): Promise<Address>;
  close(): Promise<void>;
}

/** The page and its `/config.json`, `{ "api": "" }` for the page's own origin or the URL of a remote API. */
export async function createDashboardServer(options: DashboardOptions): Promise<DashboardServer> {
  const { api, buildCommand = 'npm run build', log = () => {} } = options;
  const webRoot = resolve(options.webRoot);
  if (!existsSync(join(webRoot, 'index.html'))) {
    throw new BookcastError('not-found', `no web page at ${webRoot}; build it with "${buildCommand}"`, { webRoot });
  }
  const remote = typeof api === 'string' ? originOf(api) : null;
  const app = createApp(log);
  if (typeof api !== 'string') await mountApi(app, api.service);
  app.get('/config.json', { schema: { hide: true } }, async (_request, reply) =>
    reply.header('cache-control', 'no-store').send({ api: remote ?? '' }),
  );
  const policy = pagePolicy(remote);
  await app.register(fastifyStatic, {
    root: webRoot,
    cacheControl: false,
    dotfiles: 'ignore',
    setHeaders: (response, path) => {
      // Asset names carry a hash of their content; the page that names them must be asked for each time.
      const fixed = path.startsWith(join(webRoot, 'assets'));
      response.header('cache-control', fixed ? 'public, max-age=31536000, immutable' : 'no-cache');
      response.header('content-security-policy', policy);
      response.header('x-content-type-options', 'nosniff');
    },
  });
  await app.ready();
  return { listen: (host, port) => listenOn(app, host, port), close: () => app.close() };
}

/** The page loads its own files and speaks to one API; chart libraries set style attributes. */
function pagePolicy(remote: string | null): string {
  const connect = remote === null ? "'self'" : `'self' ${remote} ${remote.replace(/^http/, 'ws')}`;
  return `default-src 'self'; connect-src ${connect}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'self'; frame-ancestors 'self'`;
}

function originOf(url: string): string {
  const parsed = URL.parse(url);
  const plain = parsed !== null && /^https?:$/.test(parsed.protocol) && parsed.pathname === '/' && parsed.search === '';
  if (plain) return parsed.origin;
  throw new BookcastError('bad-argument', `the API's address is like http://127.0.0.1:8000, not "${url}"`, { url });
}
