import type { Analysis, ColumnAnalysis } from '../evaluate/index.ts';
import { heatMap, type LineSeries, lineChart } from '../figure/index.ts';
import { plural } from './column-views.ts';
import { figureBlock, paragraph, type Section } from './page.ts';

const FAMILIES_DRAWN = 6;

/** How long a column remembers: its autocorrelation. */
export function memorySection(analysis: Analysis): Section {
  const { lags } = analysis.method;
  const columns = [...analysis.columns]
    .filter(({ autocorrelation }) => autocorrelation.some((value) => !Number.isNaN(value)))
    .sort((a, b) => memory(b) - memory(a));
  const intro =
    'Autocorrelation of the ranks at lags in rows, the longest memory first. A column that hardly changes from row to row is a state; its many rows are few independent ones, which the intervals of this report allow for by resampling blocks.';
  const map = heatMap({
    title: 'Autocorrelation by lag',
    description: `${columns.length} columns from the longest memory to the shortest, lags from left to right.`,
    rows: columns.map(({ name }) => name),
    columns: lags.map(String),
    values: columns.map(({ autocorrelation }) => autocorrelation),
    palette: 'diverging',
    domain: [-1, 1],
    cell: { width: 30, height: columns.length > 60 ? 9 : 13 },
    legend: 'autocorrelation at the lag below, in rows',
    hatchBelow: -0.2,
  });
  return {
    id: 'memory',
    title: 'Autocorrelation',
    body: `${paragraph(intro)}<div class="pair">${figureBlock('Median of each family', familyChart(analysis))}${figureBlock(plural(columns.length, 'column'), `<div class="scroll tall">${map}</div>`)}</div>`,
  };
}

function memory({ autocorrelation }: ColumnAnalysis): number {
  return autocorrelation.reduce((sum, value) => sum + (Number.isNaN(value) ? 0 : value), 0);
}

function familyChart({ columns, method }: Analysis): string {
  const families = [...new Set(columns.map(({ family }) => family))].slice(0, FAMILIES_DRAWN);
  const series = families.map((family): LineSeries => {
    const members = columns.filter((column) => column.family === family);
    const points = method.lags.map((x, lag) => ({ x, y: median(members.map((one) => one.autocorrelation[lag])) }));
    return { name: family, points, dots: true };
  });
  return lineChart({
    title: 'Median autocorrelation of each family of signals',
    description: `${families.join(', ')}, at lags from ${method.lags[0]} to ${method.lags[method.lags.length - 1]} rows.`,
    width: 440,
    height: 300,
    zero: true,
    series,
    x: { kind: 'log', label: 'lag (rows)' },
    y: { label: 'autocorrelation of ranks' },
  });
}

function median(values: readonly number[]): number {
  const known = values.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
  return known.length === 0 ? Number.NaN : (known[(known.length - 1) >> 1] + known[known.length >> 1]) / 2;
}
