import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fillStatistics, medianOf } from '../../../src/backtest/analysis/fill-statistics.ts';
import { blockMean, markoutCurve } from '../../../src/backtest/analysis/markout-curve.ts';
import { splitProfit } from '../../../src/backtest/analysis/profit-split.ts';
import { roundTrips, tradeStatistics } from '../../../src/backtest/analysis/round-trips.ts';
import { analyseRun } from '../../../src/backtest/analysis/run-analysis.ts';
import { transactionCosts } from '../../../src/backtest/analysis/transaction-costs.ts';
import { parseCarry } from '../../../src/backtest/carry/parse-carry.ts';
import { profitOf } from '../../../src/backtest/contract-terms.ts';
import type { ContractTerms } from '../../../src/backtest/costs.ts';
import { parseFees } from '../../../src/backtest/fees/parse-fees.ts';
import { parseImpact } from '../../../src/backtest/impact/parse-impact.ts';
import { Ledger } from '../../../src/backtest/ledger.ts';
import { OrderState } from '../../../src/backtest/order.ts';
import type { BacktestRun, FillRecord } from '../../../src/backtest/run.ts';
import { Side } from '../../../src/market/index.ts';
import { costed, fillRecord, INVERSE, LINEAR, orderRecord, runOf } from '../money.ts';

/** Mids 10 ms, 100 ms, 1 s, 10 s and 60 s later. */
const later = (...mids: number[]): Float64Array => Float64Array.from(mids);

/** Totals of the fills' own fees and impact, and of their prices against a last mid. */
function runOfFills(fills: readonly FillRecord[], lastMid: number, terms: ContractTerms): BacktestRun {
  const sum = (of: (fill: FillRecord) => number): number => fills.reduce((total, fill) => total + of(fill), 0);
  const gross = sum((f) =>
    profitOf(terms, f.priceTicks, lastMid, f.side === Side.BID ? f.quantityLots : -f.quantityLots),
  );
  const [fees, impact] = [sum(({ fee }) => fee), sum((fill) => fill.impact)];
  return runOf({ fills, totals: { gross, fees, funding: 0, borrow: 0, impact, net: gross - fees - impact } });
}

describe('splitProfit', () => {
  it('splits by hand: a maker buys 10 at 199, mid 200, and the mid falls to 197.5 in a second and to 196 in the end', () => {
    const fill = fillRecord(10, 199, { midTicks: 200, laterMidTicks: later(200, 199, 197.5, 197, 196), fee: 0.02 });
    const split = splitProfit(runOfFills([fill], 196, LINEAR), LINEAR);
    // A lot gains 0.05 a tick: +1, −2.5 and −1.5 ticks of 10 lots.
    expect(split.spread).toBeCloseTo(0.5, 12);
    expect(split.adverseSelection).toBeCloseTo(-1.25, 12);
    expect(split.inventory).toBeCloseTo(-0.75, 12);
    expect(split.net).toBeCloseTo(-1.5 - 0.02, 12);
    expect(split.unmeasured).toBe(0);
    const tenSeconds = splitProfit(runOfFills([fill], 196, LINEAR), LINEAR, 10e9);
    expect(tenSeconds.adverseSelection).toBeCloseTo(-1.5, 12);
  });

  it('counts what it cannot measure, and leaves it to inventory', () => {
    const fills = [fillRecord(10, 199, { midTicks: 200 }), fillRecord(-10, 205, { midTicks: Number.NaN })];
    const split = splitProfit(runOfFills(fills, 206, LINEAR), LINEAR);
    expect(split).toMatchObject({ unmeasured: 2, adverseSelection: 0 });
    expect(split.spread).toBeCloseTo(0.5, 12);
    expect(split.spread + split.inventory).toBeCloseTo(3, 12);
    expect(() => splitProfit(runOfFills(fills, 206, LINEAR), LINEAR, 5)).toThrow(/the horizon is one of/);
  });

  it.each([
    ['linear', LINEAR],
    ['inverse', INVERSE],
  ])('its parts add up to net, and inventory is the rest of the mid’s moves (%s)', (_, terms) => {
    const mid = fc.integer({ min: 199_000, max: 201_000 }).map((ticks) => ticks / 2);
    const some = fc.array(
      fc.record({
        lots: fc.integer({ min: -500, max: 500 }).filter((lots) => lots !== 0),
        priceTicks: fc.integer({ min: 99_500, max: 100_500 }),
        midTicks: mid,
        afterwards: mid,
        maker: fc.boolean(),
      }),
      { minLength: 1, maxLength: 40 },
    );
    fc.assert(
      fc.property(some, mid, (made, lastMid) => {
        const ledger = new Ledger({
          terms,
          fees: parseFees({ maker: { bps: -1 }, taker: { bps: 5 } }, 'fees'),
          impact: parseImpact('none', 'impact'),
          carry: parseCarry({ funding: { rate: 1e-4, everyHours: 1 }, borrowAnnualRate: 0.1 }, 'carry', {
            startDay: 0,
          }),
        });
        let rest = 0;
        const fills = made.map(({ lots, priceTicks, midTicks, afterwards, maker }, i) => {
          const exchangeNs = (i + 1) * 600e9;
          const { fee, impact } = ledger.fill(costed(lots, priceTicks, { maker, exchangeNs }));
          rest += profitOf(terms, afterwards, lastMid, lots);
          const laterMidTicks = later(afterwards, afterwards, afterwards, afterwards, afterwards);
          return fillRecord(lots, priceTicks, { midTicks, laterMidTicks, maker, exchangeNs, fee, impact });
        });
        ledger.carryTo(made.length * 600e9 + 1, lastMid);
        const run = runOf({ fills, totals: { ...ledger.totals, ...ledger.mark(lastMid) } });
        const split = splitProfit(run, terms);
        const gains = split.spread + split.adverseSelection + split.inventory;
        const sum = gains - split.fees - split.funding - split.borrow - split.impact;
        const scale = [split.spread, split.adverseSelection, rest, split.fees].reduce((s, x) => s + Math.abs(x), 0);
        expect(Math.abs(sum - run.totals.net)).toBeLessThanOrEqual(1e-9 * scale);
        expect(Math.abs(split.inventory - rest)).toBeLessThanOrEqual(1e-9 * scale);
      }),
    );
  });
});

describe('markoutCurve', () => {
  const maker = fillRecord(10, 1000, { maker: true, midTicks: 1001, laterMidTicks: later(1001, 1000, 998, 997, 990) });
  const taker = fillRecord(-3, 1000, {
    midTicks: 1001,
    exchangeNs: 61e9,
    laterMidTicks: later(1001, 1000, 999, 998, Number.NaN),
  });

  it('is the mean signed move from the price, by who made and who took', () => {
    const curve = markoutCurve(runOf({ fills: [maker, taker] }));
    expect(curve.maker.map(({ ticks }) => ticks.mean)).toEqual([1, 1, 0, -2, -3, -10]);
    expect(curve.taker.map(({ ticks }) => ticks.mean)).toEqual([-1, -1, 0, 1, 2, Number.NaN]);
    expect(curve.all.map(({ ticks }) => ticks.mean)).toEqual([0, 0, 0, -0.5, -0.5, -10]);
    // A tick of 1000 is 10 bps.
    expect(curve.all[3].bps.mean).toBeCloseTo(-5, 12);
    expect(curve.all.map(({ fills }) => fills)).toEqual([2, 2, 2, 2, 2, 1]);
    // Blocks of a minute: the fills at 0 and 61 s are apart. At 60 s blocks are five minutes, and one fill is left.
    expect(curve.all[0].blocks).toBe(2);
    expect(curve.all[5]).toMatchObject({ afterNs: 60e9, blockNs: 300e9, blocks: 1 });
    expect(curve.all[5].ticks.standardError).toBeNaN();
  });

  it('has an error by blocks: hand-computed, and wider than one that takes fills for independent', () => {
    // Mean 2; deviations −1 −1 | 1 1: block sums −2 and 2, √(2 × 8) / 4 = 1, against √(4 / 3 / 4) = 0.577 without blocks.
    expect(blockMean([1, 1, 3, 3], [0, 0, 1, 1])).toEqual({ mean: 2, standardError: 1 });
    expect(blockMean([1, 1, 3, 3], [0, 1, 2, 3]).standardError).toBeCloseTo(Math.sqrt(1 / 3), 12);
    expect(blockMean([], []).mean).toBeNaN();
  });
});

describe('transactionCosts', () => {
  const equity = [0, 1e9, 2e9].map((ns, i) => ({
    ns,
    midTicks: [200, 204, Number.NaN][i],
    positionLots: 0,
    net: 0,
    gross: 0,
  }));
  const parts = { sentMidTicks: 200, arrivedMidTicks: 201, endedNs: 2.5e9, quantityLots: 10 };

  it('splits the shortfall of a buy by hand', () => {
    // Wanted 10 lots at a mid of 200: 10 × 0.1 × 100 = 100 USD, so that 0.01 USD is a bp. 6 filled at 202, 4 not; the mid is 204 at the end.
    const order = orderRecord(1, { ...parts, filledLots: 6 });
    const run = runOf({ orders: [order], fills: [fillRecord(6, 202, { fee: 0.03, impact: 0.01 })], equity });
    const [cost] = transactionCosts(run, LINEAR).orders;
    expect(cost).toMatchObject({ wantedLots: 10, filledLots: 6, meanPriceTicks: 202, orders: 1 });
    // Delay 6 lots × 1 tick × 0.05 = 0.3; trading the same; opportunity 4 × 4 × 0.05 = 0.8.
    expect(cost.shortfallBps.delay).toBeCloseTo(30, 9);
    expect(cost.shortfallBps.trading).toBeCloseTo(30, 9);
    expect(cost.shortfallBps.opportunity).toBeCloseTo(80, 9);
    expect(cost.shortfallBps.fees).toBeCloseTo(3, 9);
    expect(cost.shortfallBps.impact).toBeCloseTo(1, 9);
    expect(cost.shortfallBps.total).toBeCloseTo(144, 9);
    expect(cost.cost).toBeCloseTo(1.44, 12);
  });

  it('a sell that gets more than the mid has a cost below 0', () => {
    const order = orderRecord(1, { ...parts, side: Side.ASK, arrivedMidTicks: 200, filledLots: 10 });
    const run = runOf({ orders: [order], fills: [fillRecord(-10, 201)], equity });
    expect(transactionCosts(run, LINEAR).orders[0].shortfallBps.total).toBeCloseTo(-50, 9);
  });

  it('joins orders of one tag and side against the first decision, with what was wanted in all', () => {
    const orders = [
      orderRecord(1, { ...parts, tag: 'parent', filledLots: 10, arrivedMidTicks: 200 }),
      orderRecord(2, { ...parts, tag: 'parent', filledLots: 10, sentMidTicks: 203, arrivedMidTicks: 203 }),
      orderRecord(3, { ...parts, tag: 'parent', side: Side.ASK }),
      orderRecord(4, { ...parts, tag: 'parent', sentMidTicks: Number.NaN }),
    ];
    const fills = [fillRecord(10, 201), fillRecord(10, 204, { orderId: 2 })];
    const run = runOf({ orders, fills, equity });
    const told = transactionCosts(run, LINEAR, new Map([['parent', 40]]));
    expect(told.withoutMid).toBe(1);
    const [buys, sells] = told.tags;
    expect(buys).toMatchObject({ name: 'parent', orders: 2, wantedLots: 40, filledLots: 20, decisionMidTicks: 200 });
    // 400 USD wanted. Delay: 10 × 3 ticks = 1.5 USD; trading 2 × 10 × 1 tick = 1 USD; opportunity 20 × 4 ticks = 4 USD.
    expect(buys.shortfallBps.delay).toBeCloseTo(37.5, 9);
    expect(buys.shortfallBps.trading).toBeCloseTo(25, 9);
    expect(buys.shortfallBps.opportunity).toBeCloseTo(100, 9);
    expect(sells).toMatchObject({ side: Side.ASK, wantedLots: 40, filledLots: 0 });
    // Without it, what was filled was wanted; nothing wanted costs nothing.
    const [, none] = transactionCosts(run, LINEAR).tags;
    expect(none.shortfallBps.total).toBe(0);
    expect(none.meanPriceTicks).toBeNaN();
  });

  it('counts in the coin for an inverse contract, and falls back on the decision’s mid', () => {
    const order = orderRecord(1, {
      sentMidTicks: 200_000,
      arrivedMidTicks: Number.NaN,
      endedNs: Number.NaN,
      quantityLots: 200,
    });
    const run = runOf({ orders: [order], fills: [fillRecord(100, 250_000)] });
    const [cost] = transactionCosts(run, INVERSE).orders;
    // 100 contracts: 0.1 BTC; 200 contracts of 100 USD at 20,000 are 1 BTC.
    expect(cost.cost).toBeCloseTo(0.1, 12);
    expect(cost.shortfallBps).toMatchObject({ delay: 0, opportunity: 0 });
    expect(cost.shortfallBps.trading).toBeCloseTo(1000, 9);
  });
});

describe('fillStatistics', () => {
  it('counts what became of orders', () => {
    const orders = [
      orderRecord(1, { state: OrderState.FILLED, filledLots: 10, arrivedNs: 100 }),
      orderRecord(2, { filledLots: 4, arrivedNs: 100 }),
      orderRecord(3, {}),
      orderRecord(4, { state: OrderState.REJECTED, reason: 'too far' }),
      orderRecord(5, { state: OrderState.REJECTED }),
      orderRecord(6, { state: OrderState.REJECTED, reason: 'too far' }),
    ];
    const fills = [
      fillRecord(6, 100, { maker: true, exchangeNs: 400 }),
      fillRecord(4, 100, { maker: true, exchangeNs: 900 }),
      fillRecord(4, 100, { orderId: 2, maker: true, exchangeNs: 200 }),
    ];
    expect(fillStatistics(runOf({ orders, fills }))).toEqual({
      placed: 6,
      filled: 1,
      partlyFilled: 1,
      cancelled: 1,
      rejected: 3,
      rejections: [
        { reason: 'too far', orders: 2 },
        { reason: 'no reason given', orders: 1 },
      ],
      placedLots: 60,
      filledLots: 14,
      fillRatio: 14 / 60,
      // First fills 300 and 100 ns after arrival.
      medianMakerWaitNs: 200,
      makerFills: 3,
      takerFills: 0,
    });
  });

  it('has a median', () => {
    expect([[], [3], [1, 9], [5, 1, 3]].map(medianOf)).toEqual([Number.NaN, 3, 5, 3]);
  });
});

describe('round trips', () => {
  const fills = [
    fillRecord(10, 200, { exchangeNs: 0, fee: 0.1 }),
    fillRecord(10, 202, { exchangeNs: 1e9, fee: 0.2 }),
    fillRecord(-15, 204, { exchangeNs: 3e9, fee: 0.15 }),
    fillRecord(-15, 201, { exchangeNs: 5e9, fee: 0.3 }),
  ];

  it('matches first in, first out, by hand', () => {
    const { trips, openLots } = roundTrips(runOf({ fills }), LINEAR);
    // 10 of 200 → 204, 5 of 202 → 204, 5 of 202 → 201; 10 are sold short at 201 and stay open.
    expect(trips.map(({ lots, entryTicks, exitTicks }) => [lots, entryTicks, exitTicks])).toEqual([
      [10, 200, 204],
      [5, 202, 204],
      [5, 202, 201],
    ]);
    expect(trips.map(({ gross }) => gross)).toEqual([2, 0.5, -0.25]);
    expect(openLots).toBe(-10);
  });

  it('rivals’ fault: the entry fee is shared out over the trips, not charged to each', () => {
    const { trips } = roundTrips(runOf({ fills }), LINEAR);
    // Fees a lot: 0.01, 0.02, 0.01, 0.02. 10 × 0.02, 5 × 0.03, 5 × 0.04.
    expect(trips.map(({ costs }) => Number(costs.toFixed(12)))).toEqual([0.2, 0.15, 0.2]);
    // All fees are 0.75; 10 lots of 0.02 are of the position that is open.
    const paid = trips.reduce((sum, { costs }) => sum + costs, 0);
    expect(paid).toBeCloseTo(0.75 - 0.2, 12);
  });

  it('tells hit rate, profit factor, holding time, turnover and the break-even cost', () => {
    const totals = { gross: 2.5, fees: 0.75, funding: 0.1, borrow: 0, impact: 0, net: 1.65 };
    const told = tradeStatistics(runOf({ fills, totals }), LINEAR);
    // Net of trips: 1.8, 0.35, −0.45.
    expect(told).toMatchObject({ trips: 3, hitRate: 2 / 3, openLots: -10, medianHoldingNs: 3e9 });
    expect(told.profitFactor).toBeCloseTo(2.15 / 0.45, 9);
    // (10 × 3 + 5 × 2 + 5 × 4) / 20 s.
    expect(told.meanHoldingNs).toBeCloseTo(3e9, 3);
    // 0.05 × (10 × 200 + 10 × 202 + 15 × 204 + 15 × 201) = 504.75 USD.
    expect(told.turnover).toBeCloseTo(504.75, 9);
    expect(told.paidBps).toBeCloseTo((0.75 / 504.75) * 1e4, 9);
    expect(told.breakEvenBps).toBeCloseTo((2.4 / 504.75) * 1e4, 9);
  });

  it('agrees with gross profit on what is closed, for both kinds', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 900, max: 1100 }), fc.boolean()), {
          maxLength: 30,
        }),
        (made) => {
          const some = made.map(([lots, ticks, buys], i) => fillRecord(buys ? lots : -lots, ticks, { exchangeNs: i }));
          const open = some.reduce(
            (sum, { side, quantityLots }) => sum + (side === Side.BID ? quantityLots : -quantityLots),
            0,
          );
          const closing = open === 0 ? [] : [fillRecord(-open, 1000, { exchangeNs: some.length })];
          for (const terms of [LINEAR, INVERSE]) {
            const run = runOfFills([...some, ...closing], 1000, terms);
            const { trips, openLots } = roundTrips(run, terms);
            expect(openLots).toBe(0);
            const sum = trips.reduce((total, { gross }) => total + gross, 0);
            const scale = 1 + some.reduce((total, { quantityLots }) => total + quantityLots, 0);
            expect(Math.abs(sum - run.totals.gross)).toBeLessThanOrEqual(1e-9 * scale);
          }
        },
      ),
    );
  });
});

describe('analyseRun', () => {
  it('says all of it, of an empty run as well', () => {
    const analysis = analyseRun(runOf({}), LINEAR);
    expect(analysis.split.net).toBe(0);
    expect(analysis.fills.placed).toBe(0);
    expect(analysis.trades.hitRate).toBeNaN();
    expect(analysis.costs.orders).toEqual([]);
    expect(analysis.markouts.all.map(({ fills }) => fills)).toEqual([0, 0, 0, 0, 0, 0]);
  });
});
