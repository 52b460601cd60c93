import { NS_PER_SECOND } from '../../../core/index.ts';
import type { SignalContext } from '../../context.ts';
import type { MarketView } from '../../market-view.ts';
import { sideColumns } from '../../side-columns.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';
import { TouchChanges } from './touch-changes.ts';

export const queueAge: SignalDefinition = {
  name: 'queue_age',
  family: 'queue',
  title: 'Age of the best queues',
  meaning:
    'Time since the best price of each side last changed: an old queue has been contested and held. NaN until the first change of that side, and where it is empty.',
  tex: String.raw`t - t_{\text{last change of the best price}}`,
  formula: 'seconds since the book message that last changed the best price of the side',
  warmup: 'the first change of the best price of the side',
  cost: 'two comparisons a message',
  source:
    'Engle and Russell (1998), Autoregressive conditional duration, Econometrica 66(5): durations predict durations',
  needs: [],
  dependencies: ['touch changes'],
  version: 2,
  columns: () => sideColumns('queue_age', { unit: 's', ticks: 0, lots: 0 }),
  create: (context) => new QueueAge(context),
};

class QueueAge implements Signal {
  readonly #changes: TouchChanges;
  #bidSetNs = Number.NaN;
  #askSetNs = Number.NaN;

  constructor(context: SignalContext) {
    this.#changes = context.share(TouchChanges);
  }

  onBook(view: MarketView): void {
    if (this.#changes.bidMoved) this.#bidSetNs = view.nowNs;
    if (this.#changes.askMoved) this.#askSetNs = view.nowNs;
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    out[at] = view.bidLevels > 0 ? (view.nowNs - this.#bidSetNs) / NS_PER_SECOND : Number.NaN;
    out[at + 1] = view.askLevels > 0 ? (view.nowNs - this.#askSetNs) / NS_PER_SECOND : Number.NaN;
  }

  reset(): void {
    this.#bidSetNs = Number.NaN;
    this.#askSetNs = Number.NaN;
  }
}
