import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Agenda, Slot } from '../../../src/backtest/timeline/agenda.ts';
import { Channel } from '../../../src/backtest/timeline/channel.ts';
import { InFlight } from '../../../src/backtest/timeline/in-flight.ts';
import { VenueClock } from '../../../src/backtest/timeline/venue-clock.ts';
import { NS_PER_DAY } from '../../../src/core/index.ts';
import { BatchBuilder, EventKind, Fault, Side } from '../../../src/market/index.ts';

/** Times and, now and then, a wish to take the first out. */
const STEPS = fc.array(fc.option(fc.nat(50)), { maxLength: 4000 });

describe('a channel', () => {
  it.each([
    ['of orders', () => new Channel<number>()],
    ['of messages', () => new InFlight()],
  ])('%s gives out in the order of sending, never earlier than what went before', (_, create) => {
    fc.assert(
      fc.property(STEPS, (steps) => {
        const channel = create();
        const naive: { ns: number; item: number }[] = [];
        let lastNs = -1;
        steps.forEach((ns, item) => {
          if (ns !== null) {
            lastNs = Math.max(lastNs, ns);
            channel.push(ns, item);
            naive.push({ ns: lastNs, item });
          } else if (naive.length > 0) expect(channel.shift()).toBe(naive.shift()!.item);
          expect(channel.size).toBe(naive.length);
          expect(channel.nextNs).toBe(naive[0]?.ns ?? Number.POSITIVE_INFINITY);
        });
      }),
      { numRuns: 50 },
    );
  });

  it('grows while much is on the way', () => {
    const inFlight = new InFlight();
    for (let k = 0; k < 10; k++) inFlight.push(k, k);
    for (let k = 0; k < 10; k++) inFlight.shift();
    for (let k = 0; k < 5000; k++) inFlight.push(100 + k, k);
    for (let k = 0; k < 5000; k++) {
      expect(inFlight.nextNs).toBe(100 + k);
      expect(inFlight.shift()).toBe(k);
    }
  });
});

describe('the agenda', () => {
  it('knows the earliest, and the first in order of equals', () => {
    const agenda = new Agenda();
    expect([agenda.dueNs, agenda.slot]).toEqual([Number.POSITIVE_INFINITY, Slot.END]);
    agenda.set(Slot.TIMER, 5);
    agenda.set(Slot.LOOK, 4);
    expect([agenda.dueNs, agenda.slot]).toEqual([4, Slot.LOOK]);
    agenda.set(Slot.ORDERS, 5);
    agenda.set(Slot.LOOK, 5);
    expect([agenda.dueNs, agenda.slot, agenda.of(Slot.TIMER)]).toEqual([5, Slot.ORDERS, 5]);
  });
});

type Told = [kind: EventKind, eventNs: number, recvNs: number];

/** The clock's readings of messages of one row. */
function read(messages: readonly Told[], clock = new VenueClock(), day = 100): number[] {
  const builder = new BatchBuilder('test:TOY', day, 16);
  messages.forEach(([kind, eventNs, recvNs], k) => {
    builder.push(kind, Side.NONE, 0, Fault.HALT, eventNs, recvNs, k + 1, 0);
    builder.endMessage();
  });
  const batch = builder.finish()!;
  clock.enter(batch);
  return messages.map((_, i) => clock.read(batch, i));
}

describe("the venue's clock", () => {
  const { SNAPSHOT, LEVEL, FAULT } = EventKind;

  it('counts from the first midnight over days', () => {
    const clock = new VenueClock();
    expect(read([[LEVEL, 7, 8]], clock)).toEqual([7]);
    expect(read([[LEVEL, 5, 6]], clock, 102)).toEqual([2 * NS_PER_DAY + 5]);
    expect([clock.startDay, clock.startNs, clock.note]).toEqual([100, 7, null]);
  });

  it('takes no time of ours for the venue’s: snapshots and faults happen at the last time that the venue told', () => {
    // Our clock runs 2 s ahead: the snapshot of 5 s was taken at the venue's 3 s, and nothing is thrown.
    const clock = new VenueClock();
    const readings = read(
      [
        [SNAPSHOT, 5e9, 5e9],
        [LEVEL, 3e9, 5.1e9],
        [LEVEL, 6e9, 8.1e9],
        [FAULT, 9e9, 9e9],
        [SNAPSHOT, 9.5e9, 9.5e9],
        [LEVEL, 7e9, 9.6e9],
      ],
      clock,
    );
    expect(readings).toEqual([5e9, 5e9, 6e9, 6e9, 6e9, 7e9]);
    expect(clock.stepsBack).toBe(0);
  });

  it('does so where our clock runs behind, too', () => {
    const readings = read([
      [SNAPSHOT, 1e9, 1e9],
      [LEVEL, 3e9, 1.1e9],
      [FAULT, 1.2e9, 1.2e9],
      [LEVEL, 3.1e9, 1.3e9],
    ]);
    expect(readings).toEqual([1e9, 3e9, 3e9, 3.1e9]);
  });

  it('moves on with a halt where the stream has one clock', () => {
    expect(
      read([
        [SNAPSHOT, 1, 1],
        [FAULT, 5, 5],
        [LEVEL, 9, 9],
      ]),
    ).toEqual([1, 5, 9]);
  });

  it('says of one step back what it was', () => {
    const clock = new VenueClock();
    read(
      [
        [LEVEL, 5e6, 6e6],
        [LEVEL, 4e6, 7e6],
      ],
      clock,
    );
    expect(clock.note).toMatch(/^One message carries a venue time before one told already, by 1.000 ms at most/);
  });

  it.each([
    [
      'NaN',
      [
        [LEVEL, 1, 2],
        [LEVEL, Number.NaN, 3],
      ] as Told[],
      'is NaN, and a finite time was expected',
    ],
    [
      'minus infinity',
      [
        [LEVEL, 1, 2],
        [LEVEL, Number.NEGATIVE_INFINITY, 3],
      ] as Told[],
      'a finite time was expected',
    ],
    ['a time beyond what is exact', [[LEVEL, 2 ** 54, 3]] as Told[], 'more than 104 days after the first'],
    [
      'a step back of over five seconds',
      [
        [LEVEL, 7e9, 2],
        [LEVEL, 1.9e9, 3],
      ] as Told[],
      'is 5.100 s before one',
    ],
  ])('throws at %s', (_, messages, what) => {
    expect(() => read(messages)).toThrow(what);
  });
});
