import { Value } from 'typebox/value';
import { describe, expect, it } from 'vitest';
import { forwardParts } from '../../../src/evaluate/index.ts';
import { runStudy, type StudyEvent, type StudyOptions } from '../../../src/evaluate/study/study.ts';
import { ExponentialWeights } from '../../../src/forecast/index.ts';
import { LogisticModel, type MarketColumn, parseTarget } from '../../../src/models/index.ts';
import { createDataset, findKind, type ModelKind, type RowMatrix } from '../../../src/models/training.ts';
import { randomMatrix } from '../../models/training/random-matrix.ts';

const target = parseTarget('events:5');

/** A market in which the first signal says where the mid goes, most of the time. */
function telling(seed: number, rows: number): RowMatrix {
  const matrix = randomMatrix({ seed, rows, market: true, missing: 0, breaks: 0 });
  for (let row = 0; row + 5 < rows; row++) {
    const change = matrix.midTicks[row + 5] - matrix.midTicks[row];
    matrix.data[3 * row] = Math.sign(change) + matrix.data[3 * row];
  }
  return matrix;
}

function trainedBy(name: string, mirror: boolean) {
  const kind: ModelKind = findKind(name);
  return { name, kind, config: Value.Create(kind.config), mirror };
}

function optionsOf(matrix: RowMatrix, more: Partial<StudyOptions> = {}): StudyOptions {
  return {
    matrix,
    target,
    trained: [trainedBy('logistic', true), trainedBy('ridge', false)],
    online: (resolved) => [
      new LogisticModel({ name: 'bayes', target: resolved, featureCount: 3, schemaHash: matrix.schemaHash }),
    ],
    combiner: (shape) => new ExponentialWeights(shape),
    mirror: { source: [0, 1, 2], sign: [-1, 1, 1] },
    reach: 4,
    seed: 1,
    threads: 1,
    signal: new AbortController().signal,
    ...more,
  };
}

const loss = (labels: Int8Array, p: Float64Array): number =>
  labels.reduce((sum, label, i) => sum - Math.log(p[3 * i + label]), 0) / labels.length;

describe('a study', () => {
  it('finds what is there to be found, and says what came true', async () => {
    const events: StudyEvent[] = [];
    const study = await runStudy(optionsOf(telling(1, 6000), { onEvent: (event) => events.push(event) }));
    const { forecasts, labels, chosen, dataset } = study;
    expect(forecasts.map(({ name }) => name)).toEqual([
      'prior',
      'majority',
      'persistence',
      'martingale',
      'transition',
      'bayes',
      'logistic',
      'ridge',
      'ensemble',
    ]);
    expect(forecasts.filter(({ baseline }) => baseline)).toHaveLength(5);
    expect([...labels]).toEqual([...dataset.test.labels]);
    const losses = Object.fromEntries(forecasts.map(({ name, probabilities }) => [name, loss(labels, probabilities)]));
    expect(losses.prior - losses.ensemble).toBeGreaterThan(0.1);
    expect(['bayes', 'logistic', 'ridge']).toContain(chosen);
    expect(losses.ensemble).toBeLessThan(losses[chosen] + 0.01);
    expect(events.filter(({ kind }) => kind === 'fitted')).toHaveLength(2);
    expect(events.some(({ kind }) => kind === 'walk')).toBe(true);
  });

  it('says the same of a row, whatever comes later in the test part', async () => {
    const matrix = telling(2, 3000);
    const whole = await runStudy(optionsOf(matrix));
    // From the middle of the test part on another market: everything before must stay as it was.
    const other = telling(3, 3000);
    const from = 2600;
    const changed = {
      ...matrix,
      data: Float32Array.from(matrix.data, (x, i) => (i < 3 * from ? x : other.data[i])),
      midTicks: matrix.midTicks.map((x, i) => (i < from ? x : other.midTicks[i])),
    };
    const again = await runStudy(optionsOf(changed));
    const before = whole.dataset.test.rows.findIndex((row) => row >= from - 5);
    whole.forecasts.forEach(({ name, probabilities }, m) => {
      expect(again.forecasts[m].probabilities.subarray(0, 3 * before), name).toEqual(
        probabilities.subarray(0, 3 * before),
      );
    });
  });

  it('takes parts that were cut beforehand, and keeps what the ensemble said while it was weighed', async () => {
    const matrix = telling(4, 3000);
    const [parts] = forwardParts(matrix, target, { train: 0.5, validation: 0.2, test: 0.3 }, 2);
    const dataset = createDataset({ matrix, target, length: 1, reach: 4, parts });
    const study = await runStudy(optionsOf(matrix, { dataset }));
    expect(study.dataset).toBe(dataset);
    expect([...study.labels]).toEqual([...dataset.test.labels]);
    const ensemble = study.forecasts.at(-1)!.probabilities;
    expect(study.pooled).toHaveLength(3 * (dataset.validation.count + dataset.test.count));
    expect(study.pooled.subarray(3 * dataset.validation.count)).toEqual(ensemble);
  });

  it('stops where it is told to', async () => {
    const signal = AbortSignal.abort();
    await expect(runStudy(optionsOf(telling(1, 2000), { signal }))).rejects.toThrow(/stopped before all members/);
  });

  it('wants the columns that its members read', async () => {
    const missing: MarketColumn = 'spreadTicks';
    await expect(runStudy(optionsOf(randomMatrix({ seed: 1, rows: 2000 })))).rejects.toThrow(
      new RegExp(`no column ${missing}`),
    );
  });
});
