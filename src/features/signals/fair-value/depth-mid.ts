import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition, Versioned } from '../../signal.ts';

const DEPTHS = [5, 10];

export const depthMid: SignalDefinition = {
  name: 'depth_mid',
  family: 'fair-value',
  title: 'Depth mid',
  meaning:
    'How far the middle between the two sides’ size-weighted average prices lies from the mid: large where one best quote stands alone in front of its side and may as well step back. NaN where a side is empty.',
  tex: String.raw`\frac{V_b + V_a}{2} - \frac{P_a + P_b}{2},\quad V = \frac{\sum_{m \le n} P^m q^m}{\sum_{m \le n} q^m}`,
  formula: '(V_b + V_a) / 2 - (Pa + Pb) / 2; V = sum P q / sum q over the n best levels of a side',
  warmup: 'none',
  cost: 'two divisions a column a row',
  source: 'definition: size-weighted average price of the displayed book',
  needs: [],
  dependencies: ['running sums of the levels'],
  version: 1,
  columns: (depth) =>
    DEPTHS.filter((n) => n <= depth).map((n) => ({
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
  readonly #depths: readonly number[];

  constructor({ depth, levels }: SignalContext) {
    this.source = levels;
    this.#depths = DEPTHS.filter((n) => n <= depth);
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    const known = view.has(1);
    // Distances from the best price, not prices: the two sides then mirror each other to the last bit.
    for (let c = 0; c < this.#depths.length; c++) {
      const m = this.#depths[c] - 1;
      const ask = view.askSumReach[m] / view.askSumLots[m];
      out[at + c] = known ? (ask - view.bidSumReach[m] / view.bidSumLots[m]) / 2 : Number.NaN;
    }
  }

  reset(): void {}
}
