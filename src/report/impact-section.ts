import { type ImpactAnalysis, type OfiImpact, PUBLISHED_OFI_R2 } from '../evaluate/index.ts';
import { countText, escapeText, fixedText, numberText, percentText, scatter } from '../figure/index.ts';
import { dataTable, type TableCell } from './data-table.ts';
import { figureBlock, paragraph, type Section } from './page.ts';

/** What order flow explains of the move in its own window. */
export function impactSection({ recording, instrument, origin, impacts }: ImpactAnalysis): Section {
  const intro = `Ordinary least squares of the move of the mid in a window on the order flow imbalance of the same window, summed exactly over every message of ${recording} (${instrument}, ${origin}). Both are known only once the window is over: this is contemporaneous price impact and no forecast. Cont, Kukanov and Stoikov (2014) report ${percentText(PUBLISHED_OFI_R2)} on average over 50 US stocks, in windows of 10 s within half hours. Below the touch's R², its 95 % block-bootstrap interval; flow that knows nothing would explain about one part in the number of windows.`;
  const head = [
    'window',
    'windows',
    'touch',
    'touch, within half hours',
    'all levels',
    'adjusted',
    'touch, unseen third',
    'all levels, unseen third',
    'published',
  ];
  const rows = impacts.map((impact): TableCell[] => [
    { text: `${numberText(impact.seconds)} s` },
    { text: countText(impact.windows) },
    {
      markup: true,
      text: `${escapeText(percentText(impact.touch.r2, 1))}<small>${escapeText(rangeText(impact.interval))}</small>`,
      value: impact.touch.r2,
    },
    share(impact.byPeriod?.r2 ?? Number.NaN),
    share(impact.levels?.r2 ?? Number.NaN),
    share(impact.levels?.adjustedR2 ?? Number.NaN),
    share(impact.outOfSample.touch),
    share(impact.outOfSample.levels),
    share(impact.seconds === 10 ? PUBLISHED_OFI_R2 : Number.NaN),
  ]);
  const table = dataTable({
    id: 'impact-table',
    caption: 'R² of order flow',
    head: head.map((text) => ({ text })),
    rows,
  });
  return {
    id: 'impact',
    title: 'Price impact of order flow (no forecast)',
    body: `${paragraph(intro)}<h3>R²: part of the variance explained</h3>${table}<div class="pair gap">${impacts.map(chart).join('')}</div>`,
  };
}

function share(value: number): TableCell {
  return { text: percentText(value, 1), value };
}

function rangeText(interval: OfiImpact['interval']): string {
  return interval === null ? '' : `${percentText(interval.low)} to ${percentText(interval.high)}`;
}

function chart({ seconds, touch, points }: OfiImpact): string {
  return figureBlock(
    `Windows of ${numberText(seconds)} s`,
    scatter({
      title: `Move of the mid against order flow at the touch, windows of ${numberText(seconds)} s`,
      description: `${countText(touch.n)} windows; the fitted line explains ${percentText(touch.r2)} of the variance.`,
      width: 440,
      height: 300,
      xs: points.flowLots,
      ys: points.moveTicks,
      x: { label: 'order flow imbalance at the touch (lots)' },
      y: { label: 'move of the mid (ticks)' },
      fit: {
        intercept: touch.intercept,
        slope: touch.slopes[0],
        text: `${numberText(touch.slopes[0])} ticks a lot, R² ${fixedText(touch.r2, 2)}`,
      },
    }),
  );
}
