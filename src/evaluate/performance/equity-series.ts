import type { EquityPoint } from '../../backtest/index.ts';
import { BookcastError, NS_PER_SECOND } from '../../core/index.ts';

/** What was gained in each of many equal steps of time. */
export interface EquitySeries {
  /** Length of one step, ns. */
  readonly stepNs: number;
  /** Profit of each step, all costs paid, in the currency of profit. */
  readonly net: Float64Array;
  /** The same before costs. */
  readonly gross: Float64Array;
  /** What the equity stood at before the first step, costs paid; drawdowns are measured from here. */
  readonly start: number;
}

/** More steps than this are joined before they are resampled: it costs time and tells nothing more. */
const MOST_STEPS = 20_000;

/**
 * The steps of an equity curve. All points must be equally far apart in time, so that no ratio can depend on how many ticks there were; only
 * the last step may be shorter (the end of a run between two points of the grid): it is left out. Throws `bad-input` for a point off the
 * grid, times that do not rise, a value that is no number, or fewer than three points.
 */
export function equitySeries(points: readonly EquityPoint[]): EquitySeries {
  if (points.length < 3) {
    throw new BookcastError(
      'bad-input',
      `an equity curve of ${points.length} points has no two steps of time; make the run longer or the grid finer`,
      { points: points.length },
    );
  }
  const stepNs = points[1].ns - points[0].ns;
  let steps = points.length - 1;
  if (points[steps].ns - points[steps - 1].ns < stepNs && points[steps].ns > points[steps - 1].ns) steps--;
  for (let i = 1; i <= steps; i++) checkPoint(points, i, stepNs);
  return {
    stepNs,
    net: Float64Array.from({ length: steps }, (_, i) => points[i + 1].net - points[i].net),
    gross: Float64Array.from({ length: steps }, (_, i) => points[i + 1].gross - points[i].gross),
    start: points[0].net,
  };
}

function checkPoint(points: readonly EquityPoint[], at: number, stepNs: number): void {
  const { ns, net, gross } = points[at];
  const step = ns - points[at - 1].ns;
  if (!(step > 0) || Math.abs(step - stepNs) > 1) {
    throw new BookcastError(
      'bad-input',
      `point ${at} of the equity curve lies ${step} ns after the one before, the first step is ${stepNs} ns; statistics need points on a grid of time, not one a tick or a trade`,
      { point: at, stepNs: step, expectedNs: stepNs },
    );
  }
  if (Number.isFinite(net) && Number.isFinite(gross)) return;
  throw new BookcastError(
    'bad-input',
    `point ${at} of the equity curve is ${net} net and ${gross} gross; both must be numbers`,
    { point: at },
  );
}

export function spanNs(series: EquitySeries): number {
  return series.net.length * series.stepNs;
}

export function stepSeconds(series: EquitySeries): number {
  return series.stepNs / NS_PER_SECOND;
}

/** Runs of `join` steps made one; what is left over at the end is left out. */
export function joinSteps(series: EquitySeries, join: number): EquitySeries {
  if (join === 1) return series;
  const steps = Math.floor(series.net.length / join);
  const joined = (values: Float64Array): Float64Array => {
    const sums = new Float64Array(steps);
    for (let i = 0; i < steps * join; i++) sums[Math.floor(i / join)] += values[i];
    return sums;
  };
  return { ...series, stepNs: series.stepNs * join, net: joined(series.net), gross: joined(series.gross) };
}

/** The same series in at most 20,000 steps. */
export function coarsened(series: EquitySeries): EquitySeries {
  return joinSteps(series, Math.ceil(series.net.length / MOST_STEPS));
}
