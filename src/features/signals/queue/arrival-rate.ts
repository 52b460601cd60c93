import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import { sideColumns } from '../../side-columns.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';
import { FAST } from './forward-decay.ts';
import { QueueSums } from './queue-sums.ts';

export const arrivalRate: SignalDefinition = {
  name: 'arrival_rate',
  family: 'queue',
  title: 'Arrival rate',
  meaning:
    'Size that joins each side’s queues per second, in average levels: at the best price (a better price counts whole) and behind it within the view.',
  tex: String.raw`\frac{\sum_n a_n\, e^{-(t-t_n)/\tau}}{Q \int_0^t e^{-(t-s)/\tau}\,ds}`,
  formula:
    'sum over book messages of a w / (Q integral of w), w = exp(-age / tau); a = lots that a price of the side gained, at the best price after the message or deeper',
  warmup: 'the decay time',
  cost: 'five multiplications a row; shares the sums of queue flows',
  source: 'Cont, Stoikov and Talreja (2010), A stochastic model for order book dynamics, Operations Research 58(3)',
  needs: [],
  dependencies: ['book flows', 'forward decay', 'queue sums', 'average level size'],
  version: 1,
  columns: () => [
    ...sideColumns('arrival_rate_touch', {
      unit: 'average levels/s',
      ticks: 0,
      lots: 0,
      detail: `best price, over ${FAST} s`,
    }),
    ...sideColumns('arrival_rate_deep', {
      unit: 'average levels/s',
      ticks: 0,
      lots: 0,
      detail: `behind the best price, over ${FAST} s`,
    }),
  ],
  create: (context) => new ArrivalRate(context),
};

class ArrivalRate implements Signal {
  readonly #sums: QueueSums;

  constructor(context: SignalContext) {
    this.#sums = context.share(QueueSums);
  }

  write(_view: MarketView, out: Float64Array, at: number): void {
    const { bid, ask, fastPerSecond, perLot } = this.#sums;
    const scale = fastPerSecond * perLot;
    out[at] = bid.joinedTouch * scale;
    out[at + 1] = ask.joinedTouch * scale;
    out[at + 2] = bid.joinedDeep * scale;
    out[at + 3] = ask.joinedDeep * scale;
  }

  reset(): void {}
}
