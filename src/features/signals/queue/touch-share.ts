import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';
import { FAST, QueueSums } from './queue-sums.ts';
import { sideColumns } from './side-columns.ts';

export const touchShare: SignalDefinition = {
  name: 'touch_share',
  family: 'queue',
  title: 'Share of arrivals at the touch',
  meaning:
    'Of the size that joins a side within the view, the share that goes to the best price or betters it: how eager its limit orders are. NaN until something joined.',
  tex: String.raw`\frac{\sum_n a_n\, w_n}{\sum_n (a_n + d_n)\, w_n},\quad w_n = e^{-(t-t_n)/\tau}`,
  formula:
    'sum of a w / sum of (a + d) w, w = exp(-age / tau); a = lots that joined the side at its best price, d = lots that joined deeper',
  warmup: 'the decay time and the first arrival',
  cost: 'two divisions a message that changes the side; shares the sums of queue flows',
  source:
    'Bouchaud, Mezard and Potters (2002), Statistical properties of stock order books, Quantitative Finance 2(4): where limit orders are placed',
  needs: [],
  dependencies: ['book flows', 'queue sums'],
  version: 1,
  columns: () => sideColumns('touch_share', '1', `over ${FAST} s`),
  create: (context) => new TouchShare(context),
};

class TouchShare implements Signal {
  readonly #sums: QueueSums;

  constructor(context: SignalContext) {
    this.#sums = context.share(QueueSums);
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    const { bid, ask } = this.#sums;
    const known = this.#sums.ready(view);
    out[at] = known ? bid.touchShare : Number.NaN;
    out[at + 1] = known ? ask.touchShare : Number.NaN;
  }

  reset(): void {}
}
