import { Command } from 'commander';
import { exportFeatures } from '../feature-export.ts';
import { READABLE } from '../inputs.ts';
import { type Context, withSteps } from '../options.ts';
import { explainSignal, listSignals } from './features-text.ts';

export function featuresCommand(context: Context): Command {
  const { io } = context;
  const command = new Command('features')
    .description('Compute the signals of a recording, one row a tick of a clock; or list and explain them.')
    .argument('[files...]', READABLE)
    .option('--set <names>', 'sets (core, full) and signals by name, separated by commas', 'core')
    .option(
      '--clock <clock>',
      'when a row is taken: burst, event, events:N, time:MS, volume:SIZE (traded, in base units) or mid',
      'burst',
    )
    .option(
      '--out <file>',
      'file to write, the form by its name: FILE.parquet, FILE.duckdb (or FILE.duckdb#table), FILE.csv (default: CSV to standard output)',
    )
    .option('--double', 'signals as 64-bit numbers; as 32-bit ones they are half the size, with 7 digits', false)
    .option('--fit <file>', 'what "bookcast fit" wrote, for signals with fitted parameters')
    .option('--peer <files...>', "a second instrument's recording of the same time, for cross-instrument signals")
    .option('--list', 'list the signals', false)
    .option('--explain <name>', 'what a signal says, its formula, unit, warm-up and source')
    .option('--json', 'with --list or --explain: as JSON', false);
  return withSteps(command).action(async (files: string[], flags) => {
    if (flags.explain !== undefined) io.out(explainSignal(flags.explain, flags.json));
    else if (flags.list) io.out(listSignals(flags.json));
    else await exportFeatures(context, files, flags);
  });
}
