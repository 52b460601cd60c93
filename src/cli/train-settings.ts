import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { BookcastError } from '../core/index.ts';
import { findKind, parseTrainingFile, type TrainingFile } from '../models/training.ts';
import type { Device } from '../nn/index.ts';
import { findRun, type Run } from '../store/index.ts';

export interface TrainFlags {
  readonly model?: string;
  readonly data?: string[];
  readonly config?: string;
  readonly target?: string;
  readonly setSignals?: string;
  readonly set?: string[];
  readonly epochs?: number;
  readonly seed?: number;
  readonly device?: Device;
  readonly threads?: number;
  readonly runs: string;
  readonly resume?: string;
  readonly out?: string;
  readonly quiet: boolean;
  readonly json: boolean;
  readonly fit?: string;
  readonly tick?: string;
  readonly lot?: string;
  readonly symbol?: string;
  readonly trialOf?: string;
}

/** All that decides what a run does. */
export interface TrainSettings {
  readonly file: TrainingFile;
  /** Paths as the user wrote them. */
  readonly data: readonly string[];
  readonly seed: number;
  readonly device: Device;
  readonly threads: number;
  /** `STUDY:NUMBER` of the tuning study that asks for it, or null. */
  readonly trialOf: string | null;
  /** The run that is gone on with; null for a new one. */
  readonly resume: Run | null;
}

const DEFAULT_SEED = 1;
const DEFAULT_THREADS = 2;
/** What a run that is resumed has from its own record. */
const OF_THE_RUN = [
  'model',
  'config',
  'target',
  'setSignals',
  'set',
  'epochs',
  'seed',
  'fit',
  'tick',
  'lot',
  'symbol',
  'trialOf',
] as const;
/** Flags that are keys of the configuration. */
const KEYS: Readonly<Record<string, string>> = {
  target: 'data.target',
  setSignals: 'data.signals',
  fit: 'data.fit',
  tick: 'data.tick',
  lot: 'data.lot',
  symbol: 'data.symbol',
};

/** The configurations that come with the package. */
const CONFIGS = fileURLToPath(new URL('../../configs', import.meta.url));

/** Throws `bad-argument` for flags that do not go together, and what `parseTrainingFile` and `findRun` throw. */
export function trainSettings(flags: TrainFlags): TrainSettings {
  return flags.resume === undefined ? newSettings(flags) : resumedSettings(flags, flags.resume);
}

function newSettings(flags: TrainFlags): TrainSettings {
  const { model, data, config } = flags;
  if (model === undefined && config === undefined) {
    throw new BookcastError(
      'bad-argument',
      'no model was named: give --model NAME (such as lstm), --config FILE, or --resume RUN',
    );
  }
  if (data === undefined || data.length === 0) {
    throw new BookcastError('bad-argument', 'no data were named: give --data with files of features or recordings');
  }
  const named = Object.entries(KEYS).flatMap(([flag, key]) => {
    const value = flags[flag as keyof TrainFlags];
    return value === undefined ? [] : [`${key}=${JSON.stringify(value)}`];
  });
  const { text, where } = configText(model, config);
  const file = parseTrainingFile(text, {
    where,
    model,
    overrides: [...(flags.set ?? []), ...named],
    epochs: flags.epochs,
  });
  const { seed = DEFAULT_SEED, device = 'cpu', threads = DEFAULT_THREADS } = flags;
  return { file, data, seed, device, threads, trialOf: flags.trialOf ?? null, resume: null };
}

/** The user's file, or the one that comes with the package; a model without one is trained with its defaults. */
function configText(model: string | undefined, config: string | undefined): { text: string; where: string } {
  if (config !== undefined) {
    try {
      return { text: readFileSync(config, 'utf8'), where: config };
    } catch (cause) {
      throw new BookcastError('not-found', `cannot read the configuration ${config}: ${(cause as Error).message}`, {
        cause,
      });
    }
  }
  const { name } = findKind(model as string);
  const path = `${CONFIGS}/${name}.yaml`;
  const where = `configs/${name}.yaml`;
  return { text: existsSync(path) ? readFileSync(path, 'utf8') : `model: ${name}`, where };
}

function resumedSettings(flags: TrainFlags, prefix: string): TrainSettings {
  const other = OF_THE_RUN.find((flag) => flags[flag] !== undefined);
  if (other !== undefined) {
    const name = other.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    throw new BookcastError(
      'bad-argument',
      `--resume goes on with what the run was started with, so --${name} has no place beside it`,
    );
  }
  const resume = findRun(flags.runs, prefix);
  const { record } = resume;
  const file = parseTrainingFile(JSON.stringify(record.config), { where: `the run ${resume.id}`, model: record.model });
  return {
    file,
    data: flags.data ?? record.data.files.map(({ path }) => path),
    seed: record.seed,
    device: flags.device ?? (record.device as Device),
    threads: flags.threads ?? record.threads,
    trialOf: record.trialOf,
    resume,
  };
}
