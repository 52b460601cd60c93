import { NO_PRICE } from '../core/index.ts';
import {
  type BatchBuilder,
  type EventBatch,
  EventFlag,
  EventKind,
  type Instrument,
  messageEnd,
  type Sequencing,
  Side,
} from '../market/index.ts';

/** The message in rows [from, to) is of the book, and has a place in its chain. */
export function isBookMessage(instrument: Instrument, rows: EventBatch, from: number, to: number): boolean {
  const head = rows.kind[from];
  if (head === EventKind.SNAPSHOT || head === EventKind.DELTA) return true;
  if (head === EventKind.FAULT) return false;
  // Where every message takes a number, each is a link of the chain, trades included.
  if (instrument.sequencing === 'consecutive') return true;
  for (let i = from; i < to; i++) if (rows.kind[i] <= EventKind.EXECUTE) return true;
  return false;
}

/** The id before the ids of the message at row `from`. */
export function previousId(rows: EventBatch, from: number): number {
  return rows.kind[from] === EventKind.DELTA ? rows.orderId[from] : rows.sequence[from] - 1;
}

/** A message of ids `previous + 1 … sequence` ends at the book's `last`, or is the very next. */
export function chainsTo(sequencing: Sequencing, previous: number, sequence: number, last: number): boolean {
  if (sequence === last || previous === last) return true;
  return sequencing === 'spanning' && previous < last && last < sequence;
}

interface Trades {
  readonly feed: { readonly instrument: Instrument };
  freshTrade(id: number): boolean;
}

/**
 * Lets out what a connection had to withhold, now that it takes over: `withheld` → `builder`, without what the book has seen.
 *
 * - `snapshot` ≥ 0: the snapshot in that row first, marked `RESTART`, for the connection before may have been ahead of it; then the
 *   changes after it, also those that came before it did, where numbers are the venue's (`joinable`).
 *   Without: changes after id `last` (NaN: the book is lost, and all of them may be of use).
 * - Trades that were not told before. Quotes and the like are old by now, and left out.
 */
export function releaseWithheld(
  lane: Trades,
  builder: BatchBuilder,
  withheld: EventBatch,
  snapshot: number,
  last: number,
  joinable: boolean,
): void {
  const { instrument } = lane.feed;
  let newerThan = Number.isNaN(last) ? Number.NEGATIVE_INFINITY : last;
  if (snapshot >= 0) {
    newerThan = withheld.sequence[snapshot];
    const to = messageEnd(withheld, snapshot);
    for (let i = snapshot; i < to; i++) pushRow(builder, withheld, i, i === snapshot ? EventFlag.RESTART : 0);
  }
  for (let from = 0; from < withheld.length; ) {
    const to = messageEnd(withheld, from);
    const book = isBookMessage(instrument, withheld, from, to);
    const isSnapshot = withheld.kind[from] === EventKind.SNAPSHOT;
    // A book that was lost takes whatever snapshot there is.
    const wanted = isSnapshot
      ? snapshot < 0 && newerThan === Number.NEGATIVE_INFINITY
      : book && withheld.sequence[from] > newerThan && (joinable || from > snapshot);
    if (wanted || !book) release(lane, builder, withheld, from, to, wanted);
    from = to;
  }
}

/** Lets out rows [from, to): all of a book's message but trades that were told; of any other only fresh trades. */
function release(
  lane: Trades,
  builder: BatchBuilder,
  rows: EventBatch,
  from: number,
  to: number,
  ofBook: boolean,
): void {
  const before = builder.length;
  for (let i = from; i < to; i++) {
    const isTrade = rows.kind[i] === EventKind.TRADE;
    // A trade without an id cannot be told from one that was told.
    const fresh = isTrade && (rows.orderId[i] === 0 || lane.freshTrade(rows.orderId[i]));
    if (isTrade ? fresh : ofBook) pushRow(builder, rows, i, 0);
  }
  if (builder.length === before) {
    if (!ofBook) return;
    // Nothing is left to tell, but the number counts in the chain.
    const sequence = rows.sequence[from];
    const eventNs = rows.tsEventNs[from];
    builder.push(EventKind.DELTA, Side.NONE, NO_PRICE, 0, eventNs, rows.tsRecvNs[from], sequence, sequence - 1);
  }
  builder.flag(EventFlag.MESSAGE_END);
}

function pushRow(builder: BatchBuilder, rows: EventBatch, i: number, flags: number): void {
  builder.push(
    rows.kind[i] as EventKind,
    rows.side[i] as Side,
    rows.priceTicks[i],
    rows.sizeLots[i],
    rows.tsEventNs[i],
    rows.tsRecvNs[i],
    rows.sequence[i],
    rows.orderId[i],
  );
  builder.flag(rows.flags[i] | flags);
}
