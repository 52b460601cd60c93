import { Command, Option } from 'commander';
import { DEFAULT_REGISTRY } from '../../store/index.ts';
import { backtestText } from '../backtest-text.ts';
import { READABLE } from '../inputs.ts';
import { type Context, parseCount, withSteps } from '../options.ts';
import { type WalkFlags, walkForwardRun } from '../walk-run.ts';
import { walkText } from '../walk-text.ts';

export function walkforwardCommand(context: Context): Command {
  const command = new Command('walkforward')
    .description(
      'Retrain, choose, trade, roll on: what a strategy would have earned whose models and parameters knew the past alone, and how far that may be believed.',
    )
    .requiredOption('--tape <files...>', READABLE)
    .option('--config <file>', 'settings as YAML (default: configs/walkforward/default.yaml of the package)')
    .option('--set <key=value...>', 'one of these settings, such as recipe=shipped or set.fees=none; may be repeated')
    .option('--folds <count>', 'stretches that are traded, in place of the settings’', parseCount)
    .option(
      '--out <folder>',
      'where results are kept (default: a folder of .bookcast/walks, named by what they depend on)',
    )
    .option('--workers <count>', 'stretches that are worked on at once (default: the number of processors)', parseCount)
    .option('--resume', 'go on with the results that are there', false)
    .option('--json', 'print the card as one JSON object instead of a table', false)
    .addOption(
      new Option('--runs <dir>', 'where runs are kept: all combinations on all stretches count as trials').default(
        DEFAULT_REGISTRY,
      ),
    );
  return withSteps(command).action(async (flags: WalkFlags) => {
    const { card, folder, run } = await walkForwardRun(context, flags);
    const places = [`run: ${run}`, `page: ${folder}/report.html`];
    context.io.out(
      flags.json ? `${JSON.stringify({ run, folder, ...card })}\n` : `${walkText(card)}\n${backtestText(card, places)}`,
    );
  });
}
