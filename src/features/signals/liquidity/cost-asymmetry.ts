import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';
import { BookWalk, WALK_SIZES } from './book-walk.ts';

export const costAsymmetry: SignalDefinition = {
  name: 'cost_asymmetry',
  family: 'liquidity',
  title: 'Cost asymmetry',
  meaning:
    'Which way is dearer to trade x average levels: positive where buying costs more over the mid than selling, as a part of both. NaN where trade_cost is on either side.',
  tex: String.raw`\frac{C_{buy} - C_{sell}}{C_{buy} + C_{sell}}`,
  formula: '(buy - sell) / (buy + sell); buy, sell = trade_cost of x average levels',
  warmup: 'none',
  cost: 'a division a size',
  source: 'definition: relative difference of the two costs of Irvine, Benston and Kandel (2000)',
  needs: [],
  dependencies: ['running sums of the levels', 'average level size'],
  version: 1,
  columns: () =>
    WALK_SIZES.map((size) => ({
      name: `cost_asymmetry_${size}`,
      unit: '1',
      mirror: 'odd',
      ticks: 0,
      lots: 0,
      detail: `${size} average levels`,
    })),
  create: (context) => new CostAsymmetry(context),
};

class CostAsymmetry implements Signal {
  readonly #walk: BookWalk;

  constructor(context: SignalContext) {
    this.#walk = context.share(BookWalk);
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    const known = view.has(1);
    if (known) this.#walk.refresh(view);
    for (let k = 0; k < WALK_SIZES.length; k++) {
      const buy = this.#walk.buyTicks[k];
      const sell = this.#walk.sellTicks[k];
      out[at + k] = known ? (buy - sell) / (buy + sell) : Number.NaN;
    }
  }

  reset(): void {}
}
