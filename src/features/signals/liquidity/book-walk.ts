import type { MarketView } from '../../market-view.ts';
import type { Part } from '../../signal.ts';

/** Sizes to trade, in average levels; a thin side of ten levels often holds no more than four. */
export const WALK_SIZES = [1, 3];
const PER_SIZE = WALK_SIZES.map((size) => 1 / size);
/** Part of a size that may be missing, so that rounding in the average level does not decide whether a side is too thin. */
const ROUNDING = 1e-12;

/**
 * What it costs, in ticks a lot over the mid, to buy or sell each of `WALK_SIZES` at once by walking the levels shown; `NaN`
 * where they hold less.
 */
export class BookWalk implements Part {
  readonly buyTicks = new Float64Array(WALK_SIZES.length);
  readonly sellTicks = new Float64Array(WALK_SIZES.length);
  /** Where the walks ended, by size: the next ones begin there, and mostly end there too. */
  readonly #bidEnds = new Int32Array(WALK_SIZES.length);
  readonly #askEnds = new Int32Array(WALK_SIZES.length);
  #books = Number.NaN;

  /** Brings the costs up to the view; nothing to do where the book is the one of the call before. */
  refresh(view: MarketView): void {
    if (view.bookMessages === this.#books) return;
    this.#books = view.bookMessages;
    const half = (view.askTicks[0] - view.bidTicks[0]) / 2;
    const lots = view.meanLots;
    const { buyTicks, sellTicks } = this;
    walk(view.askTicks, view.askSumLots, view.askSumReach, view.askLevels, half, lots, this.#askEnds, buyTicks);
    walk(view.bidTicks, view.bidSumLots, view.bidSumReach, view.bidLevels, half, lots, this.#bidEnds, sellTicks);
  }

  reset(): void {
    this.#books = Number.NaN;
  }
}

/** Half the spread and the mean distance from the best price of the first lots of a side, for each size. */
function walk(
  ticks: Int32Array,
  sumLots: Float64Array,
  sumReach: Float64Array,
  levels: number,
  half: number,
  meanLots: number,
  ends: Int32Array,
  out: Float64Array,
): void {
  const perLot = 1 / meanLots;
  for (let k = 0; k < ends.length; k++) {
    const size = WALK_SIZES[k] * meanLots;
    const enough = size * (1 - ROUNDING);
    let m = ends[k];
    while (m > 0 && (m > levels || sumLots[m - 1] >= enough)) m--;
    while (m < levels && sumLots[m] < enough) m++;
    ends[k] = m;
    if (m === levels) out[k] = Number.NaN;
    else if (m === 0) out[k] = half;
    else {
      const beyond = (size - sumLots[m - 1]) * Math.abs(ticks[m] - ticks[0]);
      out[k] = half + (sumReach[m - 1] + beyond) * perLot * PER_SIZE[k];
    }
  }
}
