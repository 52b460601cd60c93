import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import { sideColumns } from '../../side-columns.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';
import { FAST } from './forward-decay.ts';
import { QueueSums } from './queue-sums.ts';

export const cancelRate: SignalDefinition = {
  name: 'cancel_rate',
  family: 'queue',
  title: 'Cancellation rate',
  meaning:
    'Size cancelled per second on each side, in average levels: at the best price and behind it within the view. Shrinking that no trade explains counts as cancelled.',
  tex: String.raw`\frac{\sum_n c_n\, e^{-(t-t_n)/\tau}}{Q \int_0^t e^{-(t-s)/\tau}\,ds}`,
  formula:
    'sum over book messages of c w / (Q integral of w), w = exp(-age / tau); c = lots that left the side, at the best price before the message or deeper, less those executed',
  warmup: 'the decay time',
  cost: 'five multiplications a row; shares the sums of queue flows',
  source: 'Cont, Stoikov and Talreja (2010), A stochastic model for order book dynamics, Operations Research 58(3)',
  needs: [],
  dependencies: ['book flows', 'forward decay', 'queue sums', 'average level size'],
  version: 1,
  columns: () => [
    ...sideColumns('cancel_rate_touch', {
      unit: 'average levels/s',
      ticks: 0,
      lots: 0,
      detail: `best price, over ${FAST} s`,
    }),
    ...sideColumns('cancel_rate_deep', {
      unit: 'average levels/s',
      ticks: 0,
      lots: 0,
      detail: `behind the best price, over ${FAST} s`,
    }),
  ],
  create: (context) => new CancelRate(context),
};

class CancelRate implements Signal {
  readonly #sums: QueueSums;

  constructor(context: SignalContext) {
    this.#sums = context.share(QueueSums);
  }

  write(_view: MarketView, out: Float64Array, at: number): void {
    const { bid, ask, fastPerSecond, perLot } = this.#sums;
    const scale = fastPerSecond * perLot;
    out[at] = bid.cancelledTouch * scale;
    out[at + 1] = ask.cancelledTouch * scale;
    out[at + 2] = bid.cancelledDeep * scale;
    out[at + 3] = ask.cancelledDeep * scale;
  }

  reset(): void {}
}
