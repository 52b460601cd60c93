/**
 * Trains every model on the recordings, three seeds each, and writes `docs/results/models.md`: `npm run -s models`. It goes on where it was
 * stopped: what is done lies in `.bookcast/models-table`. `--only goog,bin-ctabl` (datasets and models by name) does a part; `--write` only
 * writes the page from what is there. Recordings that this machine lacks are left out, and said to be.
 */
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Trained } from '../src/cli/train-run.ts';
import type { DatasetScore, Figure } from '../src/evaluate/index.ts';

const ROOT = resolve(import.meta.dirname, '..');
const DATA = process.env.BOOKCAST_DATA ?? resolve(ROOT, '../shared/data');
const DONE = join(ROOT, '.bookcast/models-table');
const RUNS = join(ROOT, '.bookcast/models-runs');
const PAGE = join(ROOT, 'docs/results/models.md');
const TARGET = 'events:10';
const SEEDS = [1, 2, 3];
/** Rows that the longest window reaches back: so every model is scored on the same windows. */
const REACH = 128;

/** From quick to slow, so that a stopped run has something of everything. */
const MODELS = [
  'logistic',
  'ridge',
  'gbdt',
  'linear',
  'mlp',
  'ctabl',
  'bin-ctabl',
  'gru',
  'lstm',
  'attention-lstm',
  'transformer',
  'mlplob',
  'deeplob',
  'tlob',
];
/** Seeds change nothing about them. */
const EXACT = ['logistic', 'ridge'];

/** Nets that take minutes an epoch see less: so that all of it takes under three hours on two cores. */
const SLOW = ['gru', 'lstm', 'attention-lstm', 'transformer', 'mlplob', 'deeplob', 'tlob'];

interface Recordings {
  readonly name: string;
  readonly title: string;
  readonly files: readonly string[];
  /** For slow nets: epochs, and every how many-th training window they see. */
  readonly epochs: number;
  readonly stride: number;
}

const RECORDINGS: readonly Recordings[] = [
  {
    name: 'goog',
    title: 'NASDAQ GOOG 2012-06-21, 10 levels',
    files: ['lobster/LOBSTER_SampleFile_GOOG_2012-06-21_10.zip'],
    epochs: 3,
    stride: 4,
  },
  {
    name: 'usdm-2024-08',
    title: 'Binance USD-M BTCUSDT 2024-08-08',
    files: ['binance/usdm_btcusdt_20240808.gz'],
    epochs: 4,
    stride: 1,
  },
  {
    name: 'usdm-2024-07',
    title: 'Binance USD-M BTCUSDT 2024-07-18/19',
    files: ['binance/usdm_btcusdt_20240718.gz', 'binance/usdm_btcusdt_20240719.gz'],
    epochs: 4,
    stride: 1,
  },
  {
    name: 'spot-2024-08',
    title: 'Binance spot BTCUSDT 2024-08-08/09',
    files: ['binance/spot_btcusdt_20240808.gz', 'binance/spot_btcusdt_20240809.gz'],
    epochs: 4,
    stride: 1,
  },
];

interface Job {
  readonly data: Recordings;
  readonly model: string;
  readonly seed: number;
  readonly path: string;
}

function jobs(only: readonly string[]): Job[] {
  const wanted = (names: readonly string[]) => {
    const picked = names.filter((name) => only.includes(name));
    return picked.length === 0 ? names : picked;
  };
  const sets = wanted(RECORDINGS.map(({ name }) => name)).map((name) => RECORDINGS.find((one) => one.name === name)!);
  return sets.flatMap((data) =>
    wanted(MODELS).flatMap((model) =>
      (EXACT.includes(model) ? [1] : SEEDS).map((seed) => ({
        data,
        model,
        seed,
        path: join(DONE, `${data.name}.${model}.${seed}.json`),
      })),
    ),
  );
}

function filesOf({ files }: Recordings): string[] | null {
  const paths = files.map((file) => join(DATA, file));
  return paths.every((path) => existsSync(path)) ? paths : null;
}

/** On one thread: as many trainings as there are cores are done sooner so than one after the other on all of them. */
async function run({ data, model, seed, path }: Job): Promise<void> {
  const files = filesOf(data);
  if (files === null) return;
  const args = ['train', '--model', model, '--data', ...files, '--target', TARGET, '--seed', String(seed), '--json'];
  const more = ['--threads', '1', '--quiet', '--set', `data.reach=${REACH}`, '--runs', RUNS];
  if (SLOW.includes(model)) more.push('--epochs', String(data.epochs), '--set', `training.stride=${data.stride}`);
  const command = ['bin/bookcast.js', ...args, ...more];
  const { stdout } = await promisify(execFile)(process.execPath, command, { cwd: ROOT, maxBuffer: 2 ** 26 });
  writeFileSync(path, stdout);
}

function done(data: Recordings, model: string): Trained[] {
  return SEEDS.map((seed) => join(DONE, `${data.name}.${model}.${seed}.json`))
    .filter((path) => existsSync(path))
    .map((path) => JSON.parse(readFileSync(path, 'utf8')) as Trained);
}

const mean = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0) / xs.length;

/** The mean over the seeds, and from the lowest to the highest end of their intervals. */
function figure(figures: readonly Figure[], digits: number): string {
  const value = mean(figures.map((one) => one.value)).toFixed(digits);
  const intervals = figures.flatMap(({ interval }) => (interval === null ? [] : [interval]));
  if (intervals.length < figures.length) return value;
  const low = Math.min(...intervals.map((one) => one.low)).toFixed(digits);
  const high = Math.max(...intervals.map((one) => one.high)).toFixed(digits);
  return `${value} [${low}, ${high}]`;
}

function row(name: string, cost: string, scores: readonly DatasetScore[]): string {
  const cells = [
    mean(scores.map(({ logLoss }) => logLoss.value)).toFixed(4),
    figure(
      scores.map(({ gain }) => gain),
      4,
    ),
    figure(
      scores.map(({ directionGain }) => directionGain),
      4,
    ),
    figure(
      scores.map(({ mcc }) => mcc),
      3,
    ),
    figure(
      scores.map(({ macroF1 }) => macroF1),
      3,
    ),
  ];
  return `| ${name} | ${cost} | ${cells.join(' | ')} |`;
}

const grouped = (n: number): string => n.toLocaleString('en-US');

function table(data: Recordings): string[] {
  const trained = MODELS.map((model) => ({ model, runs: done(data, model) })).filter(({ runs }) => runs.length > 0);
  if (trained.length === 0) {
    return [
      `### ${data.title}`,
      '',
      filesOf(data) === null ? 'The recording is not on this machine.' : 'Not run yet.',
      '',
    ];
  }
  // Only a trial of a study has no scores.
  const scores = trained[0].runs[0].scores!;
  const lines = trained.map(({ model, runs }) => {
    const [{ parameters, multiplyAdds }] = runs;
    const seconds = mean(runs.map((one) => one.seconds['fit-cpu']));
    const cost = `${runs.length} | ${grouped(parameters)} | ${grouped(multiplyAdds)} | ${seconds.toFixed(seconds < 10 ? 1 : 0)}`;
    return row(
      model,
      cost,
      runs.map((one) => one.scores!.scores[0]),
    );
  });
  const baselines = scores.scores.slice(1).map((score) => row(`*${score.model}*`, '— | — | — | —', [score]));
  return [
    `### ${data.title}`,
    '',
    `${grouped(scores.windows)} test windows${scores.reason === null ? `, intervals from ${scores.blocks} blocks of ${scores.blockLength}` : `; no intervals: ${scores.reason}`}.`,
    '',
    '| model | seeds | parameters | multiply-adds a window | core-seconds to fit | log-loss | gain over the prior | direction gain | MCC | macro-F1 |',
    '|---|---:|---:|---:|---:|---:|---|---|---|---|',
    ...lines,
    ...baselines,
    '',
  ];
}

function page(): string {
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: ROOT, encoding: 'utf8' }).trim();
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  return [
    '# Every model on the recordings',
    '',
    `Written by \`npm run -s models\`; bookcast ${version}, commit ${commit}, ${cpus()[0].model.trim()}, ${cpus().length} cores shared with other work, Node ${process.versions.node}.`,
    '',
    `Target ${TARGET}: the sign of the change of the mid after ten further decision points. The core set of signals, one row at each end of a burst. The first`,
    '60 % of the rows teach, the next 10 % stop the training, the last 30 % are scored; labels that reach over a boundary are purged, and one horizon',
    'beside it is left out. Configurations as in `configs/`, none of them tuned on these recordings. TLOB, MLPLOB and DeepLOB stand at the reduced widths',
    'that their configurations name.',
    `${SLOW.join(', ')} take minutes an epoch and see less here: ${RECORDINGS.map(({ title, epochs, stride }) => `${epochs} epochs of ${stride === 1 ? 'every window' : `every ${stride}th window`} on ${title}`).join('; ')}.`,
    '',
    'Figures are means over the seeds; brackets run from the lowest to the highest end of the seeds’ 95 % block-bootstrap intervals. *Gain* is the log-loss of the',
    'training prior less the model’s, in nats; *direction gain* the part of it that is direction and not volatility. Models in italics have no skill by',
    'construction. A gain below 0 is worse than knowing nothing but the shares of the classes. Minutes of one session say nothing of other days.',
    '',
    ...RECORDINGS.flatMap(table),
  ].join('\n');
}

const args = process.argv.slice(2);
const only = (args[args.indexOf('--only') + 1] ?? '').split(',');
mkdirSync(DONE, { recursive: true });
mkdirSync(join(ROOT, 'docs/results'), { recursive: true });
if (!args.includes('--write')) {
  const todo = jobs(args.includes('--only') ? only : []).filter(
    ({ path, data }) => !existsSync(path) && filesOf(data) !== null,
  );
  const queue = [...todo.entries()];
  const work = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [i, job] = next;
      process.stderr.write(`${i + 1} of ${todo.length}: ${job.model}, seed ${job.seed}, ${job.data.title}\n`);
      await run(job);
    }
  };
  await Promise.all(cpus().map(work));
}
writeFileSync(PAGE, page());
process.stdout.write(`${PAGE}: ${readdirSync(DONE).length} trainings\n`);
