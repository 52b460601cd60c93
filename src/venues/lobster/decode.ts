import { BookcastError, MAX_PRICE_TICKS, NO_PRICE } from '../../core/index.ts';
import { type BatchBuilder, EventFlag, EventKind, Fault, LadderBook, Side } from '../../market/index.ts';
import type { BookRows } from './book-rows.ts';
import { type MessageTable, MessageType } from './messages.ts';

const SIDES = [Side.BID, Side.ASK] as const;

export interface DecodeOptions {
  /** 100 where a tick is a cent, 1 where it is a hundredth of one. */
  readonly unitsPerTick: number;
  /** Midnight in New York, in ns since UTC midnight of the same date. */
  readonly midnightNs: number;
}

/**
 * Rows of a message file → events. Row k becomes one message with sequence k.
 *
 * An L-level file has only the messages that touch the best L levels, so what a message file alone cannot tell is which
 * level comes into view when one of the L goes. So the decoder keeps the window of L levels itself and reads from the
 * order book file exactly two things: row 0, which is the opening SNAPSHOT (its message is already in it), and the cells
 * of levels that come into view from below (LEVEL, flag REVEALED). A level pushed out of the window becomes LEVEL 0 with
 * flag HIDDEN. All else follows from the messages, so the rest of the order book file can check the book.
 */
export class LobsterDecoder {
  /** Messages that take more from a level than it holds. */
  unmatched = 0;
  /** Cells read for a level coming into view that is no deeper than the levels in view already; not taken over. */
  contradictions = 0;
  /** Hidden executions at a fraction of a tick. */
  subTick = 0;
  readonly #messages: MessageTable;
  readonly #rows: BookRows | null;
  readonly #options: DecodeOptions;
  readonly #book = new LadderBook();
  readonly #levels: number;
  readonly #ticks: Int32Array;
  readonly #lots: Float64Array;

  constructor(messages: MessageTable, rows: BookRows | null, options: DecodeOptions) {
    this.#messages = messages;
    this.#rows = rows;
    this.#options = options;
    this.#levels = rows?.levels ?? 0;
    this.#ticks = new Int32Array(this.#levels + 1);
    this.#lots = new Float64Array(this.#levels + 1);
  }

  /** Pushes row `k` as one message. Rows come in order, each once. There is no receive time: it equals the venue's. */
  decode(k: number, out: BatchBuilder): void {
    const { timeNs, type, orderId, size, price } = this.#messages;
    const ts = timeNs[k] + this.#options.midnightNs;
    const kind = type[k];
    if (k === 0 && this.#rows !== null) {
      this.#pushSnapshot(this.#rows, ts, out);
    } else if (kind <= MessageType.EXECUTE) {
      this.#pushOrder(k, ts, out);
    } else if (kind === MessageType.HALT) {
      // A DELTA that changes nothing heads it: the halt has a number of its own in the chain of rows. While only quoting
      // has resumed (price 0), trading is still halted.
      const fault = price[k] === 1 ? Fault.RESUME : Fault.HALT;
      out.push(EventKind.DELTA, Side.NONE, NO_PRICE, 0, ts, ts, k, k - 1);
      out.push(EventKind.FAULT, Side.NONE, NO_PRICE, fault, ts, ts, k, 0);
    } else {
      const ticks = this.#tradeTicks(price[k]);
      const side = kind === MessageType.EXECUTE_HIDDEN ? this.#aggressor(price[k]) : Side.NONE;
      out.push(EventKind.TRADE, side, ticks, size[k], ts, ts, k, orderId[k]);
    }
    out.endMessage();
  }

  #pushSnapshot(rows: BookRows, ts: number, out: BatchBuilder): void {
    out.push(EventKind.SNAPSHOT, Side.NONE, NO_PRICE, 0, ts, ts, 0, 0);
    for (const side of SIDES) {
      for (let rank = 0; rank < rows.levels; rank++) {
        this.#readLevel(rows, 0, side, rank);
        if (rows.size === 0) break;
        const ticks = this.#exactTicks(rows.price, rows.name, 0);
        this.#book.setLevel(side, ticks, rows.size);
        out.push(EventKind.LEVEL, side, ticks, rows.size, ts, ts, 0, 0);
      }
    }
  }

  /** Types 1 to 4, whose numbers are also those of `EventKind` ADD, CANCEL, DELETE and EXECUTE. */
  #pushOrder(k: number, ts: number, out: BatchBuilder): void {
    const messages = this.#messages;
    const kind = messages.type[k] as EventKind;
    const side = messages.direction[k] === 1 ? Side.BID : Side.ASK;
    const lots = messages.size[k];
    const ticks = this.#exactTicks(messages.price[k], messages.name, k);
    out.push(kind, side, ticks, lots, ts, ts, k, messages.orderId[k]);
    if (this.#rows === null) return;
    if (kind === EventKind.ADD) {
      this.#book.addLots(side, ticks, lots);
    } else {
      if (this.#book.lotsAt(side, ticks) < lots) this.unmatched++;
      this.#book.addLots(side, ticks, 0 - lots);
    }
    const count = this.#book.levelCount(side);
    if (count > this.#levels) this.#hide(side, k, ts, out);
    else if (count < this.#levels) this.#reveal(this.#rows, side, k, ts, out);
  }

  /** The deepest level left the window: unknown from here on. */
  #hide(side: Side, k: number, ts: number, out: BatchBuilder): void {
    const count = this.#book.top(side, this.#levels + 1, this.#ticks, this.#lots);
    const ticks = this.#ticks[count - 1];
    this.#book.setLevel(side, ticks, 0);
    out.push(EventKind.LEVEL, side, ticks, 0, ts, ts, k, 0);
    out.flag(EventFlag.HIDDEN);
  }

  /** Reads the missing deepest ranks of row `k`, down to the first where there is no level. */
  #reveal(rows: BookRows, side: Side, k: number, ts: number, out: BatchBuilder): void {
    let rank = this.#book.top(side, this.#levels, this.#ticks, this.#lots);
    let deepest = rank === 0 ? NO_PRICE : this.#ticks[rank - 1];
    for (; rank < this.#levels; rank++) {
      this.#readLevel(rows, k, side, rank);
      if (rows.size === 0) return;
      const ticks = this.#exactTicks(rows.price, rows.name, k);
      if (deepest !== NO_PRICE && (side === Side.BID ? ticks >= deepest : ticks <= deepest)) {
        this.contradictions++;
        return;
      }
      this.#book.setLevel(side, ticks, rows.size);
      out.push(EventKind.LEVEL, side, ticks, rows.size, ts, ts, k, 0);
      out.flag(EventFlag.REVEALED);
      deepest = ticks;
    }
  }

  #readLevel(rows: BookRows, row: number, side: Side, rank: number): void {
    if (rows.readLevel(row, side, rank)) return;
    const what = `the ${side === Side.ASK ? 'ask' : 'bid'} price and size of level ${rank + 1} are not whole numbers, the size not negative`;
    throw new BookcastError('bad-input', `${rows.name}, line ${row + 1}: ${what}. The file is damaged.`, {
      file: rows.name,
      line: row + 1,
    });
  }

  /** A price that must be a whole number of ticks: all that rest in the book. */
  #exactTicks(units: number, file: string, row: number): number {
    const ticks = units / this.#options.unitsPerTick;
    if (Number.isInteger(ticks) && ticks <= MAX_PRICE_TICKS) return ticks;
    const where = `${file}, line ${row + 1}: the price ${units} (dollars times 10000)`;
    const message =
      ticks > MAX_PRICE_TICKS
        ? `${where} is too large: the largest is ${MAX_PRICE_TICKS * this.#options.unitsPerTick}`
        : `${where} is no whole number of cents, and the ticks of this file are cents; open it with tickSize 0.0001`;
    throw new BookcastError('bad-input', message, { file, line: row + 1 });
  }

  /**
   * Hidden orders may rest at half a cent (a midpoint peg), which no integer tick can tell. Rounding it would be false, so
   * such a trade carries its size and aggressor and no price.
   */
  #tradeTicks(units: number): number {
    const ticks = units / this.#options.unitsPerTick;
    if (Number.isInteger(ticks) && ticks <= MAX_PRICE_TICKS) return ticks;
    this.subTick++;
    return NO_PRICE;
  }

  /** The venue masks who was hidden (LOBSTER's help, article 699605). Above the mid somebody bought, below it sold; at it, nobody knows. */
  #aggressor(units: number): Side {
    const mid = this.#book.mid * this.#options.unitsPerTick;
    if (units > mid) return Side.BID;
    return units < mid ? Side.ASK : Side.NONE;
  }
}
