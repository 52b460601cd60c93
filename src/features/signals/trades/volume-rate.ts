import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';
import { TradedLots } from './traded-lots.ts';

export const volumeRate: SignalDefinition = {
  name: 'volume_rate',
  family: 'trades',
  title: 'Rate of traded volume',
  meaning:
    'How much trades per second, whoever began it, in average levels; the logarithm because rates spread over decades. What of the displayed depth is used up by trading.',
  tex: String.raw`\ln\!\left(1 + \frac{1}{Q}\,\frac{\sum_i v_i\, e^{-(t-t_i)/\tau}}{\int_0^t e^{-(t-s)/\tau}\,ds}\right)`,
  formula:
    'ln(1 + r / Q), r = sum over trades of v w / integral of w; w = exp(-age / tau); Q = average size of a level',
  warmup: 'the decay time',
  cost: 'a multiplication a message, a logarithm a row',
  source: 'definition; exponentially weighted intensity',
  needs: [],
  dependencies: ['average level size', 'decaying sums'],
  version: 1,
  columns: () => [
    {
      name: 'volume_rate_10s',
      unit: 'ln(1 + average levels/s)',
      mirror: 'even',
      ticks: 0,
      lots: 0,
      detail: 'over 10 s',
    },
  ],
  create: (context) => new VolumeRate(context),
};

class VolumeRate implements Signal {
  readonly #traded: TradedLots;

  constructor(context: SignalContext) {
    this.#traded = context.share(TradedLots);
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    out[at] = Math.log(1 + this.#traded.over10s.perSecond(view) / view.meanLots);
  }

  reset(): void {}
}
