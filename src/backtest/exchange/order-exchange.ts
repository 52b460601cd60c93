import { NO_PRICE } from '../../core/index.ts';
import {
  Effect,
  type EventBatch,
  EventKind,
  type Instrument,
  LadderBook,
  Side,
  SyncState,
} from '../../market/index.ts';
import type { ReportSink } from '../exchange.ts';
import type { OrderSide } from '../order.ts';
import { OrderQueues } from './order-queues.ts';
import type { RestingOrder } from './resting-order.ts';
import { TapeExchange } from './tape-exchange.ts';

/** A book by price that hands on every row that it takes, so that the queues take the same ones: after a gap some wait for the snapshot. */
class HeardBook extends LadderBook {
  readonly #onRows: (batch: EventBatch, from: number, to: number) => void;
  readonly #onClear: () => void;

  constructor(onRows: (batch: EventBatch, from: number, to: number) => void, onClear: () => void) {
    super();
    this.#onRows = onRows;
    this.#onClear = onClear;
  }

  override applyRows(batch: EventBatch, from: number, to: number): void {
    this.#onRows(batch, from, to);
    super.applyRows(batch, from, to);
  }

  override clear(): void {
    super.clear();
    this.#onClear();
  }
}

/**
 * The venue told by order (L3): the tape's orders and ours in one book with price-time priority, so that every place in a queue is exact.
 *
 * - An order that the tape adds trades with what it crosses in this book, which can only be there because of us, and the rest of it rests.
 * - The executions of one side in one message are one aggressor: of their lots together, and with the worst of their prices as its limit. It trades by price-time priority. So what
 *   we absorbed does not reach those behind us, who keep their lots until somebody takes them or their owners do; what finds nobody is dropped.
 * - Cancels take what is left of their order. What our takers took is gone, and later messages on it find less (`missed`).
 * - A trade that changes no displayed order (a hidden execution) at our price or through it fills us first, since what is displayed trades before what is hidden, up to its size.
 *   Where its side is unknown it was bought if it printed above the mid before its message, sold if below, and else fills nobody.
 * - A book that is replaced after a gap holds none of our doing: our orders join the back of its queues, oldest first, and those that it crosses fill at their price.
 *
 * While none of our orders was near a trade, the book is the tape's, row by row.
 */
export class OrderExchange extends TapeExchange {
  readonly needsTrades = false;
  readonly #queues = new OrderQueues();
  /** The tape's own book and ours may differ: something of ours traded since the last snapshot. */
  #astray = false;
  /** From a snapshot's first row to the end of its message: rows are taken as they are. */
  #rebuilding = false;
  /** Before the message. */
  #mid = Number.NaN;

  constructor(instrument: Instrument, sink: ReportSink) {
    const book = new HeardBook(
      (batch, from, to) => this.#onRows(batch, from, to),
      () => this.#onClear(),
    );
    super(instrument, book, sink);
  }

  /** Messages of the tape on lots that had gone before: our orders took them, or the tape never told of them. */
  get missed(): number {
    return this.#queues.missed;
  }

  /** The book with our orders in it, by price. Read only; for tests. */
  get counterfactual(): LadderBook {
    return this.#queues.levels;
  }

  onMessage(batch: EventBatch, from: number, to: number, nowNs: number): void {
    this.nowNs = nowNs;
    const resumed = this.takeFaults(batch, from, to);
    const effect = this.sync.applyMessage(batch, from, to);
    if (this.#rebuilding) {
      this.#rebuilding = false;
      if (effect === Effect.RESYNCED) {
        this.enterAll();
        if (this.trading) this.#uncross();
      }
    } else if (resumed && this.trading) this.#uncross();
    this.settle();
  }

  protected get depth(): LadderBook {
    return this.#queues.levels;
  }

  protected freeLots(_side: OrderSide, _priceTicks: number, lots: number): number {
    return lots;
  }

  protected lotsBefore(order: RestingOrder): number {
    return this.#queues.lotsBefore(order);
  }

  protected consume(side: OrderSide, _priceTicks: number, lots: number): void {
    const queues = this.#queues;
    this.#astray = true;
    for (let left = lots; left > 0 && queues.first(side); ) {
      const taken = Math.min(left, queues.headLots);
      queues.takeHead(taken);
      left -= taken;
    }
  }

  protected enter(order: RestingOrder): void {
    order.blind = false;
    order.unseen = this.sync.state === SyncState.SYNCED && this.beyondView(order);
    this.#queues.addOwn(order);
  }

  protected withdraw(order: RestingOrder, lots: number): void {
    this.#queues.reduceOwn(order, lots);
  }

  #onClear(): void {
    this.#queues.clear();
    this.#astray = false;
    this.#rebuilding = true;
  }

  /** Rows of a message that the tape's book takes. */
  #onRows(batch: EventBatch, from: number, to: number): void {
    const { kind, side } = batch;
    const queues = this.#queues;
    const asIs = this.#rebuilding || this.halted;
    const ours = !asIs && (this.#astray || this.own.bids.length > 0 || this.own.asks.length > 0);
    if (ours) this.#mid = this.book.mid;
    for (let i = from; i < to; i++) {
      const what = kind[i];
      if (what === EventKind.ADD) {
        if (ours) this.#add(batch, i);
        else queues.add(side[i] as OrderSide, batch.priceTicks[i], batch.sizeLots[i], batch.orderId[i]);
      } else if (what === EventKind.CANCEL || what === EventKind.DELETE) queues.reduce(batch, i);
      else if (what === EventKind.EXECUTE) {
        this.tradesSeen++;
        if (ours) i = this.#execute(batch, i, to);
        else queues.reduce(batch, i);
      } else if (what === EventKind.LEVEL) {
        queues.level(batch, i, this.#rebuilding ? NONE : side[i] === Side.BID ? this.own.bids : this.own.asks);
      } else if (what === EventKind.TRADE) {
        this.tradesSeen++;
        if (ours) this.#hidden(batch, i);
      }
    }
  }

  /** The tape adds an order: it trades with what it crosses here, and rests. */
  #add(batch: EventBatch, i: number): void {
    const side = batch.side[i] as OrderSide;
    const ticks = batch.priceTicks[i];
    const { bestBidTicks, bestAskTicks } = this.#queues.levels;
    let lots = batch.sizeLots[i];
    const crosses =
      side === Side.BID
        ? bestAskTicks !== NO_PRICE && ticks >= bestAskTicks
        : bestBidTicks !== NO_PRICE && ticks <= bestBidTicks;
    if (crosses) lots -= this.#match(side === Side.BID ? Side.ASK : Side.BID, ticks, lots);
    if (lots > 0) this.#queues.add(side, ticks, lots, batch.orderId[i]);
  }

  /** The executions of one side from row `i` on are one aggressor. Returns the last row of them. */
  #execute(batch: EventBatch, i: number, to: number): number {
    const { kind, side, priceTicks, sizeLots } = batch;
    const resting = side[i] as OrderSide;
    let lots = 0;
    let limit = priceTicks[i];
    let end = i;
    for (; end < to && kind[end] === EventKind.EXECUTE && side[end] === resting; end++) {
      lots += sizeLots[end];
      limit = resting === Side.BID ? Math.min(limit, priceTicks[end]) : Math.max(limit, priceTicks[end]);
    }
    this.tradesSeen += end - i - 1;
    if (this.#astray || (resting === Side.BID ? this.own.bestBid >= limit : this.own.bestAsk <= limit)) {
      this.#match(resting, limit, lots);
    } else for (let row = i; row < end; row++) this.#queues.reduce(batch, row);
    return end - 1;
  }

  /** An aggressor of the tape trades with what rests on `resting`, down to its limit. Returns the lots that traded. */
  #match(resting: OrderSide, limitTicks: number, lots: number): number {
    const queues = this.#queues;
    const levels = queues.levels;
    let left = lots;
    while (left > 0) {
      if (!queues.first(resting)) break;
      if (resting === Side.BID ? levels.bestBidTicks < limitTicks : levels.bestAskTicks > limitTicks) break;
      const traded = Math.min(left, queues.headLots);
      this.#tradeHead(traded);
      left -= traded;
    }
    return lots - left;
  }

  /** The order that `first` found trades as a maker. */
  #tradeHead(lots: number): void {
    const own = this.#queues.headOwn;
    this.#queues.takeHead(lots);
    if (own === 0) return;
    this.#astray = true;
    const order = this.resting(own)!;
    this.fill(order, order.priceTicks, lots, true);
  }

  #hidden(batch: EventBatch, i: number): void {
    const ticks = batch.priceTicks[i];
    if (ticks === NO_PRICE) return;
    let bought = batch.side[i] === Side.BID;
    if (batch.side[i] === Side.NONE) {
      if (!(ticks > this.#mid || ticks < this.#mid)) return;
      bought = ticks > this.#mid;
    }
    if (bought ? ticks < this.own.bestAsk : ticks > this.own.bestBid) return;
    let pool = batch.sizeLots[i];
    for (const order of bought ? this.own.asks : this.own.bids) {
      if (pool === 0 || (bought ? order.priceTicks > ticks : order.priceTicks < ticks)) return;
      const lots = Math.min(order.left, pool);
      if (lots === 0) continue;
      pool -= lots;
      this.withdraw(order, lots);
      this.fill(order, order.priceTicks, lots, true);
    }
  }

  /** The book came to stand crossed while nothing could trade: our orders fill at their price, and of two of ours the newer goes. */
  #uncross(): void {
    const queues = this.#queues;
    while (queues.levels.crossed) {
      queues.first(Side.ASK);
      const askLots = queues.headLots;
      const ask = queues.headOwn;
      queues.first(Side.BID);
      const bid = queues.headOwn;
      if (ask !== 0 && bid !== 0) {
        const [a, b] = [this.resting(ask)!, this.resting(bid)!];
        this.preventSelfTrade(a.turn > b.turn ? a : b);
        continue;
      }
      const lots = Math.min(askLots, queues.headLots);
      this.#tradeHead(lots);
      if (queues.first(Side.ASK) && queues.headOwn === ask) this.#tradeHead(Math.min(lots, queues.headLots));
      this.#astray = true;
    }
  }
}

const NONE: readonly RestingOrder[] = [];
