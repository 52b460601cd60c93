import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import { sideColumns } from '../../side-columns.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';
import { FAST } from './forward-decay.ts';
import { QueueSums } from './queue-sums.ts';

export const executionRate: SignalDefinition = {
  name: 'execution_rate',
  family: 'queue',
  title: 'Execution rate',
  meaning:
    'Resting size that trades take from each side’s queues per second, in average levels: sellers eat the bid, buyers the ask. Hidden size is no part of it.',
  tex: String.raw`\frac{\sum_n x_n\, e^{-(t-t_n)/\tau}}{Q \int_0^t e^{-(t-s)/\tau}\,ds}`,
  formula:
    'sum over book messages of x w / (Q integral of w), w = exp(-age / tau); x = lots that left the side and were executed',
  warmup: 'the decay time',
  cost: 'three multiplications a row; shares the sums of queue flows',
  source: 'Cont, Stoikov and Talreja (2010), A stochastic model for order book dynamics, Operations Research 58(3)',
  needs: [],
  dependencies: ['book flows', 'forward decay', 'queue sums', 'average level size'],
  version: 1,
  columns: () =>
    sideColumns('execution_rate', { unit: 'average levels/s', ticks: 0, lots: 0, detail: `over ${FAST} s` }),
  create: (context) => new ExecutionRate(context),
};

class ExecutionRate implements Signal {
  readonly #sums: QueueSums;

  constructor(context: SignalContext) {
    this.#sums = context.share(QueueSums);
  }

  write(_view: MarketView, out: Float64Array, at: number): void {
    const { bid, ask, fastPerSecond, perLot } = this.#sums;
    const scale = fastPerSecond * perLot;
    out[at] = bid.executed * scale;
    out[at + 1] = ask.executed * scale;
  }

  reset(): void {}
}
