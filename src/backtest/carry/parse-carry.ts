import { BookcastError, shown } from '../../core/index.ts';
import type { CarryModel } from '../costs.ts';
import { CsvTable } from '../csv-table.ts';
import { SettingsReader } from '../settings-reader.ts';
import { Borrow, Carry, ConstantFunding, FundingTable, NO_CARRY } from './carry.ts';

export interface CarryContext {
  /** The run's first day since 1970-01-01, from which its time counts. */
  readonly startDay: number;
  /** Reads a file of the user's, named by `funding.file`. */
  readonly read?: (path: string) => string;
}

const MS_PER_DAY = 86_400_000;

/**
 * Carry from settings: `none` (also where nothing is given), or `{ funding, borrowAnnualRate }`, where funding is `{ rate, everyHours }` (eight by default) or `{ file }`:
 * CSV with the columns `time` (ISO 8601, or milliseconds since 1970) and `rate` (0.0001 is one bp). Throws `bad-argument` for keys and values, and
 * `bad-input` for a file, with line and column.
 */
export function parseCarry(data: unknown, where: string, context: CarryContext): CarryModel {
  if (data === undefined || data === null || data === 'none') return NO_CARRY;
  const reader = new SettingsReader(data, where, ['funding', 'borrowAnnualRate']);
  const told: string[] = [];
  let borrow: Borrow | null = null;
  if (reader.has('borrowAnnualRate')) {
    const annual = reader.number('borrowAnnualRate', { min: 0, max: 100 });
    borrow = new Borrow(annual);
    told.push(`what is short pays ${100 * annual} % a year`);
  }
  let funding: FundingTable | ConstantFunding | null = null;
  if (reader.has('funding')) {
    const part = readFunding(reader.raw('funding'), `${where}.funding`, context);
    funding = part.funding;
    told.push(part.told);
  }
  if (told.length === 0)
    throw new BookcastError('bad-argument', `${where} is empty: give funding, borrowAnnualRate, or "none"`, { where });
  return new Carry(`carry: ${told.join('; ')}`, funding, borrow);
}

function readFunding(
  data: unknown,
  where: string,
  context: CarryContext,
): { funding: FundingTable | ConstantFunding; told: string } {
  const reader = new SettingsReader(data, where, ['rate', 'everyHours', 'file']);
  if (!reader.has('file')) {
    const rate = reader.number('rate', { min: -1, max: 1 });
    const hours = reader.number('everyHours', { default: 8, min: 1 / 60, max: 24 * 366 });
    return {
      funding: new ConstantFunding(rate, hours),
      told: `funding of ${rate * 1e4} bps every ${hours} h, paid by longs to shorts`,
    };
  }
  for (const key of ['rate', 'everyHours']) if (reader.has(key)) throw reader.mismatch(key, 'absent beside a file');
  const path = reader.text('file');
  if (context.read === undefined)
    throw reader.mismatch('file', 'absent where no file can be read: give rate and everyHours');
  const { times, rates } = parseFunding(context.read(path), path, context.startDay);
  return {
    funding: new FundingTable(times, rates),
    told: `funding at ${times.length} times of ${path}, paid by longs to shorts`,
  };
}

/** Funding rates of a CSV file: times in ns since midnight of `startDay`, ascending. Throws `bad-input` naming line and column. */
export function parseFunding(text: string, path: string, startDay: number): { times: number[]; rates: number[] } {
  const table = new CsvTable(text, path, ['time', 'rate']);
  const times: number[] = [];
  const rates: number[] = [];
  for (const row of table.rows) {
    const written = row.text('time');
    const ms = /^-?\d+$/.test(written) ? Number(written) : Date.parse(written);
    if (!Number.isSafeInteger(ms))
      throw row.mismatch('time', 'a time such as 2026-01-05T08:00:00Z, or milliseconds since 1970');
    const ns = (ms - startDay * MS_PER_DAY) * 1e6;
    if (times.length > 0 && ns <= times[times.length - 1]) throw row.mismatch('time', 'later than the line before');
    const rate = row.number('rate');
    if (Math.abs(rate) > 1) throw row.mismatch('rate', `a share of the notional such as 0.0001, not ${shown(rate)}`);
    times.push(ns);
    rates.push(rate);
  }
  return { times, rates };
}
