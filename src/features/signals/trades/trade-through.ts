import { NO_PRICE } from '../../../core/index.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';

/** Trades over which the shares fade, and from which on they are told. */
const MEMORY = 50;

export const tradeThrough: SignalDefinition = {
  name: 'trade_through',
  family: 'trades',
  title: 'Trades off the quote',
  meaning:
    'The parts of recent volume that traded at a worse and at a better price than the best quote that the book showed before. Worse: orders walk the book, or the book lags behind the trades. Better: hidden orders inside the spread, or quotes that had moved. NaN until enough trades met a two-sided book.',
  tex: String.raw`\frac{\sum_k 1_{d_k > 0}\, v_k\, e^{-k/50}}{\sum_k v_k\, e^{-k/50}},\quad \frac{\sum_k 1_{d_k < 0}\, v_k\, e^{-k/50}}{\sum_k v_k\, e^{-k/50}};\quad d = s\,(P - P_{\text{quote}})`,
  formula:
    'sum of v w over trades with sign (P - quote) > 0 (worse), < 0 (better), / sum of v w; quote = best ask before a buy, best bid before a sell; w = exp(-k / 50), k trades ago; a trade without a side or between ticks is better',
  warmup: `${MEMORY} trades`,
  cost: 'two divisions a trade',
  source:
    'definition; the classes of Lee and Ready (1991), Inferring trade direction from intraday data, J. Finance 46(2)',
  needs: [],
  dependencies: [],
  version: 1,
  columns: () => [
    { name: 'trade_through_worse', unit: '1', mirror: 'even', ticks: 0, lots: 0, detail: 'at worse prices' },
    { name: 'trade_through_better', unit: '1', mirror: 'even', ticks: 0, lots: 0, detail: 'at better prices' },
  ],
  create: () => new TradeThrough(),
};

class TradeThrough implements Signal {
  readonly #keep = Math.exp(-1 / MEMORY);
  #count = 0;
  #all = 0;
  #worse = 0;
  #better = 0;
  #worseShare = Number.NaN;
  #betterShare = Number.NaN;

  onTrade(view: MarketView, sign: number, sizeLots: number, priceTicks: number): void {
    if (!view.has(1)) return;
    const quote = sign > 0 ? view.askTicks[0] : view.bidTicks[0];
    // What nobody can sign printed at the mid or between ticks: inside the spread.
    const inside = sign === 0 || priceTicks === NO_PRICE;
    const beyond = inside ? -1 : sign * (priceTicks - quote);
    this.#all = this.#all * this.#keep + sizeLots;
    this.#worse = this.#worse * this.#keep + (beyond > 0 ? sizeLots : 0);
    this.#better = this.#better * this.#keep + (beyond < 0 ? sizeLots : 0);
    if (++this.#count < MEMORY) return;
    this.#worseShare = this.#worse / this.#all;
    this.#betterShare = this.#better / this.#all;
  }

  write(_view: MarketView, out: Float64Array, at: number): void {
    out[at] = this.#worseShare;
    out[at + 1] = this.#betterShare;
  }

  reset(): void {
    this.#count = 0;
    this.#all = 0;
    this.#worse = 0;
    this.#better = 0;
    this.#worseShare = Number.NaN;
    this.#betterShare = Number.NaN;
  }
}
