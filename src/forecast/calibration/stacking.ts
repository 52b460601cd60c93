import { assert, BookcastError, decodeState, encodeState } from '../../core/index.ts';
import { LEAST_PROBABILITY, toProbabilities } from './log-odds.ts';

export interface StackingJson {
  /** One a member, in the order of the members, each ≥ 0. */
  readonly weights: readonly number[];
  /** One a class. */
  readonly biases: readonly number[];
}

const KIND = 'stacking';
const VERSION = 1;

/**
 * A fixed logarithmic pool with class biases: p[k] ∝ exp(Σ weights[m] · ln p[m][k] + biases[k]). Weights are shared by the
 * classes and not negative (Breiman, "Stacked regressions", Machine Learning 1996), fitted by `fitStacking`. It has the
 * methods of a `Combiner`, so that it stands where online weights do, and learns nothing while it serves. Members that
 * sleep are left out, and the weights of the others raised in proportion; where all that have weight sleep, those awake
 * count alike. At least one must be awake.
 */
export class Stacking {
  readonly name = 'stacking';
  readonly weights: Float64Array;
  readonly biases: Float64Array;

  constructor(weights: ArrayLike<number>, biases: ArrayLike<number>) {
    assert(weights.length >= 1 && biases.length >= 2, 'there is a member and there are two classes');
    this.weights = Float64Array.from(weights);
    this.biases = Float64Array.from(biases);
    assert(
      this.weights.every((w) => w >= 0),
      'no weight is negative',
    );
  }

  /** What each member says of one forecast, into `out`. Allocates nothing. */
  apply(members: readonly Float64Array[], out: Float64Array): void {
    for (let k = 0; k < out.length; k++) {
      let sum = this.biases[k];
      for (let m = 0; m < this.weights.length; m++) {
        sum += this.weights[m] * Math.log(Math.max(members[m][k], LEAST_PROBABILITY));
      }
      out[k] = sum;
    }
    toProbabilities(out, 0, out.length);
  }

  /** As `apply`, of the members whose `awake` is not 0. */
  combine(members: readonly Float64Array[], awake: Uint8Array, out: Float64Array): void {
    const { weights } = this;
    let total = 0;
    let heard = 0;
    let listeners = 0;
    for (let m = 0; m < weights.length; m++) {
      total += weights[m];
      if (awake[m] === 0) continue;
      heard += weights[m];
      listeners++;
    }
    assert(listeners > 0, 'a member is awake');
    const scale = heard > 0 ? total / heard : 0;
    const alike = heard > 0 ? 0 : total / listeners;
    for (let k = 0; k < out.length; k++) {
      let sum = this.biases[k];
      for (let m = 0; m < weights.length; m++) {
        if (awake[m] === 0) continue;
        sum += (weights[m] * scale + alike) * Math.log(Math.max(members[m][k], LEAST_PROBABILITY));
      }
      out[k] = sum;
    }
    toProbabilities(out, 0, out.length);
  }

  /** Nothing is learnt online. */
  settle(): void {}

  toJson(): StackingJson {
    return { weights: [...this.weights], biases: [...this.biases] };
  }

  save(): Uint8Array {
    return encodeState(KIND, VERSION, [this.weights, this.biases]);
  }

  /** Throws `bad-input` for bytes that are not the state of a stacking of as many members and classes. */
  restore(bytes: Uint8Array): void {
    const [weights, biases] = decodeState(bytes, KIND, VERSION, [this.weights.length, this.biases.length]);
    this.weights.set(weights);
    this.biases.set(biases);
  }
}

/** The stacking that `toJson` wrote. `where` is the file, for messages. Throws `bad-input` for anything else. */
export function readStacking(json: unknown, where: string): Stacking {
  const { weights, biases } = (json ?? {}) as Partial<Record<keyof StackingJson, unknown>>;
  if (!isNumbers(weights, 1) || !isNumbers(biases, 2) || weights.some((w) => w < 0)) {
    throw new BookcastError(
      'bad-input',
      `${where} holds no stacking: expected "weights", none negative, one a member, and "biases", one a class. Fit it again`,
      { path: where },
    );
  }
  return new Stacking(weights, biases);
}

function isNumbers(value: unknown, least: number): value is number[] {
  return Array.isArray(value) && value.length >= least && value.every((x) => Number.isFinite(x));
}
