import type { BookMessage, ForecastMessage } from '../../src/api/contract.ts';
import { epochSeconds } from './format.ts';
import { leanOf } from './state.ts';

type Column = (number | null)[];

/**
 * The last prices and forecasts as columns for the charts, one entry a forecast, oldest first; while the forecast abstains,
 * one a book message, so that the price goes on. Bounded: at most twice `capacity` entries are held, and the oldest are
 * dropped in one cut, so adding costs O(1) on average.
 */
export class History {
  readonly capacity: number;
  /** Venue time in seconds since 1970 UTC, never decreasing: a step back is drawn where the last point was. */
  readonly seconds: number[] = [];
  readonly bid: Column = [];
  readonly ask: Column = [];
  /** Null while the book is one-sided or not to be trusted. */
  readonly mid: Column = [];
  /** p(up) − p(down); null where the forecast abstained. */
  readonly lean: Column = [];
  /** Rises with each change, so that a chart knows whether to draw. */
  version = 0;

  constructor(capacity = 40_000) {
    this.capacity = capacity;
  }

  get length(): number {
    return this.seconds.length;
  }

  pushForecast(forecast: ForecastMessage, classes: readonly string[]): void {
    const { time, bid, ask, mid } = forecast;
    if (time === null) return;
    const priced = mid !== null;
    this.#push(time, priced ? toNumber(bid) : null, priced ? toNumber(ask) : null, mid, leanOf(forecast, classes));
  }

  /** Adds a price only while there is no forecast: otherwise the forecasts bring it. */
  pushBook(book: BookMessage): void {
    if (book.time === null || this.lean.at(-1) !== null) return;
    const trusted = book.state === 'synced' && book.mid !== null;
    const { bids, asks, mid } = book;
    if (trusted) this.#push(book.time, toNumber(bids[0]?.price), toNumber(asks[0]?.price), mid, null);
    else this.#push(book.time, null, null, null, null);
  }

  clear(): void {
    for (const column of this.#columns()) column.length = 0;
    this.version++;
  }

  /** The first entry of the last `spanSeconds`, one earlier where there is one, so that lines enter from the edge. */
  firstWithin(spanSeconds: number): number {
    const from = (this.seconds.at(-1) ?? 0) - spanSeconds;
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.seconds[middle] < from) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  }

  #push(time: string, bid: number | null, ask: number | null, mid: number | null, lean: number | null): void {
    const previous = this.seconds.at(-1) ?? Number.NEGATIVE_INFINITY;
    this.seconds.push(Math.max(previous, epochSeconds(time)));
    this.bid.push(bid);
    this.ask.push(ask);
    this.mid.push(mid);
    this.lean.push(lean);
    if (this.length > 2 * this.capacity) this.#cut();
    this.version++;
  }

  #columns(): Column[] {
    return [this.seconds, this.bid, this.ask, this.mid, this.lean];
  }

  #cut(): void {
    for (const column of this.#columns()) column.splice(0, column.length - this.capacity);
  }
}

function toNumber(price: string | null | undefined): number | null {
  return price === null || price === undefined ? null : Number(price);
}
