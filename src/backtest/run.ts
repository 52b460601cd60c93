import type { OrderSide, OrderState } from './order.ts';

/** Of one order, over its whole life. Times in ns since the run's first midnight; `NaN` where it never came to it. */
export interface OrderRecord {
  readonly id: number;
  readonly side: OrderSide;
  readonly type: 'limit' | 'market';
  readonly timeInForce: string;
  readonly postOnly: boolean;
  readonly reduceOnly: boolean;
  readonly tag: string | null;
  readonly priceTicks: number;
  readonly quantityLots: number;
  readonly sentNs: number;
  /** The mid as we knew it when the order was sent, the arrival price of its costs. */
  readonly sentMidTicks: number;
  /** The venue acted on its arrival. */
  arrivedNs: number;
  /** The venue's mid then. */
  arrivedMidTicks: number;
  /** It was gone, at the venue. */
  endedNs: number;
  filledLots: number;
  state: OrderState;
  reason: string | null;
}

/** Of one fill. */
export interface FillRecord {
  readonly orderId: number;
  readonly side: OrderSide;
  readonly priceTicks: number;
  readonly quantityLots: number;
  readonly maker: boolean;
  readonly exchangeNs: number;
  readonly localNs: number;
  /** The venue's mid just before the fill, in ticks. */
  readonly midTicks: number;
  /** The venue's mid each of `MARKOUT_NS` later, in ticks; `NaN` where the run ended, or the book was lost, before. */
  readonly laterMidTicks: Float64Array;
  /** In the currency of profit. */
  readonly fee: number;
  readonly impact: number;
}

/** When the mid is looked at again after a fill: 10 ms, 100 ms, 1 s, 10 s, 60 s. */
export const MARKOUT_NS: readonly number[] = [10e6, 100e6, 1e9, 10e9, 60e9];

/** The account at one moment, at the venue, marked at the mid. Taken on a grid of time, so that no ratio depends on how many ticks there were. */
export interface EquityPoint {
  readonly ns: number;
  readonly midTicks: number;
  readonly positionLots: number;
  /** Profit since the start, all costs paid, in the currency of profit. */
  readonly net: number;
  /** The same without fees, funding, borrow and impact. */
  readonly gross: number;
}

/** Everything that came of one strategy on one tape. Plain data. */
export interface BacktestRun {
  readonly strategy: string;
  readonly instrument: string;
  readonly origin: 'simulated' | 'recorded' | 'live';
  readonly currency: string;
  /** One sentence each: latency, queue, fees, impact, carry, contract, risk. Printed with every result. */
  readonly assumptions: readonly string[];
  readonly notes: readonly string[];
  readonly startDay: number;
  readonly startNs: number;
  readonly endNs: number;
  readonly events: number;
  readonly messages: number;
  readonly orders: readonly OrderRecord[];
  readonly fills: readonly FillRecord[];
  readonly equity: readonly EquityPoint[];
  /** In the currency of profit; `gross − fees − funding − borrow − impact = net`. */
  readonly totals: {
    readonly gross: number;
    readonly fees: number;
    readonly funding: number;
    readonly borrow: number;
    readonly impact: number;
    readonly net: number;
  };
  /** Why the strategy was ended early, with what it threw; null where it ran to the end. */
  readonly ended: string | null;
  /** SHA-256 of all orders and fills, bit for bit: equal for equal tapes, strategies and options. */
  readonly hash: string;
}

/** How a run stands at the venue. */
export interface RunAccount {
  /** `NaN` where the book is not trusted. */
  readonly midTicks: number;
  readonly positionLots: number;
  readonly openOrders: number;
  /** Placed so far. */
  readonly orders: number;
  readonly net: number;
  readonly lastFill: FillRecord | null;
}
