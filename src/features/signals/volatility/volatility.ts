import type { SignalContext } from '../../context.ts';
import { tauName } from '../../decays.ts';
import type { MarketView } from '../../market-view.ts';
import type { Signal, SignalDefinition } from '../../signal.ts';
import { MoveSquares } from './move-squares.ts';

const TAUS = [1, 10];

export const volatility: SignalDefinition = {
  name: 'volatility',
  family: 'volatility',
  title: 'Realised volatility',
  meaning:
    'The root of the decayed sum of squared moves of the mid per second, from book message to book message, no mean taken off. NaN where a side is empty.',
  tex: String.raw`\sqrt{\frac{\sum_n (\Delta M_n)^2\, e^{-(t-t_n)/\tau}}{\int_0^t e^{-(t-s)/\tau}\,ds}}`,
  formula: 'sqrt(sum over book messages of (mid move)^2 w / integral of w); w = exp(-age / tau)',
  warmup: 'the decay time',
  cost: 'a multiplication a message and decay time, a square root a column a row',
  source: 'Andersen and Bollerslev (1998), Answering the skeptics, International Economic Review 39(4); decay ours',
  needs: [],
  dependencies: ['decaying sums'],
  version: 1,
  columns: () =>
    TAUS.map((tau) => ({
      name: `volatility_${tauName(tau)}`,
      unit: 'ticks/sqrt(s)',
      mirror: 'even',
      ticks: 1,
      lots: 0,
      detail: `over ${tau} s`,
    })),
  create: (context) => new RealisedVolatility(context),
};

class RealisedVolatility implements Signal {
  readonly #squares: MoveSquares;

  constructor(context: SignalContext) {
    this.#squares = context.share(MoveSquares);
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    const { over1s, over10s } = this.#squares;
    const known = view.has(1);
    const fast = over1s.value * view.perSecond[over1s.scale];
    const slow = over10s.value * view.perSecond[over10s.scale];
    out[at] = known && over1s.ready(view) ? Math.sqrt(fast) : Number.NaN;
    out[at + 1] = known && over10s.ready(view) ? Math.sqrt(slow) : Number.NaN;
  }

  reset(): void {}
}
