import { DecayedSums, tauName } from '../decayed-sums.ts';
import type { MarketView } from '../market-view.ts';
import type { FeatureInfo, Signal } from '../signal.ts';

const SOURCE =
  'Ait-Sahalia, Fan, Xue and Zhou (2022), How and when are high-frequency stock returns predictable?, TxnImbalance';

/**
 * Signed trade flow: lots bought less lots sold, faded with time, in average levels. Trades that nobody can sign count for
 * nothing. Warm-up: the decay time. Cost: a multiplication a message and decay time.
 */
export class TradeFlow implements Signal {
  readonly columns: readonly FeatureInfo[];
  readonly #lots: DecayedSums;

  constructor(tausSeconds: readonly number[]) {
    this.#lots = new DecayedSums(tausSeconds);
    this.columns = tausSeconds.map((tau) => ({
      name: `trade_flow_${tauName(tau)}`,
      family: 'trades',
      unit: 'average levels',
      formula: `sum over trades of sign q exp(-age / ${tau} s) / Q; sign 1 bought, -1 sold; Q = average size of a level`,
      warmup: `${tau} s`,
      source: SOURCE,
      parity: 'odd',
      version: 1,
    }));
  }

  onTime(view: MarketView): void {
    this.#lots.fade(view);
  }

  onTrade(_view: MarketView, sign: number, sizeLots: number): void {
    this.#lots.add(sign * sizeLots);
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    const lots = this.#lots;
    for (let c = 0; c < lots.values.length; c++) {
      out[at + c] = view.has(1) && lots.ready(view, c) ? lots.values[c] / view.meanLots : Number.NaN;
    }
  }

  reset(): void {
    this.#lots.reset();
  }
}

/**
 * Buys less sells by number, over their sum plus one: the one draws it to 0 as the last trades fade. Of the trade signals
 * the one that a single large trade cannot swamp. Unit: 1, in (−1, 1). Warm-up: the decay time. Cost: two multiplications a
 * message and decay time.
 */
export class TradeCountImbalance implements Signal {
  readonly columns: readonly FeatureInfo[];
  readonly #net: DecayedSums;
  readonly #all: DecayedSums;

  constructor(tausSeconds: readonly number[]) {
    this.#net = new DecayedSums(tausSeconds);
    this.#all = new DecayedSums(tausSeconds);
    this.columns = tausSeconds.map((tau) => ({
      name: `trade_count_imbalance_${tauName(tau)}`,
      family: 'trades',
      unit: '1',
      formula: `(B - S) / (B + S + 1); B, S = sums over buys and sells of exp(-age / ${tau} s)`,
      warmup: `${tau} s`,
      source: SOURCE,
      parity: 'odd',
      version: 1,
    }));
  }

  onTime(view: MarketView): void {
    this.#net.fade(view);
    this.#all.fade(view);
  }

  onTrade(_view: MarketView, sign: number): void {
    if (sign === 0) return;
    this.#net.add(sign);
    this.#all.add(1);
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    const net = this.#net;
    for (let c = 0; c < net.values.length; c++) {
      out[at + c] = net.ready(view, c) ? net.values[c] / (this.#all.values[c] + 1) : Number.NaN;
    }
  }

  reset(): void {
    this.#net.reset();
    this.#all.reset();
  }
}
