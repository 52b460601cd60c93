import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BookcastError } from '../../src/core/index.ts';
import {
  BatchBuilder,
  copyMessages,
  EventBatch,
  EventFlag,
  EventKind,
  messageEnd,
  Side,
} from '../../src/market/index.ts';

const COLUMNS = [
  'kind',
  'side',
  'flags',
  'priceTicks',
  'sizeLots',
  'tsEventNs',
  'tsRecvNs',
  'sequence',
  'orderId',
] as const;

const event = fc.record({
  kind: fc.constantFrom(...Object.values(EventKind)),
  side: fc.constantFrom(...Object.values(Side)),
  priceTicks: fc.integer(),
  sizeLots: fc.maxSafeNat(),
  tsEventNs: fc.maxSafeInteger(),
  tsRecvNs: fc.maxSafeInteger(),
  sequence: fc.maxSafeNat(),
  orderId: fc.maxSafeNat(),
  flags: fc.constantFrom(0, EventFlag.REVEALED, EventFlag.HIDDEN),
});
type Event = typeof event extends fc.Arbitrary<infer T> ? T : never;

function pushAll(builder: BatchBuilder, events: readonly Event[]): void {
  for (const e of events) {
    builder.push(e.kind, e.side, e.priceTicks, e.sizeLots, e.tsEventNs, e.tsRecvNs, e.sequence, e.orderId);
    builder.flag(e.flags);
  }
}

function one(instrument = 'test:ABC'): EventBatch {
  const builder = new BatchBuilder(instrument, 15512);
  builder.push(EventKind.TRADE, Side.BID, 100, 1, 2, 3, 4, 5);
  builder.endMessage();
  return builder.finish() as EventBatch;
}

/** The error of reading bytes that are no batch. */
function refusal(buffer: ArrayBuffer): BookcastError {
  try {
    EventBatch.from(buffer);
  } catch (error) {
    if (error instanceof BookcastError) return error;
    throw error;
  }
  throw new Error('the bytes were taken for a batch');
}

describe('a lent batch', () => {
  const builder = (): BatchBuilder => {
    const rows = new BatchBuilder('sim:LENT', 20000, 8);
    for (let i = 0; i < 5; i++) {
      rows.push(EventKind.LEVEL, Side.ASK, 100 + i, 10 * i, i, i + 0.5, 7 + i, 0);
      rows.endMessage();
    }
    return rows;
  };

  it('has the rows of a finished one, and copies to the same bytes', () => {
    const lent = builder().lend()!;
    const finished = builder().finish()!;
    expect(lent.length).toBe(5);
    for (const column of [
      'tsEventNs',
      'tsRecvNs',
      'sequence',
      'sizeLots',
      'priceTicks',
      'kind',
      'side',
      'flags',
    ] as const) {
      expect(lent[column]).toEqual(finished[column]);
    }
    expect(new Uint8Array(copyMessages(lent, 0, 5).buffer)).toEqual(new Uint8Array(finished.buffer));
    expect(copyMessages(lent, 1, 3).priceTicks).toEqual(Int32Array.of(101, 102));
  });

  it('has no bytes of its own to post or to store', () => {
    expect(() => builder().lend()!.buffer).toThrow('a lent batch is copied before its bytes leave');
  });

  it('is what the next rows are written over', () => {
    const rows = builder();
    const lent = rows.lend()!;
    rows.push(EventKind.TRADE, Side.BID, 555, 1, 0, 0, 99, 0);
    expect(lent.priceTicks[0]).toBe(555);
    expect(new BatchBuilder('sim:LENT', 20000).lend()).toBe(null);
  });
});

describe('EventBatch', () => {
  it('is the same after a journey as bytes, whatever its name, day and length', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.integer({ min: -9000, max: 90000 }),
        fc.array(event, { minLength: 1, maxLength: 20 }),
        (name, day, events) => {
          const builder = new BatchBuilder(name, day, 2);
          pushAll(builder, events);
          builder.endMessage();
          const batch = builder.finish() as EventBatch;
          const read = EventBatch.from(batch.buffer.slice());
          expect([read.instrument, read.day, read.length]).toEqual([name, day, events.length]);
          for (const column of COLUMNS) {
            const sent = events.map((e) => e[column]);
            if (column === 'flags') sent[sent.length - 1] |= EventFlag.MESSAGE_END;
            expect([...read[column]]).toEqual(sent);
          }
        },
      ),
      { seed: 1, numRuns: 60 },
    );
  });

  it('is a view of its bytes, not a copy', () => {
    const batch = one();
    expect(EventBatch.from(batch.buffer).buffer).toBe(batch.buffer);
    expect(batch.kind.buffer).toBe(batch.buffer);
  });

  it('refuses bytes that were cut, whatever is left of them', () => {
    const { buffer } = one();
    for (let length = 0; length < buffer.byteLength; length++) {
      const error = refusal(buffer.slice(0, length));
      expect(error.code).toBe('bad-input');
      expect(error.message).toMatch(/^not an event batch: \d+ bytes/);
    }
  });

  it('refuses bytes of another kind, and bytes too many', () => {
    const text = new TextEncoder().encode('{"stream":"btcusdt@depth@0ms","data":{}}').buffer;
    expect(refusal(text).message).toContain('does not begin with "BKCB"');
    const { buffer } = one();
    const longer = new ArrayBuffer(buffer.byteLength + 8);
    new Uint8Array(longer).set(new Uint8Array(buffer));
    expect(refusal(longer).message).toContain('for 1 events');
    // A length whose bytes no 32-bit number holds.
    new DataView(buffer).setUint32(12, 0xffffffff, true);
    expect(refusal(buffer).message).toContain('for 4294967295 events');
  });

  it('refuses another version, and says which it reads', () => {
    const { buffer } = one();
    new DataView(buffer).setUint32(4, 9, true);
    const error = refusal(buffer);
    expect(error.code).toBe('unsupported-version');
    expect(error.message).toBe('an event batch of version 9; this bookcast reads version 1');
  });
});

describe('BatchBuilder', () => {
  it('grows past its capacity rather than split a message', () => {
    const builder = new BatchBuilder('test:ABC', 0, 4);
    for (let i = 0; i < 100; i++) builder.push(EventKind.LEVEL, Side.ASK, i, i, i, i, i, i);
    expect(builder.full).toBe(true);
    builder.endMessage();
    const batch = builder.finish() as EventBatch;
    expect(batch.length).toBe(100);
    expect([...batch.priceTicks]).toEqual(Array.from({ length: 100 }, (_, i) => i));
  });

  it('starts anew after it handed out a batch, and leaves that batch alone', () => {
    const builder = new BatchBuilder('test:ABC', 0);
    pushAll(builder, []);
    expect(builder.finish()).toBeNull();
    builder.push(EventKind.LEVEL, Side.ASK, 1, 1, 1, 1, 1, 1);
    builder.flag(EventFlag.REVEALED);
    builder.endMessage();
    const first = builder.finish() as EventBatch;
    builder.push(EventKind.ADD, Side.BID, 2, 2, 2, 2, 2, 2);
    builder.endMessage();
    const second = builder.finish() as EventBatch;
    expect([first.length, first.priceTicks[0], first.flags[0]]).toEqual([
      1,
      1,
      EventFlag.REVEALED | EventFlag.MESSAGE_END,
    ]);
    // A row that is written over does not keep the flags of the one before.
    expect([second.length, second.priceTicks[0], second.flags[0]]).toEqual([1, 2, EventFlag.MESSAGE_END]);
  });

  it('makes room for rows that a decoder writes in place', () => {
    const builder = new BatchBuilder('test:ABC', 0, 2);
    builder.push(EventKind.LEVEL, Side.ASK, 7, 1, 1, 1, 1, 1);
    const rows = builder.reserve(20);
    for (let i = 0; i < 20; i++) rows.priceTicks[builder.length++] = i;
    builder.endMessage();
    const batch = builder.finish() as EventBatch;
    expect([...batch.priceTicks]).toEqual([7, ...Array.from({ length: 20 }, (_, i) => i)]);
  });

  it('drops a message that turned out unreadable halfway', () => {
    const builder = new BatchBuilder('test:ABC', 0);
    builder.push(EventKind.LEVEL, Side.ASK, 1, 1, 1, 1, 1, 1);
    builder.endMessage();
    const whole = builder.length;
    builder.push(EventKind.LEVEL, Side.ASK, 2, 2, 2, 2, 2, 2);
    builder.rewind(whole);
    expect((builder.finish() as EventBatch).length).toBe(1);
    expect(() => builder.rewind(5)).toThrow('earlier row');
  });

  it('hands out whole messages only', () => {
    const builder = new BatchBuilder('test:ABC', 0);
    expect(() => builder.flag(1)).toThrow('an event to flag');
    builder.push(EventKind.LEVEL, Side.ASK, 1, 1, 1, 1, 1, 1);
    expect(() => builder.finish()).toThrow('whole message');
    expect(() => new BatchBuilder('test:ABC', 0, 0)).toThrow('at least one event');
  });
});

describe('messageEnd', () => {
  it('finds the row after each message', () => {
    const builder = new BatchBuilder('test:ABC', 0);
    for (const rows of [1, 3, 2]) {
      for (let i = 0; i < rows; i++) builder.push(EventKind.LEVEL, Side.BID, 1, 1, 1, 1, 1, 1);
      builder.endMessage();
    }
    const batch = builder.finish() as EventBatch;
    const ends: number[] = [];
    for (let at = 0; at < batch.length; ) {
      at = messageEnd(batch, at);
      ends.push(at);
    }
    expect(ends).toEqual([1, 4, 6]);
    expect(() => messageEnd(batch, 6)).toThrow('whole messages');
  });
});
