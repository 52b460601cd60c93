import { NO_PRICE, NS_PER_DAY } from '../../core/index.ts';
import {
  Effect,
  type EventBatch,
  EventFlag,
  EventKind,
  type Instrument,
  LadderBook,
  Side,
  SyncState,
} from '../../market/index.ts';
import type { ReportSink } from '../exchange.ts';
import type { OrderSide } from '../order.ts';
import type { QueueModel } from '../queue/queue-model.ts';
import { ConsumedLots } from './consumed-lots.ts';
import type { RestingOrder } from './resting-order.ts';
import { TapeExchange } from './tape-exchange.ts';

/** Sums of parts of lots that miss a whole lot by less than this are one. */
const DUST = 1e-9;

/**
 * The venue told by levels (L2): our orders stand at estimated places (`QueueModel`), since no tape by level tells who left a queue.
 *
 * - An order that arrives stands behind all lots of its level as the tape last told it, and behind our own earlier orders there. Where the venue tells only its best levels and
 *   ours is deeper, it stands behind whatever the level turns out to hold.
 * - A trade at our price takes the lots before us, then ours, in parts where it is small. A trade through our price fills us first, up to its size, and leaves nobody before
 *   us. One trade's lots serve our orders in price-time priority, each once.
 * - When the other side's best price comes to ours or through it, we are filled at our price, up to the lots there that we have not taken: they would have met us.
 * - A trade of unknown side was bought where it printed above the mid before its message, and sold below it. At the mid nobody can tell: it fills nobody.
 * - What trades print is subtracted from the level's next decrease. A print that arrives after the decrease that it explains (its event time is not later) gives back what we gained by
 *   that decrease, so that it counts once.
 * - Takers walk the levels, less what we took and the tape has not refreshed (`ConsumedLots`).
 *
 * Tapes by order do as well: their EXECUTE rows are trades and changes of the level in one, and ids are not looked at.
 */
export class LevelExchange extends TapeExchange {
  readonly needsTrades: boolean;
  readonly #queue: QueueModel;
  readonly #consumed: readonly [ConsumedLots, ConsumedLots] = [new ConsumedLots(), new ConsumedLots()];
  /** By side: a row at a price outside [low, high] concerns no order of ours and nothing that we took. */
  readonly #low = new Float64Array(2).fill(Infinity);
  readonly #high = new Float64Array(2).fill(-Infinity);
  /** Of the first message; −1 before it. */
  #startDay = -1;
  /** From the first message's midnight to that of the message at hand. */
  #shiftNs = 0;

  constructor(instrument: Instrument, queue: QueueModel, sink: ReportSink) {
    super(instrument, new LadderBook(), sink);
    this.#queue = queue;
    this.needsTrades = queue.needsTrades;
  }

  onMessage(batch: EventBatch, from: number, to: number, nowNs: number): void {
    this.nowNs = nowNs;
    if (this.#startDay < 0) this.#startDay = batch.day;
    this.#shiftNs = (batch.day - this.#startDay) * NS_PER_DAY;
    if (to === from + 1 && batch.kind[from] < EventKind.EXECUTE) this.#takeChange(batch, from);
    else this.#takeMessage(batch, from, to);
  }

  protected get depth(): LadderBook {
    return this.book;
  }

  /** A message of one row that changes a level and is no trade, as most are of a stream by order. */
  #takeChange(batch: EventBatch, i: number): void {
    if (this.sync.applyMessage(batch, i, i + 1) !== Effect.CHANGED) return;
    const side = batch.side[i];
    const ticks = batch.priceTicks[i];
    if (ticks >= this.#low[side] && ticks <= this.#high[side]) this.#tell(batch, i);
    if (!this.halted) this.#meetBest();
    this.settle();
  }

  #takeMessage(batch: EventBatch, from: number, to: number): void {
    const idle = this.own.bids.length === 0 && this.own.asks.length === 0;
    const { kind, side, priceTicks } = batch;
    const midBefore = idle ? Number.NaN : this.book.mid;
    const effect = this.sync.applyMessage(batch, from, to);
    if (effect === Effect.OLD) return;
    const low = this.#low;
    const high = this.#high;
    if (effect === Effect.RESYNCED) this.#startAnew();
    let opened = effect === Effect.RESYNCED;
    const live = !opened && this.sync.state === SyncState.SYNCED;
    for (let i = from; i < to; i++) {
      const what = kind[i];
      if (what <= EventKind.EXECUTE) {
        const resting = side[i];
        const ticks = priceTicks[i];
        if (what === EventKind.EXECUTE) {
          this.tradesSeen++;
          if (!idle && live) this.#trade(resting as OrderSide, batch, i);
        }
        if (live && ticks >= low[resting] && ticks <= high[resting]) this.#tell(batch, i);
      } else if (what === EventKind.TRADE) {
        this.tradesSeen++;
        if (!idle && live) this.#print(batch, i, midBefore);
      } else if (what === EventKind.FAULT && this.takeFaults(batch, i, i + 1)) opened = true;
    }
    if (opened && this.trading) this.#partOwn();
    if (!idle && this.trading) this.#meetBest();
    this.settle();
  }

  protected freeLots(side: OrderSide, priceTicks: number, lots: number): number {
    return Math.max(0, lots - this.#consumed[side].at(priceTicks));
  }

  protected lotsBefore(order: RestingOrder): number {
    return Math.floor(order.ahead + DUST);
  }

  protected consume(side: OrderSide, priceTicks: number, lots: number): void {
    this.#consumed[side].take(priceTicks, lots, this.book.lotsAt(side, priceTicks));
    // What stood before an order of our own there went first.
    for (const order of this.own.on(side)) {
      if (order.priceTicks === priceTicks) order.ahead = Math.max(0, order.ahead - lots);
    }
    this.watch();
  }

  protected enter(order: RestingOrder): void {
    const lots = this.book.lotsAt(order.side, order.priceTicks);
    order.reported = lots;
    order.blind = lots === 0 && this.beyondView(order);
    order.ahead = order.blind && this.#queue.start(1) > 0 ? Infinity : this.#queue.start(lots);
    order.traded = 0;
    order.lostLots = 0;
    order.gained = 0;
    order.reportedNs = Number.NEGATIVE_INFINITY;
  }

  protected withdraw(): void {}

  protected override watch(): void {
    const [bids, asks] = this.#consumed;
    this.#low[Side.BID] = Math.min(bids.low, this.own.bids.at(-1)?.priceTicks ?? Infinity);
    this.#high[Side.BID] = Math.max(bids.high, this.own.bids[0]?.priceTicks ?? -Infinity);
    this.#low[Side.ASK] = Math.min(asks.low, this.own.asks[0]?.priceTicks ?? Infinity);
    this.#high[Side.ASK] = Math.max(asks.high, this.own.asks.at(-1)?.priceTicks ?? -Infinity);
  }

  /** The book was replaced: we stand at the back of its queues, and what we took is of the past. */
  #startAnew(): void {
    this.#consumed[Side.BID].clear();
    this.#consumed[Side.ASK].clear();
    this.enterAll();
    this.watch();
  }

  /** A print that changes no level by itself. */
  #print(batch: EventBatch, i: number, mid: number): void {
    const ticks = batch.priceTicks[i];
    if (ticks === NO_PRICE) return;
    let aggressor = batch.side[i];
    if (aggressor === Side.NONE) {
      if (ticks > mid) aggressor = Side.BID;
      else if (ticks < mid) aggressor = Side.ASK;
      else return;
    }
    this.#trade(aggressor === Side.BID ? Side.ASK : Side.BID, batch, i);
  }

  /** The trade of row `i` met orders resting on `side`. */
  #trade(side: OrderSide, batch: EventBatch, i: number): void {
    const ticks = batch.priceTicks[i];
    if (this.halted || (side === Side.BID ? ticks > this.own.bestBid : ticks < this.own.bestAsk)) return;
    const orders = side === Side.BID ? this.own.bids : this.own.asks;
    const lots = batch.sizeLots[i];
    const print = batch.kind[i] === EventKind.TRADE;
    let pool = lots;
    for (const order of orders) {
      if (order.left === 0) continue;
      const price = order.priceTicks;
      if (side === Side.BID ? price < ticks : price > ticks) return;
      if (price === ticks) this.#takeBefore(order, lots, print ? batch.tsEventNs[i] + this.#shiftNs : Infinity);
      else order.ahead = 0;
      const reaches = Math.floor(pool - order.ahead + DUST);
      order.ahead = Math.max(0, order.ahead - pool);
      const filled = Math.min(order.left, reaches);
      if (filled <= 0) continue;
      pool -= filled;
      this.fill(order, price, filled, true);
    }
  }

  /** Notes a trade at our price, so that the level's decrease by it counts once, whichever of the two is told first. */
  #takeBefore(order: RestingOrder, lots: number, tsEventNs: number): void {
    if (order.ahead === Infinity && !this.beyondView(order)) {
      order.blind = false;
      order.ahead = this.#queue.start(this.book.lotsAt(order.side, order.priceTicks));
    }
    let late = 0;
    if (tsEventNs <= order.reportedNs && order.lostLots > 0) {
      late = Math.min(lots, order.lostLots);
      const back = (order.gained * late) / order.lostLots;
      order.ahead += back;
      order.gained -= back;
      order.lostLots -= late;
    }
    order.traded += lots - late;
  }

  /** A level of ours, or one that we took from, has another size. */
  #tell(batch: EventBatch, i: number): void {
    const side = batch.side[i] as OrderSide;
    const ticks = batch.priceTicks[i];
    const what = batch.kind[i];
    const hidden = (batch.flags[i] & EventFlag.HIDDEN) !== 0;
    const size = what === EventKind.LEVEL || what === EventKind.ADD ? batch.sizeLots[i] : 0 - batch.sizeLots[i];
    if (!hidden) this.#consumed[side].tell(ticks, size, what !== EventKind.LEVEL);
    const orders = side === Side.BID ? this.own.bids : this.own.asks;
    for (const order of orders) {
      if (order.priceTicks !== ticks) continue;
      if (hidden) {
        order.blind = true;
        continue;
      }
      const after = Math.max(0, what === EventKind.LEVEL ? size : order.reported + size);
      this.#advance(order, after, batch.tsEventNs[i] + this.#shiftNs);
    }
    this.watch();
  }

  #advance(order: RestingOrder, after: number, tsEventNs: number): void {
    const { ahead, reported, traded } = order;
    order.reported = after;
    order.reportedNs = tsEventNs;
    order.traded = 0;
    order.lostLots = 0;
    order.gained = 0;
    if (order.blind) {
      // What went on while the level was out of sight tells nothing of our place, but that there is no more before us than it holds.
      order.blind = false;
      order.ahead = Math.min(ahead, this.#queue.start(after));
      return;
    }
    order.ahead = this.#queue.advance(ahead, reported, after, traded);
    order.lostLots = Math.max(0, reported - after - traded);
    order.gained = Math.max(0, ahead - order.ahead);
  }

  /** Our own orders came to stand crossed while nothing could trade: of two the newer goes. */
  #partOwn(): void {
    for (;;) {
      const bid = this.own.first(Side.BID);
      const ask = this.own.first(Side.ASK);
      if (bid === null || ask === null || bid.priceTicks < ask.priceTicks) return;
      this.preventSelfTrade(bid.turn > ask.turn ? bid : ask);
    }
  }

  /** Fills our orders that the other side's best prices have come to. */
  #meetBest(): void {
    const ask = this.book.bestAskTicks;
    if (ask !== NO_PRICE && this.own.bestBid >= ask) this.#meet(this.own.bids, Side.ASK, 1);
    const bid = this.book.bestBidTicks;
    if (bid !== NO_PRICE && this.own.bestAsk <= bid) this.#meet(this.own.asks, Side.BID, -1);
  }

  #meet(orders: readonly RestingOrder[], opposite: OrderSide, sign: number): void {
    const count = this.readDepth(opposite, orders[0].priceTicks, sign, Infinity);
    for (const order of orders) {
      for (let rank = 0; rank < count && order.left > 0; rank++) {
        const ticks = this.levelTicks[rank];
        if ((ticks - order.priceTicks) * sign > 0) break;
        order.ahead = 0;
        const met = Math.min(order.left, this.freeLots(opposite, ticks, this.levelLots[rank]));
        if (met <= 0) continue;
        this.consume(opposite, ticks, met);
        this.fill(order, order.priceTicks, met, true);
      }
    }
  }
}
