/**
 * How far each queue model for books by level is from the exact queue of the same tape by order: `npm run -s queue-models` prints the table, `--write` writes it
 * to `docs/results/queue-models.md`. Small orders are posted at the touch at seeded random times, once with the exact queue and once with each model, and
 * cancelled after a fixed time. Everything is seeded: the same tapes give the same bytes.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import {
  createExchange,
  type Exchange,
  type OrderReport,
  QUEUE_MODELS,
  queueModelOf,
  ReportKind,
} from '../src/backtest/index.ts';
import { Random } from '../src/core/index.ts';
import { type EventBatch, type EventSource, messageEnd, Side } from '../src/market/index.ts';
import { openLobster } from '../src/venues/lobster/index.ts';
import { openSim, type SimMode } from '../src/venues/sim/index.ts';

const ROOT = resolve(import.meta.dirname, '..');
const DATA = process.env.BOOKCAST_DATA ?? resolve(ROOT, '../shared/data');
const PAGE = join(ROOT, 'docs/results/queue-models.md');
const GOOG = join(DATA, 'lobster/LOBSTER_SampleFile_GOOG_2012-06-21_10.zip');
const SIM_MESSAGES = 40_000;
const SIM_SEEDS = [1, 2, 3];

interface Tape {
  readonly title: string;
  readonly sources: readonly EventSource[];
  /** Lots of a posted order; how long it stands, and how long on average until the next, in ns. */
  readonly lots: number;
  readonly standsNs: number;
  readonly pauseNs: number;
  /** Times that each source is replayed, with other random times. */
  readonly passes: number;
}

/** What became of one posted order. */
interface Fate {
  filled: number;
  /** From being posted to being filled whole; `NaN` where that never happened. */
  tookNs: number;
}

/** An exchange with one posted order at a time, and the fate of each. */
class Poster {
  readonly fates: Fate[] = [];
  readonly exchange: Exchange;
  #postedNs = 0;

  constructor(source: EventSource, model: string | null) {
    const options = { instrument: source.instrument, sink: (report: OrderReport) => this.#hear(report) };
    this.exchange =
      model === null
        ? createExchange({ ...options, queue: queueModelOf('none') })
        : createExchange({ ...options, queue: queueModelOf(model), by: 'levels' });
  }

  post(side: typeof Side.BID | typeof Side.ASK, priceTicks: number, quantityLots: number, nowNs: number): void {
    this.#postedNs = nowNs;
    this.fates.push({ filled: 0, tookNs: Number.NaN });
    this.exchange.submit(this.fates.length, { side, type: 'limit', priceTicks, quantityLots }, nowNs);
  }

  withdraw(nowNs: number): void {
    if (this.exchange.openOrders > 0) this.exchange.cancel(this.fates.length, nowNs);
  }

  #hear({ kind, quantityLots, leftLots, exchangeNs }: OrderReport): void {
    if (kind !== ReportKind.FILLED) return;
    const fate = this.fates[this.fates.length - 1];
    fate.filled += quantityLots;
    if (leftLots === 0) fate.tookNs = exchangeNs - this.#postedNs;
  }
}

/** Replays batches into all exchanges, which get the same orders at the same times. */
function replay(batches: readonly EventBatch[], posters: readonly Poster[], tape: Tape, random: Random): void {
  const { book } = posters[0].exchange;
  let nextNs = batches[0].tsEventNs[0] + random.exponential(tape.pauseNs);
  let endNs = Number.POSITIVE_INFINITY;
  for (const batch of batches) {
    for (let from = 0; from < batch.length; ) {
      const to = messageEnd(batch, from);
      const now = batch.tsEventNs[from];
      if (now >= endNs) {
        for (const poster of posters) poster.withdraw(endNs);
        nextNs = endNs + random.exponential(tape.pauseNs);
        endNs = Number.POSITIVE_INFINITY;
      }
      for (const { exchange } of posters) exchange.onMessage(batch, from, to, now);
      from = to;
      if (now < nextNs || endNs !== Number.POSITIVE_INFINITY || !posters[0].exchange.trusted) continue;
      const side = random.bernoulli(0.5) ? Side.BID : Side.ASK;
      const ticks = side === Side.BID ? book.bestBidTicks : book.bestAskTicks;
      for (const poster of posters) poster.post(side, ticks, tape.lots, now);
      endNs = now + tape.standsNs;
    }
  }
  for (const poster of posters) poster.withdraw(batches[batches.length - 1].tsEventNs.at(-1)!);
}

const percent = (part: number, whole: number): string => (whole === 0 ? '–' : `${((100 * part) / whole).toFixed(1)} %`);
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const milliseconds = (values: readonly number[]): string =>
  values.length === 0 ? '–' : (mean(values) / 1e6).toFixed(0);

function row(name: string, fates: readonly Fate[], truth: readonly Fate[], lots: number): string {
  const filled = fates.filter((fate) => fate.filled > 0).length;
  const sum = fates.reduce((all, fate) => all + fate.filled, 0);
  const told = truth.filter((fate) => fate.filled > 0).length;
  const wrong = fates.filter((fate, k) => fate.filled > 0 && truth[k].filled === 0).length;
  const missed = fates.filter((fate, k) => fate.filled === 0 && truth[k].filled > 0).length;
  const errors = fates.map((fate, k) => fate.tookNs - truth[k].tookNs).filter((error) => !Number.isNaN(error));
  const cells = [
    name,
    percent(filled, fates.length),
    percent(sum, fates.length * lots),
    percent(wrong, fates.length - told),
    percent(missed, told),
    milliseconds(errors),
    milliseconds(errors.map(Math.abs)),
  ];
  return `| ${cells.join(' | ')} |`;
}

async function table(tape: Tape): Promise<string> {
  const names = [null, ...QUEUE_MODELS];
  const fates: Fate[][] = names.map(() => []);
  for (const [index, source] of tape.sources.entries()) {
    const batches: EventBatch[] = [];
    for await (const batch of source.batches()) batches.push(batch);
    for (let pass = 0; pass < tape.passes; pass++) {
      const posters = names.map((name) => new Poster(source, name));
      replay(batches, posters, tape, new Random(1000 * index + pass));
      posters.forEach((poster, k) => void fates[k].push(...poster.fates));
    }
  }
  const [truth] = fates;
  const head = [
    'queue',
    'orders filled',
    'lots filled',
    'false fills',
    'missed fills',
    'mean error, ms',
    'mean absolute error, ms',
  ];
  return [
    `## ${tape.title}`,
    '',
    `${truth.length} orders of ${tape.lots} lots, each at the best price of a random side, cancelled after ${tape.standsNs / 1e9} s.`,
    '',
    `| ${head.join(' | ')} |`,
    `|${head.map(() => '---').join('|')}|`,
    ...names.map((name, k) => row(name ?? 'exact (by order)', fates[k], truth, tape.lots)),
    '',
  ].join('\n');
}

function simulated(mode: SimMode): Tape {
  return {
    title: `Simulated: mode ${mode}, seeds ${SIM_SEEDS.join(', ')}, ${SIM_MESSAGES} messages each`,
    sources: SIM_SEEDS.map((seed) => openSim({ mode, seed, messages: SIM_MESSAGES })),
    lots: 10,
    standsNs: 3e9,
    pauseNs: 0.5e9,
    passes: 4,
  };
}

async function tapes(): Promise<Tape[]> {
  const all = [simulated('realistic'), simulated('oracle')];
  if (!existsSync(GOOG)) return all;
  const source = await openLobster({ paths: [GOOG] });
  const title = 'Recorded: NASDAQ GOOG 2012-06-21, 10 levels (LOBSTER)';
  return [...all, { title, sources: [source], lots: 100, standsNs: 10e9, pauseNs: 1e9, passes: 2 }];
}

const parts: string[] = [];
for (const tape of await tapes()) parts.push(await table(tape));
const page = [
  '# Queue models against the exact queue',
  '',
  'Made by `npm run -s queue-models`. The tape by order gives the exact place in the queue; each model sees the same tape as levels and trades only, and the',
  'same orders at the same times. False fills: of the orders that the exact queue left unfilled, those that the model filled. Missed fills: of the orders that it filled,',
  'at least in part, those that the model did not. Errors of time are of orders filled whole by both: the model’s time less the exact one.',
  '',
  ...parts,
].join('\n');
process.stdout.write(page);
if (process.argv.includes('--write')) {
  mkdirSync(dirname(PAGE), { recursive: true });
  writeFileSync(PAGE, page);
}
