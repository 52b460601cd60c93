/**
 * How long things take on the way, in ns, at least 0. Called once for each message or order, in order; a model may draw from a seeded stream. The engine keeps each
 * channel in order: what left later does not arrive earlier.
 */
export interface LatencyModel {
  /** Printed with every result, such as "feed: recorded, less the clocks' difference, at least 0.5 ms; orders: 2 ms there, 1 ms back". */
  readonly assumption: string;
  /** Where every message takes equally long to us: `feed` is not called then. */
  readonly constantFeedNs?: number | undefined;
  /** From the venue's event to us. `tsRecvNs`: as recorded. */
  feed(tsEventNs: number, tsRecvNs: number): number;
  /** From our sending an order, cancel or replace to the venue's acting on it. */
  entry(sentNs: number): number;
  /** From the venue's acting to our learning of it. */
  response(exchangeNs: number): number;
}
