import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Part } from '../../signal.ts';

/** Levels that a side must show before its shape means anything. */
export const SHAPE_LEVELS = 3;

/** Sizes whose q ln q is remembered, a power of two. */
const SLOTS = 2048;

/**
 * How each side's depth is spread over its levels. A message mostly touches one side, so a side is worked out anew only where
 * it changed and a row asks.
 */
export class DepthShape implements Part {
  readonly bid: SideShape;
  readonly ask: SideShape;
  #isBidStale = true;
  #isAskStale = true;

  constructor({ depth }: SignalContext) {
    // In pairs: a size, and its q ln q. A size has one place, and the last one to come there stays.
    const terms = new Float64Array(2 * SLOTS);
    this.bid = new SideShape(depth, terms);
    this.ask = new SideShape(depth, terms);
  }

  onBook(view: MarketView): void {
    if (view.bidChanged) this.#isBidStale = true;
    if (view.askChanged) this.#isAskStale = true;
  }

  /** Brings both sides up to the view. */
  refresh(view: MarketView): void {
    if (this.#isBidStale || this.#isAskStale) this.#read(view);
  }

  #read(view: MarketView): void {
    if (this.#isBidStale) this.bid.read(view.bidTicks, view.bidLots, view.bidSumLots, view.bidSumReach, view.bidLevels);
    if (this.#isAskStale) this.ask.read(view.askTicks, view.askLots, view.askSumLots, view.askSumReach, view.askLevels);
    this.#isBidStale = false;
    this.#isAskStale = false;
  }

  reset(): void {
    this.#isBidStale = true;
    this.#isAskStale = true;
  }
}

/** One side's shape; every figure is `NaN` where it shows fewer than `SHAPE_LEVELS` levels. */
class SideShape {
  /** q / Σ q of the best level. */
  topShare = Number.NaN;
  /** Σ (q / Σ q)². */
  herfindahl = Number.NaN;
  /** −Σ p ln p / ln n with p = q / Σ q over n levels. */
  entropy = Number.NaN;
  /** Of the regression of the cumulated share of depth on the distance from the best price, per tick. */
  slope = Number.NaN;
  /** Twice the mean distance from the best price, by lots, over that of the last level, less 1. */
  convexity = Number.NaN;
  readonly #perLnLevels: Float64Array;
  readonly #terms: Float64Array;

  constructor(depth: number, terms: Float64Array) {
    this.#perLnLevels = Float64Array.from({ length: depth + 1 }, (_, n) => 1 / Math.log(n));
    this.#terms = terms;
  }

  read(ticks: Int32Array, lots: Float64Array, sumLots: Float64Array, sumReach: Float64Array, levels: number): void {
    if (levels < SHAPE_LEVELS) {
      this.#clear();
      return;
    }
    const terms = this.#terms;
    const best = ticks[0];
    let logs = 0;
    let squares = 0;
    let sx = 0;
    let sxx = 0;
    let sy = 0;
    let sxy = 0;
    for (let m = 0; m < levels; m++) {
      const q = lots[m];
      const k = (q & (SLOTS - 1)) << 1;
      if (terms[k] !== q) {
        terms[k] = q;
        terms[k + 1] = q * Math.log(q);
      }
      logs += terms[k + 1];
      squares += q * q;
      const x = Math.abs(best - ticks[m]);
      const y = sumLots[m];
      sx += x;
      sxx += x * x;
      sy += y;
      sxy += x * y;
    }
    const sum = sumLots[levels - 1];
    const perLot = 1 / sum;
    this.topShare = lots[0] * perLot;
    this.herfindahl = squares * perLot * perLot;
    this.entropy = (Math.log(sum) - logs * perLot) * this.#perLnLevels[levels];
    this.slope = ((levels * sxy - sx * sy) * perLot) / (levels * sxx - sx * sx);
    this.convexity = (2 * sumReach[levels - 1] * perLot) / Math.abs(best - ticks[levels - 1]) - 1;
  }

  #clear(): void {
    this.topShare = Number.NaN;
    this.herfindahl = Number.NaN;
    this.entropy = Number.NaN;
    this.slope = Number.NaN;
    this.convexity = Number.NaN;
  }
}
