import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import type { TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { afterEach, describe, expect, it } from 'vitest';
import * as contract from '../../src/api/contract.ts';
import { createApiServer } from '../../src/api/index.ts';
import { BookcastError } from '../../src/core/index.ts';
import { FakeMarket, fakeClock, forecast, health, KEY, SLASH_KEY, status } from './fake-market.ts';
import { alsoStop, type Running, start, stopAll } from './support.ts';

afterEach(stopAll);

const get = (running: Running, path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(running.address.url + path, { redirect: 'manual', ...init });

async function refusal(running: Running, path: string, init?: RequestInit): Promise<[number, string, string, string]> {
  const response = await get(running, path, init);
  const body = await response.json();
  expect(Value.Check(contract.ErrorSchema, body), JSON.stringify(body)).toBe(true);
  const { code, message, retry } = (body as contract.ErrorBody).error;
  return [response.status, code, message, retry];
}

describe('routes', () => {
  const keyed = `/v1/instruments/${encodeURIComponent(KEY)}`;
  const routes: [string, TSchema][] = [
    ['/v1/health', contract.HealthSchema],
    ['/v1/health/ready', contract.HealthSchema],
    ['/v1/instruments', contract.InstrumentListSchema],
    [keyed, contract.InstrumentStatusSchema],
    [`/v1/instruments/${encodeURIComponent(SLASH_KEY)}`, contract.InstrumentStatusSchema],
    [`${keyed}/forecast`, contract.ForecastMessageSchema],
    [`${keyed}/book`, contract.BookMessageSchema],
    [`${keyed}/book?depth=50`, contract.BookMessageSchema],
    [`${keyed}/scores`, contract.ScoresMessageSchema],
    [`${keyed}/monitor`, contract.MonitorSchema],
    [`${keyed}/explanation`, contract.ExplanationSchema],
  ];

  it.each(routes)('%s answers as its schema says', async (path, schema) => {
    const response = await get(await start(), path);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
    expect(response.headers.get('cache-control')).toBe('no-store');
    const body = await response.json();
    expect([...Value.Errors(schema, body)]).toEqual([]);
  });

  it('gives what the port gave, floats bit for bit', async () => {
    const running = await start();
    const floats = [0.1 + 0.2, Number.MIN_VALUE, 1 - Number.EPSILON / 2, 5e-324, 1.7976931348623157e308, 1 / 3];
    running.market.latest = forecast(3, { probabilities: floats, models: { a: floats } });
    expect(await (await get(running, `${keyed}/forecast`)).json()).toEqual(running.market.latest);
  });

  it('gives the depth that was asked for, 10 where none was', async () => {
    const running = await start();
    const levels = async (query: string): Promise<number> =>
      ((await (await get(running, `${keyed}/book${query}`)).json()) as contract.BookMessage).bids.length;
    expect(await levels('')).toBe(10);
    expect(await levels('?depth=1')).toBe(1);
    expect(await levels('?depth=50')).toBe(50);
  });

  it('calls the service degraded while a book cannot be trusted', async () => {
    const running = await start();
    const health = async (): Promise<contract.Health> =>
      (await (await get(running, '/v1/health')).json()) as contract.Health;
    const first = await health();
    expect(first).toMatchObject({ status: 'ok', version: '0.0.1', instruments: 2, connections: 0, untrusted: [] });
    running.market.statuses = [status(KEY, { state: 'gapped' }), status(SLASH_KEY)];
    expect(await health()).toMatchObject({ status: 'degraded', untrusted: [KEY] });
    running.market.statuses = [status(KEY, { state: 'gapped', finished: true })];
    expect((await health()).status).toBe('ok');
  });

  it('is ready while one book of many can be trusted, and not before the first', async () => {
    const running = await start();
    const path = '/v1/health/ready';
    running.market.statuses = [status(KEY, { state: 'gapped' }), status(SLASH_KEY)];
    expect((await get(running, path)).status).toBe(200);
    running.market.statuses = [status(KEY, { state: 'gapped' }), status(SLASH_KEY, { state: 'empty' })];
    const none = `${KEY} is not synced but gapped, nor is any of 1 more; try again shortly`;
    expect(await refusal(running, path)).toEqual([503, 'not-ready', none, 'later']);
    running.market.statuses = [status(KEY, { state: 'buffering' })];
    const one = `${KEY} is not synced but buffering; try again shortly`;
    expect(await refusal(running, path)).toEqual([503, 'not-ready', one, 'later']);
    running.market.statuses = [];
    const loading = 'no instrument is loaded yet; try again shortly';
    expect(await refusal(running, path)).toEqual([503, 'not-ready', loading, 'later']);
  });

  it("gives a live feed's health with the instrument, and null for a market that has none", async () => {
    const running = await start();
    const { feed } = health();
    running.market.statuses = [status(KEY, { origin: 'live', feed }), status(SLASH_KEY)];
    const { instruments } = (await (await get(running, '/v1/instruments')).json()) as contract.InstrumentList;
    expect([...Value.Errors(contract.InstrumentListSchema, { instruments })]).toEqual([]);
    expect(instruments.map((instrument) => instrument.feed)).toEqual([feed, null]);
  });

  it('sends a visitor of the root to the documentation', async () => {
    const response = await get(await start(), '/');
    expect([response.status, response.headers.get('location')]).toEqual([302, '/docs/']);
  });
});

describe('refusals', () => {
  const keyed = `/v1/instruments/${KEY}`;

  it.each([
    ['/nope', 404, 'not-found', 'no such address: GET /nope; see /docs'],
    ['/v1/instruments/sim:X', 404, 'not-found', `no instrument "sim:X"; there is ${KEY}, ${SLASH_KEY}`],
    ['/v1/instruments/sim:X/forecast', 404, 'not-found', `no instrument "sim:X"; there is ${KEY}, ${SLASH_KEY}`],
    [`${keyed}/book?depth=0`, 400, 'bad-argument', 'depth must be >= 1, not 0; see /docs'],
    [`${keyed}/book?depth=51`, 400, 'bad-argument', 'depth must be <= 50, not 51; see /docs'],
    [`${keyed}/book?depth=ten`, 400, 'bad-argument', 'depth must be integer, not "ten"; see /docs'],
    [`${keyed}/book?depth=1&depth=2`, 400, 'bad-argument', 'depth must be integer, not ["1","2"]; see /docs'],
    [`${keyed}/book?dept=5`, 400, 'bad-argument', 'unknown parameter "dept"; see /docs'],
    ['/v1/%zz', 400, 'bad-argument', "'/v1/%zz' is not a valid url component"],
    ['/v1/stream?instrument=sim:X', 404, 'not-found', `no instrument "sim:X"; there is ${KEY}, ${SLASH_KEY}`],
    ['/v1/stream', 426, 'upgrade-required', 'this address is a WebSocket stream: connect with ws://, not http://'],
  ])('%s', async (path, ...expected) => {
    expect(await refusal(await start(), path)).toEqual([...expected, 'never']);
  });

  it('refuses other methods and bodies in the same shape', async () => {
    const running = await start();
    expect((await refusal(running, '/v1/health', { method: 'POST', body: 'x' }))[1]).toBe('not-found');
    expect((await refusal(running, '/v1/health', { method: 'POST', body: 'x'.repeat(5000) }))[0]).toBe(413);
    expect((await refusal(running, `/v1/instruments/${'x'.repeat(300)}`))[0]).toBe(414);
  });

  it('says "not ready" where there is nothing yet', async () => {
    const running = await start();
    running.market.latest = null;
    const said = await refusal(running, `${keyed}/forecast`);
    expect(said).toEqual([
      503,
      'not-ready',
      `${KEY} has no forecast yet; its book is synced; try again shortly`,
      'later',
    ]);
    running.market.statuses = [];
    expect((await refusal(running, '/v1/stream'))[1]).toBe('not-ready');
  });

  it('names ten instruments at most', async () => {
    const running = await start();
    running.market.statuses = Array.from({ length: 12 }, (_, i) => status(`sim:${i}`));
    const [, , message] = await refusal(running, '/v1/instruments/x');
    expect(message).toBe(
      `no instrument "x"; there is ${Array.from({ length: 10 }, (_, i) => `sim:${i}`).join(', ')} and 2 more, see /v1/instruments`,
    );
  });

  it('tells the log, and not the client, what broke inside', async () => {
    const running = await start();
    running.market.failure = new Error('secret /home/user/key');
    const [status, code, message, retry] = await refusal(running, `${keyed}/forecast`);
    expect([status, code, retry]).toEqual([500, 'internal', 'later']);
    expect(message).toBe('the server failed on this request; its log says why');
    expect(running.log.join('\n')).toMatch(/GET .*forecast failed: Error: secret/);
  });

  it('passes on the engine’s own errors', async () => {
    const running = await start();
    running.market.failure = new BookcastError('overloaded', 'try again');
    expect(await refusal(running, `${keyed}/forecast`)).toEqual([503, 'overloaded', 'try again', 'later']);
    expect(running.log).toEqual([]);
  });
});

describe('documentation', () => {
  it('lists every route, with resolvable references, in OpenAPI 3.1', async () => {
    const document = (await (await get(await start(), '/openapi.json')).json()) as {
      openapi: string;
      info: { title: string; version: string };
      paths: Record<string, { get: { summary: string; responses: Record<string, unknown>; parameters?: object[] } }>;
      components: { schemas: Record<string, unknown> };
    };
    expect(document.openapi).toBe('3.1.0');
    expect(document.info).toMatchObject({ title: 'bookcast', version: '0.0.1' });
    expect(Object.keys(document.paths).sort()).toEqual([
      '/v1/health',
      '/v1/health/ready',
      '/v1/instruments',
      '/v1/instruments/{key}',
      '/v1/instruments/{key}/book',
      '/v1/instruments/{key}/explanation',
      '/v1/instruments/{key}/forecast',
      '/v1/instruments/{key}/monitor',
      '/v1/instruments/{key}/scores',
      '/v1/stream',
    ]);
    for (const [path, { get: operation }] of Object.entries(document.paths)) {
      expect(operation.summary, path).toBeTruthy();
      expect(Object.keys(operation.responses)[0], path).toMatch(/^(200|101)$/);
      for (const name of path.match(/(?<={)\w+/g) ?? []) {
        expect(operation.parameters, path).toContainEqual(
          expect.objectContaining({ name, in: 'path', required: true }),
        );
      }
    }
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map((match) => match[1]);
    expect(references.length).toBeGreaterThan(10);
    for (const reference of references) {
      expect(Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`)).toContain(
        reference,
      );
    }
  });

  it('serves its pages from itself alone', async () => {
    const running = await start();
    const page = await get(running, '/docs/');
    const html = await page.text();
    expect(page.headers.get('content-security-policy')).toContain("default-src 'self'");
    expect(page.headers.get('content-security-policy')).not.toMatch(/https?:|upgrade-insecure/);
    const sources = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1]);
    expect(sources.length).toBeGreaterThan(4);
    expect(html).not.toMatch(/https?:\/\//);
    for (const source of sources) {
      const response = await fetch(new URL(source, `${running.address.url}/docs/`));
      expect(response.status, source).toBe(200);
      expect(await response.bytes(), source).not.toHaveLength(0);
      const inlined = source.endsWith('.css') ? await (await fetch(response.url)).text() : '';
      expect(inlined, source).not.toMatch(/(@import|url\()\s*["']?https?:/);
    }
    expect((await get(running, '/docs')).status).toBe(200);
    expect(await (await get(running, '/docs/json')).json()).toEqual(await (await get(running, '/openapi.json')).json());
  });
});

describe('pages of other origins', () => {
  const allowed = async (running: Running, origin: string, init: RequestInit = {}): Promise<string | null> => {
    const response = await get(running, '/v1/health', { ...init, headers: { ...init.headers, origin } });
    expect(response.headers.get('vary')).toBe('Origin');
    return response.headers.get('access-control-allow-origin');
  };

  it('may read only from this machine by default', async () => {
    const running = await start();
    for (const origin of ['http://localhost:8501', 'http://127.0.0.1', 'https://localhost', 'http://[::1]:8501']) {
      expect(await allowed(running, origin)).toBe(origin);
    }
    for (const origin of ['http://evil.example', 'http://localhost.evil.example', 'http://127.0.0.1.evil:80', 'null']) {
      expect(await allowed(running, origin)).toBe(null);
    }
  });

  it('may read where configured', async () => {
    const one = await start({ allowedOrigins: ['https://desk.example'] });
    expect(await allowed(one, 'https://desk.example')).toBe('https://desk.example');
    expect(await allowed(one, 'http://localhost:8501')).toBe(null);
    expect(await allowed(await start({ allowedOrigins: ['*'] }), 'http://any.example')).toBe('http://any.example');
  });

  it('are answered beforehand, for GET alone', async () => {
    const running = await start();
    const ask = { method: 'OPTIONS', headers: { 'access-control-request-method': 'GET' } };
    expect(await allowed(running, 'http://localhost:1', ask)).toBe('http://localhost:1');
    const response = await get(running, '/v1/health', { ...ask, headers: { origin: 'http://localhost:1' } });
    expect([response.status, response.headers.get('access-control-allow-methods')]).toEqual([204, 'GET']);
    expect(
      (await get(running, '/v1/health', { method: 'OPTIONS', headers: { origin: 'http://evil.example' } })).status,
    ).toBe(404);
  });
});

describe('listening', () => {
  it('says that a port is in use, and what to do', async () => {
    const { address } = await start();
    await expect(start({}, address.port)).rejects.toThrow(
      `port ${address.port} is in use on 127.0.0.1; choose another with --port`,
    );
    await expect(start({ portFlag: '--api-port' }, address.port)).rejects.toMatchObject({
      code: 'port-in-use',
      message: `port ${address.port} is in use on 127.0.0.1; choose another with --api-port`,
    });
  });

  it('can try again after a refusal', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    await once(blocker, 'listening');
    const { port } = blocker.address() as AddressInfo;
    const server = await createApiServer({ port: new FakeMarket(), clock: fakeClock(), version: '0.0.1' });
    alsoStop(server);
    await expect(server.listen('127.0.0.1', port)).rejects.toMatchObject({ code: 'port-in-use' });
    blocker.close();
    await once(blocker, 'close');
    expect((await server.listen('127.0.0.1', port)).url).toBe(`http://127.0.0.1:${port}`);
  });

  it.each([-1, 65_536, 1.5, Number.NaN])('refuses port %s', async (port) => {
    await expect(start({}, port)).rejects.toThrow(`a port is an integer from 0 to 65535, not ${port}`);
  });

  it('names an address that a browser can open', async () => {
    const server = await createApiServer({ port: new FakeMarket(), clock: fakeClock(), version: '0.0.1' });
    alsoStop(server);
    const { host, port, url } = await server.listen('0.0.0.0', 0);
    expect([host, url]).toEqual(['0.0.0.0', `http://localhost:${port}`]);
    expect((await fetch(`${url}/v1/health`)).status).toBe(200);
  });

  it('refuses an address of another machine', async () => {
    const server = await createApiServer({ port: new FakeMarket(), clock: fakeClock(), version: '0.0.1' });
    alsoStop(server);
    const said = '"203.0.113.7" is not an address of this machine; try 127.0.0.1';
    await expect(server.listen('203.0.113.7', 0)).rejects.toThrow(said);
  });
});
