import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import { sideColumns } from '../../side-columns.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';
import { FAST } from './forward-decay.ts';
import { QueueSums } from './queue-sums.ts';

export const queueRefill: SignalDefinition = {
  name: 'queue_refill',
  family: 'queue',
  title: 'Refilling of the best queues',
  meaning:
    'Of all size that joined a side’s best price, was cancelled there or executed of late, the share that joined: above ½ the queue is being refilled faster than it drains. NaN until something joined or left.',
  tex: String.raw`\frac{\sum_n a_n\, w_n}{\sum_n (a_n + l_n)\, w_n},\quad w_n = e^{-(t-t_n)/\tau}`,
  formula:
    'sum of a w / sum of (a + l) w, w = exp(-age / tau); a = lots that joined the side at its best price, l = lots cancelled there or executed on the side',
  warmup: 'the decay time and the first change of the best queue',
  cost: 'a division a message that changes the best queue; shares the sums of queue flows',
  source:
    'Foucault, Kadan and Kandel (2005), Limit order book as a market for liquidity, Review of Financial Studies 18(4), on resiliency',
  needs: [],
  dependencies: ['book flows', 'forward decay', 'queue sums'],
  version: 1,
  columns: () => sideColumns('queue_refill', { unit: '1', ticks: 0, lots: 0, detail: `over ${FAST} s` }),
  create: (context) => new QueueRefill(context),
};

class QueueRefill implements Signal {
  readonly #sums: QueueSums;

  constructor(context: SignalContext) {
    this.#sums = context.share(QueueSums);
  }

  write(_view: MarketView, out: Float64Array, at: number): void {
    const { bid, ask, fastPerSecond } = this.#sums;
    const known = !Number.isNaN(fastPerSecond);
    out[at] = known ? bid.refill : Number.NaN;
    out[at + 1] = known ? ask.refill : Number.NaN;
  }

  reset(): void {}
}
