import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import { sideColumns } from '../../side-columns.ts';
import type { Signal, SignalDefinition, Versioned } from '../../signal.ts';
import { DeletedOrders } from './deleted-orders.ts';
import { SLOW } from './forward-decay.ts';

export const orderLifetime: SignalDefinition = {
  name: 'order_lifetime',
  family: 'queue',
  title: 'Lifetime of deleted orders',
  meaning:
    'How long the orders deleted on a side had lived, in the mean of logarithms. Orders of which the beginning was not seen (or is too long ago) do not count; NaN until one was.',
  tex: String.raw`\frac{\sum_i \ln(1 + a_i)\, e^{-(t-t_i)/\tau}}{\sum_i e^{-(t-t_i)/\tau}},\ a \text{ in ms}`,
  formula:
    'sum of ln(1 + a) w / sum of w over deletions of orders of known age, a = age in milliseconds, w = exp(-time since the deletion / tau)',
  warmup: 'the decay time and the first deletion of an order whose addition was seen',
  cost: 'a look-up an order row, a logarithm and a division a deletion',
  source:
    'Hasbrouck and Saar (2009), Technology and liquidity provision: the blurring of traditional definitions, Journal of Financial Markets 12(2)',
  needs: ['orders'],
  dependencies: ['forward decay', 'deleted orders'],
  version: 1,
  columns: () => sideColumns('order_lifetime', { unit: 'ln(1 + ms)', ticks: 0, lots: 0, detail: `over ${SLOW} s` }),
  create: (context) => new OrderLifetime(context),
};

class OrderLifetime implements Signal {
  readonly source: Versioned;
  readonly #orders: DeletedOrders;

  constructor(context: SignalContext) {
    this.#orders = context.share(DeletedOrders);
    this.source = this.#orders.deletions;
  }

  write(_view: MarketView, out: Float64Array, at: number): void {
    const { bid, ask, known } = this.#orders;
    out[at] = known ? bid.meanLog : Number.NaN;
    out[at + 1] = known ? ask.meanLog : Number.NaN;
  }

  reset(): void {}
}
