/**
 * What the ensemble attains on the recordings, target by target: `npm run -s skill` writes `docs/results/skill.md`. Every figure is one of a card of
 * `bookcast evaluate`, and every card is a run of the registry and so a counted look at its test part. It goes on where it was stopped (cards lie in
 * `.bookcast/skill`); `--only goog` does a part; `--write` only writes the page from what is there.
 */
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Figure } from '../src/evaluate/index.ts';
import type { CardSection, ModelCard } from '../src/report/index.ts';

const ROOT = resolve(import.meta.dirname, '..');
const DATA = process.env.BOOKCAST_DATA ?? resolve(ROOT, '../shared/data');
const DONE = join(ROOT, '.bookcast/skill');
const PAGE = join(ROOT, 'docs/results/skill.md');

interface Session {
  readonly name: string;
  readonly title: string;
  readonly files: readonly string[];
  readonly recipe: string;
  readonly targets: readonly string[];
}

const QUICK = ['events:10', 'time:100', 'time:1000', 'next-change'];
const SESSIONS: readonly Session[] = [
  {
    name: 'usdm-2024-08',
    title: 'Binance USD-M BTCUSDT 2024-08-08',
    files: ['binance/usdm_btcusdt_20240808.gz'],
    recipe: 'default',
    targets: QUICK,
  },
  {
    name: 'usdm-2024-07',
    title: 'Binance USD-M BTCUSDT 2024-07-18/19',
    files: ['binance/usdm_btcusdt_20240718.gz', 'binance/usdm_btcusdt_20240719.gz'],
    recipe: 'default',
    targets: QUICK,
  },
  {
    name: 'spot-2024-08',
    title: 'Binance spot BTCUSDT 2024-08-08/09',
    files: ['binance/spot_btcusdt_20240808.gz', 'binance/spot_btcusdt_20240809.gz'],
    recipe: 'default',
    targets: QUICK,
  },
  {
    name: 'goog',
    title: 'NASDAQ GOOG 2012-06-21, 10 levels',
    files: ['lobster/LOBSTER_SampleFile_GOOG_2012-06-21_10.zip'],
    recipe: 'goog',
    targets: ['events:10', 'next-change', 'events:50/terciles', 'events:100/terciles'],
  },
];

const cardOf = ({ name }: Session, target: string): string =>
  join(DONE, `${name}.${target.replaceAll(/[^a-z0-9]+/g, '-')}.json`);

const pathsOf = ({ files }: Session): string[] => files.map((file) => join(DATA, file));

async function evaluate(session: Session, target: string): Promise<void> {
  const path = cardOf(session, target);
  const { recipe } = session;
  const args = ['evaluate', '--data', ...pathsOf(session), '--recipe', recipe, '--target', target, '--threads', '1'];
  const aside = `${path}.new`;
  await promisify(execFile)(process.execPath, ['bin/bookcast.js', ...args, '--json', aside], {
    cwd: ROOT,
    maxBuffer: 2 ** 26,
  });
  renameSync(aside, path);
}

const signed = ({ value, interval }: Figure, digits: number): string => {
  const text = (x: number): string => `${x < 0 ? '−' : '+'}${Math.abs(x).toFixed(digits)}`;
  return interval === null ? text(value) : `${text(value)} [${text(interval.low)}, ${text(interval.high)}]`;
};

function row(section: CardSection): string {
  const { target, scores, chosen, comparisons, served } = section;
  const find = (name: string) => scores.forecasts.find((one) => one.name === name)!;
  const ensemble = find('ensemble');
  const against = comparisons.find((one) => one.against === chosen);
  const calibrated = find(served);
  const error = calibrated.calibration.error.topLabel.toFixed(3);
  const [low, high] = [calibrated.calibration.overlappingBand.topLabel].flatMap((band) => [band.low, band.high]);
  return `| ${[
    `\`${target}\``,
    scores.rows.toLocaleString('en-US'),
    signed(ensemble.gain, 4),
    signed(ensemble.directionGain, 4),
    signed(ensemble.mcc, 3),
    ensemble.accuracy.value.toFixed(3),
    against === undefined ? chosen : `${chosen}: ${signed(against.gain, 4)}`,
    `${error} (${low.toFixed(3)}–${high.toFixed(3)})`,
  ].join(' | ')} |`;
}

function baselineLine({ target, scores }: CardSection): string {
  const baselines = scores.forecasts.filter(({ baseline }) => baseline);
  const best = baselines.toSorted((a, b) => b.gain.value - a.gain.value)[0];
  return `\`${target}\`: ${best.name} ${signed(best.gain, 4)}`;
}

function table(session: Session): string[] {
  const cards = session.targets.map((target) => cardOf(session, target)).filter((path) => existsSync(path));
  const sections = cards.flatMap((path) => (JSON.parse(readFileSync(path, 'utf8')) as ModelCard).sections);
  const nothing = pathsOf(session).every((path) => existsSync(path))
    ? 'Not run yet.'
    : 'The recording is not on this machine.';
  if (sections.length === 0) return [`### ${session.title}`, '', nothing, ''];
  return [
    `### ${session.title}`,
    '',
    '| target | test rows | gain | direction gain | MCC | accuracy | ensemble less the member chosen on validation | calibration error (band of a perfect model) |',
    '|---|---:|---|---|---|---:|---|---|',
    ...sections.map(row),
    '',
    `Best forecast without skill: ${sections.map(baselineLine).join('; ')}.`,
    '',
    ...sections.flatMap(({ target, verdict }) => [`- \`${target}\`: ${verdict}`]),
    '',
  ];
}

function page(): string {
  const git = (...args: string[]): string => execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim();
  return [
    '# What the ensemble attains',
    '',
    `Written by \`npm run -s skill\`; commit ${git('rev-parse', '--short', 'HEAD')}, ${cpus()[0].model.trim()}, ${cpus().length} cores, Node ${process.versions.node}.`,
    '',
    'Each line is a card of `bookcast evaluate` with the recipe `goog` (GOOG) or `default` (all others): 60 % of the rows teach, 10 % weigh the members for the first time, the last 30 % are scored; labels over a',
    'boundary are purged, and one horizon beside it is left out. *Gain*: log-loss of the training prior less the ensemble’s, nats; *direction gain*: the part that is direction. In brackets 95 % block-bootstrap',
    'intervals. The calibration error is that of the forecast as served, in 15 bins of equal mass, beside the 95 % band of a perfect model with labels that overlap as much.',
    'One day of one stock and minutes of crypto sessions: nothing here speaks of other days. Members and settings were chosen on the sessions of July 2024 and earlier, and on the training and',
    'validation parts of GOOG; those of this release were scored twice, for the combiner changed in between (exponential weights, then `stacked`). The first scores stand in the page’s history.',
    '',
    ...SESSIONS.flatMap(table),
  ].join('\n');
}

const args = process.argv.slice(2);
const only = args.includes('--only') ? args[args.indexOf('--only') + 1].split(',') : SESSIONS.map(({ name }) => name);
mkdirSync(DONE, { recursive: true });
if (!args.includes('--write')) {
  for (const session of SESSIONS.filter(({ name }) => only.includes(name))) {
    if (!pathsOf(session).every((path) => existsSync(path))) continue;
    for (const target of session.targets.filter((one) => !existsSync(cardOf(session, one)))) {
      process.stderr.write(`${session.title}, ${target}\n`);
      await evaluate(session, target);
    }
  }
}
writeFileSync(PAGE, page());
process.stdout.write(`${PAGE}\n`);
