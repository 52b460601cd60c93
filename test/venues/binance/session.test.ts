import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { BookcastError } from '../../../src/core/index.ts';
import { EventKind, SyncState } from '../../../src/market/index.ts';
import { openBinance, sniffBinance } from '../../../src/venues/binance/index.ts';
import { file, replay, rowsOf } from './support.ts';

const SPOT =
  'wss://stream.binance.com:9443/stream?streams=abcusdt@depth@100ms/xyzusdt@depth@100ms/abcusdt@bookTicker/abcusdt@trade';
const line = (entry: object): string => JSON.stringify(entry);
const recv = (ts: number, stream: string, data: object, conn = 'ws.1'): string =>
  line({ t: 'recv', conn, ts, data: JSON.stringify({ stream, data }) });
const http = (ts: number, url: string, data: object): string =>
  line({ t: 'http', conn: 'http.0', ts, url: `https://api.binance.com/api/v3/${url}`, data: JSON.stringify(data) });
const connect = (ts: number, addr: string, conn = 'ws.1'): string => line({ t: 'connect', conn, ts, addr });
const diff = (ts: number, s: string, U: number, u: number, b: string[][], a: string[][] = []): string =>
  recv(ts, `${s.toLowerCase()}@depth@100ms`, { e: 'depthUpdate', E: ts * 1000 - 5, s, U, u, b, a });
const trade = (ts: number, t: number, p: string): string =>
  recv(ts, 'abcusdt@trade', {
    e: 'trade',
    E: ts * 1000,
    s: 'ABCUSDT',
    t,
    p,
    q: '2.00',
    T: ts * 1000 - 1,
    m: false,
    M: true,
  });
const ticker = (ts: number, u: number, b: string, B: string, a: string, A: string): string =>
  recv(ts, 'abcusdt@bookTicker', { u, s: 'ABCUSDT', b, B, a, A });

const T0 = 1633998511;
const LISTED = {
  symbols: ['ABCUSDT', 'XYZUSDT'].map((symbol) => ({
    symbol,
    status: 'TRADING',
    baseAssetPrecision: 8,
    filters: [
      { filterType: 'PRICE_FILTER', tickSize: '0.01000000' },
      { filterType: 'LOT_SIZE', stepSize: '0.10000000' },
    ],
  })),
};
const session = (...more: string[]): string[] => [
  line({ t: 'header', format: 2, exchange: 'BINANCE' }),
  http(T0, 'exchangeInfo', LISTED),
  connect(T0 + 1, SPOT),
  diff(T0 + 2, 'ABCUSDT', 10, 11, [['1.00000000', '5.00000000']]),
  diff(T0 + 2.5, 'XYZUSDT', 90, 91, [['7.00000000', '5.00000000']]),
  http(T0 + 3, 'depth?symbol=XYZUSDT&limit=1000', { lastUpdateId: 91, bids: [['7.00', '5.0']], asks: [] }),
  http(T0 + 3.5, 'depth?symbol=ABCUSDT&limit=1000', {
    lastUpdateId: 11,
    bids: [['1.00', '5.0']],
    asks: [['1.02', '4.0']],
  }),
  diff(T0 + 4, 'ABCUSDT', 12, 14, [['1.00000000', '6.00000000']], [['1.01000000', '1.00000000']]),
  ticker(T0 + 4.25, 14, '1.00000000', '6.00000000', '1.01000000', '1.00000000'),
  trade(T0 + 4.5, 7, '1.01000000'),
  ...more,
];
const text = (lines: readonly string[]): string => `${lines.join('\n')}\n`;

describe('a recorded session', () => {
  it('is one of its instruments, by the steps that the venue listed', async () => {
    const source = await openBinance({ paths: [file('a.jsonl', text(session()))], symbol: 'abcusdt' });
    expect(source.instrument).toMatchObject({ name: 'ABCUSDT/SPOT', tickSize: '0.01', lotSize: '0.00000001' });
    expect(source.origin).toBe('recorded');
    const { book, sync, verifier, batches } = await replay(source, true);
    expect(sync.state).toBe(SyncState.SYNCED);
    expect([book.bestBidTicks, book.bestBidLots, book.bestAskTicks, book.bestAskLots]).toEqual([100, 6e8, 101, 1e8]);
    expect(verifier.report()).toMatchObject({ checked: 1, mismatches: 0 });
    const rows = batches.flatMap(rowsOf);
    expect(rows.filter(({ kind }) => kind === EventKind.TRADE)).toMatchObject([
      { priceTicks: 101, sizeLots: 2e8, orderId: 7 },
    ]);
    expect(rows.some(({ priceTicks }) => priceTicks === 700)).toBe(false);
    expect(rows[0].tsRecvNs).toBe(((T0 + 2) % 86400) * 1e9);
    expect(source.notes).toEqual([]);
    expect(source.counts).toMatchObject({ unparsable: 0 });
    const other = await openBinance({ paths: [file('b.jsonl', text(session()))], symbol: 'XYZUSDT/SPOT' });
    expect((await replay(other)).book.bestBidTicks).toBe(700);
  });

  it('is the same packed or plain', async () => {
    const read = async (path: string) =>
      (await replay(await openBinance({ paths: [path], symbol: 'ABCUSDT' }))).book.hash();
    const plain = await read(file('p.jsonl', text(session())));
    expect(await read(file('p.gz', gzipSync(text(session()))))).toBe(plain);
    expect(await read(file('p.zst', zstdCompressSync(text(session()))))).toBe(plain);
  });

  it('without a list has the steps that its messages suggest, and says so', async () => {
    const source = await openBinance({
      paths: [file('c.jsonl', text(session().filter((one) => !one.includes('exchangeInfo'))))],
      symbol: 'ABCUSDT',
    });
    expect(source.instrument).toMatchObject({ tickSize: '0.01', lotSize: '0.00000001' });
    expect(source.notes[0]).toMatch(/ABCUSDT\/SPOT is not in the table.*told from the first lines/);
  });

  it('has the finer tick of an older order that rests in the book', async () => {
    const lines = session().map((one) =>
      one.replace('[\\"1.00\\",\\"5.0\\"]', '[\\"1.00\\",\\"5.0\\"],[\\"0.9975\\",\\"1.0\\"]'),
    );
    const source = await openBinance({ paths: [file('d.jsonl', text(lines))], symbol: 'ABCUSDT' });
    expect(source.instrument.tickSize).toBe('0.0001');
    expect((await replay(source)).book.bestBidTicks).toBe(10000);
  });

  it('of futures has another host, and of a stand-in messages that tell the market', async () => {
    const d = (pu: number): object => ({
      e: 'depthUpdate',
      E: 1,
      T: T0 * 1000,
      s: 'ABCUSDT',
      U: pu + 1,
      u: pu + 2,
      pu,
      b: [['1.0', '2']],
      a: [],
    });
    const of = (addr: string): string =>
      file(
        'e.jsonl',
        text([connect(T0, addr), recv(T0 + 1, 'abcusdt@depth@100ms', d(5)), recv(T0 + 2, 'abcusdt@depth@100ms', d(7))]),
      );
    const host = await openBinance({
      paths: [of('wss://fstream.binance.com/public/stream?streams=abcusdt@depth@100ms')],
    });
    expect(host.instrument).toMatchObject({ name: 'ABCUSDT/USDM', sequencing: 'linked', tickSize: '1', lotSize: '1' });
    const standIn = await openBinance({ paths: [of('ws://127.0.0.1:9900/stream?streams=abcusdt@depth@100ms')] });
    expect(standIn.instrument.name).toBe('ABCUSDT/USDM');
    expect((await replay(standIn)).events).toBe(4);
  });

  it.each([
    [
      'several symbols and none asked for',
      session(),
      undefined,
      'bad-argument',
      /holds ABCUSDT\/SPOT, XYZUSDT\/SPOT; say which one/,
    ],
    ['another symbol', session(), 'BTCUSDT', 'bad-input', /holds ABCUSDT\/SPOT, XYZUSDT\/SPOT, expected BTCUSDT/],
    ['another market', session(), 'ABCUSDT/USDM', 'bad-input', /expected ABCUSDT/],
    ['no name', session(), 'ABC/DEF/GHI', 'bad-argument', /names no instrument/],
    [
      'nothing of Binance',
      [connect(T0, 'wss://ws.kraken.com'), 'not json'],
      undefined,
      'bad-input',
      /no stream of Binance/,
    ],
  ] as const)('with %s', async (_what, lines, symbol, code, message) => {
    const opened = openBinance({ paths: [file('f.jsonl', text(lines))], symbol });
    await expect(opened).rejects.toThrow(message);
    await expect(opened).rejects.toMatchObject({ code });
    await expect(opened).rejects.toBeInstanceOf(BookcastError);
  });

  it('is known by its first lines', () => {
    const sniff = (...lines: string[]): boolean => sniffBinance(Buffer.from(text(lines)), 'x.jsonl');
    expect(sniff(...session())).toBe(true);
    expect(sniff(connect(T0, SPOT))).toBe(true);
    expect(sniff(connect(T0, 'wss://ws.kraken.com'))).toBe(false);
    expect(sniffBinance(new Uint8Array(0), 'd/BINANCE_US.jsonl.zst')).toBe(true);
  });
});
