import { type EventBatch, EventKind, Side } from '../../market/index.ts';

/** The part of a side's range, next to its end, in which the book counts as about to leave it. */
const MARGIN = 1 / 8;

/**
 * The prices that a snapshot told. A snapshot has so many levels a side and no more; what rests beyond them is unknown
 * until it changes, and the venue never sends it. A book whose best prices come near that end would miss levels without any
 * gap in its numbers, so it has to be asked for anew.
 */
export class KnownRange {
  /** A best bid down to this, or a best ask up to that, leaves what is known. */
  #bidFloor = Number.NEGATIVE_INFINITY;
  #askCeiling = Number.POSITIVE_INFINITY;

  /** Rows [from, to) are a snapshot; `depths`: the numbers of levels a side that snapshots are asked for. */
  learn(rows: EventBatch, from: number, to: number, depths: readonly { readonly levels: number }[]): void {
    const count = [0, 0];
    const lowest = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    const highest = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let i = from; i < to; i++) {
      if (rows.kind[i] !== EventKind.LEVEL) continue;
      const side = rows.side[i];
      const price = rows.priceTicks[i];
      count[side]++;
      if (price < lowest[side]) lowest[side] = price;
      if (price > highest[side]) highest[side] = price;
    }
    this.forget();
    const { BID, ASK } = Side;
    // A side of just as many levels as may be asked for was cut there; any other number is all that there is.
    const cut = (side: Side): boolean => depths.some(({ levels }) => levels === count[side]);
    if (cut(BID)) this.#bidFloor = lowest[BID] + (highest[BID] - lowest[BID]) * MARGIN;
    if (cut(ASK)) this.#askCeiling = highest[ASK] - (highest[ASK] - lowest[ASK]) * MARGIN;
  }

  /** `bidTicks`, `askTicks`: 0 for an empty side. True where the venue's best prices are so near the end of what is known that the book must be asked for anew. */
  leaves(bidTicks: number, askTicks: number): boolean {
    return (bidTicks > 0 && bidTicks < this.#bidFloor) || askTicks > this.#askCeiling;
  }

  /** Nothing is known of any end. */
  forget(): void {
    this.#bidFloor = Number.NEGATIVE_INFINITY;
    this.#askCeiling = Number.POSITIVE_INFINITY;
  }
}
