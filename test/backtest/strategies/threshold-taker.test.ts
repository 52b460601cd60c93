import { describe, expect, it } from 'vitest';
import { ReportKind } from '../../../src/backtest/index.ts';
import { createSignal } from '../../../src/backtest/strategies/signal.ts';
import { ThresholdTaker } from '../../../src/backtest/strategies/threshold-taker.ts';
import { ToyBroker, toyForecast } from '../../support/toy-broker.ts';

const UP = toyForecast([0.1, 0.2, 0.7]);
const DOWN = toyForecast([0.7, 0.2, 0.1]);
const WEAK = toyForecast([0.3, 0.3, 0.4]);

function taker(): ThresholdTaker {
  return new ThresholdTaker({ signal: createSignal('forecast', 1), threshold: 0.5, quantityLots: 3, holdNs: 100 });
}

describe('ThresholdTaker', () => {
  it('takes the best ask where the forecast leans up far enough, and nothing where it does not', () => {
    const broker = new ToyBroker(100, 102);
    const strategy = taker();
    strategy.onForecast(broker, WEAK);
    expect(broker.asked).toEqual([]);
    strategy.onForecast(broker, UP);
    expect(broker.asked).toEqual(['buy 3 102 ioc']);
  });

  it('counts what is on the way, so that a signal that stays does not buy twice', () => {
    const broker = new ToyBroker();
    const strategy = taker();
    strategy.onForecast(broker, UP);
    strategy.onForecast(broker, UP);
    broker.report(strategy, 1, ReportKind.FILLED, 2);
    broker.report(strategy, 1, ReportKind.CANCELLED);
    // One lot was not to be had; the signal still stands.
    strategy.onForecast(broker, UP);
    expect(broker.asked).toEqual(['buy 3 102 ioc', 'buy 1 102 ioc']);
  });

  it('holds for its time after the last signal, then takes its way out, reducing only', () => {
    const broker = new ToyBroker();
    const strategy = taker();
    strategy.onForecast(broker, UP);
    broker.report(strategy, 1, ReportKind.FILLED, 3);
    broker.nowNs = 60;
    strategy.onForecast(broker, UP);
    expect(broker.wishNs).toBe(100);
    broker.wake(strategy);
    // The second signal was at 60: out at 160, not at 100.
    expect(broker.asked).toHaveLength(1);
    expect(broker.wishNs).toBe(160);
    broker.wake(strategy);
    expect(broker.asked.slice(1)).toEqual(['sell 3 market reduce']);
  });

  it('turns from long to short in one order', () => {
    const broker = new ToyBroker(100, 102);
    const strategy = taker();
    strategy.onForecast(broker, UP);
    broker.report(strategy, 1, ReportKind.FILLED, 3);
    strategy.onForecast(broker, DOWN);
    expect(broker.asked.slice(1)).toEqual(['sell 6 100 ioc']);
  });

  it('asks for nothing while the book cannot be trusted, the market is halted, or the forecast abstains', () => {
    const broker = new ToyBroker();
    const strategy = taker();
    strategy.onForecast(broker, toyForecast(null));
    broker.trusted = false;
    strategy.onForecast(broker, UP);
    broker.trusted = true;
    broker.halted = true;
    strategy.onForecast(broker, UP);
    expect(broker.asked).toEqual([]);
  });
});
