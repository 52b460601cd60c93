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
    .option('--lot <decimal>', 'size step of an instrument that bookcast does not know, such as 0.001');
}

export function targetOption(): Option {
  return new Option(
    '--target <target>',
    'what to forecast: events:N (N decision points ahead), time:MS (milliseconds ahead) or next-change',
  );
}

export function configOption(): Option {
  return new Option('--config <file>', 'settings as JSON; the environment and flags take precedence');
}
