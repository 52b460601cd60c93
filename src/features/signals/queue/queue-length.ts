import { NS_PER_SECOND } from '../../../core/index.ts';
import { TAUS_SECONDS } from '../../decays.ts';
import type { MarketView } from '../../market-view.ts';
import { sideColumns } from '../../side-columns.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';

const TAU = 10;
const SCALE = TAUS_SECONDS.indexOf(TAU);

export const queueLength: SignalDefinition = {
  name: 'queue_length',
  family: 'queue',
  title: 'Relative queue length',
  meaning:
    'The best queue of each side over its own recent mean: below 1 it is shorter than it has been. An empty side counts as a queue of nothing in the mean; the column is NaN then, and while the mean is 0.',
  tex: String.raw`\frac{q(t)}{\bar q(t)},\quad \bar q(t) = \frac{\int_0^t q(s)\, e^{-(t-s)/\tau}\,ds}{\int_0^t e^{-(t-s)/\tau}\,ds}`,
  formula: 'q / integral of q w / integral of w, q = lots at the best price, w = exp(-age / tau): a mean over time',
  warmup: 'the decay time',
  cost: 'two multiplications a message, two divisions a row',
  source: 'definition',
  needs: [],
  dependencies: [],
  version: 2,
  columns: () => sideColumns('queue_length', { unit: '1', ticks: 0, lots: 0, detail: `mean over ${TAU} s` }),
  create: () => new QueueLength(),
};

class QueueLength implements Signal {
  /** ∫ q w ds / τ. */
  #bid = 0.5;
  #ask = 0.5;

  constructor() {
    this.reset();
  }

  onTime(view: MarketView): void {
    const fade = view.fades[SCALE];
    const weight = 1 - fade;
    this.#bid = this.#bid * fade + view.bidLots[0] * weight;
    this.#ask = this.#ask * fade + view.askLots[0] * weight;
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    const watched = view.nowNs >= TAU * NS_PER_SECOND ? view.watched[SCALE] : Number.NaN;
    out[at] = view.bidLevels > 0 && this.#bid > 0 ? (view.bidLots[0] * watched) / this.#bid : Number.NaN;
    out[at + 1] = view.askLevels > 0 && this.#ask > 0 ? (view.askLots[0] * watched) / this.#ask : Number.NaN;
  }

  reset(): void {
    this.#bid = 0;
    this.#ask = 0;
  }
}
