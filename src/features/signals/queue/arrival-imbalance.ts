import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';
import { FAST, QueueSums } from './queue-sums.ts';

export const arrivalImbalance: SignalDefinition = {
  name: 'arrival_imbalance',
  family: 'queue',
  title: 'Arrival imbalance',
  meaning:
    'Whether new size joins the bid or the ask, from −1 to 1, at the best prices and behind them; one average level in the denominator keeps a lone small order from counting as 1.',
  tex: String.raw`\frac{B - A}{B + A + Q},\quad B, A = \sum_n a_n^{b,a}\, e^{-(t-t_n)/\tau}`,
  formula:
    '(B - A) / (B + A + Q), B and A = sum over book messages of lots that joined x exp(-age / tau) on the bid and on the ask; Q = average size of a level',
  warmup: 'the decay time',
  cost: 'two divisions a row; shares the sums of queue flows',
  source: 'Cont, Kukanov and Stoikov (2014), The price impact of order book events: the part of limit orders',
  needs: [],
  dependencies: ['book flows', 'queue sums', 'average level size'],
  version: 1,
  columns: () => [
    {
      name: 'arrival_imbalance_touch',
      unit: '1',
      mirror: 'odd',
      ticks: 0,
      lots: 0,
      detail: `best prices, over ${FAST} s`,
    },
    { name: 'arrival_imbalance_deep', unit: '1', mirror: 'odd', ticks: 0, lots: 0, detail: `behind, over ${FAST} s` },
  ],
  create: (context) => new ArrivalImbalance(context),
};

function imbalance(bid: number, ask: number, prior: number): number {
  return (bid - ask) / (bid + ask + prior);
}

class ArrivalImbalance implements Signal {
  readonly #sums: QueueSums;

  constructor(context: SignalContext) {
    this.#sums = context.share(QueueSums);
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    const { bid, ask } = this.#sums;
    const prior = bid.joinedTouch.ready(view) ? view.meanLots : Number.NaN;
    out[at] = imbalance(bid.joinedTouch.value, ask.joinedTouch.value, prior);
    out[at + 1] = imbalance(bid.joinedDeep.value, ask.joinedDeep.value, prior);
  }

  reset(): void {}
}
