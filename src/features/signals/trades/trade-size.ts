import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';
import { DecayedMoments } from './decayed-moments.ts';

/** Trades over which a mean size fades. */
const MEMORY = 20;

export const tradeSize: SignalDefinition = {
  name: 'trade_size',
  family: 'trades',
  title: 'Size of trades',
  meaning:
    'The mean size of the last trades in average levels, and by how much buys are larger than sells, between −1 and 1: size tells large interests from small ones where counts cannot. NaN until enough trades, of each side for the skew.',
  tex: String.raw`\frac{\bar v}{Q},\quad \frac{\bar v_B - \bar v_S}{\bar v_B + \bar v_S};\quad \bar v = \frac{\sum_k v_k e^{-k/20}}{\sum_k e^{-k/20}},\ k \text{ trades ago}`,
  formula:
    'mean = m / Q; skew = (m_buy - m_sell) / (m_buy + m_sell); m = mean size with weights exp(-k / 20), k trades (buys, sells) ago; Q = average size of a level',
  warmup: `${MEMORY} trades; for the skew ${MEMORY} of each side`,
  cost: 'three divisions a trade, one a row',
  source:
    'definition; Easley and O’Hara (1987), Price, trade size, and information in securities markets, J. Financial Economics 19(1)',
  needs: [],
  dependencies: ['average level size'],
  version: 1,
  columns: () => [
    { name: 'trade_size_mean', unit: 'average levels', mirror: 'even', ticks: 0, lots: 0, detail: 'mean' },
    { name: 'trade_size_skew', unit: '1', mirror: 'odd', ticks: 0, lots: 0, detail: 'buys against sells' },
  ],
  create: () => new TradeSize(),
};

class TradeSize implements Signal {
  readonly #all = new DecayedMoments(MEMORY);
  readonly #buys = new DecayedMoments(MEMORY);
  readonly #sells = new DecayedMoments(MEMORY);
  #meanLots = Number.NaN;
  #skew = Number.NaN;

  onTrade(_view: MarketView, sign: number, sizeLots: number): void {
    this.#all.add(sizeLots);
    if (this.#all.count >= MEMORY) this.#meanLots = this.#all.mean;
    if (sign === 0) return;
    if (sign > 0) this.#buys.add(sizeLots);
    else this.#sells.add(sizeLots);
    if (this.#buys.count < MEMORY || this.#sells.count < MEMORY) return;
    const buy = this.#buys.mean;
    const sell = this.#sells.mean;
    this.#skew = (buy - sell) / (buy + sell);
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    out[at] = this.#meanLots / view.meanLots;
    out[at + 1] = this.#skew;
  }

  reset(): void {
    this.#all.reset();
    this.#buys.reset();
    this.#sells.reset();
    this.#meanLots = Number.NaN;
    this.#skew = Number.NaN;
  }
}
