/**
 * Takers and makers on the recordings: `npm run -s backtests` plays what has not been played yet (what is done lies in `.bookcast/backtests`, a file a
 * session) and writes `docs/results/backtests.md`. `--only usdm-2024-08` does a part, `--again` forgets what is done, `--write` only writes the page. Everything is seeded: the same
 * recordings give the same page.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { sessionText, summary } from './backtests/page.ts';
import { Player } from './backtests/player.ts';
import { type Market, pathsOf, SESSIONS, type Session, USDM } from './backtests/sessions.ts';
import {
  choose,
  type MakerSettings,
  play,
  type SessionResult,
  scaled,
  type Trial,
  tryAll,
} from './backtests/trials.ts';

const ROOT = resolve(import.meta.dirname, '..');
const DONE = join(ROOT, '.bookcast/backtests');
const PAGE = join(ROOT, 'docs/results/backtests.md');

const onDisk = (session: Session): boolean => pathsOf(session).every((path) => existsSync(path));

/** What was made before under the name, else what `make` makes. */
async function kept<T>(name: string, make: () => Promise<T>): Promise<T> {
  const path = join(DONE, `${name}.json`);
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8')) as T;
  process.stderr.write(`${name}\n`);
  const made = await make();
  writeFileSync(`${path}.new`, JSON.stringify(made));
  renameSync(`${path}.new`, path);
  return made;
}

const INTRODUCTION = [
  'Every strategy sees the same forecasts: the stack that learns live (`withStack`), from nothing, on the core signals; what is forecast stands with each session. The engine is that of `bookcast',
  'backtest`. Assumptions: the feed comes as recorded, less the least difference of the two clocks so far, and takes at least the stated delay; orders and reports take the same delay each; no impact beyond walking',
  'the book; no borrow and no funding (sessions of futures over midnight UTC cross a funding time whose rate the recordings do not tell: at the usual 0.01 % the position of that moment would pay or receive 1 bp of its value); fees are the public schedule’s first tier. Queues are exact on the tape by order (GOOG) and estimated elsewhere.',
  '',
  '*Taker*: buys or sells at the best price, immediate or cancelled, where |p(up) − p(down)| reaches the threshold, holds until a second has passed without such a signal, and leaves at the market. Profit a round trip counts both ways.',
  '*Maker*: both sides, post-only, at most five quotes of inventory. *Plain* quotes around the mid; *forecast* moves its quotes by the skew times p(up) − p(down); *coin* does the same with a sign by chance.',
  'Its settings were chosen among 36 on the USD-M sessions of 2023-04 and 2024-07 and on GOOG before 14:00 alone: the most profit before fees for what was traded, among those with at least 100 fills on each. Spot and COIN-M, whose other',
  'sessions are not at hand, take those of USD-M, by the size of their ticks. *Gross* is profit before fees, marked at the mid; in bps of what was traded it is the fee at which nothing is left, and where it is below zero, the rebate that is needed.',
  'Trials counted are the grid, the rows of a session, and 85 runs that were looked at before the grid was fixed.',
  'In brackets 95 % intervals by the stationary bootstrap over the session’s steps of one second (ten of GOOG). They speak of that session alone: minutes of bitcoin on five days, and one day of one stock.',
];

let open: Player | null = null;

/** One recording is in memory at a time. */
async function opened(session: Session): Promise<Player> {
  if (open?.session !== session) open = await Player.open(session);
  return open;
}

/** Chosen on the tuned sessions of the market; of a market without any, those of the USD-M futures, by its ticks. */
async function settingsOf(market: Market): Promise<MakerSettings> {
  const tuned = SESSIONS.filter((session) => session.tuned && session.market === market && onDisk(session));
  if (tuned.length === 0) return scaled(await settingsOf(USDM), market.ticksOf / USDM.ticksOf);
  const trials: Trial[][] = [];
  for (const session of tuned) {
    trials.push(await kept<Trial[]>(`${session.name}.trials`, async () => tryAll(await opened(session))));
  }
  return choose(trials);
}

function page(): string {
  const git = (...args: string[]): string => execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim();
  const read = (session: Session): SessionResult | null => {
    const path = join(DONE, `${session.name}.json`);
    return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as SessionResult) : null;
  };
  return [
    '# Takers and makers on the recordings',
    '',
    `Written by \`npm run -s backtests\`; commit ${git('rev-parse', '--short', 'HEAD')}, ${cpus()[0].model.trim()}, ${cpus().length} cores, Node ${process.versions.node}.`,
    '',
    ...INTRODUCTION,
    '',
    ...summary(SESSIONS.map((session) => [session, read(session)] as const)),
    ...SESSIONS.flatMap((session) => sessionText(session, read(session), !onDisk(session))),
  ].join('\n');
}

const args = process.argv.slice(2);
const only = args.includes('--only') ? args[args.indexOf('--only') + 1].split(',') : SESSIONS.map(({ name }) => name);
if (args.includes('--again')) rmSync(DONE, { recursive: true, force: true });
mkdirSync(DONE, { recursive: true });
if (!args.includes('--write')) {
  for (const session of SESSIONS) {
    if (!only.includes(session.name) || !onDisk(session)) continue;
    const settings = await settingsOf(session.market);
    await kept<SessionResult>(session.name, async () => play(await opened(session), settings));
  }
}
mkdirSync(dirname(PAGE), { recursive: true });
writeFileSync(PAGE, page());
process.stdout.write(`${PAGE}\n`);
