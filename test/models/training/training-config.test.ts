import { describe, expect, it } from 'vitest';
import { lossOf, type TrainingConfig, TrainingSchema } from '../../../src/models/training/training-config.ts';
import { nearest, readConfig } from '../../../src/models/training/training-config-reader.ts';

const read = (given: unknown): TrainingConfig => readConfig(TrainingSchema, given, 'training') as TrainingConfig;

describe('the training configuration', () => {
  it('has a default for every key', () => {
    expect(read(undefined)).toEqual({
      epochs: 20,
      batch: 64,
      rate: 0.001,
      optimiser: { kind: 'adamw', decay: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
      schedule: { kind: 'cosine', warmUp: 0, floor: 0 },
      patience: 5,
      minDelta: 0,
      ema: 0,
      clipNorm: 1,
      loss: { kind: 'cross-entropy', adjust: 0 },
      classWeights: 'none',
      stride: 1,
      checkpointSteps: 200,
    });
  });

  it('takes a kind alone as the object of that kind, and keys alone as of the default kind', () => {
    expect(read({ optimiser: 'sgd' }).optimiser).toEqual({ kind: 'sgd', momentum: 0.9 });
    expect(read({ schedule: 'plateau' }).schedule).toEqual({
      kind: 'plateau',
      warmUp: 0,
      patience: 2,
      factor: 0.5,
      floor: 0.001,
    });
    expect(read({ optimiser: { decay: 0 } }).optimiser).toMatchObject({ kind: 'adamw', decay: 0 });
  });

  it.each([
    [{ epoch: 3 }, 'there is no key "training.epoch"; did you mean "epochs"?; training has epochs, batch'],
    [
      { optimiser: { kind: 'adma' } },
      'training.optimiser.kind: there is no "adma"; did you mean "adam"?; there are sgd',
    ],
    [{ optimiser: { kind: 'adam', decay: 1 } }, 'there is no key "training.optimiser.decay"'],
    [
      { optimiser: { kind: 'sgd', momentum: 1 } },
      'training.optimiser.momentum is 1, and must be: share of the last step',
    ],
    [{ optimiser: 7 }, 'training.optimiser is 7, and must be: an object with kind: sgd, adam, adamw'],
    [{ batch: 0 }, 'training.batch is 0, and must be: windows a step, 1 to 65,536'],
    [{ batch: '64' }, 'training.batch is "64", and must be'],
    [{ classWeights: 'equal' }, 'training.classWeights is "equal", and must be: none, or balanced'],
    [[], 'training is [], and must be: keys and values'],
    ['fast', 'training is "fast", and must be: keys and values'],
  ])('refuses %j', (given, message) => {
    expect(() => read(given)).toThrow(message);
  });

  it('weighs classes so that each counts the same, and the mean weight is 1', () => {
    const prior = Float64Array.of(0.1, 0.8, 0.1);
    const loss = lossOf(read({ classWeights: 'balanced' }), prior);
    expect(loss.kind).toBe('cross-entropy');
    const { weights = [] } = loss as { weights?: readonly number[] };
    expect(weights[0] / weights[1]).toBeCloseTo(8, 12);
    expect(prior.reduce((sum, share, k) => sum + share * weights[k], 0)).toBeCloseTo(1, 12);
    expect(lossOf(read({}), prior)).toEqual({ kind: 'cross-entropy' });
    expect(lossOf(read({ loss: 'brier' }), prior)).toEqual({ kind: 'brier' });
    expect(lossOf(read({ loss: { kind: 'focal', gamma: 1 } }), prior)).toEqual({ kind: 'focal', gamma: 1 });
    expect(lossOf(read({ loss: { adjust: 1 } }), prior)).toEqual({
      kind: 'cross-entropy',
      adjust: [Math.log(0.1), Math.log(0.8), Math.log(0.1)],
    });
  });
});

describe('the nearest name', () => {
  it('is one of few edits, or none', () => {
    expect(nearest('lsmt', ['gru', 'lstm', 'mlp'])).toBe('lstm');
    expect(nearest('LSTM', ['gru', 'lstm'])).toBe('lstm');
    expect(nearest('dropuot', ['dropout', 'depth'])).toBe('dropout');
    expect(nearest('wavelet', ['gru', 'lstm'])).toBeNull();
  });
});
