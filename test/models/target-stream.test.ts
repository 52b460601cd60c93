import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../src/core/index.ts';
import { emptyDecision, parseTarget, TargetStream } from '../../src/models/index.ts';
import { batchLabels, randomWalk, resolveAll, type Step } from './support.ts';

const TARGETS = ['events:1', 'events:7', 'time:1', 'time:40', 'next-change'];

const stepsArbitrary = fc
  .array(fc.record({ gapNs: fc.integer({ min: 0, max: 4_000_000 }), move: fc.integer({ min: -2, max: 2 }) }), {
    minLength: 1,
    maxLength: 60,
  })
  .map((parts) => {
    let tsNs = 0;
    let midTicks = 100;
    return parts.map(({ gapNs, move }): Step => {
      tsNs += gapNs;
      midTicks += move / 2;
      return { tsNs, midTicks };
    });
  });

describe.each(TARGETS)('labels of %s', (text) => {
  const target = parseTarget(text);

  it('are the batch labels, in the order of the decisions', () => {
    fc.assert(
      fc.property(stepsArbitrary, (steps) => {
        const streamed = resolveAll(target, steps);
        expect(streamed.map((r) => r.index)).toEqual(streamed.map((_, i) => i));
        const batch = batchLabels(target, steps);
        expect(steps.map((_, i) => streamed[i]?.label ?? null)).toEqual(batch);
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
        ...other.slice(cut).map((step) => ({ tsNs: step.tsNs + steps[cut].tsNs, midTicks: step.midTicks + 40 })),
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
});
