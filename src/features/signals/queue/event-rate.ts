import type { SignalContext } from '../../context.ts';
import { type DecayedSum, tauName } from '../../decays.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';

const TAUS = [0.1, 1];

export const eventRate: SignalDefinition = {
  name: 'event_rate',
  family: 'queue',
  title: 'Rate of book events',
  meaning:
    'How busy the book is: level changes, order messages and executions per second, decayed; the logarithm because rates spread over decades.',
  tex: String.raw`\ln\!\left(1 + \frac{\sum_i e^{-(t-t_i)/\tau}}{\int_0^t e^{-(t-s)/\tau}\,ds}\right)`,
  formula: 'ln(1 + r), r = sum over book events of w / integral of w; w = exp(-age / tau)',
  warmup: 'the decay time',
  cost: 'a multiplication a message and decay time, a logarithm a column a row',
  source: 'definition; exponentially weighted intensity',
  needs: [],
  dependencies: ['decaying sums'],
  version: 1,
  columns: () =>
    TAUS.map((tau) => ({
      name: `event_rate_${tauName(tau)}`,
      unit: 'ln(1 + 1/s)',
      mirror: 'even',
      ticks: 0,
      lots: 0,
      detail: `over ${tau} s`,
    })),
  create: (context) => new EventRate(context),
};

class EventRate implements Signal {
  readonly #fast: DecayedSum;
  readonly #slow: DecayedSum;

  constructor({ decays }: SignalContext) {
    [this.#fast, this.#slow] = decays.sums(TAUS);
  }

  onBook(view: MarketView): void {
    const { events } = view;
    this.#fast.add(events);
    this.#slow.add(events);
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    out[at] = Math.log(1 + this.#fast.perSecond(view));
    out[at + 1] = Math.log(1 + this.#slow.perSecond(view));
  }

  reset(): void {}
}
