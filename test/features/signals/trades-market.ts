import { FeatureEngine, findSignal } from '../../../src/features/index.ts';
import { Side } from '../../../src/market/index.ts';
import { ask, bid, instrumentOf, type Message, other, play, snapshot, trade } from '../random-market.ts';

export const SECOND = 1e9;

/** Bids 100 × 8 and 99 × 4, asks 102 × 2 and 104 × 6: mid 101, average level 20 / 4 = 5 lots. Trades leave it as it is. */
export const START = snapshot(0, [bid(100, 8), bid(99, 4), ask(102, 2), ask(104, 6)]);

/** Plays a market of two levels a side; for every message the signal's columns. */
export function valuesOf(name: string, messages: readonly Message[]): number[][] {
  const instrument = instrumentOf({ depthLimit: 2 });
  return play(new FeatureEngine(instrument, { signals: [findSignal(name)] }), instrument, messages).map((r) => [...r]);
}

export const lastOf = (name: string, messages: readonly Message[]): number[] => valuesOf(name, messages).at(-1)!;

/** Trades a millisecond apart, positive sizes bought at 102 and negative ones sold at 100. */
export const trades = (sizes: readonly number[], fromNs = 1e6): Message[] =>
  sizes.map((lots, k) =>
    other(fromNs + k * 1e6, [lots > 0 ? trade(Side.BID, 102, lots) : trade(Side.ASK, 100, -lots)]),
  );

/** Orders a millisecond apart that each trade one lot: `+` buys at 102, `-` sells at 100. */
export const orders = (signs: string, fromNs?: number): Message[] =>
  trades(
    [...signs].map((sign) => (sign === '+' ? 1 : -1)),
    fromNs,
  );

/** 1 + f + f² + … + f^(n − 1). */
export const geometric = (f: number, n: number): number => (1 - f ** n) / (1 - f);
