import type { SignalContext } from '../../context.ts';
import { tauName } from '../../decays.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';
import { TradeFades } from './trade-fades.ts';

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
  cost: 'three multiplications a message, shared; a division a column a row',
  source:
    'Ait-Sahalia, Fan, Xue and Zhou (2022), How and when are high-frequency stock returns predictable?, TxnImbalance',
  needs: [],
  dependencies: ['trade fades'],
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
  readonly #fades: TradeFades;
  /** Buys less sells and their sum as of the last trade, by decay time. */
  #net100ms = Number.NaN;
  #net1s = Number.NaN;
  #net10s = Number.NaN;
  #all100ms = Number.NaN;
  #all1s = Number.NaN;
  #all10s = Number.NaN;

  constructor(context: SignalContext) {
    this.#fades = context.share(TradeFades);
    this.reset();
  }

  onTrade(_view: MarketView, sign: number): void {
    const { last100ms, last1s, last10s } = this.#fades;
    const one = sign * sign;
    this.#net100ms = this.#net100ms * last100ms + sign;
    this.#net1s = this.#net1s * last1s + sign;
    this.#net10s = this.#net10s * last10s + sign;
    this.#all100ms = this.#all100ms * last100ms + one;
    this.#all1s = this.#all1s * last1s + one;
    this.#all10s = this.#all10s * last10s + one;
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    const { over100ms, over1s, over10s } = this.#fades;
    const fast = over100ms.value;
    const slow = over1s.value;
    const slowest = over10s.value;
    out[at] = over100ms.ready(view) ? (this.#net100ms * fast) / (this.#all100ms * fast + 1) : Number.NaN;
    out[at + 1] = over1s.ready(view) ? (this.#net1s * slow) / (this.#all1s * slow + 1) : Number.NaN;
    out[at + 2] = over10s.ready(view) ? (this.#net10s * slowest) / (this.#all10s * slowest + 1) : Number.NaN;
  }

  reset(): void {
    this.#net100ms = 0;
    this.#net1s = 0;
    this.#net10s = 0;
    this.#all100ms = 0;
    this.#all1s = 0;
    this.#all10s = 0;
  }
}
