import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition, Versioned } from '../../signal.ts';
import { MEAN_LEVELS, SideMeans } from './side-means.ts';

export const weightedMidDeep: SignalDefinition = {
  name: 'weighted_mid_deep',
  family: 'fair-value',
  title: 'Weighted mid of several levels',
  meaning:
    'The weighted mid with whole sides in place of best quotes: each side’s average price weighs with the lots of the other side, so the price leans away from the heavier side. NaN where a side is empty.',
  tex: String.raw`\frac{V_a B + V_b A}{A + B} - \frac{P_a + P_b}{2},\quad B = \sum_{m \le n} q_b^m,\; V_b = \frac{1}{B} \sum_{m \le n} P_b^m q_b^m`,
  formula:
    '(V_a B + V_b A) / (A + B) - (Pa + Pb) / 2; A, B = lots, V = sum P q / sum q over the n best levels of a side',
  warmup: 'none',
  cost: 'a division a column a row, and one a side that changed',
  source: 'Gatheral and Oomen (2010), Zero-intelligence realized variance estimation (the micro-price), over n levels',
  needs: [],
  dependencies: ['running sums of the levels', 'average prices of the sides'],
  version: 1,
  columns: (depth) =>
    MEAN_LEVELS.filter((n) => n <= depth).map((n) => ({
      name: `weighted_mid_deep_${n}`,
      unit: 'ticks from the mid',
      mirror: 'odd',
      ticks: 1,
      lots: 0,
      detail: `${n} best levels`,
    })),
  create: (context) => new DeepWeightedMid(context),
};

class DeepWeightedMid implements Signal {
  readonly source: Versioned;
  readonly #means: SideMeans;
  readonly #depth: number;

  constructor(context: SignalContext) {
    this.source = context.levels;
    this.#means = context.share(SideMeans);
    this.#depth = context.depth;
  }

  // Average prices as distances from the mid: the sides then mirror each other to the last bit.
  write(view: MarketView, out: Float64Array, at: number): void {
    const means = this.#means;
    means.refresh(view);
    const { bidSumLots, askSumLots } = view;
    const half = (view.askTicks[0] - view.bidTicks[0]) / 2;
    if (this.#depth >= 5) {
      const bid = bidSumLots[4];
      const ask = askSumLots[4];
      out[at] = ((half + means.askFive) * bid - (half + means.bidFive) * ask) / (bid + ask);
    }
    if (this.#depth >= 10) {
      const bid = bidSumLots[9];
      const ask = askSumLots[9];
      out[at + 1] = ((half + means.askTen) * bid - (half + means.bidTen) * ask) / (bid + ask);
    }
  }

  reset(): void {}
}
