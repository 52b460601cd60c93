import { createHash } from 'node:crypto';
import { Command, InvalidArgumentError, Option } from 'commander';
import { BookcastError } from '../../core/index.ts';
import {
  countTrials,
  DEFAULT_REGISTRY,
  listRuns,
  readRun,
  type Study,
  StudyLog,
  studyOf,
  type TrialCount,
} from '../../store/index.ts';
import type { Io } from '../io.ts';
import { type Context, parseCount, parseSpan } from '../options.ts';
import { readSpace } from '../tune-space.ts';
import { type Budget, bestTrial, plannedTrials, refuseAllFailed, runStudy, SEARCHES } from '../tune-study.ts';
import { StudyProgress, studyText } from '../tune-text.ts';
import { ownTrainCommand, type TrainCommand } from '../tune-trial.ts';

export interface TuneFlags {
  model?: string;
  data?: string[];
  space?: string;
  budget?: string;
  workers?: number;
  seed?: number;
  search?: (typeof SEARCHES)[number];
  epochs?: number;
  config?: string;
  set?: string[];
  target?: string;
  device?: string;
  threads?: number;
  objective?: string;
  resume?: string;
  runs: string;
  json: boolean;
}

const DEFAULTS = { search: 'tpe', workers: 1, seed: 7, epochs: 27, objective: 'validation-log-loss' } as const;
/** What a resumed study may be told anew; all else is as when it started. */
const ON_RESUME: readonly string[] = ['resume', 'runs', 'json', 'workers', 'budget'];

export function tuneCommand({ io }: Context): Command {
  return new Command('tune')
    .description(
      'Search for the settings of a model that give the best validation score, one process a trial; no trial is scored on the test part.',
    )
    .argument('[train...]', 'after --: further arguments of "bookcast train", for every trial')
    .option('--model <name>', 'kind of model, as "bookcast train" takes it')
    .option('--data <paths...>', 'files of features or recordings')
    .option('--space <file>', 'YAML: setting → {values: […]} or {low, high, log, integer}, as in configs/spaces')
    .option(
      '--budget <budget>',
      'trials to run, such as 20 (of halving, configurations to begin with), or time in which they are started, such as 30m',
    )
    .addOption(new Option('--search <how>', `how to search (default: ${DEFAULTS.search})`).choices(SEARCHES))
    .option('--workers <n>', `trials at a time (default: ${DEFAULTS.workers})`, parseCount)
    .option('--seed <n>', `of the search, and of every trial (default: ${DEFAULTS.seed})`, parseSeed)
    .option(
      '--epochs <n>',
      `epochs of a trial; of halving, of its last rung (default there: ${DEFAULTS.epochs})`,
      parseCount,
    )
    .option('--config <file>', 'configuration that trials begin with')
    .option('--set <key=value>', 'a setting of all trials; may be repeated', (text, all: string[] = []) => [
      ...all,
      text,
    ])
    .option('--target <target>', 'what to forecast')
    .option('--device <device>', 'where trials run')
    .option('--threads <n>', 'threads of each trial', parseCount)
    .option('--objective <metric>', `metric to make small (default: ${DEFAULTS.objective})`)
    .option('--resume <study>', 'go on with a study that was stopped')
    .option('--runs <dir>', 'folder of the registry', DEFAULT_REGISTRY)
    .option('--json', 'print JSON', false)
    .action((extra: string[], flags: TuneFlags) => tune(io, flags, extra, ownTrainCommand()));
}

/** `command` starts a trial. */
export async function tune(io: Io, flags: TuneFlags, extra: readonly string[], command: TrainCommand): Promise<void> {
  const log = flags.resume === undefined ? newStudy(io, flags, extra) : resumed(flags, flags.resume, extra);
  const { study } = log;
  try {
    if (study.search === 'halving' && flags.resume !== undefined && flags.budget !== undefined) {
      throw new BookcastError(
        'bad-argument',
        '--budget: the rungs of halving were planned when it began; leave it out',
      );
    }
    const budget = parseBudget(flags.budget ?? study.budget, study.search);
    const planned = plannedTrials(study, budget);
    const progress = new StudyProgress(io, study, log.trials, planned);
    io.err(`study ${study.id}${log.trials.length > 0 ? `, ${log.trials.length} trials done before` : ''}\n`);
    let end: 'done' | 'stopped';
    try {
      end = await runStudy({
        ...{ registry: flags.runs, log, budget, command, clock: io.clock, stop: io.stop },
        workers: flags.workers ?? study.workers,
        onTrial: (line) => progress.trial(line),
      });
    } finally {
      progress.stop();
    }
    if (end === 'stopped') {
      const runs = flags.runs === DEFAULT_REGISTRY ? '' : ` --runs ${flags.runs}`;
      throw new BookcastError(
        'not-ready',
        `stopped after ${log.trials.length} trials; go on with "bookcast tune --resume ${study.id}${runs}"`,
      );
    }
    refuseAllFailed(study, log.trials);
    report(io, flags, log);
  } finally {
    log.close();
  }
}

function newStudy(io: Io, flags: TuneFlags, extra: readonly string[]): StudyLog {
  const { model, data, space: spacePath, budget: budgetText } = flags;
  for (const name of ['model', 'data', 'space', 'budget'] as const) {
    if (flags[name] === undefined) {
      throw new BookcastError('bad-argument', `tune needs --${name} (or --resume STUDY); see "bookcast tune --help"`);
    }
  }
  if (flags.objective?.startsWith('test-') === true) {
    throw new BookcastError(
      'bad-argument',
      `--objective ${flags.objective}: trials are not scored on the test part, which must not choose among them; take a metric of the validation part, such as ${DEFAULTS.objective}`,
    );
  }
  const search = flags.search ?? DEFAULTS.search;
  const budget = parseBudget(budgetText!, search);
  const { space, data: spaceData } = readSpace(spacePath!);
  const isHalving = search === 'halving';
  if (isHalving && space.some(({ key }) => key === 'training.epochs')) {
    throw new BookcastError('bad-argument', `${spacePath}: training.epochs is what halving spends; leave it out`);
  }
  const shared: [string, string | number | undefined][] = [
    ['--config', flags.config],
    ['--target', flags.target],
    ['--device', flags.device],
    ['--threads', flags.threads],
    ['--epochs', isHalving ? undefined : flags.epochs],
  ];
  const startedMs = io.clock.nowMs();
  const described = {
    model: model!,
    search,
    seed: flags.seed ?? DEFAULTS.seed,
    workers: flags.workers ?? DEFAULTS.workers,
    budget: budgetText!,
    objective: flags.objective ?? DEFAULTS.objective,
    space: spaceData,
    train: [
      ...['--data', ...data!],
      ...shared.flatMap(([name, value]) => (value === undefined ? [] : [name, String(value)])),
      ...(flags.set ?? []).flatMap((setting) => ['--set', setting]),
      ...extra,
    ],
    folder: process.cwd(),
    options: isHalving ? { epochs: flags.epochs ?? DEFAULTS.epochs, configurations: budget.trials } : {},
  };
  const study: Study = { format: 1, id: studyId(startedMs, described), startedMs, ...described };
  return StudyLog.start(flags.runs, study);
}

function studyId(startedMs: number, described: unknown): string {
  const time = new Date(startedMs).toISOString().replace(/[-:T]/g, '');
  const hash = createHash('sha256')
    .update(JSON.stringify([startedMs, process.pid, described]))
    .digest('hex');
  return `study-${time.slice(0, 8)}-${time.slice(8, 14)}-${hash.slice(0, 6)}`;
}

function resumed(flags: TuneFlags, id: string, extra: readonly string[]): StudyLog {
  const given = Object.entries(flags).filter(([name, value]) => value !== undefined && !ON_RESUME.includes(name));
  const odd = given.length > 0 ? `--${given[0][0]}` : extra[0];
  if (odd !== undefined) {
    throw new BookcastError(
      'bad-argument',
      `${odd} cannot be told to a study that is resumed: it goes on as it began; only --budget and --workers may change`,
    );
  }
  const log = StudyLog.resume(flags.runs, id);
  const going = listRuns(flags.runs).runs.find(
    ({ state, record }) => state === 'running' && studyOf(record.trialOf) === id,
  );
  if (going === undefined) return log;
  log.close();
  throw new BookcastError(
    'not-ready',
    `a trial of study ${id} is running (run ${going.id}); wait for its end or stop it, then resume`,
    { study: id, run: going.id },
  );
}

function report(io: Io, flags: TuneFlags, { study, trials }: StudyLog): void {
  const best = bestTrial(trials);
  const ofStudy = countTrials(flags.runs, { study: study.id });
  const looks = looksAt(flags.runs, best?.run ?? null) ?? ofStudy;
  if (flags.json) io.out(`${JSON.stringify({ study, trials, best, runs: ofStudy, looks }, null, 2)}\n`);
  else io.out(studyText(study, trials, ofStudy, looks));
}

function looksAt(registry: string, id: string | null): TrialCount | null {
  if (id === null) return null;
  const { data, target } = readRun(registry, id).record;
  return countTrials(registry, { dataHash: data.hash, target });
}

function parseBudget(text: string, search: string): Budget {
  if (/^\d+$/.test(text) && Number(text) >= 1) return { trials: Number(text), seconds: Number.POSITIVE_INFINITY };
  if (search === 'halving') {
    throw new BookcastError(
      'bad-argument',
      `--budget ${text}: halving plans its rungs beforehand, so its budget is a number of configurations, such as 27`,
    );
  }
  try {
    return { trials: Number.MAX_SAFE_INTEGER, seconds: parseSpan(text) };
  } catch {
    throw new BookcastError('bad-argument', `--budget ${text}: expected trials such as 20, or a time such as 30m`);
  }
}

function parseSeed(text: string): number {
  const seed = Number(text);
  if (!Number.isSafeInteger(seed)) throw new InvalidArgumentError('a seed is a whole number');
  return seed;
}
