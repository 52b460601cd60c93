import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BacktestRun, OrderState } from '../backtest/index.ts';
import { BookcastError, NS_PER_DAY } from '../core/index.ts';
import type { BacktestCard } from '../evaluate/index.ts';
import { Side } from '../market/index.ts';
import { renderBacktest } from '../report/index.ts';
import {
  BACKTEST,
  type ColumnData,
  type ColumnType,
  countBacktests,
  createParquet,
  type Figures,
  type RunOutcome,
  type RunStart,
  RunWriter,
} from '../store/index.ts';
import type { TradingFlags } from './backtest-flags.ts';
import type { BacktestSettings } from './backtest-settings.ts';
import type { Context } from './options.ts';
import { fileFacts, surroundings } from './train-facts.ts';

/** Where the events of a run come from. */
export interface TapeFacts {
  /** Files, or nothing of a live market; of the simulator what it was made with stands for a file. */
  readonly files: RunStart['data']['files'];
  readonly simulated: boolean;
}

export function recordedFacts(paths: readonly string[]): TapeFacts {
  return { files: paths.map(fileFacts), simulated: false };
}

/** Mode and seed are the market; how much of it was played is not another market. */
export function simulatedFacts(mode: string, seed: number): TapeFacts {
  const path = `sim:${mode}, seed ${seed}`;
  const sha256 = sha256Of(path);
  return { files: [{ path, bytes: 0, sha256 }], simulated: true };
}

/** A run in the registry, from its start to its last word. */
export class BacktestRecord {
  /** Everything that was tried on these files, this run included. */
  readonly trials: number;
  readonly id: string;
  readonly folder: string;
  readonly #writer: RunWriter;
  readonly #startNs: number;
  readonly #context: Context;

  /** Throws `bad-argument` where the registry cannot be written to. */
  constructor(context: Context, flags: TradingFlags, settings: BacktestSettings, tape: TapeFacts) {
    const { io, version } = context;
    this.#context = context;
    this.#startNs = io.clock.monotonicNs();
    this.#writer = RunWriter.start(flags.runs, startOf(flags, settings, tape, version), io.clock);
    this.id = this.#writer.id;
    this.folder = this.#writer.folder;
    this.trials = countBacktests(
      flags.runs,
      tape.files.map(({ sha256 }) => sha256),
    );
  }

  /** Writes the card, the page, orders and fills, and the last word. */
  async finish(card: BacktestCard, run: BacktestRun): Promise<void> {
    writeFileSync(join(this.folder, 'card.json'), `${JSON.stringify(card)}\n`);
    writeFileSync(join(this.folder, 'report.html'), renderBacktest(card));
    await this.#writeTables(run);
    const status = this.#context.io.stop.aborted ? 'stopped' : 'finished';
    const baselines = Object.fromEntries(
      card.baselines.map((one) => [one.strategy, totalsOf(one.totals.net, one.totals.gross)]),
    );
    this.#end({ status, message: card.ended, metrics: figuresOf(card), baselines });
  }

  /** The run came to nothing. */
  failed(error: unknown): void {
    this.#end({
      status: 'failed',
      message: error instanceof Error ? error.message : String(error),
      metrics: {},
      baselines: {},
    });
  }

  #end(outcome: Pick<RunOutcome, 'status' | 'message' | 'metrics' | 'baselines'>): void {
    const seconds = { total: (this.#context.io.clock.monotonicNs() - this.#startNs) / 1e9 };
    this.#writer.finish({ ...outcome, seconds, parameters: null, multiplyAdds: null });
  }

  async #writeTables(run: BacktestRun): Promise<void> {
    try {
      await writeTable(join(this.folder, 'orders.parquet'), run, run.orders, ORDER_COLUMNS);
      await writeTable(join(this.folder, 'fills.parquet'), run, run.fills, FILL_COLUMNS);
    } catch (error) {
      if (!(error instanceof BookcastError) || error.code !== 'missing-package') throw error;
      this.#context.io.err(`note: orders and fills are not kept as tables: ${error.message}\n`);
    }
  }
}

function startOf(flags: TradingFlags, settings: BacktestSettings, tape: TapeFacts, version: string): RunStart {
  const { strategy } = settings;
  // Another version of one's own strategy is another trial.
  const own = strategy.kind === 'file' ? { strategySha256: fileFacts(strategy.path).sha256 } : {};
  const { where: _, ...config } = settings;
  return {
    model: BACKTEST,
    config: { ...config, ...own, ...servedBy(flags) },
    target: settings.forecast?.target ?? 'none',
    seed: settings.seed,
    data: {
      hash: sha256Of(JSON.stringify(tape.files.map(({ sha256 }) => sha256))),
      schemaHash: sha256Of('events'),
      files: tape.files,
      rows: 0,
      simulated: tape.simulated,
    },
    ...surroundings(version),
    device: 'cpu',
    threads: 1,
    trialOf: null,
  };
}

/** Other models are another trial, and so is another instrument of the same recording. */
function servedBy({ bundle, model, symbol }: TradingFlags): Record<string, unknown> {
  return {
    ...(bundle === undefined ? {} : { bundle }),
    ...(model.length === 0 ? {} : { models: model.map(({ path }) => fileFacts(path).sha256) }),
    ...(symbol === undefined ? {} : { symbol }),
  };
}

function figuresOf({ totals, judged, fills, trades }: BacktestCard): Figures {
  const figure = (value: number | null, low: number | null = null, high: number | null = null): Figures[string] => ({
    value,
    low,
    high,
  });
  const figures: Figures = {
    ...totalsOf(totals.net, totals.gross),
    orders: figure(fills.placed),
    'filled-orders': figure((fills.filled ?? 0) + (fills.partlyFilled ?? 0)),
    'paid-bps': figure(trades.paidBps),
  };
  if (judged === null) return figures;
  const { performance, breakEven, verdict } = judged;
  const { netPerSecond: net } = performance;
  figures['net-per-second'] = figure(net.value, net.interval?.low, net.interval?.high);
  figures['break-even-bps'] = figure(breakEven.value, breakEven.interval?.low, breakEven.interval?.high);
  figures['probabilistic-sharpe'] = figure(verdict.probabilisticSharpe);
  figures['deflated-sharpe'] = figure(verdict.deflatedSharpe);
  return figures;
}

function totalsOf(net: number | null, gross: number | null): Figures {
  return { net: { value: net, low: null, high: null }, gross: { value: gross, low: null, high: null } };
}

interface TableColumn<Row> {
  readonly name: string;
  readonly type: ColumnType;
  /** A moment is ns since the run's first midnight. */
  readonly of: (row: Row) => number | string;
}

const sideText = (side: number): string => (side === Side.BID ? 'buy' : 'sell');
const STATES = Object.fromEntries(Object.entries(OrderState).map(([name, value]) => [value, name.toLowerCase()]));

const ORDER_COLUMNS: readonly TableColumn<BacktestRun['orders'][number]>[] = [
  { name: 'id', type: 'integer', of: (o) => o.id },
  { name: 'sent', type: 'timestamp', of: (o) => o.sentNs },
  { name: 'side', type: 'text', of: (o) => sideText(o.side) },
  { name: 'type', type: 'text', of: (o) => o.type },
  { name: 'time_in_force', type: 'text', of: (o) => o.timeInForce },
  { name: 'post_only', type: 'integer', of: (o) => Number(o.postOnly) },
  { name: 'reduce_only', type: 'integer', of: (o) => Number(o.reduceOnly) },
  { name: 'tag', type: 'text', of: (o) => o.tag ?? '' },
  { name: 'price_ticks', type: 'double', of: (o) => o.priceTicks },
  { name: 'quantity_lots', type: 'double', of: (o) => o.quantityLots },
  { name: 'filled_lots', type: 'double', of: (o) => o.filledLots },
  { name: 'sent_mid_ticks', type: 'double', of: (o) => o.sentMidTicks },
  { name: 'arrived_mid_ticks', type: 'double', of: (o) => o.arrivedMidTicks },
  { name: 'arrived_after_ns', type: 'double', of: (o) => o.arrivedNs - o.sentNs },
  { name: 'ended_after_ns', type: 'double', of: (o) => o.endedNs - o.sentNs },
  { name: 'state', type: 'text', of: (o) => STATES[o.state] },
  { name: 'reason', type: 'text', of: (o) => o.reason ?? '' },
];

const FILL_COLUMNS: readonly TableColumn<BacktestRun['fills'][number]>[] = [
  { name: 'order_id', type: 'integer', of: (f) => f.orderId },
  { name: 'at', type: 'timestamp', of: (f) => f.exchangeNs },
  { name: 'known_after_ns', type: 'double', of: (f) => f.localNs - f.exchangeNs },
  { name: 'side', type: 'text', of: (f) => sideText(f.side) },
  { name: 'maker', type: 'integer', of: (f) => Number(f.maker) },
  { name: 'price_ticks', type: 'double', of: (f) => f.priceTicks },
  { name: 'quantity_lots', type: 'double', of: (f) => f.quantityLots },
  { name: 'mid_ticks', type: 'double', of: (f) => f.midTicks },
  ...['10ms', '100ms', '1s', '10s', '60s'].map((after, h) => ({
    name: `mid_ticks_${after}`,
    type: 'double' as const,
    of: (f: BacktestRun['fills'][number]) => f.laterMidTicks[h],
  })),
  { name: 'fee', type: 'double', of: (f) => f.fee },
  { name: 'impact', type: 'double', of: (f) => f.impact },
];

async function writeTable<Row>(
  path: string,
  run: BacktestRun,
  rows: readonly Row[],
  columns: readonly TableColumn<Row>[],
): Promise<void> {
  const midnight = BigInt(run.startDay) * BigInt(NS_PER_DAY);
  const metadata = {
    'bookcast.instrument': run.instrument,
    'bookcast.hash': run.hash,
    'bookcast.currency': run.currency,
  };
  const writer = await createParquet(path, { columns: columns.map(({ name, type }) => ({ name, type })), metadata });
  const dataOf = ({ type, of }: TableColumn<Row>): ColumnData => {
    if (type === 'text') return rows.map((row) => String(of(row)));
    if (type === 'timestamp') return BigInt64Array.from(rows, (row) => midnight + BigInt(Math.round(Number(of(row)))));
    const numbers = rows.map((row) => Number(of(row)));
    return type === 'integer' ? Int32Array.from(numbers) : Float64Array.from(numbers);
  };
  try {
    await writer.append({ length: rows.length, columns: columns.map(dataOf) });
    await writer.finish();
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

function sha256Of(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
