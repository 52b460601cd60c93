import { assert } from '../../core/index.ts';

const DIGIT_BITS = 16;
const DIGITS = 1 << DIGIT_BITS;

/**
 * The places of all values that are not `NaN`, in ascending order of the values; equal ones keep their order. A radix sort on
 * the bits of the doubles: about 5 ms for 150,000, where a sort with a comparing function takes 60.
 */
export function sortOrder(values: Float64Array): Uint32Array {
  let count = 0;
  for (let i = 0; i < values.length; i++) if (!Number.isNaN(values[i])) count++;
  let order = new Uint32Array(count);
  let spare = new Uint32Array(count);
  const low = new Uint32Array(values.length);
  const high = new Uint32Array(values.length);
  const bits = new DataView(values.buffer, values.byteOffset, values.byteLength);
  const littleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
  count = 0;
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i])) continue;
    const lowBits = bits.getUint32(8 * i + (littleEndian ? 0 : 4), littleEndian);
    const highBits = bits.getUint32(8 * i + (littleEndian ? 4 : 0), littleEndian);
    // Bits of a positive double sort like an integer; those of a negative one the other way round.
    const negative = highBits >>> 31 === 1;
    low[i] = negative ? ~lowBits : lowBits;
    high[i] = negative ? ~highBits : highBits ^ 0x80000000;
    order[count++] = i;
  }
  const starts = new Uint32Array(DIGITS);
  for (let pass = 0; pass < 4; pass++) {
    const keys = pass < 2 ? low : high;
    const shift = (pass & 1) * DIGIT_BITS;
    starts.fill(0);
    for (let k = 0; k < count; k++) starts[(keys[order[k]] >>> shift) & (DIGITS - 1)]++;
    let start = 0;
    for (let d = 0; d < DIGITS; d++) {
      const n = starts[d];
      starts[d] = start;
      start += n;
    }
    for (let k = 0; k < count; k++) {
      const i = order[k];
      spare[starts[(keys[i] >>> shift) & (DIGITS - 1)]++] = i;
    }
    [order, spare] = [spare, order];
  }
  return order;
}

/** Ranks, centred: their mean over the values that there are is 0, and so is the rank of a value that is `NaN`. */
export interface CentredRanks {
  readonly ranks: Float64Array;
  /** 1 where there is a value. */
  readonly present: Uint8Array;
  readonly count: number;
  /** Sum of the squares of the ranks; 0 where all values are equal. */
  readonly squares: number;
}

/** Ranks of the values; equal values share the mean of their ranks (Spearman 1904). `order` is `sortOrder(values)`. */
export function centredRanks(values: Float64Array, order: Uint32Array = sortOrder(values)): CentredRanks {
  const ranks = new Float64Array(values.length);
  const present = new Uint8Array(values.length);
  const count = order.length;
  let squares = 0;
  for (let first = 0; first < count; ) {
    let end = first + 1;
    while (end < count && values[order[end]] === values[order[first]]) end++;
    const rank = (first + end - count) / 2;
    for (let k = first; k < end; k++) {
      ranks[order[k]] = rank;
      present[order[k]] = 1;
    }
    squares += (end - first) * rank * rank;
    first = end;
  }
  return { ranks, present, count, squares };
}

/**
 * Pearson correlation of the rows in which both are present; `NaN` for fewer than three of them, or where either does not
 * vary. Of ranks it is Spearman's ρ, but for the rows that only one of the two has.
 */
export function correlationOf(x: CentredRanks, y: CentredRanks): number {
  assert(x.ranks.length === y.ranks.length, 'two columns have the same rows');
  if (x.count === x.ranks.length && y.count === y.ranks.length) {
    if (x.count < 3) return Number.NaN;
    return x.squares === 0 || y.squares === 0
      ? Number.NaN
      : dot(x.ranks, y.ranks) / Math.sqrt(x.squares) / Math.sqrt(y.squares);
  }
  const sums = new PairSums();
  sums.addRows(x, y, 0, x.ranks.length);
  return sums.correlation();
}

/** Σ x·y; four sums at once, so that additions need not wait for each other. */
function dot(x: Float64Array, y: Float64Array): number {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let i = 0;
  for (; i + 3 < x.length; i += 4) {
    a += x[i] * y[i];
    b += x[i + 1] * y[i + 1];
    c += x[i + 2] * y[i + 2];
    d += x[i + 3] * y[i + 3];
  }
  for (; i < x.length; i++) a += x[i] * y[i];
  return a + b + (c + d);
}

/** Sums of pairs, from which a correlation follows. */
export class PairSums {
  n = 0;
  x = 0;
  y = 0;
  xx = 0;
  yy = 0;
  xy = 0;

  /** Rows [from, to) in which both are present; `lag` rows later in `y`. */
  addRows(x: CentredRanks, y: CentredRanks, from: number, to: number, lag = 0): void {
    const xs = x.ranks;
    const ys = y.ranks;
    const hasX = x.present;
    const hasY = y.present;
    let n = 0;
    let sx = 0;
    let sy = 0;
    let sxx = 0;
    let syy = 0;
    let sxy = 0;
    for (let i = from; i < to; i++) {
      if ((hasX[i] & hasY[i + lag]) === 0) continue;
      const a = xs[i];
      const b = ys[i + lag];
      n++;
      sx += a;
      sy += b;
      sxx += a * a;
      syy += b * b;
      sxy += a * b;
    }
    this.n += n;
    this.x += sx;
    this.y += sy;
    this.xx += sxx;
    this.yy += syy;
    this.xy += sxy;
  }

  correlation(): number {
    return pairCorrelation(this.n, this.x, this.y, this.xx, this.yy, this.xy);
  }
}

/** `NaN` for fewer than three pairs, or where either side does not vary but for rounding. */
export function pairCorrelation(n: number, x: number, y: number, xx: number, yy: number, xy: number): number {
  if (n < 3) return Number.NaN;
  const varianceX = xx - (x * x) / n;
  const varianceY = yy - (y * y) / n;
  if (varianceX <= 1e-12 * xx || varianceY <= 1e-12 * yy) return Number.NaN;
  const rho = (xy - (x * y) / n) / Math.sqrt(varianceX) / Math.sqrt(varianceY);
  return Math.max(-1, Math.min(1, rho));
}
