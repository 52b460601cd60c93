import { beforeAll, describe, expect, it } from 'vitest';
import {
  Boa,
  type Combiner,
  type CombinerShape,
  Ensemble,
  ExponentialWeights,
  FixedShare,
  type Forecast,
  Forecaster,
  type ForecasterHooks,
  Interleaved,
  Squint,
  Uniform,
} from '../../../src/forecast/index.ts';
import { BatchBuilder, type EventBatch, EventKind, Fault, type Instrument, Side } from '../../../src/market/index.ts';
import { createModels, type Decision, type Model, parseTarget } from '../../../src/models/index.ts';
import { openSim } from '../../../src/venues/sim/index.ts';
import { collect } from '../../support/batches.ts';
import { expertsOf } from './streams.ts';

const TARGET = parseTarget('events:10');
let instrument: Instrument;
let batches: EventBatch[];

beforeAll(async () => {
  const source = openSim({ mode: 'realistic', seed: 4, messages: 4000 });
  instrument = source.instrument;
  batches = await collect(source.batches());
});

const plain = (): Forecaster => new Forecaster(instrument, TARGET);

function members(): readonly Model[] {
  return createModels(TARGET, plain().features.schema);
}

function shapeOf(models: readonly Model[]): CombinerShape {
  return { members: models.length, classes: 3 };
}

function apply(forecaster: Forecaster): Forecaster {
  for (const batch of batches) forecaster.apply(batch);
  return forecaster;
}

/** Says what it is told to; `silent` and `throwing` are decisions. */
function scripted(
  name: string,
  p: readonly number[],
  script: { silent?: (i: number) => boolean; throwing?: (i: number) => boolean } = {},
): Model & { learnt: number } {
  return {
    name,
    baseline: false,
    schemaHash: null,
    learnt: 0,
    predict({ index }: Decision, out: Float64Array): void {
      if (script.throwing?.(index)) throw new Error('it broke');
      out.set(script.silent?.(index) ? [Number.NaN, 0, 0] : p);
    },
    update(): void {
      this.learnt++;
    },
  };
}

describe('a forecaster with a combiner', () => {
  it.each<[string, (shape: CombinerShape) => Combiner]>([
    ['Uniform', (shape) => new Uniform(shape)],
    ['ExponentialWeights', (shape) => new ExponentialWeights(shape)],
    ['FixedShare', (shape) => new FixedShare(shape)],
    ['Boa', (shape) => new Boa(shape)],
    ['Squint', (shape) => new Squint(shape)],
    ['Interleaved', (shape) => new Interleaved(10, () => new ExponentialWeights({ ...shape, learningRate: 1 }))],
  ])('serves the pool of what was said, taught only by labels that exist: %s', (_, make) => {
    const models = [...members(), scripted('shy', [0.3, 0.4, 0.3], { silent: (i) => i % 7 < 3 })];
    const combiner = make(shapeOf(models));
    const oracle = make(shapeOf(models));
    const awakeAt: Uint8Array[] = [];
    const out = new Float64Array(3);
    const settled: number[] = [];
    let decisions = 0;
    const hooks: ForecasterHooks = {
      onForecast: ({ probabilities, awake, reasons, index }) => {
        oracle.combine(probabilities.slice(0, -1), awake.subarray(0, -1), out);
        expect(probabilities.at(-1)).toEqual(out);
        awakeAt[index] = awake.slice(0, -1);
        expect(awake.indexOf(0)).toBe(index % 7 < 3 ? models.length - 1 : -1);
        expect(reasons.map((reason) => (reason === null ? 1 : 0))).toEqual([...awake]);
        decisions = index + 1;
      },
      onOutcome: (decision, label, said) => {
        oracle.settle(said.slice(0, -1), awakeAt[decision.index], label, decision.span);
        settled.push(decisions - decision.index);
      },
    };
    const forecaster = apply(new Forecaster(instrument, TARGET, hooks, { models, combiner }));
    expect(forecaster.served.name).toBe('ensemble');
    expect(forecaster.models.map(({ name }) => name)).toEqual([...models.map(({ name }) => name), 'ensemble']);
    expect(forecaster.last.probabilities).toHaveLength(models.length + 1);
    expect(settled.length).toBeGreaterThan(1000);
    expect(new Set(settled)).toEqual(new Set([TARGET.horizon]));
    expect(combiner.weights).toEqual(oracle.weights);
    const { indices, weights } = forecaster.ensemble!.history.series();
    expect(indices.length).toBeGreaterThan(500);
    expect(weights).toHaveLength(models.length + 1);
  });

  it('changes nothing of what its members say, and its forecasts count in the digest', () => {
    const alone = apply(plain());
    const models = members();
    const pooled = apply(new Forecaster(instrument, TARGET, {}, { models, combiner: new Boa(shapeOf(models)) }));
    const again = members();
    const same = apply(new Forecaster(instrument, TARGET, {}, { models: again, combiner: new Boa(shapeOf(again)) }));
    expect(pooled.hash().rows).toBe(alone.hash().rows);
    expect(pooled.hash().forecasts).not.toBe(alone.hash().forecasts);
    expect(pooled.hash()).toEqual(same.hash());
    expect(pooled.last.probabilities.slice(0, -1)).toEqual(alone.last.probabilities);
    expect(alone.ensemble).toBe(null);
    expect(alone.models).toHaveLength(models.length);
  });

  it('goes on without a member that throws or abstains, says so, and takes it back', () => {
    const models = [
      scripted('sound', [0.2, 0.5, 0.3]),
      scripted('breaks', [0.1, 0.8, 0.1], { throwing: (i) => i >= 100 && i < 200 }),
      scripted('shy', [0.3, 0.4, 0.3], { silent: (i) => i < 50 }),
    ];
    const seen: { awake: number[]; reasons: (string | null)[]; abstained: string | null; served: number[] }[] = [];
    const hooks: ForecasterHooks = {
      onForecast: ({ awake, reasons, abstained, probabilities }: Forecast) =>
        seen.push({ awake: [...awake], reasons: [...reasons], abstained, served: [...probabilities[3]] }),
    };
    const forecaster = apply(
      new Forecaster(instrument, TARGET, hooks, { models, combiner: new Uniform(shapeOf(models)) }),
    );
    expect(seen).toHaveLength(forecaster.decisions);
    expect(seen.every(({ abstained }) => abstained === null)).toBe(true);
    expect(seen[10].awake).toEqual([1, 1, 0, 1]);
    expect(seen[10].reasons).toEqual([null, null, 'what it wrote are no probabilities', null]);
    expect(seen[10].served).toEqual(meanOf([models[0], models[1]]));
    expect(seen[60].awake).toEqual([1, 1, 1, 1]);
    expect(seen[150].awake).toEqual([1, 0, 1, 1]);
    expect(seen[150].reasons[1]).toBe('it failed to forecast: it broke');
    expect(seen[150].served).toEqual(meanOf([models[0], models[2]]));
    // Asked again at 100, 101, 103, …, 163 and 227.
    expect(seen[226].awake[1]).toBe(0);
    expect(seen[227].awake).toEqual([1, 1, 1, 1]);
    expect(models[0].learnt).toBe(models[2].learnt);
    expect(models[1].learnt).toBeLessThan(models[0].learnt);
  });

  it('abstains while all members sleep, says why once, and forecasts again', () => {
    const models = [scripted('a', [0.2, 0.5, 0.3], { silent: (i) => i >= 20 && i < 30 })];
    const seen: [number, string | null][] = [];
    const hooks: ForecasterHooks = { onForecast: ({ index, abstained }) => seen.push([index, abstained]) };
    const combiner = new ExponentialWeights(shapeOf(models));
    apply(new Forecaster(instrument, TARGET, hooks, { models, combiner }));
    expect(seen[20]).toEqual([
      20,
      'the ensemble is asleep: all its 1 members are; the last: what it wrote are no probabilities',
    ]);
    expect(seen[21]).toEqual([30, null]);
    const alone = [scripted('a', [0.2, 0.5, 0.3]), scripted('b', [0.2, 0.5, 0.3], { throwing: (i) => i === 40 })];
    seen.length = 0;
    apply(new Forecaster(instrument, TARGET, hooks, { models: alone }));
    expect(seen[40]).toEqual([40, 'the model b is asleep: it failed to forecast: it broke']);
    expect(seen[41]).toEqual([41, null]);
  });

  it('goes on after a gap with what it has learnt, and pools the models that started over', () => {
    const models = members();
    const combiner = new ExponentialWeights(shapeOf(models));
    const forecaster = apply(new Forecaster(instrument, TARGET, {}, { models, combiner }));
    const learnt = combiner.weights.slice();
    const last = batches.at(-1)!;
    const builder = new BatchBuilder(last.instrument, last.day, 1);
    builder.push(
      EventKind.FAULT,
      Side.NONE,
      0,
      Fault.DISCONNECT,
      last.tsEventNs[0],
      last.tsRecvNs[0],
      last.sequence[0],
      0,
    );
    builder.endMessage();
    forecaster.apply(builder.finish()!);
    expect(combiner.weights).toEqual(learnt);
    expect(forecaster.unresolved.dropped).toBe(TARGET.horizon);
    const before = forecaster.decisions;
    apply(forecaster);
    expect(forecaster.decisions).toBeGreaterThan(before + 1000);
    expect(combiner.weights).not.toEqual(learnt);
  });

  it('refuses a combiner of another size, and the ensemble of another forecaster', () => {
    const models = members();
    const combiner = new Uniform({ members: models.length + 1, classes: 3 });
    expect(() => new Forecaster(instrument, TARGET, {}, { models, combiner })).toThrow('as many members');
    const fitting = new Uniform(shapeOf(models));
    const pooled = new Forecaster(instrument, TARGET, {}, { models, combiner: fitting });
    expect(pooled.served).toBeInstanceOf(Ensemble);
    expect(() => new Forecaster(instrument, TARGET, {}, { models: pooled.models })).toThrow('part of one forecaster');
  });
});

function meanOf(models: readonly Model[]): number[] {
  const said = models.map((model) => {
    const out = new Float64Array(3);
    model.predict({ index: 60 } as Decision, out);
    return out;
  });
  return [...expertsOf(said)[said.length]];
}
