import { beforeAll, describe, expect, it } from 'vitest';
import {
  AbstentionRule,
  ConformalSets,
  ExponentialWeights,
  Forecaster,
  type ForecasterHooks,
  type ForecasterOptions,
  ForecastMonitor,
  OnlineTemperature,
  type PredictionSet,
  STAGES,
  withStack,
} from '../../src/forecast/index.ts';
import { BatchBuilder, type EventBatch, EventKind, type Instrument, Side } from '../../src/market/index.ts';
import { createModels, type Decision, type Label, type Model, parseTarget } from '../../src/models/index.ts';
import { openSim } from '../../src/venues/sim/index.ts';
import { collect } from '../support/batches.ts';

const TARGET = parseTarget('events:10');
const CLASSES = 3;
let instrument: Instrument;
let batches: EventBatch[];

beforeAll(async () => {
  const source = openSim({ mode: 'realistic', seed: 11, messages: 3000 });
  instrument = source.instrument;
  batches = await collect(source.batches());
});

function run(options: ForecasterOptions, hooks: ForecasterHooks = {}): Forecaster {
  const forecaster = new Forecaster(instrument, TARGET, hooks, options);
  for (const batch of batches) forecaster.apply(batch);
  return forecaster;
}

/** A model that says the same always, and nothing while `silent`. */
function says(name: string, p: readonly number[], silent: (i: number) => boolean = () => false): Model {
  return {
    name,
    baseline: false,
    schemaHash: null,
    predict: ({ index }: Decision, out: Float64Array) => out.set(silent(index) ? [Number.NaN, 0, 0] : p),
    update: () => {},
  };
}

describe('a forecaster with a calibrator, sets, a rule and a monitor', () => {
  it('serves what a calibrator and sets taught by hand say, by what was said and given at each decision', () => {
    const settings = { classes: CLASSES, weight: 0.1 };
    const oracle = new OnlineTemperature(settings);
    const ownSets = new ConformalSets({ classes: CLASSES, overlap: 10 });
    const given: PredictionSet[] = [];
    const raws: Float64Array[] = [];
    const out = new Float64Array(CLASSES);
    let sizes = 0;
    const hooks: ForecasterHooks = {
      onForecast: ({ index, probabilities, set, abstained }) => {
        expect(abstained).toBe(null);
        const raw = probabilities[probabilities.length - 2];
        oracle.apply(raw, out);
        expect(probabilities.at(-1)).toEqual(out);
        const own = ownSets.emptySet();
        ownSets.predict(index, out, own);
        expect({ ...set }).toEqual({ ...own });
        given[index] = own;
        raws[index] = raw.slice();
        sizes += own.size;
      },
      onOutcome: ({ index }: Decision, label: Label, said) => {
        expect(said.at(-2)).toEqual(raws[index]);
        oracle.learn(raws[index], label);
        ownSets.learn(given[index], label);
      },
    };
    const calibrator = new OnlineTemperature(settings);
    const sets = new ConformalSets({ classes: CLASSES, overlap: 10 });
    const forecaster = run({ calibrator, sets }, hooks);
    expect(forecaster.served.name).toBe('bayes-softmax-calibrated');
    expect(calibrator.save()).toEqual(oracle.save());
    expect(sets.save()).toEqual(ownSets.save());
    expect(calibrator.temperature).not.toBe(1);
    expect(sizes / given.length).toBeGreaterThan(1);
  });

  it('changes no hash where it only watches, gives sets or withholds; and only adds one where it calibrates', () => {
    const plain = run({});
    const watched = run({
      sets: new ConformalSets({ classes: CLASSES }),
      monitor: new ForecastMonitor({ classes: TARGET.classes, reference: null }),
      abstention: new AbstentionRule({ classes: CLASSES, staleAfterNs: null, range: null }),
    });
    expect(watched.hash()).toEqual(plain.hash());
    const mapped = run({ calibrator: new OnlineTemperature({ classes: CLASSES }) });
    expect(mapped.hash().rows).toBe(plain.hash().rows);
    expect(mapped.hash().forecasts).not.toBe(plain.hash().forecasts);
    expect(mapped.last.probabilities.slice(0, -1)).toEqual(plain.last.probabilities);
    expect([plain.last.weights, plain.last.set, plain.calibrated]).toEqual([null, null, null]);
  });

  it('withholds a forecast of several classes where the rule wants that, with the reason, and tells the monitor', () => {
    const monitor = new ForecastMonitor({ classes: TARGET.classes, reference: null });
    const options = {
      sets: new ConformalSets({ classes: CLASSES }),
      abstention: new AbstentionRule({ classes: CLASSES, staleAfterNs: null, range: null }),
      monitor,
    };
    let withheld = 0;
    let outcomes = 0;
    const seen = new Set<string>();
    const forecaster = run(options, {
      onForecast: ({ abstained, set }) => {
        expect(abstained === null).toBe(set!.size === 1);
        if (abstained !== null) seen.add(abstained);
      },
      onOutcome: () => outcomes++,
    });
    const { forecasts, abstentions, scores } = monitor.snapshot();
    withheld = abstentions.ambiguous;
    expect(forecasts).toBe(forecaster.decisions);
    expect(withheld).toBeGreaterThan(100);
    expect([...seen].every((reason) => /^[23] of 3 classes cannot be ruled out$/.test(reason))).toBe(true);
    // What is withheld is learnt from and scored all the same.
    expect(scores.at(-1)!.outcomes).toBe(outcomes);
    expect(outcomes).toBe(forecaster.decisions - TARGET.horizon);
  });

  it('gives no set, and learns none, while nobody says anything', () => {
    const silent = (i: number): boolean => i >= 200 && i < 400;
    const sets = new ConformalSets({ classes: CLASSES });
    const monitor = new ForecastMonitor({ classes: TARGET.classes, reference: null });
    const reasons = new Set<string | null>();
    const forecaster = run(
      {
        models: [says('shy', [0.2, 0.5, 0.3], silent)],
        combiner: new ExponentialWeights({ members: 1, classes: CLASSES }),
        calibrator: new OnlineTemperature({ classes: CLASSES }),
        sets,
        monitor,
      },
      {
        onForecast: ({ abstained, set, awake, index }) => {
          reasons.add(abstained);
          expect([...awake]).toEqual(silent(index) ? [0, 0, 0] : [1, 1, 1]);
          expect(set!.size > 0).toBe(!silent(index));
        },
      },
    );
    expect([...reasons].filter((reason) => reason !== null)).toEqual([
      'the ensemble is asleep: all its 1 members are; the last: what it wrote are no probabilities',
    ]);
    const { forecasts, scores } = monitor.snapshot();
    expect(forecasts).toBe(forecaster.decisions - 200);
    expect(scores.at(-1)!.outcomes).toBe(forecaster.decisions - 200 - TARGET.horizon);
  });

  it('pools the last models where the combiner is made for fewer: baselines are scored beside it', () => {
    const { schema } = new Forecaster(instrument, TARGET).features;
    const models = createModels(TARGET, schema);
    const combiner = new ExponentialWeights({ members: 4, classes: CLASSES });
    const oracle = new ExponentialWeights({ members: 4, classes: CLASSES });
    const out = new Float64Array(CLASSES);
    const forecaster = run(
      { models, combiner },
      {
        onForecast: ({ probabilities, weights }) => {
          oracle.combine(probabilities.slice(4, 8), Uint8Array.of(1, 1, 1, 1), out);
          expect(probabilities[8]).toEqual(out);
          expect(weights).toEqual(oracle.weights);
        },
        onOutcome: ({ span }, label, said) => oracle.settle(said.slice(4, 8), Uint8Array.of(1, 1, 1, 1), label, span),
      },
    );
    expect(forecaster.members.map(({ name }) => name)).toEqual([
      'imbalance-logistic',
      'regime-softmax',
      'dma-softmax',
      'bayes-softmax',
    ]);
  });

  it('says that what it serves was trained on a decision where a member was', () => {
    const trained = { ...says('net', [0.2, 0.5, 0.3]), learntAt: (_: string, day: number) => day === 7 };
    const combiner = new ExponentialWeights({ members: 2, classes: CLASSES });
    const calibrator = new OnlineTemperature({ classes: CLASSES });
    const models = [says('plain', [0.2, 0.5, 0.3]), trained];
    const { served } = new Forecaster(instrument, TARGET, {}, { models, combiner, calibrator });
    expect([7, 8].map((day) => served.learntAt!('x', day, 0))).toEqual([true, false]);
  });

  it('refuses a calibrator of other classes, and a model that belongs to another forecaster', () => {
    const calibrator = new OnlineTemperature({ classes: 2 });
    expect(() => new Forecaster(instrument, TARGET, {}, { calibrator })).toThrow('as many classes');
    const fitting = new OnlineTemperature({ classes: CLASSES });
    const { models } = new Forecaster(instrument, TARGET, {}, { calibrator: fitting });
    expect(() => new Forecaster(instrument, TARGET, {}, { models })).toThrow('part of one forecaster');
  });

  it('times its stages for the monitor, and forecasts the same', () => {
    let now = 0;
    const clock = { nowMs: () => 0, monotonicNs: () => (now += 100) };
    const monitor = new ForecastMonitor({ classes: TARGET.classes, reference: null, stages: STAGES });
    const timed = run({ monitor, clock });
    const { latency } = monitor.snapshot();
    expect(Object.keys(latency)).toEqual([...STAGES]);
    for (const { count, p50Ns } of Object.values(latency)) expect([count, p50Ns]).toEqual([timed.decisions, 100]);
    expect(timed.hash()).toEqual(run({}).hash());
  });
});

describe('a live book that falls silent', () => {
  /** One message a millisecond, on our own clock. */
  function live(): { instrument: Instrument; batch: EventBatch } {
    const builder = new BatchBuilder('test:LIVE', 20_000, 4096);
    for (let k = 1; k <= 50; k++) {
      const ns = k * 5e6;
      if (k === 1) builder.push(EventKind.SNAPSHOT, Side.NONE, 0, 0, ns, ns, k, 0);
      builder.push(EventKind.LEVEL, Side.BID, 100, 1 + (k % 7), ns, ns, k, 0);
      builder.push(EventKind.LEVEL, Side.ASK, 101, 1 + (k % 5), ns, ns, k, 0);
      builder.endMessage();
    }
    const quiet = { burstQuietNs: 1e6, depthLimit: null, sequencing: 'consecutive' as const };
    return {
      instrument: { venue: 'test', name: 'LIVE', tickSize: '1', lotSize: '1', ...quiet },
      batch: builder.finish()!,
    };
  }

  it('loses its forecast once it is too old, says why once, and changes no forecast', () => {
    const { instrument: own, batch } = live();
    const seen: (string | null)[] = [];
    const hooks: ForecasterHooks = { onForecast: ({ abstained }) => seen.push(abstained) };
    const forecaster = new Forecaster(own, TARGET, hooks, withStack(own, TARGET));
    forecaster.apply(batch);
    const last = 50 * 5e6;
    forecaster.quietUntil(last + 2e6);
    expect(seen.at(-1)).toBe(null);
    const said = seen.length;
    const { forecasts } = forecaster.hash();
    for (const age of [9e9, 11e9, 12e9]) forecaster.quietUntil(last + age);
    expect(seen.slice(said)).toEqual(['the book is stale: nothing was received for more than 10000 ms']);
    expect(forecaster.last.index).toBe(forecaster.decisions);
    expect(forecaster.hash().forecasts).toBe(forecasts);
  });
});
