import { type CapacityCurve, capacityCurve } from '../performance/capacity-curve.ts';
import type { CurveResampling } from '../performance/curve-intervals.ts';
import { coarsened } from '../performance/equity-series.ts';
import type { CostedCurve } from './recost.ts';
import { type SweepAxis, sweepIndex } from './sweep-result.ts';

/**
 * What the axis `size` (numbers above 0) says of how much the strategy can trade, the other axes where the run itself stands, else at their first value: one sentence.
 * Null where size was not varied.
 */
export function capacityNote(
  currency: string,
  axes: readonly SweepAxis[],
  curves: readonly CostedCurve[],
  resampling: CurveResampling,
): string | null {
  const along = axes.findIndex(({ name }) => name === 'size');
  if (along === -1 || axes[along].values.length < 2) return null;
  const { values, unit } = axes[along];
  const runs = values.map((size, place) => {
    const { stepNs, netSteps, grossSteps } = curves[placeOf(axes, along, place)];
    const series = { stepNs, net: Float64Array.from(netSteps), gross: Float64Array.from(grossSteps), start: 0 };
    return { size: Number(size), series: coarsened(series) };
  });
  const others = axes.flatMap(({ name, values: theirs, unit: its, own }, i) =>
    i === along ? [] : [`${name} ${theirs[own ?? 0]}${its === '' ? '' : ` ${its}`}`],
  );
  const where = others.length === 0 ? '' : ` at ${others.join(', ')}`;
  return `capacity${where}: ${told(capacityCurve(runs, resampling), unit, currency)}`;
}

function placeOf(axes: readonly SweepAxis[], along: number, place: number): number {
  return sweepIndex(
    axes,
    axes.map(({ own }, i) => (i === along ? place : (own ?? 0))),
  );
}

function told({ points, best, largestProfitable, open }: CapacityCurve, unit: string, currency: string): string {
  const money = (value: number): string => `${Number(value.toPrecision(3))} ${currency}`;
  const sized = (size: number): string => `${size} ${unit === 'lots' && size === 1 ? 'lot' : unit}`;
  const [first, last] = [points[0], points[points.length - 1]];
  const top = points.find(({ size }) => size === best) as CapacityCurve['points'][number];
  const beyond = open ? ', the largest size that was run, so that its capacity lies beyond' : '';
  const most =
    top.net > 0
      ? `net profit is largest with ${sized(best)} (${money(top.net)})${beyond}`
      : `there is no net profit with any size, and the least loss with ${sized(best)} (${money(top.net)})`;
  const each = `by unit of size it is ${money(first.netPerSize)} with ${sized(first.size)} and ${money(last.netPerSize)} with ${sized(last.size)}`;
  const shown =
    largestProfitable === null
      ? 'no size has an interval above zero'
      : `the largest size whose interval lies above zero is ${sized(largestProfitable)}`;
  return `${most}; ${each}; ${shown}`;
}
