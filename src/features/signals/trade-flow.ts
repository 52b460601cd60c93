import { DecayedSum, tauName } from '../decayed-sum.ts';
import type { MarketView } from '../market-view.ts';
import type { FeatureInfo, Signal } from '../signal.ts';

const SOURCE =
  'Ait-Sahalia, Fan, Xue and Zhou (2022), How and when are high-frequency stock returns predictable?, TxnImbalance';

/**
 * Signed trade flow: lots bought less lots sold, faded with time, in average levels. Trades that nobody can sign count for
 * nothing. Warm-up: the decay time. Cost: one exponential a trade.
 */
export class TradeFlow implements Signal {
  readonly columns: readonly FeatureInfo[];
  readonly #sums: readonly DecayedSum[];

  constructor(tausSeconds: readonly number[]) {
    this.#sums = tausSeconds.map((tau) => new DecayedSum(tau));
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

  onTrade(view: MarketView, sign: number, sizeLots: number): void {
    if (sign === 0) return;
    for (let c = 0; c < this.#sums.length; c++) this.#sums[c].add(view.nowNs, sign * sizeLots);
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    for (let c = 0; c < this.#sums.length; c++) {
      const sum = this.#sums[c];
      out[at + c] = view.nowNs >= sum.tauNs && view.has(1) ? sum.at(view.nowNs) / view.meanLots : Number.NaN;
    }
  }

  reset(): void {
    for (let c = 0; c < this.#sums.length; c++) this.#sums[c].reset();
  }
}

/**
 * Buys less sells by number, over their sum plus one: the one draws it to 0 as the last trades fade. Of the trade signals
 * the one that a single large trade cannot swamp. Unit: 1, in (−1, 1). Warm-up: the decay time. Cost: one exponential a
 * trade and decay time.
 */
export class TradeCountImbalance implements Signal {
  readonly columns: readonly FeatureInfo[];
  readonly #buys: readonly DecayedSum[];
  readonly #sells: readonly DecayedSum[];

  constructor(tausSeconds: readonly number[]) {
    this.#buys = tausSeconds.map((tau) => new DecayedSum(tau));
    this.#sells = tausSeconds.map((tau) => new DecayedSum(tau));
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

  onTrade(view: MarketView, sign: number): void {
    if (sign === 0) return;
    const sums = sign > 0 ? this.#buys : this.#sells;
    for (let c = 0; c < sums.length; c++) sums[c].add(view.nowNs, 1);
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    for (let c = 0; c < this.#buys.length; c++) {
      const buys = this.#buys[c].at(view.nowNs);
      const sells = this.#sells[c].at(view.nowNs);
      out[at + c] = view.nowNs >= this.#buys[c].tauNs ? (buys - sells) / (buys + sells + 1) : Number.NaN;
    }
  }

  reset(): void {
    for (let c = 0; c < this.#buys.length; c++) {
      this.#buys[c].reset();
      this.#sells[c].reset();
    }
  }
}
