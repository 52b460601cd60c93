import { type Command, InvalidArgumentError, Option } from 'commander';
import { LEARNERS, type Learner } from '../forecast/index.ts';
import type { Device } from '../nn/index.ts';
import { DEFAULT_SHELF } from './bundle-shelf.ts';

/** A trained model to serve: its file, and the version that it must be (null: any). */
export interface ModelSpec {
  readonly path: string;
  readonly pinned: string | null;
}

/** What the flags of `withModels` are parsed into. */
export interface ModelFlags {
  readonly model: readonly ModelSpec[];
  readonly device: Device;
  readonly fit?: string;
  /** Name or folder; `none` for the online models alone; absent: what is promoted. */
  readonly bundle?: string;
  readonly shelf?: string;
  /** Members that learn live, in place of those of every day. */
  readonly online?: readonly Learner[];
}

/** `FILE.onnx` or `FILE.onnx@HASH`. An `@` before anything else than a hash is part of the name. */
function parseModel(text: string, before: readonly ModelSpec[] = []): ModelSpec[] {
  const match = /^(.+)@([0-9a-fA-F]{8,64})$/.exec(text);
  const spec = match === null ? { path: text, pinned: null } : { path: match[1], pinned: match[2].toLowerCase() };
  return [...before, spec];
}

function parseLearners(text: string): Learner[] {
  const names = text.split(',').map((name) => name.trim());
  return names.map((name, at) => {
    const found = LEARNERS.find((learner) => learner === name);
    if (found !== undefined && names.indexOf(name) === at) return found;
    const what = found === undefined ? `there is no "${name}"` : `${name} is there twice`;
    throw new InvalidArgumentError(`${what}; name some of ${LEARNERS.join(', ')}, each once`);
  });
}

/** The options of commands that serve trained models. */
export function withModels(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--model <file>',
        'serve what "bookcast train" wrote (.onnx), beside the online models; FILE@HASH takes that version alone; may be repeated; all of them join the ensemble',
      )
        .argParser(parseModel)
        .default([], 'the online models alone'),
    )
    .addOption(
      new Option('--device <device>', 'where trained models run')
        .choices(['cpu', 'cuda', 'webgpu', 'auto'])
        .default('cpu'),
    )
    .option(
      '--bundle <name>',
      'serve a whole bundle: its name on the shelf ("bookcast models list") or its folder; none serves what learns live alone',
    )
    .addOption(shelfOption())
    .addOption(
      new Option(
        '--online <names>',
        `what learns live, with commas: ${LEARNERS.join(', ')}; bayes-regime forgets at once when the market changes, bayes-dma averages over forgetting factors and signals; by default imbalance, bayes, bayes-regime and a small average`,
      ).argParser(parseLearners),
    )
    .option('--fit <file>', 'what "bookcast fit" wrote, for models that read signals with fitted parameters');
}

export function shelfOption(): Option {
  return new Option('--shelf <dir>', 'folder of bundles').default(DEFAULT_SHELF);
}
