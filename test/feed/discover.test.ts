import { describe, expect, it } from 'vitest';
import { type BookcastError, Random } from '../../src/core/index.ts';
import { discover, resolveEndpoints, type VenueProtocol } from '../../src/feed/index.ts';
import { type FakeRequest, FakeTransport, fakeProtocol } from './fake-venue.ts';
import { VirtualTime } from './virtual-world.ts';

const LISTED = ['BTC/USD', 'ETH/USD', 'ETH/EUR', 'XRP/USD', 'BTCUSD/A'];

/** Discovers, with every request answered so; returns the names, or the error. */
async function found(
  names: string[],
  answer: (request: FakeRequest) => void = (request) => request.answer(200, LISTED),
  change: (protocol: VenueProtocol) => VenueProtocol = (protocol) => protocol,
): Promise<string[] | BookcastError> {
  const time = new VirtualTime();
  const transport = new FakeTransport(time);
  transport.onRequest = (request) => void time.after(1, () => answer(request));
  const world = { clock: time, timers: time, transport, random: new Random(1) };
  const promise = discover(change(fakeProtocol({ by: 'request' })), names, world);
  const outcome = promise.then(
    (feeds) => feeds.map(({ instrument }) => instrument.name),
    (error: BookcastError) => error,
  );
  time.runFor(60_000);
  expect(time.pending).toBe(0);
  return outcome;
}

describe('discovery', () => {
  it('finds by our names and by the venue’s symbols, whatever their case, each once, in the order asked for', async () => {
    expect(await found(['eth/eur', 'BTC/USD', 'Eth/Eur'])).toEqual(['ETH/EUR', 'BTC/USD']);
    expect(await found([' xrp '])).toEqual(['XRP/USD']);
    expect(await found(['btcusd'])).toEqual(['BTCUSD/A']);
  });

  it('says which there are where one is not there, nearest first', async () => {
    const error = (await found(['BTC-USD'])) as BookcastError;
    expect(error.code).toBe('not-found');
    expect(error.message).toMatch(/^fake has no instrument "BTC-USD" that trades; there is BTC\/USD, BTCUSD\/A/);
    expect(((await found(['ETHUSDT'])) as BookcastError).message).toMatch(/there is ETH\/USD/);
    expect(((await found(['ETH/'])) as BookcastError).message).toMatch(/there is ETH\/(EUR|USD), ETH\/(EUR|USD)$/);
    expect(((await found(['QQQQQQQQ'])) as BookcastError).message).toMatch(/that trades$/);
  });

  it('asks which one where a symbol has several', async () => {
    const error = (await found(['ETH'])) as BookcastError;
    expect(error.code).toBe('bad-argument');
    expect(error.message).toMatch(/several markets of fake: say which of ETH\/USD, ETH\/EUR/);
  });

  it('says at once that the venue cannot be reached, and what to try', async () => {
    const error = (await found(['BTC/USD'], (request) => request.fail('ENOTFOUND: no such host'))) as BookcastError;
    expect(error.code).toBe('venue-unreachable');
    expect(error.message).toMatch(/^fake: rest\.fake\.example does not answer: ENOTFOUND/);
    for (const hint of ['network', '--base-url', 'proxy', 'npm start']) expect(error.message).toContain(hint);
    expect(error.context).toMatchObject({ venue: 'fake', host: 'rest.fake.example' });
    const silent = (await found(['BTC/USD'], () => {})) as BookcastError;
    expect(silent.message).toMatch(/does not answer: no answer/);
  });

  it.each([
    [451, /answered 451: it does not serve this region/],
    [403, /answered 403: it does not serve this region or network/],
    [503, /answered 503 where 200 was expected/],
    [429, /answered 429: too many requests .* Wait \d+ s/],
  ])('explains an answer of %i', async (status, expected) => {
    const error = (await found(['BTC/USD'], (request) => request.answer(status, {}))) as BookcastError;
    expect(error.code).toBe('venue-unreachable');
    expect(error.message).toMatch(expected);
  });

  it('asks for nothing where nothing is needed, and drops what is under way when one fails', async () => {
    const none = await found([], undefined, (protocol) => ({
      ...protocol,
      discovery: () => [],
      instruments: () => [],
    }));
    expect(none).toEqual([]);
    const asked: FakeRequest[] = [];
    const error = await found(
      ['BTC/USD'],
      (request) => {
        asked.push(request);
        if (asked.length === 1) request.fail('down');
      },
      (protocol) => ({
        ...protocol,
        discovery: () => ['a', 'b', 'c'].map((part) => ({ url: `https://${part}.example/`, scope: part, weight: 1 })),
      }),
    );
    expect((error as BookcastError).message).toMatch(/a\.example does not answer/);
    expect(asked.map(({ cancelled }) => cancelled)).toEqual([true, true, true]);
  });
});

describe('endpoints', () => {
  const DEFAULTS = { rest: 'https://api.example', 'usdm.stream': 'wss://stream.example' };

  it('are the venue’s own but for those replaced', () => {
    expect(resolveEndpoints(DEFAULTS, {})).toEqual(DEFAULTS);
    expect(resolveEndpoints(DEFAULTS, { rest: 'http://127.0.0.1:8080/x//' })).toEqual({
      rest: 'http://127.0.0.1:8080/x',
      'usdm.stream': 'wss://stream.example',
    });
  });

  it('are refused where there is no such part, or no address', () => {
    expect(() => resolveEndpoints(DEFAULTS, { stream: 'wss://x' })).toThrow(/no part "stream".*rest, usdm\.stream/);
    for (const address of ['', 'localhost:80', 'ftp://x', 'https://']) {
      expect(() => resolveEndpoints(DEFAULTS, { rest: address })).toThrow(
        /is no address for rest; expected one such as/,
      );
    }
  });
});
