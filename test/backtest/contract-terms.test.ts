import { describe, expect, it } from 'vitest';
import { notionalOf, profitOf, termsAssumption, termsOf } from '../../src/backtest/contract-terms.ts';
import type { Instrument } from '../../src/market/index.ts';
import { INVERSE, LINEAR } from './money.ts';

function instrument(venue: string, name: string, tickSize = '0.1', lotSize = '1'): Instrument {
  return { venue, name, tickSize, lotSize, sequencing: 'linked', burstQuietNs: 0, depthLimit: null };
}

describe('termsOf', () => {
  it.each([
    ['binance', 'BTCUSDT/USDM', 'linear', 0.001, 'USDT'],
    ['binance', 'BTCFDUSD/SPOT', 'linear', 0.001, 'FDUSD'],
    ['binance', 'ETHBTC/SPOT', 'linear', 0.001, 'BTC'],
    ['coinbase', 'BTC-USD', 'linear', 0.001, 'USD'],
    ['kraken', 'BTC/EUR', 'linear', 0.001, 'EUR'],
    ['okx', 'BTC-USDT', 'linear', 0.001, 'USDT'],
    ['lobster', 'GOOG', 'linear', 0.001, 'USD'],
    ['sim', 'REALISTIC-7', 'linear', 0.001, 'USD'],
  ])('%s %s is %s', (venue, name, kind, lotValue, currency) => {
    expect(termsOf(instrument(venue, name, '0.10', '0.001'))).toEqual({ kind, tickValue: 0.1, lotValue, currency });
  });

  it('knows that a COIN-M contract is 100 USD of BTC and 10 USD of any other coin, settled in the coin', () => {
    expect(termsOf(instrument('binance', 'BTCUSD_PERP/COINM'))).toEqual(INVERSE);
    expect(termsOf(instrument('binance', 'ETHUSD_240927/COINM'))).toMatchObject({ lotValue: 10, currency: 'ETH' });
  });

  it('asks what a contract of an OKX swap is worth, and believes it', () => {
    expect(() => termsOf(instrument('okx', 'BTC-USDT-SWAP'))).toThrow(/okx:BTC-USDT-SWAP.*contractValue.*ctVal/);
    const linear = termsOf(instrument('okx', 'BTC-USDT-SWAP', '0.1', '0.01'), { contractValue: 0.01 });
    expect(linear).toEqual({ kind: 'linear', tickValue: 0.1, lotValue: 0.0001, currency: 'USDT' });
    const inverse = termsOf(instrument('okx', 'BTC-USD-SWAP'), { contractValue: 100 });
    expect(inverse).toEqual(INVERSE);
    expect(() => termsOf(instrument('okx', 'BTC-USD-SWAP'), { contractValue: 0 })).toThrow(/more than 0/);
  });

  it('names a quote currency even where it cannot tell it', () => {
    expect(termsOf(instrument('binance', 'ABCXYZ/SPOT')).currency).toBe('quote of ABCXYZ');
    expect(termsOf(instrument('coinbase', 'ABC')).currency).toBe('quote of ABC');
    expect(termsAssumption(LINEAR)).toMatch(/linear.*0.1 of the base.*USD/);
    expect(termsAssumption(INVERSE)).toMatch(/inverse.*100 of the quote.*BTC/);
  });
});

describe('profit and notional', () => {
  it('linear: 10 lots of 0.1 from 200 to 204 ticks of 0.5 gain 10 × 0.1 × 2 USD', () => {
    expect(profitOf(LINEAR, 200, 204, 10)).toBe(2);
    expect(profitOf(LINEAR, 200, 204, -10)).toBe(-2);
    // 10 × 0.1 at 100 USD.
    expect(notionalOf(LINEAR, 200, -10)).toBe(100);
  });

  it('inverse: 100 contracts of 100 USD from 20,000 to 25,000 USD gain 10,000 (1/20,000 − 1/25,000) = 0.1 BTC', () => {
    expect(profitOf(INVERSE, 200_000, 250_000, 100)).toBeCloseTo(0.1, 15);
    expect(profitOf(INVERSE, 200_000, 250_000, -100)).toBeCloseTo(-0.1, 15);
    // 10,000 USD at 20,000.
    expect(notionalOf(INVERSE, 200_000, 100)).toBeCloseTo(0.5, 15);
  });
});
