import { assert, BookcastError } from '../../core/index.ts';
import { notionalOf } from '../contract-terms.ts';
import type { ContractTerms, CostedFill, FeeModel } from '../costs.ts';

/** What a fill costs; the parts add up. Below 0: a rebate. */
export interface FeeRate {
  /** Hundredths of a percent of the fill's notional. */
  readonly bps?: number;
  /** Quote currency for each unit of the base (a share); linear contracts only. */
  readonly perShare?: number;
  /** Currency of profit for each lot, where a lot is a contract. */
  readonly perContract?: number;
}

/** From `volume` on, traded before the fill, these rates hold. */
export interface FeeTier {
  /** In the quote currency. */
  readonly volume: number;
  readonly maker: FeeRate;
  readonly taker: FeeRate;
}

/** A venue's or broker's fees. Plain data. */
export interface FeeScheduleData {
  /** What it is, and from where and when. */
  readonly name: string;
  /** By volume, ascending; the first from 0. */
  readonly tiers: readonly FeeTier[];
  /** Quote currency traded before the run, within the venue's window. Default 0. */
  readonly volume?: number;
  /** Least and greatest fee of an order, over all its fills, in the currency of profit. */
  readonly minimumPerOrder?: number;
  readonly maximumPerOrder?: number;
  /** Greatest fee of an order in bps of what it traded so far; it outweighs the minimum. */
  readonly maximumPerOrderBps?: number;
}

/**
 * Fees by a schedule. The tier is that of the volume before the fill (Coinbase: "not the tier you would be in after a trade"); volume only grows, since a run is
 * short against the venues' thirty days. A fill is charged once, when it happens: nothing more is due when the position is closed.
 */
export class FeeSchedule implements FeeModel {
  readonly assumption: string;
  readonly #data: FeeScheduleData;
  readonly #limited: boolean;
  readonly #orders = new Map<number, { raw: number; charged: number; notional: number }>();
  #volume: number;
  #tier = 0;

  constructor(data: FeeScheduleData) {
    assert(data.tiers.length > 0 && data.tiers[0].volume === 0, 'the first tier begins at 0');
    this.#data = data;
    this.#volume = data.volume ?? 0;
    this.#limited =
      data.minimumPerOrder !== undefined || data.maximumPerOrder !== undefined || data.maximumPerOrderBps !== undefined;
    this.assumption = `fees: ${data.name}; ${describe(data)}`;
  }

  /** Throws `bad-argument` where a rate by the share meets an inverse contract, which has none. */
  fee(fill: CostedFill, terms: ContractTerms): number {
    const { tiers } = this.#data;
    while (this.#tier + 1 < tiers.length && tiers[this.#tier + 1].volume <= this.#volume) this.#tier++;
    const tier = tiers[this.#tier];
    const { bps = 0, perShare = 0, perContract = 0 } = fill.maker ? tier.maker : tier.taker;
    if (perShare !== 0 && terms.kind === 'inverse') {
      throw new BookcastError(
        'bad-argument',
        `${this.assumption}: a fee by the share does not fit an inverse contract; give bps or perContract`,
      );
    }
    const notional = notionalOf(terms, fill.priceTicks, fill.quantityLots);
    this.#volume += terms.kind === 'linear' ? notional : fill.quantityLots * terms.lotValue;
    const raw =
      (notional * bps) / 1e4 +
      perShare * fill.quantityLots * (perShare === 0 ? 0 : terms.lotValue) +
      perContract * fill.quantityLots;
    return this.#limited ? this.#withinLimits(fill.orderId, raw, notional) : raw;
  }

  /** What of an order's fee, held within its limits, is not charged yet. */
  #withinLimits(orderId: number, raw: number, notional: number): number {
    const { minimumPerOrder, maximumPerOrder, maximumPerOrderBps } = this.#data;
    const order = this.#orders.get(orderId) ?? { raw: 0, charged: 0, notional: 0 };
    order.raw += raw;
    order.notional += notional;
    let due = order.raw;
    if (minimumPerOrder !== undefined && due < minimumPerOrder) due = minimumPerOrder;
    if (maximumPerOrder !== undefined && due > maximumPerOrder) due = maximumPerOrder;
    const most =
      maximumPerOrderBps === undefined ? Number.POSITIVE_INFINITY : (order.notional * maximumPerOrderBps) / 1e4;
    if (due > most) due = most;
    const fee = due - order.charged;
    order.charged = due;
    this.#orders.set(orderId, order);
    return fee;
  }
}

/** No fees at all, said outright. */
export const NO_FEES: FeeModel = { assumption: 'fees: none', fee: () => 0 };

function describe(data: FeeScheduleData): string {
  const tiers = data.tiers.map(
    ({ volume, maker, taker }) =>
      `${data.tiers.length > 1 ? `from ${volume} traded: ` : ''}maker ${rateText(maker)}, taker ${rateText(taker)}`,
  );
  const parts = [tiers.join('; ')];
  if (data.volume !== undefined && data.volume > 0) parts.push(`${data.volume} traded before the run`);
  if (data.minimumPerOrder !== undefined) parts.push(`at least ${data.minimumPerOrder} an order`);
  if (data.maximumPerOrder !== undefined) parts.push(`at most ${data.maximumPerOrder} an order`);
  if (data.maximumPerOrderBps !== undefined) parts.push(`at most ${data.maximumPerOrderBps} bps of an order`);
  return parts.join('; ');
}

function rateText({ bps, perShare, perContract }: FeeRate): string {
  const parts: string[] = [];
  if (bps !== undefined) parts.push(`${bps} bps`);
  if (perShare !== undefined) parts.push(`${perShare} a share`);
  if (perContract !== undefined) parts.push(`${perContract} a contract`);
  return parts.length === 0 ? '0' : parts.join(' + ');
}
