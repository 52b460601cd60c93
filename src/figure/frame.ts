import { assert } from '../core/index.ts';
import { FIGURE_STYLE } from './palette.ts';
import { element, escapeText, label } from './svg.ts';

/** What every chart is told. */
export interface ChartOptions {
  /** The chart's name, for those who cannot see it. Drawn by whoever places the chart, as a heading. */
  readonly title: string;
  /** What it shows, in a sentence or two that stand for the picture. */
  readonly description: string;
  readonly width: number;
  readonly height: number;
  /** Brings its own style: for a file of its own. A page has `FIGURE_STYLE` once instead. */
  readonly standalone?: boolean;
}

/** The part of a chart in which data are drawn, in user units. */
export interface Plot {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** The drawing whole: a picture with a name and a description. */
export function frame(options: ChartOptions, children: readonly string[]): string {
  const { title, description, width, height, standalone = false } = options;
  assert(width > 0 && height > 0, 'a chart has a size');
  return element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      class: 'fig',
      viewBox: `0 0 ${Math.round(width)} ${Math.round(height)}`,
      width: Math.round(width),
      height: Math.round(height),
      role: 'img',
      'aria-label': description === '' ? title : `${title}. ${description}`,
    },
    element('title', {}, escapeText(title)),
    description === '' ? '' : element('desc', {}, escapeText(description)),
    ...(standalone ? [`<style>${escapeText(FIGURE_STYLE).replaceAll('&quot;', '"')}</style>`] : []),
    ...children,
  );
}

/** A chart of nothing, which says so. */
export function emptyChart(options: ChartOptions, reason = 'no values to draw'): string {
  const { width, height } = options;
  return frame({ ...options, description: `Empty: ${reason}.` }, [
    element('rect', { x: 0.5, y: 0.5, width: width - 1, height: height - 1, class: 'grid' }),
    label(width / 2, height / 2 + 4, reason, { anchor: 'middle', class: 'dim' }),
  ]);
}
