import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ContinuousTarget,
  ContinuousTargetStream,
  emptyDecision,
  formatContinuousTarget,
  parseContinuousTarget,
  parseTarget,
  TargetStream,
} from '../../src/models/index.ts';
import { horizonOf, randomWalk, type Step } from './support.ts';

interface Seen {
  index: number;
  at: number;
  outcome: number;
}

function observeAll(target: ContinuousTarget, steps: readonly Step[], capacity?: number): Seen[] {
  const stream = new ContinuousTargetStream(target, capacity);
  const decision = emptyDecision(new Float64Array(0));
  const out: Seen[] = [];
  steps.forEach((step, at) => {
    Object.assign(decision, step, { index: at, row: decision.row });
    stream.onDecision(decision, (_slot, { index }, outcome) => out.push({ index, at, outcome }));
  });
  expect(out.length).toBe(stream.resolved);
  return out;
}

const withImbalance = (steps: readonly Step[]): Step[] => steps.map((step, i) => ({ ...step, imbalance: Math.sin(i) }));

describe.each([
  'log-wait',
  'log-wait+3ms',
  'imbalance@events:5',
  'imbalance@time:20',
  'imbalance@volume:7',
  'imbalance@next-change',
  'imbalance@events:5+4ms',
  'imbalance@time:20+4ms',
])('outcomes of %s', (text) => {
  const target = parseContinuousTarget(text);

  it('are what their definition says, none before it exists', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 90 }), (seed, n) => {
        const steps = withImbalance(randomWalk(seed, n));
        const seen = new Map(observeAll(target, steps).map((s) => [s.index, s]));
        steps.forEach((step, i) => {
          const found = horizonOf(target.until, steps, i);
          const one = seen.get(i);
          if (found === null || one === undefined) {
            expect(found === null && one === undefined).toBe(true);
            return;
          }
          expect(one.at).toBe(found.end + (target.until.kind === 'time' ? 1 : 0));
          const waitNs = steps[found.end].tsNs - step.tsNs - (target.until.latencyMs ?? 0) * 1e6;
          const expected = target.what === 'imbalance' ? steps[found.end].imbalance! : Math.log(waitNs / 1e9);
          expect(one.outcome).toBe(expected);
        });
      }),
    );
  });

  it('has the text that it is read from', () => {
    expect(formatContinuousTarget(target)).toBe(text);
  });
});

describe('ContinuousTargetStream', () => {
  it('says the seconds to the next change, at least a nanosecond', () => {
    const steps = [
      { tsNs: 0, midTicks: 5 },
      { tsNs: 1e9, midTicks: 5 },
      { tsNs: 3e9, midTicks: 6 },
      { tsNs: 3e9, midTicks: 5 },
    ];
    expect(observeAll(parseContinuousTarget('log-wait'), steps)).toEqual([
      { index: 0, at: 2, outcome: Math.log(3) },
      { index: 1, at: 2, outcome: Math.log(2) },
      { index: 2, at: 3, outcome: Math.log(1e-9) },
    ]);
  });

  it('forgets what is undecided at a gap, and gives up the oldest when full', () => {
    const stream = new ContinuousTargetStream(parseContinuousTarget('log-wait'), 2);
    const decision = emptyDecision(new Float64Array(0));
    const seen: number[] = [];
    const at = (index: number, midTicks: number): number => {
      Object.assign(decision, { index, midTicks, tsNs: index });
      return stream.onDecision(decision, (_slot, d) => seen.push(d.index));
    };
    for (const index of [0, 1, 2]) at(index, 5);
    expect([stream.pending, stream.overflowed, stream.capacity]).toEqual([2, 1, 2]);
    at(3, 6);
    expect(seen).toEqual([1, 2]);
    expect(stream.meanSpan).toBe(1.5);
    expect(stream.lastOutcome).toBe(Math.log(1e-9));
    stream.reset();
    at(4, 7);
    expect([stream.dropped, stream.lastOutcome, seen.length]).toEqual([1, Number.NaN, 2]);
  });

  it('leaves the decision as it is, so that labels are made beside it', () => {
    const labels = new TargetStream(parseTarget('events:1'));
    const numbers = new ContinuousTargetStream(parseContinuousTarget('log-wait'));
    const decision = emptyDecision(new Float64Array(0));
    for (const [index, midTicks] of [5, 6, 6].entries()) {
      Object.assign(decision, { index, midTicks });
      labels.onDecision(decision, () => {});
      const before = { ...decision };
      numbers.onDecision(decision, () => {});
      expect(decision).toEqual(before);
    }
    expect(decision.lastLabel).toBe(1);
  });
});

describe('parseContinuousTarget', () => {
  it.each([
    ['', 'is no number to forecast; use log-wait'],
    ['events:10', 'is no number to forecast'],
    ['log-waits', 'is no number to forecast'],
    ['log-wait/vwap5', 'is no number to forecast'],
    ['imbalance@', 'is no target'],
    ['imbalance@events:0', 'the horizon must be'],
    ['imbalance@events:5/vwap5', 'an imbalance has a horizon and no price'],
    ['imbalance@events:5/ticks:1', 'an imbalance has a horizon and no price'],
    ['imbalance@next-change:once', 'no :once; leave them out'],
  ])('refuses %j', (text, message) => {
    expect(() => parseContinuousTarget(text)).toThrow(message);
  });
});
