import { describe, expect, it } from 'vitest';
import {
  baselinesOf,
  createStrategy,
  STRATEGY_KINDS,
  type StrategyConfig,
  StrategySchema,
} from '../../../src/backtest/index.ts';
import { readConfig } from '../../../src/models/training.ts';
import { ToyBroker } from '../../support/toy-broker.ts';

const read = (value: unknown): StrategyConfig => readConfig(StrategySchema, value) as StrategyConfig;

describe('the strategies that come along', () => {
  it('are made of nothing but their kind', () => {
    expect(STRATEGY_KINDS).toEqual(['maker', 'taker', 'execution', 'hold']);
    const names = STRATEGY_KINDS.map((kind) => createStrategy(read(kind), 1).name);
    expect(names).toEqual(['maker', 'taker', 'twap', 'buy and hold']);
    expect(read(undefined).kind).toBe('maker');
  });

  it('include every execution algorithm', () => {
    for (const algorithm of ['twap', 'vwap', 'pov', 'almgren-chriss', 'forecast-timed']) {
      expect(createStrategy(read({ kind: 'execution', algorithm, profile: [1, 2] }), 1).name).toBe(algorithm);
    }
  });

  it('refuse what they do not know, and say what there is', () => {
    expect(() => read({ kind: 'maker', skewTick: 1 })).toThrow('there is no key "skewTick"; did you mean');
    expect(() => read({ kind: 'market' })).toThrow('there are maker, taker, execution, hold');
    expect(() => read({ kind: 'taker', threshold: 2 })).toThrow('threshold is 2, and must be');
  });

  it('stand beside the same without skill, and buying and holding', () => {
    const names = (value: unknown): string[] =>
      baselinesOf(read(value)).map((config) => createStrategy(config, 1).name);
    expect(names('maker')).toEqual(['maker (none)', 'maker (coin)', 'buy and hold']);
    expect(names('taker')).toEqual(['taker (coin)', 'buy and hold']);
    expect(names({ kind: 'taker', signal: 'coin' })).toEqual(['buy and hold']);
    expect(names({ kind: 'execution', algorithm: 'vwap' })).toEqual(['twap', 'buy and hold']);
    const timed = { kind: 'execution', algorithm: 'forecast-timed' };
    expect(names(timed)).toEqual(['forecast-timed (coin)', 'twap', 'buy and hold']);
    expect(names({ ...timed, signal: 'coin' })).toEqual(['twap', 'buy and hold']);
    expect(names('hold')).toEqual([]);
  });

  it('buying and holding buys once', () => {
    const broker = new ToyBroker();
    const strategy = createStrategy(read({ kind: 'hold', quantityLots: 5 }), 1);
    broker.trusted = false;
    strategy.onMarket?.(broker, undefined as never, 0, 0);
    broker.trusted = true;
    strategy.onMarket?.(broker, undefined as never, 0, 0);
    strategy.onMarket?.(broker, undefined as never, 0, 0);
    broker.orders.length = 0;
    broker.positionLots = 5;
    strategy.onMarket?.(broker, undefined as never, 0, 0);
    expect(broker.asked).toEqual(['buy 5 market']);
  });
});
