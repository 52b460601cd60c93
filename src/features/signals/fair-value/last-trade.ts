import { NO_PRICE } from '../../../core/index.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';

export const lastTrade: SignalDefinition = {
  name: 'last_trade',
  family: 'fair-value',
  title: 'Last trade',
  meaning:
    'How far the last trade’s price lies from the mid of now: at the ask just bought, at the bid just sold, beyond either where the quotes have moved since. Where a venue prints trades before the depth that they changed (Binance), it foretells what has already happened. NaN before the first trade and where a side is empty.',
  tex: String.raw`p_{\mathrm{last}} - \frac{P_a + P_b}{2},\quad s_{\mathrm{last}}`,
  formula:
    'price of the last trade - (Pa + Pb) / 2, and its sign (1 bought, -1 sold, 0 unknown); trades between ticks are left out',
  warmup: 'the first trade',
  cost: 'a subtraction a row',
  source: 'definition',
  needs: [],
  dependencies: [],
  version: 1,
  columns: () => [
    { name: 'last_trade', unit: 'ticks from the mid', mirror: 'odd', ticks: 1, lots: 0, detail: 'price' },
    { name: 'last_trade_sign', unit: '1', mirror: 'odd', ticks: 0, lots: 0, detail: 'aggressor' },
  ],
  create: () => new LastTrade(),
};

class LastTrade implements Signal {
  #priceTicks = Number.NaN;
  #sign = Number.NaN;

  onTrade(_view: MarketView, sign: number, _sizeLots: number, priceTicks: number): void {
    if (priceTicks === NO_PRICE) return;
    this.#priceTicks = priceTicks;
    this.#sign = sign;
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    out[at] = this.#priceTicks - view.midTicks;
    out[at + 1] = view.has(1) ? this.#sign : Number.NaN;
  }

  reset(): void {
    this.#priceTicks = Number.NaN;
    this.#sign = Number.NaN;
  }
}
