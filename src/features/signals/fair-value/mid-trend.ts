import type { SignalContext } from '../../context.ts';
import { type DecayedSum, tauName } from '../../decays.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';

const TAUS = [1, 10];

export const midTrend: SignalDefinition = {
  name: 'mid_trend',
  family: 'fair-value',
  title: 'Mid against its moving average',
  meaning:
    'How far the mid stands above its own exponential average over time: where it comes from, and what it would fall back to. NaN where a side is empty.',
  tex: String.raw`M(t) - \mathrm{EMA}_\tau(t) = \sum_i \Delta M_i\, e^{-(t-t_i)/\tau},\quad \mathrm{EMA}_\tau' = \frac{M - \mathrm{EMA}_\tau}{\tau}`,
  formula:
    'mid - EMA; d EMA / dt = (mid - EMA) / tau from the first mid on, so that it equals the sum over moves of the mid of move exp(-age / tau)',
  warmup: 'the decay time',
  cost: 'a multiplication a message and decay time',
  source: 'definition: time-weighted exponential moving average',
  needs: [],
  dependencies: ['decaying sums'],
  version: 1,
  columns: () =>
    TAUS.map((tau) => ({
      name: `mid_trend_${tauName(tau)}`,
      unit: 'ticks',
      mirror: 'odd',
      ticks: 1,
      lots: 0,
      detail: `over ${tau} s`,
    })),
  create: (context) => new MidTrend(context),
};

/** The average of a step function lags behind each step by the step, and catches up by e^(−t/τ): nothing else is needed. */
class MidTrend implements Signal {
  readonly #short: DecayedSum;
  readonly #long: DecayedSum;

  constructor({ decays }: SignalContext) {
    this.#short = decays.sum(TAUS[0]);
    this.#long = decays.sum(TAUS[1]);
  }

  onBook(view: MarketView): void {
    const move = view.moveTicks;
    if (move === 0) return;
    this.#short.add(move);
    this.#long.add(move);
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    const known = view.has(1);
    out[at] = known && this.#short.ready(view) ? this.#short.value : Number.NaN;
    out[at + 1] = known && this.#long.ready(view) ? this.#long.value : Number.NaN;
  }

  reset(): void {}
}
