import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { BookcastError } from '../../core/index.ts';

/** The histogram of one signal in the training rows. */
export interface SignalHistogram {
  readonly name: string;
  /** Inner edges, rising: deciles of training, each once. Bin i holds what is above i of them. */
  readonly edges: readonly number[];
  /** Share of the rows in each bin, and last of those where the signal was not known. */
  readonly shares: readonly number[];
}

/** What was so in training, to be compared with what is. Made by `fitMonitorReference`. */
export interface MonitorReference {
  /** Share of each class among the training labels. */
  readonly prior: readonly number[];
  /** Inner edges of the bins of the largest probability: equal parts of the calibration forecasts. */
  readonly edges: readonly number[];
  /** Expected calibration error of the calibration forecasts over these bins. */
  readonly ece: number;
  /** Mean probability minus share, of each class, there. */
  readonly gaps: readonly number[];
  readonly signals: readonly SignalHistogram[];
}

/** Edges that `x` is above: its bin. Few edges, so that looking at all of them is quick. */
export function binOf(edges: ArrayLike<number>, x: number): number {
  let bin = 0;
  while (bin < edges.length && x > edges[bin]) bin++;
  return bin;
}

const Numbers = Type.Array(Type.Number());
const Schema = Type.Object(
  {
    prior: Type.Array(Type.Number({ exclusiveMinimum: 0, maximum: 1 }), { minItems: 2 }),
    edges: Numbers,
    ece: Type.Number({ minimum: 0 }),
    gaps: Numbers,
    signals: Type.Array(
      Type.Object({ name: Type.String(), edges: Numbers, shares: Numbers }, { additionalProperties: false }),
    ),
  },
  { additionalProperties: false },
);

/** The reference of a file at `where`. Throws `bad-input` for anything else. */
export function readMonitorReference(json: unknown, where: string): MonitorReference {
  if (
    Value.Check(Schema, json) &&
    json.gaps.length === json.prior.length &&
    json.signals.every(({ edges, shares }) => shares.length === edges.length + 2)
  ) {
    return json;
  }
  throw new BookcastError(
    'bad-input',
    `${where} holds no reference for monitoring: expected prior, edges, ece, a gap for each class, and signals with one share more than bins. Fit it again`,
    { path: where },
  );
}
