import type { MarketView } from '../../market-view.ts';
import type { ColumnInfo, Signal, SignalDefinition } from '../../signal.ts';

/** Sizes to trade, in average levels; a thin side of ten levels often holds no more than four. */
const SIZES = [1, 3];
/** Part of a size that may be missing, so that rounding in the average level does not decide whether a side is too thin. */
const ROUNDING = 1e-12;

export const tradeCost: SignalDefinition = {
  name: 'trade_cost',
  family: 'liquidity',
  title: 'Cost to trade a size',
  meaning:
    'What buying or selling x average levels at once costs over the mid, a lot, walking the visible book: spread and depth in one figure. NaN where a side is empty or shows less than the size.',
  tex: String.raw`\frac{1}{xQ} \sum_m f_m\, |P^m - M|,\quad f_m = \min\Bigl(q^m,\ xQ - \sum_{k<m} f_k\Bigr)`,
  formula:
    'sum f |P - M| / (x Q); f = lots filled level by level up to x Q in all; Q = average size of a level, M = mid',
  warmup: 'none',
  cost: 'a comparison a level walked, at most a division a size and side',
  source: 'Irvine, Benston and Kandel (2000), Liquidity beyond the inside spread: cost of a round trip, by side',
  needs: [],
  dependencies: ['running sums of the levels', 'average level size'],
  version: 1,
  columns: () => SIZES.flatMap((size) => [column(size, 'buy', 'sell'), column(size, 'sell', 'buy')]),
  create: () => new TradeCost(),
};

function column(size: number, way: string, other: string): ColumnInfo {
  return {
    name: `trade_cost_${size}_${way}`,
    unit: 'ticks over the mid',
    mirror: `trade_cost_${size}_${other}`,
    ticks: 1,
    lots: 0,
    detail: `to ${way} ${size} average levels`,
  };
}

class TradeCost implements Signal {
  write(view: MarketView, out: Float64Array, at: number): void {
    const lots = view.meanLots;
    const half = view.has(1) ? (view.askTicks[0] - view.bidTicks[0]) / 2 : Number.NaN;
    walk(view.askTicks, view.askSumLots, view.askSumReach, view.askLevels, lots, half, out, at);
    walk(view.bidTicks, view.bidSumLots, view.bidSumReach, view.bidLevels, lots, half, out, at + 1);
  }

  reset(): void {}
}

/** Writes half the spread and the mean distance from the best price of the first lots of a side, for each size. */
function walk(
  ticks: Int32Array,
  sumLots: Float64Array,
  sumReach: Float64Array,
  levels: number,
  meanLots: number,
  half: number,
  out: Float64Array,
  at: number,
): void {
  const best = ticks[0];
  // Levels that the size takes whole; a greater one begins where a smaller one ended.
  let m = 0;
  for (let k = 0; k < SIZES.length; k++) {
    const size = SIZES[k] * meanLots;
    const enough = size * (1 - ROUNDING);
    while (m < levels && sumLots[m] < enough) m++;
    let cost = half;
    if (m === levels) cost = Number.NaN;
    else if (m > 0) cost += (sumReach[m - 1] + (size - sumLots[m - 1]) * Math.abs(ticks[m] - best)) / size;
    out[at + 2 * k] = cost;
  }
}
