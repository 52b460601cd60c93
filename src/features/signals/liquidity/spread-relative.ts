import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition, Versioned } from '../../signal.ts';

export const spreadRelative: SignalDefinition = {
  name: 'spread_relative',
  family: 'liquidity',
  title: 'Relative spread',
  meaning:
    'The quoted spread in basis points of the mid: what a round trip costs as a part of the money traded, comparable between instruments. NaN where a side is empty or the mid is not positive.',
  tex: String.raw`10^4\, \frac{P_a - P_b}{(P_a + P_b) / 2}`,
  formula: '10000 (Pa - Pb) / ((Pa + Pb) / 2)',
  warmup: 'none',
  cost: 'a division a row',
  source: 'Amihud and Mendelson (1986), Asset pricing and the bid-ask spread',
  needs: [],
  dependencies: [],
  version: 1,
  columns: () => [{ name: 'spread_relative', unit: 'bps', mirror: 'even', ticks: 0, lots: 0, absolute: true }],
  create: (context) => new SpreadRelative(context),
};

class SpreadRelative implements Signal {
  readonly source: Versioned;

  constructor({ levels }: SignalContext) {
    this.source = levels;
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    out[at] = view.midTicks > 0 ? (1e4 * (view.askTicks[0] - view.bidTicks[0])) / view.midTicks : Number.NaN;
  }

  reset(): void {}
}
