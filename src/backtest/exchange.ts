import type { EventBatch, LadderBook } from '../market/index.ts';
import type { OrderReport, OrderRequest } from './order.ts';

/** Takes the venue's reports, in order, at the venue's time. */
export type ReportSink = (report: OrderReport) => void;

/**
 * The venue with our own orders in it, told by the tape: the book that the tape tells, the queues before our orders, and what trades with them. It acts
 * at the venue's time. Two kinds: by order (`OrderExchange`, exact FIFO) and by level (`LevelExchange`, with a queue model).
 *
 * Our trades do not change what the tape tells later: that is the assumption of every replay. What our orders took is remembered, so that no liquidity is
 * used twice.
 */
export interface Exchange {
  /** The venue's book without our own orders and without what they took. Read only. */
  readonly book: LadderBook;
  /** Our resting orders. */
  readonly openOrders: number;
  /** The book is synced and has two sides: orders can be matched. */
  readonly trusted: boolean;
  /** Of `book`, in ticks, with halves; `NaN` where it is not `trusted`. */
  readonly midTicks: number;
  readonly halted: boolean;
  /** Lots that we hold at the venue. */
  readonly positionLots: number;
  /** Its fills are wrong on a tape without trades (`tradesMissing`). */
  readonly needsTrades: boolean;
  /** Prints and executions that the tape told so far. */
  readonly tradesSeen: number;
  /** Takes rows [from, to), one message, that happened at `nowNs`; our orders may fill. */
  onMessage(batch: EventBatch, from: number, to: number, nowNs: number): void;
  /** An order arrives. Ids are the caller's, from 1, never used twice. */
  submit(orderId: number, request: OrderRequest, nowNs: number): void;
  cancel(orderId: number, nowNs: number): void;
  /** `quantityLots`: what is to be left of it. */
  replace(orderId: number, priceTicks: number, quantityLots: number, nowNs: number): void;
  /** The market is over: what rests is cancelled, with the reason. */
  close(nowNs: number, reason: string): void;
}
