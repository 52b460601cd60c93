import fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { BookcastError } from '../core/index.ts';
import type { ErrorBody } from './contract.ts';
import type { Log } from './service.ts';

/** Where a server listens. `url` is one that a browser on this machine can open. */
export interface Address {
  host: string;
  port: number;
  url: string;
}

/** A Fastify server whose every failure, whatever its cause, is one `ErrorBody`. */
export function createApp(log: Log): FastifyInstance {
  const fail = (error: FastifyError, request: FastifyRequest, reply: FastifyReply): void => {
    const { status, body } = describe(error, request);
    if (status >= 500 && !(error instanceof BookcastError)) {
      log(`${request.method} ${request.url} failed: ${error.stack ?? error.message}`);
    }
    reply.code(status).send(body);
  };
  const app = fastify({
    logger: false,
    bodyLimit: 1024,
    requestTimeout: 10_000,
    routerOptions: { maxParamLength: 256 },
    frameworkErrors: (error, request, reply) => fail(error, request, reply as FastifyReply),
    // Refuse what is misspelt instead of dropping it.
    ajv: { customOptions: { removeAdditional: false } },
  });
  // The port's objects go out as they are: the schemas describe and test them, and must not round or drop a field.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  app.setErrorHandler(fail);
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0];
    reply.code(404).send(errorBody('not-found', `no such address: ${request.method} ${path}; see /docs`, 'never'));
  });
  return app;
}

/** Listens, or says in the user's words why not. Port 0 takes any free one; `flag` is what sets the port. */
export async function listenOn(app: FastifyInstance, host: string, port: number, flag = '--port'): Promise<Address> {
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new BookcastError('bad-argument', `a port is an integer from 0 to 65535, not ${port}`, { port });
  }
  let bound: number;
  try {
    // Fastify answers with a URL; its port is the one that was taken.
    bound = Number(new URL(await app.listen({ host, port })).port);
  } catch (cause) {
    throw listenError(cause, host, port, flag);
  }
  const anywhere = host === '0.0.0.0' || host === '::';
  const name = anywhere ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return { host, port: bound, url: `http://${name}:${bound}` };
}

function listenError(cause: unknown, host: string, port: number, flag: string): unknown {
  const facts = { cause, host, port };
  switch ((cause as NodeJS.ErrnoException).code) {
    case 'EADDRINUSE':
      return new BookcastError('port-in-use', `port ${port} is in use on ${host}; choose another with ${flag}`, facts);
    case 'EACCES':
      return new BookcastError(
        'bad-argument',
        `port ${port} needs rights that this user lacks; take one above 1023`,
        facts,
      );
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new BookcastError('bad-argument', `"${host}" is not an address of this machine; try 127.0.0.1`, facts);
    default:
      return cause;
  }
}

function describe(error: FastifyError, request: FastifyRequest): { status: number; body: ErrorBody } {
  if (error instanceof BookcastError) {
    return { status: error.status, body: errorBody(error.code, error.message, error.retry) };
  }
  if (error.validation !== undefined) {
    return { status: 400, body: errorBody('bad-argument', validationText(error, request), 'never') };
  }
  const status = error.statusCode ?? 500;
  if (status >= 400 && status < 500) return { status, body: errorBody('bad-argument', error.message, 'never') };
  // What went wrong inside is for the log alone.
  return { status: 500, body: errorBody('internal', 'the server failed on this request; its log says why', 'later') };
}

/** `depth must be <= 50, not "51"`, from the first complaint of the validator. */
function validationText(error: FastifyError, request: FastifyRequest): string {
  const [first] = error.validation ?? [];
  if (first.keyword === 'additionalProperties')
    return `unknown parameter "${first.params.additionalProperty}"; see /docs`;
  const name = first.instancePath.split('/')[1] ?? '';
  const given = { ...(request.params as object), ...(request.query as object) } as Record<string, unknown>;
  return `${name} ${first.message}, not ${JSON.stringify(given[name])}; see /docs`;
}

const errorBody = (code: string, message: string, retry: string): ErrorBody => ({ error: { code, message, retry } });
