import { Value } from 'typebox/value';
import { describe, expect, it } from 'vitest';
import { runStudy, type Study, type StudyOptions } from '../../../src/evaluate/index.ts';
import { parseClock, RowSampler } from '../../../src/features/index.ts';
import { ExponentialWeights, Forecaster } from '../../../src/forecast/index.ts';
import { LogisticModel, parseTarget } from '../../../src/models/index.ts';
import { fitScaler } from '../../../src/models/training/scaler.ts';
import { splitByTime } from '../../../src/models/training/split.ts';
import {
  createDataset,
  DEFAULT_SHARES,
  datasetOf,
  findKind,
  labelRows,
  type PreparedDataset,
  type RowMatrix,
} from '../../../src/models/training.ts';
import { openSim } from '../../../src/venues/sim/index.ts';
import { randomMatrix } from '../../models/training/random-matrix.ts';
import { type NullRun, nullRun, nullVerdicts } from './null-forecasts.ts';
import { Splitter, simulatedMarket } from './simulated-market.ts';
import { simulatedStudy, trainedMember } from './simulated-study.ts';

/** Each of the ways to fool oneself, done on purpose, beside what tells: silent on the pipeline as it is, and loud on the mutant. */

const MINUTES = 60_000;
const HORIZON = 10;
const target = parseTarget(`events:${HORIZON}`);
const SEEDS = [1, 2, 3];

/** Direction gains on markets where no direction can be known. */
async function nullRuns(options: {
  readonly split?: boolean;
  readonly clock?: 'burst' | 'event';
  readonly change?: (matrix: RowMatrix) => RowMatrix;
}): Promise<NullRun[]> {
  const { split = false, clock = 'burst', change = (matrix: RowMatrix) => matrix } = options;
  const out: NullRun[] = [];
  for (const seed of SEEDS) {
    const market = await simulatedMarket({ mode: 'null', seed, messages: 4000, target, split, clock });
    const changed = { ...market, matrix: change(market.matrix) };
    out.push(nullRun(await simulatedStudy(changed, { target, seed, trained: [trainedMember('logistic')] })));
  }
  return out;
}

const fooled = (runs: readonly NullRun[]): string[] =>
  nullVerdicts(runs)
    .filter(({ passed }) => !passed)
    .map(({ forecast }) => forecast);

/** Every mid one row late: a label is then made of the mid before the row, which the row's signals have seen change. */
const shifted = (matrix: RowMatrix): RowMatrix => ({
  ...matrix,
  midTicks: matrix.midTicks.map((mid, row) => matrix.midTicks[row - 1] ?? mid),
});

describe('labels shifted by one row', () => {
  it(
    'are skill where there is none',
    async () => {
      expect(fooled(await nullRuns({}))).toEqual([]);
      expect(fooled(await nullRuns({ change: shifted }))).toEqual(
        expect.arrayContaining(['bayes', 'bayes-slow', 'ensemble']),
      );
    },
    10 * MINUTES,
  );

  it(
    'are not those that a forecaster learns from the same messages',
    async () => {
      const told = { mode: 'realistic', seed: 3, messages: 3000 } as const;
      const { instrument, batches } = openSim(told);
      const live = new Map<number, number>();
      const forecaster = new Forecaster(instrument, target, {
        onOutcome: ({ index }, label) => void live.set(index, label),
      });
      for await (const batch of batches()) forecaster.apply(batch);
      const { matrix } = await simulatedMarket({ ...told, target });
      const differing = (rows: RowMatrix): number => {
        const { classes } = labelRows(rows, target);
        return [...live].filter(([index, label]) => classes[index] !== label).length;
      };
      expect(live.size).toBeGreaterThan(2500);
      expect(differing(matrix)).toBe(0);
      expect(differing(shifted(matrix))).toBeGreaterThan(20);
    },
    5 * MINUTES,
  );
});

function studyOf(matrix: RowMatrix, more: Partial<StudyOptions> = {}): Promise<Study> {
  const kind = findKind('logistic');
  return runStudy({
    matrix,
    target,
    trained: [{ name: 'logistic', kind, config: Value.Create(kind.config), mirror: false }],
    online: (resolved) => [
      new LogisticModel({ name: 'bayes', target: resolved, featureCount: 3, schemaHash: matrix.schemaHash }),
    ],
    combiner: (shape) => new ExponentialWeights(shape),
    mirror: null,
    reach: 1,
    seed: 1,
    threads: 1,
    signal: new AbortController().signal,
    ...more,
  });
}

const plain = (seed: number): RowMatrix => randomMatrix({ seed, rows: 3000, market: true, missing: 0, breaks: 0 });

describe('a scaler fitted on everything', () => {
  const FROM = 2700;
  const wilder = (matrix: RowMatrix): RowMatrix => ({
    ...matrix,
    data: matrix.data.map((x, i) => (i < matrix.width * FROM ? x : 50 * x)),
  });
  const onEverything = (matrix: RowMatrix): PreparedDataset =>
    datasetOf({
      matrix,
      target,
      length: 1,
      labels: labelRows(matrix, target),
      parts: splitByTime(matrix, DEFAULT_SHARES),
      scaler: fitScaler(matrix, [{ from: 0, to: matrix.rows }]).scaler,
      notes: [],
    });

  /** Forecasts of rows before `FROM` that depend on what the signals were from there on. */
  async function foreseeing(dataset: (matrix: RowMatrix) => PreparedDataset | undefined): Promise<string[]> {
    const matrix = plain(1);
    const other = wilder(matrix);
    const [one, two] = [matrix, other].map((rows) => {
      const own = dataset(rows);
      return studyOf(rows, own === undefined ? {} : { dataset: own });
    });
    const [before, after] = [await one, await two];
    const count = 3 * before.dataset.test.rows.findIndex((row) => row >= FROM);
    return before.forecasts
      .filter(({ probabilities }, m) =>
        probabilities.subarray(0, count).some((p, i) => p !== after.forecasts[m].probabilities[i]),
      )
      .map(({ name }) => name);
  }

  it(
    'makes forecasts depend on signals to come',
    async () => {
      expect(await foreseeing(() => undefined)).toEqual([]);
      expect(await foreseeing(onEverything)).toEqual(['logistic', 'ensemble']);
    },
    5 * MINUTES,
  );
});

describe('a dropped embargo', () => {
  /** Rows from the one with which a part's last label is known to the next part's first: less than a horizon is too near. */
  function distances({ train, validation, test }: PreparedDataset): number[] {
    const last = ({ rows }: { rows: Int32Array }): number => rows[rows.length - 1] + HORIZON;
    return [validation.rows[0] - last(train), test.rows[0] - last(validation)];
  }
  const near = (dataset: PreparedDataset): boolean => distances(dataset).some((rows) => rows < HORIZON);

  it(
    'lets parts come nearer than a horizon',
    async () => {
      const matrix = plain(2);
      expect(near((await studyOf(matrix)).dataset)).toBe(false);
      const without = createDataset({ matrix, target, length: 1, embargo: 0 });
      const { dataset } = await studyOf(matrix, { dataset: without });
      expect(near(dataset)).toBe(true);
      expect(Math.min(...distances(dataset))).toBeGreaterThan(0);
    },
    5 * MINUTES,
  );

  it('and a dropped purge lets labels reach into the next part', async () => {
    const matrix = plain(2);
    const { classes } = labelRows(matrix, target);
    const own = Int32Array.from(classes, (_, row) => row);
    const parts = splitByTime(matrix, DEFAULT_SHARES);
    const labels = { classes, knownAt: own };
    const without = datasetOf({ matrix, target, length: 1, labels, parts, scaler: null, embargo: 0, notes: [] });
    expect(Math.max(...distances(without))).toBeLessThan(0);
  });
});

describe('deciding inside a burst', () => {
  // A move of the simulator is one message of several orders. Told one by one, the first of them gives the direction away.
  it(
    'is skill where there is none',
    async () => {
      expect(fooled(await nullRuns({ split: true }))).toEqual([]);
      expect(fooled(await nullRuns({ split: true, clock: 'event' }))).toEqual(
        expect.arrayContaining(['bayes', 'bayes-slow']),
      );
    },
    10 * MINUTES,
  );

  it(
    'is not what a forecaster does: one forecast an instant, of the state that the burst left',
    async () => {
      const source = openSim({ mode: 'realistic', seed: 4, messages: 1500 });
      const splitter = new Splitter();
      const whole: string[] = [];
      const inParts: string[] = [];
      const sampled: string[] = [];
      const forecasterOf = (into: string[]): Forecaster =>
        new Forecaster(source.instrument, target, {
          onForecast: ({ tsEventNs, midTicks }) => void into.push(`${tsEventNs} ${midTicks}`),
        });
      const [one, many] = [forecasterOf(whole), forecasterOf(inParts)];
      const clock = parseClock('event', source.instrument);
      const mutant = new RowSampler(source.instrument, { clock }, ({ tsEventNs, midTicks }) => {
        sampled.push(`${tsEventNs} ${midTicks}`);
      });
      for await (const batch of source.batches()) {
        const split = splitter.split(batch);
        one.apply(batch);
        many.apply(split);
        mutant.apply(split);
      }
      const instants = (said: readonly string[]): number => new Set(said.map((text) => text.split(' ')[0])).size;
      expect(inParts).toEqual(whole);
      expect(instants(inParts)).toBe(inParts.length);
      expect(instants(sampled)).toBeLessThan(sampled.length);
    },
    5 * MINUTES,
  );
});
