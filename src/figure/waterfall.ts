import { createAxis, drawBottomAxis, extentOf } from './axis.ts';
import { type ChartOptions, emptyChart, frame } from './frame.ts';
import { element, label, px, textWidth } from './svg.ts';

/** One step of the way: what it adds, or what it has come to. */
export interface WaterfallRow {
  readonly name: string;
  /** Of a step what it adds, below 0 where it takes away; of a total what it is. */
  readonly value: number;
  /** Drawn from zero, as the sum of what stands above. */
  readonly total?: boolean;
  /** At the right edge; the value with its unit. */
  readonly note: string;
}

export interface WaterfallOptions extends Omit<ChartOptions, 'height'> {
  readonly rows: readonly WaterfallRow[];
  /** What is counted, with its unit. */
  readonly label: string;
}

const ROW = 24;

/** How a sum comes about: each bar begins where the one above ended, to the right where it adds and to the left where it takes away; totals stand on zero. */
export function waterfall(options: WaterfallOptions): string {
  const { rows, width } = options;
  const sized = { ...options, height: Math.max(2, rows.length) * ROW + 48 };
  const bars = barsOf(rows);
  const extent = extentOf([0, ...bars.flatMap(({ from, to }) => [from, to])]);
  if (rows.length === 0 || extent === null || rows.some(({ value }) => !Number.isFinite(value)))
    return emptyChart(sized);
  const left = Math.max(...rows.map(({ name }) => textWidth(name))) + 14;
  const noteWidth = Math.max(...rows.map(({ note }) => textWidth(note)));
  const plot = { left, top: 4, right: width - 18 - noteWidth, bottom: rows.length * ROW + 8 };
  const x = createAxis({ label: options.label }, extent[0], extent[1], plot.left, plot.right);
  const drawn = rows.map(({ name, value, note, total }, i) => {
    const { from, to } = bars[i];
    const y = plot.top + i * ROW + 5;
    const [start, end] = [x.place(Math.min(from, to)), x.place(Math.max(from, to))];
    const bar = { x: start, y, width: Math.max(1, end - start), height: ROW - 10, class: `f${value < 0 ? 0 : 1}` };
    // A line leads from where this one ends to the next.
    const lead = i + 1 < rows.length ? `M${px(x.place(to))} ${px(y)}V${px(y + ROW + (ROW - 10))}` : '';
    return [
      element('path', { d: lead, class: 'axis', 'stroke-dasharray': '2 2' }),
      element('rect', { ...bar, 'fill-opacity': total === true ? '1' : '0.6' }),
      label(left - 8, y + ROW / 2 - 1, name, { anchor: 'end', ...(total === true ? { class: 'name' } : {}) }),
      label(width - 6, y + ROW / 2 - 1, note, { anchor: 'end', class: total === true ? 'name' : 'dim' }),
    ].join('');
  });
  const zero = x.place(0);
  return frame(sized, [
    drawBottomAxis(x, plot, true),
    element('path', { d: `M${px(zero)} ${px(plot.top)}V${px(plot.bottom)}`, class: 'axis' }),
    ...drawn,
  ]);
}

function barsOf(rows: readonly WaterfallRow[]): { from: number; to: number }[] {
  let sum = 0;
  return rows.map(({ value, total }) => {
    const from = total === true ? 0 : sum;
    sum = total === true ? value : sum + value;
    return { from, to: sum };
  });
}
