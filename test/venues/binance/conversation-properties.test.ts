import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/core/index.ts';
import { EventKind } from '../../../src/market/index.ts';
import { SymbolTable } from '../../../src/venues/binance/stream-name.ts';
import { converse, feedInstrument, RECEIVED_NS } from './frames.ts';
import { fuzzTarget, SEEDS } from './fuzz-entry.ts';
import { type Meaning, meaningOf } from './oracle.ts';
import { type Row, usdm } from './support.ts';

const STEPS = { tickSize: '0.1', lotSize: '0.001' };
const SYMBOLS = ['BTCUSDT', 'BTCUSDC', 'ETHUSDT', '1000SHIBUSDT'];

/** The frame of a line of the fixtures, for another symbol. */
function frame(line: string, symbol: string): string {
  return line
    .slice(line.indexOf(' ') + 1)
    .replaceAll('BTCUSDT', symbol)
    .replaceAll('btcusdt', symbol.toLowerCase());
}

const price = fc.integer({ min: 1, max: 900000 }).map((ticks) => (ticks / 10).toFixed(2));
const size = fc.integer({ min: 0, max: 9000 }).map((lots) => (lots / 1000).toFixed(3));
const levels = fc.array(fc.tuple(price, size), { maxLength: 6 });
const id = fc.nat({ max: 1e6 });
const line = fc.oneof(
  fc.tuple(id, id, id, levels, levels).map((parts) => usdm.depth(...parts)),
  fc.tuple(id, price, size, fc.boolean(), fc.constantFrom('MARKET', 'ADL')).map((parts) => usdm.trade(...parts)),
  fc.tuple(id, price, size, price, size).map((parts) => usdm.ticker(...parts)),
);

describe('messages of several symbols on one connection', () => {
  it('each go to their own instrument, and mean what JSON.parse means', () => {
    const some = fc.array(fc.tuple(line, fc.constantFrom(...SYMBOLS, 'SOLUSDT')), { maxLength: 20 });
    fc.assert(
      fc.property(some, (frames) => {
        const { receive, rows, told } = converse(SYMBOLS.map((symbol) => feedInstrument(symbol, 'USDM', STEPS)));
        const expected = new Map<string, Meaning>(SYMBOLS.map((symbol) => [symbol, []]));
        const lastTrade = new Map<string, number>();
        for (const [text, symbol] of frames) {
          receive(frame(text, symbol));
          const meaning = meaningOf(`1723161255300 ${frame(text, symbol)}`, symbol, true, [1, 3]);
          const isTrade = text.includes('"e":"trade"');
          const trade = Number(/"t":(\d+)/.exec(text)?.[1]);
          if (isTrade && trade <= (lastTrade.get(symbol) ?? -1)) continue;
          if (isTrade) lastTrade.set(symbol, trade);
          expected.get(symbol)?.push(...meaning);
        }
        for (const [i, symbol] of SYMBOLS.entries()) {
          const found = rows(i).map(({ flags: _flags, ...rest }: Row) => rest);
          expect(found).toEqual(expected.get(symbol)!.map((row) => ({ ...row, tsRecvNs: RECEIVED_NS })));
        }
        expect(told.unread).toEqual([]);
      }),
      { numRuns: 400 },
    );
  });

  it('a snapshot answered means what the same levels mean in a recorded line', () => {
    fc.assert(
      fc.property(id, levels, levels, fc.constantFrom('', '"E":1723161255208,"T":1723161255200,'), (u, b, a, times) => {
        const body = `{"lastUpdateId":${u},${times}"bids":${JSON.stringify(b)},"asks":${JSON.stringify(a)}}`;
        const { answer, rows } = converse([feedInstrument('BTCUSDT', 'USDM', STEPS)]);
        answer(0, body);
        const found = rows().map(({ flags: _flags, ...rest }: Row) => rest);
        expect(found).toEqual(meaningOf(`1723161255300 ${body}`, 'BTCUSDT', true, [1, 3]));
        expect(found[0].kind).toBe(EventKind.SNAPSHOT);
      }),
      { numRuns: 400 },
    );
  });
});

describe('a table of symbols', () => {
  it('finds what a map finds', () => {
    const name = fc.string({ unit: fc.constantFrom(...'AB1_'), minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(fc.uniqueArray(name, { maxLength: 60 }), fc.array(name), (symbols, asked) => {
        const table = new SymbolTable(symbols);
        for (const symbol of [...symbols, ...asked]) {
          const bytes = Buffer.from(`##{"stream":"${symbol.toLowerCase()}@depth","data":{}}`);
          const expected = symbols.indexOf(symbol);
          expect(table.find(bytes, 2, bytes.length)).toBe(expected < 0 ? -2 : expected);
          // A frame that ends within the name names nobody.
          expect(table.find(bytes, 2, 13 + symbol.length)).toBe(-1);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('takes symbols of any script', () => {
    const bytes = Buffer.from('{"stream":"币安usdt@trade"');
    expect(new SymbolTable(['BTCUSDT', '币安USDT']).find(bytes, 0, bytes.length)).toBe(1);
  });
});

describe('mutated input', () => {
  it.each([1, 2, 3, 4])('never throws and never leaves the range: seed %i', (seed) => {
    const random = new Random(seed);
    const target = fuzzTarget();
    for (let n = 0; n < 5000; n++) {
      const bytes = Buffer.from(SEEDS[random.below(SEEDS.length)]);
      for (let k = random.below(4); k >= 0; k--) {
        const at = random.below(bytes.length);
        if (random.bernoulli(0.5)) bytes[at] = random.below(256);
        else bytes.copyWithin(at, random.below(bytes.length));
      }
      const end = random.bernoulli(0.2) ? random.below(bytes.length + 1) : bytes.length;
      try {
        target.take(bytes.subarray(0, end));
      } catch (error) {
        throw new Error(`seed ${seed}, round ${n}, input ${bytes.toString('base64', 0, end)}`, { cause: error });
      }
    }
  });
});
