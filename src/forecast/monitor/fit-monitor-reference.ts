import { type CalibrationData, checkCalibrationData } from '../calibration/calibration-data.ts';
import { columnOf, quantile, type TrainingRows } from '../conformal/fit-training-range.ts';
import { binOf, type MonitorReference, type SignalHistogram } from './monitor-reference.ts';

const BINS = 15;
const DECILES = 10;

/**
 * The reference of training rows [from, to) and of forecasts as they are served, calibrated, on rows that their models were not
 * fitted on. A class that never came counts as one label in as many as there are. Throws `bad-input` for odd forecasts.
 */
export function fitMonitorReference(
  rows: TrainingRows,
  from: number,
  to: number,
  forecasts: CalibrationData,
): MonitorReference {
  checkCalibrationData(forecasts);
  const { classes, probabilities, labels } = forecasts;
  const count = labels.length;
  const top = new Float64Array(count);
  const right = new Uint8Array(count);
  const gaps = new Float64Array(classes);
  const share = new Float64Array(classes);
  for (let i = 0; i < count; i++) {
    let best = 0;
    for (let k = 0; k < classes; k++) {
      const p = probabilities[i * classes + k];
      gaps[k] += p / count;
      if (p > probabilities[i * classes + best]) best = k;
    }
    share[labels[i]] += 1 / count;
    top[i] = probabilities[i * classes + best];
    right[i] = best === labels[i] ? 1 : 0;
  }
  const edges = innerQuantiles(Float64Array.from(top).sort(), BINS);
  const away = new Float64Array(edges.length + 1);
  for (let i = 0; i < count; i++) away[binOf(edges, top[i])] += (top[i] - right[i]) / count;
  return {
    prior: Array.from(share, (s) => Math.max(s, 1 / count)),
    edges,
    ece: away.reduce((sum, gap) => sum + Math.abs(gap), 0),
    gaps: Array.from(gaps, (p, k) => p - share[k]),
    signals: rows.names.map((name, i) => histogramOf(name, rows, i, from, to)),
  };
}

function histogramOf(name: string, rows: TrainingRows, i: number, from: number, to: number): SignalHistogram {
  const column = columnOf(rows, i, from, to);
  const edges = innerQuantiles(column, DECILES);
  const shares = new Array<number>(edges.length + 2).fill(0);
  for (const x of column) shares[binOf(edges, x)] += 1 / (to - from);
  shares[edges.length + 1] = 1 - column.length / (to - from);
  return { name, edges, shares };
}

/** What parts sorted numbers into `parts` equal ones, each number once; the largest parts nothing. */
function innerQuantiles(sorted: Float64Array, parts: number): number[] {
  const edges: number[] = [];
  for (let i = 1; i < parts && sorted.length > 0; i++) {
    const edge = quantile(sorted, i / parts);
    if (edge !== edges[edges.length - 1] && edge < sorted[sorted.length - 1]) edges.push(edge);
  }
  return edges;
}
