import type { Forecast } from '../forecast/index.ts';
import type { Instrument, LadderBook } from '../market/index.ts';
import { Side } from '../market/index.ts';
import type { Target } from '../models/index.ts';
import { checkPrice, checkQuantity, checkRequest } from './broker-checks.ts';
import type { MarketView } from './market-view.ts';
import { type OrderReport, type OrderRequest, OrderState, type OwnOrder, ReportKind } from './order.ts';
import type { Broker } from './strategy.ts';

/** Where a broker's wishes go: on their way to the venue. */
export interface OrderWire {
  submit(order: OwnOrder): void;
  cancel(order: OwnOrder): void;
  replace(order: OwnOrder, priceTicks: number, quantityLots: number): void;
  wakeAt(ns: number): void;
}

/**
 * The `Broker` that strategies see, in a backtest and in paper trading: own orders and the position as the reports that arrived tell them. It decides nothing: what
 * becomes of an order is for the risk limits and the venue to say.
 */
export class OwnBroker implements Broker {
  readonly instrument: Instrument;
  nowNs = Number.NEGATIVE_INFINITY;
  positionLots = 0;
  /** The venue has closed for good: what is placed is sent nowhere and is no order. */
  closed = false;
  readonly #view: MarketView;
  readonly #wire: OrderWire;
  readonly #orders: OwnOrder[] = [];
  readonly #byId = new Map<number, OwnOrder>();
  /** By order: replaces on their way. */
  readonly #replaces = new Map<number, number>();
  /** What strategies are shown of `#orders`, as it is now; null where it was not asked for since the last change. */
  #shown: readonly OwnOrder[] | null = null;
  #lastId = 0;

  constructor(instrument: Instrument, view: MarketView, wire: OrderWire) {
    this.instrument = instrument;
    this.#view = view;
    this.#wire = wire;
  }

  get target(): Target | null {
    return this.#view.target;
  }

  get book(): LadderBook {
    return this.#view.book;
  }

  get trusted(): boolean {
    return this.#view.trusted;
  }

  get halted(): boolean {
    return this.#view.halted;
  }

  get forecast(): Forecast | null {
    return this.#view.forecast;
  }

  get orders(): readonly OwnOrder[] {
    this.#shown ??= Object.freeze([...this.#orders]);
    return this.#shown;
  }

  place(wished: OrderRequest): number {
    // A copy that nobody writes to: what a strategy does with its object later changes no order on its way.
    const request = Object.freeze({ ...wished });
    checkRequest(request);
    if (this.closed) return ++this.#lastId;
    const order: OwnOrder = {
      id: ++this.#lastId,
      request,
      sentNs: this.nowNs,
      state: OrderState.SENT,
      priceTicks: request.type === 'market' ? Number.NaN : request.priceTicks,
      leftLots: request.quantityLots,
      filledLots: 0,
      askedLots: 0,
      cancelling: false,
    };
    // Before it counts among the open ones: limits are asked whether there is room for it beside them.
    this.#wire.submit(order);
    this.#byId.set(order.id, order);
    if (order.state === OrderState.SENT) {
      this.#orders.push(order);
      this.#shown = null;
    }
    return order.id;
  }

  cancel(orderId: number): void {
    const order = this.#working(orderId);
    if (order === null) return;
    order.cancelling = true;
    this.#wire.cancel(order);
  }

  replace(orderId: number, priceTicks: number, quantityLots: number): void {
    checkPrice(priceTicks, 'replace');
    checkQuantity(quantityLots, 'replace');
    const order = this.#working(orderId);
    if (order === null) return;
    this.#wire.replace(order, priceTicks, quantityLots);
    // One that our own limits refuse is answered as well.
    this.#replaces.set(orderId, (this.#replaces.get(orderId) ?? 0) + 1);
    order.askedLots = Math.max(order.askedLots, quantityLots);
  }

  wakeAt(ns: number): void {
    this.#wire.wakeAt(ns);
  }

  cancelAll(): void {
    for (const order of this.#orders) this.cancel(order.id);
  }

  /** A report reached us: orders and the position take it in. */
  take(report: OrderReport): void {
    const order = this.#byId.get(report.orderId);
    if (report.kind === ReportKind.FILLED) {
      this.positionLots += report.side === Side.BID ? report.quantityLots : -report.quantityLots;
    }
    if (order === undefined) return;
    switch (report.kind) {
      case ReportKind.ACCEPTED:
      case ReportKind.REPLACED:
        if (report.kind === ReportKind.REPLACED) this.#answered(order);
        order.state = OrderState.OPEN;
        order.priceTicks = report.priceTicks;
        order.leftLots = report.leftLots;
        return;
      case ReportKind.FILLED:
        order.filledLots += report.quantityLots;
        order.leftLots = report.leftLots;
        if (report.leftLots === 0) this.#gone(order, OrderState.FILLED);
        return;
      case ReportKind.REJECTED:
        this.#gone(order, OrderState.REJECTED);
        return;
      case ReportKind.CANCELLED:
        this.#gone(order, OrderState.CANCELLED);
        return;
      default:
        // A cancel or a replace came too late or was not possible: the order may be cancelled anew.
        order.cancelling = false;
        this.#answered(order);
    }
  }

  /** An order that may still be cancelled or replaced: known, not refused by our own limits, and not on its way out. */
  #working(orderId: number): OwnOrder | null {
    const order = this.#byId.get(orderId);
    return order === undefined || order.cancelling || order.state === OrderState.REJECTED ? null : order;
  }

  #answered(order: OwnOrder): void {
    const left = (this.#replaces.get(order.id) ?? 0) - 1;
    if (left > 0) this.#replaces.set(order.id, left);
    else {
      this.#replaces.delete(order.id);
      order.askedLots = 0;
    }
  }

  #gone(order: OwnOrder, state: OrderState): void {
    order.state = state;
    order.leftLots = 0;
    order.cancelling = false;
    this.#byId.delete(order.id);
    this.#replaces.delete(order.id);
    const at = this.#orders.indexOf(order);
    // What our own limits refused was never among them.
    if (at < 0) return;
    this.#orders.splice(at, 1);
    this.#shown = null;
  }
}
