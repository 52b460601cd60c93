import { createAxis, extentOf } from './axis.ts';
import { emptyChart, frame } from './frame.ts';
import { barsPath } from './histogram.ts';
import { drawSeries, type LinePoint, type LineSeries, lineChart } from './line-chart.ts';
import { element, px } from './svg.ts';

export interface Panel {
  readonly title: string;
  readonly description: string;
  readonly series: readonly LineSeries[];
}

export interface SmallMultiplesOptions {
  readonly panels: readonly Panel[];
  /** Of one panel. */
  readonly width: number;
  readonly height: number;
  readonly x: Parameters<typeof createAxis>[0];
  readonly y: Parameters<typeof createAxis>[0];
  readonly zero?: boolean;
}

/** One small chart a panel, all on the same axes, so that they compare; the page lays them out. */
export function smallMultiples(options: SmallMultiplesOptions): string[] {
  const { panels, width, height, zero = false } = options;
  const points = panels.flatMap(({ series }) => series.flatMap((one) => one.points));
  const ys = extentOf([...(zero ? [0] : []), ...points.flatMap(({ y, low = y, high = y }) => [y, low, high])]);
  const xs = extentOf(points.map(({ x }) => x));
  const shared = {
    x: xs === null ? options.x : { domain: xs, ...options.x },
    y: ys === null ? options.y : { domain: ys, ...options.y },
  };
  return panels.map((panel) => lineChart({ ...panel, ...shared, width, height }));
}

interface SparkOptions {
  /** What it shows, in full: there are no axes to read. */
  readonly title: string;
  readonly width?: number;
  readonly height?: number;
}

/** A line the size of a word. `domain` makes several comparable; 0 is drawn where it lies within. */
export function sparkline(
  values: readonly number[],
  options: SparkOptions & { readonly domain?: readonly [number, number] },
): string {
  const { title, width = 84, height = 20 } = options;
  const chart = { title, description: '', width, height };
  const extent = options.domain ?? extentOf(values);
  if (extent === null || extentOf(values) === null) return emptyChart(chart, '–');
  const points = values.map((y, x): LinePoint => ({ x, y }));
  const x = createAxis({ domain: [0, Math.max(1, values.length - 1)] }, 0, 1, 1.5, width - 1.5);
  const y = createAxis({ domain: extent }, 0, 1, height - 2, 2);
  const zero = extent[0] <= 0 && extent[1] >= 0 ? `M0 ${px(y.place(0))}H${px(width)}` : '';
  return frame(chart, [
    zero === '' ? '' : element('path', { d: zero, class: 'grid' }),
    drawSeries({ name: title, points }, 0, x, y, 1.25),
  ]);
}

/** A histogram the size of a word. */
export function sparkBars(counts: readonly number[], options: SparkOptions): string {
  const { title, width = 84, height = 20 } = options;
  const chart = { title, description: '', width, height };
  const most = Math.max(0, ...counts.filter(Number.isFinite));
  if (most === 0) return emptyChart(chart, '–');
  const d = barsPath(counts, 0, width, height, (count) => height - (count / most) * (height - 1));
  return frame(chart, [element('path', { d, class: 'f0' })]);
}
