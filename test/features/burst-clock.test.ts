import { describe, expect, it } from 'vitest';
import { BurstClock } from '../../src/features/index.ts';

const ends = (quietNs: number, times: readonly number[]): number[] => {
  const clock = new BurstClock(quietNs);
  return times.flatMap((ts, i) => (clock.endsBefore(ts) ? [i] : []));
};

describe('BurstClock', () => {
  it('without quiet ends a burst with its timestamp', () => {
    expect(ends(0, [5, 5, 5, 6, 7, 7])).toEqual([3, 4]);
  });

  it('with quiet ends a burst once nothing arrived for that long, counted from the last message', () => {
    // 4 after 0 and 8 after 4 are too soon; 13 comes exactly 5 after 8.
    expect(ends(5, [0, 4, 8, 13, 17, 30])).toEqual([3, 5]);
  });

  it('ends nothing before the first message, and nothing where time goes back', () => {
    expect(ends(0, [9])).toEqual([]);
    expect(ends(0, [9, 3, 9])).toEqual([2]);
  });

  it('forgets with reset', () => {
    const clock = new BurstClock(0);
    clock.endsBefore(1);
    clock.reset();
    expect(clock.endsBefore(2)).toBe(false);
    expect(clock.endsBefore(3)).toBe(true);
  });

  it('says early, and once, that a burst is over where nothing earlier can come', () => {
    const clock = new BurstClock(5);
    expect(clock.endedBy(100)).toBe(false);
    clock.endsBefore(0);
    expect(clock.endedBy(4)).toBe(false);
    expect(clock.endedBy(5)).toBe(true);
    expect(clock.endedBy(6)).toBe(false);
    // The next message would have ended it: it is not told twice.
    expect(clock.endsBefore(7)).toBe(false);
    expect(clock.endsBefore(20)).toBe(true);
  });

  it('refuses a negative quiet time', () => {
    expect(() => new BurstClock(-1)).toThrow('quietNs');
  });
});
