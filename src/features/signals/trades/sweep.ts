import type { SignalContext } from '../../context.ts';
import { tauName } from '../../decays.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';
import { AggressorOrders } from './aggressor-orders.ts';
import { TradeFades } from './trade-fades.ts';

const TAUS = [1, 10];

export const sweep: SignalDefinition = {
  name: 'sweep',
  family: 'trades',
  title: 'Sweeps',
  meaning:
    'Levels that aggressors walked through beyond the first of each order, buys less sells, faded with time: whoever pays a worse price for speed fears to come late. Trades of one side and one venue timestamp are one order; a fill between ticks is on no level.',
  tex: String.raw`\sum_{i:\, s_i P_i > \max_{j < i,\, o_j = o_i} s_j P_j} s_i\, e^{-(t-t_i)/\tau},\quad o = \text{order}`,
  formula:
    'sum over trades that print at a worse price than all trades of their order before of sign exp(-age / tau); the first trade of an order is none',
  warmup: 'the decay time',
  cost: 'two multiplications a message, shared; two a row',
  source:
    'definition; Chakravarty, Jain, Upson and Wood (2012), Clean sweep: informed trading through intermarket sweep orders, JFQA 47(2)',
  needs: [],
  dependencies: ['aggressor orders', 'trade fades'],
  version: 1,
  columns: () =>
    TAUS.map((tau) => ({
      name: `sweep_${tauName(tau)}`,
      unit: 'levels',
      mirror: 'odd',
      ticks: 0,
      lots: 0,
      detail: `over ${tau} s`,
    })),
  create: (context) => new Sweep(context),
};

class Sweep implements Signal {
  readonly #aggressors: AggressorOrders;
  readonly #fades: TradeFades;
  /** As of the last trade. */
  #short = Number.NaN;
  #long = Number.NaN;

  constructor(context: SignalContext) {
    this.#aggressors = context.share(AggressorOrders);
    this.#fades = context.share(TradeFades);
    this.reset();
  }

  onTrade(_view: MarketView, sign: number): void {
    const level = this.#aggressors.walks ? sign : 0;
    this.#short = this.#short * this.#fades.last1s + level;
    this.#long = this.#long * this.#fades.last10s + level;
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    const { over1s, over10s } = this.#fades;
    out[at] = over1s.ready(view) ? this.#short * over1s.value : Number.NaN;
    out[at + 1] = over10s.ready(view) ? this.#long * over10s.value : Number.NaN;
  }

  reset(): void {
    this.#short = 0;
    this.#long = 0;
  }
}
