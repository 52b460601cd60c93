import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_PRICE_TICKS, NO_PRICE } from '../../src/core/index.ts';
import { Side } from '../../src/market/index.ts';
import { type BookView, levelsOf, NaiveBook } from './naive-book.ts';

/** A book under test: how it is changed, and its view by price. */
export interface BookDriver {
  readonly view: BookView;
  setLevel(side: Side, priceTicks: number, sizeLots: number): void;
  addLots(side: Side, priceTicks: number, deltaLots: number): void;
  clear(): void;
}

type Command =
  | { do: 'set' | 'add'; side: Side; ticks: number; lots: number }
  | { do: 'walk'; ticks: number }
  | { do: 'top'; n: number }
  | { do: 'clear' };

const side = fc.constantFrom<Side>(Side.BID, Side.ASK);
/** Mostly near the touch, sometimes far past any window: a bid at 1000 while the market is at 60000. */
const away = fc.oneof(
  { weight: 12, arbitrary: fc.integer({ min: -3, max: 40 }) },
  { weight: 2, arbitrary: fc.integer({ min: -200, max: 3000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 100_000, max: 500_000 }) },
);
const size = fc.oneof(
  { weight: 2, arbitrary: fc.constant(0) },
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 9 }) },
);
const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 30, arbitrary: fc.record({ do: fc.constant('set' as const), side, ticks: away, lots: size }) },
  {
    weight: 15,
    arbitrary: fc.record({
      do: fc.constant('add' as const),
      side,
      ticks: away,
      lots: fc.integer({ min: -12, max: 9 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('walk' as const), ticks: fc.integer({ min: -60, max: 60 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('walk' as const), ticks: fc.integer({ min: -9000, max: 9000 }) }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('top' as const), n: fc.integer({ min: 0, max: 40 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('clear' as const) }) },
);

/** A reduction no greater than what is there: a book of orders cannot be told to go below zero by price. */
function bounded(lots: number, there: number): number {
  return Math.max(lots, -there);
}

function topOf(book: BookView, at: Side, n: number): number[] {
  const ticks = new Int32Array(n);
  const lots = new Float64Array(n);
  const count = book.top(at, n, ticks, lots);
  return Array.from({ length: count }, (_, i) => [ticks[i], lots[i]]).flat();
}

function expectSame(book: BookView, oracle: BookView): void {
  expect(book.bestBidTicks).toBe(oracle.bestBidTicks);
  expect(book.bestAskTicks).toBe(oracle.bestAskTicks);
  expect(book.bestBidLots).toBe(oracle.bestBidLots);
  expect(book.bestAskLots).toBe(oracle.bestAskLots);
  expect(book.crossed).toBe(oracle.crossed);
  expect(book.mid).toBe(oracle.mid);
  for (const at of [Side.BID, Side.ASK]) expect(book.levelCount(at)).toBe(oracle.levelCount(at));
}

function agrees(book: BookDriver, commands: readonly Command[], origin: number): void {
  const oracle = new NaiveBook();
  let touch = origin;
  for (const step of commands) {
    if (step.do === 'walk') {
      touch += step.ticks;
    } else if (step.do === 'clear') {
      book.clear();
      oracle.clear();
    } else if (step.do === 'top') {
      for (const at of [Side.BID, Side.ASK]) expect(topOf(book.view, at, step.n)).toEqual(topOf(oracle, at, step.n));
    } else {
      const ticks = step.side === Side.BID ? touch - step.ticks : touch + 1 + step.ticks;
      if (step.do === 'set') {
        book.setLevel(step.side, ticks, step.lots);
        oracle.setLevel(step.side, ticks, step.lots);
      } else {
        const lots = bounded(step.lots, oracle.lotsAt(step.side, ticks));
        book.addLots(step.side, ticks, lots);
        oracle.addLots(step.side, ticks, lots);
      }
      expect(book.view.lotsAt(step.side, ticks)).toBe(oracle.lotsAt(step.side, ticks));
    }
    expectSame(book.view, oracle);
  }
  expect(levelsOf(book.view)).toEqual(levelsOf(oracle));
}

/** What every book promises, whatever it is made of. */
export function bookContract(name: string, make: () => BookDriver): void {
  describe(`${name} keeps the contract of a book`, () => {
    it('is empty at first, and says so without a price', () => {
      const { view } = make();
      expect(view.bestBidTicks).toBe(NO_PRICE);
      expect(view.bestAskTicks).toBe(NO_PRICE);
      expect([view.bestBidLots, view.bestAskLots]).toEqual([0, 0]);
      expect(view.mid).toBeNaN();
      expect(view.crossed).toBe(false);
      expect(levelsOf(view)).toEqual([[], []]);
    });

    it('has no mid and is not crossed while one side is empty', () => {
      const book = make();
      book.setLevel(Side.BID, 10, 5);
      expect(book.view.mid).toBeNaN();
      expect(book.view.crossed).toBe(false);
      book.setLevel(Side.ASK, 13, 5);
      expect(book.view.mid).toBe(11.5);
    });

    it('reports a locked book and a crossed one as crossed', () => {
      const book = make();
      book.setLevel(Side.BID, 10, 5);
      book.setLevel(Side.ASK, 11, 5);
      expect(book.view.crossed).toBe(false);
      book.setLevel(Side.BID, 11, 1);
      expect(book.view.crossed).toBe(true);
      book.setLevel(Side.BID, 12, 1);
      expect(book.view.crossed).toBe(true);
    });

    it('finds the next best when the best goes, however far it is', () => {
      const book = make();
      for (const ticks of [639_439, 639_438, 10_000, 1]) book.setLevel(Side.BID, ticks, ticks);
      for (const ticks of [639_439, 639_438]) book.setLevel(Side.BID, ticks, 0);
      expect([book.view.bestBidTicks, book.view.bestBidLots]).toEqual([10_000, 10_000]);
      book.setLevel(Side.BID, 10_000, 0);
      expect(book.view.bestBidTicks).toBe(1);
      book.setLevel(Side.BID, 1, 0);
      expect(book.view.bestBidTicks).toBe(NO_PRICE);
    });

    it('takes prices of zero, below zero and at the ends of the range', () => {
      const book = make();
      book.setLevel(Side.BID, -MAX_PRICE_TICKS, 1);
      book.setLevel(Side.BID, -5, 2);
      book.setLevel(Side.ASK, 0, 3);
      book.setLevel(Side.ASK, MAX_PRICE_TICKS, 4);
      expect(levelsOf(book.view)).toEqual([
        [-5, 2, -MAX_PRICE_TICKS, 1],
        [0, 3, MAX_PRICE_TICKS, 4],
      ]);
      // Not the negative zero, which prints and compares oddly.
      expect(Object.is(book.view.bestAskTicks, 0)).toBe(true);
    });

    it('ignores the removal of a level that is not there', () => {
      const book = make();
      book.setLevel(Side.BID, 10, 5);
      book.setLevel(Side.BID, 9, 0);
      book.setLevel(Side.BID, 11, 0);
      book.setLevel(Side.ASK, 11, 0);
      expect(levelsOf(book.view)).toEqual([[10, 5], []]);
    });

    it('leaves slots past the last level as they were', () => {
      const book = make();
      book.setLevel(Side.ASK, 10, 5);
      const ticks = Int32Array.of(1, 1, 1);
      const lots = Float64Array.of(1, 1, 1);
      expect(book.view.top(Side.ASK, 3, ticks, lots)).toBe(1);
      expect([...ticks, ...lots]).toEqual([10, 1, 1, 5, 1, 1]);
    });

    it('equals the oracle after every change, for prices near and far', () => {
      const origins = fc.constantFrom(0, 639_439, -70_000);
      fc.assert(
        fc.property(origins, fc.array(command, { maxLength: 120 }), (origin, commands) => {
          agrees(make(), commands, origin);
        }),
        { seed: 20120621, numRuns: 120 },
      );
    });
  });
}
