import { assert } from '../core/index.ts';
import { type OrderReport, OrderState, type OwnOrder, ReportKind } from './order.ts';
import { type EquityPoint, type FillRecord, MARKOUT_NS, type OrderRecord } from './run.ts';

/**
 * Keeps what becomes of orders at the venue, fills with the mids after them, and the account on a grid of time. It is told of orders and fills as they happen,
 * and asks to look at the venue at `nextLookNs`: where a mark of a fill or a point of the grid is due.
 */
export class RunRecorder {
  readonly orders: OrderRecord[] = [];
  readonly fills: FillRecord[] = [];
  readonly equity: EquityPoint[] = [];
  /** When it wants to look next; infinite where never. */
  nextLookNs = Number.POSITIVE_INFINITY;
  readonly #everyNs: number;
  /** The next point of the grid; infinite before `start`. */
  #gridNs = Number.POSITIVE_INFINITY;
  /** By horizon: the first fill whose mark is still to come. Fills stand in order of time, so marks fall due in their order. */
  readonly #marked: number[] = MARKOUT_NS.map(() => 0);

  /** Points of the grid are the multiples of `equityEveryNs` since the run's first midnight. */
  constructor(equityEveryNs: number) {
    assert(equityEveryNs > 0, 'points of equity lie some time apart');
    this.#everyNs = equityEveryNs;
  }

  /** The first message is at `ns`: the grid begins there or after. */
  start(ns: number): void {
    this.#gridNs = Math.ceil(ns / this.#everyNs) * this.#everyNs;
    this.#plan();
  }

  /** An order was sent; `midTicks` as its owner knew it. Ids count from 1. */
  sent(order: OwnOrder, midTicks: number): void {
    const { request } = order;
    assert(order.id === this.orders.length + 1, 'orders are numbered from 1, in order');
    this.orders.push({
      id: order.id,
      side: request.side,
      type: request.type,
      timeInForce: request.timeInForce ?? (request.type === 'market' ? 'ioc' : 'gtc'),
      postOnly: request.postOnly ?? false,
      reduceOnly: request.reduceOnly ?? false,
      tag: request.tag ?? null,
      priceTicks: order.priceTicks,
      quantityLots: request.quantityLots,
      sentNs: order.sentNs,
      sentMidTicks: midTicks,
      arrivedNs: Number.NaN,
      arrivedMidTicks: Number.NaN,
      endedNs: Number.NaN,
      filledLots: 0,
      state: OrderState.SENT,
      reason: null,
    });
  }

  /** It reached the venue; `midTicks` of the venue's book. */
  arrived(orderId: number, ns: number, midTicks: number): void {
    const order = this.orders[orderId - 1];
    order.arrivedNs = ns;
    order.arrivedMidTicks = midTicks;
  }

  /** It never reached the venue, or was gone before. */
  refused(orderId: number, reason: string): void {
    const order = this.orders[orderId - 1];
    order.state = OrderState.REJECTED;
    order.reason = reason;
  }

  /** What the venue reported, at its time. */
  reported(report: OrderReport): void {
    const order = this.orders[report.orderId - 1];
    switch (report.kind) {
      case ReportKind.ACCEPTED:
        order.state = OrderState.OPEN;
        return;
      case ReportKind.FILLED:
        order.filledLots += report.quantityLots;
        if (report.leftLots > 0) return;
        order.state = OrderState.FILLED;
        order.endedNs = report.exchangeNs;
        return;
      case ReportKind.REJECTED:
      case ReportKind.CANCELLED:
        order.state = report.kind === ReportKind.REJECTED ? OrderState.REJECTED : OrderState.CANCELLED;
        order.endedNs = report.exchangeNs;
        order.reason = report.reason;
        return;
      default:
    }
  }

  /** A fill: `midTicks` just before it, `localNs` when we learn of it. */
  filled(report: OrderReport, localNs: number, midTicks: number, paid: { fee: number; impact: number }): void {
    const { orderId, side, priceTicks, quantityLots, maker, exchangeNs } = report;
    const last = this.fills.at(-1);
    assert(last === undefined || last.exchangeNs <= exchangeNs, 'fills are told in order of time');
    const laterMidTicks = new Float64Array(MARKOUT_NS.length).fill(Number.NaN);
    const { fee, impact } = paid;
    const facts = { orderId, side, priceTicks, quantityLots, maker, exchangeNs };
    this.fills.push({ ...facts, localNs, midTicks, laterMidTicks, fee, impact });
    this.#plan();
  }

  /** It is `nextLookNs`: writes the marks that are due. True where a point of the grid is due, too: call `point`. */
  look(midTicks: number): boolean {
    const nowNs = this.nextLookNs;
    for (let h = 0; h < MARKOUT_NS.length; h++) {
      let k = this.#marked[h];
      while (k < this.fills.length && this.fills[k].exchangeNs + MARKOUT_NS[h] <= nowNs) {
        this.fills[k++].laterMidTicks[h] = midTicks;
      }
      this.#marked[h] = k;
    }
    const onGrid = this.#gridNs <= nowNs;
    if (onGrid) this.#gridNs += this.#everyNs;
    this.#plan();
    return onGrid;
  }

  /** Takes a point of equity; one at the time of the last stands in its place. */
  point(point: EquityPoint): void {
    if (this.equity.at(-1)?.ns === point.ns) this.equity.pop();
    this.equity.push(point);
  }

  #plan(): void {
    let next = this.#gridNs;
    for (let h = 0; h < MARKOUT_NS.length; h++) {
      const k = this.#marked[h];
      if (k < this.fills.length) next = Math.min(next, this.fills[k].exchangeNs + MARKOUT_NS[h]);
    }
    this.nextLookNs = next;
  }
}
