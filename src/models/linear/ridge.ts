import { type Static, Type } from 'typebox';
import { BookcastError } from '../../core/index.ts';
import type { Dataset, FitOptions, FittedModel, ModelKind } from '../training/contract.ts';
import { checkRows } from '../trees/check-rows.ts';
import { solvePositive } from './cholesky.ts';
import { FittedLinear } from './fitted-linear.ts';
import { meanLogLoss, type ScaledRows, scaledRows, scoresOf } from './scaled-rows.ts';
import { fitSharpness } from './sharpness.ts';

const Schema = Type.Object(
  {
    l2: Type.Number({
      exclusiveMinimum: 0,
      default: 1e-2,
      description: 'λ of the mean squared error + λ × squared weights (intercepts are free), above 0',
    }),
  },
  { additionalProperties: false },
);
type Config = Static<typeof Schema>;

/**
 * Least squares to one number a class, 1 for the class that it is. Probabilities are a softmax of ln(share) + (score − share) /
 * temperature, with the temperature that suits the validation rows best: what says nothing gives the shares.
 */
export const ridge: ModelKind<Config> = {
  name: 'ridge',
  title: 'Ridge regression to the classes, with a fitted temperature (Hoerl and Kennard 1970; Guo et al. 2017)',
  config: Schema,
  length: () => 1,
  fit: (data, config, options) => fitRidge(data.withLength(1), config, options),
};

async function fitRidge(data: Dataset, config: Config, { onEvent, signal }: FitOptions): Promise<FittedModel> {
  checkRows(data);
  if (signal.aborted) throw new BookcastError('not-ready', 'stopped before the first step');
  const classes = data.target.classes.length;
  const rows = scaledRows(data.train, classes);
  const weights = leastSquares(rows, data.prior, config.l2);
  const judged = data.validation.count > 0 ? scaledRows(data.validation, classes) : rows;
  if (data.validation.count === 0)
    onEvent({ kind: 'note', text: 'there are no validation rows: the temperature is fitted on the training rows' });
  const deviations = scoresOf(judged.x, judged.rows, weights, classes);
  for (let i = 0; i < deviations.length; i++) deviations[i] -= data.prior[i % classes];
  const sharpness = fitSharpness(deviations, judged.labels, data.prior);
  if (sharpness === 0)
    onEvent({
      kind: 'note',
      text: 'the signals tell nothing of the validation rows: every forecast is the classes’ shares',
    });
  const intercepts = rows.width * classes;
  const logits = weights.map((w, i) =>
    i < intercepts
      ? sharpness * w
      : Math.log(data.prior[i - intercepts]) + sharpness * (w - data.prior[i - intercepts]),
  );
  const model = new FittedLinear('ridge', logits, classes, data.scaler);
  const metrics: Record<string, number> = {
    'train-loss': meanLogLoss(await model.predict(data.train), data.train.labels),
    sharpness,
  };
  if (data.validation.count > 0) {
    metrics['validation-log-loss'] = meanLogLoss(await model.predict(data.validation), data.validation.labels);
  }
  onEvent({ kind: 'epoch', epoch: 0, epochs: 1, metrics, best: true });
  return model;
}

/** The weights, (width + 1) × classes, of (X'X / n + λ) W = X'Y / n about the means, and the intercepts that go with them. */
export function leastSquares(
  { x, rows, width, classes, labels }: ScaledRows,
  prior: Float64Array,
  l2: number,
): Float64Array {
  const means = new Float64Array(width);
  for (let i = 0; i < x.length; i++) means[i % width] += x[i] / rows;
  const gram = new Float64Array(width * width);
  const moments = new Float64Array(width * classes);
  const centred = new Float64Array(width);
  for (let i = 0; i < rows; i++) {
    for (let f = 0; f < width; f++) centred[f] = x[i * width + f] - means[f];
    for (let f = 0; f < width; f++) {
      const z = centred[f];
      for (let g = 0; g <= f; g++) gram[f * width + g] += z * centred[g];
      moments[f * classes + labels[i]] += z;
    }
  }
  for (let f = 0; f < width; f++) {
    for (let g = 0; g <= f; g++) gram[f * width + g] = gram[f * width + g] / rows + (f === g ? l2 : 0);
  }
  for (let i = 0; i < moments.length; i++) moments[i] /= rows;
  solvePositive(gram, width, moments, classes);
  const weights = new Float64Array((width + 1) * classes);
  weights.set(moments);
  for (let k = 0; k < classes; k++) {
    let intercept = prior[k];
    for (let f = 0; f < width; f++) intercept -= means[f] * moments[f * classes + k];
    weights[width * classes + k] = intercept;
  }
  return weights;
}
