import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';
import { TradeFades } from './trade-fades.ts';

export const volumeRate: SignalDefinition = {
  name: 'volume_rate',
  family: 'trades',
  title: 'Rate of traded volume',
  meaning:
    'How much trades per second, whoever began it, in average levels: what of the displayed depth is used up by trading.',
  tex: String.raw`\frac{1}{Q}\,\frac{\sum_i v_i\, e^{-(t-t_i)/\tau}}{\int_0^t e^{-(t-s)/\tau}\,ds}`,
  formula: 'r / Q, r = sum over trades of v w / integral of w; w = exp(-age / tau); Q = average size of a level',
  warmup: 'the decay time',
  cost: 'a multiplication a message, shared; a division a row',
  source: 'definition; exponentially weighted intensity',
  needs: [],
  dependencies: ['average level size', 'trade fades'],
  version: 2,
  columns: () => [
    {
      name: 'volume_rate_10s',
      unit: 'average levels/s',
      mirror: 'even',
      ticks: 0,
      lots: 0,
      detail: 'over 10 s',
    },
  ],
  create: (context) => new VolumeRate(context),
};

class VolumeRate implements Signal {
  readonly #fades: TradeFades;
  /** As of the last trade. */
  #lots = Number.NaN;

  constructor(context: SignalContext) {
    this.#fades = context.share(TradeFades);
    this.reset();
  }

  onTrade(_view: MarketView, _sign: number, sizeLots: number): void {
    this.#lots = this.#lots * this.#fades.last10s + sizeLots;
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    const { over10s } = this.#fades;
    const rate = this.#lots * over10s.value * view.perSecond[over10s.scale];
    out[at] = over10s.ready(view) ? rate / view.meanLots : Number.NaN;
  }

  reset(): void {
    this.#lots = 0;
  }
}
