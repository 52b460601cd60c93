import type { Analysis, ColumnAnalysis, ColumnInformation } from '../evaluate/index.ts';
import {
  escapeText,
  fixedText,
  intervalChart,
  type LineSeries,
  lineChart,
  percentText,
  sparkline,
} from '../figure/index.ts';
import { familyBest, headlineLabel, headlineOf, intervalText, listText, ranked } from './column-views.ts';
import { dataTable, type TableCell } from './data-table.ts';
import { figureBlock, paragraph, type Section } from './page.ts';
import { sliceDomain } from './stability-section.ts';

const CHARTED = 30;
const LINES = 6;

/** Which columns tell of the future, at which horizon, and how sure that is. */
export function informationSection(analysis: Analysis): Section {
  const columns = ranked(analysis);
  const horizon = headlineLabel(analysis);
  const intro = `The information coefficient (IC) is the rank correlation of a column with what the mid does from the row on. Whiskers are 95 % block-bootstrap intervals; the grey band is what the same column reaches when the future is shifted away. A filled mark stands out even against the luckiest of ${columns.length} columns and ${analysis.horizons.length} horizons.`;
  return {
    id: 'information',
    title: 'Information by horizon',
    body: `${paragraph(intro)}<div class="pair">${figureBlock(`IC ${horizon} ahead, the ${Math.min(CHARTED, columns.length)} strongest columns`, forest(analysis, columns))}${figureBlock('IC by horizon, the strongest column of each family', byHorizon(analysis))}</div>${table(analysis)}`,
  };
}

function forest(analysis: Analysis, columns: readonly ColumnAnalysis[]): string {
  const rows = columns.slice(0, CHARTED).map((column) => {
    const { ic, interval, nullSd, beyondChance } = headlineOf(analysis, column);
    return {
      name: column.name,
      value: ic,
      low: interval?.low,
      high: interval?.high,
      chance: 1.96 * nullSd,
      hollow: !beyondChance,
      note: fixedText(ic, 3),
    };
  });
  const best = rows[0];
  return intervalChart({
    title: `Information coefficients ${headlineLabel(analysis)} ahead`,
    description:
      best === undefined
        ? 'No column has a coefficient.'
        : `From ${best.name} at ${fixedText(best.value, 3)} down; the table below has all numbers.`,
    width: 440,
    rows,
    x: { label: 'IC (rank correlation with the future move of the mid)' },
  });
}

/** Two charts: horizons in rows, and those in time. */
function byHorizon(analysis: Analysis): string {
  const { horizons } = analysis;
  const columns = familyBest(analysis, LINES);
  const kinds = [(label: string) => label.includes('row'), (label: string) => !label.includes('row')];
  const charts = kinds.map((isKind) => {
    const chosen = horizons.map(({ label }, h) => ({ label, h })).filter(({ label }) => isKind(label));
    const series = columns.map(
      (column): LineSeries => ({
        name: column.name,
        dots: true,
        points: chosen.map(({ label, h }) => {
          const { ic, interval } = column.information[h];
          const x = amountOf(label);
          return interval === null ? { x, y: ic } : { x, y: ic, low: interval.low, high: interval.high };
        }),
      }),
    );
    const unit = isKind('row') ? 'rows ahead' : 'seconds ahead';
    return lineChart({
      title: `IC by ${unit}`,
      description: `${listText(columns.map(({ name }) => name))}, with 95 % intervals.`,
      width: 440,
      height: 250,
      zero: true,
      series,
      x: { kind: 'log', label: unit },
      y: { label: 'IC' },
    });
  });
  return charts.join('');
}

/** `100 rows` → 100, `100 ms` → 0.1. */
function amountOf(label: string): number {
  const [amount, unit] = label.split(' ');
  return Number(amount) * (unit === 'ms' ? 0.001 : 1);
}

function table(analysis: Analysis): string {
  const { horizons, columns } = analysis;
  const head = [
    { text: 'column' },
    ...horizons.map(({ label }) => ({ text: label })),
    { text: 'by slice' },
    { text: 'same sign' },
  ];
  const size = (column: ColumnAnalysis): number => {
    const { ic } = headlineOf(analysis, column);
    return Number.isNaN(ic) ? -1 : Math.abs(ic);
  };
  const domain = sliceDomain(ranked(analysis));
  const rows = [...columns]
    .sort((a, b) => size(b) - size(a))
    .map((column): TableCell[] => [
      nameCell(column),
      ...column.information.map(informationCell),
      {
        markup: true,
        text: sparkline(
          column.stability.map(({ ic }) => ic),
          { title: `${column.name}: IC by slice of the session`, domain },
        ),
        value: headlineOf(analysis, column).ic,
      },
      { text: percentText(column.signAgreement), value: column.signAgreement },
    ]);
  const caption = 'Information coefficients of every column at every horizon';
  return `<h3>All columns</h3>${paragraph('Bold: beyond what the luckiest of all columns and horizons reaches by chance. Below each, its 95 % interval. Dim: within chance.')}${dataTable({ id: 'ic-table', caption, head, rows, search: true })}`;
}

/** A column's name, and below it its family and unit. */
export function nameCell({ name, family, unit }: ColumnAnalysis): TableCell {
  return { markup: true, text: `${escapeText(name)}<small>${escapeText(`${family}, ${unitText(unit)}`)}</small>` };
}

function unitText(unit: string): string {
  return unit === '1' ? 'no unit' : unit;
}

function informationCell({ ic, interval, beyondChance }: ColumnInformation): TableCell {
  const range = interval === null ? '' : `<small>${escapeText(intervalText(interval))}</small>`;
  return {
    markup: true,
    text: `${escapeText(fixedText(ic, 3))}${range}`,
    value: ic,
    class: beyondChance ? 'found' : 'faint',
  };
}
