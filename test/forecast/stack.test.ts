import { describe, expect, it } from 'vitest';
import { Forecaster, type ForecasterOptions, Uniform, withStack } from '../../src/forecast/index.ts';
import { createModels, type Decision, type Model, parseTarget } from '../../src/models/index.ts';
import { openSim } from '../../src/venues/sim/index.ts';

const TARGET = parseTarget('events:10');
const { instrument } = openSim({ mode: 'realistic', seed: 2, messages: 1 });

const namesOf = (options: ForecasterOptions): string[] =>
  new Forecaster(instrument, TARGET, {}, options).models.map(({ name }) => name);

const trained: Model = {
  name: 'net',
  baseline: false,
  schemaHash: null,
  predict: (_: Decision, out: Float64Array) => void out.fill(1 / 3),
  update: () => {},
};

describe('withStack', () => {
  it('pools the online models, calibrates the pool, and keeps the baselines beside it', () => {
    const stack = withStack(instrument, TARGET);
    const forecaster = new Forecaster(instrument, TARGET, {}, stack);
    expect(forecaster.models.map(({ name }) => name)).toEqual([
      ...[
        'majority',
        'persistence',
        'martingale',
        'transition',
        'imbalance-logistic',
        'regime-softmax',
        'dma-softmax',
        'bayes-softmax',
      ],
      ...['ensemble', 'ensemble-calibrated'],
    ]);
    expect(forecaster.members.map(({ name }) => name)).toEqual([
      'imbalance-logistic',
      'regime-softmax',
      'dma-softmax',
      'bayes-softmax',
    ]);
    expect(stack.sets!.coverage).toBe(0.9);
    expect(stack.monitor!.snapshot().classes).toEqual(TARGET.classes);
  });

  it('takes trained models in as members, wherever they stand', () => {
    const models = [trained, ...createModels(TARGET, new Forecaster(instrument, TARGET).features.schema)];
    const forecaster = new Forecaster(instrument, TARGET, {}, withStack(instrument, TARGET, { models }));
    expect(forecaster.members.map(({ name }) => name)).toEqual([
      'net',
      'imbalance-logistic',
      'regime-softmax',
      'dma-softmax',
      'bayes-softmax',
    ]);
  });

  it('leaves what names a combiner as it is, but watches it', () => {
    const own = { models: [trained], combiner: new Uniform({ members: 1, classes: 3 }) };
    const stack = withStack(instrument, TARGET, own);
    expect(namesOf(stack)).toEqual(['net', 'ensemble']);
    expect(stack.sets).toBeUndefined();
    expect(stack.monitor).toBeDefined();
  });
});
