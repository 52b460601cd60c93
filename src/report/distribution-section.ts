import type { Analysis, ColumnAnalysis, Distribution } from '../evaluate/index.ts';
import { countText, histogram, numberText, percentText, sparkBars } from '../figure/index.ts';
import { familyBest } from './column-views.ts';
import { dataTable, type TableCell } from './data-table.ts';
import { nameCell } from './information-section.ts';
import { figureBlock, paragraph, type Section } from './page.ts';

const CHARTED = 6;
/** Places of the quantiles that the table shows, with their names. */
const SHOWN = [
  { at: 1, name: '1 %' },
  { at: 2, name: '5 %' },
  { at: 4, name: 'median' },
  { at: 6, name: '95 %' },
  { at: 7, name: '99 %' },
] as const;

/** What the values look like. */
export function distributionSection(analysis: Analysis): Section {
  const intro =
    'Moments and quantiles of every column. Histograms leave out the outermost half per cent at either end, which they count at their side, so that heavy tails do not squeeze the rest. Kurtosis is in excess of the normal distribution’s.';
  const charts = familyBest(analysis, CHARTED).map(chart).join('');
  return {
    id: 'distributions',
    title: 'Distributions',
    body: `${paragraph(intro)}<div class="grid">${charts}</div>${table(analysis.columns)}`,
  };
}

function chart({ name, unit, distribution }: ColumnAnalysis): string {
  const { histogram: bins, mean, sd } = distribution;
  return figureBlock(
    name,
    histogram({
      title: `Histogram of ${name}`,
      description: `${countText(distribution.count)} values, mean ${numberText(mean)}, standard deviation ${numberText(sd)}.`,
      width: 380,
      height: 180,
      low: bins.low,
      high: bins.high,
      counts: bins.counts,
      below: bins.below,
      above: bins.above,
      xLabel: unit === '1' ? 'no unit' : unit,
    }),
  );
}

function table(columns: readonly ColumnAnalysis[]): string {
  const head = [
    'column',
    'shape',
    'missing',
    'zero',
    'mean',
    'sd',
    ...SHOWN.map(({ name }) => name),
    'skewness',
    'kurtosis',
  ];
  const rows = columns.map((column): TableCell[] => {
    const { distribution: d, name } = column;
    return [
      nameCell(column),
      { markup: true, text: sparkBars(d.histogram.counts, { title: `${name}: histogram` }), value: d.distinct },
      { text: percentText(d.missing, 1), value: d.missing, class: d.missing > 0.05 ? 'found' : '' },
      { text: percentText(d.zeros, 1), value: d.zeros },
      number(d.mean),
      number(d.sd),
      ...SHOWN.map(({ at }) => number(quantile(d, at))),
      number(d.skewness),
      number(d.excessKurtosis),
    ];
  });
  const caption = 'Distributions of all columns';
  return `<h3>All columns</h3>${dataTable({ id: 'distribution-table', caption, head: head.map((text) => ({ text })), rows, search: true })}`;
}

function quantile({ quantiles }: Distribution, at: number): number {
  return quantiles[at];
}

function number(value: number): TableCell {
  return { text: numberText(value, 3, true), value };
}
