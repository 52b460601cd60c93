import { afterEach, describe, expect, it, vi } from 'vitest';
import { Random } from '../../src/core/index.ts';
import { MarketView } from '../../src/features/market-view.ts';
import { LadderBook, Side } from '../../src/market/index.ts';

/** Everything that a step works out. */
function contentsOf(view: MarketView): Record<string, number[]> {
  const { bidTicks, bidLots, askTicks, askLots, oldBidTicks, oldBidLots, oldAskTicks, oldAskLots } = view;
  const { bidSumLots, askSumLots, bidSumReach, askSumReach, flowLots, fadedFlowLots } = view;
  const arrays = {
    ...{ bidTicks, bidLots, askTicks, askLots, oldBidTicks, oldBidLots, oldAskTicks, oldAskLots },
    ...{ bidSumLots, askSumLots, bidSumReach, askSumReach, flowLots, fadedFlowLots },
  };
  const numbers = Object.entries(arrays).map(([name, values]) => [name, [...values]] as const);
  const { flowTotal, touchChanges, midTicks, moveTicks, meanLots, bidLevels, askLevels, oldBidLevels, oldAskLevels } =
    view;
  return {
    ...Object.fromEntries(numbers),
    scalars: [flowTotal, touchChanges, midTicks, moveTicks, meanLots, bidLevels, askLevels, oldBidLevels, oldAskLevels],
  };
}

/** One to four changes of levels near each other on either side; sides run empty, and sizes are small and very large. */
function change(book: LadderBook, random: Random): void {
  for (let n = 1 + random.below(4); n > 0; n--) {
    const side = random.bernoulli(0.5) ? Side.BID : Side.ASK;
    const price = side === Side.BID ? 1000 - random.below(14) : 1001 + random.below(14);
    const lots = random.bernoulli(0.5) ? 0 : 1 + random.below(random.bernoulli(0.2) ? 2 ** 31 - 1 : 50);
    book.setLevel(side, price, lots);
  }
}

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('the view', () => {
  it('is the same to the last bit in WebAssembly and in TypeScript, for every depth', () => {
    for (const depth of [1, 2, 3, 4, 5, 6, 7, 10, 13]) {
      const random = new Random(depth);
      const book = new LadderBook();
      const views = [new MarketView(depth), new MarketView(depth, true)];
      for (let n = 0; n < 1500; n++) {
        if (n % 500 === 0) {
          if (n === 1000) book.clear();
          for (const view of views) {
            view.reset();
            view.start(book);
          }
        } else {
          if (random.bernoulli(0.9)) change(book, random);
          for (const view of views) view.apply(book);
        }
        expect(contentsOf(views[0]), `depth ${depth}, message ${n}`).toEqual(contentsOf(views[1]));
      }
    }
  });

  it('shows the levels before a message, the flow between, and that it fades', () => {
    for (const plain of [false, true]) {
      const view = new MarketView(3, plain);
      const book = new LadderBook();
      book.setLevel(Side.BID, 100, 5);
      book.setLevel(Side.BID, 98, 7);
      book.setLevel(Side.ASK, 101, 4);
      view.start(book);
      expect([...view.bidSumLots]).toEqual([5, 12, 12]);
      expect([...view.bidSumReach]).toEqual([0, 14, 14]);
      expect([...view.oldBidLots]).toEqual([5, 7, 0]);
      expect([...view.fadedFlowLots]).toEqual([0, 0, 0]);
      book.setLevel(Side.BID, 100, 8);
      book.setLevel(Side.ASK, 102, 6);
      view.apply(book);
      expect([...view.oldBidLots]).toEqual([5, 7, 0]);
      expect([...view.bidLots]).toEqual([8, 7, 0]);
      expect([...view.flowLots]).toEqual([3, -6, 0]);
      expect(view.flowTotal).toBe(-3);
      expect(view.touchChanges).toBe(1);
      view.apply(book);
      expect([...view.oldBidLots]).toEqual([8, 7, 0]);
      expect(view.touchChanges).toBe(0);
      expect([...view.flowLots]).toEqual([0, 0, 0]);
      expect([...view.fadedFlowLots]).toEqual([3 * Math.exp(-0.1), -6 * Math.exp(-0.1), 0]);
    }
  });

  it('does without WebAssembly where there is none, or no room for another of its memories', () => {
    class Full {
      constructor() {
        throw new RangeError('out of memory');
      }
    }
    const book = new LadderBook();
    book.setLevel(Side.BID, 100, 5);
    for (const present of [undefined, { Module: class {}, Instance: Full }]) {
      vi.stubGlobal('WebAssembly', present);
      const view = new MarketView(9);
      view.start(book);
      expect(view.bidSumLots[8]).toBe(5);
    }
  });
});
