import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import { sideColumns } from '../../side-columns.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';
import { SLOW } from './forward-decay.ts';
import { QueueSums } from './queue-sums.ts';

export const fillTime: SignalDefinition = {
  name: 'fill_time',
  family: 'queue',
  title: 'Estimated time to fill',
  meaning:
    'How long an order that joins the end of a best queue now would wait until everything ahead of it has traded or been cancelled, at the present pace, if cancellations fall anywhere in the queue alike and what is cancelled is replaced behind. NaN where the side is empty or nothing has traded there yet.',
  tex: String.raw`T = \frac{q}{C}\ln\!\left(1+\frac{C}{X}\right)\ \text{from}\ V' = -X - C\,\frac{V}{q},\ V(0)=q,\ V(T)=0`,
  formula:
    'T = q / C ln(1 + C / X), and q / X where C = 0; q = lots at the best price, X = lots executed per second on the side, C = lots cancelled per second at its best price, both sum of w / integral of w with w = exp(-age / tau)',
  warmup: 'the decay time and the first execution',
  cost: 'a logarithm and two divisions a message that takes from a best queue; shares the sums of queue flows',
  source:
    'definition: the fluid limit of a queue with pro-rata cancellations, as in Cont, Stoikov and Talreja (2010), A stochastic model for order book dynamics',
  needs: [],
  dependencies: ['book flows', 'forward decay', 'queue sums'],
  version: 2,
  columns: () => sideColumns('fill_time', { unit: 's', ticks: 0, lots: 0, detail: `over ${SLOW} s` }),
  create: (context) => new FillTime(context),
};

class FillTime implements Signal {
  readonly #sums: QueueSums;

  constructor(context: SignalContext) {
    this.#sums = context.share(QueueSums);
  }

  write(_view: MarketView, out: Float64Array, at: number): void {
    const { bid, ask, slowSeconds } = this.#sums;
    out[at] = bid.fill * slowSeconds;
    out[at + 1] = ask.fill * slowSeconds;
  }

  reset(): void {}
}
