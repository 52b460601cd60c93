import { readFileSync } from 'node:fs';
import { zstdDecompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { BookcastError, Random } from '../../../src/core/index.ts';
import { discover, type FeedInstrument, type HttpAnswer, type Transport } from '../../../src/feed/index.ts';
import { binanceProtocol } from '../../../src/venues/binance/index.ts';
import { VirtualTime } from '../../feed/virtual-world.ts';
import { dataPath, needs } from '../../support/data.ts';
import { feedInstrument } from './frames.ts';

const protocol = binanceProtocol();
const answer = (url: string, data: unknown, status = 200): HttpAnswer => ({
  url,
  status,
  headers: {},
  body: Buffer.from(typeof data === 'string' ? data : JSON.stringify(data)),
});
const spotUrl = 'https://api.binance.com/api/v3/exchangeInfo';

/** A symbol as exchangeInfo lists it, with the keys that are read. */
const listing = (symbol: string, tickSize: string, stepSize: string, more: object): object => ({
  symbol,
  status: 'TRADING',
  filters: [
    { filterType: 'PRICE_FILTER', minPrice: tickSize, maxPrice: '1000000', tickSize },
    { filterType: 'LOT_SIZE', minQty: stepSize, maxQty: '9000', stepSize },
  ],
  ...more,
});
const SPOT = listing('BTCUSDT', '0.01000000', '0.00001000', { baseAssetPrecision: 8 });
const spot = (...symbols: object[]): HttpAnswer => answer(spotUrl, { timezone: 'UTC', symbols });
const summary = ({ symbol, instrument }: FeedInstrument): unknown[] => [
  symbol,
  instrument.name,
  instrument.tickSize,
  instrument.lotSize,
  instrument.sequencing,
];

describe('what is asked for', () => {
  it('the list of each market that the names are of, and a snapshot of each name', () => {
    const urls = (...names: string[]): string[] => protocol.discovery(names).map(({ url }) => url);
    expect(urls('btcusdt', 'ETHUSDT/SPOT', 'BTCUSDT')).toEqual([
      'https://api.binance.com/api/v3/exchangeInfo?showPermissionSets=false',
      'https://api.binance.com/api/v3/depth?symbol=BTCUSDT&limit=5000',
      'https://api.binance.com/api/v3/depth?symbol=ETHUSDT&limit=5000',
    ]);
    expect(urls('BTCUSDT/USDM', 'BTCUSD_PERP/COINM')).toEqual([
      'https://fapi.binance.com/fapi/v1/exchangeInfo',
      'https://fapi.binance.com/fapi/v1/depth?symbol=BTCUSDT&limit=1000',
      'https://dapi.binance.com/dapi/v1/exchangeInfo',
      'https://dapi.binance.com/dapi/v1/depth?symbol=BTCUSD_PERP&limit=1000',
    ]);
    expect(protocol.discovery(['BTCUSDT', 'BTCUSDT/USDM'])).toMatchObject([
      { scope: 'binance:spot', weight: 20 },
      { scope: 'binance:spot', weight: 250 },
      { scope: 'binance:usdm', weight: 1 },
      { scope: 'binance:usdm', weight: 20 },
    ]);
  });

  it('where no name is given, the lists of all markets', () => {
    expect(protocol.discovery([]).map(({ url }) => new URL(url).pathname)).toEqual([
      '/api/v3/exchangeInfo',
      '/fapi/v1/exchangeInfo',
      '/dapi/v1/exchangeInfo',
    ]);
  });

  it('a name that there is not may be refused without harm: the list tells names like it', async () => {
    const time = new VirtualTime();
    const transport: Transport = {
      connect: () => ({ send: () => {}, ping: () => {}, close: () => {} }),
      request: ({ url }, _timeoutMs, done) => {
        const listed = url.includes('/exchangeInfo');
        const body = listed ? { symbols: [SPOT] } : { code: -1121, msg: 'Invalid symbol.' };
        return time.after(5, () => done(answer(url, body, listed ? 200 : 400)));
      },
    };
    const world = { clock: time, timers: time, transport, random: new Random(1) };
    const unknown = expect(discover(protocol, ['BTCUSD'], world)).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringMatching(/BTCUSDT\/SPOT/),
    });
    time.runFor(5000);
    await unknown;
    const known = discover(protocol, ['btcusdt'], world);
    time.runFor(5000);
    expect((await known).map(({ instrument }) => instrument.name)).toEqual(['BTCUSDT/SPOT']);
  });

  it('within half of a minute of the limits, and so the first books within the other half', () => {
    for (const [market, limit] of [
      ['SPOT', 6000],
      ['USDM', 2400],
    ] as const) {
      for (const n of [1, 12, 13, 60, 61, 100, 200]) {
        const names = Array.from({ length: n }, (_, i) => `A${i}/${market}`);
        const weight = protocol.discovery(names).reduce((sum, request) => sum + request.weight, 0);
        expect(weight).toBeLessThanOrEqual(limit / 2 + 20);
      }
    }
  });

  it.each(['BTC/USDT', 'BTCUSDT/', '/SPOT', 'BTCUSDT/SPOT/X', ''])('"%s" is no name', (name) => {
    expect(() => protocol.discovery([name])).toThrow(/names no instrument of Binance.*BTCUSDT\/USDM/);
  });
});

describe('instruments', () => {
  it('have the ticks of the price filter, and on spot the lots that sizes are written in', () => {
    const found = protocol.instruments([
      spot(SPOT, { ...SPOT, symbol: 'OLDUSDT', status: 'BREAK' }),
      answer('https://fapi.binance.com/fapi/v1/exchangeInfo', {
        symbols: [listing('BTCUSDT', '0.10', '0.001', { quantityPrecision: 3, baseAssetPrecision: 8 })],
      }),
      answer('https://dapi.binance.com/dapi/v1/exchangeInfo', {
        symbols: [
          {
            ...listing('BTCUSD_PERP', '0.1', '1', { quantityPrecision: 0 }),
            status: undefined,
            contractStatus: 'TRADING',
          },
        ],
      }),
    ]);
    expect(found.map(summary)).toEqual([
      ['BTCUSDT', 'BTCUSDT/SPOT', '0.01', '0.00000001', 'spanning'],
      ['BTCUSDT', 'BTCUSDT/USDM', '0.1', '0.001', 'linked'],
      ['BTCUSD_PERP', 'BTCUSD_PERP/COINM', '0.1', '1', 'linked'],
    ]);
    expect(found.every(({ book, proof }) => book === 'levels' && proof === 'sequence')).toBe(true);
  });

  it('have finer ticks where the book has older orders at finer prices', () => {
    const depth = (symbol: string, bids: string[][], status = 200): HttpAnswer =>
      answer(
        `https://api.binance.com/api/v3/depth?symbol=${symbol}&limit=5000`,
        { lastUpdateId: 1, bids, asks: [] },
        status,
      );
    const nkn = listing('NKNUSDT', '0.00010000', '1.00000000', { baseAssetPrecision: 8 });
    const find = (...more: HttpAnswer[]) =>
      protocol.instruments([spot(nkn, SPOT), ...more]).map((one) => one.instrument.tickSize);
    expect(find()).toEqual(['0.0001', '0.01']);
    expect(find(depth('NKNUSDT', [['0.25970000', '5.00000000']]))).toEqual(['0.0001', '0.01']);
    expect(find(depth('NKNUSDT', [['0.25974000', '5.00000000']]))).toEqual(['0.00001', '0.01']);
    // Prices would be more ticks than a column holds: the level stays a fault.
    expect(find(depth('BTCUSDT', [['61800.12345678', '5']]))).toEqual(['0.0001', '0.01']);
    // A symbol that there is not.
    expect(find(depth('NOUSDT', [], 400))).toEqual(['0.0001', '0.01']);
    expect(find(answer('https://api.binance.com/api/v3/depth?symbol=NKNUSDT', 'nonsense'))).toEqual(['0.0001', '0.01']);
  });

  it.each([
    ['no JSON', answer(spotUrl, '<html>'), 'bad-input', /is not what Binance documents.*not JSON/],
    ['no symbols', answer(spotUrl, {}), 'bad-input', /no array "symbols"/],
    ['a symbol without a name', spot({}), 'bad-input', /symbol 0 has no name/],
    ['no filters', spot({ symbol: 'X', status: 'TRADING' }), 'bad-input', /X has no PRICE_FILTER/],
    ['a tick of 0', spot(listing('X', '0', '1', { baseAssetPrecision: 8 })), 'bad-input', /X has no PRICE_FILTER/],
    ['no precision', spot(listing('X', '1', '1', {})), 'bad-input', /or precision/],
    [
      'a refusal',
      answer(spotUrl, { code: -1003, msg: 'Way too much' }, 429),
      'overloaded',
      /status 429.*-1003: Way too much/,
    ],
    ['an unknown symbol', answer(spotUrl, { code: -1121, msg: 'Invalid symbol.' }, 400), 'not-found', /Invalid symbol/],
    ['a wall', answer(spotUrl, '<html>', 403), 'venue-unreachable', /status 403.*did not say why/],
  ] as const)('an answer with %s', (_what, one, code, message) => {
    let error: unknown;
    try {
      protocol.instruments([one]);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(BookcastError);
    expect((error as BookcastError).code).toBe(code);
    expect((error as BookcastError).message).toMatch(message);
  });

  const recorded: [file: string, some: Record<string, [string, string]>][] = [
    ['BINANCE.jsonl.zst', { 'BTCUSDT/SPOT': ['0.01', '0.00000001'], 'ETHBTC/SPOT': ['0.000001', '0.00000001'] }],
    ['BINANCE_FUTURES.jsonl.zst', { 'BTCUSDT/USDM': ['0.01', '0.001'], 'SUSHIUSDT/USDM': ['0.001', '1'] }],
  ];
  for (const [file, some] of recorded) {
    const path = dataPath(`binance/${file}`);
    it.skipIf(path === null)(
      `every one that a recorded exchangeInfo lists as trading: ${file}${needs(`binance/${file}`)}`,
      () => {
        const lines = zstdDecompressSync(readFileSync(path!)).toString().split('\n');
        const { url, data } = JSON.parse(lines.find((line) => line.includes('/exchangeInfo'))!) as {
          url: string;
          data: string;
        };
        const found = protocol.instruments([answer(url, data)]);
        expect(found).toHaveLength(data.split('"status":"TRADING"').length - 1);
        expect(found.length).toBeGreaterThan(100);
        for (const [name, steps] of Object.entries(some)) {
          const one = found.find(({ instrument }) => instrument.name === name)!.instrument;
          expect([one.tickSize, one.lotSize]).toEqual(steps);
        }
        // Every listed step is read exactly: none is lost in the normal form.
        for (const { instrument } of found) {
          for (const step of [instrument.tickSize, instrument.lotSize])
            expect(step).toMatch(/^(?:[1-9]\d*|0\.\d*[1-9]|\d+\.\d*[1-9])$/);
        }
      },
    );
  }
});

describe('connections', () => {
  const many = (n: number, market: 'SPOT' | 'USDM' | 'COINM') =>
    Array.from({ length: n }, (_, i) => feedInstrument(`A${i}`, market, { tickSize: '1', lotSize: '1' }));

  it('carry depth, best quotes and trades of instruments of one market', () => {
    const links = protocol.links([...many(1, 'SPOT'), ...many(2, 'USDM'), ...many(1, 'COINM')]);
    expect(links.map(({ url }) => url)).toEqual([
      'wss://stream.binance.com:9443/stream?streams=a0@depth@100ms/a0@bookTicker/a0@trade',
      'wss://fstream.binance.com/public/stream?streams=a0@depth@100ms/a0@bookTicker/a0@trade/a1@depth@100ms/a1@bookTicker/a1@trade',
      'wss://dstream.binance.com/stream?streams=a0@depth@100ms/a0@bookTicker/a0@trade',
    ]);
    expect(links.map(({ limits }) => [limits.scope, limits.sends.limit, limits.requests.limit])).toEqual([
      ['binance:spot', 5, 6000],
      ['binance:usdm', 10, 2400],
      ['binance:coinm', 10, 2400],
    ]);
    expect(links.map(({ instruments }) => instruments.length)).toEqual([1, 2, 1]);
  });

  it('have at most 200 streams, whatever there is in all', () => {
    const links = protocol.links(many(100, 'SPOT'));
    expect(links.map(({ instruments }) => instruments.length)).toEqual([66, 34]);
    for (const { url } of links) expect(url.split('/').length - 3).toBeLessThanOrEqual(200);
  });

  it('go to other addresses where told to', () => {
    const elsewhere = binanceProtocol({
      endpoints: { 'spot.stream': 'ws://127.0.0.1:9/', 'spot.rest': 'http://127.0.0.1:9' },
    });
    expect(elsewhere.links(many(1, 'SPOT'))[0].url).toMatch(/^ws:\/\/127\.0\.0\.1:9\/stream\?streams=a0@/);
    expect(elsewhere.discovery(['A'])[0].url).toMatch(/^http:\/\/127\.0\.0\.1:9\/api\/v3\//);
    expect(elsewhere.discovery(['A/USDM'])[0].url).toMatch(/^https:\/\/fapi\.binance\.com/);
  });

  it('symbols of any script stand in addresses', () => {
    const one = feedInstrument('币安USDT', 'USDM', { tickSize: '1', lotSize: '1' });
    expect(protocol.links([one])[0].url).toMatch(/streams=%E5%B8%81%E5%AE%89usdt@depth@100ms\//);
  });

  it('options that make no sense are refused', () => {
    expect(() => binanceProtocol({ snapshotLevels: 0 })).toThrow(/1 level a side or more, not 0/);
    expect(() => binanceProtocol({ snapshotLevels: 1.5 })).toThrow(BookcastError);
    expect(() => binanceProtocol({ endpoints: { rest: 'http://x' } })).toThrow(/rest/);
  });
});
