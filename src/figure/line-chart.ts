import { area, line } from 'd3-shape';
import { type Axis, type AxisOptions, createAxis, drawBottomAxis, drawLeftAxis, extentOf, leftMargin } from './axis.ts';
import { type ChartOptions, emptyChart, frame, type Plot } from './frame.ts';
import { lineLegend } from './legend.ts';
import { DASHES, SERIES_COUNT } from './palette.ts';
import { element, label, px } from './svg.ts';

export interface LinePoint {
  readonly x: number;
  /** `NaN` breaks the line. */
  readonly y: number;
  /** An interval around it, drawn as a band. */
  readonly low?: number;
  readonly high?: number;
}

export interface LineSeries {
  readonly name: string;
  readonly points: readonly LinePoint[];
  /** Filled down to zero. */
  readonly area?: boolean;
  /** Dots at the points. */
  readonly dots?: boolean;
  /** Which colour and which dashes; both are the place in the list where not given. */
  readonly style?: { readonly colour: number; readonly dash: number; readonly width?: number };
}

export interface LineChartOptions extends ChartOptions {
  readonly series: readonly LineSeries[];
  readonly x: AxisOptions;
  readonly y: AxisOptions;
  /** The y axis has 0 on it. */
  readonly zero?: boolean;
  /** Lines across, such as a threshold. */
  readonly references?: readonly { readonly y: number; readonly text: string }[];
}

/** Series as lines over one axis: told apart by dashes and a legend as well as by colour. */
export function lineChart(options: LineChartOptions): string {
  const { series, width, height, zero = false, references = [] } = options;
  const points = series.flatMap((one) => one.points);
  const known = points.filter(({ x, y }) => Number.isFinite(x) && Number.isFinite(y));
  const xs = extentOf(known.map(({ x }) => x));
  const ys = extentOf([
    ...known.flatMap(({ y, low = y, high = y }) => [y, low, high]),
    ...references.map(({ y }) => y),
    ...(zero || series.some((one) => one.area === true) ? [0] : []),
  ]);
  if (xs === null || ys === null) return emptyChart(options);
  const legend = lineLegend(series, 8, width - 8);
  const top = legend.height + 8;
  const bottom = height - (options.x.label === undefined ? 22 : 38);
  const y = createAxis(options.y, ys[0], ys[1], bottom, top);
  const left = leftMargin(
    y.ticks.map(({ text }) => text),
    options.y.label,
  );
  const plot: Plot = { left, top, right: width - 12, bottom };
  const x = createAxis(options.x, xs[0], xs[1], plot.left, plot.right);
  return frame(options, [
    legend.markup,
    drawLeftAxis(y, plot),
    drawBottomAxis(x, plot),
    ...references.map(({ y: at, text }) => reference(y.place(at), text, plot)),
    ...series.map((one, i) => drawSeries(one, i, x, y)),
  ]);
}

function reference(y: number, text: string, plot: Plot): string {
  const d = `M${px(plot.left)} ${px(y)}H${px(plot.right)}`;
  return (
    element('path', { d, class: 'axis', 'stroke-dasharray': '3 3' }) +
    label(plot.right, y - 4, text, { anchor: 'end', class: 'dim', size: 10 })
  );
}

/** One series: its band, its area, its line and its dots, whichever it has. */
export function drawSeries(series: LineSeries, index: number, x: Axis, y: Axis, strokeWidth = 1.5): string {
  const { points } = series;
  const style = series.style ?? { colour: index, dash: index };
  const colour = style.colour % SERIES_COUNT;
  const drawn = (point: LinePoint): boolean => Number.isFinite(point.x) && Number.isFinite(point.y);
  const banded = (point: LinePoint): boolean =>
    drawn(point) && Number.isFinite(point.low ?? Number.NaN) && Number.isFinite(point.high ?? Number.NaN);
  const parts: string[] = [];
  if (points.some(banded)) {
    const band = area<LinePoint>(
      (p) => x.place(p.x),
      (p) => y.place(p.low ?? p.y),
      (p) => y.place(p.high ?? p.y),
    );
    const d = band.defined(banded).digits(2)([...points]) ?? '';
    parts.push(element('path', { d, class: `f${colour}`, 'fill-opacity': '0.14' }));
  }
  if (series.area === true) {
    const filled = area<LinePoint>(
      (p) => x.place(p.x),
      () => y.place(0),
      (p) => y.place(p.y),
    );
    const d = filled.defined(drawn).digits(2)([...points]) ?? '';
    parts.push(element('path', { d, class: `f${colour}`, 'fill-opacity': '0.25' }));
  }
  const path =
    line<LinePoint>(
      (p) => x.place(p.x),
      (p) => y.place(p.y),
    )
      .defined(drawn)
      .digits(2)([...points]) ?? '';
  const dash = { 'stroke-dasharray': DASHES[style.dash % DASHES.length] };
  const drawnWidth = series.style?.width ?? strokeWidth;
  parts.push(element('path', { d: path, class: `s${colour}`, 'stroke-width': drawnWidth, ...dash }));
  if (series.dots === true) {
    for (const point of points.filter(drawn)) {
      parts.push(element('circle', { cx: x.place(point.x), cy: y.place(point.y), r: 2.2, class: `f${colour}` }));
    }
  }
  return parts.join('');
}
