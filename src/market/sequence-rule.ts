import type { Sequencing } from './instrument.ts';

/** What to do with a message of ids `previous + 1 … sequence`, given the book as of `last`. */
export const Chain = {
  /** It follows: apply it. */
  NEXT: 0,
  /** The book already holds all of it: pass over it. */
  OLD: 1,
  /** Something before it is missing. */
  BROKEN: 2,
} as const;
export type Chain = (typeof Chain)[keyof typeof Chain];

/** `first`: no message was applied since the snapshot that gave the book its `last`. */
export type SequenceRule = (previous: number, sequence: number, last: number, first: boolean) => Chain;

/**
 * Numbers without holes (the simulator, LOBSTER rows, Coinbase, ITCH over MoldUDP64):
 *
 *   snapshot as of `last`; discard sequence <= last; then every message is last + 1.
 */
function consecutive(previous: number, sequence: number, last: number): Chain {
  if (previous === last) return Chain.NEXT;
  return sequence <= last ? Chain.OLD : Chain.BROKEN;
}

/**
 * Binance spot (binance-spot-api-docs, web-socket-streams.md, "How to manage a local order book correctly"):
 *
 *   1. Open the stream, buffer the events, note the `U` of the first.
 *   2. Get the depth snapshot. If its lastUpdateId is less than that `U`, get another.
 *   3. Discard any event with u <= lastUpdateId. The first kept one has lastUpdateId + 1 within [U, u].
 *   4. Set the book to the snapshot, its id to lastUpdateId, and apply:
 *      - u below the book's id: ignore the event;
 *      - U above the book's id + 1: events were missed, discard the book and start again;
 *      - else set each level to its absolute size (0 removes it) and the book's id to u.
 *
 * With `previous` = U − 1, steps 3 and 4 are one and the same test.
 */
function spanning(previous: number, sequence: number, last: number): Chain {
  if (sequence <= last) return Chain.OLD;
  return previous <= last ? Chain.NEXT : Chain.BROKEN;
}

/**
 * Binance USD-M and COIN-M futures (developers.binance.com, "How to manage a local order book correctly"):
 *
 *   1. Open the stream and buffer the events. Get the depth snapshot.
 *   2. Drop any event with u < lastUpdateId.
 *   3. The first event processed has U <= lastUpdateId and u >= lastUpdateId.
 *   4. Each new event's pu equals the previous event's u; otherwise start again from the snapshot.
 *
 * On recorded streams U is not the previous u + 1 in more than 95 of 100 messages, and the snapshot's id can lie in the
 * hole between pu and U. So U is never tested: the first event is the one with pu <= lastUpdateId <= u.
 */
function linked(previous: number, sequence: number, last: number, first: boolean): Chain {
  if (first) {
    if (sequence < last) return Chain.OLD;
    return previous <= last ? Chain.NEXT : Chain.BROKEN;
  }
  if (previous === last) return Chain.NEXT;
  return sequence <= last ? Chain.OLD : Chain.BROKEN;
}

export const SEQUENCE_RULES: Record<Sequencing, SequenceRule> = { consecutive, spanning, linked };
