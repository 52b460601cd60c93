import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';
import { QueueSums, SLOW } from './queue-sums.ts';
import { sideColumns } from './side-columns.ts';

export const depletionTime: SignalDefinition = {
  name: 'depletion_time',
  family: 'queue',
  title: 'Depletion time',
  meaning:
    'How long each best queue would last at the present pace of executions and cancellations if nothing joined it. NaN where the side is empty or nothing has left it so far.',
  tex: String.raw`\ln\!\left(1 + \frac{q}{L}\right),\quad L = \frac{\sum_n l_n\, e^{-(t-t_n)/\tau}}{\int_0^t e^{-(t-s)/\tau}\,ds}`,
  formula:
    'ln(1 + q / L), q = lots at the best price, L = lots per second executed on the side or cancelled at its best price = sum of l w / integral of w, w = exp(-age / tau)',
  warmup: 'the decay time and the first lot that leaves',
  cost: 'two logarithms and divisions a row; shares the sums of queue flows',
  source: 'Cont, Stoikov and Talreja (2010), A stochastic model for order book dynamics, Operations Research 58(3)',
  needs: [],
  dependencies: ['book flows', 'queue sums'],
  version: 1,
  columns: () => sideColumns('depletion_time', 'ln(1 + s)', `over ${SLOW} s`),
  create: (context) => new DepletionTime(context),
};

function logTime(lotSeconds: number, left: number): number {
  return lotSeconds > 0 && left > 0 ? Math.log(1 + lotSeconds / left) : Number.NaN;
}

class DepletionTime implements Signal {
  readonly #sums: QueueSums;

  constructor(context: SignalContext) {
    this.#sums = context.share(QueueSums);
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    const { bid, ask } = this.#sums;
    const seconds = this.#sums.slowSeconds(view);
    out[at] = logTime(view.bidLots[0] * seconds, bid.slowExecuted + bid.slowCancelledTouch);
    out[at + 1] = logTime(view.askLots[0] * seconds, ask.slowExecuted + ask.slowCancelledTouch);
  }

  reset(): void {}
}
