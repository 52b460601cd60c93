import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition, Versioned } from '../../signal.ts';

const DEPTHS = [1, 3, 5, 10];

export const imbalance: SignalDefinition = {
  name: 'imbalance',
  family: 'liquidity',
  title: 'Queue imbalance',
  meaning: 'Which side of the book is heavier over the best n levels. NaN where a side has fewer.',
  tex: String.raw`\frac{B_n - A_n}{B_n + A_n},\quad B_n = \sum_{m \le n} q_b^m,\ A_n = \sum_{m \le n} q_a^m`,
  formula: '(B - A) / (B + A); B, A = lots on the n best bid and ask levels',
  warmup: 'none',
  cost: 'a division a column a row',
  source: 'Gould and Bonart (2016), Queue imbalance as a one-tick-ahead price predictor in a limit order book',
  needs: [],
  dependencies: ['running sums of the levels'],
  version: 1,
  columns: (depth) =>
    DEPTHS.filter((n) => n <= depth).map((n) => ({
      name: `imbalance_${n}`,
      unit: '1',
      mirror: 'odd',
      ticks: 0,
      lots: 0,
      detail: `${n} best levels`,
    })),
  create: (context) => new Imbalance(context),
};

class Imbalance implements Signal {
  readonly source: Versioned;
  readonly #depths: readonly number[];

  constructor({ depth, levels }: SignalContext) {
    this.source = levels;
    this.#depths = DEPTHS.filter((n) => n <= depth);
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    const { bidSumLots, askSumLots } = view;
    const depths = this.#depths;
    const levels = Math.min(view.bidLevels, view.askLevels);
    for (let c = 0; c < depths.length; c++) {
      const n = depths[c];
      const bid = bidSumLots[n - 1];
      const ask = askSumLots[n - 1];
      out[at + c] = levels >= n ? (bid - ask) / (bid + ask) : Number.NaN;
    }
  }

  reset(): void {}
}
