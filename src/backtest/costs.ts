import type { OrderSide } from './order.ts';

/** How money follows from ticks and lots. */
export interface ContractTerms {
  /** `linear`: a lot is so much of the base currency, priced in the quote currency. `inverse`: a contract is worth so much of the quote currency, settled in the base currency (COIN-M). */
  readonly kind: 'linear' | 'inverse';
  /** Quote currency of one tick. */
  readonly tickValue: number;
  /** `linear`: base currency (or shares) of one lot. `inverse`: quote currency of one lot's contracts. */
  readonly lotValue: number;
  /** What profit is counted in: the quote currency of a linear contract, the base currency of an inverse one. Such as `USD`, `USDT`, `BTC`. */
  readonly currency: string;
}

/** A fill, as costs are reckoned of it. */
export interface CostedFill {
  /** Of the order that traded: a least fee for an order is charged once. */
  readonly orderId: number;
  readonly side: OrderSide;
  readonly priceTicks: number;
  readonly quantityLots: number;
  readonly maker: boolean;
  readonly exchangeNs: number;
}

/** Fees of a venue. Negative: a rebate, which is income. */
export interface FeeModel {
  /** Printed with every result: rates, tier, source and date. */
  readonly assumption: string;
  /** In `ContractTerms.currency`; called once a fill, in order, since tiers follow the volume traded. */
  fee(fill: CostedFill, terms: ContractTerms): number;
}

/** What our taking moved the market by beyond what the tape tells: charged, since the tape does not move. */
export interface ImpactModel {
  readonly assumption: string;
  /** Cost of a taker's fill in `ContractTerms.currency`, at least 0; it may remember, with decay, what was taken before. A maker's fill costs nothing. */
  cost(fill: CostedFill, terms: ContractTerms): number;
  /** A trade of the market, from which volume and volatility are estimated, causally. `midTicks` of the venue's book. */
  onTrade(nowNs: number, priceTicks: number, sizeLots: number): void;
  onMid(nowNs: number, midTicks: number): void;
}

/**
 * What holding a position costs over time: funding of perpetuals, borrow of shorts. It remembers when it was last asked: the position was the same since
 * then, since a ledger asks before each fill as well.
 */
export interface CarryModel {
  readonly assumption: string;
  /** The next moment after `nowNs` at which something is due; infinite where never. */
  nextNs(nowNs: number): number;
  /** What `positionLots` pays for the time since the last call, up to and with `nowNs`, at the mid, in `ContractTerms.currency`; below 0 where it receives. */
  due(nowNs: number, positionLots: number, midTicks: number, terms: ContractTerms): { funding: number; borrow: number };
}
