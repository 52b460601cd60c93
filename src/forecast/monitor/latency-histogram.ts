/** Buckets an octave: a quantile is at most 1 / 32 above the true one. */
const PER_OCTAVE = 32;
/** 2^43 ns, 2.4 hours: longer ones count as that long. */
const OCTAVES = 43;

/** What a stage took: quantiles in ns, null before the first. */
export interface LatencySnapshot {
  readonly count: number;
  readonly meanNs: number | null;
  readonly p50Ns: number | null;
  readonly p99Ns: number | null;
  readonly p999Ns: number | null;
  readonly maxNs: number | null;
}

/**
 * Counts of durations in buckets that grow with them: quantiles to within 3.2 % from 1 ns to 2.4 hours, no sample kept, 11 KB. The
 * bucket is read off the bits of the float, which are its logarithm.
 */
export class LatencyHistogram {
  readonly #counts = new Float64Array(PER_OCTAVE * OCTAVES);
  readonly #float = new Float64Array(1);
  readonly #words = new Uint32Array(this.#float.buffer);
  #count = 0;
  #sum = 0;
  #max = 0;

  get count(): number {
    return this.#count;
  }

  /** A negative duration, as clocks that step give, counts as 0. */
  record(ns: number): void {
    const value = ns > 0 ? ns : 0;
    this.#float[0] = value > 1 ? value : 1;
    // Little-endian, as every machine that Node runs on: exponent and first bits of the fraction are in the second word.
    const bucket = (this.#words[1] >>> 15) - 1023 * PER_OCTAVE;
    this.#counts[bucket < this.#counts.length ? bucket : this.#counts.length - 1]++;
    this.#count++;
    this.#sum += value;
    if (value > this.#max) this.#max = value;
  }

  /** Upper edge of the bucket that holds the duration of rank ⌈q n⌉, never above the longest; NaN before the first. */
  quantile(q: number): number {
    const rank = Math.max(1, Math.ceil(q * this.#count));
    let seen = 0;
    for (let b = 0; b < this.#counts.length; b++) {
      seen += this.#counts[b];
      if (seen < rank) continue;
      const edge = 2 ** Math.floor((b + 1) / PER_OCTAVE) * (1 + ((b + 1) % PER_OCTAVE) / PER_OCTAVE);
      return Math.min(this.#max, b === this.#counts.length - 1 ? this.#max : edge);
    }
    return Number.NaN;
  }

  snapshot(): LatencySnapshot {
    const empty = this.#count === 0;
    return {
      count: this.#count,
      meanNs: empty ? null : this.#sum / this.#count,
      p50Ns: empty ? null : this.quantile(0.5),
      p99Ns: empty ? null : this.quantile(0.99),
      p999Ns: empty ? null : this.quantile(0.999),
      maxNs: empty ? null : this.#max,
    };
  }
}
