import { Backtest, type BacktestRun, type ContractTerms, type RunAccount } from '../backtest/index.ts';
import { BookcastError, type Clock } from '../core/index.ts';
import { selectSignals } from '../features/index.ts';
import type { ForecasterOptions } from '../forecast/index.ts';
import { type EventBatch, type Instrument, instrumentKey, type Origin } from '../market/index.ts';
import { parseTarget } from '../models/index.ts';
import { contractOf, createBacktest } from './backtest-parts.ts';
import type { BacktestSettings } from './backtest-settings.ts';
import { type StrategyMaker, strategiesOf } from './backtest-strategy.ts';
import type { ModelFlags } from './model-options.ts';
import { ServedModels } from './served-models.ts';

export interface BenchOptions {
  readonly settings: BacktestSettings;
  readonly models: ModelFlags;
  readonly instrument: Instrument;
  readonly origin: Origin;
  readonly clock: Clock;
  readonly log: (line: string) => void;
}

/** What came of the strategy and of those beside it. */
export interface BenchResult {
  readonly run: BacktestRun;
  readonly baselines: readonly BacktestRun[];
}

interface Seat {
  readonly maker: StrategyMaker;
  /** Models learn on the way, so that each strategy that reads forecasts has its own. Null: it reads none. */
  readonly served: ServedModels | null;
}

/** The strategy and its baselines, side by side on one stream of batches: each in an engine of its own, all fed the same, in one pass. */
export class BacktestBench {
  readonly terms: ContractTerms;
  /** Lots that the strategy's orders want in all, by tag. */
  readonly wanted: ReadonlyMap<string, number>;
  readonly #options: BenchOptions;
  readonly #seats: readonly Seat[];
  #engines: readonly Backtest[] = [];

  private constructor(options: BenchOptions, seats: readonly Seat[]) {
    this.#options = options;
    this.#seats = seats;
    this.terms = contractOf(options.settings, options.instrument);
    this.wanted = seats[0].maker.wanted;
  }

  /** Loads the strategies and the models that serve them. Throws what is wrong with either. */
  static async open(options: BenchOptions): Promise<BacktestBench> {
    const { settings } = options;
    const { own, baselines } = await strategiesOf(settings);
    const seats: Seat[] = [];
    try {
      for (const maker of [own, ...baselines]) seats.push({ maker, served: await serve(maker, options, seats.length) });
      return new BacktestBench(options, seats);
    } catch (error) {
      for (const { served } of seats) await served?.close();
      throw error;
    }
  }

  /** Makes the engines for a stream that begins on this day. Called by the first batch where nobody did before. */
  start(startDay: number): void {
    const { settings, instrument, origin } = this.#options;
    this.#engines = this.#seats.map(({ maker, served }) => {
      const models = served === null ? null : withSignals(served.forecaster, settings, instrument);
      return new Backtest(createBacktest(settings, { instrument, origin, startDay }, models, maker.create()));
    });
  }

  /** Whole messages, in order; the batch may be used again afterwards. */
  apply(batch: EventBatch): void {
    if (this.#engines.length === 0) this.start(batch.day);
    for (const engine of this.#engines) engine.apply(batch);
  }

  /** Of the strategy itself; null before the first batch. */
  get account(): RunAccount | null {
    return this.#engines[0]?.account ?? null;
  }

  /** Throws `bad-input` for a stream without a message or without a book, and where the queue model needed trades and met none. */
  finish(notes: readonly string[]): BenchResult {
    const { instrument } = this.#options;
    const key = instrumentKey(instrument);
    if (this.#engines.length === 0) throw noMessage(key);
    const [run, ...baselines] = this.#engines.map((engine) => engine.finish(notes));
    if (run.messages === 0) throw noMessage(key);
    if (run.equity.length === 0) {
      throw new BookcastError(
        'bad-input',
        `${key}: in ${run.messages} messages the book never synced, so that nothing could be traded; a recording of changes needs the venue's snapshot beside them ("bookcast replay" tells the faults of a recording)`,
        { instrument: key, messages: run.messages },
      );
    }
    const { fault } = this.#engines[0];
    if (fault !== null) throw fault;
    return { run, baselines };
  }

  async close(): Promise<void> {
    for (const { served } of this.#seats) await served?.close();
  }
}

function noMessage(key: string): BookcastError {
  return new BookcastError('bad-input', `${key}: the tape has no message; check the path and the instrument`, {
    instrument: key,
  });
}

async function serve(maker: StrategyMaker, options: BenchOptions, seat: number): Promise<ServedModels | null> {
  const { settings, models, instrument, clock, log } = options;
  if (!maker.forecasts || settings.forecast === null) return null;
  const target = parseTarget(settings.forecast.target);
  // The same models again have nothing new to say.
  return ServedModels.open(models, { instrument, target, clock, log: seat === 0 ? log : () => {} });
}

function withSignals(served: ForecasterOptions, settings: BacktestSettings, instrument: Instrument): ForecasterOptions {
  const signals = settings.forecast?.signals ?? null;
  if (signals === null) return served;
  if (served.signals !== undefined || served.models !== undefined) {
    throw new BookcastError(
      'bad-argument',
      `${settings.where}: forecast.signals is for what learns live; models and bundles that are served read their own`,
      { signals },
    );
  }
  return { ...served, signals: selectSignals(signals, { instrument }).signals };
}
