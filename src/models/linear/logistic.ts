import { setImmediate } from 'node:timers/promises';
import { type Static, Type } from 'typebox';
import { BookcastError } from '../../core/index.ts';
import type { Dataset, FitOptions, FittedModel, ModelKind } from '../training/contract.ts';
import { checkRows } from '../trees/check-rows.ts';
import { FittedLinear } from './fitted-linear.ts';
import { minimise } from './lbfgs.ts';
import { meanLogLoss, scaledRows } from './scaled-rows.ts';
import { softmaxLoss } from './softmax-loss.ts';

const Schema = Type.Object(
  {
    l2: Type.Number({
      minimum: 0,
      default: 1e-3,
      description: 'λ of the mean log-loss + λ/2 × squared weights (intercepts are free), 0 or more',
    }),
    tolerance: Type.Number({
      exclusiveMinimum: 0,
      default: 1e-6,
      description: 'no component of the gradient may be greater in the end, above 0',
    }),
    steps: Type.Integer({ minimum: 1, default: 500, description: 'steps of L-BFGS at most, 1 or more' }),
  },
  { additionalProperties: false },
);
type Config = Static<typeof Schema>;

/** Corrections that L-BFGS remembers. */
const MEMORY = 10;

/** Softmax regression on the last row of the window, scaled, NaN as the mean. */
export const logistic: ModelKind<Config> = {
  name: 'logistic',
  title: 'Multinomial logistic regression with an L2 penalty, by L-BFGS (Cox 1958; Liu and Nocedal 1989)',
  config: Schema,
  length: () => 1,
  fit: (data, config, options) => fitLogistic(data.withLength(1), config, options),
};

async function fitLogistic(data: Dataset, config: Config, options: FitOptions): Promise<FittedModel> {
  checkRows(data);
  const classes = data.target.classes.length;
  const rows = scaledRows(data.train, classes);
  // Without signals the intercepts are the shares' logarithms: a start that no weight has to undo.
  const start = new Float64Array((rows.width + 1) * classes);
  start.set(data.prior.map(Math.log), rows.width * classes);
  const { onEvent, signal } = options;
  const onStep = async (step: number, loss: number): Promise<void> => {
    onEvent({ kind: 'step', epoch: 0, step, steps: config.steps, loss, samples: step * rows.rows });
    await setImmediate();
    if (signal.aborted)
      throw new BookcastError('not-ready', `stopped after ${step} of ${config.steps} steps`, { step });
  };
  const found = await minimise(softmaxLoss(rows, config.l2), start, {
    memory: MEMORY,
    flat: config.tolerance,
    steps: config.steps,
    onStep,
  });
  if (found.steps === config.steps && found.slope > config.tolerance) {
    const text = `not at the minimum after ${found.steps} steps (slope ${found.slope.toExponential(1)}): raise steps, l2 or tolerance`;
    onEvent({ kind: 'note', text });
  }
  const model = new FittedLinear('logistic', found.point, classes, data.scaler);
  const metrics: Record<string, number> = { 'train-loss': found.value, steps: found.steps };
  if (data.validation.count > 0) {
    metrics['validation-log-loss'] = meanLogLoss(await model.predict(data.validation), data.validation.labels);
  }
  onEvent({ kind: 'epoch', epoch: 0, epochs: 1, metrics, best: true });
  return model;
}
