import { NS_PER_SECOND } from '../../../core/index.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';

export const tradeAge: SignalDefinition = {
  name: 'trade_age',
  family: 'trades',
  title: 'Age of the last trade',
  meaning: 'Seconds since the last trade, signed or not. NaN until the first trade.',
  tex: String.raw`t - t_{\text{last trade}}`,
  formula: 't = seconds since the last trade',
  warmup: 'the first trade',
  cost: 'a subtraction a row',
  source:
    'Engle and Russell (1998), Autoregressive conditional duration, Econometrica 66(5): durations predict durations',
  needs: [],
  dependencies: [],
  version: 2,
  columns: () => [{ name: 'trade_age', unit: 's', mirror: 'even', ticks: 0, lots: 0 }],
  create: () => new TradeAge(),
};

class TradeAge implements Signal {
  #tradedAtNs = Number.NaN;

  onTrade(view: MarketView): void {
    this.#tradedAtNs = view.nowNs;
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    out[at] = (view.nowNs - this.#tradedAtNs) * (1 / NS_PER_SECOND);
  }

  reset(): void {
    this.#tradedAtNs = Number.NaN;
  }
}
