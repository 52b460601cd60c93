import { NO_PRICE } from '../../../src/core/index.ts';
import { last, type Moment, mid, type Oracle, sum, twoSided } from './history.ts';

/** The part of the family that is made of trades. */
export const liquidityOfTrades: Oracle = (history) => {
  const row = new Map<string, number>();
  setSpreads(row, history);
  setProfile(row, history);
  return row;
};

/** Σ w x over Σ w y, the last entry with weight 1 and each before it with `keep` times the weight of the next. */
function ratio(xs: readonly number[], ys: readonly number[], keep: number): number {
  const weights = xs.map((_, n) => keep ** (xs.length - 1 - n));
  return sum(xs.map((x, n) => x * weights[n])) / sum(ys.map((y, n) => y * weights[n]));
}

/** The moment whose book stood when time reached `t`; undefined while it has not. */
function bookAt(history: readonly Moment[], t: number): Moment | undefined {
  let [low, high] = [0, history.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (history[middle].t < t) low = middle + 1;
    else high = middle;
  }
  return low === history.length ? undefined : history[low - 1];
}

function setSpreads(row: Map<string, number>, history: readonly Moment[]): void {
  let quote = Number.NaN;
  const quotes = history.map((m, i) => {
    if (m.burstEnded) quote = mid(history[i - 1]);
    return quote;
  });
  const trades = history.flatMap((m, i) =>
    m.trades
      .filter(({ sign, price }) => sign !== 0 && price !== NO_PRICE && !Number.isNaN(quotes[i]))
      .map(({ sign, lots, price }) => ({ t: m.t, sign, lots, price, quote: quotes[i] })),
  );
  const instants = [...Map.groupBy(trades, ({ t }) => t)].map(([t, own]) => {
    const later = bookAt(history, t + 1);
    const laterMid = later === undefined ? Number.NaN : mid(later);
    return {
      lots: sum(own.map(({ lots }) => lots)),
      effective: sum(own.map(({ sign, lots, price, quote }) => 2 * sign * lots * (price - quote))),
      realised: sum(own.map(({ sign, lots, price }) => 2 * sign * lots * (price - laterMid))),
      impact: sum(own.map(({ sign, lots, quote }) => 2 * sign * lots * (laterMid - quote))),
      isSettled: !Number.isNaN(laterMid),
    };
  });
  const settled = instants.filter(({ isSettled }) => isSettled);
  for (const [name, of, what] of [
    ['effective_spread', instants, 'effective'],
    ['realised_spread_1s', settled, 'realised'],
    ['price_impact_1s', settled, 'impact'],
  ] as const) {
    const mean = ratio(
      of.map((instant) => instant[what]),
      of.map(({ lots }) => lots),
      1 - 1 / 50,
    );
    row.set(name, of.length < 10 ? Number.NaN : mean);
  }
}

function setProfile(row: Map<string, number>, history: readonly Moment[]): void {
  const now = last(history);
  const all = history.flatMap(({ trades }) => trades).filter(({ price }) => price !== NO_PRICE);
  const trades = all.slice(-128);
  const known = trades.length === 128 && twoSided(now);
  const lotsAt = (price: number): number =>
    sum(trades.filter((trade) => trade.price === price).map(({ lots }) => lots));
  // Stable, so of several prices with the most lots the one traded last comes first.
  const control = [...trades].reverse().sort((a, b) => lotsAt(b.price) - lotsAt(a.price))[0];
  row.set('point_of_control', known ? mid(now) - control.price : Number.NaN);
  const signed = sum(trades.map(({ lots, price }) => lots * Math.sign(mid(now) - price)));
  row.set('profile_balance', known ? signed / sum(trades.map(({ lots }) => lots)) : Number.NaN);
}
