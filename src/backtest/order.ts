import type { Side } from '../market/index.ts';

/** A buy rests on the bid side and a sell on the ask side. */
export type OrderSide = typeof Side.BID | typeof Side.ASK;

/**
 * How long an order stands: `gtc` until it is cancelled or the run ends; `ioc` takes what is there at once and the rest is cancelled; `fok` takes
 * all of it at once or nothing. A market order is `ioc` or `fok`.
 */
export type TimeInForce = 'gtc' | 'ioc' | 'fok';

/** What a strategy asks for. Plain data. */
export interface OrderRequest {
  readonly side: OrderSide;
  readonly type: 'limit' | 'market';
  /** Of a limit order, in ticks; of a market order it is not read. */
  readonly priceTicks: number;
  /** Whole lots, above 0. */
  readonly quantityLots: number;
  /** Default: `gtc` for a limit order, `ioc` for a market order. */
  readonly timeInForce?: TimeInForce;
  /** The venue rejects it where it would trade on arrival. Limit orders that are `gtc`. */
  readonly postOnly?: boolean;
  /** It may only bring the position nearer to 0: the venue cuts it to what there is to reduce, and rejects it where there is nothing. */
  readonly reduceOnly?: boolean;
  /** Names what it belongs to, such as a parent order, for the analysis of costs. */
  readonly tag?: string;
}

/** Where an order is in its life, as its owner knows it. */
export const OrderState = {
  /** On the way to the venue. */
  SENT: 0,
  /** Resting at the venue. */
  OPEN: 1,
  /** All of it traded. */
  FILLED: 2,
  /** Gone with a part, or all, unfilled: cancelled by its owner or by the venue. */
  CANCELLED: 3,
  /** Refused by our own risk limits or by the venue. */
  REJECTED: 4,
} as const;
export type OrderState = (typeof OrderState)[keyof typeof OrderState];

/** What became of an order, of a cancel or of a replace. */
export const ReportKind = {
  /** Taken by the venue; what did not trade on arrival rests. */
  ACCEPTED: 0,
  /** The order is refused; `reason`. */
  REJECTED: 1,
  /** Some of it traded: `priceTicks`, `quantityLots`, `maker`. One report for each price or counterparty. */
  FILLED: 2,
  /** What was left is gone; `reason`. */
  CANCELLED: 3,
  /** It has another price or quantity now: `priceTicks`, and in `quantityLots` what is left. */
  REPLACED: 4,
  /** A cancel or replace came too late or was not possible; the order stands as it was, if it stands; `reason`. */
  REFUSED: 5,
} as const;
export type ReportKind = (typeof ReportKind)[keyof typeof ReportKind];

/** One report of the venue (or of our own risk limits) on one order. */
export interface OrderReport {
  readonly kind: ReportKind;
  readonly orderId: number;
  readonly side: OrderSide;
  /** When the venue acted, ns since the run's first midnight. */
  readonly exchangeNs: number;
  /** Of a fill: its price. Else the order's. In ticks. */
  readonly priceTicks: number;
  /** Of a fill: what traded. Else what was concerned. In lots. */
  readonly quantityLots: number;
  /** Lots of the order that still stand after this. */
  readonly leftLots: number;
  /** Of a fill: it rested before it traded. */
  readonly maker: boolean;
  /** Of a rejection, cancel or refusal, in words; else null. */
  readonly reason: string | null;
}

/** An order of our own as its owner knows it: what the reports that arrived say. Only the engine writes to it. */
export interface OwnOrder {
  readonly id: number;
  readonly request: OrderRequest;
  /** When it was sent, on our clock, ns since the run's first midnight. */
  readonly sentNs: number;
  state: OrderState;
  /** As last confirmed. */
  priceTicks: number;
  leftLots: number;
  filledLots: number;
  /** The most that replaces on their way ask to be left; 0 where none is. */
  askedLots: number;
  /** A cancel was sent and not answered yet. */
  cancelling: boolean;
}
