import type { SignalContext } from '../../context.ts';
import { type DecayedSum, tauName } from '../../decays.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';

const TAUS = [0.1, 1, 10];

export const tradeCountImbalance: SignalDefinition = {
  name: 'trade_count_imbalance',
  family: 'trades',
  title: 'Imbalance of the number of trades',
  meaning:
    'Buys less sells by number, over their sum plus one: the one draws it to 0 as the last trades fade. Of the trade signals the one that a single large trade cannot swamp.',
  tex: String.raw`\frac{B - S}{B + S + 1},\quad B, S = \sum_{i:\, s_i = \pm 1} e^{-(t-t_i)/\tau}`,
  formula: '(B - S) / (B + S + 1); B, S = sums over buys and sells of exp(-age / tau)',
  warmup: 'the decay time',
  cost: 'two multiplications a message and decay time, a division a column a row',
  source:
    'Ait-Sahalia, Fan, Xue and Zhou (2022), How and when are high-frequency stock returns predictable?, TxnImbalance',
  needs: [],
  dependencies: ['decaying sums'],
  version: 1,
  columns: () =>
    TAUS.map((tau) => ({
      name: `trade_count_imbalance_${tauName(tau)}`,
      unit: '1',
      mirror: 'odd',
      ticks: 0,
      lots: 0,
      detail: `over ${tau} s`,
    })),
  create: (context) => new TradeCountImbalance(context),
};

class TradeCountImbalance implements Signal {
  readonly #net: readonly DecayedSum[];
  readonly #all: readonly DecayedSum[];

  constructor({ decays }: SignalContext) {
    this.#net = decays.sums(TAUS);
    this.#all = decays.sums(TAUS);
  }

  onTrade(_view: MarketView, sign: number): void {
    if (sign === 0) return;
    for (let c = 0; c < this.#net.length; c++) {
      this.#net[c].add(sign);
      this.#all[c].add(1);
    }
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    for (let c = 0; c < this.#net.length; c++) {
      const net = this.#net[c];
      out[at + c] = net.ready(view) ? net.value / (this.#all[c].value + 1) : Number.NaN;
    }
  }

  reset(): void {}
}
