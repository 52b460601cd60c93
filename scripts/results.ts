/**
 * Prints the README's tables of results, from the commands that the README names: `npm run -s results`. With `--write`, puts
 * them between the README's marks. Recordings that this machine lacks are left out, and said to be.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '..');
const DATA = process.env.BOOKCAST_DATA ?? resolve(ROOT, '../shared/data');

/** What stands in the table's row, the recording's files, and which instrument where they hold several. */
const SESSIONS: [string, string[], string?][] = [
  ['NASDAQ GOOG 2012-06-21, 10 levels', ['lobster/LOBSTER_SampleFile_GOOG_2012-06-21_10.zip']],
  ['NASDAQ GOOG 2012-06-21, 5 levels', ['lobster/LOBSTER_SampleFile_GOOG_2012-06-21_5.zip']],
  ['NASDAQ GOOG 2012-06-21, 1 level', ['lobster/LOBSTER_SampleFile_GOOG_2012-06-21_1.zip']],
  ['NASDAQ AAPL 2012-06-21, 1 level', ['lobster/LOBSTER_SampleFile_AAPL_2012-06-21_1.zip']],
  [
    'Binance USD-M BTCUSDT 2023-04-04/05',
    ['binance/usdm_btcusdt_20230404.dat.gz', 'binance/usdm_btcusdt_20230405.dat.gz'],
  ],
  ['Binance USD-M BTCUSDT 2024-07-18/19', ['binance/usdm_btcusdt_20240718.gz', 'binance/usdm_btcusdt_20240719.gz']],
  ['Binance USD-M BTCUSDT 2024-08-08', ['binance/usdm_btcusdt_20240808.gz']],
  ['Binance spot BTCUSDT 2024-08-08/09', ['binance/spot_btcusdt_20240808.gz', 'binance/spot_btcusdt_20240809.gz']],
  ['Binance COIN-M BTCUSD 2024-08-08/09', ['binance/cm_btcusd_perp_20240808.gz', 'binance/cm_btcusd_perp_20240809.gz']],
  [
    'Coinbase Exchange BTC-USD 2018-04-24, 1 h',
    ['snapshot_bids', 'snapshot_asks', ...[1, 2, 3, 4].map((n) => `l2update_15min_${n}`)].map(
      (name) => `coinbase/${name}.csv.xz`,
    ),
  ],
  ['Coinbase Advanced BTC-USD 2026-08-09, 24 s', ['coinbase/COINBASE.jsonl.zst'], 'BTC-USD'],
  ['Kraken XMR/USD 2021-04-17, 2 min', ['kraken/KRAKEN.jsonl.zst'], 'XMR/USD'],
];

interface Report {
  rows: number;
  events: number;
  verified: { checked: number; mismatches: number } | null;
  faults: { gaps: number; crossed: number };
  scores: { model: string; baseline: boolean; logLoss: number; mcc: number }[];
  gains: { over: string; baseline: boolean; gain: number; interval: { low: number; high: number } | null }[];
}

function run(args: string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  if (status !== 0) throw new Error(`node ${args.join(' ')} failed:\n${stderr}`);
  return stdout;
}

function replay(files: string[], target: string, symbol?: string): Report {
  const which = symbol === undefined ? [] : ['--symbol', symbol];
  return JSON.parse(run(['bin/bookcast.js', 'replay', ...files, ...which, '--verify', '--json', '--target', target]));
}

function sessionRows(target: string): string[] {
  return SESSIONS.map(([title, names, symbol]) => {
    const files = names.map((name) => join(DATA, name));
    if (!files.every((file) => existsSync(file))) return `| ${title} | recording not on this machine |`;
    const { rows, verified, scores, gains, faults } = replay(files, target, symbol);
    if (scores.some((score) => score.logLoss === null))
      return `| ${title} | | | ${rows.toLocaleString('en-US')} | nothing met its outcome | | | |`;
    const best = scores.filter((score) => score.baseline).reduce((a, b) => (b.logLoss < a.logLoss ? b : a));
    const served = scores[scores.length - 1];
    const gain = gains.find((one) => one.over === best.model)!;
    const interval =
      gain.interval === null ? 'none' : `[${gain.interval.low.toFixed(3)}, ${gain.interval.high.toFixed(3)}]`;
    const exact =
      verified === null ? 'no truth in it' : `${verified.mismatches} of ${verified.checked.toLocaleString('en-US')}`;
    return `| ${title} | ${exact} | ${faults.gaps} / ${faults.crossed} | ${rows.toLocaleString('en-US')} | ${best.logLoss.toFixed(4)} (${best.model}) | ${served.logLoss.toFixed(4)} | ${gain.gain.toFixed(3)} ${interval} | ${served.mcc.toFixed(3)} |`;
  });
}

/** What `analyse --impact --json` says of one window. */
interface Impact {
  seconds: number;
  windows: number;
  touch: { r2: number };
  interval: { low: number; high: number } | null;
  byPeriod: { r2: number };
  levels: { r2: number } | null;
  outOfSample: { touch: number | null; levels: number | null };
}

const IMPACT = [SESSIONS[0], ...SESSIONS.filter(([title]) => title.includes('BTCUSDT'))];

function impactRows(): string[] {
  return IMPACT.flatMap(([title, names]) => {
    const files = names.map((name) => join(DATA, name));
    if (!files.every((file) => existsSync(file))) return [`| ${title} | recording not on this machine |`];
    const { impacts } = JSON.parse(run(['bin/bookcast.js', 'analyse', '--impact', ...files, '--json']));
    const percent = (r2: number | null | undefined): string =>
      typeof r2 === 'number' ? `${(100 * r2).toFixed(1)} %` : '';
    return impacts.map(({ seconds, windows, touch, interval, byPeriod, levels, outOfSample }: Impact) => {
      const range = interval === null ? '' : ` [${percent(interval.low)}, ${percent(interval.high)}]`;
      return `| ${title} | ${seconds} s | ${windows.toLocaleString('en-US')} | ${percent(touch.r2)}${range} | ${percent(byPeriod.r2)} | ${percent(levels?.r2)} | ${percent(outOfSample.touch)} | ${percent(outOfSample.levels)} |`;
    });
  });
}

function benchRows(): string[] {
  return [
    'book-l2',
    'book-l3',
    'binance-depth',
    'ingest',
    'features',
    'nn-train',
    'nn-infer',
    'gbdt',
    'forecast',
    'backtest',
  ].flatMap((name) => {
    const { results } = JSON.parse(run(['bench/run.ts', name, '--json']));
    return results.map(
      (r: { case: string; value: number; unit: string; rival: string; rivalValue: number; ratio: number }) =>
        `| ${name}: ${r.case} | ${r.value.toPrecision(3)} ${r.unit} | ${r.rival}: ${r.rivalValue.toPrecision(3)} ${r.unit} | ${r.ratio.toPrecision(3)}× |`,
    );
  });
}

const section = (target: string): string[] => [
  `\`replay FILE… --verify --target ${target}\``,
  '',
  '| recording | mismatches with the venue | gaps / crossed | forecasts | log-loss, best no-skill | log-loss, served | gain, 95 % interval | MCC |',
  '|---|---|---|---|---|---|---|---|',
  ...sessionRows(target),
  '',
];

const text = [
  ...section('events:10'),
  ...section('next-change'),
  '`analyse --impact FILE…`: R² of the move of the mid on the order flow of the same window. No forecast: both are known only when the',
  'window is over. Cont, Kukanov and Stoikov (2014) report 65 % on average over 50 stocks, touch, 10 s windows within half hours.',
  '',
  '| recording | window | windows | touch, 95 % interval | touch, mean of half hours | all levels | touch, unseen third | all levels, unseen third |',
  '|---|---|---|---|---|---|---|---|',
  ...impactRows(),
  '',
  `\`npm run -s bench -- NAME\` (${cpus()[0].model.trim()}, ${cpus().length} cores, Node ${process.versions.node})`,
  '',
  '| benchmark | bookcast | rival, same run | ratio |',
  '|---|---|---|---|',
  ...benchRows(),
].join('\n');

if (process.argv.includes('--write')) {
  const path = join(ROOT, 'README.md');
  const readme = readFileSync(path, 'utf8');
  const marked = /(<!-- results -->\n)[\s\S]*(<!-- \/results -->)/;
  if (!marked.test(readme)) throw new Error('README.md has no <!-- results --> marks');
  writeFileSync(
    path,
    readme.replace(marked, (_, open, close) => `${open}${text}\n${close}`),
  );
} else {
  console.log(text);
}
