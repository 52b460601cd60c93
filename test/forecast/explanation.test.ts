import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../src/core/index.ts';
import { FeatureEngine } from '../../src/features/index.ts';
import { explainForecast, Forecaster, withStack } from '../../src/forecast/index.ts';
import {
  createModels,
  encodeModelMetadata,
  logitOf,
  openServedModel,
  parseTarget,
  SwappableModel,
} from '../../src/models/index.ts';
import { Booster } from '../../src/models/trees/booster.ts';
import { encodeTrees } from '../../src/models/trees/onnx.ts';
import { openSim } from '../../src/venues/sim/index.ts';
import { tempFile } from '../cli/support.ts';
import { linearFile, metadataOf } from '../models/served/files.ts';
import { GROWING, randomRows } from '../models/trees/support.ts';

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

  it('accounts for what trained members said, from their own files', async () => {
    const target = parseTarget('events:10');
    const source = openSim({ mode: 'realistic', seed: 3, messages: 1500 });
    const { schema } = new FeatureEngine(source.instrument);
    const width = schema.names.length;
    const rows = randomRows({ seed: 1, rows: 400, width });
    const booster = new Booster(rows, { ...GROWING, monotone: new Int8Array(width) });
    for (let round = 0; round < 5; round++) booster.round();
    const metadata = metadataOf(
      { width, length: 1 },
      { kind: 'gbdt', schemaHash: schema.hash, signals: [...schema.names] },
    );
    const file = tempFile('gbdt.onnx', encodeTrees(booster.ensemble, encodeModelMetadata(metadata)));
    const trees = await openServedModel(file, { target, schema, clock: systemClock, name: 'trees' });
    const net = linearFile({ width, length: 2 }, { kind: 'mlp', schemaHash: schema.hash, signals: [...schema.names] });
    const other = await openServedModel(tempFile('mlp.onnx', net), { target, schema, clock: systemClock });
    onTestFinished(async () => {
      await trees.close();
      await other.close();
    });
    const models = [...createModels(target, schema), new SwappableModel(trees), other];
    const forecaster = new Forecaster(source.instrument, target, {}, { models });
    for await (const batch of source.batches()) forecaster.apply(batch);
    const { members } = explainForecast(forecaster);
    expect(members.map(({ model }) => model)).not.toContain('mlp');
    const told = members.find(({ model }) => model === 'trees')!;
    expect(told.method).toBe('tree-shap');
    expect(told.signals).toHaveLength(width);
    const said = forecaster.last.probabilities[models.length - 2];
    for (let k = 0; k < 3; k++) {
      for (const parts of [told.signals, told.families]) {
        const sum = parts.reduce((total, { values }) => total + values[k], told.baseline[k]);
        expect(Math.abs(sum - told.value[k])).toBeLessThan(1e-9);
      }
      expect(told.value[k]).toBeCloseTo(logitOf(said, k), 4);
    }
  });
});
