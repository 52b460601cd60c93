import { describe, expect, it } from 'vitest';
import type { ImpactModel } from '../../../src/backtest/costs.ts';
import { FlowMemory } from '../../../src/backtest/impact/flow-memory.ts';
import { MarketRates } from '../../../src/backtest/impact/market-rates.ts';
import { parseImpact } from '../../../src/backtest/impact/parse-impact.ts';
import { SquareRootImpact } from '../../../src/backtest/impact/square-root-impact.ts';
import { costed, INVERSE, LINEAR } from '../money.ts';

const SECOND = 1e9;
const LONG_MEMORY = { y: 0.8, halfLifeSeconds: 1e12 };

/** Shows 100 s of a market: each second 4 lots trade and the mid moves by one part in a thousand, up and down. */
function show(impact: ImpactModel): void {
  for (let i = 0; i <= 100; i++) {
    if (i > 0) impact.onTrade(i * SECOND, 1000, 4);
    impact.onMid(i * SECOND, i % 2 === 0 ? 1000 : 1001);
  }
}

describe('square-root impact', () => {
  it('costs Y σ √(Q / V) of the notional; the span of σ and V cancels', () => {
    const impact = new SquareRootImpact({ ...LONG_MEMORY, decay: { kind: 'none' } });
    show(impact);
    // σ is ln(1.001) a √second, V is 4 lots a second. In days: σ_D = σ √86400, V_D = 4 × 86400.
    const sigmaDay = Math.log(1.001) * Math.sqrt(86_400);
    const expected = 0.8 * sigmaDay * Math.sqrt(9 / (4 * 86_400)) * (9 * 0.1 * 100);
    expect(impact.cost(costed(9, 200, { exchangeNs: 100 * SECOND }), LINEAR)).toBeCloseTo(expected, 12);
  });

  it('does not care how an order is cut into fills at once, nor which side it is', () => {
    const [one, cut] = [0, 1].map(() => new SquareRootImpact({ ...LONG_MEMORY, decay: { kind: 'none' } }));
    show(one);
    show(cut);
    const whole = one.cost(costed(-9, 200_000, { exchangeNs: 100 * SECOND }), INVERSE);
    const parts = [-2, -3, -4].map((lots) => cut.cost(costed(lots, 200_000, { exchangeNs: 100 * SECOND }), INVERSE));
    expect(parts[0] + parts[1] + parts[2]).toBeCloseTo(whole, 15);
    expect(parts[2] / 4).toBeGreaterThan(parts[0] / 2);
  });

  it('is cheaper after a wait, and free against our own earlier flow', () => {
    const impact = new SquareRootImpact({ ...LONG_MEMORY, decay: { kind: 'exponential', halfLifeSeconds: 10 } });
    show(impact);
    const cost = (lots: number, seconds: number): number =>
      impact.cost(costed(lots, 200, { exchangeNs: seconds * SECOND }), LINEAR);
    const first = cost(4, 100);
    const atOnce = cost(4, 100);
    const later = cost(4, 130);
    // In units of Y σ / √V × notional of a lot: 4^1.5 = 8, then 8^1.5 − 8 = 14.63, then from 8 / 2^3 = 1: 5^1.5 − 1 = 10.18.
    expect(atOnce / first).toBeCloseTo((8 ** 1.5 - 8) / 8, 9);
    expect(later / first).toBeCloseTo((5 ** 1.5 - 1) / 8, 9);
    expect(cost(-3, 130)).toBe(0);
  });

  it('costs a maker nothing, and a taker nothing while the market is not known, which is counted', () => {
    const impact = new SquareRootImpact({ ...LONG_MEMORY, decay: { kind: 'none' } });
    expect(impact.cost(costed(9, 200), LINEAR)).toBe(0);
    expect(impact.unpriced).toBe(1);
    show(impact);
    expect(impact.cost(costed(9, 200, { maker: true, exchangeNs: 1 }), LINEAR)).toBe(0);
    expect(impact.unpriced).toBe(1);
  });

  it('knows the market up to the fill alone', () => {
    const [short, long] = [0, 1].map(() => new SquareRootImpact({ ...LONG_MEMORY, decay: { kind: 'none' } }));
    show(short);
    show(long);
    const fill = costed(9, 200, { exchangeNs: 100 * SECOND });
    const cost = short.cost(fill, LINEAR);
    const same = long.cost(fill, LINEAR);
    long.onMid(101 * SECOND, 5000);
    expect(same).toBe(cost);
    expect(long.cost(fill, LINEAR)).toBeGreaterThan(short.cost(fill, LINEAR));
  });
});

describe('MarketRates', () => {
  it('forgets: what is a half-life old counts for half', () => {
    const rates = new MarketRates(10);
    rates.onMid(0, 1000);
    rates.onTrade(30);
    rates.onMid(10 * SECOND, 1000);
    rates.onTrade(60);
    rates.onMid(20 * SECOND, 1000);
    // (30 / 2 + 60) lots in (10 / 2 + 10) seconds.
    expect(rates.lotsPerSecond).toBeCloseTo(5, 12);
    expect(rates.variancePerSecond).toBe(0);
  });

  it('looks at the mid once a second, and at none that is lost', () => {
    const rates = new MarketRates(1e12);
    expect(rates.variancePerSecond).toBeNaN();
    rates.onMid(0, 1000);
    rates.onMid(0.5 * SECOND, 2000);
    rates.onMid(0.9 * SECOND, Number.NaN);
    rates.onMid(SECOND, 1000);
    expect(rates.variancePerSecond).toBe(0);
    expect(rates.lotsPerSecond).toBe(0);
  });
});

describe('FlowMemory', () => {
  it.each([0.2, 0.5, 1, 2])('fades by the power law of exponent %d, held against the formula', (exponent) => {
    for (const scales of [0.1, 1, 10, 1e3, 1e6]) {
      const memory = new FlowMemory({ kind: 'power', exponent, scaleSeconds: 3 });
      memory.at(0);
      memory.add(100);
      const left = memory.at(3 * scales * SECOND);
      expect(left / (100 * (1 + scales) ** -exponent)).toBeCloseTo(1, 4);
    }
  });

  it('adds up what was taken at different times', () => {
    const memory = new FlowMemory({ kind: 'power', exponent: 0.5, scaleSeconds: 1 });
    memory.at(0);
    memory.add(100);
    memory.at(3 * SECOND);
    memory.add(-20);
    // 100 / √9 − 20 / √6.
    expect(memory.at(8 * SECOND)).toBeCloseTo(100 / 3 - 20 / Math.sqrt(6), 4);
  });
});

describe('parseImpact', () => {
  it('reads its kinds and says them', () => {
    expect(parseImpact(undefined, 'impact').assumption).toMatch(/none/);
    const none = parseImpact('none', 'impact');
    none.onMid(0, 1);
    none.onTrade(0, 1, 1);
    expect(none.cost(costed(1, 200), LINEAR)).toBe(0);
    expect(parseImpact({}, 'impact').assumption).toMatch(/Y = 1,.*1800 s.*halves each 300 s/);
    expect(parseImpact({ decay: { kind: 'power' } }, 'impact').assumption).toMatch(/fades as \(1 \+ t \/ 10 s\)\^-0.5/);
    expect(parseImpact({ y: 0.5, decay: { kind: 'none' } }, 'impact').assumption).toMatch(/Y = 0.5.*does not fade/);
  });

  it.each([
    [{ Y: 1 }, /no key "Y"; did you mean "y"\?; there are y/],
    [{ y: -1 }, /y is -1/],
    [{ decay: { kind: 'linear' } }, /decay\.kind is "linear", and must be exponential or power or none/],
    [{ decay: { kind: 'none', exponent: 1 } }, /exponent.*absent beside kind: none/],
    [{ decay: { kind: 'power', exponent: 0 } }, /exponent is 0.*from 0.2/],
  ])('refuses %j', (data, message) => {
    expect(() => parseImpact(data, 'impact')).toThrow(message);
  });
});
