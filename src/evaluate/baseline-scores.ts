import {
  type Decision,
  emptyDecision,
  type Label,
  MajorityModel,
  MartingaleModel,
  type Model,
  PersistenceModel,
  TransitionModel,
} from '../models/index.ts';
import { type Dataset, labelRows, type Windows } from '../models/training.ts';

/** What a model without skill says of each window: count × classes, as `FittedModel.predict` gives it. */
export interface BaselineForecast {
  readonly name: string;
  readonly probabilities: Float64Array;
}

export interface BaselineForecasts {
  readonly baselines: readonly BaselineForecast[];
  /** Mean number of windows from one to the first that knows its label: how far labels overlap, at least 1. */
  readonly span: number;
}

/**
 * The no-skill baselines on the test part. `prior` says the classes' shares in training and never learns; the others are the online
 * baselines (`MajorityModel` and its like), taught every label of the dataset in order of time, each as soon as it exists: during the
 * test part too, which makes them harder to beat.
 */
export function baselineForecasts(dataset: Dataset): BaselineForecasts {
  const { target, test, prior } = dataset;
  const classes = target.classes.length;
  const models: Model[] = [
    new MajorityModel(target),
    new PersistenceModel(target),
    new MartingaleModel(target),
    new TransitionModel(target),
  ];
  const outs = models.map(() => new Float64Array(test.count * classes));
  // A published label that goes beyond its segment is known with the row itself, since there is no later one.
  const known = labelRows(dataset.matrix, target).knownAt.map((at, row) => (at < 0 ? row : at));
  walk(dataset, known, models, (window, decision) => {
    models.forEach((model, m) => {
      model.predict(decision, outs[m].subarray(window * classes, (window + 1) * classes));
    });
  });
  const constant = new Float64Array(test.count * classes);
  for (let i = 0; i < test.count; i++) constant.set(prior, i * classes);
  return {
    baselines: [
      { name: 'prior', probabilities: constant },
      ...models.map(({ name }, m) => ({ name, probabilities: outs[m] })),
    ],
    span: meanSpan(test, known),
  };
}

/** Teaches every label once it exists, and calls `onTest` at each window of the test part, in order of time. */
function walk(
  { matrix, target, train, validation, test }: Dataset,
  known: Int32Array,
  models: readonly Model[],
  onTest: (window: number, decision: Decision) => void,
): void {
  const { timeNs, segment } = matrix;
  const rows = concat(train.rows, validation.rows, test.rows);
  const labels = concat(train.labels, validation.labels, test.labels);
  const firstTest = train.count + validation.count;
  const byKnown = orderBy(rows.length, (i) => timeNs[known[rows[i]]]);
  // The last known label in each segment: the outcome of another market or day is none that repeats here.
  const last = new Int32Array((segment.at(-1) ?? 0) + 1).fill(-1);
  const lastAt = new Int32Array(rows.length);
  const unused = new Float64Array(target.classes.length);
  const decision = emptyDecision(new Float64Array(0));
  let next = 0;
  for (const now of orderBy(rows.length, (i) => timeNs[rows[i]])) {
    const row = rows[now];
    for (; next < byKnown.length; next++) {
      const taught = byKnown[next];
      const at = known[rows[taught]];
      // Of rows at one instant only those before this one are known.
      if (timeNs[at] > timeNs[row] || (timeNs[at] === timeNs[row] && at > row)) break;
      decision.lastLabel = lastAt[taught];
      // Besides `TargetStream` the only place where a number becomes a label: `known` says that it exists.
      for (const model of models) model.update(decision, labels[taught] as Label, unused);
      last[segment[at]] = labels[taught];
    }
    decision.lastLabel = last[segment[row]];
    lastAt[now] = decision.lastLabel;
    if (now >= firstTest) onTest(now - firstTest, decision);
  }
}

function concat(...parts: readonly Int32Array[]): Int32Array {
  const all = new Int32Array(parts.reduce((n, part) => n + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function orderBy(n: number, key: (i: number) => number): Int32Array {
  const keys = Float64Array.from({ length: n }, (_, i) => key(i));
  return Int32Array.from({ length: n }, (_, i) => i).sort((a, b) => keys[a] - keys[b] || a - b);
}

function meanSpan({ rows, count }: Windows, known: Int32Array): number {
  let sum = 0;
  let to = 0;
  for (let i = 0; i < count; i++) {
    to = Math.max(to, i);
    while (to < count && rows[to] < known[rows[i]]) to++;
    sum += to - i;
  }
  return count === 0 ? 1 : Math.max(1, sum / count);
}
