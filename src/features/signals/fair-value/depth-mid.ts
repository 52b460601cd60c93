import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition, Versioned } from '../../signal.ts';
import { MEAN_LEVELS, SideMeans } from './side-means.ts';

export const depthMid: SignalDefinition = {
  name: 'depth_mid',
  family: 'fair-value',
  title: 'Depth mid',
  meaning:
    'How far the middle between the two sides’ size-weighted average prices lies from the mid: large where one best quote stands alone in front of its side and may as well step back. NaN where a side is empty.',
  tex: String.raw`\frac{V_b + V_a}{2} - \frac{P_a + P_b}{2},\quad V = \frac{\sum_{m \le n} P^m q^m}{\sum_{m \le n} q^m}`,
  formula: '(V_b + V_a) / 2 - (Pa + Pb) / 2; V = sum P q / sum q over the n best levels of a side',
  warmup: 'none',
  cost: 'a division a column and side that changed',
  source: 'definition: size-weighted average price of the displayed book',
  needs: [],
  dependencies: ['running sums of the levels', 'average prices of the sides'],
  version: 1,
  columns: (depth) =>
    MEAN_LEVELS.filter((n) => n <= depth).map((n) => ({
      name: `depth_mid_${n}`,
      unit: 'ticks from the mid',
      mirror: 'odd',
      ticks: 1,
      lots: 0,
      detail: `${n} best levels`,
    })),
  create: (context) => new DepthMid(context),
};

class DepthMid implements Signal {
  readonly source: Versioned;
  readonly #means: SideMeans;
  readonly #depth: number;

  constructor(context: SignalContext) {
    this.source = context.levels;
    this.#means = context.share(SideMeans);
    this.#depth = context.depth;
  }

  // Distances from the best price, not prices: the two sides then mirror each other to the last bit.
  write(view: MarketView, out: Float64Array, at: number): void {
    const means = this.#means;
    means.refresh(view);
    if (this.#depth >= 5) out[at] = (means.askFive - means.bidFive) / 2;
    if (this.#depth >= 10) out[at + 1] = (means.askTen - means.bidTen) / 2;
  }

  reset(): void {}
}
