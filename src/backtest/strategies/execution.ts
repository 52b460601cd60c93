import { NS_PER_SECOND } from '../../core/index.ts';
import type { Forecast } from '../../forecast/index.ts';
import { type EventBatch, EventKind, Side } from '../../market/index.ts';
import type { OrderSide } from '../order.ts';
import type { Broker, Strategy } from '../strategy.ts';
import type { Schedule } from './schedule.ts';
import type { Signal } from './signal.ts';

export interface ExecutionOptions {
  readonly name: string;
  readonly schedule: Schedule;
  readonly signal: Signal;
  readonly side: OrderSide;
  /** Of the whole order. */
  readonly quantityLots: number;
  /** From the first moment that the book can be trusted to the order's start, ns. */
  readonly afterNs: number;
  /** From its start to its end, ns. */
  readonly durationNs: number;
  /** Times at which it looks whether it is behind, in equal steps. */
  readonly slices: number;
  /** `take`: what is due is taken from the other side; `post`: it waits at the touch for one slice, and is taken where it did not fill. */
  readonly style: 'take' | 'post';
}

/** Names the parent order in the analysis of costs. */
const PARENT = 'parent';

/**
 * Works one large order along a schedule, in slices. The parent's arrival price is the mid at its start; what the schedule leaves undone at the end is an
 * opportunity lost, and counted as such.
 */
export class Execution implements Strategy {
  readonly name: string;
  readonly #options: ExecutionOptions;
  #startNs = Number.NaN;
  #firstNs = Number.NaN;
  #slice = 0;
  /** Traded by the market, in lots: since the tape began, and until the order's start. */
  #marketLots = 0;
  #lotsAtStart = 0;
  #value = 0;
  /** The order that waits at the touch; 0 where there is none. */
  #postedId = 0;

  constructor(options: ExecutionOptions) {
    this.#options = options;
    this.name = options.name;
  }

  onMarket(broker: Broker, batch: EventBatch, from: number, to: number): void {
    for (let i = from; i < to; i++) {
      const kind = batch.kind[i];
      if (kind === EventKind.TRADE || kind === EventKind.EXECUTE) this.#marketLots += batch.sizeLots[i];
    }
    if (!Number.isNaN(this.#firstNs) || !broker.trusted) return;
    this.#firstNs = broker.nowNs;
    this.#startNs = broker.nowNs + this.#options.afterNs;
    broker.wakeAt(this.#startNs);
  }

  onForecast(_broker: Broker, forecast: Forecast): void {
    const value = this.#options.signal.read(forecast);
    this.#value = Number.isNaN(value) ? 0 : value;
  }

  onTimer(broker: Broker): void {
    const { slices, durationNs } = this.#options;
    if (this.#slice === 0) this.#lotsAtStart = this.#marketLots;
    if (this.#slice > slices) return;
    if (broker.trusted && !broker.halted) this.#catchUp(broker);
    this.#slice++;
    if (this.#slice <= slices) broker.wakeAt(this.#startNs + (this.#slice * durationNs) / slices);
  }

  #catchUp(broker: Broker): void {
    const { side, quantityLots, style, slices } = this.#options;
    const last = this.#slice === slices;
    const waiting = broker.orders.find(({ id }) => id === this.#postedId);
    if (waiting !== undefined && !waiting.cancelling) broker.cancel(waiting.id);
    this.#postedId = 0;
    const done = side === Side.BID ? broker.positionLots : -broker.positionLots;
    // A post that is being cancelled may yet trade: only what is beyond it is asked for now, the rest in the next slice.
    const underWay = broker.orders.reduce((sum, { leftLots }) => sum + leftLots, 0);
    const due = Math.floor(this.#due(broker.nowNs) * quantityLots + 1e-9);
    const behind = due - done - underWay;
    if (behind < 1) return;
    if (style === 'take' || last) {
      broker.place({ side, type: 'market', priceTicks: 0, quantityLots: behind, tag: PARENT });
      return;
    }
    // What one slice brings may wait; what has been due for longer is taken.
    const fresh = Math.min(behind, Math.ceil(quantityLots / slices));
    if (behind > fresh) {
      broker.place({ side, type: 'market', priceTicks: 0, quantityLots: behind - fresh, tag: PARENT });
    }
    const priceTicks = side === Side.BID ? broker.book.bestBidTicks : broker.book.bestAskTicks;
    const request = { side, type: 'limit', priceTicks, quantityLots: fresh, postOnly: true, tag: PARENT } as const;
    this.#postedId = broker.place(request);
  }

  #due(nowNs: number): number {
    const { schedule, side, durationNs, quantityLots, slices } = this.#options;
    const elapsed = (nowNs - this.#firstNs) / NS_PER_SECOND;
    const time = this.#slice >= slices ? 1 : (nowNs - this.#startNs) / durationNs;
    return schedule({
      time: Math.min(1, time),
      marketLots: this.#marketLots - this.#lotsAtStart,
      marketRate: elapsed > 0 ? this.#marketLots / elapsed : 0,
      secondsLeft: Math.max(0, (this.#startNs + durationNs - nowNs) / NS_PER_SECOND),
      quantityLots,
      urgency: side === Side.BID ? this.#value : -this.#value,
    });
  }
}
