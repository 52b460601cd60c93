import { assert, NS_PER_SECOND } from '../../core/index.ts';
import { Side } from '../../market/index.ts';
import type { OrderRequest } from '../order.ts';
import type { Broker } from '../strategy.ts';

/** Limits; what is absent is not limited. */
export interface RiskLimits {
  /** Of one order. */
  readonly maxOrderLots?: number;
  /** Of the position to either side, were all open orders of that side to fill. */
  readonly maxPositionLots?: number;
  readonly maxOpenOrders?: number;
  /** Net loss since the start, above 0, in the currency of profit. */
  readonly maxLoss?: number;
  /** In any second, of orders and replaces. */
  readonly maxOrdersPerSecond?: number;
  /** How far from the mid, as we know it, a limit price may lie. */
  readonly priceBandBps?: number;
  /** Once stopped: the position is sold or bought back at the market. */
  readonly flatten?: boolean;
}

/**
 * Our own limits, before an order is sent. The same object in a backtest and in paper trading. Once it has stopped trading it stays stopped; then only reduce-only
 * orders pass, and those without any further limit, since the way out must not be barred.
 */
export class RiskGate {
  readonly limits: RiskLimits;
  readonly assumption: string;
  #stopped: string | null = null;
  /** When the last orders were let through, a ring of `maxOrdersPerSecond`. */
  readonly #sentNs: Float64Array;
  #sent = 0;

  constructor(limits: RiskLimits = {}) {
    this.limits = limits;
    const { maxOrdersPerSecond = 0 } = limits;
    assert(Number.isInteger(maxOrdersPerSecond) && maxOrdersPerSecond >= 0, 'orders per second are a whole number');
    this.#sentNs = new Float64Array(maxOrdersPerSecond).fill(Number.NEGATIVE_INFINITY);
    this.assumption = describe(limits);
  }

  /** Why trading was stopped; null while it goes on. */
  get stopped(): string | null {
    return this.#stopped;
  }

  /**
   * Why an order may not be sent, in words; null where it may, and then it counts as sent. Of a replace, `request` is the order as it is to be and
   * `replacing` the id of the one that it takes the place of, which is not counted beside it.
   */
  refusal(request: OrderRequest, broker: Broker, replacing = 0): string | null {
    const why = this.#why(request, broker, replacing);
    if (why === null && this.#sentNs.length > 0) {
      this.#sentNs[this.#sent % this.#sentNs.length] = broker.nowNs;
      this.#sent++;
    }
    return why;
  }

  /** Told of the net profit; returns why trading is to stop, the first time as every later one, or null. */
  mark(nowNs: number, net: number): string | null {
    const { maxLoss } = this.limits;
    if (this.#stopped === null && maxLoss !== undefined && net <= -maxLoss) {
      const seconds = (nowNs / NS_PER_SECOND).toFixed(3);
      this.#stopped = `the loss of ${-net} reached the limit of ${maxLoss} at ${seconds} s`;
    }
    return this.#stopped;
  }

  /** The kill switch. The first reason stays. */
  kill(reason: string): void {
    this.#stopped ??= `the kill switch was pulled: ${reason}`;
  }

  #why(request: OrderRequest, broker: Broker, replacing: number): string | null {
    if (this.#stopped !== null) {
      return request.reduceOnly === true ? null : `trading is stopped: ${this.#stopped}; only reduce-only orders pass`;
    }
    const { maxOrderLots } = this.limits;
    if (maxOrderLots !== undefined && request.quantityLots > maxOrderLots) {
      return `an order of ${request.quantityLots} lots is above the limit of ${maxOrderLots}`;
    }
    return (
      this.#ofPosition(request, broker, replacing) ??
      this.#ofOpenOrders(request, broker, replacing) ??
      this.#ofPrice(request, broker) ??
      this.#ofRate(broker.nowNs)
    );
  }

  #ofPosition(request: OrderRequest, broker: Broker, replacing: number): string | null {
    const { maxPositionLots } = this.limits;
    if (maxPositionLots === undefined || request.reduceOnly === true) return null;
    const buys = request.side === Side.BID;
    const held = buys ? broker.positionLots : -broker.positionLots;
    let open = 0;
    const { orders } = broker;
    for (let i = 0; i < orders.length; i++) {
      const { id, leftLots, askedLots, request: other } = orders[i];
      if (other.side === request.side && other.reduceOnly !== true && id !== replacing)
        open += Math.max(leftLots, askedLots);
    }
    const worst = held + open + request.quantityLots;
    if (worst <= maxPositionLots) return null;
    const word = buys ? 'long' : 'short';
    return `${request.quantityLots} lots more could make the position ${worst} ${word} (${held} held ${word}, ${open} in open orders), above the limit of ${maxPositionLots}`;
  }

  #ofOpenOrders(request: OrderRequest, broker: Broker, replacing: number): string | null {
    const { maxOpenOrders } = this.limits;
    if (maxOpenOrders === undefined || replacing !== 0 || request.reduceOnly === true) return null;
    return broker.orders.length < maxOpenOrders
      ? null
      : `${broker.orders.length} orders are open, and the limit is ${maxOpenOrders}`;
  }

  #ofPrice(request: OrderRequest, broker: Broker): string | null {
    const { priceBandBps } = this.limits;
    if (priceBandBps === undefined || request.type !== 'limit') return null;
    const mid = broker.trusted ? broker.book.mid : Number.NaN;
    if (Number.isNaN(mid)) return `there is no mid to hold the price of ${request.priceTicks} ticks against`;
    const bps = (1e4 * Math.abs(request.priceTicks - mid)) / Math.abs(mid);
    return bps <= priceBandBps
      ? null
      : `a price of ${request.priceTicks} ticks is ${bps.toFixed(2)} bps from the mid of ${mid}, and the band is ${priceBandBps} bps`;
  }

  #ofRate(nowNs: number): string | null {
    const { length } = this.#sentNs;
    if (length === 0 || nowNs - this.#sentNs[this.#sent % length] >= NS_PER_SECOND) return null;
    return `${length} orders were sent within the last second, which is the limit`;
  }
}

function describe(limits: RiskLimits): string {
  const { maxOrderLots, maxPositionLots, maxOpenOrders, maxLoss, maxOrdersPerSecond, priceBandBps, flatten } = limits;
  const parts: string[] = [];
  if (maxOrderLots !== undefined) parts.push(`orders up to ${maxOrderLots} lots`);
  if (maxPositionLots !== undefined) parts.push(`positions up to ${maxPositionLots} lots with open orders`);
  if (maxOpenOrders !== undefined) parts.push(`up to ${maxOpenOrders} open orders`);
  if (maxOrdersPerSecond !== undefined) parts.push(`up to ${maxOrdersPerSecond} orders a second`);
  if (priceBandBps !== undefined) parts.push(`prices within ${priceBandBps} bps of the mid`);
  if (maxLoss !== undefined)
    parts.push(`stopped at a loss of ${maxLoss}${flatten === true ? ', position closed' : ''}`);
  return `risk: ${parts.length === 0 ? 'no limits' : parts.join(', ')}`;
}
