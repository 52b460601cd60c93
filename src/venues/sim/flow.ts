import { Side } from '../../market/index.ts';
import type { MatchingEngine } from './matching-engine.ts';

export type BookSide = typeof Side.BID | typeof Side.ASK;

export const SIDES: readonly BookSide[] = [Side.BID, Side.ASK];

/** Where every simulation starts: best bid 100.00, best ask 100.01, in ticks of 0.01. */
export const OPENING_BID_TICKS = 10_000;

/** Levels a side that every mode keeps, always. */
export const DEPTH = 10;

/**
 * The traders of one simulation: all that sends orders to the engine. Draws only from its own seeded stream, and reads
 * only the book and its own past.
 */
export interface Flow {
  /** Fills the empty book, before the market opens. */
  open(engine: MatchingEngine): void;
  /** Nanoseconds, at least 1, from the message before to the next one. */
  waitNs(): number;
  /** Sends the orders of one message: what happens at one instant. At least one order changes. */
  act(engine: MatchingEngine): void;
  /** Probability, given everything so far, that the next change of the mid is upward; `NaN` where not known. */
  readonly pUp: number;
  /** A small integer that names the present law of the market; 0 where a mode has only one. */
  readonly regime: number;
}

export function opposite(side: BookSide): BookSide {
  return side === Side.BID ? Side.ASK : Side.BID;
}

/** The price `depth` ticks behind `bestTicks`, away from the other side; negative depths improve on it. */
export function behind(side: BookSide, bestTicks: number, depth: number): number {
  return side === Side.BID ? bestTicks - depth : bestTicks + depth;
}

/** Takes `lots` off a queue from its back: the last orders to come leave first. */
export function trim(engine: MatchingEngine, side: BookSide, priceTicks: number, lots: number): void {
  const level = engine.levelAt(side, priceTicks);
  while (lots > 0 && level?.tail) {
    const order = level.tail;
    const leaving = Math.min(lots, order.lots);
    engine.cancel(order, leaving);
    lots -= leaving;
  }
}

/** Makes a queue `lots` long: one order joins at the back, or orders leave from the back. 0 empties it. */
export function shape(engine: MatchingEngine, side: BookSide, priceTicks: number, lots: number): void {
  const change = lots - engine.lotsAt(side, priceTicks);
  if (change > 0) engine.place(side, priceTicks, change);
  else if (change < 0) trim(engine, side, priceTicks, -change);
}
