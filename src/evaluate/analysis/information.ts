import { assert, type Random } from '../../core/index.ts';
import type { Interval } from '../paired-losses.ts';
import { type CentredRanks, PairSums, pairCorrelation } from './ranks.ts';

const LEAST_BLOCKS = 20;
const MOST_BLOCKS = 100;
const SUMS = 6;

/** How much a column says of a future. */
export interface Information {
  /** Rows in which both are known. */
  n: number;
  /** Correlation of ranks of the column and of the later move of the mid; `NaN` where either does not vary. */
  ic: number;
  /** 95 % block-bootstrap interval; null where there are too few blocks. */
  interval: Interval | null;
  /** Standard deviation of the same number when the future is shifted away: what chance gives. */
  nullSd: number;
}

/**
 * Draws of whole blocks of rows with replacement, the same for every column, so that columns are compared on equal terms.
 * Blocks are at least twice the horizon, which is what makes neighbouring rows dependent (Carlstein 1986).
 */
export class BlockDraws {
  readonly rows: number;
  readonly blockRows: number;
  readonly blocks: number;
  readonly resamples: number;
  /** [resample][block]: how often it was drawn. */
  readonly #counts: Uint8Array;
  readonly #sums: Float64Array;
  readonly #drawn: Float64Array;

  constructor(rows: number, meanRows: number, resamples: number, random: Random) {
    assert(resamples >= 100, 'a bootstrap has resamples');
    this.rows = rows;
    this.blockRows = Math.max(1, Math.ceil(2 * meanRows), Math.ceil(rows / MOST_BLOCKS));
    this.blocks = Math.floor(rows / this.blockRows);
    this.resamples = resamples;
    this.#sums = new Float64Array(this.blocks * SUMS);
    this.#drawn = new Float64Array(resamples);
    this.#counts = new Uint8Array(this.enough ? resamples * this.blocks : 0);
    if (!this.enough) return;
    for (let r = 0; r < resamples; r++) {
      for (let b = 0; b < this.blocks; b++) this.#counts[r * this.blocks + random.below(this.blocks)]++;
    }
  }

  /** Fewer independent blocks than twenty say nothing of how sure a number is. */
  get enough(): boolean {
    return this.blocks >= LEAST_BLOCKS;
  }

  /** The correlation over rows [from, from + rows), with its interval. */
  correlation(x: CentredRanks, y: CentredRanks, from = 0): { n: number; ic: number; interval: Interval | null } {
    const { blocks, blockRows } = this;
    const all = new PairSums();
    for (let b = 0; b < blocks; b++) {
      const block = new PairSums();
      block.addRows(x, y, from + b * blockRows, from + (b + 1) * blockRows);
      this.#keep(b, block);
      all.n += block.n;
      all.x += block.x;
      all.y += block.y;
      all.xx += block.xx;
      all.yy += block.yy;
      all.xy += block.xy;
    }
    const whole = all.correlation();
    // What is left over at the end, less than a block, counts for the estimate alone.
    all.addRows(x, y, from + blocks * blockRows, from + this.rows);
    const ic = all.correlation();
    return { n: all.n, ic, interval: Number.isNaN(ic) || !this.enough ? null : this.#interval(ic, whole) };
  }

  #keep(b: number, block: PairSums): void {
    const at = b * SUMS;
    this.#sums[at] = block.n;
    this.#sums[at + 1] = block.x;
    this.#sums[at + 2] = block.y;
    this.#sums[at + 3] = block.xx;
    this.#sums[at + 4] = block.yy;
    this.#sums[at + 5] = block.xy;
  }

  /** Percentiles of the resampled correlations, spread out by √(B / (B − 1)) as in `blockBootstrap`. */
  #interval(ic: number, whole: number): Interval | null {
    const { blocks, resamples } = this;
    const sums = this.#sums;
    const drawn = this.#drawn;
    let kept = 0;
    for (let r = 0; r < resamples; r++) {
      let n = 0;
      let x = 0;
      let y = 0;
      let xx = 0;
      let yy = 0;
      let xy = 0;
      const counts = r * blocks;
      for (let b = 0; b < blocks; b++) {
        const times = this.#counts[counts + b];
        if (times === 0) continue;
        const at = b * SUMS;
        n += times * sums[at];
        x += times * sums[at + 1];
        y += times * sums[at + 2];
        xx += times * sums[at + 3];
        yy += times * sums[at + 4];
        xy += times * sums[at + 5];
      }
      const rho = pairCorrelation(n, x, y, xx, yy, xy);
      if (!Number.isNaN(rho)) drawn[kept++] = rho;
    }
    // A column that varies in a few blocks only is not resampled honestly.
    if (kept < 0.9 * resamples) return null;
    const found = drawn.subarray(0, kept).sort();
    const widen = Math.sqrt(blocks / (blocks - 1));
    const tail = Math.floor(kept * 0.025);
    const spread = (value: number): number => Math.max(-1, Math.min(1, ic + widen * (value - whole)));
    return { low: spread(found[tail]), high: spread(found[kept - 1 - tail]) };
  }
}

/** So many rows are paired with shifted futures at most: more would take long and change little. */
const MOST_SHIFTED = 200_000;

/** Distances by which futures are shifted: from a tenth to nine tenths of the rows; none where there is but a handful. */
export function drawShifts(rows: number, count: number, random: Random): readonly number[] {
  const least = Math.floor(rows / 10);
  return Array.from({ length: rows < 30 ? 0 : count }, () => least + random.below(rows - 2 * least));
}

/**
 * The no-skill baseline: correlations of a column with the same future moved on by so many rows, the end carried round to the
 * start. Both keep their own memory and lose each other. With the same shifts for all columns, the largest of many columns has
 * a distribution as well.
 */
export class ShiftedNull {
  readonly #future: CentredRanks;
  readonly #shifts: readonly number[];
  /** The future twice, one behind the other: carried round without a case for it. */
  readonly #twice: Float64Array;
  readonly #step: number;
  readonly #four = new Float64Array(4);

  constructor(future: CentredRanks, shifts: readonly number[]) {
    const n = future.ranks.length;
    this.#future = future;
    this.#shifts = shifts;
    this.#step = Math.max(1, Math.ceil(n / MOST_SHIFTED));
    this.#twice = new Float64Array(2 * n);
    this.#twice.set(future.ranks);
    this.#twice.set(future.ranks, n);
  }

  /** One correlation a shift. Rows of which one side is missing are taken as average ones, at their share. */
  correlations({ ranks, count, squares }: CentredRanks): Float64Array {
    const n = ranks.length;
    const future = this.#future;
    const shifts = this.#shifts;
    const found = new Float64Array(shifts.length);
    const scale = Math.sqrt(squares * future.squares * (count / n) * (future.count / n)) / this.#step;
    if (scale === 0 || Number.isNaN(scale)) return found.fill(Number.NaN);
    const four = this.#four;
    for (let k = 0; k < shifts.length; k += 4) {
      const at = (offset: number): number => shifts[Math.min(k + offset, shifts.length - 1)];
      shiftedDots(ranks, this.#twice, this.#step, at(0), at(1), at(2), at(3), four);
      for (let offset = 0; offset < 4 && k + offset < shifts.length; offset++) found[k + offset] = four[offset] / scale;
    }
    return found;
  }
}

/** Σ x[i]·y[i + shift] over every `step`-th i, for four shifts at once: half the time of one after the other. */
function shiftedDots(
  x: Float64Array,
  y: Float64Array,
  step: number,
  s: number,
  t: number,
  u: number,
  v: number,
  out: Float64Array,
): void {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  for (let i = 0; i < x.length; i += step) {
    const value = x[i];
    a += value * y[i + s];
    b += value * y[i + t];
    c += value * y[i + u];
    d += value * y[i + v];
  }
  out[0] = a;
  out[1] = b;
  out[2] = c;
  out[3] = d;
}

/**
 * How large the largest |correlation| / standard deviation of all is by chance, at 95 %: the bar for a finding when many
 * columns and horizons are looked at (Westfall and Young 1993). `nulls`: for each of them its correlations with the same shifts.
 * Each is divided by the deviation of the others, as a finding is by that of shifts that it is not among: a deviation that it
 * had a part in would keep it small, and the bar low. `NaN` without any.
 */
export function chanceMaximum(nulls: readonly Float64Array[]): number {
  const usable = nulls.filter((values) => values.length > 1 && deviation(values) > 0);
  if (usable.length === 0) return Number.NaN;
  const largest = new Float64Array(usable[0].length);
  for (const values of usable) {
    const n = values.length;
    const squares = n * deviation(values) ** 2;
    for (let k = 0; k < n; k++) {
      const others = Math.sqrt(Math.max(0, squares - values[k] ** 2) / (n - 1));
      if (others > 0) largest[k] = Math.max(largest[k], Math.abs(values[k]) / others);
    }
  }
  largest.sort();
  // Among so many shifts and the truth, all alike if there is nothing to find, the truth is above this in 5 % of cases.
  return largest[Math.min(largest.length, Math.ceil(0.95 * (largest.length + 1))) - 1];
}

/** Root mean square: correlations with a shifted future have mean 0. */
export function deviation(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return Math.sqrt(sum / values.length);
}
