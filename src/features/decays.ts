import { assert, NS_PER_SECOND } from '../core/index.ts';
import type { MarketView } from './market-view.ts';

/** The decay times that signals fade with. Few and shared, because each costs an exponential a message. */
export const TAUS_SECONDS: readonly number[] = [0.1, 1, 10];

/**
 * All decaying sums of an engine, S(t) = Σ xᵢ exp(−(t − tᵢ) / τ), a column of numbers for each decay time: time fades a
 * column in one loop, so that a sum costs one multiplication a message however many signals there are.
 */
export class Decays {
  readonly #columns: readonly { values: Float64Array; count: number }[] = TAUS_SECONDS.map(() => ({
    values: new Float64Array(16),
    count: 0,
  }));
  readonly #sums: DecayedSum[] = [];

  /** A new sum that fades with `tauSeconds`, one of `TAUS_SECONDS`. For constructors. */
  sum(tauSeconds: number): DecayedSum {
    const scale = TAUS_SECONDS.indexOf(tauSeconds);
    assert(scale >= 0, 'a decay time is one of TAUS_SECONDS');
    const column = this.#columns[scale];
    if (column.count === column.values.length) {
      const values = new Float64Array(column.values.length * 2);
      values.set(column.values);
      column.values = values;
      for (const sum of this.#sums) if (sum.scale === scale) sum.values = values;
    }
    const sum = new DecayedSum(scale, column.values, column.count++);
    this.#sums.push(sum);
    return sum;
  }

  /** One sum for each decay time. */
  sums(tausSeconds: readonly number[]): readonly DecayedSum[] {
    return tausSeconds.map((tau) => this.sum(tau));
  }

  /** Time has moved on: `fades[k]` is what is left of a column. */
  fade(fades: Float64Array): void {
    for (let k = 0; k < TAUS_SECONDS.length; k++) {
      const { values, count } = this.#columns[k];
      const fade = fades[k];
      for (let i = 0; i < count; i++) values[i] *= fade;
    }
  }

  reset(): void {
    for (const { values } of this.#columns) values.fill(0);
  }
}

/** One decaying sum. The engine fades and resets it. */
export class DecayedSum {
  readonly scale: number;
  /** Decay time in seconds. */
  readonly tau: number;
  /** The column that it stands in; only `Decays` writes this field. */
  values: Float64Array;
  readonly #at: number;

  constructor(scale: number, values: Float64Array, at: number) {
    this.scale = scale;
    this.tau = TAUS_SECONDS[scale];
    this.values = values;
    this.#at = at;
  }

  get value(): number {
    return this.values[this.#at];
  }

  add(x: number): void {
    this.values[this.#at] += x;
  }

  /** Forgets what was added; for what is kept of the other instrument, which may begin anew while the own market goes on. */
  clear(): void {
    this.values[this.#at] = 0;
  }

  /** False until the decay time has passed since the reset. */
  ready(view: MarketView): boolean {
    return view.nowNs >= this.tau * NS_PER_SECOND;
  }

  /**
   * The decayed mean per second, S(t) / ∫₀ᵗ exp(−(t − s) / τ) ds: unbiased from the start, since the time before the reset
   * has no weight. `NaN` until ready.
   */
  perSecond(view: MarketView): number {
    return this.ready(view) ? this.values[this.#at] * view.perSecond[this.scale] : Number.NaN;
  }
}

/** A decay time as part of a column's name: `100ms`, `10s`. */
export function tauName(tauSeconds: number): string {
  return tauSeconds < 1 ? `${Math.round(tauSeconds * 1000)}ms` : `${tauSeconds}s`;
}
