import { assert } from '../../core/index.ts';
import type { Calibrator, CalibratorJson, CurveJson } from './calibrator.ts';

/**
 * One rising curve a class, from what was said to what came true (Zadrozny and Elkan, "Transforming classifier scores into
 * accurate multiclass probability estimates", KDD 2002: one against the rest, then renormalised). Linear between the points
 * of a curve, constant beyond its ends, never below `least`. Cost: a binary search a class.
 */
export class IsotonicCalibrator implements Calibrator {
  readonly kind = 'isotonic';
  readonly classes: number;
  readonly least: number;
  readonly #from: Float64Array[];
  readonly #to: Float64Array[];

  /** `curves`: one a class, `from` strictly rising and `to` not falling. */
  constructor(curves: readonly CurveJson[], least: number) {
    assert(curves.length >= 2, 'a classifier has two classes');
    assert(least > 0 && least < 1, 'the least probability lies in (0, 1)');
    for (const { from, to } of curves) {
      assert(from.length === to.length && from.length > 0, 'a curve has points');
      const rising = from.every((x, i) => i === 0 || (x > from[i - 1] && to[i] >= to[i - 1]));
      assert(rising, 'a curve rises');
    }
    this.classes = curves.length;
    this.least = least;
    this.#from = curves.map((curve) => Float64Array.from(curve.from));
    this.#to = curves.map((curve) => Float64Array.from(curve.to));
  }

  apply(probabilities: Float64Array, out: Float64Array): void {
    for (let k = 0; k < this.classes; k++) interpolate(this.#from[k], this.#to[k], probabilities, k, out);
    let sum = 0;
    for (let k = 0; k < this.classes; k++) {
      out[k] = Math.max(out[k], this.least);
      sum += out[k];
    }
    for (let k = 0; k < this.classes; k++) out[k] /= sum;
  }

  toJson(): CalibratorJson {
    const curves = this.#from.map((from, k) => ({ from: [...from], to: [...this.#to[k]] }));
    return { kind: this.kind, classes: this.classes, least: this.least, curves };
  }
}

/** Into `out[k]` the value at `probabilities[k]` of the line through the points (from, to). */
function interpolate(
  from: Float64Array,
  to: Float64Array,
  probabilities: Float64Array,
  k: number,
  out: Float64Array,
): void {
  const x = probabilities[k];
  const last = from.length - 1;
  let low = 0;
  let high = last;
  if (!(x > from[0])) high = 0;
  else if (x >= from[last]) low = last;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (from[middle] <= x) low = middle;
    else high = middle;
  }
  out[k] = low === high ? to[low] : to[low] + ((to[high] - to[low]) * (x - from[low])) / (from[high] - from[low]);
}
