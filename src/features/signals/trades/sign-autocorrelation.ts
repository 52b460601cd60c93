import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition, Versioned } from '../../signal.ts';
import { AggressorOrders } from './aggressor-orders.ts';
import { PairRing } from './pair-ring.ts';

const PAIRS = 128;
const WARMUP = 32;

export const signAutocorrelation: SignalDefinition = {
  name: 'sign_autocorrelation',
  family: 'trades',
  title: 'Autocorrelation of trade signs',
  meaning: `Correlation of the side of an aggressor order with that of the one before, over the last ${PAIRS} pairs: high where large orders are worked in pieces or many follow one lead, near 0 where sides alternate by chance. NaN where all orders are of one side.`,
  tex: String.raw`\operatorname{corr}(s_n,\, s_{n-1}),\quad N - 128 < n \le N`,
  formula: `Pearson correlation of (s[n], s[n - 1]) over the last ${PAIRS} orders n; trades of one sign and timestamp are one order; sides as 1 and -1`,
  warmup: `${WARMUP + 1} orders`,
  cost: 'a square root and a division an order',
  source:
    'Lillo and Farmer (2004), The long memory of the efficient market, Studies in Nonlinear Dynamics and Econometrics 8(3)',
  needs: [],
  dependencies: ['aggressor orders'],
  version: 1,
  columns: () => [{ name: 'sign_autocorrelation', unit: '1', mirror: 'even', ticks: 0, lots: 0 }],
  create: (context) => new SignAutocorrelation(context),
};

class SignAutocorrelation implements Signal {
  readonly source: Versioned;
  readonly #aggressors: AggressorOrders;
  readonly #pairs = new PairRing(PAIRS);
  #sign = 0;
  #correlation = Number.NaN;

  constructor(context: SignalContext) {
    this.source = context.trades;
    this.#aggressors = context.share(AggressorOrders);
  }

  onTrade(_view: MarketView, sign: number): void {
    if (!this.#aggressors.begins) return;
    if (this.#sign !== 0) this.#pairs.add(sign, this.#sign);
    this.#sign = sign;
    if (this.#pairs.count >= WARMUP) this.#correlation = this.#pairs.correlation;
  }

  write(_view: MarketView, out: Float64Array, at: number): void {
    out[at] = this.#correlation;
  }

  reset(): void {
    this.#pairs.reset();
    this.#sign = 0;
    this.#correlation = Number.NaN;
  }
}
