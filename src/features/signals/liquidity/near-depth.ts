import type { MarketView } from '../../market-view.ts';
import type { Part } from '../../signal.ts';

/**
 * Distances from the mid, the nearest first: half a basis point for the dense books of crypto perpetuals (about the reach of their ten best
 * levels), five for those of shares. Both are exact in binary, so that no level is in or out by rounding.
 */
export const NEAR_BPS = [0.5, 5];

/** As part of a column's name: `05bps`, `5bps`. */
export const nearName = (bps: number): string => `${String(bps).replace('.', '')}bps`;

/**
 * Lots no further from the mid than each of `NEAR_BPS`, by side; `NaN` where a full view ends before that distance, since what
 * lies behind it is unknown. A side that is shown whole counts as far as it goes.
 */
export class NearDepth implements Part {
  readonly bidLots = new Float64Array(NEAR_BPS.length);
  readonly askLots = new Float64Array(NEAR_BPS.length);
  /** The furthest prices within each distance, for the mid that was last looked from. */
  readonly #lowTicks = new Int32Array(NEAR_BPS.length);
  readonly #highTicks = new Int32Array(NEAR_BPS.length);
  #midTicks = Number.NaN;
  #isBidStale = true;
  #isAskStale = true;

  onBook(view: MarketView): void {
    if (view.bidChanged) this.#isBidStale = true;
    if (view.askChanged) this.#isAskStale = true;
  }

  /** Brings the sums up to the view, which has a mid. */
  refresh(view: MarketView): void {
    const { midTicks } = view;
    if (midTicks !== this.#midTicks) {
      this.#lookFrom(midTicks);
      this.#isBidStale = true;
      this.#isAskStale = true;
    }
    if (this.#isBidStale) {
      this.#isBidStale = false;
      this.#sumBids(view.bidTicks, view.bidSumLots, view.bidLevels);
    }
    if (this.#isAskStale) {
      this.#isAskStale = false;
      this.#sumAsks(view.askTicks, view.askSumLots, view.askLevels);
    }
  }

  #lookFrom(midTicks: number): void {
    this.#midTicks = midTicks;
    for (let k = 0; k < NEAR_BPS.length; k++) {
      // Compared in ten-thousandths of a tick, where nothing is rounded.
      const reach = NEAR_BPS[k] * midTicks;
      let low = Math.ceil(midTicks - reach * 1e-4);
      if ((midTicks - low) * 1e4 > reach) low++;
      else if ((midTicks - low + 1) * 1e4 <= reach) low--;
      this.#lowTicks[k] = low;
      this.#highTicks[k] = 2 * midTicks - low;
    }
  }

  #sumBids(ticks: Int32Array, sumLots: Float64Array, levels: number): void {
    let n = 0;
    for (let k = 0; k < NEAR_BPS.length; k++) {
      const low = this.#lowTicks[k];
      while (n < levels && ticks[n] >= low) n++;
      this.bidLots[k] = n === 0 ? 0 : n === ticks.length ? Number.NaN : sumLots[n - 1];
    }
  }

  #sumAsks(ticks: Int32Array, sumLots: Float64Array, levels: number): void {
    let n = 0;
    for (let k = 0; k < NEAR_BPS.length; k++) {
      const high = this.#highTicks[k];
      while (n < levels && ticks[n] <= high) n++;
      this.askLots[k] = n === 0 ? 0 : n === ticks.length ? Number.NaN : sumLots[n - 1];
    }
  }

  reset(): void {
    this.#isBidStale = true;
    this.#isAskStale = true;
  }
}
