import { binOf, type SignalHistogram } from './monitor-reference.ts';
import { WindowSums } from './window-sums.ts';

/** Population stability index of one signal. By custom below .1 is stable and above .25 is another population. */
export interface StabilitySnapshot {
  readonly name: string;
  /** Null before the first row. */
  readonly psi: number | null;
  /** Share of the rows in which the signal was not known, and the same in training. */
  readonly missing: number | null;
  readonly missingInTraining: number;
}

/** Added to each bin's count, so that an empty one has a logarithm (Jeffreys' prior). */
const PRIOR_COUNT = 0.5;

/** How far each signal's distribution has moved from that of the training rows. A row costs a look at its signals' deciles. */
export class StabilityWatch {
  readonly sums: WindowSums;
  readonly #signals: readonly SignalHistogram[];
  readonly #edges: readonly Float64Array[];
  /** First field of each signal: its bins, and one for rows that lack it. */
  readonly #first: Int32Array;

  constructor(signals: readonly SignalHistogram[], window: number) {
    this.#signals = signals;
    this.#edges = signals.map(({ edges }) => Float64Array.from(edges));
    this.#first = new Int32Array(signals.length);
    let fields = 0;
    for (let i = 0; i < signals.length; i++) {
      this.#first[i] = fields;
      fields += signals[i].shares.length;
    }
    this.sums = new WindowSums(fields, window);
  }

  /** Allocates nothing. */
  add(row: Float64Array): void {
    this.sums.step();
    for (let i = 0; i < this.#edges.length; i++) {
      const edges = this.#edges[i];
      const x = row[i];
      this.sums.count(this.#first[i] + (Number.isNaN(x) ? edges.length + 1 : binOf(edges, x)));
    }
  }

  snapshot(): StabilitySnapshot[] {
    const rows = this.sums.steps;
    return this.#signals.map(({ name, shares }, i) => {
      const first = this.#first[i];
      const whole = rows + PRIOR_COUNT * shares.length;
      let psi = 0;
      for (let b = 0; b < shares.length; b++) {
        const now = (this.sums.sum(first + b) + PRIOR_COUNT) / whole;
        const then = (shares[b] * rows + PRIOR_COUNT) / whole;
        psi += (now - then) * Math.log(now / then);
      }
      const missing = this.sums.sum(first + shares.length - 1) / rows;
      const empty = rows === 0;
      return {
        name,
        psi: empty ? null : psi,
        missing: empty ? null : missing,
        missingInTraining: shares[shares.length - 1],
      };
    });
  }
}
