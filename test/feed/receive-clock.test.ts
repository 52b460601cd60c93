import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Meter } from '../../src/feed/meter.ts';
import { ReceiveClock } from '../../src/feed/receive-clock.ts';
import { VirtualTime } from './virtual-world.ts';

const NOON_NS = 12 * 3600 * 1e9;

describe('the time of receipt', () => {
  it('counts from the day, by the monotonic clock', () => {
    const time = new VirtualTime();
    const clock = new ReceiveClock(time, undefined, () => {});
    expect(clock.now()).toBe(NOON_NS);
    time.runFor(1234.5);
    expect(clock.now()).toBe(NOON_NS + 1_234_500_000);
    expect(clock.epochMs()).toBe(time.nowMs());
    const yesterday = new ReceiveClock(time, clock.day - 1, () => {});
    expect(yesterday.now()).toBe(NOON_NS + 86_400e9 + 1_234_000_000);
  });

  it('follows a clock that is set forward, tells it once, and never goes back', () => {
    const time = new VirtualTime();
    const notes: string[] = [];
    const clock = new ReceiveClock(time, undefined, (line) => notes.push(line));
    time.runFor(2000);
    time.jumpWallClock(3_600_000);
    for (let n = 0; n < 5; n++) {
      time.runFor(1500);
      clock.now();
    }
    expect(notes).toEqual([expect.stringMatching(/set forward by 3600\.0 s/)]);
    expect(clock.now()).toBe(NOON_NS + 3_600e9 + 9.5e9);
    time.jumpWallClock(-60_000);
    for (let n = 0; n < 5; n++) {
      time.runFor(1500);
      clock.now();
    }
    expect(notes.slice(1)).toEqual([expect.stringMatching(/set back by 60\.0 s/)]);
    expect(clock.now()).toBe(NOON_NS + 3_600e9 + 17e9);
    // Set right again, halfway and then wholly: halfway is still behind.
    time.jumpWallClock(30_000);
    time.runFor(2000);
    clock.now();
    expect(notes[2]).toMatch(/set forward by 30\.0 s; .* as before/);
    time.jumpWallClock(30_500);
    time.runFor(2000);
    expect(clock.now()).toBe(NOON_NS + 3_600e9 + 21.5e9);
    expect(notes.length).toBe(4);
  });

  it('takes no notice of what is less than a second', () => {
    const time = new VirtualTime();
    const clock = new ReceiveClock(time, undefined, () => expect.unreachable());
    time.jumpWallClock(900);
    time.runFor(5000);
    expect(clock.now()).toBe(NOON_NS + 5e9);
  });

  it('never goes back, whatever the wall clock does', () => {
    const step = fc.record({
      waitMs: fc.nat(3000),
      jumpMs: fc.integer({ min: -20_000, max: 20_000 }),
      jumps: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const time = new VirtualTime();
        const clock = new ReceiveClock(time, undefined, () => {});
        let last = clock.now();
        for (const { waitMs, jumpMs, jumps } of steps) {
          if (jumps) time.jumpWallClock(jumpMs);
          time.runFor(waitMs);
          const now = clock.now();
          expect(now - last).toBeGreaterThanOrEqual(waitMs * 1e6);
          last = now;
        }
      }),
    );
  });
});

describe('the meter', () => {
  it('gives rates of the last ten whole seconds, and the shortest delay of the last minute', () => {
    const meter = new Meter();
    expect(meter.rates(0)).toEqual({ messages: 0, events: 0, bytes: 0 });
    expect(meter.skewMs(0)).toBeNull();
    // 4 messages of 5 events and 100 bytes a second, for 30 s; the shortest delay is in the tenth second.
    for (let k = 0; k < 120; k++) {
      const ns = k * 0.25e9;
      meter.message(ns, 5, k === 40 ? -2e6 : 8e6 + k);
      meter.bytes(ns, 100);
    }
    expect(meter.rates(30e9)).toEqual({ messages: 4, events: 20, bytes: 400 });
    expect(meter.skewMs(30e9)).toBe(-2);
    expect(meter.rates(35e9)).toEqual({ messages: 2, events: 10, bytes: 200 });
    expect(meter.skewMs(68e9)).toBe(-2);
    expect(meter.skewMs(75e9)).toBeCloseTo(8, 3);
    expect(meter.skewMs(300e9)).toBeNull();
    expect(meter.rates(300e9)).toEqual({ messages: 0, events: 0, bytes: 0 });
  });

  it('does not divide what it has seen by seconds that it has not', () => {
    const meter = new Meter();
    for (let k = 0; k < 6; k++) meter.message(100e9 + k * 0.5e9, 1, Number.POSITIVE_INFINITY);
    expect(meter.rates(100.9e9 + 2e9).messages).toBe(2);
    const young = new Meter();
    young.message(5e9, 3, Number.POSITIVE_INFINITY);
    expect(young.rates(5.5e9)).toEqual({ messages: 1, events: 3, bytes: 0 });
    expect(young.skewMs(5.5e9)).toBeNull();
  });
});
