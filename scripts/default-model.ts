/**
 * Fits the model that comes with the package and scores it on sessions that it never saw: `npm run -s default-model`. Writes `models/default`:
 * the bundle, `card.json` and `README.md`. The recordings lie in `../shared/data` or `BOOKCAST_DATA`. A few minutes on two cores; the same
 * bytes each time on the same machine. `--out FOLDER` writes elsewhere.
 */
import { createHash } from 'node:crypto';
import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { fitBundle } from '../src/cli/fit-bundle.ts';
import { openRecording } from '../src/cli/inputs.ts';
import { processIo } from '../src/cli/io.ts';
import { packageVersion } from '../src/cli/main.ts';
import { readRecipe } from '../src/cli/recipe.ts';
import { ServedModels } from '../src/cli/served-models.ts';
import { type ForecastScores, scoreForecasts } from '../src/evaluate/index.ts';
import { type BundleFacts, Forecaster, readBundle } from '../src/forecast/index.ts';
import { instrumentKey } from '../src/market/index.ts';
import { parseTarget } from '../src/models/index.ts';

const ROOT = resolve(import.meta.dirname, '..');
const DATA = process.env.BOOKCAST_DATA ?? resolve(ROOT, '../shared/data');
const SEED = 20240719;
const RECIPE = 'shipped';
/** Rows drawn as one for the intervals: twelve horizons. */
const BLOCK = 128;

/** USD-M alone: signals in ticks are ten times as large on spot, whose tick is a tenth, and of spot there is no earlier session with a snapshot. */
const LEARNT = [
  ['usdm_btcusdt_20230404.dat.gz', 'usdm_btcusdt_20230405.dat.gz'],
  ['usdm_btcusdt_20240718.gz', 'usdm_btcusdt_20240719.gz'],
];
const KEPT = [
  { session: 'USD-M BTCUSDT 2024-08-08', files: ['usdm_btcusdt_20240808.gz'] },
  { session: 'spot BTCUSDT 2024-08-08/09', files: ['spot_btcusdt_20240808.gz', 'spot_btcusdt_20240809.gz'] },
];

interface Section {
  readonly session: string;
  readonly instrument: string;
  /** Whether the bundle learnt from the instrument, on other days. */
  readonly known: boolean;
  readonly files: readonly { readonly name: string; readonly bytes: number; readonly sha256: string }[];
  readonly target: string;
  readonly served: string;
  readonly scores: ForecastScores;
}

const { values: flags } = parseArgs({ options: { out: { type: 'string' } } });
const folder = resolve(flags.out ?? join(ROOT, 'models/default'));
const io = processIo();
const version = packageVersion();
const log = (line: string): void => void process.stderr.write(`${line}\n`);

const draft = `${folder}.new`;
rmSync(draft, { recursive: true, force: true });
const recipe = readRecipe({ recipe: RECIPE });
const recordings = LEARNT.map((files) => files.map(recording));
await fitBundle({ io, version }, { recordings, recipe, name: 'default', folder: draft, seed: SEED, threads: 1, log });
const sections: Section[] = [];
for (const { session, files } of KEPT) sections.push(await scored(session, files));
const { facts } = readBundle(draft);
const card = {
  format: 1,
  bookcast: version,
  bundle: { name: facts.name, version: facts.version },
  seed: SEED,
  learnt: { ...facts.learnt, minutes: minutesOf(facts), files: LEARNT.flat().map(fileFacts) },
  limits: limitsOf(facts),
  sections,
};
writeFileSync(join(draft, 'card.json'), `${JSON.stringify(card, rounded, 1)}\n`);
writeFileSync(join(draft, 'README.md'), readme(facts, sections));
rmSync(folder, { recursive: true, force: true });
renameSync(draft, folder);
log(`written    ${folder}, version ${facts.version}`);

/** The live path over a session, scored from its first forecast. */
async function scored(session: string, files: readonly string[]): Promise<Section> {
  const target = parseTarget(recipe.targets[0]);
  const source = await openRecording(files.map(recording));
  const { instrument } = source;
  const served = await ServedModels.open(
    { model: [], device: 'cpu', bundle: draft },
    { instrument, target, clock: io.clock, log },
  );
  try {
    const labels: number[] = [];
    const said: number[][] = [];
    const onOutcome = (_: unknown, label: number, probabilities: readonly Float64Array[]): void => {
      labels.push(label);
      probabilities.forEach((p, m) => {
        said[m] ??= [];
        said[m].push(...p);
      });
    };
    const forecaster = new Forecaster(instrument, target, { onOutcome }, served.forecaster);
    for await (const batch of source.batches({ lend: true })) forecaster.apply(batch);
    const scores = scoreForecasts({
      labels: Int8Array.from(labels),
      forecasts: forecaster.models.map(({ name, baseline }, m) => ({
        name,
        baseline,
        probabilities: Float64Array.from(said[m]),
      })),
      // Of the session itself: the best forecast that never changes, which nobody could have known. Training’s shares are of calmer markets.
      prior: sharesIn(labels, target.classes.length),
      blockLength: BLOCK,
      horizon: target.horizon,
      seed: SEED,
    });
    const key = instrumentKey(instrument);
    const known = readBundle(draft).facts.learnt.instruments.includes(key);
    log(`scored     ${session}: ${labels.length} forecasts`);
    const { name } = forecaster.served;
    return {
      session,
      instrument: key,
      known,
      files: files.map(fileFacts),
      target: recipe.targets[0],
      served: name,
      scores,
    };
  } finally {
    await served.close();
  }
}

function sharesIn(labels: readonly number[], classes: number): number[] {
  return Array.from({ length: classes }, (_, k) => labels.filter((label) => label === k).length / labels.length);
}

function recording(name: string): string {
  return join(DATA, 'binance', name);
}

function fileFacts(name: string): Section['files'][number] {
  const path = recording(name);
  const sha256 = createHash('sha256').update(readFileSync(path)).digest('hex');
  return { name: basename(path), bytes: statSync(path).size, sha256 };
}

/** From the first row to the last one, of each day. */
function minutesOf({ learnt }: BundleFacts): number {
  return Math.round(learnt.spans.reduce((sum, [, from, until]) => sum + (until - from), 0) / 6e9) / 10;
}

/** Digits behind the sixth are noise, and three quarters of the file. */
function rounded(_: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value;
}

function limitsOf(of: BundleFacts): string[] {
  return [
    `It learnt from ${minutesOf(of)} minutes of ${of.learnt.instruments.join(', ')} in two sessions, and was scored on two more. Nothing here speaks of other days.`,
    'Forecasts are of the direction of the mid, 10 decision points ahead. They pay for no spread and no fee, and no one could trade on them at these prices.',
    'Signals in ticks (returns, volatility, microprice, distances of depth) mean another thing on an instrument of another tick: of one that it never saw, only the trained members come along, and online parts begin anew.',
    'The kept sessions were not untouched: another way of combining (exponential weights) was scored on the USD-M session before fixed share was chosen, quantiles of the signals of both were looked at, and this model was scored on each twice.',
  ];
}

function readme(of: BundleFacts, all: readonly Section[]): string {
  const [little, ...more] = limitsOf(of);
  const lines = [
    '# The model that comes with bookcast',
    '',
    `**${little}**`,
    '',
    ...more.flatMap((limit) => [limit, '']),
    `Made by \`npm run -s default-model\` (recipe \`configs/recipes/${RECIPE}.yaml\`, seed ${SEED}); version \`${of.version.slice(0, 16)}\`. It forecasts \`${of.target}\` from the ${of.signals.length} core signals.`,
    '',
    '## Scores',
    '',
    `By the live path (book, signals, members, ensemble, calibration), from the first forecast of each session on. In brackets: 95 % intervals, from blocks of ${BLOCK} forecasts drawn anew. *gain*: nats a forecast over the best forecast that never changes, the class shares of the session itself, which nobody could have known.`,
    '',
    ...all.flatMap(sectionLines),
    'All figures, of each member, are in [card.json](card.json).',
    '',
    '## Data and licence',
    '',
    'The recordings are of public streams of Binance, made by others; Binance’s own terms of use apply to them. No row of them is in this folder: it holds weights, the',
    'state of online learners, and quantiles of signals. These are under the licence of the package (MIT).',
    '',
  ];
  return lines.join('\n');
}

function sectionLines({ session, known, served, scores }: Section): string[] {
  const row = (forecast: ForecastScores['forecasts'][number]): string => {
    const { name, baseline, logLoss, gain, directionGain, mcc, accuracy } = forecast;
    const cells = [logLoss, gain, directionGain, mcc, accuracy].map(({ value, interval }) =>
      interval === null
        ? value.toFixed(3)
        : `${value.toFixed(3)} [${interval.low.toFixed(3)}, ${interval.high.toFixed(3)}]`,
    );
    const title = baseline ? `${name} (no skill)` : name === served ? `**${name}**` : name;
    return `| ${title} | ${cells.join(' | ')} |`;
  };
  const shown = scores.forecasts.filter(({ name, baseline }) => baseline || name === served || name === 'imbalance');
  return [
    `### ${session}${known ? '' : ' (an instrument that it never saw)'}, ${scores.rows} forecasts`,
    '',
    '| forecast | log-loss | gain | direction gain | MCC | accuracy |',
    '|---|---|---|---|---|---|',
    ...shown.map(row),
    '',
  ];
}
