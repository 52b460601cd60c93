import { assert, MAX_PRICE_TICKS, NO_PRICE } from '../../core/index.ts';
import {
  BookSync,
  type EventBatch,
  EventKind,
  Fault,
  type Instrument,
  type LadderBook,
  Side,
  SyncState,
} from '../../market/index.ts';
import type { Exchange, ReportSink } from '../exchange.ts';
import { type OrderRequest, type OrderSide, ReportKind } from '../order.ts';
import { OwnOrders } from './own-orders.ts';
import { RestingOrder } from './resting-order.ts';

/** What a market order pays at most, or takes at least: no price of a book is beyond. */
const ANY_ASK = MAX_PRICE_TICKS;
const ANY_BID = 0 - MAX_PRICE_TICKS;
/** Levels first looked at when an order arrives; more where they do not suffice. */
const LEVELS = 64;

/**
 * What both exchanges have in common: our orders in price-time priority, what becomes of one that arrives, is cancelled or replaced, our position, and
 * the reports.
 *
 * The rules of the venue, as of most: an order is taken (`ACCEPTED`) and then trades with what it crosses; post-only orders that would trade are rejected; a fill-or-kill
 * order that cannot be filled at once is cancelled whole; a reduce-only order is cut to the position on arrival and again whenever the position shrinks. Self-trade prevention cancels
 * the newest: an order that comes upon one of our own on its way through the book stops there, and the rest of it is cancelled.
 */
export abstract class TapeExchange implements Exchange {
  readonly book: LadderBook;
  halted = false;
  positionLots = 0;
  /** Prints and executions so far that a queue could move by. */
  tradesSeen = 0;
  /** Without trades on the tape its fills are wrong. */
  abstract readonly needsTrades: boolean;
  protected readonly sync: BookSync<LadderBook>;
  /** Read only for everyone but the exchange. */
  readonly own = new OwnOrders();
  protected nowNs = 0;
  readonly #sink: ReportSink;
  readonly #depthLimit: number | null;
  /** Side of every order that ever came, by its id. */
  readonly #sides: OrderSide[] = [];
  #turns = 0;
  #gone = 0;
  #closed: string | null = null;
  /** What `readDepth` read. */
  protected levelTicks = new Int32Array(LEVELS);
  protected levelLots = new Float64Array(LEVELS);
  /** What an arriving order would take, level by level. */
  #planTicks = new Int32Array(LEVELS);
  #planLots = new Float64Array(LEVELS);
  #planned = 0;
  /** It would come upon an order of our own. */
  #meetsOwn = false;

  constructor(instrument: Instrument, book: LadderBook, sink: ReportSink) {
    this.book = book;
    this.sync = new BookSync(instrument, book);
    this.#sink = sink;
    this.#depthLimit = instrument.depthLimit;
  }

  get openOrders(): number {
    return this.own.count;
  }

  get midTicks(): number {
    return this.sync.state === SyncState.SYNCED ? this.book.mid : Number.NaN;
  }

  get trusted(): boolean {
    return (
      this.sync.state === SyncState.SYNCED && this.book.bestBidTicks !== NO_PRICE && this.book.bestAskTicks !== NO_PRICE
    );
  }

  /** Orders may trade. */
  protected get trading(): boolean {
    return this.sync.state === SyncState.SYNCED && !this.halted;
  }

  abstract onMessage(batch: EventBatch, from: number, to: number, nowNs: number): void;

  /** What an arriving order finds, level by level, our own orders at the price included or not. */
  protected abstract get depth(): LadderBook;
  /** Of the lots that `depth` has at a price, those that may still be taken. */
  protected abstract freeLots(side: OrderSide, priceTicks: number, lots: number): number;
  /** Whole lots of others before an order of ours. */
  protected abstract lotsBefore(order: RestingOrder): number;
  /** A taker of ours takes lots that rest on `side`. */
  protected abstract consume(side: OrderSide, priceTicks: number, lots: number): void;
  /** An order of ours joins the end of its queue. */
  protected abstract enter(order: RestingOrder): void;
  /** `lots` of a resting order of ours are taken off, all that are left or fewer. `order.left` is still as before. */
  protected abstract withdraw(order: RestingOrder, lots: number): void;

  submit(orderId: number, request: OrderRequest, nowNs: number): void {
    const { side, type, quantityLots } = request;
    assert(Number.isInteger(quantityLots) && quantityLots > 0, 'an order has a whole number of lots');
    assert(this.#sides[orderId] === undefined, 'an order id is used once');
    const force = request.timeInForce ?? (type === 'market' ? 'ioc' : 'gtc');
    assert(type === 'limit' || force !== 'gtc', 'a market order does not rest');
    this.nowNs = nowNs;
    this.#sides[orderId] = side;
    const order = new RestingOrder(orderId, request);
    if (type === 'market') order.priceTicks = side === Side.BID ? ANY_ASK : ANY_BID;
    const refusal = this.#refusal(order, force !== 'gtc');
    if (refusal !== null) {
      this.#report(ReportKind.REJECTED, order, quantityLots, 0, refusal);
      return;
    }
    if (order.reduceOnly) order.left = Math.min(order.left, this.#reducible(side));
    this.#report(ReportKind.ACCEPTED, order, order.left, order.left, null);
    if (force === 'fok' && this.#plan(side, order.priceTicks, order.left) < order.left) {
      this.#cancel(order, 'fill-or-kill: not all of it could trade at once');
    } else this.#arrive(order, force === 'gtc');
    this.#purge();
  }

  cancel(orderId: number, nowNs: number): void {
    this.nowNs = nowNs;
    const order = this.resting(orderId);
    if (order === null) {
      this.#refuse(orderId, 'the order is gone: it traded or was cancelled before');
      return;
    }
    this.withdraw(order, order.left);
    this.#cancel(order, 'cancelled by its owner');
    this.#purge();
  }

  replace(orderId: number, priceTicks: number, quantityLots: number, nowNs: number): void {
    this.nowNs = nowNs;
    const order = this.resting(orderId);
    if (order === null) {
      this.#refuse(orderId, 'the order is gone: it traded or was cancelled before');
      return;
    }
    const whole = Number.isInteger(quantityLots) && quantityLots > 0 && Number.isInteger(priceTicks);
    const lots = order.reduceOnly ? Math.min(quantityLots, this.#reducible(order.side)) : quantityLots;
    if (!whole || lots <= 0) {
      this.#refuse(orderId, 'a replaced order has a price in whole ticks and at least one lot');
      return;
    }
    if (priceTicks === order.priceTicks && lots <= order.left) {
      if (lots < order.left) this.withdraw(order, order.left - lots);
      order.left = lots;
      this.#report(ReportKind.REPLACED, order, lots, lots, null);
      return;
    }
    if (order.postOnly && this.trading && this.#wouldTrade(order.side, priceTicks)) {
      this.#refuse(orderId, 'post-only: at the new price it would trade on arrival');
      return;
    }
    this.withdraw(order, order.left);
    this.own.remove(order);
    order.priceTicks = priceTicks;
    order.left = lots;
    this.#report(ReportKind.REPLACED, order, lots, lots, null);
    this.#arrive(order, true);
    this.#purge();
  }

  close(nowNs: number, reason: string): void {
    this.nowNs = nowNs;
    this.#closed = reason;
    for (const order of this.own.byAge()) {
      this.withdraw(order, order.left);
      this.#cancel(order, reason);
    }
    this.#purge();
  }

  /** A resting order of ours by its id. */
  protected resting(orderId: number): RestingOrder | null {
    const side = this.#sides[orderId];
    assert(side !== undefined, 'an order that is cancelled, replaced or traded was sent before');
    return this.own.find(side, orderId);
  }

  /** `lots` of an order of ours traded. A resting one is out of its queue to that extent already. */
  protected fill(order: RestingOrder, priceTicks: number, lots: number, maker: boolean): void {
    order.left -= lots;
    this.positionLots += order.side === Side.BID ? lots : 0 - lots;
    this.#sink({
      kind: ReportKind.FILLED,
      orderId: order.id,
      side: order.side,
      exchangeNs: this.nowNs,
      priceTicks,
      quantityLots: lots,
      leftLots: order.left,
      maker,
      reason: null,
    });
    if (order.left === 0) this.#gone++;
    if (this.own.reduceOnly > 0) this.#trimReduceOnly();
  }

  /** Our own orders on both sides met: the newer one goes. */
  protected preventSelfTrade(newer: RestingOrder): void {
    this.withdraw(newer, newer.left);
    this.#cancel(newer, SELF_TRADE);
  }

  /** What rests, in its queue anew, oldest first: the book was replaced. */
  protected enterAll(): void {
    for (const order of this.own.byAge()) this.enter(order);
  }

  /** Takes HALT and RESUME; true where trading goes on from here. */
  protected takeFaults(batch: EventBatch, from: number, to: number): boolean {
    const was = this.halted;
    const { kind, sizeLots } = batch;
    for (let i = from; i < to; i++) {
      if (kind[i] !== EventKind.FAULT) continue;
      if (sizeLots[i] === Fault.HALT) this.halted = true;
      else if (sizeLots[i] === Fault.RESUME) this.halted = false;
    }
    return was && !this.halted;
  }

  /** To be called at the end of whatever may have filled orders: forgets those that are gone. */
  protected settle(): void {
    if (this.#gone > 0) this.#purge();
  }

  /** The order's price lies deeper than the venue tells. */
  protected beyondView({ side, priceTicks }: RestingOrder): boolean {
    const limit = this.#depthLimit;
    if (limit === null || this.book.levelCount(side) < limit) return false;
    const worst = this.#worst(side, limit);
    return side === Side.BID ? priceTicks < worst : priceTicks > worst;
  }

  #worst(side: OrderSide, limit: number): number {
    const ticks = new Int32Array(limit);
    return ticks[this.book.top(side, limit, ticks, new Float64Array(limit)) - 1];
  }

  /** Why an order is rejected on arrival; null where it is taken. */
  #refusal(order: RestingOrder, immediate: boolean): string | null {
    if (this.#closed !== null) return `the market is over: ${this.#closed}`;
    if (order.reduceOnly && this.#reducible(order.side) === 0)
      return 'reduce-only: there is no position that it would reduce';
    if (immediate && this.sync.state !== SyncState.SYNCED) return 'the tape lost the book, or has not told it yet';
    if (immediate && this.halted) return 'trading is halted';
    if (order.postOnly && this.trading && this.#wouldTrade(order.side, order.priceTicks)) {
      return 'post-only: it would trade on arrival';
    }
    return null;
  }

  /** What an order of this side may do towards a position of 0. */
  #reducible(side: OrderSide): number {
    return Math.max(0, side === Side.BID ? 0 - this.positionLots : this.positionLots);
  }

  /** Trades what it crosses; what is left rests, or goes. */
  #arrive(order: RestingOrder, rests: boolean): void {
    order.turn = ++this.#turns;
    if (this.trading && this.#take(order)) {
      if (order.left > 0) this.#cancel(order, SELF_TRADE);
    } else if (order.left > 0 && !rests) {
      this.#cancel(order, 'immediate-or-cancel: there was no more to take at its price');
    } else if (order.left > 0) {
      this.own.insert(order);
      this.watch();
      this.enter(order);
    }
  }

  /** An order takes what it may; true where it came upon one of our own. */
  #take(order: RestingOrder): boolean {
    const resting = order.side === Side.BID ? Side.ASK : Side.BID;
    this.#plan(order.side, order.priceTicks, order.left);
    const meetsOwn = this.#meetsOwn;
    for (let step = 0; step < this.#planned; step++) {
      const [ticks, lots] = [this.#planTicks[step], this.#planLots[step]];
      this.consume(resting, ticks, lots);
      this.fill(order, ticks, lots, false);
    }
    return meetsOwn;
  }

  #wouldTrade(side: OrderSide, limitTicks: number): boolean {
    return this.#plan(side, limitTicks, 1) > 0 || this.#meetsOwn;
  }

  /** Looks how an order would trade, best level first, up to the first order of our own; returns the lots. Changes nothing. */
  #plan(side: OrderSide, limitTicks: number, lots: number): number {
    const resting = side === Side.BID ? Side.ASK : Side.BID;
    const sign = side === Side.BID ? 1 : -1;
    const own = this.own.first(resting);
    let left = lots;
    this.#planned = 0;
    this.#meetsOwn = false;
    const count = this.readDepth(resting, limitTicks, sign, lots);
    for (let rank = 0; rank < count && left > 0; rank++) {
      const ticks = this.levelTicks[rank];
      if ((ticks - limitTicks) * sign > 0) break;
      if (own !== null && (ticks - own.priceTicks) * sign > 0) break;
      let free = this.freeLots(resting, ticks, this.levelLots[rank]);
      if (own !== null && ticks === own.priceTicks) free = Math.min(free, this.lotsBefore(own));
      const taken = Math.min(left, free);
      if (taken <= 0) continue;
      this.#planTicks[this.#planned] = ticks;
      this.#planLots[this.#planned++] = taken;
      left -= taken;
    }
    this.#meetsOwn = left > 0 && own !== null && (own.priceTicks - limitTicks) * sign <= 0;
    return lots - left;
  }

  /** Reads the levels of a side down to the limit, or as many as could be needed. */
  protected readDepth(side: OrderSide, limitTicks: number, sign: number, lots: number): number {
    for (let size = LEVELS; ; size *= 2) {
      if (this.levelTicks.length < size) {
        this.levelTicks = new Int32Array(size);
        this.levelLots = new Float64Array(size);
        this.#planTicks = new Int32Array(size);
        this.#planLots = new Float64Array(size);
      }
      const count = this.depth.top(side, size, this.levelTicks, this.levelLots);
      if (count < size || (this.levelTicks[count - 1] - limitTicks) * sign > 0) return count;
      let free = 0;
      for (let rank = 0; rank < count; rank++) free += this.freeLots(side, this.levelTicks[rank], this.levelLots[rank]);
      if (free >= lots) return count;
    }
  }

  #trimReduceOnly(): void {
    for (const list of [this.own.bids, this.own.asks]) {
      for (const order of list) {
        if (!order.reduceOnly || order.left === 0) continue;
        const most = this.#reducible(order.side);
        if (order.left <= most) continue;
        this.withdraw(order, order.left - most);
        if (most === 0) this.#cancel(order, 'reduce-only: there is no position left that it would reduce');
        else {
          order.left = most;
          this.#report(ReportKind.REPLACED, order, most, most, null);
        }
      }
    }
  }

  #cancel(order: RestingOrder, reason: string): void {
    const lots = order.left;
    order.left = 0;
    this.#gone++;
    this.#report(ReportKind.CANCELLED, order, lots, 0, reason);
  }

  #refuse(orderId: number, reason: string): void {
    const order = this.resting(orderId);
    this.#sink({
      kind: ReportKind.REFUSED,
      orderId,
      side: this.#sides[orderId],
      exchangeNs: this.nowNs,
      priceTicks: order?.priceTicks ?? NO_PRICE,
      quantityLots: order?.left ?? 0,
      leftLots: order?.left ?? 0,
      maker: false,
      reason,
    });
  }

  #report(kind: ReportKind, order: RestingOrder, quantityLots: number, leftLots: number, reason: string | null): void {
    const { id: orderId, side } = order;
    const priceTicks = Math.abs(order.priceTicks) === MAX_PRICE_TICKS ? NO_PRICE : order.priceTicks;
    this.#sink({
      kind,
      orderId,
      side,
      exchangeNs: this.nowNs,
      priceTicks,
      quantityLots,
      leftLots,
      maker: false,
      reason,
    });
  }

  #purge(): void {
    this.#gone = 0;
    this.own.purge();
    this.watch();
  }

  /** Our orders or their prices changed. */
  protected watch(): void {}
}

const SELF_TRADE = 'self-trade prevention: it came upon an order of our own, and the newest is cancelled';
