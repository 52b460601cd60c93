import { NO_PRICE } from '../../../src/core/index.ts';
import { EventKind, Side } from '../../../src/market/index.ts';
import { booksOf, last, type Moment, mid, type Oracle, sum, twoSided } from './history.ts';

/** The part of the family that is made of trades. */
export const liquidityOfTrades: Oracle = (history, instrument) => {
  const row = new Map<string, number>();
  setSpreads(row, history);
  setReplenishment(row, history, instrument.byOrder === true);
  if (instrument.byOrder === true) row.set('hidden_share', hiddenShare(history));
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

function setReplenishment(row: Map<string, number>, history: readonly Moment[], byOrder: boolean): void {
  const books = booksOf(history);
  for (const [name, side, away] of [
    ['bid', Side.BID, -1],
    ['ask', Side.ASK, 1],
  ] as const) {
    const best = (m: Moment): number =>
      (side === Side.BID ? m.bids : m.asks)[0]?.[0] ?? away * Number.POSITIVE_INFINITY;
    const isHit = (m: Moment): boolean =>
      byOrder
        ? m.orders.some((row) => row.kind === EventKind.EXECUTE && row.side === side)
        : m.trades.some(({ sign }) => sign === away);
    const refilled: number[] = [];
    books.slice(1).forEach((m, i) => {
      const before = books[i];
      if (!(away * best(m) > away * best(before))) return;
      const between = history.slice(history.lastIndexOf(before) + 1, history.lastIndexOf(m) + 1);
      if (!between.some(isHit)) return;
      const later = bookAt(history, m.t + 1);
      if (later !== undefined) refilled.push(away * best(later) <= away * best(before) ? 1 : 0);
    });
    const ones = refilled.map(() => 1);
    row.set(`replenishment_${name}`, refilled.length < 5 ? Number.NaN : ratio(refilled, ones, 1 - 1 / 20));
  }
}

function hiddenShare(history: readonly Moment[]): number {
  const trades = history.flatMap(({ trades, orders }) => {
    const executed = orders.filter(({ kind }) => kind === EventKind.EXECUTE).length;
    if (executed !== 0 && executed !== trades.length) throw new Error('a message of displayed and hidden trades');
    return trades.map(({ lots }) => ({ lots, hidden: executed === 0 ? lots : 0 }));
  });
  const share = ratio(
    trades.map(({ hidden }) => hidden),
    trades.map(({ lots }) => lots),
    1 - 1 / 100,
  );
  return trades.length < 20 ? Number.NaN : share;
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
