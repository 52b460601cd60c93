import { describe, expect, it } from 'vitest';
import { BatchBuilder, Effect, EventKind, LadderBook, Side } from '../../src/market/index.ts';
import { anchorLevelsOf, type Decision, emptyDecision, MarketFacts, marketNumber } from '../../src/models/index.ts';

function bookOf(bids: readonly [number, number][], asks: readonly [number, number][]): LadderBook {
  const book = new LadderBook();
  for (const [ticks, lots] of bids) book.setLevel(Side.BID, ticks, lots);
  for (const [ticks, lots] of asks) book.setLevel(Side.ASK, ticks, lots);
  return book;
}

function described(facts: MarketFacts, book: LadderBook): Decision {
  const decision = emptyDecision(new Float64Array(0));
  facts.describe(book, decision);
  return decision;
}

describe('MarketFacts', () => {
  const book = bookOf(
    [
      [100, 2],
      [99, 1],
      [90, 7],
    ],
    [
      [101, 1],
      [103, 3],
    ],
  );

  it('says the mid, the spread, the imbalance and the middle of the mean prices of k levels', () => {
    expect(described(new MarketFacts(2), book)).toMatchObject({ midTicks: 100.5, spreadTicks: 1, imbalance: 1 / 3 });
    expect(described(new MarketFacts(1), book).fairTicks).toBe(100.5);
    expect(described(new MarketFacts(2), book).fairTicks).toBeCloseTo((299 / 3 + 410 / 4) / 2, 12);
    // The asks have two levels, however many are asked for.
    expect(described(new MarketFacts(32), book).fairTicks).toBeCloseTo((929 / 10 + 410 / 4) / 2, 12);
    expect(described(new MarketFacts(undefined), book).fairTicks).toBeNaN();
  });

  it('has a price that a small order which comes and goes hardly moves', () => {
    const levels = [1, 2, 3, 4, 5].map((i): [number, number] => [100 - i, 50]);
    const asks = levels.map(([ticks, lots]): [number, number] => [201 - ticks, lots]);
    const [calm, flicker] = [bookOf(levels, asks), bookOf([...levels, [100, 1]], asks)];
    const facts = new MarketFacts(5);
    expect(described(facts, flicker).midTicks - described(facts, calm).midTicks).toBe(0.5);
    const moved = described(facts, flicker).fairTicks - described(facts, calm).fairTicks;
    expect(Math.abs(moved)).toBeLessThan(0.3);
  });

  it('counts what traded: prints, and executions of a message that the book took', () => {
    const builder = new BatchBuilder('test:X', 0, 8);
    builder.push(EventKind.TRADE, Side.BID, 100, 5, 0, 0, 1, 0);
    builder.endMessage();
    builder.push(EventKind.EXECUTE, Side.BID, 100, 3, 0, 0, 2, 1);
    builder.endMessage();
    builder.push(EventKind.ADD, Side.BID, 100, 9, 0, 0, 3, 2);
    builder.endMessage();
    const batch = builder.finish()!;
    const facts = new MarketFacts(undefined);
    const lots = (): number => described(facts, book).tradedLots;
    expect(lots()).toBe(0);
    facts.onMessage(batch, 0, 1, Effect.NONE);
    expect(lots()).toBe(5);
    facts.onMessage(batch, 1, 2, Effect.NONE);
    expect(lots()).toBe(5);
    facts.onMessage(batch, 1, 2, Effect.CHANGED);
    facts.onMessage(batch, 2, 3, Effect.CHANGED);
    expect(lots()).toBe(8);
  });

  it('gives the number of a column, and one fair price alone', () => {
    const decision = described(new MarketFacts(2), book);
    expect(marketNumber(decision, 'spreadTicks')).toBe(1);
    expect(marketNumber(decision, 'imbalance')).toBe(1 / 3);
    expect(marketNumber(decision, 'tradedLots')).toBe(0);
    expect(marketNumber(decision, 'vwap2Ticks')).toBe(decision.fairTicks);
    expect(anchorLevelsOf(['imbalance', 'vwap12Ticks'])).toBe(12);
    expect(anchorLevelsOf(['imbalance'])).toBeUndefined();
    expect(() => anchorLevelsOf(['vwap2Ticks', 'vwap3Ticks'])).toThrow('at most one price');
  });
});
