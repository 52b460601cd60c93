import { assert } from '../core/index.ts';
import { type AxisOptions, createAxis, drawBottomAxis, drawLeftAxis, extentOf, leftMargin } from './axis.ts';
import { type ChartOptions, emptyChart, frame } from './frame.ts';
import { SERIES_COUNT } from './palette.ts';
import { element, label, px, textWidth } from './svg.ts';

export interface StackedSeries {
  readonly name: string;
  /** Shares of one, a number for each x. */
  readonly values: readonly number[];
}

export interface StackedOptions extends ChartOptions {
  readonly xs: readonly number[];
  /** From the bottom up. */
  readonly series: readonly StackedSeries[];
  readonly x: AxisOptions;
}

/** Colours come again, paler, where there are more series than colours. */
const PALER = ['0.85', '0.4', '0.2'];

/** Shares that make one together, each a layer on the one before; layers are told by the legend's order as well as by colour. */
export function stackedChart(options: StackedOptions): string {
  const { xs, series, width, height } = options;
  assert(
    series.every(({ values }) => values.length === xs.length),
    'a share for each place',
  );
  const extent = extentOf(xs);
  if (extent === null || series.length === 0) return emptyChart(options);
  const legend = layerLegend(
    series.map(({ name }) => name),
    8,
    width - 8,
  );
  const top = legend.height + 6;
  const bottom = height - (options.x.label === undefined ? 22 : 38);
  const y = createAxis({ domain: [0, 1], label: 'weight' }, 0, 1, bottom, top);
  const left = leftMargin(
    y.ticks.map(({ text }) => text),
    y.label,
  );
  const plot = { left, top, right: width - 12, bottom };
  const x = createAxis(options.x, extent[0], extent[1], plot.left, plot.right);
  const base = new Float64Array(xs.length);
  const layers = series.map(({ values }, i) => {
    const below = Array.from(base, (share, at) => `${px(x.place(xs[at]))} ${px(y.place(share))}`);
    values.forEach((share, at) => {
      base[at] += share;
    });
    const above = Array.from(base, (share, at) => `${px(x.place(xs[at]))} ${px(y.place(share))}`);
    const d = `M${[...below, ...above.toReversed()].join('L')}z`;
    const line = element('path', { d: `M${above.join('L')}`, class: `s${i % SERIES_COUNT}`, 'stroke-width': '0.8' });
    return element('path', { d, class: `f${i % SERIES_COUNT}`, 'fill-opacity': paleness(i) }) + line;
  });
  return frame(options, [legend.markup, drawLeftAxis(y, plot), ...layers, drawBottomAxis(x, plot)]);
}

function paleness(index: number): string {
  return PALER[Math.min(PALER.length - 1, Math.floor(index / SERIES_COUNT))];
}

/** As the legend of lines, with a box for each layer. */
function layerLegend(names: readonly string[], left: number, right: number): { markup: string; height: number } {
  const parts: string[] = [];
  let [x, y] = [left, 9];
  names.forEach((name, i) => {
    const wide = 17 + textWidth(name) + 12;
    if (x > left && x + wide > right) [x, y] = [left, y + 16];
    const colour = i % SERIES_COUNT;
    const box = { x, y: y - 5, width: 11, height: 11, class: `f${colour}`, 'fill-opacity': paleness(i) };
    parts.push(element('rect', box), label(x + 16, y + 4, name));
    x += wide;
  });
  return { markup: parts.join(''), height: y + 11 };
}
