import { describe, expect, it } from 'vitest';
import { type OrderRequest, OrderState, type OwnOrder } from '../../../src/backtest/order.ts';
import { parseRisk } from '../../../src/backtest/risk/parse-risk.ts';
import { RiskGate } from '../../../src/backtest/risk/risk-gate.ts';
import type { Broker } from '../../../src/backtest/strategy.ts';
import { type Instrument, LadderBook, Side } from '../../../src/market/index.ts';

const INSTRUMENT: Instrument = {
  venue: 'sim',
  name: 'TEST',
  tickSize: '1',
  lotSize: '1',
  sequencing: 'consecutive',
  burstQuietNs: 0,
  depthLimit: null,
};
const BUY: OrderRequest = { side: Side.BID, type: 'limit', priceTicks: 999, quantityLots: 10 };
const SELL: OrderRequest = { ...BUY, side: Side.ASK, priceTicks: 1001 };

/** What a broker knows: a book of 999 against 1001, a mid of 1000 ticks. */
function known(parts: Partial<Broker> = {}): Broker {
  const book = new LadderBook();
  book.setLevel(Side.BID, 999, 5);
  book.setLevel(Side.ASK, 1001, 5);
  return {
    instrument: INSTRUMENT,
    target: null,
    nowNs: 0,
    book,
    trusted: true,
    halted: false,
    forecast: null,
    positionLots: 0,
    orders: [],
    place: () => 0,
    cancel: () => {},
    replace: () => {},
    wakeAt: () => {},
    ...parts,
  };
}

function own(id: number, request: OrderRequest, leftLots: number): OwnOrder {
  return {
    id,
    request,
    sentNs: 0,
    state: OrderState.OPEN,
    priceTicks: request.priceTicks,
    leftLots,
    filledLots: 0,
    askedLots: 0,
    cancelling: false,
  };
}

describe('RiskGate', () => {
  it('lets everything pass without limits', () => {
    const gate = parseRisk(undefined, 'risk');
    expect(gate.refusal({ ...BUY, quantityLots: 1e9 }, known())).toBeNull();
    expect(gate.mark(0, -1e9)).toBeNull();
    expect(gate.assumption).toBe('risk: no limits');
  });

  it('holds the size of an order', () => {
    const gate = new RiskGate({ maxOrderLots: 10 });
    expect(gate.refusal(BUY, known())).toBeNull();
    expect(gate.refusal({ ...BUY, quantityLots: 11 }, known())).toBe('an order of 11 lots is above the limit of 10');
  });

  it('holds the position with open orders of the same side counted', () => {
    const gate = new RiskGate({ maxPositionLots: 30 });
    // Long 5; 8 + 7 lots to buy are open: 10 more make 30, and 11 more make 31.
    const orders = [own(1, BUY, 8), own(2, BUY, 7), own(3, SELL, 20), own(4, { ...BUY, reduceOnly: true }, 50)];
    const broker = known({ positionLots: 5, orders });
    expect(gate.refusal(BUY, broker)).toBeNull();
    expect(gate.refusal({ ...BUY, quantityLots: 11 }, broker)).toBe(
      '11 lots more could make the position 31 long (5 held long, 15 in open orders), above the limit of 30',
    );
    // Selling: −5 held short, 20 open, 16 more make 31 short.
    expect(gate.refusal({ ...SELL, quantityLots: 15 }, broker)).toBeNull();
    expect(gate.refusal({ ...SELL, quantityLots: 16 }, broker)).toMatch(
      /position 31 short \(-5 held short, 20 in open/,
    );
    expect(gate.refusal({ ...SELL, quantityLots: 99, reduceOnly: true }, broker)).toBeNull();
    // A replace of order 1 takes its place: 5 + 7 + 18 = 30.
    expect(gate.refusal({ ...BUY, quantityLots: 18 }, broker, 1)).toBeNull();
    expect(gate.refusal({ ...BUY, quantityLots: 19 }, broker, 1)).toMatch(/position 31 long/);
  });

  it('holds the number of open orders; a replace opens none', () => {
    const gate = new RiskGate({ maxOpenOrders: 2 });
    const broker = known({ orders: [own(1, BUY, 1), own(2, SELL, 1)] });
    expect(gate.refusal(BUY, known({ orders: [own(1, BUY, 1)] }))).toBeNull();
    expect(gate.refusal(BUY, broker)).toBe('2 orders are open, and the limit is 2');
    expect(gate.refusal(BUY, broker, 1)).toBeNull();
  });

  it('holds prices within a band around the mid', () => {
    const gate = new RiskGate({ priceBandBps: 20 });
    expect(gate.refusal({ ...BUY, priceTicks: 998 }, known())).toBeNull();
    expect(gate.refusal({ ...BUY, priceTicks: 1003 }, known())).toBe(
      'a price of 1003 ticks is 30.00 bps from the mid of 1000, and the band is 20 bps',
    );
    expect(gate.refusal({ ...BUY, type: 'market', priceTicks: 0 }, known())).toBeNull();
    expect(gate.refusal(BUY, known({ trusted: false }))).toMatch(/no mid to hold the price of 999 ticks against/);
  });

  it('holds the orders of any second, refused ones not counted', () => {
    const gate = new RiskGate({ maxOrdersPerSecond: 2 });
    const at = (seconds: number): string | null => gate.refusal(BUY, known({ nowNs: seconds * 1e9 }));
    expect([at(0), at(0.9)]).toEqual([null, null]);
    expect(at(0.95)).toBe('2 orders were sent within the last second, which is the limit');
    // The first is a second old, the second is not; then the window is from 0.9 and 1.0.
    expect(at(1)).toBeNull();
    expect(at(1.5)).toMatch(/2 orders/);
    expect(at(1.9)).toBeNull();
  });

  it('stops at the loss for good, and lets reduce-only orders out', () => {
    const gate = new RiskGate({ maxLoss: 100, maxOrderLots: 1, flatten: true });
    expect(gate.mark(1e9, -99.5)).toBeNull();
    expect(gate.mark(2.5e9, -100)).toBe('the loss of 100 reached the limit of 100 at 2.500 s');
    expect(gate.mark(3e9, 50)).toBe(gate.stopped);
    expect(gate.refusal({ ...BUY, quantityLots: 1 }, known())).toBe(
      'trading is stopped: the loss of 100 reached the limit of 100 at 2.500 s; only reduce-only orders pass',
    );
    expect(gate.refusal({ ...SELL, quantityLots: 500, reduceOnly: true }, known())).toBeNull();
  });

  it('has a kill switch, whose first reason stays', () => {
    const gate = new RiskGate();
    expect(gate.stopped).toBeNull();
    gate.kill('the operator said so');
    gate.kill('again');
    expect(gate.mark(0, 0)).toBe('the kill switch was pulled: the operator said so');
  });
});

describe('parseRisk', () => {
  it('reads limits and says them', () => {
    const limits = {
      maxOrderLots: 1,
      maxPositionLots: 2,
      maxOpenOrders: 3,
      maxOrdersPerSecond: 4,
      maxLoss: 5.5,
      priceBandBps: 6,
      flatten: true,
    };
    const gate = parseRisk(limits, 'risk');
    expect(gate.limits).toEqual(limits);
    expect(gate.assumption).toBe(
      'risk: orders up to 1 lots, positions up to 2 lots with open orders, up to 3 open orders, up to 4 orders a second, prices within 6 bps of the mid, stopped at a loss of 5.5, position closed',
    );
  });

  it.each([
    [{ maxLos: 1 }, /risk has no key "maxLos"; did you mean "maxLoss"\?; there are maxOrderLots/],
    [{ maxOrderLots: 1.5 }, /maxOrderLots is 1.5, and must be a whole number from 1/],
    [{ maxLoss: 0 }, /maxLoss is 0/],
    [{ maxLoss: -5 }, /maxLoss is -5/],
    [{ flatten: 'yes' }, /flatten is "yes", and must be true or false/],
    ['tight', /risk is "tight", and must be keys and values/],
  ])('refuses %j', (data, message) => {
    expect(() => parseRisk(data, 'risk')).toThrow(message);
  });
});
