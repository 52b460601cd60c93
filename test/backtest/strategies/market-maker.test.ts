import { describe, expect, it } from 'vitest';
import { ReportKind } from '../../../src/backtest/index.ts';
import { MarketMaker, type MarketMakerOptions } from '../../../src/backtest/strategies/market-maker.ts';
import { createSignal } from '../../../src/backtest/strategies/signal.ts';
import { BatchBuilder, type EventBatch, EventKind, Side } from '../../../src/market/index.ts';
import { ToyBroker, toyForecast } from '../../support/toy-broker.ts';

/** γ so small that the distances are 1/κ whatever the inventory. */
const CALM = 1e-9;

function maker(changes: Partial<MarketMakerOptions> = {}): MarketMaker {
  return new MarketMaker({
    signal: createSignal('forecast', 1),
    skewTicks: 4,
    quotes: 'glft',
    riskAversion: CALM,
    horizonSeconds: 1,
    quantityLots: 2,
    maxPositionLots: 4,
    toleranceTicks: 0,
    requote: 'replace',
    start: 'wait',
    halfLifeNs: 1e12,
    ...changes,
  });
}

function trade(priceTicks: number): EventBatch {
  const builder = new BatchBuilder('sim:TOY', 0, 4);
  builder.push(EventKind.TRADE, Side.BID, priceTicks, 1, 0, 0, 1, 0);
  builder.endMessage();
  return builder.finish()!;
}

/** A market that the maker knows: 100 bid, 110 asked, and a trade 5 ticks from the mid of then, 104, so that 1/κ is 5. */
function known(strategy: MarketMaker): ToyBroker {
  const broker = new ToyBroker(98, 110);
  broker.market(strategy, trade(109));
  broker.nowNs = 1e9;
  broker.quote(100, 110);
  broker.market(strategy, trade(109));
  return broker;
}

describe('MarketMaker', () => {
  it('quotes nothing before it knows how the market moves and trades', () => {
    const broker = new ToyBroker();
    const strategy = maker();
    broker.market(strategy, trade(101));
    strategy.onForecast(broker, toyForecast([0.1, 0.1, 0.8]));
    expect(broker.asked).toEqual([]);
  });

  it('joins the best prices until then, where it is to', () => {
    const broker = new ToyBroker(100, 104);
    const strategy = maker({ start: 'join' });
    broker.market(strategy, trade(101));
    expect(broker.asked).toEqual(['buy 2 100 post', 'sell 2 104 post']);
  });

  it('moves a quote by cancelling it and placing it anew, where it is to', () => {
    const strategy = maker({ skewTicks: 40, requote: 'cancel' });
    const broker = known(strategy);
    broker.accept(strategy);
    strategy.onForecast(broker, toyForecast([0.1, 0.1, 0.8]));
    expect(broker.asked.slice(2)).toEqual(['cancel 1', 'cancel 2']);
    // A second wish while the cancel is under way changes nothing.
    strategy.onForecast(broker, toyForecast([0.1, 0.1, 0.8]));
    expect(broker.asked).toHaveLength(4);
    broker.report(strategy, 1, ReportKind.CANCELLED);
    // Fair is 105 + 40 · 0.7 = 133: the bid would be 128, and stays below the ask of 110.
    expect(broker.asked.slice(4)).toEqual(['buy 2 109 post']);
  });

  it('quotes at the distance of the formula, post-only, on the nearest whole ticks', () => {
    const broker = known(maker());
    // The mid is 105, and 5 from it are whole ticks.
    expect(broker.asked).toEqual(['buy 2 100 post', 'sell 2 110 post']);
  });

  it('joins a spread of one tick, though the formula stands a little further than half a tick from the mid', () => {
    const strategy = maker({ riskAversion: 0.1 });
    const broker = new ToyBroker(100, 101);
    broker.market(strategy, trade(101));
    broker.nowNs = 1e9;
    broker.quote(101, 102);
    broker.market(strategy, trade(101));
    // κ = 2, A = 1, σ² = 1: ln(1 + 0.1/2)/0.1 = 0.488, and half of √(0.1/4 · 1.05^21) = 0.264, together 0.62 from 101.5.
    expect(broker.asked).toEqual(['buy 2 101 post', 'sell 2 102 post']);
  });

  it('moves its quotes with the forecast, once both rest, and never through the market', () => {
    const strategy = maker({ skewTicks: 40 });
    const broker = known(strategy);
    strategy.onForecast(broker, toyForecast([0.1, 0.1, 0.8]));
    // Not acknowledged yet: nothing is moved.
    expect(broker.asked).toHaveLength(2);
    broker.accept(strategy);
    // Fair is 105 + 40 · 0.7 = 133: the bid would be 128, and stays below the ask of 110.
    expect(broker.asked.slice(2)).toEqual(['replace 1: 2 at 109', 'replace 2: 2 at 138']);
    // While a replace is under way there is no other.
    strategy.onForecast(broker, toyForecast([0.4, 0.2, 0.4]));
    expect(broker.asked).toHaveLength(4);
    broker.report(strategy, 1, ReportKind.REPLACED, 0, 109);
    expect(broker.asked.slice(4)).toEqual(['replace 1: 2 at 100']);
  });

  it('leaves a quote that is near enough, and what is left of a partly filled one, where it is', () => {
    const strategy = maker({ toleranceTicks: 2 });
    const broker = known(strategy);
    broker.accept(strategy);
    strategy.onForecast(broker, toyForecast([0.25, 0.25, 0.5]));
    broker.report(strategy, 1, ReportKind.FILLED, 1);
    expect(broker.asked).toHaveLength(2);
  });

  it('does not quote a side that could bring the position past its limit', () => {
    const strategy = maker();
    const broker = known(strategy);
    broker.accept(strategy);
    broker.positionLots = 2;
    broker.report(strategy, 1, ReportKind.FILLED, 2);
    // It holds 4 of 4 now: no bid; the ask stays.
    expect(broker.positionLots).toBe(4);
    expect(broker.asked).toHaveLength(2);
    broker.positionLots = -4;
    strategy.onForecast(broker, toyForecast([0.3, 0.4, 0.3]));
    expect(broker.asked.slice(2)).toEqual(['buy 2 100 post', 'cancel 2']);
  });

  it('leans against its inventory', () => {
    const strategy = maker({
      riskAversion: 0.5,
      quotes: 'avellaneda-stoikov',
      horizonSeconds: 20,
      maxPositionLots: 100,
    });
    const broker = known(strategy);
    broker.accept(strategy);
    const [flatBid] = broker.orders.map(({ priceTicks }) => priceTicks);
    broker.asked.length = 0;
    broker.positionLots = 8;
    strategy.onForecast(broker, toyForecast([0.3, 0.4, 0.3]));
    const [bid, ask] = broker.asked.map((words) => Number(words.split(' ').at(-1)));
    // The mid moved from 104 to 105 in a second, σ² is 1: q·γ·σ²·τ = 4 · 0.5 · 1 · 20 = 40 ticks lower, but an ask never at the best bid of 100.
    expect([bid, ask]).toEqual([flatBid - 40, 101]);
  });

  it('takes its quotes off while the book cannot be trusted or the market is halted, once', () => {
    const strategy = maker();
    const broker = known(strategy);
    broker.accept(strategy);
    broker.trusted = false;
    broker.market(strategy, trade(109));
    broker.market(strategy, trade(109));
    expect(broker.asked.slice(2)).toEqual(['cancel 1', 'cancel 2']);
  });

  it('waits after a refusal, and then quotes again', () => {
    const strategy = maker();
    const broker = known(strategy);
    broker.report(strategy, 1, ReportKind.REJECTED);
    broker.market(strategy, trade(110));
    expect(broker.asked).toHaveLength(2);
    broker.nowNs += 20e6;
    broker.market(strategy, trade(110));
    expect(broker.asked.slice(2)).toEqual(['buy 2 100 post']);
  });
});
