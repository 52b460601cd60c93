import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';
import { TradedLots } from './traded-lots.ts';

export const relativeVolume: SignalDefinition = {
  name: 'relative_volume',
  family: 'trades',
  title: 'Relative volume',
  meaning:
    'Volume per second over the last second, over that of the last ten: above 1 trading speeds up, near 0 it has stopped, and just after a burst out of silence it comes near 10. NaN before the first trade.',
  tex: String.raw`\frac{r_{1\,\mathrm{s}}}{r_{10\,\mathrm{s}}},\quad r_\tau = \frac{\sum_i v_i\, e^{-(t-t_i)/\tau}}{\int_0^t e^{-(t-s)/\tau}\,ds}`,
  formula: 'r(1 s) / r(10 s); r(tau) = sum over trades of v w / integral of w; w = exp(-age / tau)',
  warmup: '10 s and a trade',
  cost: 'a division a row',
  source: 'definition; the desk’s relative volume with decaying weights',
  needs: [],
  dependencies: ['decaying sums'],
  version: 1,
  columns: () => [{ name: 'relative_volume', unit: '1', mirror: 'even', ticks: 0, lots: 0 }],
  create: (context) => new RelativeVolume(context),
};

class RelativeVolume implements Signal {
  readonly #traded: TradedLots;

  constructor(context: SignalContext) {
    this.#traded = context.share(TradedLots);
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    const { over1s, over10s } = this.#traded;
    // Nothing over nothing is NaN.
    out[at] = over10s.ready(view) ? over1s.perSecond(view) / over10s.perSecond(view) : Number.NaN;
  }

  reset(): void {}
}
