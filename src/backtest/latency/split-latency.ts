import type { LatencyModel } from '../latency.ts';
import type { FeedDelay } from './feed-delay.ts';
import type { OrderDelay } from './order-delay.ts';

/** A latency model of two parts: how the feed is delayed, and how orders are. */
export class SplitLatency implements LatencyModel {
  readonly assumption: string;
  readonly constantFeedNs: number | undefined;
  readonly #feed: FeedDelay;
  readonly #orders: OrderDelay;

  constructor(feed: FeedDelay, orders: OrderDelay) {
    this.constantFeedNs = feed.constantNs;
    this.#feed = feed;
    this.#orders = orders;
    this.assumption = `latency: ${feed.assumption}; ${orders.assumption}`;
  }

  feed(tsEventNs: number, tsRecvNs: number): number {
    return this.#feed.feed(tsEventNs, tsRecvNs);
  }

  entry(sentNs: number): number {
    return this.#orders.entry(sentNs);
  }

  response(exchangeNs: number): number {
    return this.#orders.response(exchangeNs);
  }
}
