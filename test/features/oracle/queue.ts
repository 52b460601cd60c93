import { EventKind, type Instrument, Side } from '../../../src/market/index.ts';
import { flowsOf, type SideFlow } from './book-flows.ts';
import {
  averageLots,
  booksOf,
  decayed,
  type Levels,
  last,
  type Moment,
  movesOf,
  type Oracle,
  perSecond,
  sum,
  tauText,
  twoSided,
} from './history.ts';

type Row = Map<string, number>;
const SIDES = ['bid', 'ask'] as const;
const levelsOf = (m: Moment, side: 'bid' | 'ask'): Levels => (side === 'bid' ? m.bids : m.asks);
/** `x / y`, `NaN` unless y is above 0. */
const ratio = (x: number, y: number): number => (y > 0 ? x / y : Number.NaN);

/** Queue signals from their definitions. */
export const queueOracle: Oracle = (history, instrument) => {
  const row: Row = new Map();
  writeAges(row, history);
  writeFlows(row, history, instrument);
  writeChanges(row, history);
  writeRace(row, history);
  writeDurations(row, history);
  if (instrument.byOrder === true) writeOrders(row, history);
  return row;
};

function writeAges(row: Row, history: readonly Moment[]): void {
  const now = last(history);
  const moved = movesOf(history).at(-1);
  row.set('mid_age', twoSided(now) && moved !== undefined ? Math.log(1 + (now.t - moved.t) * 1000) : Number.NaN);
  for (const tau of [0.1, 1]) {
    row.set(`event_rate_${tauText(tau)}`, Math.log(1 + perSecond(history, tau, (m) => (m.bookChanged ? m.events : 0))));
  }
  const seen = history.slice(1);
  const events = decayed(seen, 10, (m) => (m.bookChanged ? m.events : 0));
  const trades = decayed(seen, 10, (m) => m.trades.length);
  row.set('order_to_trade', now.t >= 10 ? ratio(events, events + trades) : Number.NaN);
}

function writeFlows(row: Row, history: readonly Moment[], instrument: Instrument): void {
  const { t } = last(history);
  const q = averageLots(history);
  const flows = flowsOf(history, instrument);
  const total = (tau: number, side: 'bid' | 'ask', value: (flow: SideFlow) => number): number =>
    t < tau ? Number.NaN : sum(flows.map((flow) => value(flow[side]) * Math.exp(-(t - flow.m.t) / tau)));
  const watched = (tau: number): number => tau * (1 - Math.exp(-t / tau));
  for (const side of SIDES) {
    const fast = (value: (flow: SideFlow) => number): number => total(1, side, value);
    const slow = (value: (flow: SideFlow) => number): number => total(10, side, value);
    const rate = (value: (flow: SideFlow) => number): number => fast(value) / q / watched(1);
    row.set(
      `arrival_rate_touch_${side}`,
      rate((f) => f.joinedTouch),
    );
    row.set(
      `arrival_rate_deep_${side}`,
      rate((f) => f.joinedDeep),
    );
    row.set(
      `cancel_rate_touch_${side}`,
      rate((f) => f.cancelledTouch),
    );
    row.set(
      `cancel_rate_deep_${side}`,
      rate((f) => f.cancelledDeep),
    );
    row.set(
      `execution_rate_${side}`,
      rate((f) => f.executed),
    );
    const joined = fast((f) => f.joinedTouch);
    row.set(`queue_refill_${side}`, ratio(joined, joined + fast((f) => f.cancelledTouch + f.executed)));
    const best = levelsOf(last(history), side)[0]?.[1] ?? Number.NaN;
    const lost = slow((f) => f.cancelledTouch + f.executed) / watched(10);
    row.set(`depletion_time_${side}`, ratio(best, lost));
    const x = slow((f) => f.executed) / watched(10);
    const c = slow((f) => f.cancelledTouch) / watched(10);
    const wait = c > 0 && x > 0 ? (best / c) * Math.log1p(c / x) : ratio(best, x);
    row.set(`cancel_to_trade_${side}`, ratio(c, c + x));
    row.set(`fill_time_${side}`, wait);
  }
}

interface Change {
  t: number;
  moved: boolean;
  lots: number;
}

/** What each book message did to a side's best price and to its queue while the price stayed. */
function changesOf(history: readonly Moment[], side: 'bid' | 'ask'): Change[] {
  const books = booksOf(history);
  return books.slice(1).map((m, n) => {
    const [[priceBefore, before] = [Number.NaN, 0], [price, lots] = [Number.NaN, 0]] = [
      levelsOf(books[n], side)[0],
      levelsOf(m, side)[0],
    ];
    const moved = !Object.is(price, priceBefore);
    return { t: m.t, moved, lots: moved ? 0 : lots - before };
  });
}

function writeChanges(row: Row, history: readonly Moment[]): void {
  const now = last(history);
  for (const side of SIDES) {
    const changes = changesOf(history, side);
    const present = levelsOf(now, side).length > 0;
    const moved = changes.filter((change) => change.moved).at(-1);
    row.set(`queue_age_${side}`, present && moved !== undefined ? now.t - moved.t : Number.NaN);
    const rate = (value: (change: Change) => number): number => {
      if (now.t < 1) return Number.NaN;
      return sum(changes.map((change) => value(change) * Math.exp(change.t - now.t))) / (1 - Math.exp(-now.t));
    };
    row.set(
      `touch_flicker_${side}`,
      rate((change) => (change.moved ? 1 : 0)),
    );
    // The queue between two messages is what the first of them left; its weight is an integral of the exponential.
    const areas = history.slice(1).map((m, n) => {
      const weight = Math.exp((m.t - now.t) / 10) - Math.exp((history[n].t - now.t) / 10);
      return (levelsOf(history[n], side)[0]?.[1] ?? 0) * weight;
    });
    const mean = sum(areas) / (1 - Math.exp(-now.t / 10));
    row.set(`queue_length_${side}`, present && now.t >= 10 ? ratio(levelsOf(now, side)[0][1], mean) : Number.NaN);
  }
}

function writeRace(row: Row, history: readonly Moment[]): void {
  const now = last(history);
  const block = Math.floor(now.t + 1e-12);
  const growth = (side: 'bid' | 'ask'): number[] =>
    Array.from({ length: block }, (_, k) =>
      sum(
        changesOf(history, side)
          .filter(({ t }) => Math.floor(t + 1e-12) === k)
          .map(({ lots }) => lots),
      ),
    );
  const [b, a] = [growth('bid'), growth('ask')];
  const weighted = (x: readonly number[], y: readonly number[]): number =>
    sum(x.map((value, k) => value * y[k] * Math.exp(-(block - 1 - k) / 10)));
  const prior = block === 0 ? 1 : averageLots(history.filter(({ t }) => t + 1e-12 < block)) ** 2;
  const [sb, sa] = [Math.sqrt(prior + weighted(b, b)), Math.sqrt(prior + weighted(a, a))];
  const rho = weighted(a, b) / (sb * sa);
  const k = Math.sqrt((1 + rho) / (1 - rho));
  if (!twoSided(now)) row.set('queue_race', Number.NaN);
  else {
    const [x, y] = [now.bids[0][1] / sb, now.asks[0][1] / sa];
    row.set('queue_race', Math.atan((k * (x - y)) / (x + y)) / Math.atan(k));
  }
}

function writeDurations(row: Row, history: readonly Moment[]): void {
  const trades = history.slice(1).flatMap((m) => m.trades.map(() => m.t));
  const runs = trades.filter((t, n) => n === 0 || t - trades[n - 1] > 1e-3 + 1e-12);
  for (const [name, times] of [
    ['book', booksOf(history).map((m) => m.t)],
    ['trades', runs],
  ] as const) {
    const durations = times.slice(1).map((t, n) => t - times[n]);
    const weights = durations.map((_, n) => (1 - 1 / 50) ** (durations.length - 1 - n));
    const mean = sum(durations.map((d, n) => d * weights[n])) / sum(weights);
    row.set(`duration_${name}`, durations.length < 50 ? Number.NaN : mean);
  }
}

function writeOrders(row: Row, history: readonly Moment[]): void {
  const now = last(history);
  const rows = history.slice(1).flatMap((m) => m.orders.map((order) => ({ ...order, t: m.t })));
  const deaths = rows
    .map((order, n) => {
      const born = rows.slice(0, n).findLast(({ kind, id }) => kind === EventKind.ADD && id === order.id);
      return { ...order, age: born === undefined ? Number.NaN : (order.t - born.t) * 1000 };
    })
    .filter(({ kind, age }) => kind === EventKind.DELETE && !Number.isNaN(age));
  for (const side of SIDES) {
    const own = deaths.filter((death) => death.side === (side === 'bid' ? Side.BID : Side.ASK));
    const weight = (value: (age: number) => number): number =>
      now.t < 10 ? Number.NaN : sum(own.map(({ age, t }) => value(age) * Math.exp((t - now.t) / 10)));
    const all = weight(() => 1);
    row.set(
      `fleeting_share_${side}`,
      ratio(
        weight((age) => (age <= 100 + 1e-9 ? 1 : 0)),
        all,
      ),
    );
    row.set(
      `order_lifetime_${side}`,
      ratio(
        weight((age) => Math.log(1 + age)),
        all,
      ),
    );
  }
}
