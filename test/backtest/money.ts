import type { ContractTerms, CostedFill } from '../../src/backtest/costs.ts';
import { OrderState } from '../../src/backtest/order.ts';
import type { BacktestRun, FillRecord, OrderRecord } from '../../src/backtest/run.ts';
import { Side } from '../../src/market/index.ts';

/** One tick is 0.5 USD, one lot is 0.1 of the base: a lot gains 0.05 USD a tick. */
export const LINEAR: ContractTerms = { kind: 'linear', tickValue: 0.5, lotValue: 0.1, currency: 'USD' };
/** BTCUSD_PERP at Binance: one tick is 0.1 USD, a contract is 100 USD. */
export const INVERSE: ContractTerms = { kind: 'inverse', tickValue: 0.1, lotValue: 100, currency: 'BTC' };

/** A fill of its own order; above 0 lots bought, below 0 sold. */
export function costed(signedLots: number, priceTicks: number, more: Partial<CostedFill> = {}): CostedFill {
  return {
    orderId: 1,
    side: signedLots > 0 ? Side.BID : Side.ASK,
    priceTicks,
    quantityLots: Math.abs(signedLots),
    maker: false,
    exchangeNs: 0,
    ...more,
  };
}

export function fillRecord(signedLots: number, priceTicks: number, more: Partial<FillRecord> = {}): FillRecord {
  const { orderId, side, quantityLots, maker, exchangeNs } = costed(signedLots, priceTicks);
  return {
    orderId,
    side,
    priceTicks,
    quantityLots,
    maker,
    exchangeNs,
    localNs: exchangeNs,
    midTicks: priceTicks,
    laterMidTicks: new Float64Array(5).fill(Number.NaN),
    fee: 0,
    impact: 0,
    ...more,
  };
}

export function orderRecord(id: number, more: Partial<OrderRecord> = {}): OrderRecord {
  return {
    id,
    side: Side.BID,
    type: 'limit',
    timeInForce: 'gtc',
    postOnly: false,
    reduceOnly: false,
    tag: null,
    priceTicks: 100,
    quantityLots: 10,
    sentNs: 0,
    sentMidTicks: 100,
    arrivedNs: 0,
    arrivedMidTicks: 100,
    endedNs: 0,
    filledLots: 0,
    state: OrderState.CANCELLED,
    reason: null,
    ...more,
  };
}

export function runOf(parts: Partial<BacktestRun>): BacktestRun {
  return {
    strategy: 'made up',
    instrument: 'sim:TEST',
    origin: 'simulated',
    currency: 'USD',
    assumptions: [],
    notes: [],
    startDay: 0,
    startNs: 0,
    endNs: 0,
    events: 0,
    messages: 0,
    orders: [],
    fills: [],
    equity: [],
    totals: { gross: 0, fees: 0, funding: 0, borrow: 0, impact: 0, net: 0 },
    ended: null,
    hash: '',
    ...parts,
  };
}
