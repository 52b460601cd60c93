import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { BookcastError } from '../core/index.ts';
import { analyseCommand } from './commands/analyse.ts';
import { apiCommand } from './commands/api.ts';
import { backtestCommand } from './commands/backtest.ts';
import { dashboardCommand } from './commands/dashboard.ts';
import { demoCommand } from './commands/demo.ts';
import { doctorCommand } from './commands/doctor.ts';
import { evaluateCommand } from './commands/evaluate.ts';
import { featuresCommand } from './commands/features.ts';
import { fitCommand } from './commands/fit.ts';
import { ingestCommand } from './commands/ingest.ts';
import { modelsCommand } from './commands/models.ts';
import { paperCommand } from './commands/paper.ts';
import { recordCommand } from './commands/record.ts';
import { replayCommand } from './commands/replay.ts';
import { runsCommand } from './commands/runs.ts';
import { trainCommand } from './commands/train.ts';
import { tuneCommand } from './commands/tune.ts';
import { walkforwardCommand } from './commands/walkforward.ts';
import { type Io, processIo } from './io.ts';

/** Exit status of a mistake on the command line; other failures exit with 1. */
const USAGE_ERROR = 2;

export function packageVersion(): string {
  const file = new URL('../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

/** Runs one command and returns the exit status. A user's mistake is one line on standard error, without a stack trace. */
export async function main(argv: readonly string[], io: Io = processIo()): Promise<number> {
  const version = packageVersion();
  const program = new Command('bookcast')
    .description('High-frequency order book imbalance forecasting: exact books, honest forecasts.')
    .version(version, '-v, --version')
    .showSuggestionAfterError(true);
  for (const build of [
    demoCommand,
    replayCommand,
    ingestCommand,
    recordCommand,
    featuresCommand,
    analyseCommand,
    fitCommand,
    trainCommand,
    tuneCommand,
    evaluateCommand,
    backtestCommand,
    paperCommand,
    walkforwardCommand,
    runsCommand,
    modelsCommand,
    apiCommand,
    dashboardCommand,
    doctorCommand,
  ]) {
    program.addCommand(build({ io, version }));
  }
  for (const command of [program, ...program.commands]) {
    command
      .exitOverride()
      .showHelpAfterError(`(see "bookcast${command === program ? '' : ` ${command.name()}`} --help")`)
      .configureOutput({ writeOut: io.out, writeErr: io.err });
  }
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return 0;
  } catch (error) {
    return report(error, io);
  }
}

function report(error: unknown, io: Io): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE_ERROR;
  if (error instanceof BookcastError) {
    io.err(`bookcast: ${error.message}\n`);
    return error.code === 'bad-argument' ? USAGE_ERROR : 1;
  }
  // A mistake of ours: the whole story, so that it can be reported.
  io.err(`bookcast: this is a bug, please report it:\n${error instanceof Error ? error.stack : String(error)}\n`);
  return 1;
}
