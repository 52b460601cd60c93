import type { Forecast } from '../forecast/index.ts';
import { BatchBuilder, type EventBatch } from '../market/index.ts';
import type { OrderReport } from './order.ts';
import type { Broker, Strategy } from './strategy.ts';

/** Of most messages; a larger one makes room for itself. */
const MESSAGE_ROWS = 64;

/** Calls a strategy's methods for as long as it throws nothing. After it threw, or was ended, it is called no more. */
export class StrategyRunner {
  /** Why it is called no more; null while it is. */
  ended: string | null = null;
  readonly #strategy: Strategy;
  readonly #broker: Broker;
  readonly #onEnded: () => void;
  /** The message that a strategy is shown, alone: in the engine's own rows the ones after it have yet to reach us. */
  #only: BatchBuilder | null = null;

  /** `onEnded` is called once, after the strategy threw. */
  constructor(strategy: Strategy, broker: Broker, onEnded: () => void) {
    this.#strategy = strategy;
    this.#broker = broker;
    this.#onEnded = onEnded;
  }

  get watchesMarket(): boolean {
    return this.ended === null && this.#strategy.onMarket !== undefined;
  }

  start(): void {
    if (this.ended !== null) return;
    try {
      this.#judge('onStart', this.#strategy.onStart?.(this.#broker));
    } catch (error) {
      this.#threw('onStart', error);
    }
  }

  market(batch: EventBatch, from: number, to: number): void {
    let only = this.#only;
    if (only === null || only.day !== batch.day) {
      only = new BatchBuilder(batch.instrument, batch.day, MESSAGE_ROWS);
      this.#only = only;
    }
    only.rewind(0);
    only.append(batch, from, to);
    try {
      this.#judge('onMarket', this.#strategy.onMarket?.(this.#broker, only.reserve(0), 0, to - from));
    } catch (error) {
      this.#threw('onMarket', error);
    }
  }

  forecast(forecast: Forecast): void {
    if (this.ended !== null) return;
    try {
      this.#judge('onForecast', this.#strategy.onForecast?.(this.#broker, forecast));
    } catch (error) {
      this.#threw('onForecast', error);
    }
  }

  report(report: OrderReport): void {
    if (this.ended !== null) return;
    try {
      this.#judge('onReport', this.#strategy.onReport?.(this.#broker, report));
    } catch (error) {
      this.#threw('onReport', error);
    }
  }

  timer(): void {
    if (this.ended !== null) return;
    try {
      this.#judge('onTimer', this.#strategy.onTimer?.(this.#broker));
    } catch (error) {
      this.#threw('onTimer', error);
    }
  }

  /** Ends it from outside, with the reason. */
  end(reason: string): void {
    if (this.ended !== null) return;
    this.ended = reason;
    this.#onEnded();
  }

  /** What a method returned. A promise goes on when no clock of the run tells the time, and in paper trading at another one: it ends the strategy. */
  #judge(method: string, returned: unknown): void {
    if (returned === undefined || !(returned instanceof Promise)) return;
    // Whatever comes of it, nobody waits for it.
    returned.catch(() => {});
    this.end(`${method} returned a promise: a strategy acts within the call, not later`);
  }

  #threw(method: string, error: unknown): void {
    this.end(`${method} threw: ${error instanceof Error ? error.message : String(error)}`);
  }
}
