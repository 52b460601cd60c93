import type { SignalContext } from '../../context.ts';
import { tauName } from '../../decays.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';
import { TradeFades } from './trade-fades.ts';

const TAUS = [0.1, 1];

export const tradeFlow: SignalDefinition = {
  name: 'trade_flow',
  family: 'trades',
  title: 'Signed trade flow',
  meaning:
    'Lots bought less lots sold, faded with time, in average levels; trades that nobody can sign count for nothing. NaN where a side is empty.',
  tex: String.raw`\frac{1}{Q}\sum_i s_i\, v_i\, e^{-(t-t_i)/\tau},\quad s_i = \pm 1`,
  formula: 'sum over trades of sign q exp(-age / tau) / Q; sign 1 bought, -1 sold; Q = average size of a level',
  warmup: 'the decay time',
  cost: 'two multiplications a message, shared; a division a row',
  source:
    'Ait-Sahalia, Fan, Xue and Zhou (2022), How and when are high-frequency stock returns predictable?, TxnImbalance',
  needs: [],
  dependencies: ['average level size', 'trade fades'],
  version: 1,
  columns: () =>
    TAUS.map((tau) => ({
      name: `trade_flow_${tauName(tau)}`,
      unit: 'average levels',
      mirror: 'odd',
      ticks: 0,
      lots: 0,
      detail: `over ${tau} s`,
    })),
  create: (context) => new TradeFlow(context),
};

class TradeFlow implements Signal {
  readonly #fades: TradeFades;
  /** As of the last trade. */
  #fastLots = Number.NaN;
  #slowLots = Number.NaN;

  constructor(context: SignalContext) {
    this.#fades = context.share(TradeFades);
    this.reset();
  }

  onTrade(_view: MarketView, sign: number, sizeLots: number): void {
    const lots = sign * sizeLots;
    this.#fastLots = this.#fastLots * this.#fades.last100ms + lots;
    this.#slowLots = this.#slowLots * this.#fades.last1s + lots;
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    const { over100ms, over1s } = this.#fades;
    const per = view.has(1) ? 1 / view.meanLots : Number.NaN;
    out[at] = over100ms.ready(view) ? this.#fastLots * over100ms.value * per : Number.NaN;
    out[at + 1] = over1s.ready(view) ? this.#slowLots * over1s.value * per : Number.NaN;
  }

  reset(): void {
    this.#fastLots = 0;
    this.#slowLots = 0;
  }
}
