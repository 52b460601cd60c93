import { describe, expect, it } from 'vitest';
import {
  type BacktestCard,
  type BacktestCardInput,
  backtestCard,
  CRYPTO_CALENDAR,
  sweepIndex,
} from '../../../src/evaluate/index.ts';
import { INVERSE, LINEAR } from '../../backtest/money.ts';
import { driftingRun, handMadeRun } from './traded-run.ts';

function cardOf(more: Partial<BacktestCardInput> = {}): BacktestCard {
  const input = {
    run: handMadeRun(),
    terms: LINEAR,
    calendar: CRYPTO_CALENDAR,
    baselines: [],
    trials: 1,
    settings: {},
  };
  return backtestCard({ ...input, ...more });
}

describe('the figures of a hand-made run', () => {
  const card = cardOf();

  it('are those reckoned by hand', () => {
    // Spread: bought 1 tick below the mid, sold 1 below it: 10·1·0.05 − 10·1·0.05 = 0. Adverse selection: the mid fell a tick after the purchase
    // (−0.5) and stood after the sale (0). Inventory: the rest of the 2 USD.
    expect(card.split.spread).toBeCloseTo(0, 12);
    expect(card.split.adverseSelection).toBeCloseTo(-0.5, 12);
    expect(card.split.inventory).toBeCloseTo(2.5, 12);
    expect(card.totals).toEqual({ gross: 2, fees: 0.4, funding: 0, borrow: 0, impact: 0, net: 1.6 });
    // 10 lots × 0.05 USD × (99 + 103) ticks = 101 USD traded; 2 / 101 = 198.02 bps.
    expect(card.trades.turnover).toBeCloseTo(101, 9);
    expect(card.judged?.breakEven.value).toBeCloseTo(20_000 / 101, 6);
    expect([card.fills.placed, card.fills.filled, card.fills.cancelled]).toEqual([3, 2, 1]);
    expect([card.fills.makerFills, card.fills.takerFills]).toEqual([1, 1]);
    expect(card.judged?.performance.drawdown.depth).toBeCloseTo(0.8, 12);
    // The maker's order waited from 2 s to 5 s: between 1 s and 10 s.
    expect(card.waits.edgesNs).toEqual([0, 10e6, 100e6, 1e9, 10e9, 60e9, 600e9]);
    expect(card.waits.counts).toEqual([0, 0, 0, 1, 0, 0, 0]);
  });

  it('have series in ms since 1970 and in prices', () => {
    expect(card.fromMs).toBe(20_000 * 86_400_000);
    expect(card.fillMarks).toEqual({
      timesMs: [card.fromMs + 5000, card.fromMs + 20_000],
      prices: [49.5, 51.5],
      buys: [true, false],
      makers: [true, false],
      lots: [10, 10],
      of: 2,
    });
    expect(card.curve.timesMs).toHaveLength(61);
    expect(card.curve.mid[10]).toBe(52);
    expect(card.curve.drawdown[30]).toBeCloseTo(-0.8, 12);
  });

  it('tell costs of what was bought and sold, weighted by what was wanted', () => {
    // Bought at 99 against a mid of 100: −100 bps, and 0.1 USD of 50 USD are 20 bps of fees.
    const [bought, sold] = card.costs.rows;
    expect(bought.shortfallBps.trading).toBeCloseTo(-100, 9);
    expect(bought.shortfallBps.fees).toBeCloseTo(20, 9);
    expect(bought.shortfallBps.total).toBeCloseTo(-80, 9);
    // Sold at 103 against 104: 10 ticks·lots × 0.05 of 52 USD are 96.15 bps, and 0.3 of 52 are 57.69.
    expect(sold.shortfallBps.total).toBeCloseTo((1e4 * 0.8) / 52, 9);
    expect(sold.cost).toBeCloseTo(0.8, 12);
    expect(bought.meanPrice).toBe(null);
  });

  it('tell costs of parent orders where there are any', () => {
    const run = handMadeRun();
    const orders = run.orders.map((order) => ({ ...order, tag: order.id === 1 ? 'parent' : null }));
    const { costs } = cardOf({ run: { ...run, orders }, wanted: new Map([['parent', 20]]) });
    expect(costs.parents).toBe(1);
    expect(costs.rows).toHaveLength(1);
    expect(costs.rows[0]).toMatchObject({
      name: 'parent, buy',
      wantedLots: 20,
      filledLots: 10,
      decisionPrice: 50,
      meanPrice: 49.5,
    });
  });

  it('survive JSON, whatever is no number', () => {
    const settings = {
      rate: Number.NaN,
      most: Number.POSITIVE_INFINITY,
      list: new Float64Array([1, Number.NaN]),
      gone: undefined,
    };
    const odd = cardOf({ settings, baselines: [driftingRun(0, 1, 1)] });
    expect(JSON.parse(JSON.stringify(odd))).toEqual(odd);
    expect(odd.settings).toEqual({ rate: null, most: null, list: [1, null] });
    // The only round trip gained, so that the profit factor has no bounds.
    expect(odd.trades.profitFactor).toBe(null);
    expect(JSON.stringify(cardOf())).toBe(JSON.stringify(card));
  });

  it('are of inverse contracts too', () => {
    const { trades } = cardOf({ run: handMadeRun({ currency: 'BTC' }), terms: INVERSE });
    // 10 contracts of 100 USD at 9.9 and 10.3 USD.
    expect(trades.turnover).toBeCloseTo(1000 / 9.9 + 1000 / 10.3, 9);
  });
});

describe('markouts', () => {
  it('have no interval from one block of time', () => {
    const { markouts } = cardOf();
    expect(markouts.maker[0].bps.mean).toBeCloseTo(1e4 / 99, 9);
    expect(markouts.maker[0].bps.interval).toBe(null);
  });

  it('have intervals by Student’s distribution of their blocks', () => {
    // Two blocks, a mean of 1 and 3 ticks: 2 ± 12.706 × 1.
    const run = handMadeRun();
    const [first] = run.fills;
    const fills = [1, 3].map((ticks, i) => ({ ...first, exchangeNs: i * 120e9, midTicks: 99 + ticks }));
    const { ticks, blocks } = cardOf({ run: { ...run, fills } }).markouts.all[0];
    expect(blocks).toBe(2);
    expect(ticks.standardError).toBeCloseTo(1, 9);
    expect(ticks.interval?.low).toBeCloseTo(2 - 12.7062, 3);
    expect(ticks.interval?.high).toBeCloseTo(2 + 12.7062, 3);
  });
});

describe('sentences', () => {
  it('claim no more than the intervals support', () => {
    const [none, more, less] = [0, -0.2, 0.2].map((drift, i) => driftingRun(drift, 1, 20 + i));
    const { baselines, judged, doubts } = cardOf({ run: driftingRun(0, 1, 7), baselines: [none, more, less] });
    expect(judged?.verdict.sentence).toMatch(/^not distinguishable from zero/);
    for (const { difference, sentence } of baselines) {
      const { low, high } = difference?.interval ?? { low: null, high: null };
      if (low === null || high === null) throw new Error('an interval was expected');
      if (low > 0) expect(sentence).toMatch(/^gains more than by hand, by /);
      else if (high < 0) expect(sentence).toMatch(/^gains less than by hand: /);
      else expect(sentence).toMatch(/^not distinguishable from by hand: /);
    }
    expect(baselines.map(({ sentence }) => sentence.slice(0, 10))).toEqual(['not distin', 'gains more', 'gains less']);
    expect(doubts.some((doubt) => doubt.startsWith('A Sharpe ratio above 1.5 is not supported'))).toBe(true);
    expect(doubts.join(' ')).toContain('Only 3 orders were placed');
  });

  it('say of the break-even cost on which side of what was paid it lies', () => {
    const doubt = (drift: number): string | undefined =>
      cardOf({ run: driftingRun(drift, 0.1, 5) }).doubts.find((text) => text.includes('break even'));
    // It paid 0.4 of 101 USD, 39.6 bps.
    expect(doubt(0.1)).toMatch(/^It paid 39\.6 bps .*above what it paid\.$/);
    expect(doubt(-0.1)).toMatch(/below what it paid\.$/);
    const { doubts } = cardOf({ run: handMadeRun({ fills: [], orders: [] }) });
    expect(doubts.join(' ')).toContain('Nothing was traded');
  });

  it('do not compare runs with other steps of time', () => {
    const [other] = cardOf({ run: driftingRun(0, 1, 1), baselines: [driftingRun(0, 1, 2, 100)] }).baselines;
    expect(other.difference).toBe(null);
    expect(other.sentence).toBe('not compared with by hand: the two have other steps of time');
    const [same] = cardOf({ run: driftingRun(0, 1, 1), baselines: [driftingRun(0, 1, 1)] }).baselines;
    expect(same.sentence).toBe('no different from by hand');
    const [short] = cardOf({ run: driftingRun(0, 1, 4, 15), baselines: [driftingRun(0.1, 1, 3, 15)] }).baselines;
    expect(short.sentence).toMatch(/^no interval for the difference from by hand: 15 steps/);
  });

  it('tell what is wrong with a run', () => {
    const run = handMadeRun({ origin: 'simulated', ended: 'it threw: no', equity: [] });
    const card = cardOf({ run });
    expect(card.judged).toBe(null);
    expect(card.unjudged).toMatch(/^too short to judge: 0 points/);
    expect(card.doubts[0]).toBe('The strategy was ended before the tape was: it threw: no.');
    expect(card.doubts[1]).toMatch(/^The market is simulated/);
    expect(card.simulated).toBe(true);
    expect(card.curve.timesMs).toEqual([]);
  });

  it('tell of lots that are open, fills without a mark and orders without a mid', () => {
    const run = handMadeRun();
    const fills = [{ ...run.fills[0], laterMidTicks: new Float64Array(5).fill(Number.NaN) }];
    const orders = run.orders.map((order) => (order.id === 3 ? { ...order, sentMidTicks: Number.NaN } : order));
    const text = cardOf({ run: { ...run, fills, orders } }).doubts.join(' ');
    expect(text).toContain('10 lots were still long at the end');
    expect(text).toContain('1 of 1 fills have no mid at the horizon');
    expect(text).toContain('1 orders were sent without a mid');
  });
});

describe('series of long runs', () => {
  it('keep every extreme in some two thousand points', () => {
    const run = driftingRun(0, 1, 9, 6000);
    const equity = run.equity.with(4321, { ...run.equity[4321], net: -1e6 });
    const { curve } = cardOf({ run: { ...run, equity } });
    expect(curve.timesMs.length).toBeLessThanOrEqual(2002);
    expect(curve.timesMs.length).toBeGreaterThan(900);
    expect(curve.net).toContain(-1e6);
    expect(curve.timesMs).toEqual(curve.timesMs.toSorted((a, b) => a - b));
    expect(curve.timesMs.at(-1)).toBe(20_000 * 86_400_000 + 6_000_000);
  });

  it('take fills evenly', () => {
    const run = handMadeRun();
    const fills = Array.from({ length: 5000 }, (_, i) => ({ ...run.fills[0], exchangeNs: i * 1e7 }));
    const { fillMarks } = cardOf({ run: { ...run, fills } });
    expect(fillMarks.of).toBe(5000);
    expect(fillMarks.timesMs).toHaveLength(2000);
  });
});

describe('sweepIndex', () => {
  it('runs fastest along the last axis', () => {
    const axes = [{ values: ['a', 'b'] }, { values: [1, 2, 3] }];
    expect([0, 1].flatMap((a) => [0, 1, 2].map((b) => sweepIndex(axes, [a, b])))).toEqual([0, 1, 2, 3, 4, 5]);
  });
});
