import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import { sideColumns } from '../../side-columns.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';
import { SLOW } from './forward-decay.ts';
import { QueueSums } from './queue-sums.ts';

export const depletionTime: SignalDefinition = {
  name: 'depletion_time',
  family: 'queue',
  title: 'Depletion time',
  meaning:
    'How long each best queue would last at the present pace of executions and cancellations if nothing joined it. NaN where the side is empty or nothing has left it so far.',
  tex: String.raw`\frac{q}{L},\quad L = \frac{\sum_n l_n\, e^{-(t-t_n)/\tau}}{\int_0^t e^{-(t-s)/\tau}\,ds}`,
  formula:
    'q / L, q = lots at the best price, L = lots per second executed on the side or cancelled at its best price = sum of l w / integral of w, w = exp(-age / tau)',
  warmup: 'the decay time and the first lot that leaves',
  cost: 'a division a message that takes from a best queue; shares the sums of queue flows',
  source: 'Cont, Stoikov and Talreja (2010), A stochastic model for order book dynamics, Operations Research 58(3)',
  needs: [],
  dependencies: ['book flows', 'forward decay', 'queue sums'],
  version: 2,
  columns: () => sideColumns('depletion_time', { unit: 's', ticks: 0, lots: 0, detail: `over ${SLOW} s` }),
  create: (context) => new DepletionTime(context),
};

class DepletionTime implements Signal {
  readonly #sums: QueueSums;

  constructor(context: SignalContext) {
    this.#sums = context.share(QueueSums);
  }

  write(_view: MarketView, out: Float64Array, at: number): void {
    const { bid, ask, slowSeconds } = this.#sums;
    out[at] = bid.depletion * slowSeconds;
    out[at + 1] = ask.depletion * slowSeconds;
  }

  reset(): void {}
}
