import type { SignalContext } from '../../context.ts';
import type { DecayedSum } from '../../decays.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';

const TAU = 10;

export const orderToTrade: SignalDefinition = {
  name: 'order_to_trade',
  family: 'queue',
  title: 'Order-to-trade ratio',
  meaning:
    'How many book events (level changes or order messages) there are for every trade, as a logarithm, with one added to both: the messaging that machines produce.',
  tex: String.raw`\ln\frac{1 + \sum_n e_n\, e^{-(t-t_n)/\tau}}{1 + \sum_i e^{-(t-t_i)/\tau}}`,
  formula: 'ln((1 + sum of e w) / (1 + sum over trades of w)), w = exp(-age / tau); e = book events of a message',
  warmup: 'the decay time',
  cost: 'a logarithm and a division a row',
  source:
    'Hendershott, Jones and Menkveld (2011), Does algorithmic trading improve liquidity?, Journal of Finance 66(1): messages per trade stand for algorithms',
  needs: [],
  dependencies: ['decaying sums'],
  version: 1,
  columns: () => [
    { name: 'order_to_trade', unit: 'ln(1)', mirror: 'even', ticks: 0, lots: 0, detail: `over ${TAU} s` },
  ],
  create: (context) => new OrderToTrade(context),
};

class OrderToTrade implements Signal {
  readonly #events: DecayedSum;
  readonly #trades: DecayedSum;

  constructor({ decays }: SignalContext) {
    this.#events = decays.sum(TAU);
    this.#trades = decays.sum(TAU);
  }

  onTrade(): void {
    this.#trades.add(1);
  }

  onBook(view: MarketView): void {
    this.#events.add(view.events);
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    const known = this.#trades.ready(view);
    out[at] = known ? Math.log((1 + this.#events.value) / (1 + this.#trades.value)) : Number.NaN;
  }

  reset(): void {}
}
