import { describe, expect, it } from 'vitest';
import { NO_CARRY } from '../../src/backtest/carry/carry.ts';
import { NO_IMPACT } from '../../src/backtest/impact/square-root-impact.ts';
import {
  Backtest,
  type BacktestRun,
  type LatencyModel,
  NO_FEES,
  queueModelOf,
  type Strategy,
  tapeVenue,
} from '../../src/backtest/index.ts';
import { Random } from '../../src/core/index.ts';
import { BatchBuilder, type EventBatch, type Instrument, Side } from '../../src/market/index.ts';
import { openSim } from '../../src/venues/sim/index.ts';
import { collect } from '../support/batches.ts';
import { MS } from './toy-market.ts';

/** Quotes the touch as it knows it, every 20 ms; what it sees of the book goes into its prices. */
function quoter(): Strategy {
  return {
    name: 'quoter',
    onStart: (broker) => broker.wakeAt(broker.nowNs),
    onTimer: (broker) => {
      broker.wakeAt(broker.nowNs + 20 * MS);
      if (!broker.trusted) return;
      for (const { id } of broker.orders) broker.cancel(id);
      broker.place({ side: Side.BID, type: 'limit', priceTicks: broker.book.bestBidTicks, quantityLots: 1 });
      broker.place({ side: Side.ASK, type: 'limit', priceTicks: broker.book.bestAskTicks, quantityLots: 1 });
    },
  };
}

function drawnLatency(): LatencyModel {
  const random = new Random(3);
  const feed = new Random(4);
  const draw = () => random.below(30) * MS;
  return { assumption: 'latency: made up', feed: () => feed.below(40) * MS, entry: draw, response: draw };
}

function play(instrument: Instrument, batches: readonly EventBatch[], strategy: Strategy): BacktestRun {
  const backtest = new Backtest({
    instrument,
    origin: 'simulated',
    strategy,
    venue: tapeVenue(queueModelOf('rigtorp')),
    latency: drawnLatency(),
    ledger: {
      terms: { kind: 'linear', tickValue: 0.01, lotValue: 1, currency: 'USD' },
      fees: NO_FEES,
      impact: NO_IMPACT,
      carry: NO_CARRY,
    },
    risk: null,
    forecast: null,
  });
  for (const batch of batches) backtest.apply(batch);
  return backtest.finish();
}

/** All messages in one batch: it is then that our side's are taken together for longest. */
function whole(batches: readonly EventBatch[]): EventBatch {
  const builder = new BatchBuilder(batches[0].instrument, batches[0].day);
  for (const batch of batches) builder.append(batch, 0, batch.length);
  return builder.finish()!;
}

describe('a strategy that does not ask for messages', () => {
  it('sees the same book at its times as one that is told of each', async () => {
    const source = openSim({ mode: 'realistic', seed: 5, messages: 6000 });
    const batches = await collect(source.batches());
    const plain = play(source.instrument, batches, quoter());
    expect(plain.orders.length).toBeGreaterThan(100);
    expect(plain.fills.length).toBeGreaterThan(10);
    let told = 0;
    const watching: Strategy = { ...quoter(), onMarket: () => void told++ };
    const watched = play(source.instrument, batches, watching);
    expect(told).toBeGreaterThan(5000);
    expect(plain.hash).toBe(watched.hash);
    expect(plain.equity).toEqual(watched.equity);
    expect(play(source.instrument, [whole(batches)], quoter()).hash).toBe(plain.hash);
  });
});
