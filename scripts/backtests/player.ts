import {
  Backtest,
  type BacktestRun,
  type ContractTerms,
  createStrategy,
  parseCarry,
  parseFees,
  parseImpact,
  parseLatency,
  queueModelOf,
  type StrategyConfig,
  tapeVenue,
  termsOf,
  WindowedStrategy,
} from '../../src/backtest/index.ts';
import { NS_PER_SECOND } from '../../src/core/index.ts';
import { type ForecastTape, recordForecasts } from '../../src/evaluate/index.ts';
import { withStack } from '../../src/forecast/index.ts';
import type { EventBatch, EventSource } from '../../src/market/index.ts';
import { parseTarget } from '../../src/models/index.ts';
import { openSession, type Session } from './sessions.ts';

/** Under which assumptions a strategy is played. */
export interface Assumptions {
  /** A queue model by level, or `exact` of a tape by order. */
  readonly queue: string;
  /** Of orders, of reports, and the least of the feed, which is else as recorded. */
  readonly delayMs: number;
}

const SEED = 1;

/** One recording in memory with what was forecast over it, learnt live from nothing: every strategy sees the same. */
export class Player {
  readonly session: Session;
  readonly source: EventSource;
  readonly terms: ContractTerms;
  readonly forecasts: ForecastTape;
  readonly #batches: readonly EventBatch[];

  private constructor(session: Session, source: EventSource, batches: readonly EventBatch[], forecasts: ForecastTape) {
    this.session = session;
    this.source = source;
    this.terms = termsOf(source.instrument);
    this.#batches = batches;
    this.forecasts = forecasts;
  }

  static async open(session: Session): Promise<Player> {
    const source = await openSession(session);
    const target = parseTarget(session.market.target);
    const untilNs = session.window?.toNs ?? Number.POSITIVE_INFINITY;
    const forecasts = await recordForecasts(await openSession(session), target, {
      ...withStack(source.instrument, target),
      untilNs,
    });
    const batches: EventBatch[] = [];
    for await (const batch of source.batches()) {
      batches.push(batch);
      if (batch.tsEventNs[batch.length - 1] > untilNs) break;
    }
    return new Player(session, source, batches, forecasts);
  }

  run(config: StrategyConfig, { queue, delayMs }: Assumptions): BacktestRun {
    const { instrument, origin, notes } = this.source;
    const { market, window } = this.session;
    const context = { startDay: this.#batches[0].day, seed: SEED };
    const latency = { feed: 'recorded', floorMs: delayMs, entryMs: delayMs, responseMs: delayMs };
    const strategy = createStrategy(config, SEED);
    const exact = queue === 'exact';
    const backtest = new Backtest({
      instrument,
      origin,
      strategy: window === undefined ? strategy : new WindowedStrategy(strategy, window.fromNs, window.toNs),
      venue: tapeVenue(queueModelOf(exact ? 'none' : queue), exact ? 'orders' : 'levels'),
      latency: parseLatency(latency, 'latency', context),
      ledger: {
        terms: this.terms,
        fees: parseFees(market.fees, 'fees', this.terms),
        impact: parseImpact('none', 'impact'),
        carry: parseCarry('none', 'carry', context),
      },
      equityEveryNs: market.stepSeconds * NS_PER_SECOND,
      risk: null,
      forecast: { target: this.forecasts.target, source: this.forecasts.player },
    });
    for (const batch of this.#batches) backtest.apply(batch);
    const run = backtest.finish(notes);
    if (backtest.fault !== null) throw backtest.fault;
    return run;
  }
}
