import { assert, Random } from '../../core/index.ts';
import type { Interval } from '../paired-losses.ts';
import { type ClassLabels, classesOf, topClass } from './class-labels.ts';
import { CALIBRATION_BINS, type EqualMassBins, equalMassBins } from './equal-mass-bins.ts';
import { latentPath, SimulatedLabels } from './simulated-labels.ts';

/** Expected calibration errors, in units of probability. */
export interface CalibrationError {
  /** Of the likeliest class: mean distance of confidence from accuracy, over equal-mass bins (Naeini et al. 2015, Nixon et al. 2019). */
  readonly topLabel: number;
  /** The same of each class's probability against how often it occurred, mean over the classes (Kull et al. 2019). */
  readonly classwise: number;
}

/** A bin of a reliability curve. */
export interface ReliabilityPoint {
  readonly rows: number;
  /** Mean probability, and the share of the rows in which the class came true. */
  readonly forecast: number;
  readonly observed: number;
  /** Where a perfect model's share lies 95 times in 100 (consistency band, Bröcker and Smith 2007). */
  readonly band: Interval;
}

/** What a perfect model of the same forecasts would show on so many rows. */
export interface CalibrationBand {
  readonly topLabel: Interval & { readonly mean: number };
  readonly classwise: Interval & { readonly mean: number };
  /** [class][bin], shares of rows in which the class comes true. */
  readonly shares: readonly (readonly Interval[])[];
}

export interface BandOptions {
  /** Labels of rows less than this apart overlap; 1 takes rows for independent, which makes bands too narrow where they are not. */
  readonly span: number;
  readonly simulations: number;
  readonly seed: number;
}

/** One forecast's rows in bins: by the probability of the likeliest class, and by that of each class. Bins depend on forecasts alone. */
export class CalibrationBins {
  readonly rows: number;
  readonly classes: number;
  readonly #probabilities: Float64Array;
  /**
   * What a row counts in, by [row][label]: a bin of the label's class, and a bin of the likeliest class or, where the label is another, a
   * place that is never read. Two additions without a branch, since the bands count some hundred million rows.
   */
  readonly #classSlots: Uint16Array;
  readonly #topSlots: Uint16Array;
  /** Where the bins of each class begin in the counts, after those of the likeliest class; last the place that is never read. */
  readonly #starts: number[];
  readonly #top: EqualMassBins;
  readonly #byClass: EqualMassBins[];

  constructor(probabilities: Float64Array, classes: number, bins: number = CALIBRATION_BINS) {
    const rows = probabilities.length / classes;
    this.rows = rows;
    this.classes = classes;
    this.#probabilities = probabilities;
    const likeliest = Uint8Array.from({ length: rows }, (_, row) => topClass(probabilities, row * classes, classes));
    const column = new Float64Array(rows);
    for (let row = 0; row < rows; row++) column[row] = probabilities[row * classes + likeliest[row]];
    this.#top = equalMassBins(column, bins);
    this.#byClass = Array.from({ length: classes }, (_, k) => {
      for (let row = 0; row < rows; row++) column[row] = probabilities[row * classes + k];
      return equalMassBins(column, bins);
    });
    this.#starts = [this.#top.counts.length];
    for (const { counts } of this.#byClass) this.#starts.push((this.#starts.at(-1) as number) + counts.length);
    this.#classSlots = new Uint16Array(rows * classes);
    this.#topSlots = new Uint16Array(rows * classes).fill(this.#starts[classes]);
    for (let row = 0; row < rows; row++) {
      for (let k = 0; k < classes; k++) {
        this.#classSlots[row * classes + k] = this.#starts[k] + this.#byClass[k].binOf[row];
      }
      this.#topSlots[row * classes + likeliest[row]] = this.#top.binOf[row];
    }
  }

  /** Rows in each bin that came true: of the likeliest class's bins, and then of each class's. */
  hits(labels: ClassLabels): Float64Array[] {
    const { rows, classes } = this;
    assert(labels.length === rows, 'a label for each row');
    const starts = this.#starts;
    const classSlots = this.#classSlots;
    const topSlots = this.#topSlots;
    const counts = new Float64Array(starts[classes] + 1);
    for (let row = 0, at = 0; row < rows; row++, at += classes) {
      const slot = at + labels[row];
      counts[classSlots[slot]]++;
      counts[topSlots[slot]]++;
    }
    return [0, ...starts.slice(0, classes)].map((from, g) => counts.subarray(from, starts[g]));
  }

  /** Of what `hits` gave. */
  error([top, ...byClass]: readonly Float64Array[]): CalibrationError {
    return {
      topLabel: distance(this.#top, top, this.rows),
      classwise: byClass.reduce((sum, own, k) => sum + distance(this.#byClass[k], own, this.rows) / this.classes, 0),
    };
  }

  /** Each class's reliability curve, lowest forecasts first. */
  curves(labels: ClassLabels, band: CalibrationBand): ReliabilityPoint[][] {
    const [, ...byClass] = this.hits(labels);
    return byClass.map((hits, k) => {
      const { counts, sums } = this.#byClass[k];
      return Array.from(hits, (count, b) => ({
        rows: counts[b],
        forecast: sums[b] / counts[b],
        observed: count / counts[b],
        band: band.shares[k][b],
      }));
    });
  }

  /** Labels drawn from these forecasts. */
  simulator(): SimulatedLabels {
    return new SimulatedLabels(this.#probabilities, this.classes);
  }

  /** Rows of each bin of a class. */
  counts(k: number): Float64Array {
    return this.#byClass[k].counts;
  }
}

/** Expected calibration error over 15 equal-mass bins. Never 0 for a perfect model: compare it with `calibrationBands`. */
export function calibrationError(labels: ClassLabels, probabilities: Float64Array, bins?: number): CalibrationError {
  const binned = new CalibrationBins(probabilities, classesOf(labels, probabilities), bins);
  return binned.error(binned.hits(labels));
}

/**
 * What each forecast would show were it perfect: labels are drawn from the forecasts themselves, and the errors of these draws have the
 * 2.5 % and 97.5 % quantiles given. All forecasts share the draws' latent numbers.
 */
export function calibrationBands(forecasts: readonly CalibrationBins[], options: BandOptions): CalibrationBand[] {
  const { span, simulations, seed } = options;
  assert(simulations >= 40, 'a 95 % band needs at least 40 simulations');
  const rows = forecasts[0]?.rows ?? 0;
  const random = new Random(seed);
  const latent = new Float64Array(rows);
  const labels = new Int8Array(rows);
  const simulators = forecasts.map((bins) => bins.simulator());
  const drawn = forecasts.map(() => [] as Float64Array[][]);
  for (let s = 0; s < simulations; s++) {
    latentPath(random, span, latent);
    forecasts.forEach((bins, f) => {
      simulators[f].draw(latent, labels);
      drawn[f].push(bins.hits(labels));
    });
  }
  return forecasts.map((bins, f) => bandOf(bins, drawn[f]));
}

function bandOf(bins: CalibrationBins, drawn: readonly Float64Array[][]): CalibrationBand {
  const errors = drawn.map((hits) => bins.error(hits));
  const shares = Array.from({ length: bins.classes }, (_, k) =>
    Array.from(bins.counts(k), (count, b) => quantiles(drawn.map((hits) => hits[k + 1][b] / count))),
  );
  return {
    topLabel: withMean(errors.map(({ topLabel }) => topLabel)),
    classwise: withMean(errors.map(({ classwise }) => classwise)),
    shares,
  };
}

function withMean(values: number[]): Interval & { mean: number } {
  return { ...quantiles(values), mean: values.reduce((sum, value) => sum + value, 0) / values.length };
}

function quantiles(values: readonly number[]): Interval {
  const sorted = Float64Array.from(values).sort();
  const tail = Math.floor(sorted.length * 0.025);
  return { low: sorted[tail], high: sorted[sorted.length - 1 - tail] };
}

function distance({ sums, counts }: EqualMassBins, hits: Float64Array, rows: number): number {
  assert(hits.length === counts.length, 'hits are of these bins');
  let sum = 0;
  for (let b = 0; b < hits.length; b++) sum += Math.abs(sums[b] - hits[b]);
  return sum / rows;
}
