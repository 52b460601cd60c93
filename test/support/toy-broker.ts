import {
  type Broker,
  type OrderReport,
  type OrderRequest,
  OrderState,
  type OwnOrder,
  ReportKind,
  type Strategy,
} from '../../src/backtest/index.ts';
import type { Forecast } from '../../src/forecast/index.ts';
import { type EventBatch, type Instrument, LadderBook, Side } from '../../src/market/index.ts';

/** A market of one level a side and a venue that does what the test says: what a strategy asks for is written down. */
export class ToyBroker implements Broker {
  readonly instrument = {} as Instrument;
  readonly target = null;
  readonly book = new LadderBook();
  readonly orders: OwnOrder[] = [];
  /** What it asked for, in order, in words. */
  readonly asked: string[] = [];
  nowNs = 0;
  trusted = true;
  halted = false;
  forecast: Forecast | null = null;
  positionLots = 0;
  wishNs = Number.POSITIVE_INFINITY;
  #lastId = 0;

  constructor(bidTicks = 100, askTicks = 102) {
    this.quote(bidTicks, askTicks);
  }

  quote(bidTicks: number, askTicks: number): void {
    this.book.clear();
    this.book.setLevel(Side.BID, bidTicks, 10);
    this.book.setLevel(Side.ASK, askTicks, 10);
  }

  place(request: OrderRequest): number {
    const { side, type, priceTicks, quantityLots } = request;
    const id = ++this.#lastId;
    const extras = [
      request.timeInForce,
      request.postOnly ? 'post' : '',
      request.reduceOnly ? 'reduce' : '',
      request.tag,
    ];
    const words = [
      side === Side.BID ? 'buy' : 'sell',
      quantityLots,
      type === 'market' ? 'market' : priceTicks,
      ...extras,
    ];
    this.asked.push(words.filter((word) => word !== undefined && word !== '').join(' '));
    const state = OrderState.SENT;
    this.orders.push({
      id,
      request,
      sentNs: this.nowNs,
      state,
      priceTicks,
      leftLots: quantityLots,
      filledLots: 0,
      askedLots: 0,
      cancelling: false,
    });
    return id;
  }

  cancel(orderId: number): void {
    this.asked.push(`cancel ${orderId}`);
    const order = this.orders.find(({ id }) => id === orderId);
    if (order !== undefined) order.cancelling = true;
  }

  replace(orderId: number, priceTicks: number, quantityLots: number): void {
    this.asked.push(`replace ${orderId}: ${quantityLots} at ${priceTicks}`);
  }

  wakeAt(ns: number): void {
    this.wishNs = Math.min(this.wishNs, ns);
  }

  /** Lets time pass to the strategy's next wish. */
  wake(strategy: Strategy): void {
    this.nowNs = this.wishNs;
    this.wishNs = Number.POSITIVE_INFINITY;
    strategy.onTimer?.(this);
  }

  /** All orders rest now. */
  accept(strategy: Strategy): void {
    for (const order of this.orders) {
      if (order.state !== OrderState.SENT) continue;
      order.state = OrderState.OPEN;
      strategy.onReport?.(this, report(order, ReportKind.ACCEPTED, 0));
    }
  }

  /** The venue's word on one order, as the engine passes it on. */
  report(strategy: Strategy, orderId: number, kind: ReportKind, lots = 0, priceTicks?: number): void {
    const order = this.orders.find(({ id }) => id === orderId)!;
    if (kind === ReportKind.FILLED) {
      order.leftLots -= lots;
      order.filledLots += lots;
      this.positionLots += order.request.side === Side.BID ? lots : -lots;
    }
    if (kind === ReportKind.REPLACED) order.priceTicks = priceTicks!;
    const gone = kind === ReportKind.CANCELLED || kind === ReportKind.REJECTED || order.leftLots === 0;
    if (gone) this.orders.splice(this.orders.indexOf(order), 1);
    strategy.onReport?.(this, report(order, kind, lots));
  }

  /** A message of the market, once the test has set the book. */
  market(strategy: Strategy, batch: EventBatch): void {
    strategy.onMarket?.(this, batch, 0, batch.length);
  }
}

function report({ id, request, priceTicks, leftLots }: OwnOrder, kind: ReportKind, quantityLots: number): OrderReport {
  const { side } = request;
  return { kind, orderId: id, side, exchangeNs: 0, priceTicks, quantityLots, leftLots, maker: false, reason: null };
}

/** A forecast that says so of down, flat and up; null: an abstention. */
export function toyForecast(probabilities: readonly number[] | null): Forecast {
  const abstained = probabilities === null ? 'the book waits for its first snapshot' : null;
  return { abstained, probabilities: [Float64Array.from(probabilities ?? [0, 0])] } as unknown as Forecast;
}
