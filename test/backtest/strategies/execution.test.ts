import { describe, expect, it } from 'vitest';
import { ReportKind } from '../../../src/backtest/index.ts';
import { Execution, type ExecutionOptions } from '../../../src/backtest/strategies/execution.ts';
import { forecastTimed, pov, twap } from '../../../src/backtest/strategies/schedule.ts';
import { createSignal } from '../../../src/backtest/strategies/signal.ts';
import { BatchBuilder, type EventBatch, EventKind, Side } from '../../../src/market/index.ts';
import { ToyBroker, toyForecast } from '../../support/toy-broker.ts';

function trade(sizeLots: number): EventBatch {
  const builder = new BatchBuilder('sim:TOY', 0, 4);
  builder.push(EventKind.TRADE, Side.BID, 101, sizeLots, 0, 0, 1, 0);
  builder.endMessage();
  return builder.finish()!;
}

function execution(changes: Partial<ExecutionOptions> = {}): Execution {
  return new Execution({
    name: 'twap',
    schedule: twap,
    signal: createSignal('forecast', 1),
    side: Side.BID,
    quantityLots: 8,
    afterNs: 1e9,
    durationNs: 4e9,
    slices: 4,
    style: 'take',
    ...changes,
  });
}

describe('Execution', () => {
  it('takes what is due at each slice, from its start to its end, and no more', () => {
    const broker = new ToyBroker();
    const strategy = execution();
    broker.nowNs = 5e9;
    broker.market(strategy, trade(1));
    expect(broker.wishNs).toBe(6e9);
    const times: number[] = [];
    for (let slice = 0; slice <= 4; slice++) {
      broker.wake(strategy);
      times.push(broker.nowNs / 1e9);
      for (const { id, leftLots } of [...broker.orders]) broker.report(strategy, id, ReportKind.FILLED, leftLots);
    }
    expect(times).toEqual([6, 7, 8, 9, 10]);
    expect(broker.asked).toEqual(Array.from({ length: 4 }, () => 'buy 2 market parent'));
    expect(broker.positionLots).toBe(8);
    expect(broker.wishNs).toBe(Number.POSITIVE_INFINITY);
  });

  it('asks again for what was not to be had', () => {
    const broker = new ToyBroker();
    const strategy = execution();
    broker.market(strategy, trade(1));
    broker.wake(strategy);
    broker.wake(strategy);
    broker.report(strategy, 1, ReportKind.FILLED, 1);
    broker.report(strategy, 1, ReportKind.CANCELLED);
    broker.wake(strategy);
    expect(broker.asked).toEqual(['buy 2 market parent', 'buy 3 market parent']);
  });

  it('posts at the touch for one slice, takes what did not fill then, and takes the rest at the end', () => {
    const broker = new ToyBroker(100, 102);
    const strategy = execution({ style: 'post' });
    broker.market(strategy, trade(1));
    broker.wake(strategy);
    broker.wake(strategy);
    expect(broker.asked).toEqual(['buy 2 100 post parent']);
    broker.wake(strategy);
    // The first post is being cancelled and may yet trade: only the second slice's is asked for.
    expect(broker.asked.slice(1)).toEqual(['cancel 1', 'buy 2 100 post parent']);
    broker.report(strategy, 1, ReportKind.CANCELLED);
    broker.wake(strategy);
    // Six are due, none is done, two are being cancelled: two have been due for longer, two are fresh.
    expect(broker.asked.slice(3)).toEqual(['cancel 2', 'buy 2 market parent', 'buy 2 100 post parent']);
    broker.report(strategy, 2, ReportKind.CANCELLED);
    broker.report(strategy, 3, ReportKind.FILLED, 2);
    broker.wake(strategy);
    expect(broker.asked.slice(6)).toEqual(['cancel 4', 'buy 4 market parent']);
  });

  it('follows the market’s volume where the schedule does', () => {
    const broker = new ToyBroker();
    const strategy = execution({ schedule: pov(0.25) });
    broker.market(strategy, trade(100));
    broker.wake(strategy);
    broker.market(strategy, trade(12));
    broker.wake(strategy);
    // What traded before its start does not count: a quarter of 12.
    expect(broker.asked).toEqual(['buy 3 market parent']);
  });

  it('sells ahead of a fall and waits for a rise, where the forecast times it', () => {
    const run = (probabilities: readonly number[] | null): string[] => {
      const broker = new ToyBroker();
      const strategy = execution({ side: Side.ASK, schedule: forecastTimed(0.5), quantityLots: 80 });
      broker.market(strategy, trade(1));
      strategy.onForecast(broker, toyForecast(probabilities));
      broker.wake(strategy);
      broker.wake(strategy);
      return broker.asked;
    };
    // At a quarter of the time 20 are due; ahead by half of the order times 0.5 more: 20 at the start, 40 then.
    expect(run([0.6, 0.3, 0.1])).toEqual(['sell 20 market parent', 'sell 20 market parent']);
    expect(run([0.1, 0.3, 0.6])).toEqual([]);
    expect(run(null)).toEqual(['sell 20 market parent']);
  });

  it('waits where the book cannot be trusted, and catches up afterwards', () => {
    const broker = new ToyBroker();
    const strategy = execution();
    broker.market(strategy, trade(1));
    broker.wake(strategy);
    broker.trusted = false;
    broker.wake(strategy);
    expect(broker.asked).toEqual([]);
    broker.trusted = true;
    broker.wake(strategy);
    expect(broker.asked).toEqual(['buy 4 market parent']);
  });
});
