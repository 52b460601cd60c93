import { NS_PER_MS } from '../../../core/index.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';

export const tradeAge: SignalDefinition = {
  name: 'trade_age',
  family: 'trades',
  title: 'Age of the last trade',
  meaning:
    'Time since the last trade, signed or not; the logarithm because waiting times spread over decades. NaN until the first trade.',
  tex: String.raw`\ln(1 + t - t_{\text{last trade}}),\ t \text{ in ms}`,
  formula: 'ln(1 + t), t = milliseconds since the last trade',
  warmup: 'the first trade',
  cost: 'a logarithm a row',
  source:
    'Engle and Russell (1998), Autoregressive conditional duration, Econometrica 66(5): durations predict durations',
  needs: [],
  dependencies: [],
  version: 1,
  columns: () => [{ name: 'trade_age', unit: 'ln(1 + ms)', mirror: 'even', ticks: 0, lots: 0 }],
  create: () => new TradeAge(),
};

class TradeAge implements Signal {
  #tradedAtNs = Number.NaN;

  onTrade(view: MarketView): void {
    this.#tradedAtNs = view.nowNs;
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    out[at] = Math.log(1 + (view.nowNs - this.#tradedAtNs) / NS_PER_MS);
  }

  reset(): void {
    this.#tradedAtNs = Number.NaN;
  }
}
