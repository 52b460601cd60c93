import { describe, expect, it } from 'vitest';
import { MarketEstimates } from '../../../src/backtest/strategies/market-estimates.ts';
import { BatchBuilder, type EventBatch, EventKind, Side } from '../../../src/market/index.ts';
import { ToyBroker } from '../../support/toy-broker.ts';

function trade(priceTicks: number, sizeLots: number): EventBatch {
  const builder = new BatchBuilder('sim:TOY', 0, 4);
  builder.push(EventKind.TRADE, Side.BID, priceTicks, sizeLots, 0, 0, 1, 0);
  builder.endMessage();
  return builder.finish()!;
}

describe('MarketEstimates', () => {
  it('is what was seen over the time that passed, where nothing fades', () => {
    const broker = new ToyBroker(100, 102);
    const estimates = new MarketEstimates(1e18);
    const see = (ns: number, bid: number, ask: number, batch: EventBatch): void => {
      broker.nowNs = ns;
      broker.quote(bid, ask);
      estimates.onMessage(broker, batch, 0, batch.length);
    };
    see(0, 100, 102, trade(102, 1));
    see(1e9, 102, 104, trade(103, 4));
    see(2e9, 101, 103, trade(101, 7));
    // Mids 101, 103, 102 in 2 s: (4 + 1)/2. Depths of the second and third trade: |103 − 101| = 2 and |101 − 103| = 2.
    expect(estimates.variance).toBeCloseTo(2.5, 6);
    expect(estimates.tradeRate).toBeCloseTo(1, 6);
    expect(estimates.depthDecay).toBeCloseTo(0.5, 6);
    expect(estimates.volumeRate).toBeCloseTo(6, 6);
  });

  it('weighs half as much after a half-life', () => {
    const broker = new ToyBroker(100, 102);
    const estimates = new MarketEstimates(1e9);
    const see = (ns: number, bid: number): void => {
      broker.nowNs = ns;
      broker.quote(bid, bid + 2);
      const batch = trade(bid, 1);
      estimates.onMessage(broker, batch, 0, batch.length);
    };
    see(0, 100);
    see(1e9, 104);
    see(2e9, 104);
    // Squares: 16, halved: 8. Seconds: 1, halved, and 1: 1.5.
    expect(estimates.variance).toBeCloseTo(8 / 1.5, 6);
  });

  it('takes a trade at the mid for one half a tick deep, and forgets the mid of a lost book', () => {
    const broker = new ToyBroker(100, 102);
    const estimates = new MarketEstimates(1e18);
    for (const ns of [0, 1e9]) {
      broker.nowNs = ns;
      const batch = trade(101, 1);
      estimates.onMessage(broker, batch, 0, batch.length);
    }
    expect(estimates.depthDecay).toBe(2);
    broker.trusted = false;
    const lost = trade(101, 1);
    estimates.onMessage(broker, lost, 0, 1);
    broker.trusted = true;
    broker.quote(200, 202);
    broker.nowNs = 2e9;
    const next = trade(201, 1);
    estimates.onMessage(broker, next, 0, 1);
    expect(estimates.variance).toBe(0);
  });
});
