import { describe, expect, it } from 'vitest';
import { Random } from '../../src/core/index.ts';
import { baselineForecasts } from '../../src/evaluate/baseline-scores.ts';
import {
  emptyDecision,
  MajorityModel,
  MartingaleModel,
  type Model,
  PersistenceModel,
  type Target,
  TargetStream,
  TransitionModel,
} from '../../src/models/index.ts';
import type { RowMatrix } from '../../src/models/training.ts';
import { plainDataset } from './plain-dataset.ts';

function randomRows(seed: number, n: number, segments: number) {
  const random = new Random(seed);
  const rows = { timeNs: [] as number[], midTicks: [] as number[], segment: [] as number[] };
  let [time, mid] = [1e15, 1000];
  for (let i = 0; i < n; i++) {
    time += random.below(3) * 1e6;
    mid += random.below(3) === 0 ? random.below(3) - 1 : 0;
    rows.timeNs.push(time);
    rows.midTicks.push(mid);
    rows.segment.push(Math.floor((i * segments) / n));
  }
  return rows;
}

/** The online baselines as they are served: row after row through a `TargetStream`. */
function served(target: Target, matrix: RowMatrix): Map<number, number[][]> {
  const models: Model[] = [
    new MajorityModel(target),
    new PersistenceModel(target),
    new MartingaleModel(target),
    new TransitionModel(target),
  ];
  const stream = new TargetStream(target, 1000);
  const decision = emptyDecision(new Float64Array(0));
  const said = new Map<number, number[][]>();
  for (let row = 0; row < matrix.rows; row++) {
    if (row > 0 && matrix.segment[row] !== matrix.segment[row - 1]) stream.reset();
    decision.index = row;
    decision.tsNs = matrix.timeNs[row];
    decision.midTicks = matrix.midTicks[row];
    stream.onDecision(decision, (_slot, earlier, label) => {
      for (const model of models) model.update(earlier, label, new Float64Array(target.classes.length));
    });
    said.set(
      row,
      models.map((model) => {
        const out = new Float64Array(target.classes.length);
        model.predict(decision, out);
        return [...out];
      }),
    );
  }
  return said;
}

describe.each(['events:3', 'time:4', 'next-change'])('baselines on %s', (target) => {
  it('say what the served ones would have said, row after row', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const dataset = plainDataset(target, randomRows(seed, 300, 2), [100, 140]);
      const { baselines } = baselineForecasts(dataset);
      expect(baselines.map(({ name }) => name)).toEqual([
        'prior',
        'majority',
        'persistence',
        'martingale',
        'transition',
      ]);
      const expected = served(dataset.target, dataset.matrix);
      const classes = dataset.target.classes.length;
      dataset.test.rows.forEach((row, i) => {
        baselines.forEach(({ name, probabilities }, m) => {
          const found = [...probabilities.subarray(i * classes, (i + 1) * classes)];
          const wanted = m === 0 ? [...dataset.prior] : (expected.get(row) as number[][])[m - 1];
          expect(found, `${name}, seed ${seed}, row ${row}`).toEqual(wanted);
        });
      });
    }
  });
});

describe('the span of labels', () => {
  it('is counted in windows', () => {
    const mids = Array.from({ length: 200 }, (_, i) => i % 7);
    const times = mids.map((_, i) => i * 1e6);
    const { span } = baselineForecasts(plainDataset('events:10', { timeNs: times, midTicks: mids }, [100, 120]));
    // The last ten windows' labels come after the last window; it counts as far as that.
    expect(span).toBeGreaterThan(9);
    expect(span).toBeLessThanOrEqual(10);
  });
});
