import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_PRICE } from '../../src/core/index.ts';
import {
  BatchBuilder,
  bboVerifier,
  EventKind,
  type Instrument,
  instrumentKey,
  LadderBook,
  messageEnd,
  Side,
} from '../../src/market/index.ts';

const FUTURES: Instrument = {
  venue: 'test',
  name: 'ABC',
  tickSize: '0.5',
  lotSize: '1',
  sequencing: 'linked',
  burstQuietNs: 0,
  depthLimit: null,
};
const SPOT: Instrument = { ...FUTURES, sequencing: 'spanning' };

/** A quote of the venue, or a diff that sets the best bid's size; the best ask is 5 at 100 all the time. */
type Step = { quote: number; lots: number } | { diff: number; lots: number; synced?: boolean } | { snapshot: number };

const BID = 99;
const ASK = 100;

function run(instrument: Instrument, steps: readonly Step[]) {
  const book = new LadderBook();
  book.setLevel(Side.ASK, ASK, 5);
  const verifier = bboVerifier(instrument);
  const builder = new BatchBuilder(instrumentKey(instrument), 0);
  for (const step of steps) {
    if ('quote' in step) {
      builder.push(EventKind.BBO, Side.BID, step.lots === 0 ? NO_PRICE : BID, step.lots, 0, 0, step.quote, 0);
      builder.push(EventKind.BBO, Side.ASK, ASK, 5, 0, 0, step.quote, 0);
    } else if ('diff' in step) {
      builder.push(EventKind.DELTA, Side.NONE, NO_PRICE, 0, 0, 0, step.diff, step.diff - 1);
      builder.push(EventKind.LEVEL, Side.BID, BID, step.lots, 0, 0, step.diff, 0);
    } else {
      builder.push(EventKind.SNAPSHOT, Side.NONE, NO_PRICE, 0, 0, 0, step.snapshot, 0);
    }
    builder.endMessage();
    const batch = builder.finish()!;
    const end = messageEnd(batch, 0);
    for (let i = 0; i < end; i++) book.applyRow(batch, i);
    verifier.afterMessage(batch, 0, end, book, !('synced' in step) || step.synced === true);
  }
  return verifier.report();
}

describe('bboVerifier', () => {
  it('a quote of the book’s own id is compared at once, whichever comes first', () => {
    const quoteFirst: Step[] = [
      { quote: 7, lots: 3 },
      { diff: 7, lots: 3 },
    ];
    for (const steps of [quoteFirst, quoteFirst.toReversed()]) {
      expect(run(FUTURES, steps)).toMatchObject({ checked: 1, mismatches: 0 });
      expect(run(SPOT, steps)).toMatchObject({ checked: 1, mismatches: 0 });
    }
    expect(
      run(SPOT, [
        { quote: 7, lots: 4 },
        { diff: 7, lots: 3 },
      ]),
    ).toEqual({
      checked: 1,
      mismatches: 1,
      firstMismatch:
        "as of id 7 the book has bid 3 at 49.5, ask 5 at 50.0; the venue's quote of id 7 says bid 4 at 49.5, ask 5 at 50.0",
    });
  });

  it('where every change is quoted, the last quote up to the book’s id counts once a later one was seen', () => {
    const steps: Step[] = [
      { quote: 5, lots: 3 },
      { diff: 7, lots: 3 },
    ];
    expect(run(FUTURES, steps).checked).toBe(0);
    expect(run(FUTURES, [...steps, { quote: 9, lots: 1 }])).toMatchObject({ checked: 1, mismatches: 0 });
    expect(
      run(FUTURES, [
        { quote: 5, lots: 4 },
        { diff: 7, lots: 3 },
        { quote: 9, lots: 3 },
      ]).mismatches,
    ).toBe(1);
    // The quotes may run ahead of the book by many.
    const ahead: Step[] = [5, 6, 8, 9, 12].map((quote) => ({ quote, lots: quote }));
    expect(run(FUTURES, [...ahead, { diff: 7, lots: 6 }, { diff: 11, lots: 9 }])).toMatchObject({
      checked: 2,
      mismatches: 0,
    });
    // On spot a quote of another id proves nothing.
    expect(run(SPOT, [...ahead, { diff: 7, lots: 1 }, { diff: 9, lots: 9 }])).toMatchObject({
      checked: 1,
      mismatches: 0,
    });
  });

  it('an empty side equals a quote without a price', () => {
    expect(
      run(SPOT, [
        { quote: 7, lots: 0 },
        { diff: 7, lots: 0 },
      ]),
    ).toMatchObject({ checked: 1, mismatches: 0 });
    const { firstMismatch } = run(SPOT, [
      { quote: 7, lots: 0 },
      { diff: 7, lots: 1 },
    ]);
    expect(firstMismatch).toMatch(/says bid nothing, ask 5/);
  });

  it('a book that is not synced, a message passed over and a snapshot are not compared', () => {
    expect(
      run(SPOT, [
        { quote: 7, lots: 4 },
        { diff: 7, lots: 3, synced: false },
      ]).checked,
    ).toBe(0);
    expect(
      run(SPOT, [
        { diff: 8, lots: 3 },
        { quote: 7, lots: 4 },
        { diff: 7, lots: 3 },
      ]).checked,
    ).toBe(0);
    expect(
      run(SPOT, [{ snapshot: 7 }, { quote: 7, lots: 4 }, { diff: 6, lots: 3 }, { diff: 7, lots: 3 }]).checked,
    ).toBe(0);
  });

  it('starts over where the venue’s ids do', () => {
    const steps: Step[] = [
      { quote: 900, lots: 3 },
      { diff: 950, lots: 3 },
      { quote: 5, lots: 2 },
      { diff: 5, lots: 2 },
    ];
    expect(run(FUTURES, steps)).toMatchObject({ checked: 1, mismatches: 0 });
  });

  it('forgets the oldest of too many quotes, without a mismatch', () => {
    const many: Step[] = Array.from({ length: 70_000 }, (_, i) => ({ quote: i, lots: 1 + (i % 7) }));
    expect(run(FUTURES, [...many, { diff: 3, lots: 9 }, { diff: 69_000, lots: 1 + (69_000 % 7) }])).toMatchObject({
      checked: 1,
      mismatches: 0,
    });
  });

  it('any interleaving of two true streams has no mismatch, and one false size is found', () => {
    // The venue's best changes at every id that is quoted; diffs tell the state as of arbitrary ids.
    const scenario = fc.record({
      changes: fc.array(fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 9 })), {
        minLength: 2,
        maxLength: 30,
      }),
      gaps: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 30 }),
      order: fc.array(fc.boolean(), { minLength: 60, maxLength: 60 }),
      wrong: fc.nat(),
    });
    fc.assert(
      fc.property(scenario, ({ changes, gaps, order, wrong }) => {
        const quotes: { quote: number; lots: number }[] = [];
        for (const [gap, lots] of changes) quotes.push({ quote: (quotes.at(-1)?.quote ?? 0) + gap, lots });
        const diffs: { diff: number; lots: number }[] = [];
        for (const gap of gaps) {
          const diff = (diffs.at(-1)?.diff ?? 0) + gap;
          diffs.push({ diff, lots: quotes.findLast((q) => q.quote <= diff)?.lots ?? 1 });
        }
        const merge = (states: typeof diffs): Step[] => {
          const steps: Step[] = [];
          let q = 0;
          let d = 0;
          for (const turn of order) {
            if ((turn || d === states.length) && q < quotes.length) steps.push(quotes[q++]);
            else if (d < states.length) steps.push(states[d++]);
          }
          return [...steps, ...quotes.slice(q), ...states.slice(d)];
        };
        const first = quotes[0].quote;
        const last = quotes.at(-1)!.quote;
        const complete = diffs.filter(({ diff }) => diff >= first && diff <= last).length;
        const exact = diffs.filter(({ diff }) => quotes.some(({ quote }) => quote === diff)).length;
        expect(run(FUTURES, merge(diffs))).toMatchObject({ checked: complete, mismatches: 0 });
        expect(run(SPOT, merge(diffs))).toMatchObject({ checked: exact, mismatches: 0 });
        const k = wrong % diffs.length;
        const falsified = diffs.map((d, i) => (i === k ? { ...d, lots: d.lots + 10 } : d));
        const found = diffs[k].diff >= first && diffs[k].diff <= last ? 1 : 0;
        expect(run(FUTURES, merge(falsified)).mismatches).toBe(found);
      }),
    );
  });
});
