import { type Address, createApp, listenOn } from './app.ts';
import { mountApi } from './routes.ts';
import { type ApiService, createService, type ServiceOptions } from './service.ts';

export interface ApiServer {
  /** Resolves once connections are taken. Throws `port-in-use`. Port 0 takes any free one. */
  listen(host: string, port: number): Promise<Address>;
  /**
   * Resolves once no client has much waiting, having closed any that does not read. A source that runs faster than real
   * time awaits this every few hundred messages; see `StreamLimits`.
   */
  drained(): Promise<void>;
  /** Says goodbye to every stream, finishes open requests and frees the port. May be called at any time, and again. */
  close(): Promise<void>;
  /** What a dashboard server in the same process mounts. */
  readonly service: ApiService;
}

/** The API: HTTP under `/v1`, the stream at `/v1/stream`, the OpenAPI document at `/openapi.json` and pages at `/docs`. */
export async function createApiServer(options: ServiceOptions): Promise<ApiServer> {
  const service = createService(options);
  const app = createApp(service.log);
  await mountApi(app, service);
  app.get('/', { schema: { hide: true } }, async (_request, reply) => reply.redirect('/docs/'));
  await app.ready();
  return {
    service,
    listen: (host, port) => listenOn(app, host, port, options.portFlag),
    drained: () => service.hub.drained(),
    close: async () => {
      service.hub.close();
      await app.close();
    },
  };
}
