import { parseTarget } from '../../src/models/index.ts';
import type { Dataset, RowMatrix, Windows } from '../../src/models/training.ts';

interface Rows {
  readonly timeNs: readonly number[];
  readonly midTicks: readonly number[];
  readonly segment?: readonly number[];
}

/** Rows without signals, every row with a label a window; cut at the given rows. The labels are made the naive way. */
export function plainDataset(target: string, rows: Rows, cuts: readonly [number, number]): Dataset {
  const parsed = parseTarget(target);
  const n = rows.midTicks.length;
  const segment = Int32Array.from(rows.segment ?? new Array(n).fill(0));
  const matrix: RowMatrix = {
    rows: n,
    width: 1,
    data: new Float32Array(n),
    names: ['none'],
    schemaHash: 'plain',
    timeNs: Float64Array.from(rows.timeNs),
    midTicks: Float64Array.from(rows.midTicks),
    segment,
    hash: 'plain',
    startDay: 0,
    simulated: true,
  };
  const labelled: { row: number; label: number }[] = [];
  for (let row = 0; row < n; row++) {
    const label = naiveLabel(matrix, row, target);
    if (label !== null) labelled.push({ row, label: parsed.kind === 'next-change' ? label / 2 : label });
  }
  const part = (from: number, to: number): Windows => {
    const own = labelled.filter(({ row }) => row >= from && row < to);
    return {
      matrix,
      length: 1,
      count: own.length,
      rows: Int32Array.from(own, ({ row }) => row),
      labels: Int32Array.from(own, ({ label }) => label),
      fill: () => {
        throw new Error('these rows have no signals');
      },
    };
  };
  const train = part(0, cuts[0]);
  const prior = new Float64Array(parsed.classes.length);
  for (const label of train.labels) prior[label] += 1 / train.count;
  const dataset: Dataset = {
    matrix,
    target: parsed,
    scaler: { mean: new Float32Array(1), deviation: new Float32Array(1).fill(1), clip: 10 },
    train,
    validation: part(cuts[0], cuts[1]),
    test: part(cuts[1], n),
    prior,
    withLength: () => dataset,
  };
  return dataset;
}

/** 0 down, 1 flat, 2 up; null where the segment ends too early. */
function naiveLabel({ midTicks, timeNs, segment }: RowMatrix, row: number, target: string): number | null {
  const [kind, horizon] = target.split(':');
  let after: number | null = null;
  for (let at = row + 1; at < midTicks.length && segment[at] === segment[row] && after === null; at++) {
    if (kind === 'events' && at === row + Number(horizon)) after = midTicks[at];
    if (kind === 'time' && timeNs[at] > timeNs[row] + Number(horizon) * 1e6) after = midTicks[at - 1];
    if (kind === 'next-change' && midTicks[at] !== midTicks[row]) after = midTicks[at];
  }
  return after === null ? null : Math.sign(after - midTicks[row]) + 1;
}
