import type { SignalContext } from '../../context.ts';
import type { DecayedSum } from '../../decays.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';
import { sideColumns } from './side-columns.ts';

const TAU = 10;

export const queueLength: SignalDefinition = {
  name: 'queue_length',
  family: 'queue',
  title: 'Relative queue length',
  meaning:
    'The best queue of each side over its own recent mean: below 1 it is shorter than it has been. An empty side counts as a queue of nothing in the mean; the column is NaN then.',
  tex: String.raw`\frac{q(t)}{\bar q(t)},\quad \bar q(t) = \frac{\int_0^t q(s)\, e^{-(t-s)/\tau}\,ds}{\int_0^t e^{-(t-s)/\tau}\,ds}`,
  formula: 'q / integral of q w / integral of w, q = lots at the best price, w = exp(-age / tau): a mean over time',
  warmup: 'the decay time',
  cost: 'two multiplications a message, two divisions a row',
  source: 'definition',
  needs: [],
  dependencies: ['decaying sums'],
  version: 1,
  columns: () => sideColumns('queue_length', '1', `mean over ${TAU} s`),
  create: (context) => new QueueLength(context),
};

class QueueLength implements Signal {
  /** ∫ q w ds / τ. */
  readonly #bid: DecayedSum;
  readonly #ask: DecayedSum;

  constructor({ decays }: SignalContext) {
    this.#bid = decays.sum(TAU);
    this.#ask = decays.sum(TAU);
  }

  onTime(view: MarketView): void {
    const weight = 1 - view.fades[this.#bid.scale];
    this.#bid.add(view.bidLots[0] * weight);
    this.#ask.add(view.askLots[0] * weight);
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    const watched = this.#bid.ready(view) ? view.watched[this.#bid.scale] : Number.NaN;
    out[at] = view.bidLevels > 0 ? (view.bidLots[0] * watched) / this.#bid.value : Number.NaN;
    out[at + 1] = view.askLevels > 0 ? (view.askLots[0] * watched) / this.#ask.value : Number.NaN;
  }

  reset(): void {}
}
