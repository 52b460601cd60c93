import { type AxisOptions, createAxis, drawBottomAxis, drawLeftAxis, extentOf, leftMargin } from './axis.ts';
import { type ChartOptions, emptyChart, frame } from './frame.ts';
import { binOf } from './heat-map.ts';
import { SEQUENTIAL_BINS } from './palette.ts';
import { element, label, px } from './svg.ts';

export interface ScatterOptions extends ChartOptions {
  readonly xs: readonly number[];
  readonly ys: readonly number[];
  readonly x: AxisOptions;
  readonly y: AxisOptions;
  /** A line through the points, and what to say of it. */
  readonly fit?: { readonly intercept: number; readonly slope: number; readonly text: string };
}

/** More points than this hide each other: their number in each small square is drawn instead. */
const MOST_POINTS = 2500;
const SQUARE = 7;

/** One point a pair, or where there are many how many lie where, darker for more (by their logarithm). */
export function scatter(options: ScatterOptions): string {
  const { xs, ys, width, height, fit } = options;
  const pairs = xs.map((x, i) => [x, ys[i]] as const).filter(([x, y]) => Number.isFinite(x) && Number.isFinite(y));
  const xExtent = extentOf(pairs.map(([x]) => x));
  const yExtent = extentOf(pairs.map(([, y]) => y));
  if (xExtent === null || yExtent === null) return emptyChart(options);
  const bottom = height - (options.x.label === undefined ? 22 : 38);
  const yAxis = createAxis(options.y, yExtent[0], yExtent[1], bottom, 12);
  const left = leftMargin(
    yAxis.ticks.map(({ text }) => text),
    options.y.label,
  );
  const plot = { left, top: 12, right: width - 12, bottom };
  const xAxis = createAxis(options.x, xExtent[0], xExtent[1], plot.left, plot.right);
  const places = pairs.map(([x, y]) => [xAxis.place(x), yAxis.place(y)] as const);
  const parts = [drawLeftAxis(yAxis, plot), drawBottomAxis(xAxis, plot)];
  parts.push(places.length > MOST_POINTS ? density(places) : points(places));
  if (fit !== undefined && Number.isFinite(fit.slope) && Number.isFinite(fit.intercept)) {
    // Where the line leaves the plot above or below, it ends there.
    const ends = clipLine(fit, options.x.domain ?? xExtent, options.y.domain ?? yExtent);
    const d = ends.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${px(xAxis.place(x))} ${px(yAxis.place(y))}`).join('');
    parts.push(element('path', { d, class: 's1', 'stroke-width': '2' }));
    parts.push(label(plot.left + 8, plot.top + 8, fit.text, { class: 'name' }));
  }
  return frame(options, parts);
}

function clipLine(
  { intercept, slope }: { intercept: number; slope: number },
  [left, right]: readonly [number, number],
  [low, high]: readonly [number, number],
): (readonly [number, number])[] {
  return [left, right].map((x) => {
    const y = intercept + slope * x;
    if (slope === 0 || (y >= low && y <= high)) return [x, y] as const;
    const edge = y < low ? low : high;
    return [(edge - intercept) / slope, edge] as const;
  });
}

/** Dots as one path of round ends: one element, however many. */
function points(places: readonly (readonly [number, number])[]): string {
  const d = places.map(([x, y]) => `M${px(x)} ${px(y)}h0`).join('');
  return element('path', { d, class: 's0', 'stroke-width': '3.2', 'stroke-linecap': 'round', 'stroke-opacity': '0.5' });
}

function density(places: readonly (readonly [number, number])[]): string {
  const counts = new Map<string, number>();
  for (const [x, y] of places) {
    const key = `${Math.floor(x / SQUARE) * SQUARE} ${Math.floor(y / SQUARE) * SQUARE}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const most = Math.log(Math.max(...counts.values()) + 1);
  const paths = new Array<string>(SEQUENTIAL_BINS).fill('');
  for (const [key, count] of counts) {
    // The lightest colour is the paper's: one point is already more than nothing.
    const bin = 1 + binOf(Math.log(count + 1), 0, most, SEQUENTIAL_BINS - 1);
    paths[bin] += `M${key}h${SQUARE}v${SQUARE}h${-SQUARE}z`;
  }
  const drawn = paths.map((d, bin) => (d === '' ? '' : element('path', { d, class: `q${bin}` })));
  return element('g', { 'shape-rendering': 'crispEdges' }, ...drawn);
}
