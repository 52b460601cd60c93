import type { Analysis } from '../evaluate/index.ts';
import { countText, escapeText, fixedText, heatMap } from '../figure/index.ts';
import { headlineLabel } from './column-views.ts';
import { dataTable } from './data-table.ts';
import { figureBlock, paragraph, type Section } from './page.ts';

/** What says the same as what. */
export function correlationSection(analysis: Analysis): Section {
  const { method, columns } = analysis;
  const intro = `Spearman rank correlations, on ${countText(method.correlationRows)} rows spread evenly over the file. Columns are in the order of a clustering by average linkage on 1 − |ρ|: what is alike stands together, whatever its sign. Frames are redundancy groups.`;
  return {
    id: 'correlation',
    title: 'Correlation',
    body: `${paragraph(intro)}${figureBlock(`${columns.length} columns, clustered`, correlationMap(analysis))}`,
  };
}

function correlationMap(analysis: Analysis): string {
  const { columns, correlation } = analysis;
  const { order, rho, merges } = correlation;
  const names = order.map((i) => columns[i].name);
  const values = order.map((i) => order.map((j) => rho[i][j]));
  // As wide as the page where that can be read; rows stay tall enough for their names.
  const width = Math.max(5, Math.min(18, Math.floor(1040 / Math.max(1, order.length))));
  const map = heatMap({
    title: 'Rank correlations of all columns',
    description: `${names.length} columns in the order of their clustering, with the tree at the right.`,
    rows: names,
    columns: names,
    values,
    palette: 'diverging',
    domain: [-1, 1],
    cell: { width, height: Math.max(7, width) },
    legend: 'ρ',
    hatchBelow: -0.5,
    blocks: blocksOf(analysis, names),
    tree: { merges, order, name: 'Where branches meet, 1 − |ρ| between them is larger to the right' },
  });
  // Rounded to hundredths, the lower half: enough to read under a pointer.
  const lower = values.map((row, r) => row.slice(0, r + 1).map((v) => (Number.isNaN(v) ? null : Math.round(100 * v))));
  const data = JSON.stringify({ names, values: lower }).replaceAll('<', '\\u003c');
  return `<div data-map><p class="read dim" aria-live="off">Point at a cell to read it.</p><div class="scroll" tabindex="0" role="region" aria-label="Map of correlations">${map}</div><script type="application/json">${data}</script></div>`;
}

/** Redundancy groups whose columns stand next to each other in the map. */
function blocksOf({ groups }: Analysis, names: readonly string[]): { from: number; to: number }[] {
  const place = new Map(names.map((name, i) => [name, i]));
  return groups.flatMap(({ keep, drop }) => {
    const places = [keep, ...drop.map(({ name }) => name)].map((name) => place.get(name) ?? 0).sort((a, b) => a - b);
    const from = places[0];
    const to = places[places.length - 1] + 1;
    return to - from === places.length ? [{ from, to }] : [];
  });
}

/** Which columns could be left out, and for which. */
export function redundancySection(analysis: Analysis): Section {
  const { groups, method } = analysis;
  const intro = `A column whose ranks are correlated at |ρ| ≥ ${method.redundantAt} with another one adds cost and no news. Of each group the column is kept whose |IC| ${headlineLabel(analysis)} ahead, times the part of the rows that have it, is largest; every one dropped is that close to the one kept, not to a chain of others, and the one kept has a value wherever it has.`;
  const rows = groups.map(({ keep, drop }) => [
    { text: keep },
    {
      markup: true as const,
      class: 'text wrap',
      text: drop.map(({ name, rho }) => `${escapeText(name)} <span class="dim">${fixedText(rho, 2)}</span>`).join(', '),
    },
    { text: String(drop.length), value: drop.length },
  ]);
  const head = [
    { text: 'keep' },
    { text: 'can be left out (ρ with the one kept)', class: 'text' },
    { text: 'columns' },
  ];
  const table = dataTable({ id: 'groups-table', caption: 'Redundancy groups', head, rows });
  return {
    id: 'redundancy',
    title: 'Redundancy groups',
    body: paragraph(intro) + (rows.length === 0 ? paragraph('There are none in this file.') : table),
  };
}
