import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import { sideColumns } from '../../side-columns.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';

const DEPTHS = [1, 5];

export const depth: SignalDefinition = {
  name: 'depth',
  family: 'liquidity',
  title: 'Depth',
  meaning:
    'Lots waiting on the n best levels of a side, in average levels: how much can be traded there and then. NaN where the side has fewer levels.',
  tex: String.raw`\frac{1}{Q} \sum_{m \le n} q^m`,
  formula: 'sum of q over the n best levels / Q; Q = average size of a level',
  warmup: 'none',
  cost: 'a division a row',
  source: 'Kyle (1985), Continuous auctions and insider trading: depth as a dimension of liquidity',
  needs: [],
  dependencies: ['running sums of the levels', 'average level size'],
  version: 1,
  columns: (depth) =>
    DEPTHS.filter((n) => n <= depth).flatMap((n) =>
      sideColumns(`depth_${n}`, {
        unit: 'average levels',
        ticks: 0,
        lots: 0,
        detail: n === 1 ? 'best level' : `${n} best levels`,
      }),
    ),
  create: (context) => new Depth(context),
};

class Depth implements Signal {
  readonly #depths: readonly number[];

  constructor({ depth }: SignalContext) {
    this.#depths = DEPTHS.filter((n) => n <= depth);
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    const { bidSumLots, askSumLots, bidLevels, askLevels } = view;
    const depths = this.#depths;
    const perLot = 1 / view.meanLots;
    for (let c = 0; c < depths.length; c++) {
      const n = depths[c];
      out[at + 2 * c] = bidLevels >= n ? bidSumLots[n - 1] * perLot : Number.NaN;
      out[at + 2 * c + 1] = askLevels >= n ? askSumLots[n - 1] * perLot : Number.NaN;
    }
  }

  reset(): void {}
}
