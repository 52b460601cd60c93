import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EarlyStopping } from '../../../src/models/training/early-stopping.ts';

describe('EarlyStopping', () => {
  it('stops after so many epochs without a lower score', () => {
    const stopping = new EarlyStopping(2);
    expect([1, 0.9, 0.95, 0.9].map((score, epoch) => [stopping.offer(score, epoch), stopping.stops])).toEqual([
      [true, false],
      [true, false],
      [false, false],
      [false, true],
    ]);
    expect(stopping.state()).toEqual({ best: 0.9, bestEpoch: 1, worse: 2 });
  });

  it('counts a score as lower only beyond minDelta, and never a NaN', () => {
    const stopping = new EarlyStopping(5, 0.1);
    expect(stopping.offer(Number.NaN, 0)).toBe(false);
    expect(stopping.state()).toEqual({ best: null, bestEpoch: -1, worse: 1 });
    expect(stopping.offer(1, 1)).toBe(true);
    expect(stopping.offer(0.95, 2)).toBe(false);
    expect(stopping.offer(0.89, 3)).toBe(true);
  });

  it('goes on from its state as if it had never stopped', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 2 }), { maxLength: 20 }),
        fc.nat(20),
        fc.integer({ min: 1, max: 4 }),
        (scores, cut, patience) => {
          const whole = new EarlyStopping(patience, 0.01);
          let parted = new EarlyStopping(patience, 0.01);
          scores.forEach((score, epoch) => {
            if (epoch === cut) {
              const state = JSON.parse(JSON.stringify(parted.state()));
              parted = new EarlyStopping(patience, 0.01);
              parted.restore(state);
            }
            expect(parted.offer(score, epoch)).toBe(whole.offer(score, epoch));
            expect(parted.stops).toBe(whole.stops);
          });
          expect(parted.state()).toEqual(whole.state());
        },
      ),
    );
  });
});
