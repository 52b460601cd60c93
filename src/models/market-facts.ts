import { assert } from '../core/index.ts';
import { tradedLotsOf } from '../features/index.ts';
import { Effect, type EventBatch, type LadderBook, Side } from '../market/index.ts';
import type { MarketColumn } from './market-column.ts';
import type { Decision } from './model.ts';

/**
 * What a decision says of the market, beside its signals: filled in here for forecasts and for rows to learn from alike, so that the two
 * agree to the last bit.
 */
export class MarketFacts {
  #tradedLots = 0;
  readonly #fair: FairPrice | null;

  /** Levels of each side in the fair price; absent: none is computed. */
  constructor(anchorLevels: number | undefined) {
    this.#fair = anchorLevels === undefined ? null : new FairPrice(anchorLevels);
  }

  /** Hears of every message that is not old and no quote of the venue's own, after the book took it. */
  onMessage(batch: EventBatch, from: number, to: number, effect: Effect): void {
    this.#tradedLots += tradedLotsOf(batch, from, to, effect === Effect.CHANGED);
  }

  /** Of a trusted book with two sides. */
  describe(book: LadderBook, decision: Decision): void {
    decision.midTicks = book.mid;
    decision.spreadTicks = book.bestAskTicks - book.bestBidTicks;
    const depth = book.bestBidLots + book.bestAskLots;
    decision.imbalance = (book.bestBidLots - book.bestAskLots) / depth;
    decision.tradedLots = this.#tradedLots;
    decision.fairTicks = this.#fair === null ? Number.NaN : this.#fair.of(book);
  }
}

/** The number of a decision that stands in the column; `fairTicks` for those of a fair price. */
export function marketNumber(decision: Decision, column: MarketColumn): number {
  if (column === 'spreadTicks' || column === 'imbalance' || column === 'tradedLots') return decision[column];
  return decision.fairTicks;
}

/** Levels of the fair price among the columns; undefined where it is not among them. Decisions have one such price, not several. */
export function anchorLevelsOf(columns: readonly MarketColumn[]): number | undefined {
  const levels = columns.flatMap((column) => /^vwap(\d+)Ticks$/.exec(column)?.[1] ?? []);
  assert(levels.length <= 1, 'rows have at most one price beside the mid');
  return levels.length === 0 ? undefined : Number(levels[0]);
}

/**
 * The middle between the volume-weighted mean prices of the best levels of either side, ticks. Where a side has fewer levels, of those
 * that it has. Allocates nothing once made.
 */
class FairPrice {
  readonly #levels: number;
  readonly #ticks: Int32Array;
  readonly #lots: Float64Array;

  constructor(levels: number) {
    this.#levels = levels;
    this.#ticks = new Int32Array(levels);
    this.#lots = new Float64Array(levels);
  }

  of(book: LadderBook): number {
    return (this.#mean(book, Side.BID) + this.#mean(book, Side.ASK)) / 2;
  }

  #mean(book: LadderBook, side: Side): number {
    const n = book.top(side, this.#levels, this.#ticks, this.#lots);
    let lots = 0;
    let sum = 0;
    for (let i = 0; i < n; i++) {
      lots += this.#lots[i];
      sum += this.#lots[i] * this.#ticks[i];
    }
    return sum / lots;
  }
}
