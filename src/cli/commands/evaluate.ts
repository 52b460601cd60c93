import { Command, InvalidArgumentError } from 'commander';
import { DEFAULT_REGISTRY } from '../../store/index.ts';
import { type EvaluateFlags, evaluate } from '../evaluate-run.ts';
import { evaluatedText } from '../evaluate-text.ts';
import { type Context, parseCount, withSteps } from '../options.ts';

export function evaluateCommand(context: Context): Command {
  const command = new Command('evaluate')
    .description(
      'Fit the members of a recipe, weigh them as they would have been live, score all of it on the last part of the recordings, and write a model card.',
    )
    .requiredOption('--data <files...>', 'recordings, or folders of tapes')
    .option('--recipe <recipe>', 'a recipe that comes with the package (default, goog), or a YAML file')
    .option(
      '--target <targets...>',
      'what to forecast, in place of the recipe’s: events:N, time:MS, volume:LOTS or next-change, with /terciles and the like; several make one card',
    )
    .option('--set <key=value...>', 'one setting of the recipe, such as trained.gbdt.mirror=false; may be repeated')
    .option('--out <file>', 'write the card here (.html); every run keeps its own besides')
    .option('--ship <folder>', 'write what was fitted here as a bundle, for --bundle and "bookcast models"')
    .option('--json <file>', 'write the card here as JSON')
    .option('--seed <n>', 'of first weights, orders, draws and intervals', parseSeed, 1)
    .option('--threads <n>', 'threads of one operator', parseCount, 2)
    .option(
      '--walk-forward <folds>',
      'score the last part in so many folds, the members fitted anew in each',
      parseFolds,
    )
    .option('--fit <file>', 'what "bookcast fit" wrote, for signals with fitted parameters')
    .option('--runs <dir>', 'where runs are kept: every evaluation is one, and counts as a look', DEFAULT_REGISTRY);
  return withSteps(command).action(async (flags: EvaluateFlags) => {
    context.io.out(evaluatedText(await evaluate(context, flags)));
  });
}

function parseSeed(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('a seed is a whole number from 0 to 999,999,999');
  return Number(text);
}

function parseFolds(text: string): number {
  const folds = Number(text);
  if (!Number.isInteger(folds) || folds < 2) throw new InvalidArgumentError('folds are a whole number from 2 up');
  return folds;
}
