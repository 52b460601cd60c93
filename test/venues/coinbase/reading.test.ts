import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/core/index.ts';
import { BookSync, messageEnd, OrderBook, SyncState } from '../../../src/market/index.ts';
import { csvFields, pythonList, wholeText } from '../../../src/venues/coinbase/csv-text.ts';
import { restoreSize } from '../../../src/venues/coinbase/float-size.ts';
import { openCoinbase, sniffCoinbase } from '../../../src/venues/coinbase/index.ts';
import { collect } from '../../support/batches.ts';
import { NaiveVenue } from './naive-orders.ts';
import { describeRow } from './support.ts';

const folder = mkdtempSync(join(tmpdir(), 'coinbase-'));
let files = 0;
function file(lines: readonly string[], name = `${++files}.csv`): string {
  const path = join(folder, name);
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}

const SNAPSHOT = 'side,price,size';
const UPDATES = 'side,price,size,time';
const RAW =
  '_id,asks,bids,changes,channels,maker_order_id,message,price,product_id,reason,sequence,side,size,taker_order_id,time,trade_id,type';
const bids = file([SNAPSHOT, 'buy,99.99,1', 'buy,99.98,2']);
const asks = file([SNAPSHOT, 'sell,100.01,3']);
const hour = file([UPDATES, 'buy,99.99,0.0,2018-04-24T03:52:17.202Z', 'sell,100.0,0.1,2018-04-24T03:52:17.210Z']);
const later = file([UPDATES, 'buy,99.97,7e-05,2018-04-24T04:00:00Z']);

async function rowsOf(
  paths: readonly string[],
  more: object = {},
): Promise<{ rows: string[]; notes: readonly string[] }> {
  const source = await openCoinbase({ paths, ...more });
  const rows: string[] = [];
  for (const batch of await collect(source.batches())) {
    for (let i = 0; i < batch.length; i++) rows.push(describeRow(batch, i));
  }
  // Every reading starts from the beginning.
  expect((await collect(source.batches())).reduce((sum, batch) => sum + batch.length, 0)).toBe(rows.length);
  return { rows, notes: source.notes };
}

describe('sizes that went through a float', () => {
  it.each([
    ['0.11244000000000001', '0.11244000', true],
    ['0.9009999999999999', '0.90100000', true],
    ['0.0034240000000000004', '0.00342400', true],
    ['31.830899600000006', '31.83089960', true],
    ['7.032e-05', '0.00007032', false],
    ['4e-05', '0.00004000', false],
    ['1.2e+2', '120.00000000', false],
    ['7.58040715', '7.58040715', false],
    ['0.100000000', '0.10000000', false],
    ['0.0', '0.00000000', false],
  ])('%s was %s', (text, was, changed) => expect(restoreSize(text)).toEqual({ text: was, changed }));

  it.each(['', 'x', '-1', '1.', '0.000000001', '0.123456785', '0.1234567800001', '1e400', '1e-200', 'Infinity', '0x1'])(
    '%s was no lot',
    (text) => expect(restoreSize(text)).toBeNull(),
  );

  it('are restored after a sum or a difference of lots', () => {
    const lots = fc.integer({ min: 1, max: 1e12 });
    fc.assert(
      fc.property(lots, lots, (a, b) => {
        const [more, less] = a > b ? [a, b] : [b, a];
        for (const [float, exact] of [
          [more / 1e8 + less / 1e8, more + less],
          [more / 1e8, more],
        ]) {
          const digits = String(exact).padStart(9, '0');
          expect(restoreSize(String(float))?.text).toBe(`${digits.slice(0, -8)}.${digits.slice(-8)}`);
        }
      }),
    );
  });
});

describe('CSV text', () => {
  it('is cut where its commas are', () => {
    expect(csvFields('a,,b')).toEqual(['a', '', 'b']);
    expect(csvFields('')).toEqual(['']);
    expect(csvFields('"a,b",c')).toEqual(['a,b', 'c']);
    expect(csvFields('"say ""no""",x,')).toEqual(['say "no"', 'x', '']);
    expect(csvFields('"open, for ever')).toEqual(['open, for ever']);
    const field = fc.string().filter((text) => !text.includes('\n'));
    fc.assert(
      fc.property(fc.array(field, { minLength: 1 }), (fields) => {
        const line = fields.map((text) => `"${text.replaceAll('"', '""')}"`).join(',');
        expect(csvFields(line)).toEqual(fields);
      }),
    );
  });

  it('has Python’s lists and floats', () => {
    expect(JSON.parse(pythonList("[['buy', '1.0', '0']]"))).toEqual([['buy', '1.0', '0']]);
    expect(['5.0', '5', '5.5', ''].map(wholeText)).toEqual(['5', '5', '5.5', '']);
  });
});

describe('an hour in CSVs', () => {
  it('begins with its snapshot, wherever that stands among the files', async () => {
    const { rows, notes } = await rowsOf([hour, later, asks, bids]);
    expect(rows).toEqual([
      'SNAPSHOT #1 restart',
      'LEVEL BID 9999 x 100000000',
      'LEVEL BID 9998 x 200000000',
      'LEVEL ASK 10001 x 300000000',
      'DELTA #2 after 1',
      'LEVEL BID 9999 x 0',
      'DELTA #3 after 2',
      'LEVEL ASK 10000 x 10000000',
      'DELTA #4 after 3',
      'LEVEL BID 9997 x 7000',
    ]);
    expect(notes[0]).toMatch(/taken for BTC-USD/);
  });

  it('is of what --symbol says, with its steps', async () => {
    const source = await openCoinbase({ paths: [hour], symbol: 'eth-usd', tickSize: '0.01', lotSize: '0.00000001' });
    expect(source.instrument).toMatchObject({ venue: 'coinbase-exchange', name: 'ETH-USD', tickSize: '0.01' });
    await expect(openCoinbase({ paths: [hour], symbol: 'ETH-USD' })).rejects.toThrow(/give them with --tick and --lot/);
    await expect(openCoinbase({ paths: [hour], tickSize: 'x' })).rejects.toThrow(/--tick is a positive decimal/);
    await expect(openCoinbase({ paths: [hour], lotSize: '0' })).rejects.toThrow(/--lot is a positive decimal/);
  });

  it('loses the book over a line that cannot be read, and says which', async () => {
    const broken = file([
      UPDATES,
      'buy,1,1,2018-04-24T03:52:17Z',
      'buy,1',
      'buy,1,0.000000001,2018-04-24T03:52:18Z',
      'buy,1,1',
      '',
    ]);
    const { rows, notes } = await rowsOf([bids, asks, broken]);
    expect(rows.slice(6)).toEqual(Array.from({ length: 3 }, () => ['FAULT UNPARSABLE', 'FAULT GAP']).flat());
    expect(notes).toContain(`${broken}, line 3: no line of side (buy or sell), price and size`);
    expect(notes.at(-1)).toBe('6 faults and unreadable messages in all');
  });

  it.each([
    ['nothing', () => [], 'bad-argument', /no Coinbase recording was named/],
    ['a missing file', () => [join(folder, 'none.csv')], 'not-found', /no such file/],
    ['a snapshot alone', () => [bids, asks], 'bad-argument', /a snapshot alone has no time/],
    ['the later file first', () => [later, hour], 'bad-argument', /Give the older file first/],
    ['files of two forms', () => [hour, file(['{"t":"header"}'])], 'bad-input', /give files of one form/],
    ['a file without times', () => [file([UPDATES, 'buy,1,1,noon'])], 'bad-input', /no time in its first/],
    [
      'raw messages among changes',
      () => [hour, file([RAW, 'x,,,,,,,,BTC-USD,,,,,,2018-04-25T00:00:00Z,,status'])],
      'bad-argument',
      /give such files alone/,
    ],
    [
      'another venue’s file',
      () => [file(['1723161253937085768 {"stream":"btcusdt@depth"}'])],
      'bad-input',
      /not a Coinbase recording/,
    ],
  ])('cannot be %s', async (_, paths, code, why) => {
    await expect(openCoinbase({ paths: paths() })).rejects.toMatchObject({ code, message: expect.stringMatching(why) });
  });
});

describe('raw messages in a CSV', () => {
  const row = (cells: Readonly<Record<string, string>>): string =>
    RAW.split(',')
      .map((column) => (/[",]/.test(cells[column] ?? '') ? `"${cells[column]}"` : (cells[column] ?? '')))
      .join(',');

  it('are what the venue sent', async () => {
    const time = '2018-04-17T00:55:04.358Z';
    const path = file([
      RAW,
      row({ type: 'snapshot', product_id: 'BTC-USD', bids: "[['1', '2']]", asks: "[['3', '4'], ['5', '6']]" }),
      row({ type: 'last_match', product_id: 'BTC-USD', trade_id: '9.0', price: '1', size: '1', side: 'buy', time }),
      row({ type: 'l2update', product_id: 'BTC-USD', changes: "[['buy', '2.00', '0.5']]", time }),
      row({ type: 'match', product_id: 'BTC-USD', trade_id: '10.0', price: '3', size: '1', side: 'sell', time }),
      row({ type: 'match', product_id: 'BTC-USD', trade_id: '12.0', price: '3', size: '1', side: 'sell', time }),
      row({ type: 'match', product_id: 'BTC-USD', trade_id: '12.0', price: '3', size: '1', side: 'sell', time }),
      row({ type: 'match', product_id: 'BTC-USD', price: '3', size: '1', side: 'sell', time }),
      row({ type: 'error', message: 'Failed to subscribe', reason: 'never mind' }),
      'too,few',
    ]);
    const { rows, notes } = await rowsOf([path]);
    expect(rows).toEqual([
      'SNAPSHOT #1 restart',
      'LEVEL ASK 300 x 400000000',
      'LEVEL ASK 500 x 600000000',
      'LEVEL BID 100 x 200000000',
      'DELTA #2 after 1',
      'LEVEL BID 200 x 50000000',
      'TRADE BID 300 x 100000000 id 10',
      'FAULT GAP',
      'TRADE BID 300 x 100000000 id 12',
      ...Array.from({ length: 2 }, () => ['FAULT UNPARSABLE', 'FAULT GAP']).flat(),
    ]);
    expect(notes).toContain('1 trades missing: their ids were skipped');
    await expect(openCoinbase({ paths: [path], symbol: 'ETH-USD' })).rejects.toThrow(/holds BTC-USD, not ETH-USD/);
  });
});

describe('sessions', () => {
  const record = (t: string, more: object): string =>
    JSON.stringify({ t, conn: 'c', ts: 1_786_309_548 + ++files / 1000, ...more });
  const recv = (message: object): string => record('recv', { data: JSON.stringify(message) });

  it('of the full channel give the book of orders that was live, verified as it was', async () => {
    const venue = new NaiveVenue('BTC-USD', new Random(7));
    const url = 'https://api.exchange.coinbase.com/products/BTC-USD/book?level=3';
    const lines = [record('connect', { addr: 'wss://ws-feed.exchange.coinbase.com' })];
    for (let n = 0; n < 200; n++) {
      for (const message of venue.step()) lines.push(recv(message));
      if (n === 20) lines.push(record('http', { url, data: JSON.stringify(venue.level3()) }));
      if (n === 100) lines.push(record('http', { url: `${url}#verify`, data: JSON.stringify(venue.level3()) }));
    }
    const path = file(lines, 'full.jsonl');
    expect(sniffCoinbase(Buffer.from(lines.join('\n')), 'full.jsonl')).toBe(true);
    const source = await openCoinbase({ paths: [path] });
    expect(source.instrument).toMatchObject({ name: 'BTC-USD', tickSize: '0.01', lotSize: '0.00000001' });
    expect(source.instrument.sequencing).toBe('consecutive');
    const sync = new BookSync(source.instrument, new OrderBook());
    let snapshots = 0;
    for (const batch of await collect(source.batches())) {
      for (let from = 0; from < batch.length; ) {
        const to = messageEnd(batch, from);
        if (describeRow(batch, from).startsWith('SNAPSHOT')) snapshots++;
        sync.applyMessage(batch, from, to);
        from = to;
      }
    }
    expect(snapshots).toBe(1);
    expect(sync.state).toBe(SyncState.SYNCED);
    expect(sync.lastSequence).toBe(venue.sequence);
    expect(sync.book.orderCount).toBe(venue.all().length);
  });

  const l2 = (product_id: string, sequence_num: number, price = '0.5', size = '12.50'): object => ({
    channel: 'l2_data',
    timestamp: '2026-08-09T21:05:48Z',
    sequence_num,
    events: [{ type: 'snapshot', product_id, updates: [{ side: 'bid', price_level: price, new_quantity: size }] }],
  });

  it('tell their steps by the venue’s list, or by what they are written with', async () => {
    const products = { products: [{ product_id: 'A-USD', price_increment: '0.25', base_increment: '0.001' }] };
    const list = record('http', {
      url: 'https://api.coinbase.com/api/v3/brokerage/market/products',
      data: JSON.stringify(products),
    });
    const lines = [recv(l2('A-USD', 0)), recv(l2('B-USD', 1, '100', '7')), recv(l2('B-USD', 2))];
    const listed = file([list, ...lines], 'listed.jsonl');
    const a = await openCoinbase({ paths: [listed], symbol: 'a-usd' });
    expect(a.instrument).toMatchObject({ venue: 'coinbase', name: 'A-USD', tickSize: '0.25', lotSize: '0.001' });
    const b = await openCoinbase({ paths: [listed], symbol: 'B-USD' });
    expect(b.instrument).toMatchObject({ tickSize: '0.1', lotSize: '0.01' });
    const set = await openCoinbase({ paths: [listed], symbol: 'B-USD', tickSize: '0.5', lotSize: '0.5' });
    expect(set.instrument).toMatchObject({ tickSize: '0.5', lotSize: '0.5' });
    await expect(openCoinbase({ paths: [listed] })).rejects.toThrow(/holds A-USD, B-USD; say which one with --symbol/);
    await expect(openCoinbase({ paths: [listed], symbol: 'C-USD' })).rejects.toThrow(/expected C-USD/);
    const broken = file([record('http', { url: 'https://x/products', data: '<html>' }), ...lines], 'broken.jsonl');
    expect((await openCoinbase({ paths: [broken], symbol: 'A-USD' })).instrument.tickSize).toBe('0.1');
    const whole = file([recv(l2('A-USD', 0, '5', '7'))], 'whole.jsonl');
    expect((await openCoinbase({ paths: [whole] })).instrument).toMatchObject({ tickSize: '1', lotSize: '1' });
  });

  it('say what they lack', async () => {
    const odd = file(
      [recv({ channel: 'l2_data', sequence_num: 0, events: [{ product_id: 'A-USD', updates: [{}] }] })],
      'odd.jsonl',
    );
    await expect(openCoinbase({ paths: [odd] })).rejects.toThrow(/nothing tells the steps of A-USD/);
    const empty = file(
      [record('connect', { addr: 'wss://advanced-trade-ws.coinbase.com' }), 'x', 'null'],
      'empty.jsonl',
    );
    await expect(openCoinbase({ paths: [empty] })).rejects.toThrow(/not a Coinbase recording/);
  });
});
