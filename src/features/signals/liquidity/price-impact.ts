import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';
import { SPREAD_WARMUP, TradeSpreads } from './trade-spreads.ts';

export const priceImpact: SignalDefinition = {
  name: 'price_impact',
  family: 'liquidity',
  title: 'Price impact of trades',
  meaning:
    'How far the mid followed the latest trades within a second, doubled: the part of the effective spread that quoting lost to better informed traders (effective less realised). NaN before enough trades.',
  tex: String.raw`\frac{\sum_i w_i v_i\, 2 s_i (M_{t_i + \Delta} - M_i)}{\sum_i w_i v_i},\quad \Delta = 1\,\text{s}`,
  formula:
    'sum w v 2 s (M′ - M) / sum w v; M = mid as the burst before left it, M′ = last mid at the end of the second after the trade; w as in realised_spread',
  warmup: `a second and ${SPREAD_WARMUP} instants with trades`,
  cost: 'a few additions and divisions a trade, a comparison a message',
  source:
    'Huang and Stoll (1996), Dealer versus auction markets: a paired comparison of execution costs on NASDAQ and the NYSE',
  needs: [],
  dependencies: ['trades against the mid'],
  version: 1,
  columns: () => [{ name: 'price_impact_1s', unit: 'ticks', mirror: 'even', ticks: 1, lots: 0, detail: 'after 1 s' }],
  create: (context) => new PriceImpact(context),
};

class PriceImpact implements Signal {
  readonly #spreads: TradeSpreads;

  constructor(context: SignalContext) {
    this.#spreads = context.share(TradeSpreads);
  }

  write(_view: MarketView, out: Float64Array, at: number): void {
    out[at] = this.#spreads.impactTicks;
  }

  reset(): void {}
}
