import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatSteps, MAX_EXACT, parseDecimal } from '../../src/core/index.ts';
import { Checksum } from '../../src/market/book-checksum.ts';
import {
  BookSync,
  checksumVerifier,
  type Effect,
  type EventBatch,
  EventFlag,
  EventKind,
  type Instrument,
  LadderBook,
  priceStep,
  Side,
  SyncState,
  sizeStep,
} from '../../src/market/index.ts';
import { checked, delta, fault, instrumentWith, type LevelTuple, single, snapshot } from './messages.ts';

/** docs.kraken.com, "Book checksum (WebSocket v2)", the example of BTC/USD. */
const ASKS = `45285.2/0.00100000 45286.4/1.54571953 45286.6/1.54571109 45289.6/1.54560911 45290.2/0.15890660
45291.8/1.54553491 45294.7/0.04454749 45296.1/0.35380000 45297.5/0.09945542 45299.5/0.18772827`;
const BIDS = `45283.5/0.10000000 45283.4/1.54582015 45282.1/0.10000000 45281.0/0.10000000 45280.3/1.54592586
45279.0/0.07990000 45277.6/0.03310103 45277.5/0.30000000 45277.3/1.54602737 45276.6/0.15445238`;
const GOLDEN = 3310070434;

interface Wire {
  tickSize: string;
  lotSize: string;
  priceDecimals: number;
  sizeDecimals: number;
}

function instrumentOf({ tickSize, lotSize, priceDecimals, sizeDecimals }: Wire): Instrument {
  const checksum = { rule: 'kraken' as const, priceDecimals, sizeDecimals };
  return { ...instrumentWith('linked'), tickSize, lotSize, depthLimit: 10, checksum };
}

const BTC_USD = { tickSize: '0.1', lotSize: '0.00000001', priceDecimals: 1, sizeDecimals: 8 };

function fill(book: LadderBook, instrument: Instrument, side: Side, levels: string): void {
  for (const level of levels.split(/\s+/)) {
    const [price, size] = level.split('/');
    book.setLevel(side, parseDecimal(price, priceStep(instrument)), parseDecimal(size, sizeStep(instrument)));
  }
}

/** The rule as the venue words it, on text. */
function naiveText(wire: Wire, bids: readonly [number, number][], asks: readonly [number, number][]): string {
  const instrument = instrumentOf(wire);
  const written = (steps: number, unit: ReturnType<typeof priceStep>, decimals: number): string => {
    const [whole, fraction = ''] = formatSteps(steps, unit).split('.');
    return (whole + fraction.padEnd(decimals, '0')).replace(/^0+/, '');
  };
  const level = ([ticks, lots]: readonly [number, number]): string =>
    written(ticks, priceStep(instrument), wire.priceDecimals) + written(lots, sizeStep(instrument), wire.sizeDecimals);
  const best = [...asks].sort((a, b) => a[0] - b[0]).slice(0, 10);
  const highest = [...bids].sort((a, b) => b[0] - a[0]).slice(0, 10);
  return [...best, ...highest].map(level).join('');
}

const side = fc.uniqueArray(
  fc.tuple(fc.integer({ min: 1, max: 2 ** 31 - 1 }), fc.integer({ min: 1, max: MAX_EXACT })),
  { selector: ([ticks]) => ticks, maxLength: 15 },
);
const wires: fc.Arbitrary<Wire> = fc
  .record({ tick: fc.nat(8), lot: fc.nat(8), morePrice: fc.nat(4), moreSize: fc.nat(4) })
  .map(({ tick, lot, morePrice, moreSize }) => ({
    tickSize: tick === 0 ? '1' : `0.${'0'.repeat(tick - 1)}1`,
    lotSize: lot === 0 ? '1' : `0.${'0'.repeat(lot - 1)}1`,
    priceDecimals: tick + morePrice,
    sizeDecimals: lot + moreSize,
  }));

describe('the checksum of a book', () => {
  it('is the one of the venue’s own example', () => {
    const instrument = instrumentOf(BTC_USD);
    const book = new LadderBook();
    fill(book, instrument, Side.ASK, ASKS);
    fill(book, instrument, Side.BID, BIDS);
    expect(new Checksum(instrument).of(book)).toBe(GOLDEN);
    // What lies deeper does not count; what stands before does.
    book.setLevel(Side.BID, 452765, 1);
    expect(new Checksum(instrument).of(book)).toBe(GOLDEN);
    book.setLevel(Side.BID, 452836, 1);
    expect(new Checksum(instrument).of(book)).not.toBe(GOLDEN);
  });

  it('is made of the very text that the naive rule makes, for any exact numbers and decimals', () => {
    fc.assert(
      fc.property(wires, side, side, (wire, bids, asks) => {
        const book = new LadderBook({ windowTicks: 64 });
        for (const [ticks, lots] of bids) book.setLevel(Side.BID, ticks, lots);
        for (const [ticks, lots] of asks) book.setLevel(Side.ASK, ticks, lots);
        const checksum = new Checksum(instrumentOf(wire));
        const expected = naiveText(wire, bids, asks);
        expect(checksum.textOf(book)).toBe(expected);
        expect(checksum.of(book)).toBe(crc32(expected));
      }),
      { numRuns: 300 },
    );
  });

  it('counts steps that are no powers of ten', () => {
    const wire = { tickSize: '0.25', lotSize: '5', priceDecimals: 3, sizeDecimals: 0 };
    const book = new LadderBook();
    book.setLevel(Side.ASK, 401, 3);
    expect(new Checksum(instrumentOf(wire)).textOf(book)).toBe('10025015');
  });

  it('leaves out what no book of the venue holds: the checksum then differs', () => {
    const checksum = new Checksum(instrumentOf(BTC_USD));
    const book = new LadderBook();
    book.setLevel(Side.BID, -5, 7);
    expect(checksum.textOf(book)).toBe('7');
  });
});

/** Ten levels a side around `mid`, and a book that follows by the rules. */
class Truth {
  readonly #book = new LadderBook();
  readonly #checksum: Checksum;
  #sequence = 0;

  constructor(instrument: Instrument) {
    this.#checksum = new Checksum(instrument);
  }

  send(levels: readonly LevelTuple[], make: (sequence: number) => EventBatch): EventBatch {
    for (const [of, ticks, lots] of levels) this.#book.setLevel(of, ticks, lots);
    this.#book.truncate(10);
    return checked(make(++this.#sequence), this.#checksum.of(this.#book));
  }

  snapshot(levels: readonly LevelTuple[]): EventBatch {
    this.#book.clear();
    return this.send(levels, (sequence) => snapshot(sequence, levels));
  }

  change(...levels: LevelTuple[]): EventBatch {
    return this.send(levels, (sequence) => delta(sequence - 1, sequence, levels));
  }
}

const LADDER: LevelTuple[] = [];
for (let i = 0; i < 10; i++) LADDER.push([Side.BID, 100 - i, 1 + i], [Side.ASK, 101 + i, 2 + i]);

function followed(): {
  truth: Truth;
  sync: BookSync<LadderBook>;
  take(batch: EventBatch): Effect;
  verifier: ReturnType<typeof checksumVerifier>;
} {
  const instrument = instrumentOf(BTC_USD);
  const sync = new BookSync(instrument, new LadderBook());
  const verifier = checksumVerifier(instrument);
  const take = (batch: EventBatch): Effect => {
    const effect = sync.applyMessage(batch, 0, batch.length);
    verifier.afterMessage(batch, 0, batch.length, sync.levels, sync.state === SyncState.SYNCED);
    return effect;
  };
  return { truth: new Truth(instrument), sync, take, verifier };
}

describe('checksumVerifier', () => {
  it('compares every message of a synced book, and says where the first differs', () => {
    const { truth, take, verifier } = followed();
    take(truth.snapshot(LADDER));
    take(truth.change([Side.BID, 99, 5]));
    expect(verifier.report()).toEqual({ checked: 2, mismatches: 0, firstMismatch: null });
    truth.change([Side.BID, 98, 50]);
    // The change before was lost on the way, and the numbers, which are ours, go on.
    const next = truth.change([Side.BID, 97, 5]);
    next.orderId[0] = 2;
    take(next);
    const { checked: count, mismatches, firstMismatch } = verifier.report();
    expect([count, mismatches]).toEqual([3, 1]);
    expect(firstMismatch).toMatch(/^as of message 4 the venue's checksum is \d+; ours is \d+, of "1012/);
  });

  it('compares no book that waits, nor one that the message did not change', () => {
    const { truth, take, verifier } = followed();
    take(truth.change([Side.BID, 99, 5]));
    take(truth.snapshot(LADDER));
    take(single(EventKind.TRADE, 9, [Side.BID, 101, 1]));
    take(checked(snapshot(1, []), 12345));
    take(checked(delta(0, 1, []), 12345));
    take(fault(1));
    take(checked(delta(2, 3, []), 12345));
    expect(verifier.report()).toEqual({ checked: 1, mismatches: 0, firstMismatch: null });
    const again = truth.snapshot(LADDER);
    again.sequence.fill(1);
    again.flags[0] |= EventFlag.RESTART;
    take(again);
    expect(verifier.report().checked).toBe(2);
  });
});
