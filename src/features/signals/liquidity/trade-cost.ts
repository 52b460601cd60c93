import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { ColumnInfo, Signal, SignalDefinition } from '../../signal.ts';
import { BookWalk, WALK_SIZES } from './book-walk.ts';

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
  cost: 'a comparison a level walked, two divisions a size',
  source: 'Irvine, Benston and Kandel (2000), Liquidity beyond the inside spread: cost of a round trip, by side',
  needs: [],
  dependencies: ['running sums of the levels', 'average level size'],
  version: 1,
  columns: () => WALK_SIZES.flatMap((size) => [column(size, 'buy', 'sell'), column(size, 'sell', 'buy')]),
  create: (context) => new TradeCost(context),
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
  readonly #walk: BookWalk;

  constructor(context: SignalContext) {
    this.#walk = context.share(BookWalk);
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    const known = view.has(1);
    if (known) this.#walk.refresh(view);
    for (let k = 0; k < WALK_SIZES.length; k++) {
      out[at + 2 * k] = known ? this.#walk.buyTicks[k] : Number.NaN;
      out[at + 2 * k + 1] = known ? this.#walk.sellTicks[k] : Number.NaN;
    }
  }

  reset(): void {}
}
