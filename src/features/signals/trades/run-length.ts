import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';
import { AggressorOrders } from './aggressor-orders.ts';

export const runLength: SignalDefinition = {
  name: 'run_length',
  family: 'trades',
  title: 'Run of one aggressor',
  meaning:
    'How many orders in a row took from the same side, and how much in average levels; positive where they buy. Large orders are worked in pieces, so a run is a hint of one that goes on. Trades of unknown side neither lengthen nor end it; NaN before the first.',
  tex: String.raw`s_N\,\#\{n \le N : s_n = \dots = s_N\},\quad \frac{s_N}{Q}\sum_{n:\, s_n = \dots = s_N} v_n`,
  formula:
    'sign x number of orders since the sign last changed; sign x lots of those orders / Q; trades of one sign and timestamp are one order; Q = average size of a level',
  warmup: 'the first trade with a side',
  cost: 'a comparison a trade, a division a row',
  source:
    'definition; Lillo and Farmer (2004), The long memory of the efficient market, SNDE 8(3), on why signs persist',
  needs: [],
  dependencies: ['aggressor orders', 'average level size'],
  version: 1,
  columns: () => [
    { name: 'run_length', unit: 'orders', mirror: 'odd', ticks: 0, lots: 0, detail: 'in orders' },
    { name: 'run_length_lots', unit: 'average levels', mirror: 'odd', ticks: 0, lots: 0, detail: 'by size' },
  ],
  create: (context) => new RunLength(context),
};

class RunLength implements Signal {
  readonly #aggressors: AggressorOrders;
  /** Both signed. */
  #orders = Number.NaN;
  #lots = Number.NaN;

  constructor(context: SignalContext) {
    this.#aggressors = context.share(AggressorOrders);
  }

  onTrade(_view: MarketView, sign: number, sizeLots: number): void {
    if (sign === 0) return;
    if (this.#orders * sign > 0) {
      if (this.#aggressors.begins) this.#orders += sign;
      this.#lots += sign * sizeLots;
    } else {
      this.#orders = sign;
      this.#lots = sign * sizeLots;
    }
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    out[at] = this.#orders;
    out[at + 1] = this.#lots / view.meanLots;
  }

  reset(): void {
    this.#orders = Number.NaN;
    this.#lots = Number.NaN;
  }
}
