import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCarry } from '../../src/backtest/carry/parse-carry.ts';
import type { CarryModel, ContractTerms, CostedFill, FeeModel, ImpactModel } from '../../src/backtest/costs.ts';
import { parseFees } from '../../src/backtest/fees/parse-fees.ts';
import { parseImpact } from '../../src/backtest/impact/parse-impact.ts';
import { Ledger } from '../../src/backtest/ledger.ts';
import { Side } from '../../src/market/index.ts';
import { costed, INVERSE, LINEAR } from './money.ts';

const FREE = {
  fees: parseFees('none', 'fees'),
  impact: parseImpact('none', 'impact'),
  carry: parseCarry('none', 'carry', { startDay: 0 }),
};

/** What the fills and the open position come to, from the list alone, exactly: rational numbers over one denominator. */
function naiveGross(fills: readonly CostedFill[], midHalfTicks: bigint, terms: ContractTerms): number {
  const signed = (fill: CostedFill): bigint => BigInt(fill.side === Side.BID ? fill.quantityLots : -fill.quantityLots);
  if (terms.kind === 'linear') {
    const halves = fills.reduce((sum, f) => sum + signed(f) * (midHalfTicks - 2n * BigInt(f.priceTicks)), 0n);
    return (Number(halves) / 2) * terms.tickValue * terms.lotValue;
  }
  // Σ q (1/p − 2/m) in units of 10^-40.
  const one = 10n ** 40n;
  const units = fills.reduce(
    (sum, f) => sum + (signed(f) * one) / BigInt(f.priceTicks) - (signed(f) * 2n * one) / midHalfTicks,
    0n,
  );
  return ((Number(units) / 1e40) * terms.lotValue) / terms.tickValue;
}

const someFills = fc.array(
  fc.record({
    lots: fc.integer({ min: -1000, max: 1000 }).filter((lots) => lots !== 0),
    priceTicks: fc.integer({ min: 90_000, max: 110_000 }),
    maker: fc.boolean(),
  }),
  { minLength: 1, maxLength: 60 },
);

describe('Ledger', () => {
  it('counts a round trip by hand: bought 10 at 200, sold 4 at 210, the rest marked at 205.5', () => {
    const ledger = new Ledger({ terms: LINEAR, ...FREE });
    ledger.fill(costed(10, 200));
    ledger.fill(costed(-4, 210));
    expect(ledger.positionLots).toBe(6);
    // 4 × 10 ticks + 6 × 5.5 ticks = 73 lot ticks of 0.05 USD.
    expect(ledger.mark(205.5)).toEqual({ gross: 73 * 0.05, net: 73 * 0.05 });
    // A lost book: the rest is worth what was last paid, 4 × 10 + 6 × 10.
    expect(ledger.grossAt(Number.NaN)).toBe(100 * 0.05);
  });

  it('counts an inverse round trip by hand: 100 contracts from 20,000 to 25,000 USD are 0.1 BTC', () => {
    const ledger = new Ledger({ terms: INVERSE, ...FREE });
    ledger.fill(costed(100, 200_000));
    ledger.fill(costed(-100, 250_000));
    expect(ledger.positionLots).toBe(0);
    expect(ledger.grossAt(300_000)).toBeCloseTo(0.1, 15);
  });

  it.each([
    ['linear', LINEAR],
    ['inverse', INVERSE],
  ])('agrees with a recomputation from the list of fills (%s)', (_, terms) => {
    fc.assert(
      fc.property(someFills, fc.integer({ min: 180_000, max: 220_000 }), (made, midHalfTicks) => {
        const ledger = new Ledger({ terms, ...FREE });
        const fills = made.map(({ lots, priceTicks, maker }) => costed(lots, priceTicks, { maker }));
        for (const fill of fills) ledger.fill(fill);
        const expected = naiveGross(fills, BigInt(midHalfTicks), terms);
        const scale = terms.kind === 'linear' ? 0 : 1e-13;
        const gross = ledger.grossAt(midHalfTicks / 2);
        if (terms.kind === 'linear') expect(gross).toBeCloseTo(expected, 9);
        expect(Math.abs(gross - expected)).toBeLessThanOrEqual(scale + 1e-12 * Math.abs(expected));
      }),
    );
  });

  it('takes off each cost once: net = gross − fees − funding − borrow − impact', () => {
    const fees: FeeModel = { assumption: '', fee: () => 3 };
    const impact: ImpactModel = { assumption: '', cost: () => 5, onTrade: () => {}, onMid: () => {} };
    const carry: CarryModel = {
      assumption: '',
      nextNs: (ns) => (ns < 100 ? 100 : Number.POSITIVE_INFINITY),
      due: (ns) => (ns === 100 ? { funding: 7, borrow: 11 } : { funding: 0, borrow: 0 }),
    };
    const ledger = new Ledger({ terms: LINEAR, fees, impact, carry });
    expect(ledger.fill(costed(10, 200, { exchangeNs: 1 }))).toEqual({ fee: 3, impact: 5 });
    expect(ledger.nextCarryNs).toBe(100);
    ledger.carryTo(150, 200);
    expect(ledger.nextCarryNs).toBe(Number.POSITIVE_INFINITY);
    ledger.fill(costed(-10, 240, { exchangeNs: 160 }));
    expect(ledger.totals).toEqual({ fees: 6, funding: 7, borrow: 11, impact: 10 });
    // Gross: 10 × 40 × 0.05 = 20.
    expect(ledger.mark(240)).toEqual({ gross: 20, net: 20 - 6 - 7 - 11 - 10 });
    expect(ledger.netAt(240)).toBe(-14);
  });

  it('rivals’ fault: the entry fee is not charged again when the position is closed', () => {
    // Bought 10 lots at 200 (100 USD): 10 bps are 0.10. Sold at 220 (110 USD): 0.11. Charging the entry again would make 0.31.
    const fees = parseFees({ maker: { bps: 10 }, taker: { bps: 10 } }, 'fees');
    const ledger = new Ledger({ terms: LINEAR, ...FREE, fees });
    expect(ledger.fill(costed(10, 200)).fee).toBeCloseTo(0.1, 12);
    expect(ledger.fill(costed(-10, 220, { orderId: 2 })).fee).toBeCloseTo(0.11, 12);
    expect(ledger.totals.fees).toBeCloseTo(0.21, 12);
    expect(ledger.netAt(220)).toBeCloseTo(10 - 0.21, 12);
  });

  it('rivals’ fault: net costs are not subtracted twice, however often it is marked', () => {
    const fees = parseFees({ maker: { bps: 10 }, taker: { bps: 10 } }, 'fees');
    const ledger = new Ledger({ terms: LINEAR, ...FREE, fees });
    ledger.fill(costed(10, 200));
    const first = ledger.mark(200);
    ledger.mark(200);
    expect(ledger.mark(200)).toEqual(first);
    expect(first.net).toBeCloseTo(-0.1, 12);
  });

  it('a rebate raises net above gross', () => {
    const fees = parseFees({ maker: { bps: -1 }, taker: { bps: 5 } }, 'fees');
    const ledger = new Ledger({ terms: LINEAR, ...FREE, fees });
    // 100 USD: 1 bp of it is 0.01.
    expect(ledger.fill(costed(10, 200, { maker: true })).fee).toBeCloseTo(-0.01, 12);
    expect(ledger.netAt(200)).toBeCloseTo(0.01, 12);
  });

  it('uses the last price for carry while the book is lost', () => {
    const carry = parseCarry({ funding: { rate: 0.001 } }, 'carry', { startDay: 0 });
    const ledger = new Ledger({ terms: LINEAR, ...FREE, carry });
    ledger.fill(costed(10, 200, { exchangeNs: 1 }));
    ledger.carryTo(8 * 3600e9, Number.NaN);
    expect(ledger.totals.funding).toBeCloseTo(0.1, 12);
  });
});
