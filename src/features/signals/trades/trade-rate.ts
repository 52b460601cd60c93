import type { SignalContext } from '../../context.ts';
import { tauName } from '../../decays.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';
import { TradeFades } from './trade-fades.ts';

const TAU = 1;

export const tradeRate: SignalDefinition = {
  name: 'trade_rate',
  family: 'trades',
  title: 'Rate of trades',
  meaning:
    'How often trades print, signed or not, per second, decayed; the logarithm because rates spread over decades.',
  tex: String.raw`\ln\!\left(1 + \frac{\sum_i e^{-(t-t_i)/\tau}}{\int_0^t e^{-(t-s)/\tau}\,ds}\right)`,
  formula: 'ln(1 + r), r = sum over trades of w / integral of w; w = exp(-age / tau)',
  warmup: 'the decay time',
  cost: 'a multiplication a message, shared; a logarithm a row',
  source: 'definition; exponentially weighted intensity',
  needs: [],
  dependencies: ['trade fades'],
  version: 1,
  columns: () => [
    {
      name: `trade_rate_${tauName(TAU)}`,
      unit: 'ln(1 + 1/s)',
      mirror: 'even',
      ticks: 0,
      lots: 0,
      detail: `over ${TAU} s`,
    },
  ],
  create: (context) => new TradeRate(context),
};

class TradeRate implements Signal {
  readonly #fades: TradeFades;
  /** As of the last trade. */
  #trades = Number.NaN;

  constructor(context: SignalContext) {
    this.#fades = context.share(TradeFades);
    this.reset();
  }

  onTrade(): void {
    this.#trades = this.#trades * this.#fades.last1s + 1;
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    const { over1s } = this.#fades;
    const rate = this.#trades * over1s.value * view.perSecond[over1s.scale];
    out[at] = over1s.ready(view) ? Math.log(1 + rate) : Number.NaN;
  }

  reset(): void {
    this.#trades = 0;
  }
}
