import type { Interval } from '../paired-losses.ts';

/** Something that was varied. */
export interface SweepAxis {
  /** Those with a meaning of their own to a reader: `cost`, `latency`, `queue`, `threshold`, `size`. */
  readonly name: string;
  /** Of numbers, such as `bps`, `ms`, `lots`; empty for names and pure numbers. */
  readonly unit: string;
  /** Numbers in ascending order, or names. */
  readonly values: readonly (number | string)[];
  /** Place among the values of what the run itself was made with; null where it is not among them. */
  readonly own: number | null;
}

/** One run, or the same fills at another cost. Money in the currency of profit, over the whole run. */
export interface SweepCell {
  readonly orders: number;
  readonly fills: number;
  readonly gross: number;
  readonly net: number;
  /** 95 %, of `net`; null where there is too little data. */
  readonly netInterval: Interval | null;
}

/** Net profit under other assumptions or settings. Plain data. */
export interface SweepResult {
  readonly currency: string;
  readonly axes: readonly SweepAxis[];
  /** Row by row: the last axis runs fastest. As many as the product of the axes' lengths. */
  readonly cells: readonly SweepCell[];
  /** What the axes mean and how the cells came about, in sentences. */
  readonly notes: readonly string[];
}

/** Of the cell at a place on each axis. */
export function sweepIndex(
  axes: readonly { readonly values: { readonly length: number } }[],
  places: readonly number[],
): number {
  return axes.reduce((index, { values }, i) => index * values.length + places[i], 0);
}
