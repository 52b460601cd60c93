import { gzipSync } from 'node:zlib';
import { Value } from 'typebox/value';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ExplanationSchema, ForecastMessageSchema, MonitorSchema } from '../../src/api/contract.ts';
import type {
  Explanation,
  ForecastMessage,
  InstrumentList,
  MonitorReport,
  StreamMessage,
} from '../../src/api/index.ts';
import { main } from '../../src/cli/main.ts';
import type { ReplayReport } from '../../src/cli/replay.ts';
import { Forecaster, type ForecasterHooks, withStack } from '../../src/forecast/index.ts';
import { parseTarget } from '../../src/models/index.ts';
import { openBinance } from '../../src/venues/binance/index.ts';
import { startDouble } from '../doubles/server.ts';
import { usdmSession } from '../support/session.ts';
import { cli, type TestIo, tempFile, testIo, waitFor } from './support.ts';

interface Served {
  api: string;
  page: string | null;
  io: TestIo;
  stop(): Promise<number>;
}

async function serve(argv: string[]): Promise<Served> {
  const io = testIo();
  const ended = main([...argv, '--api-port', '0'], io);
  const api = (await Promise.race([waitFor(io, /API +(http:\S+)/), ended.then(() => failed(io))]))[1];
  return {
    api,
    page: /page +(http:\S+)/.exec(io.written.err)?.[1] ?? null,
    io,
    stop: () => {
      io.stopNow();
      return ended;
    },
  };
}

function failed(io: TestIo): never {
  throw new Error(`the command ended early:\n${io.written.err}`);
}

async function json<T>(url: string): Promise<T> {
  const response = await fetch(url);
  expect(response.status, url).toBe(200);
  return (await response.json()) as T;
}

/** Everything that a stream sends, until it has sent what `until` waits for. */
async function listen(api: string, until: (message: StreamMessage) => boolean): Promise<StreamMessage[]> {
  const socket = new WebSocket(`${api.replace('http', 'ws')}/v1/stream`);
  const messages: StreamMessage[] = [];
  await new Promise<void>((resolve, reject) => {
    socket.onmessage = ({ data }) => {
      messages.push(JSON.parse(data as string));
      if (until(messages.at(-1)!)) resolve();
    };
    socket.onclose = ({ code, reason }) => reject(new Error(`stream closed: ${code} ${reason}`));
  });
  socket.onclose = null;
  socket.close();
  return messages;
}

describe('demo', () => {
  it('serves a simulated market: page, API, documents and a stream of forecasts', async () => {
    const { api, page, io, stop } = await serve(['demo', '--port', '0', '--seed', '3', '--speed', '50']);
    expect(io.written.err).toContain('simulated data');
    const messages = await listen(api, (message) => message.type === 'forecast' && message.index === 200);
    expect(messages[0].type).toBe('hello');
    const forecasts = messages.filter(
      (message) => message.type === 'forecast' && message.status === 'ready',
    ) as ForecastMessage[];
    expect(forecasts.length).toBeGreaterThan(100);
    for (const { probabilities, origin } of forecasts) {
      expect(probabilities!.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 12);
      expect(origin).toBe('simulated');
    }
    const [status] = (await json<InstrumentList>(`${api}/v1/instruments`)).instruments;
    expect(status).toMatchObject({ key: 'sim:REALISTIC-3', origin: 'simulated', state: 'synced', finished: false });
    const key = encodeURIComponent(status.key);
    expect(await json(`${api}/v1/instruments/${key}/book?depth=5`)).toMatchObject({
      type: 'book',
      bids: { length: 5 },
    });
    expect(await json(`${api}/v1/instruments/${key}/scores`)).toMatchObject({ type: 'scores' });
    expect(await json(`${page}/config.json`)).toEqual({ api: '' });
    expect(await (await fetch(page!)).text()).toContain('bookcast');
    expect((await fetch(`${page}/v1/health`)).status).toBe(200);
    expect((await fetch(`${api}/docs/`)).status).toBe(200);
    expect(await stop()).toBe(0);
    await expect(fetch(`${api}/v1/health`)).rejects.toThrow();
  });
});

describe('api --replay', () => {
  const path = (): string => tempFile('session.gz', gzipSync(usdmSession({ updates: 1200 })));

  it.each(['60', 'max'])('streams at speed %s, bit for bit, what a replay computes', async (speed) => {
    const file = path();
    const replayed = JSON.parse((await cli(['replay', file, '--json'])).out) as ReplayReport;
    const { api, stop, io } = await serve(['api', '--replay', file, '--speed', speed]);
    await waitFor(io, /ended/);
    const [status] = (await json<InstrumentList>(`${api}/v1/instruments`)).instruments;
    expect(status).toMatchObject({ origin: 'recorded', finished: true, decisions: replayed.rows });
    expect(io.written.err).toContain(replayed.hash.forecasts);
    expect(await stop()).toBe(0);
  });

  it('sends every forecast to a listener, with the floats of the library', async () => {
    const file = path();
    const expected: number[][] = [];
    const source = await openBinance({ paths: [file] });
    const target = parseTarget('events:10');
    const hooks: ForecasterHooks = {
      onForecast: ({ abstained, probabilities }) => {
        if (abstained === null) expected.push([...probabilities.at(-1)!]);
      },
    };
    const stack = withStack(source.instrument, target);
    const forecaster = new Forecaster(source.instrument, target, hooks, stack);
    for await (const batch of source.batches()) forecaster.apply(batch);
    const { api, stop } = await serve(['api', '--replay', file, '--speed', '25']);
    const messages = await listen(api, (message) => message.type === 'end');
    const forecasts = messages.filter(
      (message) => message.type === 'forecast' && message.status === 'ready',
    ) as ForecastMessage[];
    const first = forecasts[0].index;
    expect(forecasts.length).toBeGreaterThan(200);
    expect(forecasts.map((forecast) => forecast.index)).toEqual(forecasts.map((_, i) => first + i));
    expect(forecasts.map((forecast) => forecast.probabilities)).toEqual(expected.slice(first));
    expect(messages.at(-1)).toMatchObject({ type: 'end', hash: forecaster.hash() });
    await stop();
  });

  it('tells what is behind its forecasts: weights, sets, how they fared, and why the last one is what it is', async () => {
    const file = path();
    const replayed = JSON.parse((await cli(['replay', file, '--json'])).out) as ReplayReport;
    const { api, stop, io } = await serve(['api', '--replay', file, '--speed', 'max']);
    await waitFor(io, /ended/);
    const [status] = (await json<InstrumentList>(`${api}/v1/instruments`)).instruments;
    expect(status.target).toMatchObject({
      text: 'events:10',
      anchor: 'the mid',
      threshold: 'any move',
      latency: 'none',
    });
    expect(status.models[0]).toBe('ensemble-calibrated');
    const keyed = `${api}/v1/instruments/${encodeURIComponent(status.key)}`;
    const [forecast, monitor, explanation] = await Promise.all([
      json<ForecastMessage>(`${keyed}/forecast`),
      json<MonitorReport>(`${keyed}/monitor`),
      json<Explanation>(`${keyed}/explanation`),
    ]);
    for (const [schema, body] of [
      [ForecastMessageSchema, forecast],
      [MonitorSchema, monitor],
      [ExplanationSchema, explanation],
    ] as const)
      expect([...Value.Errors(schema, body)]).toEqual([]);
    expect(forecast).toMatchObject({ calibrated: true, asleep: {}, set: { coverage: 0.9 } });
    expect(forecast.weights).toEqual(replayed.weights);
    expect(Object.keys(forecast.weights!)).toEqual([
      'imbalance-logistic',
      'regime-softmax',
      'dma-softmax',
      'bayes-softmax',
      'equal pool',
    ]);
    // All that a replay measures, and the latency of the stages, which only a running service has.
    expect({ ...monitor, latency: null }).toMatchObject({ ...replayed.monitor, latency: null });
    expect(monitor.latency.forecast.count).toBe(replayed.rows);
    expect(monitor.scores.at(-1)!.coverage).toBe(replayed.sets!.held);
    const { names, indices, values } = monitor.weights!;
    expect(names).toEqual(Object.keys(forecast.weights!));
    expect(indices.length).toBeLessThanOrEqual(120);
    for (const i of indices.keys()) expect(values.reduce((sum, column) => sum + column[i], 0)).toBeCloseTo(1, 9);
    expect(explanation).toMatchObject({ index: forecast.index, classes: ['down', 'flat', 'up'] });
    expect(explanation.members.map(({ model }) => model).sort()).toEqual(['bayes-softmax', 'imbalance-logistic']);
    await stop();
  });

  it('says at once that a file is wrong, without a server left behind', async () => {
    const { status, err } = await cli(['api', '--replay', '/no/such.gz', '--api-port', '0']);
    expect(status).toBe(1);
    expect(err).toBe('bookcast: /no/such.gz: no such file or folder\n');
  });
});

describe('dashboard', () => {
  it('serves the page for an API elsewhere', async () => {
    const io = testIo();
    const ended = main(['dashboard', '--api', 'http://127.0.0.1:9', '--port', '0'], io);
    const [, page] = await waitFor(io, /page +(http:[^\s,]+)/);
    expect(await json(`${page}/config.json`)).toEqual({ api: 'http://127.0.0.1:9' });
    io.stopNow();
    expect(await ended).toBe(0);
  });
});

describe('demo on a live market', () => {
  it('serves the live page of a venue: forecasts, health, and an end when it is asked to', async () => {
    const double = await startDouble({ venue: 'coinbase', seed: 8, meanMs: 15 });
    onTestFinished(() => double.close());
    const flags = ['--venue', 'coinbase', '--instrument', 'BTC-USD', '--base-url', double.url];
    const { api, io, stop } = await serve(['demo', ...flags, '--port', '0']);
    expect(io.written.err).toContain('live data');
    let decided = 0;
    const messages = await listen(api, (message) => {
      if (message.type === 'forecast') decided = message.index;
      return message.type === 'health' && message.state === 'synced' && decided >= 20;
    });
    // More may have arrived before the socket was closed.
    expect(messages.findLast(({ type }) => type === 'health')).toMatchObject({
      instrument: 'coinbase:BTC-USD',
      state: 'synced',
      feed: { proof: 'sequence' },
    });
    const [status] = (await json<InstrumentList>(`${api}/v1/instruments`)).instruments;
    expect(status).toMatchObject({ origin: 'live', state: 'synced', feed: { resyncs: 0 } });
    // The forecast of a burst is made when it is over, not when the next one begins.
    expect(messages.filter(({ type }) => type === 'forecast').length).toBeGreaterThan(10);
    expect(await stop()).toBe(0);
  });

  it('says at once that a venue cannot be reached, and what to try', async () => {
    const flags = ['--venue', 'kraken', '--instrument', 'BTC/USD', '--base-url', 'http://127.0.0.1:1', '--port', '0'];
    const { status, err } = await cli(['demo', ...flags, '--api-port', '0']);
    expect(status).toBe(1);
    expect(err).toMatch(/127\.0\.0\.1:1 does not answer.*"npm start", which needs no network/);
  });

  it('takes one instrument, and no recording beside it', async () => {
    const flags = ['--venue', 'kraken', '--instrument', 'BTC/USD'];
    expect((await cli(['demo', ...flags, '--replay', 'x'])).err).toContain('--venue is live and --replay is not');
    const several = await cli(['demo', '--venue', 'kraken', '--instrument', 'BTC/USD,ETH/USD', '--port', '0']);
    expect(several.err).toContain('the page follows one instrument, not 2');
  });
});
