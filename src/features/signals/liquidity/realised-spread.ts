import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';
import { SPREAD_WARMUP, TradeSpreads } from './trade-spreads.ts';

export const realisedSpread: SignalDefinition = {
  name: 'realised_spread',
  family: 'liquidity',
  title: 'Realised spread',
  meaning:
    'What those who quoted kept of the effective spread a second later: negative where the market moved on through them. A trade counts once its second has passed; NaN before enough of them.',
  tex: String.raw`\frac{\sum_i w_i v_i\, 2 s_i (P_i - M_{t_i + \Delta})}{\sum_i w_i v_i},\quad \Delta = 1\,\text{s}`,
  formula:
    'sum w v 2 s (P - M′) / sum w v; M′ = last mid at the end of the second after the trade; w fades by 1 - 1/50 an instant with trades; at most 1024 instants wait at a time',
  warmup: `a second and ${SPREAD_WARMUP} instants with trades`,
  cost: 'a few additions and divisions a trade, a comparison a message',
  source:
    'Huang and Stoll (1996), Dealer versus auction markets: a paired comparison of execution costs on NASDAQ and the NYSE',
  needs: [],
  dependencies: ['trades against the mid'],
  version: 1,
  columns: () => [
    { name: 'realised_spread_1s', unit: 'ticks', mirror: 'even', ticks: 1, lots: 0, detail: 'after 1 s' },
  ],
  create: (context) => new RealisedSpread(context),
};

class RealisedSpread implements Signal {
  readonly #spreads: TradeSpreads;

  constructor(context: SignalContext) {
    this.#spreads = context.share(TradeSpreads);
  }

  write(_view: MarketView, out: Float64Array, at: number): void {
    out[at] = this.#spreads.realisedTicks;
  }

  reset(): void {}
}
