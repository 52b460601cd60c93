import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../src/core/index.ts';
import { emptyDecision, parseTarget, TargetStream } from '../../src/models/index.ts';
import { batchLabels, randomWalk, resolveAll, type Step } from './support.ts';

const TARGETS = [
  'events:1',
  'events:7',
  'time:1',
  'time:40',
  'volume:1',
  'volume:15',
  'next-change',
  'next-change:once',
  'events:5/vwap3',
  'events:5/ticks:1',
  'events:5/ticks:-0.5,1',
  'events:7/spread:0.5',
  'time:20/bps:60',
  'volume:9/vwap5/spread:0.25',
  'events:1+3ms',
  'events:7/vwap2+5ms',
  'time:7+3ms',
  'volume:4+3ms',
  'next-change+3ms',
  'next-change:once+3ms',
  'time:9/vwap5/ticks:0.25+4.5ms',
];

const stepsArbitrary = fc
  .array(
    fc.record({
      gapNs: fc.integer({ min: 0, max: 4_000_000 }),
      move: fc.integer({ min: -2, max: 2 }),
      lots: fc.integer({ min: 0, max: 9 }),
      lean: fc.integer({ min: -3, max: 3 }),
      spreadTicks: fc.integer({ min: 1, max: 4 }),
    }),
    { minLength: 1, maxLength: 60 },
  )
  .map((parts) => {
    let tsNs = 0;
    let midTicks = 100;
    let tradedLots = 0;
    return parts.map(({ gapNs, move, lots, lean, spreadTicks }): Step => {
      tsNs += gapNs;
      midTicks += move / 2;
      tradedLots += lots;
      return { tsNs, midTicks, tradedLots, spreadTicks, fairTicks: midTicks + lean / 7 };
    });
  });

describe.each(TARGETS)('labels of %s', (text) => {
  const target = parseTarget(text);

  it('are the batch labels, in the order of the decisions', () => {
    fc.assert(
      fc.property(stepsArbitrary, (steps) => {
        const streamed = resolveAll(target, steps);
        const order = streamed.map((r) => r.index);
        expect(order).toEqual(order.toSorted((a, b) => a - b));
        const labels = new Map(streamed.map(({ index, label }) => [index, label]));
        expect(labels.size).toBe(streamed.length);
        expect(steps.map((_, i) => labels.get(i) ?? null)).toEqual(batchLabels(target, steps));
      }),
      { numRuns: 40 },
    );
  });

  it('do not depend on what comes after they exist', () => {
    const random = new Random(7);
    for (let seed = 0; seed < 15; seed++) {
      const steps = randomWalk(seed, 120);
      const cut = 20 + random.below(80);
      const other = randomWalk(seed + 1000, 120);
      const swapped = [
        ...steps.slice(0, cut),
        ...other.slice(cut).map((step) => ({
          ...step,
          tsNs: step.tsNs + steps[cut].tsNs,
          midTicks: step.midTicks + 40,
          tradedLots: step.tradedLots! + steps[cut].tradedLots!,
        })),
      ];
      // Only what was emitted before the cut is compared.
      const known = (all: ReturnType<typeof resolveAll>) => all.filter((r) => r.at < cut);
      expect(known(resolveAll(target, swapped))).toEqual(known(resolveAll(target, steps)));
      expect(known(resolveAll(target, steps)).length).toBeGreaterThan(0);
    }
  });

  it('never come with the decision itself', () => {
    for (const { index, at } of resolveAll(target, randomWalk(3, 500))) expect(at).toBeGreaterThan(index);
  });
});

describe('TargetStream', () => {
  it('takes the mid in force at the horizon, known once a later decision arrives', () => {
    const steps: Step[] = [
      { tsNs: 0, midTicks: 10 },
      { tsNs: 4e6, midTicks: 11 },
      { tsNs: 5e6, midTicks: 9 },
      { tsNs: 5e6, midTicks: 12 },
      { tsNs: 5e6 + 1, midTicks: 1 },
    ];
    expect(resolveAll(parseTarget('time:5'), steps)).toEqual([{ index: 0, at: 4, label: 2 }]);
  });

  it('calls a quiet interval flat', () => {
    const steps: Step[] = [
      { tsNs: 0, midTicks: 10 },
      { tsNs: 60e9, midTicks: 20 },
    ];
    expect(resolveAll(parseTarget('time:100'), steps)).toEqual([{ index: 0, at: 1, label: 1 }]);
  });

  it('resolves all waiting decisions at the next change of the mid', () => {
    const mids = [5, 5, 5, 4.5, 4.5, 6];
    expect(
      resolveAll(
        parseTarget('next-change'),
        mids.map((midTicks, i) => ({ tsNs: i, midTicks })),
      ),
    ).toEqual([
      { index: 0, at: 3, label: 0 },
      { index: 1, at: 3, label: 0 },
      { index: 2, at: 3, label: 0 },
      { index: 3, at: 5, label: 1 },
      { index: 4, at: 5, label: 1 },
    ]);
  });

  it('keeps the decision as it was, in a slot of its own, and tells the last known label', () => {
    const stream = new TargetStream(parseTarget('events:2'));
    const decision = emptyDecision(new Float64Array(1));
    const slots: number[] = [];
    const seen: unknown[] = [];
    const lastLabels: number[] = [];
    [10, 11, 12, 10, 9].forEach((midTicks, index) => {
      Object.assign(decision, { index, tsNs: index, midTicks, spreadTicks: index + 1, imbalance: index / 10 });
      decision.row[0] = 100 + index;
      slots.push(
        stream.onDecision(decision, (slot, d, label) => {
          seen.push([slot, d.index, d.midTicks, d.spreadTicks, d.imbalance, d.lastLabel, d.row[0], label]);
        }),
      );
      lastLabels.push(decision.lastLabel);
    });
    expect(slots).toEqual([0, 1, 0, 1, 0]);
    expect(seen).toEqual([
      [0, 0, 10, 1, 0, -1, 100, 2],
      [1, 1, 11, 2, 0.1, -1, 101, 0],
      [0, 2, 12, 3, 0.2, 2, 102, 0],
    ]);
    expect(lastLabels).toEqual([-1, -1, 2, 0, 0]);
    expect(stream.pending).toBe(2);
    expect(stream.resolved).toBe(3);
    expect(stream.meanSpan).toBe(2);
  });

  it('gives up what a gap leaves undecided, and counts it', () => {
    const stream = new TargetStream(parseTarget('events:3'));
    const decision = emptyDecision(new Float64Array(0));
    const labelled: number[] = [];
    for (let index = 0; index < 10; index++) {
      if (index === 5) stream.reset();
      Object.assign(decision, { index, midTicks: index });
      stream.onDecision(decision, (_slot, d) => labelled.push(d.index));
      if (index === 5) expect(decision.lastLabel).toBe(-1);
    }
    expect(labelled).toEqual([0, 1, 5, 6]);
    expect(stream.dropped).toBe(3);
  });

  it('never compares mids across a gap', () => {
    for (const text of ['time:1', 'next-change']) {
      const stream = new TargetStream(parseTarget(text));
      const decision = emptyDecision(new Float64Array(0));
      let labels = 0;
      const at = (tsNs: number, midTicks: number): void => {
        Object.assign(decision, { tsNs, midTicks });
        stream.onDecision(decision, () => labels++);
      };
      at(0, 10);
      stream.reset();
      at(1e9, 20);
      expect([labels, stream.dropped, stream.pending]).toEqual([0, 1, 1]);
    }
  });

  it('gives up the oldest when full, and counts it', () => {
    const stream = new TargetStream(parseTarget('next-change'), 3);
    const decision = emptyDecision(new Float64Array(0));
    const labelled: number[] = [];
    [7, 7, 7, 7, 7, 8].forEach((midTicks, index) => {
      Object.assign(decision, { index, midTicks });
      stream.onDecision(decision, (_slot, d) => labelled.push(d.index));
    });
    expect(labelled).toEqual([2, 3, 4]);
    expect(stream.overflowed).toBe(2);
  });

  it('refuses a decision without a mid, and a capacity below the horizon', () => {
    const stream = new TargetStream(parseTarget('events:2'));
    const decision = { ...emptyDecision(new Float64Array(0)), midTicks: Number.NaN };
    expect(() => stream.onDecision(decision, () => {})).toThrow('a decision has a mid');
    expect(() => new TargetStream(parseTarget('events:2'), 1)).toThrow('keeps a horizon');
    expect(() => new TargetStream(parseTarget('time:2'), 0)).toThrow('at least one');
  });

  it('refuses a decision without what its target is made of', () => {
    const decision = { ...emptyDecision(new Float64Array(0)), midTicks: 5 };
    expect(() => new TargetStream(parseTarget('volume:2')).onDecision(decision, () => {})).toThrow(
      'how many lots traded',
    );
    expect(() => new TargetStream(parseTarget('events:2/vwap5')).onDecision(decision, () => {})).toThrow(
      'the price that its target is anchored at',
    );
  });

  it('refuses thresholds that are still to be learnt, and says what to do', () => {
    expect(() => new TargetStream(parseTarget('events:50/terciles'))).toThrow(
      'the thresholds of events:50/terciles are quantiles of training rows, which have not been read: give numbers, such as ticks:-1,1.5',
    );
  });

  it('takes the price in force when the latency is over, and counts the horizon from there', () => {
    const steps: Step[] = [10, 11, 12, 13, 9, 9].map((midTicks, i) => ({ tsNs: i * 2e6, midTicks }));
    // 3 ms after the first decision the second one's mid, 11, is in force: one event later it is 12.
    expect(resolveAll(parseTarget('events:1+3ms'), steps)).toEqual([
      { index: 0, at: 2, label: 2 },
      { index: 1, at: 3, label: 2 },
      { index: 2, at: 4, label: 0 },
      { index: 3, at: 5, label: 1 },
    ]);
    // At the very end of the latency the new mid is in force.
    expect(resolveAll(parseTarget('events:1+2ms'), steps)[3]).toEqual({ index: 3, at: 5, label: 1 });
    expect(resolveAll(parseTarget('events:1+1.999999ms'), steps)[3]).toEqual({ index: 3, at: 4, label: 0 });
  });

  it('takes the first decision after a change alone, once a change', () => {
    const stream = new TargetStream(parseTarget('next-change:once'));
    const decision = emptyDecision(new Float64Array(0));
    const slots: number[] = [];
    const seen: number[][] = [];
    [5, 5, 6, 6, 6, 5, 4, 4].forEach((midTicks, index) => {
      Object.assign(decision, { index, midTicks });
      slots.push(stream.onDecision(decision, (_slot, d, label) => seen.push([d.index, label, d.span])));
    });
    expect(slots.map((slot) => slot >= 0)).toEqual([false, false, true, false, false, true, true, false]);
    expect(seen).toEqual([
      [2, 0, 1],
      [5, 0, 1],
    ]);
    expect(stream.meanSpan).toBe(1);
    // Behind a gap nobody knows whether the mid has just changed.
    stream.reset();
    Object.assign(decision, { index: 8, midTicks: 7 });
    expect(stream.onDecision(decision, () => {})).toBe(-1);
  });
});
