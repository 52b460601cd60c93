import { assert } from '../../core/index.ts';

/**
 * How a forecast was explained.
 *
 * - `linear`: weight × scaled input, exact: logistic, ridge, and the net `linear`'s of one row;
 * - `posterior`: the same of the online learner, with the posterior deviation of each product;
 * - `tree-shap`: Shapley values of trees, path-dependent, exact: gbdt;
 * - `integrated-gradients`: nets.
 */
export type AttributionMethod = 'linear' | 'posterior' | 'tree-shap' | 'integrated-gradients';

/**
 * What each number that a model read adds to one forecast: mutable and reused by its owner. The unit is the logit of one class against the
 * mean of all, ln p[k] − mean of ln p, in nats: unlike a raw score it does not change with what all classes share. With two classes it
 * is half of the log-odds. `baseline` plus all values is `value`, but for `remainder`.
 */
export class Attribution {
  /** Rows of a window, oldest first; 1 where the model reads one row. */
  readonly rows: number;
  /** Numbers of a row, in the order of the explainer. */
  readonly inputs: number;
  method: AttributionMethod = 'linear';
  /** The class whose logit is explained. */
  classIndex = 0;
  /** What the model says where nothing is known: of the mean of the training rows; of the average training row's path, for trees. */
  baseline = 0;
  /** What it says of the row or window at hand. */
  value = 0;
  /** rows × inputs. */
  readonly values: Float64Array;
  /** Posterior standard deviation of each value; NaN where the model has none. */
  readonly deviations: Float64Array;

  constructor(rows: number, inputs: number) {
    assert(rows >= 1 && inputs >= 1, 'an attribution has rows and inputs');
    this.rows = rows;
    this.inputs = inputs;
    this.values = new Float64Array(rows * inputs);
    this.deviations = new Float64Array(rows * inputs).fill(Number.NaN);
  }

  /** What is not accounted for: rounding, and for nets what is left of the path's integral. */
  get remainder(): number {
    let sum = 0;
    for (let i = 0; i < this.values.length; i++) sum += this.values[i];
    return this.value - this.baseline - sum;
  }

  /** What each input adds, over all rows of the window. */
  sumOverRows(out: Float64Array): void {
    assert(out.length === this.inputs, 'there is room for every input');
    out.fill(0);
    for (let row = 0; row < this.rows; row++) {
      const at = row * this.inputs;
      for (let i = 0; i < this.inputs; i++) out[i] += this.values[at + i];
    }
  }

  /** What each family of inputs adds, over all rows. */
  sumByFamily(families: Families, out: Float64Array): void {
    assert(families.of.length === this.inputs && out.length === families.names.length, 'every input has a family');
    out.fill(0);
    for (let i = 0; i < this.values.length; i++) out[families.of[i % this.inputs]] += this.values[i];
  }
}

/** Inputs in groups. */
export interface Families {
  readonly names: readonly string[];
  /** The family of each input, by its number. */
  readonly of: Int32Array;
}

/** Groups inputs by the name of the family of each, in the order in which the names come up. */
export function familiesOf(ofInputs: readonly string[]): Families {
  const names = [...new Set(ofInputs)];
  return { names, of: Int32Array.from(ofInputs, (name) => names.indexOf(name)) };
}

/** What explains forecasts of one model. Synchronous; allocates nothing after it was made. */
export interface Explainer {
  readonly method: AttributionMethod;
  readonly rows: number;
  readonly inputs: number;
  readonly classes: number;
  /** Runs of the model's graph that the last explanation took; absent where it takes none. */
  readonly runs?: number;
  /**
   * Explains the forecast of `window` (rows × inputs, oldest first, unscaled, NaN where not known) for the class `classIndex` into `out`, an
   * `Attribution` of as many rows and inputs.
   */
  explain(window: Float32Array, classIndex: number, out: Attribution): void;
  close(): Promise<void>;
}

/** Throws where the arguments of `Explainer.explain` do not fit the explainer. */
export function checkExplained(
  { rows, inputs, classes }: Pick<Explainer, 'rows' | 'inputs' | 'classes'>,
  window: Float32Array,
  classIndex: number,
  out: Attribution,
): void {
  assert(window.length === rows * inputs, 'a window has all its numbers');
  assert(
    Number.isInteger(classIndex) && classIndex >= 0 && classIndex < classes,
    'the class to explain is one of them',
  );
  assert(out.rows === rows && out.inputs === inputs, 'there is room for every value');
}

/** The class with the highest probability, the first of several. */
export function topClass(probabilities: Float64Array): number {
  let top = 0;
  for (let k = 1; k < probabilities.length; k++) if (probabilities[k] > probabilities[top]) top = k;
  return top;
}

/** ln p[k] − the mean of ln p: the unit of attributions. */
export function logitOf(probabilities: Float64Array, k: number): number {
  let mean = 0;
  for (let j = 0; j < probabilities.length; j++) mean += Math.log(probabilities[j]) / probabilities.length;
  return Math.log(probabilities[k]) - mean;
}
