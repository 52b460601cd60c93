import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Address, createDashboardServer, type DashboardOptions } from '../../src/api/index.ts';
import { forecast, KEY } from './fake-market.ts';
import { alsoStop, Reader, start, stopAll, until } from './support.ts';

let webRoot = '';

beforeAll(async () => {
  webRoot = await mkdtemp(join(tmpdir(), 'bookcast-web-'));
  await mkdir(join(webRoot, 'assets'));
  await writeFile(join(webRoot, 'index.html'), '<!doctype html><title>page</title>');
  await writeFile(join(webRoot, 'assets', 'main-abc123.js'), 'export {};');
  await writeFile(join(webRoot, '.secret'), 'hidden');
});

afterAll(() => rm(webRoot, { recursive: true }));
afterEach(stopAll);

async function serve(
  options: Omit<DashboardOptions, 'webRoot'>,
): Promise<{ address: Address; close(): Promise<void> }> {
  const dashboard = await createDashboardServer({ webRoot, ...options });
  alsoStop(dashboard);
  return { address: await dashboard.listen('127.0.0.1', 0), close: () => dashboard.close() };
}

describe('the dashboard server', () => {
  it('serves the page: the document fresh, its named assets for ever, nothing hidden', async () => {
    const { address } = await serve({ api: 'http://127.0.0.1:8000' });
    const page = await fetch(address.url);
    expect(await page.text()).toContain('<title>page</title>');
    expect(page.headers.get('content-type')).toMatch(/^text\/html/);
    expect(page.headers.get('cache-control')).toBe('no-cache');
    const asset = await fetch(`${address.url}/assets/main-abc123.js`);
    expect(asset.headers.get('content-type')).toMatch(/javascript/);
    expect(asset.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    for (const path of ['/.secret', '/nope.js', '/..%2f..%2fetc/passwd', '/v1/health']) {
      const response = await fetch(address.url + path);
      expect(response.status, path).toBeGreaterThanOrEqual(400);
      expect(await response.json(), path).toHaveProperty('error.message');
    }
  });

  it('points the page to a remote API, which it may speak to and nothing else', async () => {
    const { address } = await serve({ api: 'http://10.0.0.5:8000/' });
    expect(await (await fetch(`${address.url}/config.json`)).json()).toEqual({ api: 'http://10.0.0.5:8000' });
    const policy = (await fetch(address.url)).headers.get('content-security-policy');
    expect(policy).toContain("connect-src 'self' http://10.0.0.5:8000 ws://10.0.0.5:8000;");
    expect(policy).toContain("default-src 'self'");
  });

  it('carries the API of its own process on its own origin', async () => {
    const api = await start();
    const { address } = await serve({ api: api.server });
    expect(await (await fetch(`${address.url}/config.json`)).json()).toEqual({ api: '' });
    const path = `/v1/instruments/${KEY}/forecast`;
    expect(await (await fetch(address.url + path)).json()).toEqual(forecast(0));
    expect((await fetch(`${address.url}/docs/`)).status).toBe(200);
    const policy = (await fetch(address.url)).headers.get('content-security-policy');
    expect(policy).toContain("connect-src 'self';");
    expect((await fetch(`${address.url}/v1/nope`)).status).toBe(404);
  });

  it('shares streams and their limits with the API', async () => {
    const api = await start({ limits: { maxClients: 2 } });
    const dashboard = await serve({ api: api.server });
    const readers = [await Reader.open(api.address.url), await Reader.open(dashboard.address.url)];
    api.market.publish(forecast(1));
    await Promise.all(readers.map((reader) => reader.has(2)));
    expect(api.market.subscriptions()).toBe(1);
    expect((await fetch(`${dashboard.address.url}/v1/stream`)).status).toBe(503);
    await dashboard.close();
    expect(await readers[1].closed).toEqual({ code: 1001, reason: 'the server is stopping' });
    await until(() => api.server.service.hub.size === 1, 'the dashboard’s stream to end');
    api.market.publish(forecast(2));
    await readers[0].has(3);
  });

  it('lets go of the dashboard’s streams when the API stops', async () => {
    const api = await start();
    const dashboard = await serve({ api: api.server });
    const reader = await Reader.open(dashboard.address.url);
    await api.server.close();
    expect((await reader.closed).code).toBe(1001);
    expect((await fetch(`${dashboard.address.url}/v1/stream`)).status).toBe(503);
  });

  it('names the command that builds a missing page', async () => {
    const options = { api: 'http://127.0.0.1:8000', webRoot: join(webRoot, 'none') };
    await expect(createDashboardServer(options)).rejects.toMatchObject({
      code: 'not-found',
      message: `no web page at ${join(webRoot, 'none')}; build it with "npm run build"`,
    });
    await expect(createDashboardServer({ ...options, buildCommand: 'make' })).rejects.toThrow('"make"');
  });

  it.each(['127.0.0.1:8000', 'ftp://host', 'http://host/path', 'http://host/?x', ''])(
    'refuses the API %j',
    async (api) => {
      const said = `the API's address is like http://127.0.0.1:8000, not "${api}"`;
      await expect(createDashboardServer({ api, webRoot })).rejects.toThrow(said);
    },
  );
});
