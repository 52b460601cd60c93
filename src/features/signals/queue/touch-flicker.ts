import type { SignalContext } from '../../context.ts';
import type { DecayedSum } from '../../decays.ts';
import type { MarketView } from '../../market-view.ts';
import { sideColumns } from '../../side-columns.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';
import { TouchChanges } from './touch-changes.ts';

const TAU = 1;

export const touchFlicker: SignalDefinition = {
  name: 'touch_flicker',
  family: 'queue',
  title: 'Flicker of the best quotes',
  meaning:
    'How often per second the best price of each side changes: flickering quotes are liquidity that one cannot count on.',
  tex: String.raw`\frac{\sum_n \mathbf{1}\{P_n \ne P_{n-1}\}\, e^{-(t-t_n)/\tau}}{\int_0^t e^{-(t-s)/\tau}\,ds}`,
  formula:
    'sum of w / integral of w over the book messages that changed the best price of the side, w = exp(-age / tau)',
  warmup: 'the decay time',
  cost: 'two comparisons a message, a multiplication a column a row',
  source: 'Hasbrouck (2018), High-frequency quoting: short-term volatility in bids and offers, JFQA 53(2)',
  needs: [],
  dependencies: ['touch changes', 'decaying sums'],
  version: 1,
  columns: () => sideColumns('touch_flicker', { unit: '1/s', ticks: 0, lots: 0, detail: `over ${TAU} s` }),
  create: (context) => new TouchFlicker(context),
};

class TouchFlicker implements Signal {
  readonly #changes: TouchChanges;
  readonly #bid: DecayedSum;
  readonly #ask: DecayedSum;

  constructor(context: SignalContext) {
    this.#changes = context.share(TouchChanges);
    this.#bid = context.decays.sum(TAU);
    this.#ask = context.decays.sum(TAU);
  }

  onBook(_view: MarketView): void {
    if (this.#changes.bidMoved) this.#bid.add(1);
    if (this.#changes.askMoved) this.#ask.add(1);
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    out[at] = this.#bid.perSecond(view);
    out[at + 1] = this.#ask.perSecond(view);
  }

  reset(): void {}
}
