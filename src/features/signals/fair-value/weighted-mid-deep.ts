import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition, Versioned } from '../../signal.ts';

const DEPTHS = [5, 10];

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
  cost: 'three divisions a column a row',
  source: 'Gatheral and Oomen (2010), Zero-intelligence realized variance estimation (the micro-price), over n levels',
  needs: [],
  dependencies: ['running sums of the levels'],
  version: 1,
  columns: (depth) =>
    DEPTHS.filter((n) => n <= depth).map((n) => ({
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
  readonly #depths: readonly number[];

  constructor({ depth, levels }: SignalContext) {
    this.source = levels;
    this.#depths = DEPTHS.filter((n) => n <= depth);
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    const known = view.has(1);
    const half = (view.askTicks[0] - view.bidTicks[0]) / 2;
    for (let c = 0; c < this.#depths.length; c++) {
      const m = this.#depths[c] - 1;
      const bid = view.bidSumLots[m];
      const ask = view.askSumLots[m];
      // Average prices as distances from the mid: the sides then mirror each other to the last bit.
      const above = half + view.askSumReach[m] / ask;
      const below = half + view.bidSumReach[m] / bid;
      out[at + c] = known ? (above * bid - below * ask) / (bid + ask) : Number.NaN;
    }
  }

  reset(): void {}
}
