import { assert, NS_PER_SECOND } from '../../core/index.ts';
import type { Forecast } from '../../forecast/index.ts';
import { type EventBatch, Side } from '../../market/index.ts';
import type { OrderReport } from '../order.ts';
import type { Broker, Strategy } from '../strategy.ts';

/** A position that could not be closed, since the book was lost or the venue refused, is tried again after this. */
const RETRY_NS = NS_PER_SECOND;

/**
 * A strategy that acts from `fromNs` to `toNs` on our clock (ns since the run's first midnight) and not outside. Until then it is told nothing: it begins as it would
 * on a market that has long been open, with a warm book and warm forecasts and no memory of its own. At `toNs` its orders are cancelled and its
 * position is closed at the market, again and again until it is 0; the strategy itself is called no more.
 */
export class WindowedStrategy implements Strategy {
  readonly name: string;
  /** Absent where the strategy has none: the engine then need not call. */
  readonly onMarket?: (broker: Broker, batch: EventBatch, from: number, to: number) => void;
  readonly #inner: Strategy;
  readonly #fromNs: number;
  readonly #toNs: number;
  #phase: 'before' | 'within' | 'after' = 'before';
  /** The last order that closes the position; 0 before the first. */
  #closingId = 0;

  constructor(inner: Strategy, fromNs: number, toNs: number) {
    assert(toNs > fromNs, 'a window has a length');
    this.name = inner.name;
    this.#inner = inner;
    this.#fromNs = fromNs;
    this.#toNs = toNs;
    if (inner.onMarket === undefined) return;
    this.onMarket = (broker, batch, from, to) => {
      if (this.#within(broker)) inner.onMarket?.(broker, batch, from, to);
    };
  }

  onStart(broker: Broker): void {
    broker.wakeAt(this.#fromNs);
  }

  onForecast(broker: Broker, forecast: Forecast): void {
    if (this.#within(broker)) this.#inner.onForecast?.(broker, forecast);
  }

  onReport(broker: Broker, report: OrderReport): void {
    if (this.#within(broker)) this.#inner.onReport?.(broker, report);
    else if (this.#phase === 'after') this.#close(broker);
  }

  onTimer(broker: Broker): void {
    if (this.#phase === 'after') {
      this.#close(broker);
      return;
    }
    const began = this.#phase === 'before';
    if (!this.#within(broker)) {
      if (began) broker.wakeAt(this.#fromNs);
      return;
    }
    if (!began) this.#inner.onTimer?.(broker);
    broker.wakeAt(this.#toNs);
  }

  /** Moves on with the clock; true where the strategy is to be called. */
  #within(broker: Broker): boolean {
    if (this.#phase === 'after') return false;
    const { nowNs } = broker;
    if (nowNs >= this.#toNs) {
      this.#phase = 'after';
      for (const { id, cancelling } of [...broker.orders]) if (!cancelling) broker.cancel(id);
      this.#close(broker);
      return false;
    }
    if (nowNs < this.#fromNs) return false;
    if (this.#phase === 'before') {
      this.#phase = 'within';
      broker.wakeAt(this.#toNs);
      this.#inner.onStart?.(broker);
    }
    return true;
  }

  #close(broker: Broker): void {
    const { positionLots, orders } = broker;
    if (positionLots === 0 && orders.length === 0) return;
    broker.wakeAt(broker.nowNs + RETRY_NS);
    if (positionLots === 0 || !broker.trusted || broker.halted) return;
    if (orders.some(({ id }) => id === this.#closingId)) return;
    this.#closingId = broker.place({
      side: positionLots > 0 ? Side.ASK : Side.BID,
      type: 'market',
      priceTicks: 0,
      quantityLots: Math.abs(positionLots),
      reduceOnly: true,
      tag: 'closes the position: the window is over',
    });
  }
}
