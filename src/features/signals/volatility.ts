import { DecayedSums, tauName } from '../decayed-sums.ts';
import type { MarketView } from '../market-view.ts';
import type { FeatureInfo, Signal } from '../signal.ts';

/**
 * Realised volatility of the mid: the root of the decayed sum of squared mid moves per second, no mean taken off. Moves
 * are from book message to book message. Unit: ticks/√s. Warm-up: the decay time. Cost: a
 * multiplication a message and decay time, a square root at writing.
 */
export class RealisedVolatility implements Signal {
  readonly columns: readonly FeatureInfo[];
  readonly #squares: DecayedSums;

  constructor(tausSeconds: readonly number[]) {
    this.#squares = new DecayedSums(tausSeconds);
    this.columns = tausSeconds.map((tau) => ({
      name: `volatility_${tauName(tau)}`,
      family: 'volatility',
      unit: 'ticks/sqrt(s)',
      formula: `sqrt(sum over book messages of (mid move)^2 w / integral of w); w = exp(-age / ${tau} s)`,
      warmup: `${tau} s`,
      source: 'Andersen and Bollerslev (1998), Answering the skeptics, International Economic Review 39(4); decay ours',
      parity: 'even',
      version: 1,
    }));
  }

  onTime(view: MarketView): void {
    this.#squares.fade(view);
  }

  onBook(view: MarketView): void {
    const move = view.moveTicks;
    if (move !== 0) this.#squares.add(move * move);
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    const squares = this.#squares;
    for (let c = 0; c < squares.values.length; c++) {
      out[at + c] = view.has(1) ? Math.sqrt(squares.perSecond(view, c)) : Number.NaN;
    }
  }

  reset(): void {
    this.#squares.reset();
  }
}
