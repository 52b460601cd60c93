import { crc32 } from 'node:zlib';
import { assert, type DecimalStep, MAX_EXACT } from '../core/index.ts';
import { type EventBatch, EventFlag, EventKind, Side } from './event-batch.ts';
import { type Instrument, priceStep, sizeStep } from './instrument.ts';
import type { LadderBook } from './ladder-book.ts';
import type { Verifier, VerifierReport } from './recording.ts';

/** Levels a side that the venue's checksum covers. */
const LEVELS = 10;
/** Two numbers a level, each of at most 16 digits and 16 decimals' zeros. */
const TEXT_BYTES = 2 * LEVELS * 2 * 32;
const ZERO = 48;
/** Digits are made from 32-bit halves, whose division is fast: a number below 2^53 is high × 10^8 + low. */
const HALF = 1e8;
const HALF_DIGITS = 8;

/**
 * Kraken's checksum of a book (docs.kraken.com, "Spot WebSocket v2: book checksum"; the same rule in v1, "Calculate book
 * checksum"):
 *
 *   1. Take the ten best asks, lowest price first, then the ten best bids, highest price first.
 *   2. Write of each level the price as the venue does, with its decimals, less the point and the zeros in front; then the
 *      size the same way.
 *   3. Join all of it. The checksum is its CRC32, as an unsigned number.
 *
 * The digits come from the book's integers: no text is made for a level, and nothing is allocated but the view for the CRC.
 */
export class Checksum {
  readonly #price: DecimalStep;
  readonly #size: DecimalStep;
  /** Zeros that the wire has after the last decimal of a step. */
  readonly #priceZeros: number;
  readonly #sizeZeros: number;
  readonly #ticks = new Int32Array(LEVELS);
  readonly #lots = new Float64Array(LEVELS);
  readonly #text = Buffer.alloc(TEXT_BYTES);
  /** Where the text begins: it is written from its end to its start, as division yields digits. */
  #at = TEXT_BYTES;

  /** The instrument has a `checksum`. */
  constructor(instrument: Instrument) {
    const { checksum } = instrument;
    assert(checksum !== undefined, 'the instrument tells how its checksums are made');
    this.#price = priceStep(instrument);
    this.#size = sizeStep(instrument);
    this.#priceZeros = checksum.priceDecimals - this.#price.scale;
    this.#sizeZeros = checksum.sizeDecimals - this.#size.scale;
    assert(this.#priceZeros >= 0 && this.#sizeZeros >= 0, 'a step has no more decimals than the wire');
    assert(this.#priceZeros <= 16 && this.#sizeZeros <= 16, 'the text of a level has a bound');
  }

  /** The checksum of `book`, which is as it would be after a whole message. */
  of(book: LadderBook): number {
    this.#at = TEXT_BYTES;
    this.#writeSide(book, Side.BID);
    this.#writeSide(book, Side.ASK);
    return crc32(this.#text.subarray(this.#at));
  }

  /** The very text that the checksum is of. For tests and reports. */
  textOf(book: LadderBook): string {
    this.of(book);
    return this.#text.toString('latin1', this.#at);
  }

  #writeSide(book: LadderBook, side: Side): void {
    const count = book.top(side, LEVELS, this.#ticks, this.#lots);
    for (let i = count - 1; i >= 0; i--) {
      this.#write(this.#lots[i] * this.#size.step, this.#sizeZeros);
      this.#write(this.#ticks[i] * this.#price.step, this.#priceZeros);
    }
  }

  /**
   * Puts a whole number, and so many zeros after it, before what is written. Of 0 nothing remains; nor of what no book of
   * such a venue holds (a price below 0, digits past 2^53), so that such a book differs.
   */
  #write(value: number, zeros: number): void {
    if (!(value > 0 && value <= MAX_EXACT)) return;
    const text = this.#text;
    let at = this.#at;
    for (let i = 0; i < zeros; i++) text[--at] = ZERO;
    let high = 0;
    let low = value;
    if (value >= HALF) {
      high = Math.floor(value / HALF);
      low = value - high * HALF;
      for (let i = 0; i < HALF_DIGITS; i++) {
        const rest = (low / 10) | 0;
        text[--at] = ZERO + low - rest * 10;
        low = rest;
      }
      low = high;
    }
    while (low > 0) {
      const rest = (low / 10) | 0;
      text[--at] = ZERO + low - rest * 10;
      low = rest;
    }
    this.#at = at;
  }
}

/**
 * Compares a rebuilt book with every checksum that its venue sent, and says where the first differs. `BookSync` makes the
 * same comparison and loses the book; this one is for reports. Messages that a lost book waited through are not compared.
 * Made for `linked` streams, where a message names its predecessor and a snapshot comes in line with the changes.
 */
export function checksumVerifier(instrument: Instrument): Verifier {
  return new ChecksumVerifier(instrument);
}

class ChecksumVerifier implements Verifier {
  readonly #checksum: Checksum;
  #checked = 0;
  #mismatches = 0;
  #firstMismatch: string | null = null;
  #wasSynced = false;
  #lastSequence = Number.NaN;

  constructor(instrument: Instrument) {
    this.#checksum = new Checksum(instrument);
  }

  afterMessage(batch: EventBatch, from: number, to: number, book: LadderBook, synced: boolean): void {
    const applied = this.#wasApplied(batch, from, synced);
    this.#wasSynced = synced;
    if (!applied) return;
    this.#lastSequence = batch.sequence[from];
    if (batch.kind[to - 1] !== EventKind.CHECKSUM) return;
    const theirs = batch.sizeLots[to - 1];
    const ours = this.#checksum.of(book);
    this.#checked++;
    if (ours === theirs) return;
    this.#mismatches++;
    this.#firstMismatch ??=
      `as of message ${batch.sequence[from]} the venue's checksum is ${theirs}; ` +
      `ours is ${ours}, of "${this.#checksum.textOf(book)}"`;
  }

  /** The book is as of this message, be it trusted or not: what differs is lost by that very message. */
  #wasApplied(batch: EventBatch, from: number, synced: boolean): boolean {
    const head = batch.kind[from];
    if (head === EventKind.DELTA) return (synced || this.#wasSynced) && batch.orderId[from] === this.#lastSequence;
    if (head !== EventKind.SNAPSHOT) return false;
    const isOld = batch.sequence[from] < this.#lastSequence && (batch.flags[from] & EventFlag.RESTART) === 0;
    return !(this.#wasSynced && isOld);
  }

  report(): VerifierReport {
    return { checked: this.#checked, mismatches: this.#mismatches, firstMismatch: this.#firstMismatch };
  }
}
