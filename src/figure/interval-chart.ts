import { type AxisOptions, createAxis, drawBottomAxis, extentOf } from './axis.ts';
import { type ChartOptions, emptyChart, frame } from './frame.ts';
import { element, label, px, textWidth } from './svg.ts';

export interface IntervalRow {
  readonly name: string;
  readonly value: number;
  /** Ends of the interval; absent where there is none. */
  readonly low?: number | undefined;
  readonly high?: number | undefined;
  /** What chance gives, either side of 0: drawn behind. */
  readonly chance?: number | undefined;
  /** Hollow where it is no finding. */
  readonly hollow?: boolean;
  /** At the right edge. */
  readonly note?: string;
}

export interface IntervalChartOptions extends Omit<ChartOptions, 'height'> {
  readonly rows: readonly IntervalRow[];
  readonly x: AxisOptions;
  /** Bars from zero, or dots alone. */
  readonly mark?: 'bar' | 'dot';
}

const ROW = 17;

/** One row a name: a bar or a dot, its interval as a whisker, and behind it what chance gives. The height follows the rows. */
export function intervalChart(options: IntervalChartOptions): string {
  const { rows, width, mark = 'dot' } = options;
  const sized = { ...options, height: Math.max(3, rows.length) * ROW + 44 };
  const shown = rows.filter(({ value }) => Number.isFinite(value));
  const extent = extentOf([
    0,
    ...shown.flatMap(({ value, low = value, high = value, chance = 0 }) => [value, low, high, chance, -chance]),
  ]);
  if (shown.length === 0 || extent === null) return emptyChart(sized);
  const left = Math.min(width * 0.45, Math.max(...rows.map(({ name }) => textWidth(name))) + 10);
  const noteWidth = Math.max(0, ...rows.map(({ note = '' }) => textWidth(note, 10)));
  const plot = { left, top: 4, right: width - 12 - noteWidth, bottom: rows.length * ROW + 6 };
  const x = createAxis(options.x, extent[0], extent[1], plot.left, plot.right);
  const zero = x.place(0);
  const drawn = rows.map((row, i) => {
    const y = plot.top + (i + 0.5) * ROW;
    const name = label(left - 8, y + 3.5, row.name, { anchor: 'end' });
    const note =
      row.note === undefined ? '' : label(width - 4, y + 3.5, row.note, { anchor: 'end', class: 'dim', size: 10 });
    return Number.isFinite(row.value) ? name + note + drawRow(row, y, zero, x.place, mark) : name + note;
  });
  return frame(sized, [
    drawBottomAxis(x, plot, true),
    element('path', { d: `M${px(zero)} ${px(plot.top)}V${px(plot.bottom)}`, class: 'axis' }),
    ...drawn,
  ]);
}

function drawRow(
  row: IntervalRow,
  y: number,
  zero: number,
  place: (value: number) => number,
  mark: 'bar' | 'dot',
): string {
  const { value, low, high, chance, hollow = false } = row;
  const at = place(value);
  const sign = value < 0 ? 0 : 1;
  const parts: string[] = [];
  if (chance !== undefined && chance > 0) {
    const from = place(-chance);
    parts.push(element('rect', { x: from, y: y - 6, width: place(chance) - from, height: 12, class: 'band' }));
  }
  if (mark === 'bar') {
    const bar = { x: Math.min(zero, at), y: y - 5, width: Math.abs(at - zero), height: 10, class: `f${sign}` };
    parts.push(element('rect', { ...bar, 'fill-opacity': hollow ? '0.35' : '0.8' }));
  }
  if (low !== undefined && high !== undefined && Number.isFinite(low) && Number.isFinite(high)) {
    const [from, to] = [place(low), place(high)];
    const d = `M${px(from)} ${px(y)}H${px(to)}M${px(from)} ${px(y - 3)}v6M${px(to)} ${px(y - 3)}v6`;
    parts.push(element('path', { d, class: 'whisker' }));
  }
  if (mark === 'dot') {
    const dot = { cx: at, cy: y, r: 3.4 };
    parts.push(
      hollow
        ? element('circle', { ...dot, class: `s${sign}`, 'stroke-width': '1.5' })
        : element('circle', { ...dot, class: `f${sign}` }),
    );
  }
  return parts.join('');
}
