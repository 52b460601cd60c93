import type { SignalContext } from '../../context.ts';
import { type DecayedSum, tauName } from '../../decays.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';

const TAUS = [0.1, 1];

export const tradeFlow: SignalDefinition = {
  name: 'trade_flow',
  family: 'trades',
  title: 'Signed trade flow',
  meaning:
    'Lots bought less lots sold, faded with time, in average levels; trades that nobody can sign count for nothing. NaN where a side is empty.',
  tex: String.raw`\frac{1}{Q}\sum_i s_i\, v_i\, e^{-(t-t_i)/\tau},\quad s_i = \pm 1`,
  formula: 'sum over trades of sign q exp(-age / tau) / Q; sign 1 bought, -1 sold; Q = average size of a level',
  warmup: 'the decay time',
  cost: 'a multiplication a message and decay time, a division a column a row',
  source:
    'Ait-Sahalia, Fan, Xue and Zhou (2022), How and when are high-frequency stock returns predictable?, TxnImbalance',
  needs: [],
  dependencies: ['average level size', 'decaying sums'],
  version: 1,
  columns: () =>
    TAUS.map((tau) => ({
      name: `trade_flow_${tauName(tau)}`,
      unit: 'average levels',
      mirror: 'odd',
      ticks: 0,
      lots: 0,
      detail: `over ${tau} s`,
    })),
  create: (context) => new TradeFlow(context),
};

class TradeFlow implements Signal {
  readonly #lots: readonly DecayedSum[];

  constructor({ decays }: SignalContext) {
    this.#lots = decays.sums(TAUS);
  }

  onTrade(_view: MarketView, sign: number, sizeLots: number): void {
    for (let c = 0; c < this.#lots.length; c++) this.#lots[c].add(sign * sizeLots);
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    const known = view.has(1);
    for (let c = 0; c < this.#lots.length; c++) {
      const lots = this.#lots[c];
      out[at + c] = known && lots.ready(view) ? lots.value / view.meanLots : Number.NaN;
    }
  }

  reset(): void {}
}
