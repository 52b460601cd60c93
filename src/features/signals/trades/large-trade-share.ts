import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition, Versioned } from '../../signal.ts';
import { DecayedMoments } from './decayed-moments.ts';

/** Trades that the usual size is a mean of, and from which on it counts as known. */
const USUAL_MEMORY = 200;
const USUAL_WARMUP = 20;
/** A large trade is larger than so many usual ones. */
const LARGE = 2;
/** Trades over which the share fades, and from which on it is told. */
const MEMORY = 50;
const WARMUP = 20;

export const largeTradeShare: SignalDefinition = {
  name: 'large_trade_share',
  family: 'trades',
  title: 'Share of large trades',
  meaning:
    'The part of recent volume that came in trades of more than twice the usual size, and the same with buys counted up and sells down: who is in a hurry for size, and on which side.',
  tex: String.raw`\frac{\sum_k 1_{v_k > 2\bar v_k}\, v_k\, e^{-k/50}}{\sum_k v_k\, e^{-k/50}},\quad \frac{\sum_k s_k 1_{v_k > 2\bar v_k}\, v_k\, e^{-k/50}}{\sum_k v_k\, e^{-k/50}}`,
  formula:
    'sum of v w over trades with v > 2 m / sum of v w; net: sum of sign v w over those / the same; w = exp(-k / 50), k trades ago; m = mean size of the trades before with weights exp(-j / 200)',
  warmup: `${USUAL_WARMUP} trades for the usual size, then ${WARMUP} more`,
  cost: 'three divisions a trade',
  source:
    'definition; Barclay and Warner (1993), Stealth trading and volatility, J. Financial Economics 34(3), on which sizes move prices',
  needs: [],
  dependencies: [],
  version: 1,
  columns: () => [
    { name: 'large_trade_share', unit: '1', mirror: 'even', ticks: 0, lots: 0, detail: 'both sides' },
    { name: 'large_trade_share_net', unit: '1', mirror: 'odd', ticks: 0, lots: 0, detail: 'buys less sells' },
  ],
  create: (context) => new LargeTradeShare(context),
};

class LargeTradeShare implements Signal {
  readonly source: Versioned;
  readonly #keep = Math.exp(-1 / MEMORY);
  readonly #usual = new DecayedMoments(USUAL_MEMORY);
  #count = 0;
  #all = 0;
  #large = 0;
  #net = 0;
  #share = Number.NaN;
  #netShare = Number.NaN;

  constructor({ trades }: SignalContext) {
    this.source = trades;
  }

  onTrade(_view: MarketView, sign: number, sizeLots: number): void {
    if (this.#usual.count >= USUAL_WARMUP) this.#add(sign, sizeLots);
    this.#usual.add(sizeLots);
  }

  write(_view: MarketView, out: Float64Array, at: number): void {
    out[at] = this.#share;
    out[at + 1] = this.#netShare;
  }

  reset(): void {
    this.#usual.reset();
    this.#count = 0;
    this.#all = 0;
    this.#large = 0;
    this.#net = 0;
    this.#share = Number.NaN;
    this.#netShare = Number.NaN;
  }

  #add(sign: number, sizeLots: number): void {
    const large = sizeLots > LARGE * this.#usual.mean ? sizeLots : 0;
    this.#all = this.#all * this.#keep + sizeLots;
    this.#large = this.#large * this.#keep + large;
    this.#net = this.#net * this.#keep + sign * large;
    if (++this.#count < WARMUP) return;
    this.#share = this.#large / this.#all;
    this.#netShare = this.#net / this.#all;
  }
}
