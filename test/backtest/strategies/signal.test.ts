import { describe, expect, it } from 'vitest';
import { createSignal } from '../../../src/backtest/strategies/signal.ts';
import { toyForecast } from '../../support/toy-broker.ts';

const UP = toyForecast([0.1, 0.2, 0.7]);
const DOWN = toyForecast([0.6, 0.3, 0.1]);

describe('the signals of strategies', () => {
  it('is p(up) less p(down), of two classes as of three, and nothing where the forecast abstains', () => {
    const signal = createSignal('forecast', 1);
    expect(signal.read(UP)).toBeCloseTo(0.6, 12);
    expect(signal.read(DOWN)).toBeCloseTo(-0.5, 12);
    expect(signal.read(toyForecast([0.25, 0.75]))).toBeCloseTo(0.5, 12);
    expect(signal.read(toyForecast(null))).toBeNaN();
  });

  it('the coin keeps the size and the runs of the forecast, and agrees with its sign half the time', () => {
    const coin = createSignal('coin', 3);
    let agreed = 0;
    const runs = 2000;
    for (let run = 0; run < runs; run++) {
      const forecast = run % 2 === 0 ? UP : DOWN;
      const first = coin.read(forecast);
      expect(Math.abs(first)).toBeCloseTo(run % 2 === 0 ? 0.6 : 0.5, 12);
      expect(coin.read(forecast)).toBe(first);
      if (first > 0 === (run % 2 === 0)) agreed++;
    }
    // Three standard deviations of a fair coin: 3 · √(2000)/2 = 67.
    expect(Math.abs(agreed - runs / 2)).toBeLessThan(67);
    expect(coin.read(toyForecast(null))).toBeNaN();
  });

  it('tosses the same coins for the same seed', () => {
    const said = (seed: number): number[] => {
      const coin = createSignal('coin', seed);
      return Array.from({ length: 64 }, (_, i) => coin.read(i % 2 === 0 ? UP : DOWN));
    };
    expect(said(5)).toEqual(said(5));
    expect(said(5)).not.toEqual(said(6));
  });

  it('none is always 0', () => {
    expect(createSignal('none', 1).read(UP)).toBe(0);
  });
});
