import { readFileSync } from 'node:fs';
import { zstdDecompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { dataPath, needs } from '../support/data.ts';
import { createDouble } from './create.ts';
import { FaultPlan, parseFaults } from './faults.ts';
import { checksumOf } from './kraken-double.ts';
import { decimalText, LevelBook, shortText, unitsOf } from './level-book.ts';
import { SeededMarket } from './market.ts';
import { Police } from './police.ts';
import { DOUBLE_VENUES, PRODUCTS } from './products.ts';
import { KRAKEN_FILE, readKraken } from './recorded.ts';

const START_MS = 1_795_348_800_000;

describe('decimal text of a double', () => {
  it('is exact both ways', () => {
    expect(decimalText(5, 2)).toBe('0.05');
    expect(decimalText(6_168_599, 2)).toBe('61685.99');
    expect(shortText(6_168_500, 2)).toBe('61685');
    expect(shortText(100, 0)).toBe('100');
    expect(unitsOf('61685.9', 2)).toBe(6_168_590);
    expect(() => unitsOf('0.001', 2)).toThrow('more than 2 decimals');
  });
});

describe("Kraken's checksum in its double", () => {
  it("is the venue's in its documented example", () => {
    // docs.kraken.com, guides, websockets, book-checksum-v2.
    const rows = (text: string): [number, number][] =>
      text.split(' ').map((row) => {
        const [price, size] = row.split('/');
        return [unitsOf(price, 1), unitsOf(size, 8)];
      });
    const asks = rows(
      '45285.2/0.00100000 45286.4/1.54571953 45286.6/1.54571109 45289.6/1.54560911 45290.2/0.15890660 45291.8/1.54553491 45294.7/0.04454749 45296.1/0.35380000 45297.5/0.09945542 45299.5/0.18772827',
    );
    const bids = rows(
      '45283.5/0.10000000 45283.4/1.54582015 45282.1/0.10000000 45281.0/0.10000000 45280.3/1.54592586 45279.0/0.07990000 45277.6/0.03310103 45277.5/0.30000000 45277.3/1.54602737 45276.6/0.15445238',
    );
    expect(checksumOf({ priceDecimals: 1, sizeDecimals: 8 }, bids, asks)).toBe(3_310_070_434);
  });

  it.skipIf(dataPath(KRAKEN_FILE) === null)(`is the venue's in a recorded session${needs(KRAKEN_FILE)}`, () => {
    const text = zstdDecompressSync(readFileSync(dataPath(KRAKEN_FILE)!)).toString();
    const { checked, wrong } = readKraken(text);
    expect({ checked, wrong }).toEqual({ checked: 4269, wrong: 0 });
  });
});

describe('a seeded market', () => {
  const market = new SeededMarket(PRODUCTS['binance-usdm'][0], {
    seed: 3,
    startUs: START_MS * 1000,
    meanUs: 10_000,
    levels: 30,
    idHoles: true,
  });

  it('never crosses, keeps two sides, and its levels are the sums of its orders', () => {
    for (let step = 1; step <= 300; step++) {
      market.advance(START_MS * 1000 + step * 50_000);
      expect(market.book.touch(0)).toBeLessThan(market.book.touch(1));
      const sums = new LevelBook();
      for (const { side, price, size } of market.orders.values()) {
        sums.set({ side, price, size: sums.size(side, price) + size });
      }
      expect(sums.best(0)).toEqual(market.book.best(0));
      expect(sums.best(1)).toEqual(market.book.best(1));
    }
    expect(market.trades.size).toBeGreaterThan(100);
  });

  it('tells its book at any number and time, across a new numbering', () => {
    const { truth } = market;
    const before = { id: market.lastUpdateId, book: market.book.best(0), timeUs: market.timeUs };
    market.renumber();
    expect(market.lastUpdateId).toBeLessThan(before.id - 100_000_000);
    market.advance(START_MS * 1000 + 400 * 50_000);
    expect(truth.at('updateId', before.id)?.book.best(0)).toEqual(before.book);
    expect(truth.atTime(before.timeUs).book.best(0)).toEqual(before.book);
    expect(truth.at('updateId', market.lastUpdateId)?.book.best(0)).toEqual(market.book.best(0));
    expect(truth.at('updateId', 17)).toBeNull();
    expect([...truth.now().orders.values()]).toEqual([...market.orders.values()]);
  });
});

describe('police', () => {
  it('allows what is published and notes what is more, in any window', () => {
    const police = new Police('binance-spot');
    for (let i = 0; i < 24; i++) police.requested(250, i * 100);
    expect(police.violations).toEqual([]);
    police.requested(1, 59_999);
    expect(police.violations).toHaveLength(1);
    police.requested(200, 60_001);
    expect(police.violations).toHaveLength(1);
    for (let i = 0; i < 6; i++) police.sent(1, 70_000 + i * 190);
    expect(police.violations).toHaveLength(2);
    for (let i = 0; i < 6; i++) police.sent(2, 80_000 + i * 200);
    expect(police.violations).toHaveLength(2);
  });

  it('notes who asks again before Retry-After is over', () => {
    const police = new Police('kraken');
    police.answered(429, { 'retry-after': '7' }, 1000);
    police.requested(1, 7999);
    police.requested(1, 9000);
    expect(police.violations).toEqual(['at 7999.000 ms: requests: asked 1 ms before Retry-After was over']);
  });
});

describe('doubles', () => {
  it.each(DOUBLE_VENUES)('%s says the same for the same seed', (venue) => {
    const transcript = (): string[] => {
      const plan = new FaultPlan(5, {});
      const double = createDouble({ venue, seed: 8, plan, startEpochMs: START_MS });
      const lines: string[] = [];
      const wire = {
        send: (text: string) => lines.push(text),
        ping: () => {},
        close: () => {},
        mute: () => {},
        stall: () => {},
      };
      const session = double.connect('ws://venue/stream/v2?streams=btcusdt@depth', wire, 0);
      session?.received('{"method":"subscribe","params":{"channel":"book","symbol":["BTC/USD"]},"type":"subscribe"}');
      double.advance(3000);
      return lines;
    };
    expect(transcript()).toEqual(transcript());
  });
});

describe('faults by name', () => {
  it('reads rates, and names what it does not know', () => {
    expect(parseFaults('drop=0.5,halfOpen')).toEqual({ drop: 0.5, halfOpen: expect.any(Number) });
    expect(parseFaults('')).toEqual({});
    expect(() => parseFaults('gremlins')).toThrow('no fault is called "gremlins"; there are drop');
    expect(() => parseFaults('drop=2')).toThrow('from 0 to 1');
  });
});
