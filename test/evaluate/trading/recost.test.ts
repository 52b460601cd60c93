import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BacktestRun, FEE_PRESETS, FeeSchedule } from '../../../src/backtest/index.ts';
import { Random } from '../../../src/core/index.ts';
import { monotoneSweep } from '../../../src/evaluate/performance/monotone-sweep.ts';
import { addedCost, costedCurve, netInterval, otherFees } from '../../../src/evaluate/trading/recost.ts';
import { DEFAULT_COSTS_BPS, sweepResult } from '../../../src/evaluate/trading/sweep.ts';
import { sweepIndex } from '../../../src/evaluate/trading/sweep-result.ts';
import { Side } from '../../../src/market/index.ts';

const SECOND = 1e9;
const TERMS = { kind: 'linear', tickValue: 0.01, lotValue: 1, currency: 'USD' } as const;

interface Fill {
  readonly second: number;
  readonly buys: boolean;
  readonly priceTicks: number;
  readonly lots: number;
  readonly maker: boolean;
}

/** A run of these fills, of which the equity is given; fees were 1 cent a fill. */
function runOf(fills: readonly Fill[], net: readonly number[]): BacktestRun {
  return {
    startDay: 20000,
    orders: fills.map((_, i) => ({ id: i + 1 })),
    fills: fills.map(({ second, buys, priceTicks, lots, maker }, i) => ({
      orderId: i + 1,
      side: buys ? Side.BID : Side.ASK,
      priceTicks,
      quantityLots: lots,
      maker,
      exchangeNs: second * SECOND,
      fee: 0.01,
    })),
    equity: net.map((value, i) => ({ ns: i * SECOND, net: value, gross: value + 1 })),
    totals: { gross: (net.at(-1) ?? 0) + 1, net: net.at(-1) ?? 0 },
  } as unknown as BacktestRun;
}

const FILLS = fc.array(
  fc.record({
    second: fc.integer({ min: 0, max: 29 }),
    buys: fc.boolean(),
    priceTicks: fc.integer({ min: 1, max: 100_000 }),
    lots: fc.integer({ min: 1, max: 500 }),
    maker: fc.boolean(),
  }),
  { minLength: 1, maxLength: 40 },
);
const NET = fc.array(fc.double({ min: -1e4, max: 1e4, noNaN: true }), { minLength: 31, maxLength: 31 });

describe('the same fills at other costs', () => {
  it('net falls monotonically as costs rise from 0 to 5 bps, by the value traded', () => {
    fc.assert(
      fc.property(FILLS, NET, (fills, net) => {
        const curve = costedCurve(runOf(fills, net), TERMS);
        const points = DEFAULT_COSTS_BPS.map((at) => ({ at, value: addedCost(curve, at).net }));
        expect(monotoneSweep(points, 'falls').holds).toBe(true);
        const traded = fills.reduce((sum, { priceTicks, lots }) => sum + priceTicks * 0.01 * lots, 0);
        expect(points[0].value).toBeCloseTo(net[30], 6);
        expect(points[0].value - points[points.length - 1].value).toBeCloseTo(traded * 5e-4, 6);
        for (const { at, value } of points) {
          const steps = addedCost(curve, at).netSteps.reduce((sum, step) => sum + step, 0);
          expect(steps).toBeCloseTo(value, 4);
        }
      }),
      { seed: 7, numRuns: 60 },
    );
  });

  it('takes costs off in the step of the fill', () => {
    // 200 shares at 50.00 in second 2 are 10,000 dollars: 1 bp of it is a dollar, lost in the step from 1 s to 2 s.
    const run = runOf([{ second: 2, buys: true, priceTicks: 5000, lots: 200, maker: false }], [0, 0, 3, 5, 5]);
    const curve = costedCurve(run, TERMS);
    expect(curve.netSteps).toEqual([0, 3, 2, 0]);
    expect(addedCost(curve, 1)).toEqual({ net: 4, netSteps: [0, 2, 2, 0] });
  });

  it('other fees replace those paid: a maker of 100 shares at NASDAQ gets 0.21 dollars in place of paying 0.01', () => {
    const run = runOf([{ second: 1, buys: true, priceTicks: 5000, lots: 100, maker: true }], [0, 0, 0, 0]);
    const curve = costedCurve(run, TERMS, { fees: { nasdaq: new FeeSchedule(FEE_PRESETS.nasdaq) } });
    expect(otherFees(curve, 'nasdaq').net).toBeCloseTo(0.22, 12);
    expect(() => otherFees(curve, 'kraken')).toThrow('reckoned with the run');
  });

  it('of a window, what came behind its last point counts to it', () => {
    const run = runOf([], [0, 0, 1, 2, 2, 7]);
    const curve = costedCurve(run, TERMS, { window: { fromNs: SECOND, toNs: 4 * SECOND } });
    expect(curve).toMatchObject({ netSteps: [1, 1, 5], net: 7 });
  });

  it('the interval is of the whole run, and absent where there is too little data', () => {
    const random = new Random(2);
    const steps = Array.from({ length: 400 }, () => (random.bernoulli(0.5) ? 3 : -1));
    const net = steps.reduce((sum, step) => sum + step, 0);
    const interval = netInterval(steps, SECOND, { seed: 1 });
    // 400 independent steps of mean 1 and deviation 2: a standard error of 40, so about 80 to each side.
    expect((interval?.low ?? 0) - net).toBeGreaterThan(-120);
    expect((interval?.low ?? 0) - net).toBeLessThan(-50);
    expect((interval?.high ?? 0) - net).toBeGreaterThan(50);
    expect((interval?.high ?? 0) - net).toBeLessThan(120);
    expect(netInterval([1, 2, 3], SECOND, { seed: 1 })).toBeNull();
  });
});

describe('a sweep', () => {
  const axes = [
    { name: 'latency', unit: 'ms', values: [0, 10], own: 0 },
    { name: 'queue', unit: '', values: ['exact', 'none'], own: null },
  ];
  const curves = [100, 80, 60, 40].map((net) =>
    costedCurve(
      runOf([{ second: 1, buys: true, priceTicks: 10_000, lots: 100, maker: false }], [0, net, net, net]),
      TERMS,
    ),
  );

  it('has a cell for each place, the cost fastest', () => {
    const { axes: all, cells } = sweepResult({
      currency: 'USD',
      axes,
      curves,
      resampling: { seed: 1 },
      costsBps: [0, 1],
    });
    expect(all.map(({ name }) => name)).toEqual(['latency', 'queue', 'cost']);
    // 10,000 dollars were traded: 1 bp is a dollar.
    expect(cells.map(({ net }) => net)).toEqual([100, 99, 80, 79, 60, 59, 40, 39]);
    expect(cells[sweepIndex(all, [1, 0, 1])].net).toBe(59);
    expect(cells[0]).toMatchObject({ orders: 1, fills: 1, netInterval: null });
  });

  it('has fee schedules in place of added costs where these are asked for', () => {
    const fees = { coinbase: new FeeSchedule(FEE_PRESETS.coinbase) };
    const curve = costedCurve(
      runOf([{ second: 1, buys: true, priceTicks: 10_000, lots: 100, maker: false }], [0, 1, 1, 1]),
      TERMS,
      { fees },
    );
    const swept = sweepResult({
      currency: 'USD',
      axes: [],
      curves: [curve],
      schedules: ['coinbase'],
      resampling: { seed: 1 },
    });
    expect(swept.axes[0]).toMatchObject({ name: 'fees', values: ['coinbase'] });
    // 120 bps of 10,000 dollars in place of a cent.
    expect(swept.cells[0].net).toBeCloseTo(1 + 0.01 - 120, 9);
  });

  it('refuses to leave a place out', () => {
    expect(() => sweepResult({ currency: 'USD', axes, curves: curves.slice(1), resampling: { seed: 1 } })).toThrow(
      'each place',
    );
  });
});
