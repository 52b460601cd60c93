import { createAxis, drawBottomAxis, drawLeftAxis, leftMargin } from './axis.ts';
import { type ChartOptions, emptyChart, frame } from './frame.ts';
import { countText } from './number-text.ts';
import { element, label, px } from './svg.ts';

export interface HistogramOptions extends ChartOptions {
  /** Ends of the bins together, all equally wide. */
  readonly low: number;
  readonly high: number;
  readonly counts: readonly number[];
  /** Values that lie beyond the ends: told in words at their side. */
  readonly below?: number;
  readonly above?: number;
  readonly xLabel?: string;
}

/** Counts as bars that touch, from zero. */
export function histogram(options: HistogramOptions): string {
  const { width, height, low, high, counts, below = 0, above = 0 } = options;
  const most = Math.max(0, ...counts.filter(Number.isFinite));
  if (most === 0 || !(low < high)) return emptyChart(options);
  const top = below + above > 0 ? 22 : 10;
  const bottom = height - (options.xLabel === undefined ? 22 : 38);
  const y = createAxis({}, 0, most, bottom, top);
  const left = leftMargin(
    y.ticks.map(({ text }) => text),
    undefined,
  );
  const plot = { left, top, right: width - 12, bottom };
  const xLabel = options.xLabel === undefined ? {} : { label: options.xLabel };
  const x = createAxis({ ...xLabel, domain: [low, high] }, low, high, plot.left, plot.right);
  const beyond = [
    below > 0 ? label(plot.left, 10, `← ${countText(below)} below`, { class: 'dim', size: 10 }) : '',
    above > 0 ? label(plot.right, 10, `${countText(above)} above →`, { anchor: 'end', class: 'dim', size: 10 }) : '',
  ];
  const d = barsPath(counts, plot.left, plot.right, plot.bottom, (count) => y.place(count));
  return frame(options, [
    drawLeftAxis(y, plot),
    element('path', { d, class: 'f0' }),
    drawBottomAxis(x, plot),
    ...beyond,
  ]);
}

/** All bars as one path, a hair apart. */
export function barsPath(
  counts: readonly number[],
  left: number,
  right: number,
  bottom: number,
  place: (count: number) => number,
): string {
  const step = (right - left) / counts.length;
  const gap = step > 4 ? 0.5 : 0;
  return counts
    .map((count, i) => {
      if (!(count > 0 && Number.isFinite(count))) return '';
      const from = left + i * step + gap;
      return `M${px(from)} ${px(bottom)}V${px(place(count))}H${px(from + step - 2 * gap)}V${px(bottom)}Z`;
    })
    .join('');
}
