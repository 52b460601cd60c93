import { NS_PER_MS } from '../../../core/index.ts';
import type { MarketView } from '../../market-view.ts';
import type { Part } from '../../signal.ts';
import { EPISODE_SECONDS } from './hawkes.ts';

/** Durations that the moments remember, and that they wait for. */
export const MEMORY = 50;

/** First and second moments of the last durations, weights fading by 1 − 1 / `MEMORY` a duration; `NaN` before there were as many. */
class DurationMoments {
  meanMs = Number.NaN;
  meanSquare = Number.NaN;
  /** Goes up with every duration. */
  count = 0;
  #sum = 0.5;
  #squares = 0.5;
  #weight = 0.5;

  constructor() {
    this.reset();
  }

  add(ms: number): void {
    const keep = 1 - 1 / MEMORY;
    this.#sum = this.#sum * keep + ms;
    this.#squares = this.#squares * keep + ms * ms;
    this.#weight = this.#weight * keep + 1;
    this.count++;
    if (this.count < MEMORY) return;
    const each = 1 / this.#weight;
    this.meanMs = this.#sum * each;
    this.meanSquare = this.#squares * each;
  }

  reset(): void {
    this.meanMs = Number.NaN;
    this.meanSquare = Number.NaN;
    this.count = 0;
    this.#sum = 0;
    this.#squares = 0;
    this.#weight = 0;
  }
}

/**
 * Durations between book messages, the first from the first book on, and between runs of trades: a trade within 1 ms of the
 * one before belongs to its run, and a duration is the time from run to run, first trade to first trade.
 */
export class Durations implements Part {
  readonly book = new DurationMoments();
  readonly trades = new DurationMoments();
  #bookNs = 0;
  #runNs = Number.NaN;
  #tradeNs = Number.NaN;

  onTrade(view: MarketView): void {
    const { nowNs } = view;
    if (!(nowNs - this.#tradeNs <= EPISODE_SECONDS * 1e9)) {
      if (!Number.isNaN(this.#runNs)) this.trades.add((nowNs - this.#runNs) / NS_PER_MS);
      this.#runNs = nowNs;
    }
    this.#tradeNs = nowNs;
  }

  onBook(view: MarketView): void {
    this.book.add((view.nowNs - this.#bookNs) / NS_PER_MS);
    this.#bookNs = view.nowNs;
  }

  reset(): void {
    this.book.reset();
    this.trades.reset();
    this.#bookNs = 0;
    this.#runNs = Number.NaN;
    this.#tradeNs = Number.NaN;
  }
}
