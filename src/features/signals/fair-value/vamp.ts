import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition, Versioned } from '../../signal.ts';

const LEVELS = 5;

export const vamp: SignalDefinition = {
  name: 'vamp',
  family: 'fair-value',
  title: 'Volume-adjusted mid price',
  meaning:
    'Every price weighs with the size opposite to it at the same rank, so that a level matters only as far as somebody stands across from it. NaN where a side is empty.',
  tex: String.raw`\frac{\sum_{m \le 5} \left(P_b^m q_a^m + P_a^m q_b^m\right)}{\sum_{m \le 5} \left(q_a^m + q_b^m\right)} - \frac{P_a + P_b}{2}`,
  formula:
    'sum(Pb_m qa_m + Pa_m qb_m) / sum(qa_m + qb_m) - (Pa + Pb) / 2 over the five best levels that both sides have',
  warmup: 'none',
  cost: 'four multiply-adds a level and a division a row',
  source: 'definition: market makers’ volume-adjusted mid price (VAMP), which crosses the levels rank by rank',
  needs: [],
  dependencies: [],
  version: 1,
  columns: () => [{ name: 'vamp', unit: 'ticks from the mid', mirror: 'odd', ticks: 1, lots: 0 }],
  create: (context) => new VolumeAdjustedMid(context),
};

class VolumeAdjustedMid implements Signal {
  readonly source: Versioned;
  readonly #levels: number;

  constructor({ depth, levels }: SignalContext) {
    this.source = levels;
    this.#levels = Math.min(LEVELS, depth);
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    const { bidTicks, bidLots, askTicks, askLots, midTicks } = view;
    let levels = this.#levels;
    while (levels > 0 && !view.has(levels)) levels--;
    let up = 0;
    let down = 0;
    for (let m = 0; m < levels; m++) {
      up += (askTicks[m] - midTicks) * bidLots[m];
      down += (midTicks - bidTicks[m]) * askLots[m];
    }
    out[at] = levels > 0 ? (up - down) / (view.bidSumLots[levels - 1] + view.askSumLots[levels - 1]) : Number.NaN;
  }

  reset(): void {}
}
