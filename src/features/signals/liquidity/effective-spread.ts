import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';
import { SPREAD_MEMORY, SPREAD_WARMUP, TradeSpreads } from './trade-spreads.ts';

export const effectiveSpread: SignalDefinition = {
  name: 'effective_spread',
  family: 'liquidity',
  title: 'Effective spread',
  meaning:
    'What the latest trades paid for a round trip: twice the distance from the mid before them, by size. Below the quoted spread where trades meet better prices, hidden orders or a well-chosen moment; above it where they sweep, and where trades arrive before the book that they met. NaN before enough trades.',
  tex: String.raw`\frac{\sum_i w_i v_i\, 2 s_i (P_i - M_i)}{\sum_i w_i v_i},\quad w = (1 - \tfrac{1}{50})^{\text{instants with trades since}}`,
  formula:
    'sum w v 2 s (P - M) / sum w v; M = mid as the burst before left it; s = 1 bought, -1 sold; w fades by 1 - 1/50 an instant with trades',
  warmup: `${SPREAD_WARMUP} instants with trades`,
  cost: 'a few additions and divisions a trade',
  source:
    'Huang and Stoll (1996), Dealer versus auction markets: a paired comparison of execution costs on NASDAQ and the NYSE',
  needs: [],
  dependencies: ['trades against the mid'],
  version: 1,
  columns: () => [
    { name: 'effective_spread', unit: 'ticks', mirror: 'even', ticks: 1, lots: 0, detail: `last ${SPREAD_MEMORY}` },
  ],
  create: (context) => new EffectiveSpread(context),
};

class EffectiveSpread implements Signal {
  readonly #spreads: TradeSpreads;

  constructor(context: SignalContext) {
    this.#spreads = context.share(TradeSpreads);
  }

  write(_view: MarketView, out: Float64Array, at: number): void {
    out[at] = this.#spreads.effectiveTicks;
  }

  reset(): void {}
}
