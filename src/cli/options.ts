import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Io } from './io.ts';

/** What every command is given. */
export interface Context {
  io: Io;
  version: string;
}

/** `1`, `10`, `max` → market seconds a second. */
export function parseSpeed(text: string): number {
  if (text === 'max') return Number.POSITIVE_INFINITY;
  const speed = Number(text);
  if (!(speed > 0)) throw new InvalidArgumentError('a speed is a positive number (1 is real time), or max');
  return speed;
}

export function parseCount(text: string): number {
  const count = Number(text);
  if (!Number.isSafeInteger(count) || count < 1) throw new InvalidArgumentError('expected a whole number above 0');
  return count;
}

/** The steps of instruments whose files do not tell them. */
export function withSteps(command: Command): Command {
  return command
    .option('--tick <decimal>', 'price step of an instrument that bookcast does not know, such as 0.01')
    .option('--lot <decimal>', 'size step of an instrument that bookcast does not know, such as 0.001')
    .option('--symbol <name>', 'which instrument to read, of a recording that holds several');
}

/** `more` names what else the command takes. */
export function targetOption(more = ''): Option {
  return new Option(
    '--target <target>',
    `what to forecast: events:N (N decision points ahead), time:MS (milliseconds), volume:N (lots traded), next-change or next-change:once (one example a change); behind it, as wanted, the price (/vwapK), a threshold (/ticks:N, /spread:SHARE, /bps:N, and where a part of the rows trains /terciles or /quantiles:TAIL) and a latency (+5ms), as in events:50/vwap5/ticks:1+5ms${more}`,
  );
}

export function configOption(): Option {
  return new Option('--config <file>', 'settings as JSON; the environment and flags take precedence');
}

const BYTE_UNITS: Readonly<Record<string, number>> = { B: 1, kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 };

/** `64MB` → bytes. */
export function parseBytes(text: string): number {
  return quantity(text, BYTE_UNITS, 'a size such as 64MB or 50GB');
}

const TIME_UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** `90s`, `1h`, `30d` → seconds. */
export function parseSpan(text: string): number {
  return quantity(text, TIME_UNITS, 'a time such as 90s, 15m, 1h or 30d');
}

function quantity(text: string, units: Readonly<Record<string, number>>, expected: string): number {
  const match = /^(\d+(?:\.\d+)?) ?([A-Za-z]+)$/.exec(text);
  const unit = match === null ? undefined : units[match[2]];
  const value = match === null || unit === undefined ? 0 : Number(match[1]) * unit;
  if (!(value > 0)) throw new InvalidArgumentError(`expected ${expected}`);
  return value;
}
