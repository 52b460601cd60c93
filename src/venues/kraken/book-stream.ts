import { type DecimalStep, decimalToSteps, MAX_EXACT, MAX_PRICE_TICKS, NO_PRICE } from '../../core/index.ts';
import type { FeedInstrument, LinkSink } from '../../feed/index.ts';
import { type BatchBuilder, EventFlag, EventKind, priceStep, Side, sizeStep } from '../../market/index.ts';

const MINUS = 45;

/**
 * One pair's book messages and trades on one connection, as rows. Kraken numbers nothing, so the messages are numbered here:
 * each DELTA names the one before it on this connection, and the first SNAPSHOT says that numbers begin anew (`RESTART`). What
 * is lost on the way shows in the checksum.
 */
export class BookStream {
  readonly index: number;
  /** Why a level or trade was refused, and the offset of the text that is wrong. */
  why = '';
  whyAt = 0;
  readonly #sink: LinkSink;
  readonly #price: DecimalStep;
  readonly #size: DecimalStep;
  #builder: BatchBuilder;
  #messageFrom = 0;
  #sequence = 0;
  #snapshot = false;
  /** A snapshot came on this connection. */
  #begun = false;

  constructor({ instrument }: FeedInstrument, index: number, sink: LinkSink) {
    this.index = index;
    this.#sink = sink;
    this.#price = priceStep(instrument);
    this.#size = sizeStep(instrument);
    this.#builder = sink.builder(index);
  }

  /** False: a change from before the connection's first snapshot, which changes no book. Else `end` or `abandon` follows. */
  begin(snapshot: boolean, recvNs: number): boolean {
    if (!snapshot && !this.#begun) return false;
    const builder = this.#sink.builder(this.index);
    this.#builder = builder;
    this.#messageFrom = builder.length;
    this.#snapshot = snapshot;
    const sequence = ++this.#sequence;
    const head = snapshot ? EventKind.SNAPSHOT : EventKind.DELTA;
    builder.push(head, Side.NONE, NO_PRICE, 0, recvNs, recvNs, sequence, snapshot ? 0 : sequence - 1);
    if (snapshot && !this.#begun) builder.flag(EventFlag.RESTART);
    return true;
  }

  /** The size resting at a price, as decimal text; false where it is none of the pair's (`why`). */
  level(
    side: Side,
    bytes: Uint8Array,
    priceFrom: number,
    priceTo: number,
    sizeFrom: number,
    sizeTo: number,
    recvNs: number,
  ): boolean {
    const ticks = this.#ticks(bytes, priceFrom, priceTo);
    const lots = this.#lots(bytes, sizeFrom, sizeTo);
    if (Number.isNaN(ticks)) return this.#refuse('price', bytes, priceFrom, priceTo);
    if (Number.isNaN(lots)) return this.#refuse('size', bytes, sizeFrom, sizeTo);
    // Beyond what a column holds, and far from every touch: left out. Were it among the ten best, the checksum would tell.
    if (ticks > MAX_PRICE_TICKS) return true;
    this.#builder.push(EventKind.LEVEL, side, ticks, lots, recvNs, recvNs, this.#sequence, 0);
    return true;
  }

  /** Ends the message: its time, and the venue's checksum of the book after it (`NaN` where it sent none). */
  end(eventNs: number, checksum: number, recvNs: number): void {
    const builder = this.#builder;
    if (!Number.isNaN(checksum)) {
      builder.push(EventKind.CHECKSUM, Side.NONE, NO_PRICE, checksum, recvNs, recvNs, this.#sequence, 0);
    }
    builder.reserve(0).tsEventNs.fill(eventNs, this.#messageFrom, builder.length);
    builder.endMessage();
    if (this.#snapshot) this.#begun = true;
  }

  /** Takes the message back: not all of it could be read. */
  abandon(): void {
    this.#builder.rewind(this.#messageFrom);
    this.#sequence--;
  }

  /** A trade as decimal text; `id` 0 where it has none. False where it is none of the pair's (`why`). */
  trade(
    side: Side,
    bytes: Uint8Array,
    priceFrom: number,
    priceTo: number,
    sizeFrom: number,
    sizeTo: number,
    eventNs: number,
    recvNs: number,
    id: number,
  ): boolean {
    const ticks = this.#ticks(bytes, priceFrom, priceTo);
    const lots = this.#lots(bytes, sizeFrom, sizeTo);
    if (!(ticks <= MAX_PRICE_TICKS)) return this.#refuse('price', bytes, priceFrom, priceTo);
    if (Number.isNaN(lots)) return this.#refuse('size', bytes, sizeFrom, sizeTo);
    const builder = this.#sink.builder(this.index);
    builder.push(EventKind.TRADE, side, ticks, lots, eventNs, recvNs, id, id);
    builder.endMessage();
    return true;
  }

  /** At least 1; `NaN` where the text is no price of whole ticks. */
  #ticks(bytes: Uint8Array, from: number, to: number): number {
    const ticks = decimalToSteps(bytes, from, to, this.#price);
    return ticks >= 1 ? ticks : Number.NaN;
  }

  /** At least 0; `NaN` where the text is no size of whole lots. */
  #lots(bytes: Uint8Array, from: number, to: number): number {
    const lots = bytes[from] === MINUS ? Number.NaN : decimalToSteps(bytes, from, to, this.#size);
    // The sizes' own digits must be exact too, for the checksum is made of them.
    return lots * this.#size.step <= MAX_EXACT ? lots : Number.NaN;
  }

  #refuse(what: 'price' | 'size', bytes: Uint8Array, from: number, to: number): false {
    const { value } = what === 'price' ? this.#price : this.#size;
    const text = Buffer.from(bytes.subarray(from, Math.min(to, from + 40))).toString('latin1');
    this.why = `a ${what} of ${JSON.stringify(text)}, expected exact steps of ${value}`;
    this.whyAt = from;
    return false;
  }
}
