import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';
import { FAST, QueueSums } from './queue-sums.ts';
import { sideColumns } from './side-columns.ts';

export const orderSize: SignalDefinition = {
  name: 'order_size',
  family: 'queue',
  title: 'Size of arrivals at the touch',
  meaning:
    'What joins a side’s best price in one book message, on average, in average levels. NaN until something joined.',
  tex: String.raw`\frac{\sum_n a_n\, e^{-(t-t_n)/\tau}}{Q \sum_n \mathbf{1}\{a_n > 0\}\, e^{-(t-t_n)/\tau}}`,
  formula:
    'sum of a w / (Q sum of w) over the book messages in which a > 0 lots joined the side at its best price, w = exp(-age / tau)',
  warmup: 'the decay time and the first arrival',
  cost: 'a division a row and one an arrival; shares the sums of queue flows',
  source:
    'Bouchaud, Mezard and Potters (2002), Statistical properties of stock order books, Quantitative Finance 2(4): sizes of incoming orders',
  needs: [],
  dependencies: ['book flows', 'queue sums', 'average level size'],
  version: 1,
  columns: () => sideColumns('order_size', 'average levels', `over ${FAST} s`),
  create: (context) => new OrderSize(context),
};

class OrderSize implements Signal {
  readonly #sums: QueueSums;

  constructor(context: SignalContext) {
    this.#sums = context.share(QueueSums);
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    const { bid, ask } = this.#sums;
    const perLot = this.#sums.ready(view) ? 1 / view.meanLots : Number.NaN;
    out[at] = bid.arrivalLots * perLot;
    out[at + 1] = ask.arrivalLots * perLot;
  }

  reset(): void {}
}
