import { isoTime } from '../../core/index.ts';
import { formatTarget } from '../target.ts';
import type { PartAccount, PreparedDataset } from './dataset.ts';

/** A dataset as a table of plain text, for terminals and logs: rows, parts with their times, classes, and what was left out and why. */
export function describeDataset(data: PreparedDataset): string {
  const { matrix, target, parts, segments, notes, train } = data;
  const head = [
    `${grouped(matrix.rows)} rows of ${matrix.width} ${matrix.width === 1 ? 'signal' : 'signals'} (schema ${matrix.schemaHash}), ${segments === 1 ? '1 segment' : `${grouped(segments)} segments`}`,
    `target ${formatTarget(target)}, windows of ${train.length} ${train.length === 1 ? 'row' : 'rows'}`,
    '',
  ];
  const titles = [
    'part',
    'rows',
    'windows',
    ...target.classes,
    'embargo',
    'no label',
    'purged',
    'no window',
    'from',
    'to',
  ];
  const table = [titles, ...parts.map((part) => cells(part, data))];
  return [...head, ...aligned(table), ...notes.map((note) => `note: ${note}`)].map((line) => `${line}\n`).join('');
}

function cells({ name, rows, windows, classes, dropped, rowRange }: PartAccount, data: PreparedDataset): string[] {
  const { timeNs, startDay } = data.matrix;
  const time = (row: number | undefined): string =>
    row === undefined ? '–' : isoTime(timeNs[row], startDay).slice(0, 23);
  const { embargo, unknown, purged, short } = dropped;
  return [
    name,
    grouped(rows),
    grouped(windows),
    ...Array.from(classes, (count) => `${((100 * count) / windows).toFixed(1)} %`),
    ...[embargo, unknown, purged, short].map(grouped),
    time(rowRange?.first),
    time(rowRange?.last),
  ];
}

function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** Names to the left, numbers to the right. */
function aligned(table: readonly (readonly string[])[]): string[] {
  const widths = table[0].map((_, column) => Math.max(...table.map((row) => row[column].length)));
  return table.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column])))
      .join('  ')
      .trimEnd(),
  );
}
