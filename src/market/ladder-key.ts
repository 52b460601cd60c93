import type { Side } from './event-batch.ts';

/** No key: an empty side. Below every key that a price maps to. */
export const NO_KEY = -2147483648;
/** No key is above it. */
export const MAX_KEY = 2147483647;

/**
 * From ticks to key and from key to ticks: the same for a bid, negated for an ask. Without a branch, since sides come in
 * no order: −p is (p ^ −1) + 1.
 */
export function keyOf(side: Side, ticks: number): number {
  return (ticks ^ -side) + side;
}
