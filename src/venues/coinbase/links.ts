import type { FeedInstrument, LinkPlan, VenueLimits } from '../../feed/index.ts';

/** A snapshot of one product has tens of thousands of levels; more products would wait long for each other's. */
const PRODUCTS_PER_LINK = 10;

/**
 * Cuts instruments into connections. A product stands on one connection once only: two names of ours for it (`BTC-USD`,
 * `BTC-USDC`) go to two connections, so that each has its own subscription. Limits on messages are an IP's, so connections
 * share them evenly.
 */
export function cutLinks(
  url: string,
  instruments: readonly FeedInstrument[],
  limits: VenueLimits,
): readonly LinkPlan[] {
  const links: FeedInstrument[][] = [];
  for (const instrument of instruments) {
    const fits = (link: readonly FeedInstrument[]): boolean =>
      link.length < PRODUCTS_PER_LINK && link.every((other) => other.symbol !== instrument.symbol);
    const link = links.find(fits);
    if (link === undefined) links.push([instrument]);
    else link.push(instrument);
  }
  const { limit, windowMs } = limits.sends;
  const shared = { ...limits, sends: { limit, windowMs: windowMs * Math.max(1, links.length) } };
  return links.map((link) => ({ url, instruments: link, limits: shared }));
}
