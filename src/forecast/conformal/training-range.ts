import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { assert, BookcastError } from '../../core/index.ts';

export interface SignalRange {
  readonly name: string;
  /** Quantiles .001 and .999 of the training rows. */
  readonly low: number;
  readonly high: number;
  readonly median: number;
  /** Interquartile range / 1.349: a normal's standard deviation. 0 where the signal hardly varied: it has no distance then. */
  readonly scale: number;
}

export interface TrainingRangeJson {
  readonly signals: readonly SignalRange[];
  /** Most signals outside their range in .999 of the training rows. */
  readonly mostOutside: number;
  /** Most distance in .999 of the training rows. */
  readonly mostDistance: number;
}

/** Robust scores are cut there, so that one wild signal is far and not infinitely far. */
const FARTHEST = 100;

/**
 * Where the training rows lay, to tell inputs that a model never saw. A row is far where more signals than usual are outside
 * their own range, or where the mean square of the robust scores (Mahalanobis' distance with a diagonal covariance) is
 * larger than usual. Signals that are not known (NaN) do not count. Built by `fitTrainingRange`; allocates nothing.
 */
export class TrainingRange {
  readonly signals: readonly SignalRange[];
  readonly #mostOutside: number;
  readonly #mostDistance: number;
  readonly #low: Float64Array;
  readonly #high: Float64Array;
  readonly #median: Float64Array;
  /** 1 / scale, 0 where there is none. */
  readonly #precision: Float64Array;

  constructor({ signals, mostOutside, mostDistance }: TrainingRangeJson) {
    assert(signals.length > 0, 'a row has a signal');
    this.signals = signals;
    this.#mostOutside = mostOutside;
    this.#mostDistance = mostDistance;
    this.#low = Float64Array.from(signals, (signal) => signal.low);
    this.#high = Float64Array.from(signals, (signal) => signal.high);
    this.#median = Float64Array.from(signals, (signal) => signal.median);
    this.#precision = Float64Array.from(signals, ({ scale }) => (scale > 0 ? 1 / scale : 0));
  }

  /** Signals of a row outside [.001, .999] of training. */
  outside(row: ArrayLike<number>): number {
    let count = 0;
    for (let i = 0; i < this.#low.length; i++) if (row[i] < this.#low[i] || row[i] > this.#high[i]) count++;
    return count;
  }

  /** Mean square of the robust scores of the signals that are known and varied in training; 0 where there are none. */
  distance(row: ArrayLike<number>): number {
    let sum = 0;
    let known = 0;
    for (let i = 0; i < this.#low.length; i++) {
      const precision = this.#precision[i];
      const score = Math.abs(row[i] - this.#median[i]) * precision;
      if (precision === 0 || Number.isNaN(score)) continue;
      const cut = Math.min(score, FARTHEST);
      sum += cut * cut;
      known++;
    }
    return known === 0 ? 0 : sum / known;
  }

  isFar(row: ArrayLike<number>): boolean {
    return this.outside(row) > this.#mostOutside || this.distance(row) > this.#mostDistance;
  }

  toJson(): TrainingRangeJson {
    return { signals: this.signals, mostOutside: this.#mostOutside, mostDistance: this.#mostDistance };
  }
}

const closed = { additionalProperties: false };
const Schema = Type.Object(
  {
    signals: Type.Array(
      Type.Object(
        {
          name: Type.String(),
          low: Type.Number(),
          high: Type.Number(),
          median: Type.Number(),
          scale: Type.Number({ minimum: 0 }),
        },
        closed,
      ),
      { minItems: 1 },
    ),
    mostOutside: Type.Number({ minimum: 0 }),
    mostDistance: Type.Number({ minimum: 0 }),
  },
  closed,
);

/** The range that `toJson` wrote. `where` is the file, for messages. Throws `bad-input` for anything else. */
export function readTrainingRange(json: unknown, where: string): TrainingRange {
  if (Value.Check(Schema, json)) return new TrainingRange(json);
  const [first] = Value.Errors(Schema, json);
  throw new BookcastError(
    'bad-input',
    `${where} holds no range of training rows: ${first?.instancePath || 'it'} ${first?.message ?? 'is odd'}. Fit it again`,
    { path: where },
  );
}
