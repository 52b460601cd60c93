import { DecayedSum, tauName } from '../decayed-sum.ts';
import type { MarketView } from '../market-view.ts';
import type { FeatureInfo, Signal } from '../signal.ts';

/**
 * Realised volatility of the mid: the root of the decayed sum of squared mid moves per second, no mean taken off. Moves
 * are from book message to book message. Unit: ticks/√s. Warm-up: the decay time. Cost: an exponential where the mid moves.
 */
export class RealisedVolatility implements Signal {
  readonly columns: readonly FeatureInfo[];
  readonly #squares: readonly DecayedSum[];

  constructor(tausSeconds: readonly number[]) {
    this.#squares = tausSeconds.map((tau) => new DecayedSum(tau));
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

  onBook(view: MarketView): void {
    const move = view.moveTicks;
    if (move === 0) return;
    for (let c = 0; c < this.#squares.length; c++) this.#squares[c].add(view.nowNs, move * move);
  }

  write(view: MarketView, out: Float64Array, at: number): void {
    for (let c = 0; c < this.#squares.length; c++) {
      out[at + c] = view.has(1) ? Math.sqrt(this.#squares[c].perSecond(view.nowNs)) : Number.NaN;
    }
  }

  reset(): void {
    for (let c = 0; c < this.#squares.length; c++) this.#squares[c].reset();
  }
}
