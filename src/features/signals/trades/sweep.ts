import type { SignalContext } from '../../context.ts';
import { type DecayedSum, tauName } from '../../decays.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';
import { AggressorOrders } from './aggressor-orders.ts';

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
  cost: 'a multiplication a message and decay time',
  source:
    'definition; Chakravarty, Jain, Upson and Wood (2012), Clean sweep: informed trading through intermarket sweep orders, JFQA 47(2)',
  needs: [],
  dependencies: ['aggressor orders', 'decaying sums'],
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
  readonly #short: DecayedSum;
  readonly #long: DecayedSum;

  constructor(context: SignalContext) {
    this.#aggressors = context.share(AggressorOrders);
    this.#short = context.decays.sum(TAUS[0]);
    this.#long = context.decays.sum(TAUS[1]);
  }

  onTrade(_view: MarketView, sign: number): void {
    if (!this.#aggressors.walks) return;
    this.#short.add(sign);
    this.#long.add(sign);
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    out[at] = this.#short.ready(view) ? this.#short.value : Number.NaN;
    out[at + 1] = this.#long.ready(view) ? this.#long.value : Number.NaN;
  }

  reset(): void {}
}
