import { isUtf8 } from 'node:buffer';
import { assert, BookcastError, MAX_EXACT } from '../core/index.ts';

/** What an event is. The comment says which columns it uses besides the times, the sequence and the flags. */
export const EventKind = {
  /** The size resting at a price is now `sizeLots`; 0 removes the level. side, priceTicks, sizeLots. */
  LEVEL: 0,
  /** An order of `sizeLots` rests, last in its queue. side, priceTicks, sizeLots, orderId. */
  ADD: 1,
  /** An order loses `sizeLots` and keeps its place; at 0 it is gone. side, priceTicks, sizeLots, orderId. */
  CANCEL: 2,
  /** An order is gone; `sizeLots` is what remained of it. side, priceTicks, sizeLots, orderId. */
  DELETE: 3,
  /** A resting order traded `sizeLots`; the aggressor is on the other side. side (resting), priceTicks, sizeLots, orderId. */
  EXECUTE: 4,
  /** A trade print that does not itself change the book. side (the aggressor's: BID bought, ASK sold, NONE unknown), priceTicks, sizeLots, orderId (trade id or 0). */
  TRADE: 5,
  /** The venue's own best quote, for verification only: no book applies it. side, priceTicks, sizeLots. */
  BBO: 6,
  /** Head of a message that replaces the book: the LEVEL or ADD events up to its end are the whole book as of `sequence`. */
  SNAPSHOT: 7,
  /** Head of a message that changes the book: it covers ids after `orderId` (the previous id) up to `sequence`. */
  DELTA: 8,
  /** A market fault, code in sizeLots (`Fault`). */
  FAULT: 9,
  /** The venue's checksum of its book after this message, in sizeLots: for verification (`Instrument.checksum`), no book applies it. */
  CHECKSUM: 10,
} as const;
export type EventKind = (typeof EventKind)[keyof typeof EventKind];

/** Book side of LEVEL, ADD … BBO; aggressor of TRADE. */
export const Side = { BID: 0, ASK: 1, NONE: 2 } as const;
export type Side = (typeof Side)[keyof typeof Side];

/** Bits of the `flags` column. */
export const EventFlag = {
  /** The last event of a venue's message. Every message ends with it, and no message spans two batches. */
  MESSAGE_END: 1,
  /** A LEVEL whose size the messages could not tell, because it just came into the venue's window of levels. */
  REVEALED: 2,
  /** A LEVEL of size 0 that did not empty: it left the venue's window and is unknown from here on. */
  HIDDEN: 4,
  /** On a SNAPSHOT: the venue's numbers begin anew with it (another connection), so it is not old however low its number. */
  RESTART: 8,
} as const;

/** Faults of the market or the feed, carried in order with the events. */
export const Fault = {
  GAP: 1,
  CROSSED: 2,
  STALE: 3,
  DISCONNECT: 4,
  HALT: 5,
  RESUME: 6,
  OVERFLOW: 7,
  UNPARSABLE: 8,
  CHECKSUM: 9,
} as const;
export type Fault = (typeof Fault)[keyof typeof Fault];

const MAGIC = 0x42434b42; // "BKCB" read as a little-endian word
const VERSION = 1;
/** magic u32, version u32, day i32, length u32, instrument's bytes u32, reserved u32; then the instrument, padded to 8. */
const HEADER_BYTES = 24;
const ROW_BYTES = 5 * 8 + 4 + 3;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function keyBytes(length: number): number {
  return Math.ceil(length / 8) * 8;
}

function bufferBytes(keyLength: number, length: number): number {
  return Math.ceil((HEADER_BYTES + keyBytes(keyLength) + length * ROW_BYTES) / 8) * 8;
}

/**
 * Market events in columns over one little-endian `ArrayBuffer`: the value passed between rooms, posted to a worker and
 * written to a tape. Rows stand in order of arrival. A batch is immutable once built; a lent one (`BatchBuilder.lend`) until
 * its reader asks for the next.
 *
 * Layout: header, instrument key, then `tsEventNs, tsRecvNs, sequence, orderId, sizeLots` (f64), `priceTicks` (i32),
 * `kind, side, flags` (u8), each `length` long.
 */
export class EventBatch {
  readonly #buffer: ArrayBuffer;
  readonly #lent: boolean;
  /** `venue:NAME`. */
  readonly instrument: string;
  /** Days since 1970-01-01 UTC; the times count from its midnight. */
  readonly day: number;
  readonly length: number;
  /** When the venue says that it happened, ns since the day. */
  readonly tsEventNs: Float64Array;
  /** When we received it, ns since the day, on our own clock. */
  readonly tsRecvNs: Float64Array;
  /** The message's last sequence number, on every one of its rows. */
  readonly sequence: Float64Array;
  readonly orderId: Float64Array;
  readonly sizeLots: Float64Array;
  /** `NO_PRICE` where the event has none. */
  readonly priceTicks: Int32Array;
  readonly kind: Uint8Array;
  readonly side: Uint8Array;
  readonly flags: Uint8Array;

  /** Columns of `length` rows at every `capacity` places from byte `start` on. */
  private constructor(
    buffer: ArrayBuffer,
    instrument: string,
    day: number,
    length: number,
    start: number,
    capacity = length,
    lent = false,
  ) {
    this.#buffer = buffer;
    this.#lent = lent;
    this.instrument = instrument;
    this.day = day;
    this.length = length;
    let at = start;
    const f64 = (): Float64Array => {
      const column = new Float64Array(buffer, at, length);
      at += 8 * capacity;
      return column;
    };
    this.tsEventNs = f64();
    this.tsRecvNs = f64();
    this.sequence = f64();
    this.orderId = f64();
    this.sizeLots = f64();
    this.priceTicks = new Int32Array(buffer, at, length);
    at += 4 * capacity;
    this.kind = new Uint8Array(buffer, at, length);
    this.side = new Uint8Array(buffer, at + capacity, length);
    this.flags = new Uint8Array(buffer, at + 2 * capacity, length);
  }

  /** The batch's bytes: what is posted, stored and sent. A lent batch has none of its own: copy it with `copyMessages`. */
  get buffer(): ArrayBuffer {
    assert(!this.#lent, 'a lent batch is copied before its bytes leave');
    return this.#buffer;
  }

  /** The first `length` rows of this batch over the same memory, to be read before the memory is written again. */
  lend(length: number): EventBatch {
    const start = this.tsEventNs.byteOffset;
    return new EventBatch(this.#buffer, this.instrument, this.day, length, start, this.length, true);
  }

  /** An empty, zeroed batch of fixed length for a builder to fill. */
  static allocate(instrument: string, day: number, length: number): EventBatch {
    const key = encoder.encode(instrument);
    const buffer = new ArrayBuffer(bufferBytes(key.length, length));
    const view = new DataView(buffer);
    view.setUint32(0, MAGIC, true);
    view.setUint32(4, VERSION, true);
    view.setInt32(8, day, true);
    view.setUint32(12, length, true);
    view.setUint32(16, key.length, true);
    new Uint8Array(buffer, HEADER_BYTES, key.length).set(key);
    return new EventBatch(buffer, instrument, day, length, HEADER_BYTES + keyBytes(key.length));
  }

  /**
   * Columns of `length` rows in the caller's memory, from byte `start` on (a multiple of 8), in the order of the layout: for a
   * builder to fill. It has no bytes of its own, like a lent batch.
   */
  static over(buffer: ArrayBuffer, start: number, instrument: string, day: number, length: number): EventBatch {
    return new EventBatch(buffer, instrument, day, length, start, length, true);
  }

  /** A view of bytes that `buffer` once held, without a copy. Throws `bad-input` where they are no whole batch. */
  static from(buffer: ArrayBuffer): EventBatch {
    const fail = (what: string): never => {
      throw new BookcastError('bad-input', `not an event batch: ${what}`);
    };
    if (buffer.byteLength < HEADER_BYTES) fail(`${buffer.byteLength} bytes, and the header alone has ${HEADER_BYTES}`);
    const view = new DataView(buffer);
    if (view.getUint32(0, true) !== MAGIC) fail('it does not begin with "BKCB"');
    const version = view.getUint32(4, true);
    if (version !== VERSION) {
      throw new BookcastError(
        'unsupported-version',
        `an event batch of version ${version}; this bookcast reads version ${VERSION}`,
      );
    }
    const length = view.getUint32(12, true);
    const keyLength = view.getUint32(16, true);
    if (buffer.byteLength !== bufferBytes(keyLength, length)) {
      fail(`${buffer.byteLength} bytes, expected ${bufferBytes(keyLength, length)} for ${length} events`);
    }
    const key = new Uint8Array(buffer, HEADER_BYTES, keyLength);
    if (!isUtf8(key)) fail("its instrument's name is no UTF-8");
    return new EventBatch(
      buffer,
      decoder.decode(key),
      view.getInt32(8, true),
      length,
      HEADER_BYTES + keyBytes(keyLength),
    );
  }
}

/**
 * Collects events and hands them out as batches. Reused: `finish` copies the rows out and starts anew. Grows when a
 * single message (a deep snapshot) is larger than the capacity, so that no message is ever split.
 */
export class BatchBuilder {
  readonly instrument: string;
  readonly day: number;
  length = 0;
  #rows: EventBatch;
  #capacity: number;

  /** Collects in `rows`, of at least `capacity`, where given. */
  constructor(instrument: string, day: number, capacity = 4096, rows?: EventBatch) {
    assert(capacity > 0, 'a builder holds at least one event');
    this.instrument = instrument;
    this.day = day;
    this.#capacity = capacity;
    this.#rows = rows ?? EventBatch.allocate(instrument, day, capacity);
  }

  /** True once the batch should be handed out at the next end of a message. */
  get full(): boolean {
    return this.length >= this.#capacity * 0.75;
  }

  push(
    kind: EventKind,
    side: Side,
    priceTicks: number,
    sizeLots: number,
    tsEventNs: number,
    tsRecvNs: number,
    sequence: number,
    orderId: number,
  ): void {
    if (this.length === this.#rows.length) this.#grow();
    const rows = this.#rows;
    const i = this.length++;
    rows.kind[i] = kind;
    rows.side[i] = side;
    rows.flags[i] = 0;
    rows.priceTicks[i] = priceTicks;
    rows.sizeLots[i] = sizeLots;
    rows.tsEventNs[i] = tsEventNs;
    rows.tsRecvNs[i] = tsRecvNs;
    rows.sequence[i] = sequence;
    rows.orderId[i] = orderId;
  }

  /**
   * Room for `n` more rows, which a hot decoder writes in place, every column of them, from row `length` on; it then
   * sets `length`. The rows returned are good until the next call of any method.
   */
  reserve(n: number): EventBatch {
    while (this.length + n > this.#rows.length) this.#grow();
    return this.#rows;
  }

  /** Pushes rows [from, to) of a batch, a few at a time: loops, since the engine's own copying takes long to begin. */
  append(batch: EventBatch, from: number, to: number): void {
    const rows = this.reserve(to - from);
    const shift = this.length - from;
    const { priceTicks, sizeLots, tsEventNs, tsRecvNs, sequence, orderId, kind, side, flags } = batch;
    for (let i = from; i < to; i++) {
      rows.priceTicks[i + shift] = priceTicks[i];
      rows.sizeLots[i + shift] = sizeLots[i];
    }
    for (let i = from; i < to; i++) {
      rows.tsEventNs[i + shift] = tsEventNs[i];
      rows.tsRecvNs[i + shift] = tsRecvNs[i];
      rows.sequence[i + shift] = sequence[i];
      rows.orderId[i + shift] = orderId[i];
    }
    for (let i = from; i < to; i++) {
      rows.kind[i + shift] = kind[i];
      rows.side[i + shift] = side[i];
      rows.flags[i + shift] = flags[i];
    }
    this.length += to - from;
  }

  /** Sets bits on the event pushed last. */
  flag(bits: number): void {
    assert(this.length > 0, 'there is an event to flag');
    this.#rows.flags[this.length - 1] |= bits;
  }

  endMessage(): void {
    this.flag(EventFlag.MESSAGE_END);
  }

  /** Drops the events from row `length` on: a message that turned out unreadable halfway. */
  rewind(length: number): void {
    assert(length >= 0 && length <= this.length, 'a builder rewinds to an earlier row');
    this.length = length;
  }

  /** The events so far as a batch of their own, or null where there are none. */
  finish(): EventBatch | null {
    const lent = this.lend();
    return lent === null ? null : copyMessages(lent, 0, lent.length);
  }

  /**
   * The events so far without a copy, or null where there are none: good until the next event is pushed. For a reader that
   * is done with one batch before it asks for the next; fresh memory for each would cost a tenth of the way to the book.
   */
  lend(): EventBatch | null {
    const n = this.length;
    if (n === 0) return null;
    assert((this.#rows.flags[n - 1] & EventFlag.MESSAGE_END) !== 0, 'a batch ends with a whole message');
    this.length = 0;
    return this.#rows.lend(n);
  }

  #grow(): void {
    assert(this.#rows.length * 2 * ROW_BYTES < MAX_EXACT, 'a batch fits in memory');
    const larger = EventBatch.allocate(this.instrument, this.day, this.#rows.length * 2);
    copyRows(this.#rows, larger, 0, this.length);
    this.#rows = larger;
  }
}

function copyRows(source: EventBatch, target: EventBatch, from: number, to: number): void {
  target.tsEventNs.set(source.tsEventNs.subarray(from, to));
  target.tsRecvNs.set(source.tsRecvNs.subarray(from, to));
  target.sequence.set(source.sequence.subarray(from, to));
  target.orderId.set(source.orderId.subarray(from, to));
  target.sizeLots.set(source.sizeLots.subarray(from, to));
  target.priceTicks.set(source.priceTicks.subarray(from, to));
  target.kind.set(source.kind.subarray(from, to));
  target.side.set(source.side.subarray(from, to));
  target.flags.set(source.flags.subarray(from, to));
}

/** Rows [from, to), whole messages, as a batch of their own. */
export function copyMessages(batch: EventBatch, from: number, to: number): EventBatch {
  const copy = EventBatch.allocate(batch.instrument, batch.day, to - from);
  copyRows(batch, copy, from, to);
  return copy;
}

/** The row after the last event of the message that begins at row `i`. */
export function messageEnd(batch: EventBatch, i: number): number {
  const flags = batch.flags;
  const length = batch.length;
  while (i < length && (flags[i] & EventFlag.MESSAGE_END) === 0) i++;
  assert(i < length, 'a batch holds whole messages');
  return i + 1;
}
