import { assert, NO_PRICE } from '../../src/core/index.ts';
import { type EventBatch, EventKind, LadderBook, Side } from '../../src/market/index.ts';

/** Bits and kinds of hftbacktest's `ev` (hftbacktest/types.py). Every event is for both of its processors. */
const BOTH = 2 ** 31 + 2 ** 30;
const BUY = 2 ** 29;
const SELL = 2 ** 28;
const DEPTH = 1;
const TRADE = 2;
const ADD_ORDER = 10;
const CANCEL_ORDER = 11;
const MODIFY_ORDER = 12;
const FILL = 13;

/** Eight columns of eight bytes: ev, exch_ts, local_ts, px, qty, order_id, ival, fval. */
const COLUMNS = 8;

/**
 * The tape as hftbacktest wants it: prices in ticks, sizes in lots, both clocks in order.
 *
 * By level every change is the level's new size (DEPTH) and every trade a print (TRADE), so an execution, which is both, becomes two rows. By order an execution is a
 * FILL and what it leaves of its order (MODIFY or CANCEL), as the package's own converter for such tapes has it. What changes nothing there is left out: heads of
 * messages, the venue's quotes that only verify, trades without a price.
 */
export class HftEvents {
  rows = 0;
  #bits = new BigUint64Array(COLUMNS * 65536);
  #floats = new Float64Array(this.#bits.buffer);
  readonly #feedNs: number;
  readonly #byOrder: boolean;
  readonly #book = new LadderBook();
  /** By order: what is left of it. */
  readonly #left = new Map<number, number>();

  constructor(feedNs: number, byOrder: boolean) {
    this.#feedNs = feedNs;
    this.#byOrder = byOrder;
  }

  /** As one array of `event_dtype`. */
  get bytes(): Uint8Array {
    return new Uint8Array(this.#bits.buffer, 0, this.rows * COLUMNS * 8);
  }

  /** Takes row `i`, which happened at `ns`. */
  take(batch: EventBatch, i: number, ns: number): void {
    const kind = batch.kind[i];
    const ticks = batch.priceTicks[i];
    const lots = batch.sizeLots[i];
    if (kind > EventKind.TRADE || ticks === NO_PRICE) return;
    const side = batch.side[i] === Side.BID ? BUY : SELL;
    const aggressor = batch.side[i] === Side.BID ? SELL : BUY;
    if (kind === EventKind.TRADE) this.#put(TRADE + (batch.side[i] === Side.NONE ? 0 : side), ns, ticks, lots, 0);
    else if (this.#byOrder) this.#takeOrder(batch, i, side, ns);
    else {
      this.#book.applyRow(batch, i);
      if (kind === EventKind.EXECUTE) this.#put(TRADE + aggressor, ns, ticks, lots, 0);
      this.#put(DEPTH + side, ns, ticks, this.#book.lotsAt(batch.side[i] as Side, ticks), 0);
    }
  }

  #takeOrder(batch: EventBatch, i: number, side: number, ns: number): void {
    const kind = batch.kind[i];
    const ticks = batch.priceTicks[i];
    const id = batch.orderId[i];
    assert(kind !== EventKind.LEVEL, 'a tape by order names every order');
    if (kind === EventKind.ADD) {
      this.#left.set(id, batch.sizeLots[i]);
      this.#put(ADD_ORDER + side, ns, ticks, batch.sizeLots[i], id);
      return;
    }
    if (kind === EventKind.EXECUTE) this.#put(FILL + side, ns, ticks, batch.sizeLots[i], id);
    const left = kind === EventKind.DELETE ? 0 : this.#left.get(id)! - batch.sizeLots[i];
    if (left > 0) this.#left.set(id, left);
    else this.#left.delete(id);
    this.#put((left > 0 ? MODIFY_ORDER : CANCEL_ORDER) + side, ns, ticks, left, id);
  }

  #put(ev: number, ns: number, ticks: number, lots: number, orderId: number): void {
    const at = this.rows++ * COLUMNS;
    if (at === this.#bits.length) {
      const more = new BigUint64Array(2 * this.#bits.length);
      more.set(this.#bits);
      this.#bits = more;
      this.#floats = new Float64Array(more.buffer);
    }
    this.#bits[at] = BigInt(BOTH + ev);
    this.#bits[at + 1] = BigInt(ns);
    this.#bits[at + 2] = BigInt(ns + this.#feedNs);
    this.#floats[at + 3] = ticks;
    this.#floats[at + 4] = lots;
    this.#bits[at + 5] = BigInt(orderId);
  }
}
