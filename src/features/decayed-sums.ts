import { assert, NS_PER_SECOND } from '../core/index.ts';
import { type MarketView, TAUS_SECONDS } from './market-view.ts';

/**
 * Sums whose terms fade with age, one for each of a signal's decay times: S(t) = Σ xᵢ exp(−(t − tᵢ) / τ). The view works
 * out the fading once for all signals, so a sum costs one multiplication a message. Its owner calls `fade` from `onTime`.
 */
export class DecayedSums {
  readonly values: Float64Array;
  readonly #scales: Uint8Array;

  constructor(tausSeconds: readonly number[]) {
    this.values = new Float64Array(tausSeconds.length);
    this.#scales = Uint8Array.from(tausSeconds, scaleOf);
  }

  fade(view: MarketView): void {
    for (let c = 0; c < this.values.length; c++) this.values[c] *= view.fades[this.#scales[c]];
  }

  /** Adds one term to every sum. */
  add(x: number): void {
    for (let c = 0; c < this.values.length; c++) this.values[c] += x;
  }

  /** False until the sum's decay time has passed since the reset. */
  ready(view: MarketView, c: number): boolean {
    return view.nowNs >= TAUS_SECONDS[this.#scales[c]] * NS_PER_SECOND;
  }

  /**
   * The decayed mean per second, S(t) / ∫₀ᵗ exp(−(t − s) / τ) ds: unbiased from the start, since the time before the reset
   * has no weight. `NaN` until ready.
   */
  perSecond(view: MarketView, c: number): number {
    const scale = this.#scales[c];
    return this.ready(view, c) ? this.values[c] / (TAUS_SECONDS[scale] * view.watched[scale]) : Number.NaN;
  }

  reset(): void {
    this.values.fill(0);
  }
}

function scaleOf(tauSeconds: number): number {
  const scale = TAUS_SECONDS.indexOf(tauSeconds);
  assert(scale >= 0, 'a decay time is one that the view works out');
  return scale;
}

/** A decay time as part of a column's name: `100ms`, `10s`. */
export function tauName(tauSeconds: number): string {
  return tauSeconds < 1 ? `${Math.round(tauSeconds * 1000)}ms` : `${tauSeconds}s`;
}
