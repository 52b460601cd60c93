import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import websocket from '@fastify/websocket';
import type { FastifyInstance } from 'fastify';
import { type TSchema, Type } from 'typebox';
import { BookcastError } from '../core/index.ts';
import {
  BookMessageSchema,
  ErrorSchema,
  ExplanationSchema,
  ForecastMessageSchema,
  type Health,
  HealthSchema,
  InstrumentListSchema,
  InstrumentStatusSchema,
  MonitorSchema,
  ScoresMessageSchema,
  StreamMessageSchema,
} from './contract.ts';
import { addCors, mayRead } from './origins.ts';
import { type ApiService, findInstrument } from './service.ts';

/** The bodies that the OpenAPI document names. */
const SCHEMAS: Record<string, TSchema> = {
  Health: HealthSchema,
  InstrumentList: InstrumentListSchema,
  InstrumentStatus: InstrumentStatusSchema,
  Forecast: ForecastMessageSchema,
  Book: BookMessageSchema,
  Scores: ScoresMessageSchema,
  Monitor: MonitorSchema,
  Explanation: ExplanationSchema,
  StreamMessage: StreamMessageSchema,
  Error: ErrorSchema,
};

const KeyParams = Type.Object({
  key: Type.String({ description: 'venue:NAME, URL-encoded', examples: ['sim:DEMO'] }),
});
const BookQuery = Type.Object(
  { depth: Type.Integer({ minimum: 1, maximum: 50, default: 10, description: 'levels a side' }) },
  { additionalProperties: false },
);
const StreamQuery = Type.Object(
  { instrument: Type.Optional(Type.String({ description: 'venue:NAME; absent for the first instrument' })) },
  { additionalProperties: false },
);

type Keyed = { Params: { key: string } };

/** Everything a page loads comes from the server that served it. Swagger UI sets style attributes. */
const DOCS_CSP =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'self'; frame-ancestors 'self'";

const body = (name: string, description: string) => ({ description, $ref: `${name}#` });
const refused = (...statuses: number[]) =>
  Object.fromEntries(statuses.map((status) => [status, body('Error', REFUSALS[status])]));
const REFUSALS: Record<number, string> = {
  400: 'A parameter is not as it must be',
  403: 'A page of this origin may not read the API',
  404: 'No such instrument',
  426: 'Not a WebSocket request',
  503: 'Not ready yet, or all streams are taken: try again later',
};

/** Puts the whole API on `app`: `/v1`, the stream, `/openapi.json` and `/docs`. */
export async function mountApi(app: FastifyInstance, service: ApiService): Promise<void> {
  addCors(app, service.allowedOrigins);
  for (const [$id, schema] of Object.entries(SCHEMAS)) app.addSchema({ $id, ...schema });
  // Clients have nothing to say, so a large message is a mistake before it is read.
  const socketOptions = { maxPayload: 1024, perMessageDeflate: false, closeTimeout: service.limits.closeMs };
  await app.register(websocket, {
    options: socketOptions,
    preClose: (done) => closeStreams(app, done),
    // The socket closes itself on its own errors; this speaks only where a handler threw.
    errorHandler: (_error, socket) => socket.close(1011, 'the stream failed'),
  });
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'bookcast',
        version: service.version,
        description:
          'Order books and forecasts. Prices and sizes are decimal text and integer ticks and lots; absent is null.',
      },
    },
    refResolver: { buildLocalReference: (schema) => String(schema.$id) },
  });
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: DOCS_CSP,
    theme: { title: 'bookcast API' },
    uiConfig: { layout: 'BaseLayout', defaultModelsExpandDepth: 0 },
  });
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
  await app.register(
    async (v1) => {
      v1.addHook('onRequest', async (_request, reply) => {
        reply.header('cache-control', 'no-store');
      });
      addHealthRoutes(v1, service);
      addMarketRoutes(v1, service);
      addStreamRoute(v1, service);
    },
    { prefix: '/v1' },
  );
}

function addHealthRoutes(app: FastifyInstance, service: ApiService): void {
  app.get('/health', {
    schema: {
      summary: 'Whether the books can be trusted',
      description: 'Always 200 while the server answers, so it also serves as a liveness probe.',
      response: { 200: body('Health', 'Health') },
    },
    handler: async () => healthOf(service),
  });
  app.get('/health/ready', {
    schema: {
      summary: 'Readiness probe: 200 while at least one book can be trusted, else 503',
      description:
        'One lost book among many is no reason to take a server out of service: its forecasts abstain by themselves.',
      response: { 200: body('Health', 'At least one book can be trusted'), ...refused(503) },
    },
    handler: async () => {
      const health = healthOf(service);
      if (health.untrusted.length < health.instruments) return health;
      const { key, state } = findInstrument(service.port);
      const others = health.instruments === 1 ? '' : `, nor is any of ${health.instruments - 1} more`;
      throw new BookcastError('not-ready', `${key} is not synced but ${state}${others}; try again shortly`);
    },
  });
}

function healthOf(service: ApiService): Health {
  const instruments = service.port.instruments();
  const untrusted = instruments.filter(({ state, finished }) => state !== 'synced' && !finished);
  return {
    status: untrusted.length === 0 ? 'ok' : 'degraded',
    untrusted: untrusted.map(({ key }) => key),
    version: service.version,
    uptimeSeconds: service.uptimeSeconds(),
    instruments: instruments.length,
    connections: service.hub.size,
  };
}

function addMarketRoutes(app: FastifyInstance, service: ApiService): void {
  const { port } = service;
  app.get('/instruments', {
    schema: { summary: 'Every instrument', response: { 200: body('InstrumentList', 'All instruments') } },
    handler: async () => ({ instruments: port.instruments() }),
  });
  app.get<Keyed>('/instruments/:key', {
    schema: {
      summary: 'One instrument: its state, faults, models and features',
      params: KeyParams,
      response: { 200: body('InstrumentStatus', 'The instrument'), ...refused(404, 503) },
    },
    handler: async (request) => findInstrument(port, request.params.key),
  });
  app.get<Keyed>('/instruments/:key/forecast', {
    schema: {
      summary: 'The latest forecast',
      params: KeyParams,
      response: { 200: body('Forecast', 'The latest forecast'), ...refused(404, 503) },
    },
    handler: async ({ params: { key } }) => port.forecast(key) ?? nothingYet(service, key, 'forecast'),
  });
  app.get<Keyed & { Querystring: { depth: number } }>('/instruments/:key/book', {
    schema: {
      summary: 'The order book',
      params: KeyParams,
      querystring: BookQuery,
      response: { 200: body('Book', 'The book, best levels first'), ...refused(400, 404, 503) },
    },
    handler: async ({ params: { key }, query }) => port.book(key, query.depth) ?? nothingYet(service, key, 'book'),
  });
  app.get<Keyed>('/instruments/:key/scores', {
    schema: {
      summary: 'Running scores of every model',
      params: KeyParams,
      response: { 200: body('Scores', 'Running scores'), ...refused(404, 503) },
    },
    handler: async ({ params: { key } }) => port.scores(key) ?? nothingYet(service, key, 'scores'),
  });
  app.get<Keyed>('/instruments/:key/monitor', {
    schema: {
      summary: 'How the served forecasts fare: scores, coverage, calibration, drift, latency, weights over time',
      params: KeyParams,
      response: { 200: body('Monitor', 'What the monitor has seen'), ...refused(404, 503) },
    },
    handler: async ({ params: { key } }) => port.monitor(key) ?? nothingYet(service, key, 'monitor'),
  });
  app.get<Keyed>('/instruments/:key/explanation', {
    schema: {
      summary: 'Why the latest forecast is what it is',
      description:
        'Of the models that can tell, what each signal adds to the logit of each class. Computed when asked for.',
      params: KeyParams,
      response: { 200: body('Explanation', 'The latest forecast, explained'), ...refused(404, 503) },
    },
    handler: async ({ params: { key } }) => port.explanation(key) ?? nothingYet(service, key, 'explanation'),
  });
}

function addStreamRoute(app: FastifyInstance, service: ApiService): void {
  const { hub, port } = service;
  app.route<{ Querystring: { instrument?: string } }>({
    method: 'GET',
    url: '/stream',
    schema: {
      summary: 'The live stream (WebSocket)',
      description:
        'Each text frame is one StreamMessage: hello first, then every forecast in order, books and scores at display rate, the health of a live feed about once a second, and end. The client sends nothing.',
      querystring: StreamQuery,
      response: { 101: body('StreamMessage', 'One text frame of the stream'), ...refused(400, 403, 404, 426, 503) },
    },
    // All refusals come before the upgrade, as ordinary answers. A browser does not apply CORS to WebSockets: the server must.
    preHandler: async (request) => {
      if (!mayRead(request, service.allowedOrigins)) {
        throw new BookcastError('forbidden', `pages of ${request.headers.origin} may not read this server`);
      }
      findInstrument(port, request.query.instrument);
      hub.checkRoom();
    },
    handler: async () => {
      throw new BookcastError(
        'upgrade-required',
        'this address is a WebSocket stream: connect with ws://, not http://',
      );
    },
    wsHandler: (socket, request) => {
      hub.add(socket, findInstrument(port, (request.query as { instrument?: string }).instrument));
    },
  });
}

/** Throws `not-found` for an unknown instrument, else `not-ready`. */
function nothingYet(service: ApiService, key: string, what: string): never {
  const { state } = findInstrument(service.port, key);
  throw new BookcastError('not-ready', `${key} has no ${what} yet; its book is ${state}; try again shortly`, { key });
}

/** Tells this server's clients why, and waits for them; one that does not answer is cut off by `closeTimeout`. */
function closeStreams(app: FastifyInstance, done: () => void): void {
  const server = app.websocketServer;
  for (const socket of server.clients) socket.close(1001, 'the server is stopping');
  server.close(done);
}
