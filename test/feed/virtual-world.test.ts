import { describe, expect, it } from 'vitest';
import { Random } from '../../src/core/index.ts';
import { VirtualTime } from './virtual-world.ts';

describe('virtual time', () => {
  it('calls in the order of time, and of asking where times are equal', () => {
    const random = new Random(7);
    const time = new VirtualTime();
    const planned: { ms: number; n: number }[] = [];
    const called: { ms: number; n: number }[] = [];
    for (let n = 0; n < 500; n++) {
      const ms = random.below(50);
      const cancel = time.after(ms, () => called.push({ ms, n }));
      if (random.bernoulli(0.2)) {
        cancel();
        cancel();
      } else planned.push({ ms, n });
    }
    expect(time.pending).toBe(planned.length);
    time.runUntil(100);
    expect(called).toEqual(planned.sort((a, b) => a.ms - b.ms || a.n - b.n));
    expect(time.pending).toBe(0);
    expect(time.elapsedMs).toBe(100);
    expect(time.step()).toBe(false);
  });

  it('runs what is asked for meanwhile, and no further than told', () => {
    const time = new VirtualTime(1_000_000);
    let ticks = 0;
    const tick = (): void => {
      ticks++;
      time.after(10, tick);
    };
    time.after(10, tick);
    time.runUntil(95);
    expect(ticks).toBe(9);
    time.runFor(5);
    expect(ticks).toBe(10);
    expect(time.nowMs()).toBe(1_000_100);
  });

  it('lets the wall clock jump while timers and the monotonic clock do not', () => {
    const time = new VirtualTime(5_000_000);
    let at = -1;
    time.after(100, () => {
      at = time.monotonicNs();
    });
    time.jumpWallClock(-3_600_000);
    expect(time.nowMs()).toBe(1_400_000);
    time.runUntil(100);
    expect(at).toBe(100e6);
    expect(time.nowMs()).toBe(1_400_100);
  });
});
