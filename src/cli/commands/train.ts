import { Command, InvalidArgumentError, Option } from 'commander';
import { MODEL_KINDS } from '../../models/training.ts';
import { DEFAULT_REGISTRY } from '../../store/index.ts';
import { type Context, parseCount, targetOption, withSteps } from '../options.ts';
import { fixed, grouped } from '../output.ts';
import { type Trained, train } from '../train-run.ts';
import type { TrainFlags } from '../train-settings.ts';
import { scoresText } from '../train-text.ts';

export function trainCommand(context: Context): Command {
  const { io } = context;
  const command = new Command('train')
    .description(
      'Train a model on files of features or recordings, score it on the last part of them beside forecasts without skill, and keep the run.',
    )
    .option('--model <name>', `kind of model: ${MODEL_KINDS.map(({ name }) => name).join(', ')}`)
    .option('--data <files...>', 'files that "bookcast features" wrote (.parquet, .duckdb), or recordings')
    .option('--config <file>', 'configuration as YAML (default: the one that comes with the package)')
    .addOption(targetOption())
    .option('--set-signals <set>', 'signals of recordings: core, full, or names separated by commas')
    .option('--set <key=value...>', 'one setting of the configuration, such as training.rate=0.003; may be repeated')
    .option('--epochs <n>', 'how long to train: epochs of a net, rounds of trees, steps of a regression', parseCount)
    .option('--seed <n>', 'of the first weights, the order of windows and dropout (default: 1)', parseSeed)
    .addOption(
      new Option('--device <device>', 'where nets are trained (default: cpu)').choices([
        'cpu',
        'cuda',
        'webgpu',
        'auto',
      ]),
    )
    .option('--threads <n>', 'threads of one operator (default: 2)', parseCount)
    .option('--fit <file>', 'what "bookcast fit" wrote, for signals with fitted parameters, of recordings')
    .option('--runs <dir>', 'where runs are kept', DEFAULT_REGISTRY)
    .option('--resume <run>', 'go on with a run that was stopped or killed: its id, or how that begins')
    .option('--out <file>', 'also write the model here (.onnx)')
    .addOption(new Option('--trial-of <study:number>', 'the trial of a tuning study that this is').hideHelp())
    .option('--quiet', 'print the scores alone', false)
    .option('--json', 'print the scores as JSON', false);
  return withSteps(command).action(async (flags: TrainFlags) => {
    const trained = await train(context, flags);
    io.out(flags.json ? `${JSON.stringify(trained)}\n` : trainedText(trained));
  });
}

function parseSeed(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('a seed is a whole number from 0 to 999,999,999');
  return Number(text);
}

function trainedText({ model, parameters, multiplyAdds, seconds, validationLogLoss, scores, files }: Trained): string {
  const facts = [
    `${grouped(parameters)} parameters`,
    `${grouped(multiplyAdds)} multiply-adds a window`,
    `fitted in ${fixed(seconds.fit, 1)} s`,
    `validation log-loss ${fixed(validationLogLoss, 4)}`,
  ];
  return `${model}: ${facts.join(', ')}\n\n${scores === null ? '' : `${scoresText(scores)}\n`}${files.join('\n')}\n`;
}
