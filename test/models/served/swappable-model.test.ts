import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../src/core/index.ts';
import { FeatureEngine } from '../../../src/features/index.ts';
import { type Forecast, Forecaster } from '../../../src/forecast/index.ts';
import type { EventBatch, Instrument } from '../../../src/market/index.ts';
import {
  createModels,
  openServedModel,
  parseTarget,
  type ServedModel,
  SwappableModel,
} from '../../../src/models/index.ts';
import { openSim } from '../../../src/venues/sim/index.ts';
import { tempFile } from '../../cli/support.ts';
import { collect } from '../../support/batches.ts';
import { linearFile, lstmFile } from './files.ts';

const TARGET = parseTarget('events:10');
const LENGTH = 6;

let instrument: Instrument;
let batches: EventBatch[];
let schema: { names: readonly string[]; hash: string };

beforeAll(async () => {
  const source = openSim({ mode: 'realistic', seed: 4, messages: 3000 });
  ({ instrument } = source);
  batches = await collect(source.batches());
  ({ schema } = new FeatureEngine(instrument));
});

const FILES = {
  linear: (seed: number, length = LENGTH) => [linearFile, { seed, length }] as const,
  lstm: (seed: number, length = LENGTH) => [lstmFile, { seed, length }] as const,
};

async function open(kind: keyof typeof FILES, seed: number, length?: number): Promise<ServedModel> {
  const [write, spec] = FILES[kind](seed, length);
  const change = { schemaHash: schema.hash, signals: [...schema.names] };
  const bytes = write({ ...spec, width: schema.names.length }, change);
  const served = await openServedModel(tempFile('m.onnx', bytes), { target: TARGET, schema, clock: systemClock });
  onTestFinished(() => served.close());
  return served;
}

interface Said {
  index: number;
  version: string | null;
  probabilities: number[];
}

/** Runs the real forecaster; `after` a number of forecasts `swap` is called, between two messages. */
function run(model: SwappableModel, after = Number.POSITIVE_INFINITY, swap = (): void => {}): Said[] {
  const said: Said[] = [];
  const hooks = {
    onForecast: ({ index, abstained, version, probabilities }: Forecast) => {
      if (abstained === null) said.push({ index, version, probabilities: [...probabilities.at(-1)!] });
    },
  };
  const forecaster = new Forecaster(instrument, TARGET, hooks, { models: [...createModels(TARGET, schema), model] });
  let swapped = false;
  for (const batch of batches) {
    if (!swapped && said.length >= after) {
      swapped = true;
      swap();
    }
    forecaster.apply(batch);
  }
  expect(forecaster.served).toBe(model);
  expect(said).toHaveLength(forecaster.decisions);
  return said;
}

describe('SwappableModel', () => {
  it.each(['linear', 'lstm'] as const)(
    'replaces a model of kind %s between two forecasts: none is missing, none is of both',
    async (kind) => {
      const before = run(new SwappableModel(await open(kind, 1)));
      const after = run(new SwappableModel(await open(kind, 9)));
      const next = await open(kind, 9);
      const place = new SwappableModel(await open(kind, 1));
      const said = run(place, 500, () => void place.swap(next));
      expect(said.map(({ index }) => index)).toEqual(before.map((_, i) => i));
      const { since } = place;
      expect(since).toBeGreaterThanOrEqual(500);
      expect(place).toMatchObject({ swaps: 1, version: next.version, current: next });
      expect(said.slice(0, since)).toEqual(before.slice(0, since));
      // A window is a window: the new model says at once what it would have said, had it always stood there.
      if (kind === 'linear') expect(said.slice(since)).toEqual(after.slice(since));
      // A state goes further back than the rows handed over, and the past fades.
      else
        for (let k = 0; k < 3; k++)
          expect(said.at(-1)!.probabilities[k]).toBeCloseTo(after.at(-1)!.probabilities[k], 3);
    },
  );

  it('hands over the rows that there are to a model of longer windows', async () => {
    const place = new SwappableModel(await open('linear', 1, 4));
    const next = await open('linear', 9, 7);
    const said = run(place, 100, () => void place.swap(next));
    const alone = run(new SwappableModel(await open('linear', 9, 7)));
    const { since } = place;
    const prior = [0.25, 0.5, 0.25];
    expect(said.slice(since, since + 2).map(({ probabilities }) => probabilities)).toEqual([prior, prior]);
    expect(said.slice(since + 3)).toEqual(alone.slice(since + 3));
  });

  it('is swapped while the market runs on, loading included, many times', async () => {
    const versions = [await open('linear', 1), await open('linear', 2)];
    const place = new SwappableModel(versions[0]);
    const reference = new Map<string, Said[]>();
    for (const [i, seed] of [1, 2].entries()) {
      reference.set(versions[i].version, run(new SwappableModel(await open('linear', seed))));
    }
    const said: Said[] = [];
    const models = [...createModels(TARGET, schema), place];
    const forecaster = new Forecaster(
      instrument,
      TARGET,
      {
        onForecast: ({ index, abstained, version, probabilities }) => {
          if (abstained === null) said.push({ index, version, probabilities: [...probabilities.at(-1)!] });
        },
      },
      { models },
    );
    let loading = true;
    const swapping = (async () => {
      for (let seed = 2; loading; seed = 3 - seed) await place.swap(await open('linear', seed)).close();
    })();
    for (const batch of batches) {
      forecaster.apply(batch);
      // As a live feed leaves off between two batches: here until there were swaps enough.
      await new Promise((resolve) => (place.swaps < 4 ? setTimeout(resolve, 20) : setImmediate(resolve)));
    }
    loading = false;
    await swapping;
    expect(said).toHaveLength(forecaster.decisions);
    for (const one of said) expect(one).toEqual(reference.get(one.version!)![one.index]);
    expect(new Set(said.map(({ version }) => version)).size).toBe(2);
  });

  it('refuses a model of other rows and goes on with the one that it has', async () => {
    const place = new SwappableModel(await open('linear', 1));
    const names = ['a'];
    const other = await openServedModel(tempFile('m.onnx', linearFile({ width: 1, length: 2 }, { signals: names })), {
      target: TARGET,
      schema: { names, hash: 'test' },
      clock: systemClock,
    });
    onTestFinished(() => other.close());
    const { version } = place;
    expect(() => place.swap(other)).toThrow(/reads rows of schema test, and the model that it is to replace reads/);
    expect(place).toMatchObject({ version, swaps: 0 });
  });
});
