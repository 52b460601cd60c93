import { describe, expect, it } from 'vitest';
import { explainForecast, Forecaster, withStack } from '../../src/forecast/index.ts';
import { logitOf, parseTarget } from '../../src/models/index.ts';
import { openSim } from '../../src/venues/sim/index.ts';

describe('explainForecast', () => {
  it('accounts for what each online model said, class by class, by signal and by family', async () => {
    const target = parseTarget('events:10');
    const source = openSim({ mode: 'realistic', seed: 3, messages: 2500 });
    const forecaster = new Forecaster(source.instrument, target, {}, withStack(source.instrument, target));
    expect(explainForecast(forecaster)).toEqual({ index: 0, members: [] });
    for await (const batch of source.batches()) forecaster.apply(batch);
    const { last, models } = forecaster;
    const { index, members } = explainForecast(forecaster);
    expect(index).toBe(last.index);
    expect(members.map(({ model }) => model).sort()).toEqual(['bayes-softmax', 'imbalance-logistic']);
    expect(members[0].weight!).toBeGreaterThanOrEqual(members[1].weight!);
    for (const { model, baseline, value, signals, families, method } of members) {
      const m = models.findIndex(({ name }) => name === model);
      expect(method).toBe('posterior');
      expect(signals).toHaveLength(model === 'imbalance-logistic' ? 3 : 3 + forecaster.features.schema.names.length);
      for (let k = 0; k < 3; k++) {
        expect(value[k]).toBeCloseTo(logitOf(last.probabilities[m], k), 9);
        for (const parts of [signals, families]) {
          const sum = parts.reduce((total, { values }) => total + values[k], baseline[k]);
          expect(sum).toBeCloseTo(value[k], 9);
        }
      }
    }
  });
});
