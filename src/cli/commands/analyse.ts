import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import cliProgress from 'cli-progress';
import { Command } from 'commander';
import { BookcastError } from '../../core/index.ts';
import {
  type Analysis,
  analyseFeatures,
  flowWindows,
  type ImpactAnalysis,
  ofiImpact,
  PUBLISHED_OFI_R2,
} from '../../evaluate/index.ts';
import { instrumentKey } from '../../market/index.ts';
import { headlineOf, intervalText, ranked, renderAnalysis } from '../../report/index.ts';
import { openTable } from '../../store/index.ts';
import { openRecording } from '../inputs.ts';
import type { Io } from '../io.ts';
import { type Context, withSteps } from '../options.ts';
import { fixed, grouped, Progress, signed, table } from '../output.ts';

/** Windows in which order flow and the move of the mid are compared, in seconds. */
const IMPACT_SECONDS = [1, 10];
const LEAST_WINDOWS = 20;
const SHOWN_COLUMNS = 15;
const SHOWN_GROUPS = 10;
const SHOWN_DROPS = 3;

interface Flags {
  out?: string;
  json: boolean;
  columns?: string;
  impact?: string[];
  tick?: string;
  lot?: string;
  symbol?: string;
}

export function analyseCommand({ io }: Context): Command {
  const command = new Command('analyse')
    .description(
      'Analyse a file of features: distributions, correlation, redundancy, information by horizon, as one HTML report.',
    )
    .argument('[features]', 'FILE.parquet or FILE.duckdb, as "bookcast features" writes them')
    .option('--out <file>', 'report to write (default: the name of FEATURES with .html, here)')
    .option('--json', 'print the analysis as JSON instead of a table; a report only with --out', false)
    .option('--columns <names>', 'columns or signals to analyse, separated by commas (default: all)')
    .option('--impact <recording...>', 'what order flow explains of the move in the same window, from a recording');
  return withSteps(command).action(async (features: string | undefined, flags: Flags) => {
    if (features === undefined && flags.impact === undefined) {
      throw new BookcastError(
        'bad-argument',
        'nothing to analyse: give a file that "bookcast features TAPE… --out FILE.parquet" wrote, or a recording with --impact',
      );
    }
    if (features === undefined) await impactAlone(io, flags);
    else await analyse(io, features, flags);
  });
}

async function impactAlone(io: Io, flags: Flags): Promise<void> {
  for (const option of ['out', 'columns'] as const) {
    if (flags[option] === undefined) continue;
    throw new BookcastError('bad-argument', `--${option} is for a file of features, and none was given`);
  }
  const impact = await impactOf(io, flags.impact ?? [], flags);
  io.out(flags.json ? `${jsonText(impact)}\n` : impactText(impact));
}

async function analyse(io: Io, features: string, flags: Flags): Promise<void> {
  const out = flags.out ?? (flags.json ? null : `${basename(features).replace(/\.[a-z]+(#.*)?$/i, '')}.html`);
  if (out !== null && existsSync(out)) throw alreadyExists(out);
  const reader = await openTable(features);
  try {
    const impact = flags.impact === undefined ? null : await impactOf(io, flags.impact, flags);
    const bar = columnBar(io);
    let analysis: Analysis;
    try {
      analysis = await analyseFeatures(reader, {
        file: basename(features),
        impact,
        columns: (flags.columns ?? '').split(',').filter((name) => name !== ''),
        onProgress: (done, total) => bar.update(done, total),
        onColumn: async () => {
          await setImmediate();
          if (io.stop.aborted) throw new BookcastError('not-ready', 'stopped before the end; nothing was written');
        },
      });
    } finally {
      bar.stop();
    }
    if (out !== null) await writeReport(out, renderAnalysis(analysis));
    io.out(flags.json ? `${jsonText(analysis)}\n` : analysisText(analysis));
    if (impact !== null && !flags.json) io.out(`\n${impactText(impact)}`);
    if (out !== null) io.err(`report: ${out}\n`);
  } finally {
    await reader.close();
  }
}

function alreadyExists(path: string): BookcastError {
  return new BookcastError('already-exists', `${path} exists; choose another name with --out, or remove it`, { path });
}

async function writeReport(path: string, html: string): Promise<void> {
  try {
    await writeFile(path, html, { flag: 'wx' });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') throw alreadyExists(path);
    throw new BookcastError('bad-argument', `cannot write ${path}: ${(cause as Error).message}`, { cause });
  }
}

async function impactOf(io: Io, paths: readonly string[], flags: Flags): Promise<ImpactAnalysis> {
  const source = await openRecording(paths, { tick: flags.tick, lot: flags.lot, symbol: flags.symbol });
  const progress = new Progress(io, source.instrument.name, source.counts);
  try {
    const startNs = io.clock.monotonicNs();
    const windows = await flowWindows(source.instrument, source.batches({ lend: true }), IMPACT_SECONDS, (events) =>
      progress.update(source.counts, events, (events / Math.max(1, io.clock.monotonicNs() - startNs)) * 1e9),
    );
    // A short recording may have windows enough of the shortest length alone.
    const usable = windows.filter(({ moveTicks }, i) => i === 0 || moveTicks.length >= LEAST_WINDOWS);
    return {
      recording: paths.map((path) => basename(path)).join(', '),
      instrument: instrumentKey(source.instrument),
      origin: source.origin,
      impacts: usable.map(ofiImpact),
    };
  } finally {
    progress.stop();
  }
}

/** `NaN` becomes null, and the points of the figures stay out: they are the recording over again. */
function jsonText(value: Analysis | ImpactAnalysis): string {
  return JSON.stringify(value, (key, part) => (key === 'points' ? undefined : part));
}

function analysisText(analysis: Analysis): string {
  const { facts, horizons, method, groups, columns } = analysis;
  const best = ranked(analysis);
  const found = best.filter((column) => headlineOf(analysis, column).beyondChance).length;
  const label = horizons[method.headline].label;
  const rows = best.slice(0, SHOWN_COLUMNS).map((column) => {
    const { ic, interval, nullSd, beyondChance } = headlineOf(analysis, column);
    return [
      column.name,
      signed(ic, 3),
      intervalText(interval),
      `±${fixed(1.96 * nullSd, 3)}`,
      beyondChance ? 'yes' : 'no',
      `${fixed(100 * column.signAgreement, 0)} %`,
      `${fixed(100 * column.distribution.missing, 1)} %`,
    ];
  });
  const kind = facts.origin === 'simulated' ? 'SIMULATED' : facts.origin;
  const lines = [
    `${facts.instrument} (${kind}), ${grouped(facts.rows)} rows of ${columns.length} columns, clock ${facts.clock}, schema ${facts.schemaHash}`,
    `IC ${label} ahead: rank correlation with the later move of the mid; ${found} of ${best.length} beyond what the luckiest reaches by chance`,
    '',
    table(['column', 'IC', '95 % interval', 'by chance', 'beyond', 'same sign', 'missing'], rows),
  ];
  return `${lines.join('\n')}${groupsText(groups, method.redundantAt)}`;
}

function groupsText(groups: Analysis['groups'], redundantAt: number): string {
  if (groups.length === 0) return `\nno two columns are correlated at |ρ| ≥ ${redundantAt}\n`;
  const redundant = groups.reduce((sum, { drop }) => sum + drop.length, 0);
  const rows = groups.slice(0, SHOWN_GROUPS).map(({ keep, drop }) => {
    const named = drop.slice(0, SHOWN_DROPS).map(({ name, rho }) => `${name} (${signed(rho, 2)})`);
    const rest = drop.length > SHOWN_DROPS ? [`${drop.length - SHOWN_DROPS} more`] : [];
    return [keep, [...named, ...rest].join(', ')];
  });
  const more = groups.length > SHOWN_GROUPS ? `… and ${groups.length - SHOWN_GROUPS} more groups in the report\n` : '';
  return `\n${redundant} redundant ${redundant === 1 ? 'column' : 'columns'} (|ρ| ≥ ${redundantAt}):\n\n${table(['keep', 'can be left out'], rows)}${more}`;
}

function impactText({ recording, instrument, origin, impacts }: ImpactAnalysis): string {
  const share = (value: number): string => (Number.isFinite(value) ? `${fixed(100 * value, 1)} %` : '—');
  const rows = impacts.map(({ seconds, windows, touch, interval, byPeriod, levels, outOfSample }) => [
    `${seconds} s`,
    grouped(windows),
    share(touch.r2),
    interval === null ? '—' : `[${share(interval.low)}, ${share(interval.high)}]`,
    share(byPeriod?.r2 ?? Number.NaN),
    share(levels?.r2 ?? Number.NaN),
    share(outOfSample.touch),
    share(outOfSample.levels),
    share(seconds === 10 ? PUBLISHED_OFI_R2 : Number.NaN),
  ]);
  const head = [
    'window',
    'windows',
    'touch',
    '95 % interval',
    'half hours',
    'all levels',
    'touch unseen',
    'levels unseen',
    'published',
  ];
  const kind = origin === 'simulated' ? 'SIMULATED' : origin;
  return `order flow of ${instrument} (${kind}, ${recording}): R² of the mid's move on the order flow of the same window\n\n${table(head, rows)}\nContemporaneous price impact, no forecast: both are known only when the window is over. Published: Cont, Kukanov and\nStoikov (2014), touch, 10 s windows within half hours. Unseen: the last third, fitted on the first two.\n`;
}

/** Columns done, on a terminal; nothing elsewhere. */
function columnBar(io: Io): { update: (done: number, total: number) => void; stop: () => void } {
  if (!io.interactive) return { update: () => {}, stop: () => {} };
  const bar = new cliProgress.SingleBar(
    {
      format: 'analyse {bar} {percentage}% | {value} of {total} columns | {eta_formatted} left',
      hideCursor: true,
      clearOnComplete: true,
      stream: io.terminal,
    },
    cliProgress.Presets.shades_classic,
  );
  let started = false;
  const update = (done: number, total: number): void => {
    if (!started) bar.start(total, 0);
    started = true;
    bar.update(done);
  };
  return { update, stop: () => bar.stop() };
}
