import { describe, expect, it } from 'vitest';
import { avellanedaStoikov, glft } from '../../../src/backtest/strategies/quoting.ts';

const PAPER = { inventory: 0, variance: 4, tradeRate: 140, depthDecay: 1.5, riskAversion: 0.1 };

describe('avellanedaStoikov', () => {
  it('gives the mean spread of the paper', () => {
    // Avellaneda and Stoikov 2008, section 3.3: σ = 2, T = 1, κ = 1.5; for γ = 0.1 the mean spread over the day is 1.49.
    let sum = 0;
    const steps = 200;
    for (let i = 0; i < steps; i++) {
      const { bid, ask } = avellanedaStoikov(PAPER, 1 - (i + 0.5) / steps);
      sum += bid + ask;
    }
    expect(sum / steps).toBeCloseTo(1.49, 2);
  });

  it('moves both quotes down by q·γ·σ²·τ while long', () => {
    const flat = avellanedaStoikov(PAPER, 0.5);
    const long = avellanedaStoikov({ ...PAPER, inventory: 3 }, 0.5);
    // 3 · 0.1 · 4 · 0.5 = 0.6.
    expect(long.bid - flat.bid).toBeCloseTo(0.6, 12);
    expect(flat.ask - long.ask).toBeCloseTo(0.6, 12);
  });
});

describe('glft', () => {
  it('is the closed form, computed by hand', () => {
    // γ = 1, κ = 1, A = 1, σ² = 1: ln 2 = 0.693147; √(1/2 · 2²) = √2 = 1.414214.
    const input = { inventory: 0, variance: 1, tradeRate: 1, depthDecay: 1, riskAversion: 1 };
    expect(glft(input).bid).toBeCloseTo(Math.LN2 + Math.SQRT2 / 2, 12);
    expect(glft(input).ask).toBeCloseTo(Math.LN2 + Math.SQRT2 / 2, 12);
    expect(glft({ ...input, inventory: 2 }).bid).toBeCloseTo(Math.LN2 + 2.5 * Math.SQRT2, 12);
    expect(glft({ ...input, inventory: 2 }).ask).toBeCloseTo(Math.LN2 - 1.5 * Math.SQRT2, 12);
  });

  it('mirrors bid and ask where the inventory is mirrored', () => {
    const long = glft({ ...PAPER, inventory: 2 });
    const short = glft({ ...PAPER, inventory: -2 });
    expect(long.bid).toBeCloseTo(short.ask, 12);
    expect(long.ask).toBeCloseTo(short.bid, 12);
  });

  it('stays finite for a hardly averse maker', () => {
    const { bid } = glft({ ...PAPER, riskAversion: 1e-9 });
    // As γ falls to 0 the distance falls to 1/κ.
    expect(bid).toBeCloseTo(1 / 1.5, 3);
  });
});
