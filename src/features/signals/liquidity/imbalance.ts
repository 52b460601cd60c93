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
  readonly #depth: number;

  constructor({ depth, levels }: SignalContext) {
    this.source = levels;
    this.#depth = depth;
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    const { bidSumLots, askSumLots } = view;
    const depth = this.#depth;
    const levels = Math.min(view.bidLevels, view.askLevels);
    out[at] = levels >= 1 ? (bidSumLots[0] - askSumLots[0]) / (bidSumLots[0] + askSumLots[0]) : Number.NaN;
    if (depth < 3) return;
    out[at + 1] = levels >= 3 ? (bidSumLots[2] - askSumLots[2]) / (bidSumLots[2] + askSumLots[2]) : Number.NaN;
    if (depth < 5) return;
    out[at + 2] = levels >= 5 ? (bidSumLots[4] - askSumLots[4]) / (bidSumLots[4] + askSumLots[4]) : Number.NaN;
    if (depth < 10) return;
    out[at + 3] = levels >= 10 ? (bidSumLots[9] - askSumLots[9]) / (bidSumLots[9] + askSumLots[9]) : Number.NaN;
  }

  reset(): void {}
}
