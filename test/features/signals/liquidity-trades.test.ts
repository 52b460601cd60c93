import { describe, expect, it } from 'vitest';
import { NO_PRICE } from '../../../src/core/index.ts';
import { FeatureEngine, type SignalDefinition } from '../../../src/features/index.ts';
import { effectiveSpread } from '../../../src/features/signals/liquidity/effective-spread.ts';
import { pointOfControl } from '../../../src/features/signals/liquidity/point-of-control.ts';
import { priceImpact } from '../../../src/features/signals/liquidity/price-impact.ts';
import { profileBalance } from '../../../src/features/signals/liquidity/profile-balance.ts';
import { realisedSpread } from '../../../src/features/signals/liquidity/realised-spread.ts';
import { Side } from '../../../src/market/index.ts';
import {
  ask,
  bid,
  delta,
  disconnect,
  execute,
  instrumentOf,
  type Message,
  other,
  play,
  snapshot,
  trade,
} from '../random-market.ts';

const SECOND = 1e9;
const MS = 1e6;
const { BID, ASK, NONE } = Side;
const { NaN: nan } = Number;

function values(signals: SignalDefinition | SignalDefinition[], messages: readonly Message[]): number[][] {
  const instrument = instrumentOf();
  const engine = new FeatureEngine(instrument, { signals: [signals].flat() });
  return play(engine, instrument, messages).map((row) => [...row]);
}
const last = (signals: SignalDefinition | SignalDefinition[], messages: readonly Message[]): number[] =>
  values(signals, messages).at(-1)!;

/** Bids 100 × 8 and 99 × 4, asks 102 × 2 and 104 × 6: mid 101. */
const start = snapshot(0, [bid(100, 8), bid(99, 4), ask(102, 2), ask(104, 6)]);
const SPREADS = [effectiveSpread, realisedSpread, priceImpact];
const buys = (count: number, price = 102, fromMs = 1): Message[] =>
  Array.from({ length: count }, (_, n) => other((fromMs + n) * MS, [trade(BID, price, 1)]));
/** Σ kʲ for j from 1 to n. */
const faded = (k: number, n: number): number => (k * (1 - k ** n)) / (1 - k);

describe('spreads of trades', () => {
  const k = 1 - 1 / 50;

  it('effective: twice the distance from the mid, by size, after ten instants', () => {
    expect(last(effectiveSpread, [start, ...buys(9)])).toEqual([nan]);
    expect(last(effectiveSpread, [start, ...buys(10)])[0]).toBeCloseTo(2, 12);
    // Ten buys of a lot at 102 cost 2 each way and back, then one of three at 103 costs 4; a sale at 99.5 is between ticks.
    const messages = [
      start,
      ...buys(10),
      other(20 * MS, [trade(BID, 103, 3)]),
      other(21 * MS, [trade(ASK, NO_PRICE, 9)]),
    ];
    expect(last(effectiveSpread, messages)[0]).toBeCloseTo((2 * faded(k, 10) + 12) / (faded(k, 10) + 3), 12);
    // A sale at 98 as well, and a trade at the mid that nobody can sign not at all.
    const sold = [start, ...buys(10), other(20 * MS, [trade(ASK, 98, 1)]), other(21 * MS, [trade(NONE, 101, 9)])];
    expect(last(effectiveSpread, sold)[0]).toBeCloseTo((2 * faded(k, 10) + 6) / (faded(k, 10) + 1), 12);
  });

  it('effective: a sweep is one instant, held against the mid before its burst', () => {
    const sweep = [
      delta(20 * MS, [execute(ASK, 102, 2)]),
      // The mid is (100 + 104) / 2 = 102 by now, and 101 before the burst.
      delta(20 * MS, [execute(ASK, 104, 1)]),
    ];
    const paid = 2 * 1 * 2 + 2 * 3 * 1;
    expect(last(effectiveSpread, [start, ...buys(10), ...sweep])[0]).toBeCloseTo(
      (2 * faded(k, 10) + paid) / (faded(k, 10) + 3),
      12,
    );
  });

  it('effective: trades of the burst that opened the book have no mid before them', () => {
    const opening = [start, other(0, [trade(BID, 109, 50)]), ...buys(10)];
    expect(last(effectiveSpread, opening)[0]).toBeCloseTo(2, 12);
  });

  it('realised and impact: against the mid a second later', () => {
    // The mid rises to 101.5 half a second later and to 102.5 at 1.5 s: buyers at 102 are left with 1 of 2.
    const messages = [
      start,
      ...buys(10),
      delta(0.5 * SECOND, [bid(101, 1)]),
      delta(1.5 * SECOND, [bid(103, 1), ask(102, 0)]),
    ];
    expect(last(SPREADS, messages.slice(0, -1))).toEqual([2, nan, nan]);
    const [effective, realised, impact] = last(SPREADS, messages);
    expect(effective).toBeCloseTo(2, 12);
    expect(realised).toBeCloseTo(1, 12);
    expect(impact).toBeCloseTo(1, 12);
  });

  it('realised: the mid that stood when the second was over, weighted as the trades were', () => {
    const messages = [
      start,
      ...buys(9),
      other(30 * MS, [trade(ASK, 100, 4)]),
      // A second after the last buy exactly: its own second ends with the mid before this message.
      delta(SECOND + 9 * MS, [bid(101, 1)]),
      delta(SECOND + 30 * MS, [bid(90, 1)]),
    ];
    expect(last(SPREADS, messages.slice(0, -1)).slice(1)).toEqual([nan, nan]);
    // Nine buys kept 2; the sale of four at 100 loses 2 · (101.5 − 100) = 3 against a mid of 101.5: impact −1.
    const lots = faded(k, 9) + 4;
    const [, realised, impact] = last(SPREADS, messages);
    expect(realised).toBeCloseTo((2 * faded(k, 9) + 3 * 4) / lots, 12);
    expect(impact).toBeCloseTo((-1 * 4) / lots, 12);
  });

  it('realised: leaves out what has no mid a second later', () => {
    const empty = delta(0.5 * SECOND, [bid(100, 0), bid(99, 0)]);
    const later = [delta(1.5 * SECOND, [bid(100, 8)]), ...buys(10, 103, 2000), other(4 * SECOND, [trade(BID, 104, 1)])];
    const [, realised] = last(SPREADS, [start, ...buys(10), empty, ...later]);
    // Only the ten at 103 against 101 count.
    expect(realised).toBeCloseTo(4, 12);
  });

  it('realised: no more than 1024 instants wait, and those beyond are left out', () => {
    const us = (n: number, price: number): Message => other(MS + n * 1000, [trade(BID, price, 1)]);
    const waiting = Array.from({ length: 1024 }, (_, n) => us(n, 102));
    const beyond = Array.from({ length: 20 }, (_, n) => us(1024 + n, 110));
    const end = other(3 * SECOND, [trade(BID, 102, 1)]);
    const [effective, realised] = last(SPREADS, [start, ...waiting, ...beyond, end]);
    expect(effective).toBeGreaterThan(3);
    expect(realised).toBeCloseTo(2, 12);
    // There is room again afterwards.
    const after = [...buys(10, 106, 3001), other(5 * SECOND, [trade(BID, 102, 1)])];
    expect(last(SPREADS, [start, ...waiting, ...beyond, end, ...after])[1]).toBeGreaterThan(2.5);
  });

  it('forgets with the book', () => {
    const again = [disconnect(2 * SECOND), { ...start, tsNs: 3 * SECOND }, ...buys(9, 102, 3001)];
    expect(last(SPREADS, [start, ...buys(20), ...again])).toEqual([nan, nan, nan]);
  });
});

describe('the volume profile', () => {
  const at = (tsNs: number, price: number, lots: number): Message => other(tsNs, [trade(BID, price, lots)]);
  const PROFILE = [pointOfControl, profileBalance];
  const low = Array.from({ length: 100 }, (_, n) => at(10 + n, 100, 1));
  const high = Array.from({ length: 28 }, (_, n) => at(200 + n, 105, 4));

  it('shows the last 128 trades', () => {
    const messages = [start, at(1, 90, 1000), ...low, ...high];
    const rows = values(PROFILE, messages);
    // 127 trades so far; then the thousand lots at 90 are the control: the mid is 101.
    expect(rows.at(-3)).toEqual([nan, nan]);
    expect(rows.at(-2)![0]).toBe(11);
    expect(rows.at(-2)![1]).toBeCloseTo((1100 - 108) / 1208, 12);
    // They have left: 100 lots at 100, 112 at 105.
    expect(rows.at(-1)![0]).toBe(-4);
    expect(rows.at(-1)![1]).toBeCloseTo((100 - 112) / 212, 12);
  });

  it('gives of equal prices the one traded last', () => {
    const tied = [...high.slice(0, 24), at(300, 105, 1), at(301, 105, 1), at(302, 105, 1), at(303, 105, 1)];
    expect(last(pointOfControl, [start, ...low, ...tied])).toEqual([-4]);
    expect(last(pointOfControl, [start, ...tied, ...low])).toEqual([1]);
    // 98 at 100 and 6 at 106, both at the end: the first 100s and then a 105 left, so 100 lots at 105 are 97 now.
    const rest = Array.from({ length: 3 }, (_, n) => at(400 + n, 106, 2));
    expect(last(pointOfControl, [start, ...tied, ...low, ...rest])).toEqual([1]);
    // 100 lots at 100 against 100 at 105 before; three of 100 leave: the control moves to 105.
    expect(last(pointOfControl, [start, ...low, ...tied.reverse(), ...rest])).toEqual([-4]);
  });

  it('counts what traded at the mid as neither, and follows the mid', () => {
    const messages = [start, ...low, ...high.slice(1), at(500, 101, 12)];
    const moved = [delta(501, [bid(106, 1), ask(102, 0), ask(104, 0), ask(107, 1)]), delta(502, [bid(106, 0)])];
    const rows = values(profileBalance, [...messages, ...moved, delta(503, [bid(100, 0), bid(99, 0), bid(98, 1)])]);
    // 100 lots below 101, 108 above, 12 at it.
    expect(rows.at(-4)![0]).toBeCloseTo(-8 / 220, 12);
    // The mid is 106.5, and 103.5, and 102.5 then.
    expect(rows.at(-3)![0]).toBe(1);
    expect(rows.at(-2)![0]).toBeCloseTo((112 - 108) / 220, 12);
    expect(rows.at(-1)![0]).toBeCloseTo((112 - 108) / 220, 12);
  });

  it('passes over trades between ticks, and is NaN without a mid', () => {
    const messages = [start, ...low, at(150, NO_PRICE, 50), ...high];
    expect(last(PROFILE, messages)).toEqual(last(PROFILE, [start, ...low, ...high]));
    const empty = delta(600, [bid(100, 0), bid(99, 0)]);
    expect(last(PROFILE, [...messages, empty])).toEqual([nan, nan]);
  });
});
