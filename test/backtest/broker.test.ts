import { describe, expect, it } from 'vitest';
import { OwnBroker } from '../../src/backtest/broker.ts';
import { type OrderReport, type OrderRequest, OrderState, ReportKind } from '../../src/backtest/index.ts';
import { MarketView } from '../../src/backtest/market-view.ts';
import { Side } from '../../src/market/index.ts';
import { TOY } from './toy-market.ts';

const BID: OrderRequest = { side: Side.BID, type: 'limit', priceTicks: 99, quantityLots: 5 };

function broker(): {
  broker: OwnBroker;
  sent: string[];
  take: (kind: ReportKind, facts?: Partial<OrderReport>) => void;
} {
  const sent: string[] = [];
  const view = new MarketView(
    TOY,
    null,
    () => {},
    () => 0,
  );
  const own = new OwnBroker(TOY, view, {
    submit: ({ id }) => void sent.push(`submit ${id}`),
    cancel: ({ id }) => void sent.push(`cancel ${id}`),
    replace: ({ id }, price, lots) => void sent.push(`replace ${id} ${price} ${lots}`),
    wakeAt: (ns) => void sent.push(`wake ${ns}`),
  });
  const report = { orderId: 1, side: Side.BID, exchangeNs: 0, priceTicks: 99, quantityLots: 5, leftLots: 5 };
  return {
    broker: own,
    sent,
    take: (kind, facts = {}) => own.take({ ...report, kind, maker: true, reason: null, ...facts }),
  };
}

describe('the broker', () => {
  it('keeps orders as the reports tell them, and applies every partial fill', () => {
    const { broker: own, take } = broker();
    own.place(BID);
    const [order] = own.orders;
    expect(order).toMatchObject({ id: 1, state: OrderState.SENT, priceTicks: 99, leftLots: 5, filledLots: 0 });
    take(ReportKind.ACCEPTED);
    expect(order.state).toBe(OrderState.OPEN);
    take(ReportKind.FILLED, { quantityLots: 2, leftLots: 3 });
    expect(order).toMatchObject({ state: OrderState.OPEN, leftLots: 3, filledLots: 2 });
    expect(own.positionLots).toBe(2);
    take(ReportKind.REPLACED, { priceTicks: 98, quantityLots: 4, leftLots: 4 });
    expect(order).toMatchObject({ priceTicks: 98, leftLots: 4 });
    take(ReportKind.FILLED, { quantityLots: 4, leftLots: 0 });
    expect(order).toMatchObject({ state: OrderState.FILLED, filledLots: 6, leftLots: 0 });
    expect([own.positionLots, own.orders.length]).toEqual([6, 0]);
  });

  it('asks once for a cancel, and again after a refusal; leaves alone what it does not know', () => {
    const { broker: own, sent, take } = broker();
    own.place(BID);
    own.cancel(1);
    own.cancel(1);
    own.replace(1, 98, 1);
    own.cancel(7);
    own.replace(7, 98, 1);
    take(ReportKind.REFUSED);
    own.cancel(1);
    take(ReportKind.CANCELLED, { leftLots: 0 });
    own.cancel(1);
    expect(sent).toEqual(['submit 1', 'cancel 1', 'cancel 1']);
    expect(own.orders).toEqual([]);
  });

  it('changes no order with the object that asked for it', () => {
    const { broker: own } = broker();
    const request = { ...BID };
    own.place(request);
    Object.assign(request, { quantityLots: 1000 });
    expect(own.orders[0].request.quantityLots).toBe(5);
  });

  it.each([
    [{ side: 2 }, 'side is 2, expected Side.BID or Side.ASK'],
    [{ type: 'stop' }, 'type is "stop", expected "limit" or "market"'],
    [{ quantityLots: 0 }, 'quantityLots is 0, expected a whole number of lots above 0'],
    [{ priceTicks: 99.5 }, 'priceTicks is 99.5, expected a whole number of ticks'],
    [{ timeInForce: 'day' }, 'timeInForce is "day", expected "gtc", "ioc" or "fok"'],
    [{ type: 'market', timeInForce: 'gtc' }, 'a market order cannot rest'],
    [{ timeInForce: 'ioc', postOnly: true }, 'postOnly is of limit orders that may rest'],
  ])('throws for %j', (part, what) => {
    const { broker: own } = broker();
    expect(() => own.place({ ...BID, ...part } as OrderRequest)).toThrow(what);
    expect(own.orders).toEqual([]);
  });

  it('throws for a replace that no venue could take', () => {
    const { broker: own } = broker();
    own.place(BID);
    expect(() => own.replace(1, Number.NaN, 1)).toThrow('replace: priceTicks is null');
    expect(() => own.replace(1, 99, -1)).toThrow('replace: quantityLots is -1');
  });
});
