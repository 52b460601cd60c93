import type { SignalContext } from '../../context.ts';
import type { DecayedSum } from '../../decays.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';
import { sideColumns } from './side-columns.ts';
import { TouchChanges } from './touch-changes.ts';

const TAU = 1;

export const queueVolatility: SignalDefinition = {
  name: 'queue_volatility',
  family: 'queue',
  title: 'Volatility of the best queues',
  meaning:
    'How wildly the size at each best price changes while the price stays: the standard deviation of a queue that diffuses, over a second, in average levels.',
  tex: String.raw`\frac{1}{Q}\sqrt{\frac{\sum_n (\Delta q_n)^2\, e^{-(t-t_n)/\tau}}{\int_0^t e^{-(t-s)/\tau}\,ds}}`,
  formula:
    'sqrt(sum of dq^2 w / integral of w) / Q, w = exp(-age / tau); dq = change of the lots at the best price of the side in a book message that left the price alone',
  warmup: 'the decay time',
  cost: 'two comparisons a message, two roots and two divisions a row',
  source:
    'Cont and de Larrard (2012), Order book dynamics in liquid markets: limit theorems and diffusion approximations, the variances of the queues',
  needs: [],
  dependencies: ['touch changes', 'decaying sums', 'average level size'],
  version: 1,
  columns: () => sideColumns('queue_volatility', 'average levels/sqrt(s)', `over ${TAU} s`),
  create: (context) => new QueueVolatility(context),
};

class QueueVolatility implements Signal {
  readonly #changes: TouchChanges;
  readonly #bid: DecayedSum;
  readonly #ask: DecayedSum;

  constructor(context: SignalContext) {
    this.#changes = context.share(TouchChanges);
    this.#bid = context.decays.sum(TAU);
    this.#ask = context.decays.sum(TAU);
  }

  onBook(_view: MarketView): void {
    const { bidLots, askLots } = this.#changes;
    if (bidLots !== 0) this.#bid.add(bidLots * bidLots);
    if (askLots !== 0) this.#ask.add(askLots * askLots);
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    const seconds = this.#bid.ready(view) ? TAU * view.watched[this.#bid.scale] : Number.NaN;
    const scale = 1 / (seconds * view.meanLots * view.meanLots);
    out[at] = Math.sqrt(this.#bid.value * scale);
    out[at + 1] = Math.sqrt(this.#ask.value * scale);
  }

  reset(): void {}
}
