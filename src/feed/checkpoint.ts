import { NO_PRICE } from '../core/index.ts';
import {
  BatchBuilder,
  type BookSync,
  type EventBatch,
  EventKind,
  type LadderBook,
  OrderBook,
  Side,
} from '../market/index.ts';

/** A synced book as one SNAPSHOT message: its levels, best first, or its orders in the order of their queues. */
export function bookSnapshot(
  sync: BookSync,
  key: string,
  day: number,
  eventNs: number,
  recvNs: number,
): EventBatch | null {
  const { book, lastSequence } = sync;
  const builder = new BatchBuilder(key, day);
  const push = (kind: EventKind, side: Side, ticks: number, lots: number, id: number): void =>
    builder.push(kind, side, ticks, lots, eventNs, recvNs, lastSequence, id);
  push(EventKind.SNAPSHOT, Side.NONE, NO_PRICE, 0, 0);
  for (const side of [Side.BID, Side.ASK]) {
    if (book instanceof OrderBook) {
      eachLevel(book.levels, side, (ticks) => {
        const count = book.ordersAt(side, ticks);
        const ids = new Float64Array(count);
        const lots = new Float64Array(count);
        book.queue(side, ticks, ids, lots);
        for (let k = 0; k < count; k++) push(EventKind.ADD, side, ticks, lots[k], ids[k]);
      });
    } else eachLevel(book, side, (ticks, lots) => push(EventKind.LEVEL, side, ticks, lots, 0));
  }
  builder.endMessage();
  return builder.finish();
}

function eachLevel(book: LadderBook, side: Side, visit: (ticks: number, lots: number) => void): void {
  const n = book.levelCount(side);
  const ticks = new Int32Array(n);
  const lots = new Float64Array(n);
  book.top(side, n, ticks, lots);
  for (let k = 0; k < n; k++) visit(ticks[k], lots[k]);
}
