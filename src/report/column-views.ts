import type { Analysis, ColumnAnalysis, ColumnInformation } from '../evaluate/index.ts';
import { fixedText } from '../figure/index.ts';

/** A column's coefficient at the horizon by which columns are ranked. */
export function headlineOf(analysis: Analysis, column: ColumnAnalysis): ColumnInformation {
  return column.information[analysis.method.headline];
}

export function headlineLabel({ horizons, method }: Analysis): string {
  return horizons[method.headline].label;
}

/** Columns that have a coefficient, by its size, greatest first. */
export function ranked(analysis: Analysis): readonly ColumnAnalysis[] {
  const size = (column: ColumnAnalysis): number => Math.abs(headlineOf(analysis, column).ic);
  return analysis.columns
    .filter((column) => !Number.isNaN(size(column)))
    .sort((a, b) => size(b) - size(a) || a.name.localeCompare(b.name));
}

/** The strongest column of each family, strongest first: a picture of several columns that do not all say the same. */
export function familyBest(analysis: Analysis, most: number): readonly ColumnAnalysis[] {
  const families = new Set<string>();
  return ranked(analysis)
    .filter(({ family }) => !families.has(family) && families.add(family).size > 0)
    .slice(0, most);
}

/** `[0.239, 0.276]`, or a dash where there is none. */
export function intervalText(interval: { low: number; high: number } | null, decimals = 3): string {
  return interval === null ? '–' : `[${fixedText(interval.low, decimals)}, ${fixedText(interval.high, decimals)}]`;
}

/** `a, b and c`; from the sixth name on a number. */
export function listText(names: readonly string[], most = 5): string {
  if (names.length > most) return `${names.slice(0, most).join(', ')} and ${names.length - most} more`;
  if (names.length < 2) return names.join('');
  return `${names.slice(0, -1).join(', ')} and ${names[names.length - 1]}`;
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`;
}
