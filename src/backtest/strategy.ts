import type { Forecast } from '../forecast/index.ts';
import type { EventBatch, Instrument, LadderBook } from '../market/index.ts';
import type { Target } from '../models/index.ts';
import type { OrderReport, OrderRequest, OwnOrder } from './order.ts';

/**
 * What a strategy sees and may do: the market as it has reached us, and orders that have yet to reach the venue. The same in a backtest and in
 * paper trading. Nothing here knows the venue's present state.
 */
export interface Broker {
  readonly instrument: Instrument;
  /** What the forecasts are of; null where the run has none. */
  readonly target: Target | null;
  /** Now, on our clock: ns since the run's first midnight. */
  readonly nowNs: number;
  /** The book as we know it; read only. Meaningless while not `trusted`. */
  readonly book: LadderBook;
  /** The book is synced and has two sides. */
  readonly trusted: boolean;
  /** The venue has halted trading, as far as we know. */
  readonly halted: boolean;
  /** The last forecast; null before the first, and in a run without forecasts. Read `abstained` first. */
  readonly forecast: Forecast | null;
  /** Lots that we hold, by the fills reported to us; below 0 where short. */
  readonly positionLots: number;
  /** Orders sent and not yet known to be gone, oldest first. Read only. */
  readonly orders: readonly OwnOrder[];
  /** Sends an order and returns its id. What the risk limits refuse is answered with a `REJECTED` report, at once; after the tape's end nothing is sent or answered. Throws `bad-argument` for an order that no venue could take. */
  place(request: OrderRequest): number;
  /** Asks for an order to be taken off. One that is not known, or on its way out, is left alone. */
  cancel(orderId: number): void;
  /** Asks for another price or quantity (what is to be left). Less quantity at the same price keeps the place in the queue; all else loses it. */
  replace(orderId: number, priceTicks: number, quantityLots: number): void;
  /** `onTimer` is called once our clock has come to `ns`; of several wishes the earliest counts, and each call of `onTimer` clears them. */
  wakeAt(ns: number): void;
}

/**
 * A trading strategy. All methods but `name` are optional, and are called in the order of our clock. It is the same code in a backtest and in paper
 * trading: it has no other source of time, and none of randomness but what it is constructed with. What a method throws ends the strategy: its orders are
 * cancelled and the run goes on to its report.
 */
export interface Strategy {
  readonly name: string;
  /** Before the first message. */
  onStart?(broker: Broker): void;
  /** After rows [from, to), one message, reached us and our book took them. */
  onMarket?(broker: Broker, batch: EventBatch, from: number, to: number): void;
  /** A forecast, or the first abstention after one. Reused: valid during the call. */
  onForecast?(broker: Broker, forecast: Forecast): void;
  /** A report on one of our orders reached us; position and orders have taken it in. */
  onReport?(broker: Broker, report: OrderReport): void;
  /** The time that it wished for has come. */
  onTimer?(broker: Broker): void;
}
