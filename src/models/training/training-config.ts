import { type Static, Type } from 'typebox';
import type { LossSpec } from '../../nn/index.ts';

const share = (description: string, value: number) =>
  Type.Number({ minimum: 0, exclusiveMaximum: 1, default: value, description });

const MOMENTS = {
  beta1: share('decay of the mean of the gradient, 0 to below 1', 0.9),
  beta2: share('decay of the mean of its square, 0 to below 1', 0.999),
  epsilon: Type.Number({ exclusiveMinimum: 0, default: 1e-8, description: 'added to the root of it, above 0' }),
};

const Optimiser = Type.Union(
  [
    Type.Object({
      kind: Type.Literal('sgd'),
      momentum: share('share of the last step that goes on, 0 to below 1', 0.9),
    }),
    Type.Object({ kind: Type.Literal('adam'), ...MOMENTS }),
    Type.Object({
      kind: Type.Literal('adamw'),
      decay: Type.Number({
        minimum: 0,
        default: 0.01,
        description: 'weight decay, apart from the gradient, 0 or more',
      }),
      ...MOMENTS,
    }),
  ],
  { default: { kind: 'adamw' } },
);

const WARM_UP = Type.Integer({
  minimum: 0,
  default: 0,
  description: 'steps in which the rate rises from 0 to its full height, 0 or more',
});

const Schedule = Type.Union(
  [
    Type.Object({ kind: Type.Literal('constant'), warmUp: WARM_UP }),
    Type.Object({
      kind: Type.Literal('cosine'),
      warmUp: WARM_UP,
      floor: Type.Number({
        minimum: 0,
        maximum: 1,
        default: 0,
        description: 'share of the rate that is left at the last step, 0 to 1',
      }),
    }),
    Type.Object({
      kind: Type.Literal('step'),
      warmUp: WARM_UP,
      every: Type.Integer({ minimum: 1, default: 10, description: 'epochs between two drops, 1 or more' }),
      factor: Type.Number({
        exclusiveMinimum: 0,
        maximum: 1,
        default: 0.5,
        description: 'what the rate is multiplied by at a drop, above 0 and up to 1',
      }),
    }),
    Type.Object({
      kind: Type.Literal('plateau'),
      warmUp: WARM_UP,
      patience: Type.Integer({
        minimum: 1,
        default: 2,
        description: 'epochs without a lower validation log-loss before a drop, 1 or more',
      }),
      factor: Type.Number({
        exclusiveMinimum: 0,
        maximum: 1,
        default: 0.5,
        description: 'what the rate is multiplied by at a drop, above 0 and up to 1',
      }),
      floor: Type.Number({
        minimum: 0,
        maximum: 1,
        default: 1e-3,
        description: 'share of the rate that is always left, 0 to 1',
      }),
    }),
  ],
  { default: { kind: 'cosine' } },
);

const Loss = Type.Union(
  [
    Type.Object({
      kind: Type.Literal('cross-entropy'),
      adjust: Type.Number({
        minimum: 0,
        default: 0,
        description: 'τ of logit adjustment: τ ln(prior) is added to the logits in training (Menon 2021); 0 for none',
      }),
    }),
    Type.Object({
      kind: Type.Literal('focal'),
      gamma: Type.Number({
        minimum: 0,
        default: 2,
        description: 'how little a window counts that is already right (Lin 2017), 0 or more',
      }),
    }),
    Type.Object({ kind: Type.Literal('brier') }),
  ],
  { default: { kind: 'cross-entropy' } },
);

/** How a net is trained: the `training` part of a configuration. */
export const TrainingSchema = Type.Object({
  epochs: Type.Integer({ minimum: 1, default: 20, description: 'times that all training windows are seen, at most' }),
  batch: Type.Integer({ minimum: 1, maximum: 65_536, default: 64, description: 'windows a step, 1 to 65,536' }),
  rate: Type.Number({ exclusiveMinimum: 0, maximum: 10, default: 1e-3, description: 'learning rate, above 0' }),
  optimiser: Optimiser,
  schedule: Schedule,
  patience: Type.Integer({
    minimum: 1,
    default: 5,
    description: 'epochs without a lower validation log-loss after which training stops, 1 or more',
  }),
  minDelta: Type.Number({
    minimum: 0,
    default: 0,
    description: 'nats by which the validation log-loss must fall to count as lower, 0 or more',
  }),
  ema: share('decay of the moving average of the weights that predicts, 0 to below 1; 0 for none', 0),
  clipNorm: Type.Number({ minimum: 0, default: 1, description: 'largest norm of the gradient; 0 for no limit' }),
  loss: Loss,
  classWeights: Type.Union([Type.Literal('none'), Type.Literal('balanced')], {
    default: 'none',
    description: 'none, or balanced: each class weighs the same in all, however rare it is',
  }),
  stride: Type.Integer({ minimum: 1, default: 1, description: 'only every n-th training window is used, 1 for all' }),
  checkpointSteps: Type.Integer({
    minimum: 1,
    default: 200,
    description: 'steps between two checkpoints; there is one at the end of each epoch too',
  }),
});
export type TrainingConfig = Static<typeof TrainingSchema>;

/** The loss as the trainer takes it; `prior` is the share of each class in training. */
export function lossOf({ loss, classWeights }: TrainingConfig, prior: Float64Array): LossSpec {
  if (loss.kind === 'brier') return loss;
  const classes = prior.length;
  // Σ prior × weight is 1, so that the loss and its best rate stay where they were.
  const weights = classWeights === 'balanced' ? { weights: Array.from(prior, (share) => 1 / (classes * share)) } : {};
  if (loss.kind === 'focal') return { kind: 'focal', gamma: loss.gamma, ...weights };
  const adjust = loss.adjust === 0 ? {} : { adjust: Array.from(prior, (share) => loss.adjust * Math.log(share)) };
  return { kind: 'cross-entropy', ...weights, ...adjust };
}
