import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Part } from '../../signal.ts';

/** Levels that a side must show before its shape means anything. */
export const SHAPE_LEVELS = 3;

/**
 * How each side's depth is spread over its levels. A message mostly touches one side, and on it one level, so a side is worked
 * out anew only where it changed and a row asks, and q ln q only for sizes that did not stand there or one place beside before.
 */
export class DepthShape implements Part {
  readonly bid: SideShape;
  readonly ask: SideShape;
  #isBidStale = true;
  #isAskStale = true;

  constructor({ depth }: SignalContext) {
    this.bid = new SideShape(depth, 1);
    this.ask = new SideShape(depth, -1);
  }

  onBook(view: MarketView): void {
    if (view.bidChanged) this.#isBidStale = true;
    if (view.askChanged) this.#isAskStale = true;
  }

  /** Brings both sides up to the view. */
  refresh(view: MarketView): void {
    if (this.#isBidStale) {
      this.#isBidStale = false;
      this.bid.read(view.bidTicks, view.bidLots, view.bidSumLots, view.bidLevels);
    }
    if (this.#isAskStale) {
      this.#isAskStale = false;
      this.ask.read(view.askTicks, view.askLots, view.askSumLots, view.askLevels);
    }
  }

  reset(): void {
    this.#isBidStale = true;
    this.#isAskStale = true;
    this.bid.reset();
    this.ask.reset();
  }
}

/** One side's shape; every figure is `NaN` where it shows fewer than `SHAPE_LEVELS` levels. */
class SideShape {
  /** Σ (q / Σ q)². */
  herfindahl = Number.NaN;
  /** −Σ p ln p / ln n with p = q / Σ q over n levels. */
  entropy = Number.NaN;
  /** Of the regression of the cumulated share of depth on the distance from the best price, per tick. */
  slope = Number.NaN;
  /** 1 sees prices fall from level to level, −1 rise. */
  readonly #away: number;
  readonly #perLnLevels: Float64Array;
  #terms: Terms;
  #spare: Terms;

  constructor(depth: number, away: number) {
    this.#away = away;
    this.#perLnLevels = Float64Array.from({ length: depth + 1 }, (_, n) => 1 / Math.log(n));
    this.#terms = new Terms(depth);
    this.#spare = new Terms(depth);
  }

  read(ticks: Int32Array, lots: Float64Array, sumLots: Float64Array, levels: number): void {
    const { lots: newLots, logs: newLogs } = this.#spare;
    const { lots: oldLots, logs: oldLogs } = this.#terms;
    const best = ticks[0];
    let logs = 0;
    let squares = 0;
    let sx = 0;
    let sxx = 0;
    let sy = 0;
    let sxy = 0;
    for (let m = 0; m < levels; m++) {
      const q = lots[m];
      // The terms stand one place on, so that both neighbours of every level exist.
      let log = 0;
      if (q === oldLots[m + 1]) log = oldLogs[m + 1];
      else if (q === oldLots[m]) log = oldLogs[m];
      else if (q === oldLots[m + 2]) log = oldLogs[m + 2];
      else log = q * Math.log(q);
      newLots[m + 1] = q;
      newLogs[m + 1] = log;
      logs += log;
      squares += q * q;
      // Negative on the ask side; the sign is put right at the end.
      const x = best - ticks[m];
      const y = sumLots[m];
      sx += x;
      sxx += x * x;
      sy += y;
      sxy += x * y;
    }
    for (let m = levels + 1; m < newLots.length; m++) newLots[m] = 0;
    const terms = this.#terms;
    this.#terms = this.#spare;
    this.#spare = terms;
    if (levels < SHAPE_LEVELS) {
      this.reset();
      return;
    }
    const sum = sumLots[levels - 1];
    const perLot = 1 / sum;
    this.herfindahl = squares * perLot * perLot;
    this.entropy = (Math.log(sum) - logs * perLot) * this.#perLnLevels[levels];
    this.slope = (this.#away * (levels * sxy - sx * sy) * perLot) / (levels * sxx - sx * sx);
  }

  /** Terms of q ln q stay: they are a table of a function. */
  reset(): void {
    this.herfindahl = Number.NaN;
    this.entropy = Number.NaN;
    this.slope = Number.NaN;
  }
}

/** q and q ln q by level, with a place before the first and one behind the last; q is never 0 where a level is. */
class Terms {
  readonly lots: Float64Array;
  readonly logs: Float64Array;

  constructor(depth: number) {
    this.lots = new Float64Array(depth + 2);
    this.logs = new Float64Array(depth + 2);
  }
}
