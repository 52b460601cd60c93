import type { Analysis } from '../evaluate/index.ts';
import { heatMap, percentText } from '../figure/index.ts';
import { plural } from './column-views.ts';
import { figureBlock, paragraph, type Section } from './page.ts';

const MAPPED = 40;
/** Less than this is a warm-up or a moment. */
const LEAST = 0.005;

/** Where values are missing. */
export function missingSection({ columns, slices }: Analysis): Section {
  const lacking = columns
    .filter(({ distribution }) => distribution.missing >= LEAST)
    .sort((a, b) => b.distribution.missing - a.distribution.missing);
  const intro = `${plural(columns.length - lacking.length, 'column')} of ${columns.length} lack less than ${percentText(LEAST, 1)} of their values. A signal that warms up, or whose book is one-sided or was lost, has none: it is never 0 instead.`;
  const shown = lacking.slice(0, MAPPED);
  const starts = slices.labels.slice(0, -1).map((text) => text.slice(0, 5));
  const map = heatMap({
    title: 'Missing values by slice of the session',
    description: `The ${shown.length} columns that lack most, the session from left to right.`,
    rows: shown.map(({ name, distribution }) => `${name} ${percentText(distribution.missing, 1)}`),
    columns: starts,
    values: shown.map(({ missing }) => missing.map((part) => (part === 0 ? Number.NaN : part))),
    palette: 'sequential',
    domain: [0, 1],
    cell: { width: 35, height: 14 },
    legend: 'part of the rows that is missing',
  });
  const title = lacking.length > MAPPED ? `The ${MAPPED} that lack most` : 'Columns that lack values';
  const figure = shown.length === 0 ? '' : figureBlock(title, `<div class="scroll">${map}</div>`);
  return { id: 'missing', title: 'Missing values', body: paragraph(intro) + figure };
}
