import { NO_PRICE } from '../../../src/core/index.ts';
import {
  averageLots,
  decayed,
  last,
  type Moment,
  mean,
  mid,
  type Oracle,
  perSecond,
  sum,
  tauText,
  twoSided,
} from './history.ts';
import { autocovariance, impactOf, type Order, slopeOf, weightedMean, weightedSlope } from './trade-statistics.ts';

type Row = Map<string, number>;
type History = readonly Moment[];

/** A trade with its moment, and the moment before. */
interface Print {
  sign: number;
  lots: number;
  price: number;
  at: Moment;
  before: Moment;
  /** Index of `at`. */
  index: number;
}

/** Trade signals from their definitions. */
export const tradesOracle: Oracle = (history) => {
  const row: Row = new Map();
  const prints = history.flatMap((at, index) =>
    at.trades.map((trade) => ({ ...trade, at, before: history[index - 1], index })),
  );
  const orders = ordersOf(prints);
  flows(history, row);
  volumes(history, prints, row);
  sizes(history, prints, row);
  runs(history, orders, row);
  prices(history, orders, row);
  row.set('vpin', vpin(history, prints));
  bins(history, row);
  return row;
};

/** Signed prints of one sign and one time that follow on each other, those without a sign left out. */
function ordersOf(prints: readonly Print[]): Order<Print>[] {
  const signed = prints.filter(({ sign }) => sign !== 0);
  const starts = signed.flatMap((print, i) => {
    const joins = i > 0 && signed[i - 1].sign === print.sign && signed[i - 1].at.tsNs === print.at.tsNs;
    return joins ? [] : [i];
  });
  return starts.map((start, k) => {
    const fills = signed.slice(start, starts[k + 1] ?? signed.length);
    return { sign: fills[0].sign, t: fills[0].at.t, price: fills[0].price, mid: mid(fills[0].before), fills };
  });
}

function flows(history: History, row: Row): void {
  const now = last(history);
  const weighted = (tau: number, value: (trade: { sign: number; lots: number }) => number): number =>
    decayed(history, tau, (m) => sum(m.trades.map(value)));
  for (const tau of [0.1, 1]) {
    const flow = weighted(tau, (trade) => trade.sign * trade.lots) / averageLots(history);
    row.set(`trade_flow_${tauText(tau)}`, now.t >= tau && twoSided(now) ? flow : Number.NaN);
  }
  for (const tau of [0.1, 1, 10]) {
    const buys = weighted(tau, (trade) => (trade.sign > 0 ? 1 : 0));
    const sells = weighted(tau, (trade) => (trade.sign < 0 ? 1 : 0));
    row.set(`trade_count_imbalance_${tauText(tau)}`, now.t >= tau ? (buys - sells) / (buys + sells + 1) : Number.NaN);
  }
  row.set('trade_rate_1s', Math.log(1 + perSecond(history, 1, (m) => m.trades.length)));
}

const lotsOf = (m: Moment): number => sum(m.trades.map(({ lots }) => lots));

function volumes(history: History, prints: readonly Print[], row: Row): void {
  const now = last(history);
  const slow = perSecond(history, 10, lotsOf);
  row.set('volume_rate_10s', slow / averageLots(history));
  row.set('trade_age', prints.length === 0 ? Number.NaN : now.t - last(prints).at.t);
  const signed = prints.filter(({ sign }) => sign !== 0).slice(-64);
  const net = sum(signed.map(({ sign, lots }) => sign * lots));
  row.set('trade_volume_imbalance', signed.length < 64 ? Number.NaN : net / sum(signed.map(({ lots }) => lots)));
}

function sizes(history: History, prints: readonly Print[], row: Row): void {
  const meanOf = (some: readonly Print[]): number =>
    some.length < 20
      ? Number.NaN
      : weightedMean(
          some.map(({ lots }) => lots),
          20,
        );
  const buy = meanOf(prints.filter(({ sign }) => sign > 0));
  const sell = meanOf(prints.filter(({ sign }) => sign < 0));
  row.set('trade_size_mean', meanOf(prints) / averageLots(history));
  row.set('trade_size_skew', (buy - sell) / (buy + sell));

  // Those before the last 1,500 have weights below exp(-30).
  const from = Math.max(20, prints.length - 1500);
  const allLots = prints.map(({ lots }) => lots);
  const judged = prints.slice(from).map((print, i) => {
    const usual = weightedMean(allLots.slice(0, from + i), 200);
    return { ...print, large: print.lots > 2 * usual };
  });
  const shareOf = (value: (print: (typeof judged)[number]) => number): number =>
    weightedMean(
      judged.map((print) => value(print) * print.lots),
      50,
    ) /
    weightedMean(
      judged.map(({ lots }) => lots),
      50,
    );
  const told = judged.length >= 20;
  row.set('large_trade_share', told ? shareOf(({ large }) => (large ? 1 : 0)) : Number.NaN);
  row.set('large_trade_share_net', told ? shareOf(({ large, sign }) => (large ? sign : 0)) : Number.NaN);
}

function runs(history: History, orders: readonly Order<Print>[], row: Row): void {
  const now = last(history);
  const sign = orders.at(-1)?.sign ?? Number.NaN;
  const run = orders.slice(orders.findLastIndex((order) => order.sign !== sign) + 1);
  row.set('run_length', sign * run.length);
  row.set(
    'run_length_lots',
    (sign * sum(run.flatMap(({ fills }) => fills.map(({ lots }) => lots)))) / averageLots(history),
  );

  const signs = orders.map((order) => order.sign).slice(-129);
  const [x, y] = [signs.slice(1), signs.slice(0, -1)];
  const [mx, my] = [mean(x), mean(y)];
  const vary = (xs: readonly number[]): boolean => xs.some((s) => s !== xs[0]);
  const dot = (a: readonly number[], ma: number, b: readonly number[], mb: number): number =>
    sum(a.map((s, i) => (s - ma) * (b[i] - mb)));
  const correlation = dot(x, mx, y, my) / Math.sqrt(dot(x, mx, x, mx) * dot(y, my, y, my));
  row.set('sign_autocorrelation', x.length >= 32 && vary(x) && vary(y) ? correlation : Number.NaN);

  for (const tau of [1, 10]) {
    const steps = orders.flatMap(({ sign: s, fills }) =>
      fills.map((fill, k) => {
        const earlier = fills.slice(0, k).filter(({ price }) => price !== NO_PRICE);
        const worse = fill.price !== NO_PRICE && earlier.every((other) => s * fill.price > s * other.price);
        return earlier.length > 0 && worse ? s * Math.exp(-(now.t - fill.at.t) / tau) : 0;
      }),
    );
    row.set(`sweep_${tauText(tau)}`, now.t >= tau ? sum(steps) : Number.NaN);
  }
}

function prices(history: History, orders: readonly Order<Print>[], row: Row): void {
  const traded = orders.map(({ price }) => price).filter((price) => price !== NO_PRICE);
  row.set('trade_price_slope', traded.length < 32 ? Number.NaN : slopeOf(traded.slice(-32)));
  const covariance = autocovariance(traded.slice(-130));
  row.set('roll', traded.length >= 34 && covariance < -1e-12 ? 2 * Math.sqrt(-covariance) : Number.NaN);
  row.set('permanent_impact', impactOf(orders));
  row.set('amihud', amihud(history) * averageLots(history));
}

/** All volume on one line, cut into buckets one after the other. */
function vpin(history: History, prints: readonly Print[]): number {
  const ends = prints.map((_, k) => sum(prints.slice(0, k + 1).map(({ lots }) => lots)));
  const shares: number[] = [];
  for (let from = 0, opener = 0; opener < prints.length; ) {
    const size = 3 * averageLots(history.slice(0, prints[opener].index));
    const to = from + size;
    const parts = prints.map(
      ({ sign, lots }, k) => sign * Math.max(0, Math.min(to, ends[k]) - Math.max(from, ends[k] - lots)),
    );
    opener = ends.findIndex((end) => end >= to);
    if (opener < 0) break;
    shares.push(Math.abs(sum(parts)) / size);
    from = to;
  }
  return shares.length < 20 ? Number.NaN : mean(shares.slice(-20));
}

/** Moments by bin, and the mid as each bin ended; bins that have not ended are left out. */
function binsOf(history: History, seconds: number): { moments: readonly Moment[]; mid: number }[] {
  // Whole nanoseconds, so that a message at the edge is on the right side of it.
  const binOf = (m: Moment): number => Math.floor(Math.round(m.t * 1e9) / (seconds * 1e9));
  const groups = Map.groupBy(history.slice(1), binOf);
  return Array.from({ length: binOf(last(history)) }, (_, k) => ({
    moments: groups.get(k) ?? [],
    mid: mid(history.findLast((m) => binOf(m) <= k)!),
  }));
}

function amihud(history: History): number {
  const all = binsOf(history, 10);
  const ratios = all.flatMap(({ moments, mid: end }, k) => {
    const move = k === 0 ? Number.NaN : Math.abs(end - all[k - 1].mid);
    const lots = sum(moments.map(lotsOf));
    return lots > 0 && !Number.isNaN(move) ? [move / lots] : [];
  });
  return ratios.length < 6 ? Number.NaN : weightedMean(ratios, 12);
}

function bins(history: History, row: Row): void {
  const all = binsOf(history, 1);
  const heard = all.map(({ moments }) => moments.some((m) => m.bookChanged || m.trades.length > 0));
  // The last bin that ends a silence of more than a minute, or -1.
  const forgotten = heard.findLastIndex((_, k) => k >= 60 && heard.slice(k - 60, k + 1).every((one) => !one));
  const pairs = (value: (trade: { sign: number; lots: number }) => number): [number, number][] =>
    all.flatMap(({ moments, mid: end }, k) => {
      const move = k === 0 ? Number.NaN : end - all[k - 1].mid;
      const flow = sum(moments.flatMap((m) => m.trades.map(value)));
      return k <= forgotten || Number.isNaN(move) ? [] : [[flow, move]];
    });
  const lots = averageLots(history);
  const slope = (some: [number, number][]): number => (some.length < 30 ? Number.NaN : weightedSlope(some, 60));
  row.set('kyle', lots * slope(pairs((trade) => trade.sign * trade.lots)));
  row.set('hasbrouck', Math.sqrt(lots) * slope(pairs((trade) => trade.sign * Math.sqrt(trade.lots))));
}
