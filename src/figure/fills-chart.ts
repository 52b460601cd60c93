import { type AxisOptions, createAxis, drawBottomAxis, drawLeftAxis, extentOf, leftMargin } from './axis.ts';
import { type ChartOptions, emptyChart, frame } from './frame.ts';
import { drawSeries, type LinePoint } from './line-chart.ts';
import { element, label, px, textWidth } from './svg.ts';

/** Something that traded: a triangle that points up for a buy and down for a sale, hollow where it waited in the book. */
export interface FillMark {
  readonly x: number;
  readonly y: number;
  readonly buy: boolean;
  readonly maker: boolean;
}

export interface FillsChartOptions extends ChartOptions {
  /** The price; `NaN` breaks the line. */
  readonly line: { readonly name: string; readonly points: readonly LinePoint[] };
  readonly marks: readonly FillMark[];
  readonly x: AxisOptions;
  readonly y: AxisOptions;
}

const KINDS = [
  { buy: true, maker: true, name: 'buy, maker' },
  { buy: true, maker: false, name: 'buy, taker' },
  { buy: false, maker: true, name: 'sell, maker' },
  { buy: false, maker: false, name: 'sell, taker' },
] as const;

/** Fills on the price. Marks of one kind are one path, so thousands cost four elements. */
export function fillsChart(options: FillsChartOptions): string {
  const { line, marks, width, height } = options;
  const known = marks.filter(({ x, y }) => Number.isFinite(x) && Number.isFinite(y));
  const points = line.points.filter(({ x, y }) => Number.isFinite(x) && Number.isFinite(y));
  const xs = extentOf([...points, ...known].map(({ x }) => x));
  const ys = extentOf([...points, ...known].map(({ y }) => y));
  if (xs === null || ys === null) return emptyChart(options);
  const kinds = KINDS.map((kind) => ({
    ...kind,
    marks: known.filter((mark) => mark.buy === kind.buy && mark.maker === kind.maker),
  })).filter((kind) => kind.marks.length > 0);
  // Many marks hide the price: they are smaller then.
  const size = known.length > 600 ? 2.6 : known.length > 150 ? 3.4 : 4.6;
  const legend = markLegend(line.name, kinds, width);
  const top = legend.height + 8;
  const bottom = height - (options.x.label === undefined ? 22 : 38);
  const y = createAxis(options.y, ys[0], ys[1], bottom, top);
  const left = leftMargin(
    y.ticks.map(({ text }) => text),
    options.y.label,
  );
  const plot = { left, top, right: width - 12, bottom };
  const x = createAxis({ domain: xs, ...options.x }, xs[0], xs[1], plot.left, plot.right);
  const series = { ...line, style: { colour: 5, dash: 0, width: 1 } };
  return frame(options, [
    legend.markup,
    drawLeftAxis(y, plot),
    drawBottomAxis(x, plot),
    drawSeries(series, 5, x, y),
    ...kinds.map((kind) =>
      markPath(kind, kind.marks.map((mark) => triangle(x.place(mark.x), y.place(mark.y), size, kind.buy)).join('')),
    ),
  ]);
}

/** Its tip lies at the fill's price. */
function triangle(x: number, y: number, size: number, up: boolean): string {
  const down = up ? 1 : -1;
  return `M${px(x)} ${px(y)}l${px(size)} ${px(down * 1.7 * size)}h${px(-2 * size)}z`;
}

function markPath({ buy, maker }: { readonly buy: boolean; readonly maker: boolean }, d: string): string {
  const colour = buy ? 0 : 1;
  return maker
    ? element('path', { d, class: `s${colour}`, 'stroke-width': '1.1' })
    : element('path', { d, class: `f${colour}`, 'fill-opacity': '0.85' });
}

function markLegend(
  name: string,
  kinds: readonly ((typeof KINDS)[number] & { readonly marks: readonly FillMark[] })[],
  width: number,
): { markup: string; height: number } {
  const entries = [
    { text: name, drawn: (x: number, y: number) => element('path', { d: `M${px(x)} ${px(y)}h18`, class: 's5' }) },
    ...kinds.map((kind) => ({
      text: `${kind.name} (${kind.marks.length})`,
      drawn: (x: number, y: number) => markPath(kind, triangle(x + 10, kind.buy ? y - 4 : y + 4, 4.6, kind.buy)),
    })),
  ];
  let [x, y] = [8, 9];
  const parts = entries.map(({ text, drawn }) => {
    const wide = 34 + textWidth(text);
    if (x > 8 && x + wide > width - 8) [x, y] = [8, y + 16];
    const part = drawn(x, y) + label(x + 23, y + 4, text);
    x += wide;
    return part;
  });
  return { markup: parts.join(''), height: y + 9 };
}
