import { type DecimalStep, decimalToSteps, MAX_EXACT, MAX_PRICE_TICKS, NO_PRICE } from '../../core/index.ts';
import type { FeedInstrument, LinkSink } from '../../feed/index.ts';
import { type BatchBuilder, EventKind, Fault, priceStep, Side, sizeStep } from '../../market/index.ts';
import type { Span, TradeFields } from './decode.ts';

const MINUS = 45;
/** The most ids of one message that are told one by one. */
const MAX_COUNT = 10_000;

/** One instrument on one connection: its book messages and trades as rows, and whether the venue's numbers still count on. */
export class OkxStream {
  readonly index: number;
  /** A book message came: a snapshot that is asked for from now on joins. */
  heard = false;
  /** Why a price or size was refused, and the offset of the text that is wrong. */
  why = '';
  whyAt = 0;
  readonly #sink: LinkSink;
  readonly #price: DecimalStep;
  readonly #size: DecimalStep;
  readonly #builder: BatchBuilder;
  #from = 0;
  #sequence = 0;
  #eventNs = 0;
  #recvNs = 0;
  /** Of the last book message that came on the connection. */
  #last = Number.NaN;
  #lastPrevious = Number.NaN;
  #lastNs = Number.NEGATIVE_INFINITY;
  /** When the numbers began anew, by the venue's time: those of a book of before mean nothing now. */
  #anewNs = Number.NEGATIVE_INFINITY;
  #leftOut = false;

  constructor({ instrument }: FeedInstrument, index: number, sink: LinkSink) {
    this.index = index;
    this.#sink = sink;
    this.#price = priceStep(instrument);
    this.#size = sizeStep(instrument);
    this.#builder = sink.builder(index);
  }

  /** Begins a change; `level`s, then `end` or `abandon` follow. False: with it the numbers begin anew, and it is passed over. */
  beginUpdate(previous: number, sequence: number, eventNs: number, recvNs: number): boolean {
    const goesOn = this.#goesOn(previous, sequence, eventNs);
    this.#note(previous, sequence, eventNs);
    if (goesOn) this.#begin(EventKind.DELTA, previous, sequence, eventNs, recvNs);
    return goesOn;
  }

  /** Begins the snapshot that comes on the connection. */
  beginSnapshot(sequence: number, eventNs: number, recvNs: number): void {
    this.#note(-1, sequence, eventNs);
    this.#begin(EventKind.SNAPSHOT, 0, sequence, eventNs, recvNs);
  }

  /** Begins the snapshot that was asked for. False: it is of before the numbers began anew, and passed over. */
  beginAnswer(sequence: number, eventNs: number, recvNs: number): boolean {
    if (eventNs < this.#anewNs) {
      this.#sink.note?.(this.index, "a snapshot from before the venue's numbers began anew is passed over");
      return false;
    }
    this.#begin(EventKind.SNAPSHOT, 0, sequence, eventNs, recvNs);
    return true;
  }

  /** The size resting at a price, as decimal text; false where it is none of the instrument's (`why`). */
  level(side: Side, bytes: Uint8Array, price: Span, size: Span): boolean {
    const ticks = this.#ticks(bytes, price);
    const lots = this.#lots(bytes, size);
    if (Number.isNaN(ticks)) return this.#refuse('price', bytes, price);
    if (Number.isNaN(lots)) return this.#refuse('size', bytes, size);
    if (ticks > MAX_PRICE_TICKS) this.#leaveOut();
    else this.#builder.push(EventKind.LEVEL, side, ticks, lots, this.#eventNs, this.#recvNs, this.#sequence, 0);
    return true;
  }

  /** Ends the book message. */
  end(): void {
    this.#builder.endMessage();
    if (this.heard) return;
    this.heard = true;
    // Each connection has the same numbers, and REST too.
    this.#sink.joinable(this.index);
  }

  /** Takes the book message back: not all of it could be read. */
  abandon(): void {
    this.#builder.rewind(this.#from);
  }

  /** A trade, where it was not told before. False where it is none of the instrument's (`why`). */
  trade({ price, size, side, id, count, eventNs }: TradeFields, bytes: Uint8Array, recvNs: number): boolean {
    const ticks = this.#ticks(bytes, price);
    const lots = this.#lots(bytes, size);
    if (!(ticks <= MAX_PRICE_TICKS)) return this.#refuse('price', bytes, price);
    if (Number.isNaN(lots)) return this.#refuse('size', bytes, size);
    if (!this.#fresh(id, count)) return true;
    this.#builder.push(EventKind.TRADE, side, ticks, lots, eventNs, recvNs, id, id);
    this.#builder.endMessage();
    return true;
  }

  /** Tells the ids of all `count` trades up to `id`, so that only what was never told counts as missing. */
  #fresh(id: number, count: number): boolean {
    for (let one = Math.max(1, id - Math.min(count, MAX_COUNT) + 1); one < id; one++) {
      this.#sink.freshTrade(this.index, one);
    }
    return this.#sink.freshTrade(this.index, id);
  }

  /**
   * False where the numbers begin anew, as they may after maintenance (docs-v5, "Sequence ID", exception 2): 15 → 3. The venue says
   * that the chain goes on. But falling numbers cannot be told from messages that come again, neither where the one that says
   * so was lost nor where a snapshot was just joined: a new snapshot decides. The fault is the one behind which what was told
   * before chains on to nothing.
   */
  #goesOn(previous: number, sequence: number, eventNs: number): boolean {
    const follows = previous === this.#last;
    const again = sequence === this.#last && previous === this.#lastPrevious;
    if (sequence >= previous && !(sequence <= this.#last && !follows && !again)) return true;
    this.#anewNs = Math.max(eventNs, this.#lastNs);
    const why = `the venue's numbers went back, from ${this.#last} to ${sequence} (prevSeqId ${previous})`;
    this.#sink.fault(this.index, Fault.DISCONNECT, why);
    return false;
  }

  #note(previous: number, sequence: number, eventNs: number): void {
    this.#last = sequence;
    this.#lastPrevious = previous;
    this.#lastNs = eventNs;
  }

  #begin(kind: EventKind, previous: number, sequence: number, eventNs: number, recvNs: number): void {
    this.#from = this.#builder.length;
    this.#sequence = sequence;
    this.#eventNs = eventNs;
    this.#recvNs = recvNs;
    this.#builder.push(kind, Side.NONE, NO_PRICE, 0, eventNs, recvNs, sequence, previous);
  }

  /** At least 1; `NaN` where the text is no price of whole ticks. */
  #ticks(bytes: Uint8Array, { from, to }: Span): number {
    const ticks = decimalToSteps(bytes, from, to, this.#price);
    return ticks >= 1 ? ticks : Number.NaN;
  }

  /** At least 0; `NaN` where the text is no size of whole lots. */
  #lots(bytes: Uint8Array, { from, to }: Span): number {
    const lots = bytes[from] === MINUS ? Number.NaN : decimalToSteps(bytes, from, to, this.#size);
    return lots <= MAX_EXACT ? lots : Number.NaN;
  }

  /** A price beyond what a column holds, far from every touch. */
  #leaveOut(): void {
    if (!this.#leftOut) this.#sink.note?.(this.index, `levels above ${MAX_PRICE_TICKS} ticks are left out`);
    this.#leftOut = true;
  }

  #refuse(what: 'price' | 'size', bytes: Uint8Array, { from, to }: Span): false {
    const { value } = what === 'price' ? this.#price : this.#size;
    const text = Buffer.from(bytes.subarray(from, Math.min(to, from + 40))).toString('latin1');
    this.why = `a ${what} of ${JSON.stringify(text)}, expected exact steps of ${value}`;
    this.whyAt = from;
    return false;
  }
}
