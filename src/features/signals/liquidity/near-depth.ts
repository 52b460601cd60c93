import type { MarketView } from '../../market-view.ts';
import type { Part } from '../../signal.ts';

/**
 * Distances from the mid: half a basis point for the dense books of crypto perpetuals (about the reach of their ten best
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
  /** Levels within each distance when last looked at: the next look begins there, and mostly ends there too. */
  readonly #bidEnds = new Int32Array(NEAR_BPS.length);
  readonly #askEnds = new Int32Array(NEAR_BPS.length);
  #isStale = true;

  onBook(view: MarketView): void {
    if (view.bidChanged || view.askChanged) this.#isStale = true;
  }

  /** Brings the sums up to the view, which has a mid. */
  refresh(view: MarketView): void {
    if (!this.#isStale) return;
    this.#isStale = false;
    const { midTicks } = view;
    within(view.bidTicks, view.bidSumLots, view.bidLevels, midTicks, this.#bidEnds, this.bidLots);
    within(view.askTicks, view.askSumLots, view.askLevels, midTicks, this.#askEnds, this.askLots);
  }

  reset(): void {
    this.#isStale = true;
  }
}

function within(
  ticks: Int32Array,
  sumLots: Float64Array,
  levels: number,
  midTicks: number,
  ends: Int32Array,
  out: Float64Array,
): void {
  for (let k = 0; k < ends.length; k++) {
    // In ten-thousandths of a tick.
    const reach = NEAR_BPS[k] * midTicks;
    let n = ends[k];
    while (n > 0 && (n > levels || Math.abs(midTicks - ticks[n - 1]) * 1e4 > reach)) n--;
    while (n < levels && Math.abs(midTicks - ticks[n]) * 1e4 <= reach) n++;
    ends[k] = n;
    if (n === ticks.length) out[k] = Number.NaN;
    else out[k] = n === 0 ? 0 : sumLots[n - 1];
  }
}
