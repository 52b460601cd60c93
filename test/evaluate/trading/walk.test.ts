import { describe, expect, it } from 'vitest';
import type { BacktestRun } from '../../../src/backtest/index.ts';
import { Random } from '../../../src/core/index.ts';
import type { CostedCurve } from '../../../src/evaluate/trading/recost.ts';
import { type WalkInput, walkOf } from '../../../src/evaluate/trading/walk.ts';
import { walkStretches } from '../../../src/evaluate/trading/walk-plan.ts';
import { joinedRun } from '../../../src/evaluate/trading/walk-run.ts';

const SECOND = 1e9;

function curve(steps: readonly number[]): CostedCurve {
  const net = steps.reduce((sum, step) => sum + step, 0);
  const none = steps.map(() => 0);
  return {
    orders: 2,
    fills: 1,
    gross: net + 1,
    net,
    stepNs: SECOND,
    netSteps: [...steps],
    grossSteps: steps.map((step, i) => step + (i === 0 ? 1 : 0)),
    tradedSteps: none,
    feeSteps: {},
  };
}

describe('the stretches of a walk', () => {
  const span = { startNs: 0, endNs: 1005 * SECOND, first: 200 / 1005 };

  it('follow on each other behind the first share, one more than folds, and 5 s are left to close', () => {
    const stretches = walkStretches({ ...span, folds: 3, kind: 'expanding' });
    const seconds = stretches.map(({ train, trade }) =>
      [train.fromNs, train.toNs, trade.fromNs, trade.toNs].map((ns) => ns / SECOND),
    );
    expect(seconds).toEqual([
      [0, 200, 200, 400],
      [0, 400, 400, 600],
      [0, 600, 600, 800],
      [0, 800, 800, 1000],
    ]);
  });

  it('roll their past along where asked', () => {
    const [, second] = walkStretches({ ...span, folds: 3, kind: 'rolling' });
    expect(second.train).toEqual({ fromNs: 200 * SECOND, toNs: 400 * SECOND });
  });

  it('are refused where they were too short, with what to do', () => {
    expect(() => walkStretches({ ...span, folds: 60, kind: 'expanding' })).toThrow(/give fewer folds or more data/);
  });
});

describe('a walk', () => {
  const plan = walkStretches({ startNs: 0, endNs: 1005 * SECOND, first: 200 / 1005, folds: 3, kind: 'expanding' });
  /** By stretch and combination: steps of one stretch of three. */
  const nets = [
    [3, 1],
    [-1, 2],
    [4, 5],
    [7, 0],
  ];
  const input: WalkInput = {
    currency: 'USD',
    startDay: 1,
    combinations: ['threshold 0.2', 'threshold 0.4'],
    stretches: plan.map((stretch, k) => ({ stretch, curves: nets[k].map((net) => curve([0, net, 0])) })),
    resampling: { seed: 1 },
    notes: [],
  };

  it('trades each stretch with what was best on the one before', () => {
    const { result } = walkOf(input);
    // Best of (3, 1) is the first, which then makes -1; of (-1, 2) the second, then 5; of (4, 5) the second, then 0.
    expect(result.folds.map(({ chosen }) => chosen)).toEqual([0, 1, 1]);
    expect(result.folds.map(({ inSample }) => inSample.net)).toEqual([3, 2, 5]);
    expect(result.folds.map(({ outOfSample }) => outOfSample.net)).toEqual([-1, 5, 0]);
    expect(result.outOfSample).toMatchObject({ net: 4, orders: 6, fills: 3 });
    expect(result.equity.at(-1)).toMatchObject({ net: 4, gross: 7 });
    expect(result.equity[0].ms).toBe(86_400_000 + 400_000);
    expect(result.inSampleNets).toEqual(nets.slice(0, 3));
    expect(result.outOfSampleNets).toEqual(nets.slice(1));
    expect(result.overfitting).toBeNull();
  });

  it('counts every combination on every stretch as a trial, and what was tried before', () => {
    expect(walkOf(input).trials.counted).toBe(8);
    expect(walkOf({ ...input, counted: 50 }).trials.counted).toBe(50);
  });

  it('what comes behind a fold changes nothing in it', () => {
    const changed = input.stretches.map((one, k) =>
      k < 3 ? one : { ...one, curves: one.curves.map(() => curve([-9, -9, -9])) },
    );
    const [before, after] = [walkOf(input), walkOf({ ...input, stretches: changed })];
    expect(after.result.folds.slice(0, 2)).toEqual(before.result.folds.slice(0, 2));
    expect(after.result.folds[2].chosen).toBe(before.result.folds[2].chosen);
    expect(after.result.folds[2].outOfSample.net).toBe(-27);
  });

  it('doubts a choice among coins, and not one of a combination that earns all the time', () => {
    const random = new Random(3);
    const coin = (drift: number): CostedCurve =>
      curve(Array.from({ length: 80 }, () => drift + (random.bernoulli(0.5) ? 1 : -1)));
    const walked = (drift: number) =>
      walkOf({
        ...input,
        combinations: ['a', 'b', 'c', 'd'],
        stretches: plan.map((stretch) => ({ stretch, curves: [drift, 0, 0, 0].map(coin) })),
      }).result;
    const [luck, skill] = [walked(0), walked(0.8)];
    expect(luck.superiorAbility?.pValue).toBeGreaterThan(0.05);
    expect(skill.superiorAbility?.pValue).toBeLessThan(0.01);
    expect(skill.overfitting?.probability).toBeLessThan(0.05);
    expect(luck.overfitting?.probability).toBeGreaterThan(skill.overfitting?.probability ?? 1);
  });

  it('has no doubts to tell of strategies that never traded', () => {
    const idle = input.stretches.map((one) => ({ ...one, curves: [curve([0, 0, 0]), curve([0, 0, 0])] }));
    expect(walkOf({ ...input, stretches: idle }).result.superiorAbility).toBeNull();
  });
});

describe('runs of stretches as one', () => {
  const stretches = walkStretches({ startNs: 0, endNs: 1005 * SECOND, first: 200 / 1005, folds: 1, kind: 'expanding' });
  const runOf = (fromNs: number, net: number): BacktestRun =>
    ({
      orders: [{ id: 1 }, { id: 2 }],
      fills: [{ orderId: 2, laterMidTicks: new Float64Array(5) }],
      equity: [0, 1, 2].map((k) => ({ ns: fromNs + k * 200 * SECOND, midTicks: 1, positionLots: 3, net: k, gross: k })),
      totals: { gross: net, net, fees: 0, funding: 0, borrow: 0, impact: 0 },
      notes: ['n'],
      events: 5,
      messages: 4,
      ended: null,
    }) as unknown as BacktestRun;

  it('adds them up: orders are numbered on, a stretch begins where the last one ended', () => {
    const runs = [runOf(200 * SECOND, 10), runOf(600 * SECOND, 20)];
    const run = joinedRun(runs, stretches);
    expect(run.orders.map(({ id }) => id)).toEqual([1, 2, 3, 4]);
    expect(run.fills.map(({ orderId }) => orderId)).toEqual([2, 4]);
    expect(run.totals).toMatchObject({ net: 30, gross: 30 });
    // 0, 1 and what the first came to; then 10 + 1 and all: its closing counts to its last moment.
    expect(run.equity.map(({ net }) => net)).toEqual([0, 1, 10, 11, 30]);
    expect(run.equity.map(({ ns }) => ns / SECOND)).toEqual([200, 400, 600, 800, 1000]);
    expect(run.equity[2].positionLots).toBe(0);
  });
});
