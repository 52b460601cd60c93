import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';
import { QueueSums, SLOW } from './queue-sums.ts';
import { sideColumns } from './side-columns.ts';

export const fillTime: SignalDefinition = {
  name: 'fill_time',
  family: 'queue',
  title: 'Estimated time to fill',
  meaning:
    'How long an order that joins the end of a best queue now would wait until everything ahead of it has traded or been cancelled, at the present pace, if cancellations fall anywhere in the queue alike and what is cancelled is replaced behind. NaN where the side is empty or nothing has traded there yet.',
  tex: String.raw`\ln(1+T),\quad T = \frac{q}{C}\ln\!\left(1+\frac{C}{X}\right)\ \text{from}\ V' = -X - C\,\frac{V}{q},\ V(0)=q,\ V(T)=0`,
  formula:
    'ln(1 + T), T = q / C ln(1 + C / X), and q / X where C = 0; q = lots at the best price, X = lots executed per second on the side, C = lots cancelled per second at its best price, both sum of w / integral of w with w = exp(-age / tau)',
  warmup: 'the decay time and the first execution',
  cost: 'two logarithms a row, and one a message that takes from a best queue; shares the sums of queue flows',
  source:
    'definition: the fluid limit of a queue with pro-rata cancellations, as in Cont, Stoikov and Talreja (2010), A stochastic model for order book dynamics',
  needs: [],
  dependencies: ['book flows', 'queue sums'],
  version: 1,
  columns: () => sideColumns('fill_time', 'ln(1 + s)', `over ${SLOW} s`),
  create: (context) => new FillTime(context),
};

class FillTime implements Signal {
  readonly #sums: QueueSums;

  constructor(context: SignalContext) {
    this.#sums = context.share(QueueSums);
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    const { bid, ask } = this.#sums;
    const seconds = this.#sums.slowSeconds(view);
    out[at] = logTime(view.bidLots[0] * seconds * bid.relief, bid.slowExecuted);
    out[at + 1] = logTime(view.askLots[0] * seconds * ask.relief, ask.slowExecuted);
  }

  reset(): void {}
}

function logTime(lotSeconds: number, executed: number): number {
  return lotSeconds > 0 && executed > 0 ? Math.log(1 + lotSeconds / executed) : Number.NaN;
}
