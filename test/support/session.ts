import { Random } from '../../src/core/index.ts';

export interface SessionOptions {
  seed?: number;
  updates?: number;
  snapshot?: boolean;
  /** Leaves out the n-th depth message: a gap. */
  dropUpdate?: number;
  bookTicker?: boolean;
}

type Levels = Map<number, number>;

const RECEIVED_NS = 1_700_000_000_000_000_000n;

/**
 * A recorded Binance USD-M session of BTCUSDT as text, made up from a seed with code of its own: depth changes around a
 * wandering mid, trades, `bookTicker` after every change, and the REST snapshot some messages after the start. Shares
 * nothing with the reader that it tests.
 */
export function usdmSession(options: SessionOptions = {}): string {
  const { seed = 1, updates = 400, snapshot = true, dropUpdate = -1, bookTicker = true } = options;
  const random = new Random(seed);
  const bids: Levels = new Map();
  const asks: Levels = new Map();
  let mid = 600_000;
  for (let i = 1; i <= 40; i++) {
    bids.set(mid - i, 1 + random.below(5000));
    asks.set(mid + i, 1 + random.below(5000));
  }
  const lines: string[] = [];
  let ns = RECEIVED_NS;
  let id = 1000;
  const say = (data: unknown): void => void lines.push(`${ns} ${JSON.stringify(data)}`);
  const stream = (name: string, data: object): void => say({ stream: `btcusdt@${name}`, data });
  for (let k = 0; k < updates; k++) {
    ns += BigInt(2_000_000 + random.below(60_000_000));
    const ms = Number(ns / 1_000_000n);
    const previous = id;
    const changes = step(random, bids, asks, mid);
    mid = changes.mid;
    id += 1 + random.below(20);
    const depth = {
      e: 'depthUpdate',
      E: ms,
      T: ms,
      s: 'BTCUSDT',
      U: previous + 1,
      u: id,
      pu: previous,
      b: changes.b,
      a: changes.a,
    };
    if (k !== dropUpdate) stream('depth@0ms', depth);
    const bid = Math.max(...bids.keys());
    const ask = Math.min(...asks.keys());
    if (bookTicker) {
      const best = { b: price(bid), B: size(bids.get(bid)!), a: price(ask), A: size(asks.get(ask)!) };
      stream('bookTicker', { e: 'bookTicker', u: id, s: 'BTCUSDT', ...best, T: ms, E: ms });
    }
    if (random.bernoulli(0.3)) {
      const sold = random.bernoulli(0.5);
      stream('trade', {
        e: 'trade',
        E: ms,
        T: ms,
        s: 'BTCUSDT',
        t: 5000 + k,
        p: price(sold ? bid : ask),
        q: size(1 + random.below(50)),
        X: 'MARKET',
        m: sold,
      });
    }
    if (snapshot && k === 5) {
      ns += 100_000n;
      const side = (levels: Levels, sign: number): string[][] =>
        [...levels].sort((x, y) => sign * (x[0] - y[0])).map(([ticks, lots]) => [price(ticks), size(lots)]);
      say({ lastUpdateId: id, E: ms, T: ms, bids: side(bids, -1), asks: side(asks, 1) });
    }
  }
  return `${lines.join('\n')}\n`;
}

/** One change of the book: sizes wander, and now and then a best level goes and the other side follows. */
function step(random: Random, bids: Levels, asks: Levels, mid: number): { mid: number; b: string[][]; a: string[][] } {
  const b: string[][] = [];
  const a: string[][] = [];
  const set = (side: 'b' | 'a', ticks: number, lots: number): void => {
    const levels = side === 'b' ? bids : asks;
    if (lots === 0) levels.delete(ticks);
    else levels.set(ticks, lots);
    (side === 'b' ? b : a).push([price(ticks), size(lots)]);
  };
  if (random.bernoulli(0.15)) {
    const up = random.bernoulli(0.5);
    set(up ? 'a' : 'b', up ? mid + 1 : mid - 1, 0);
    mid += up ? 1 : -1;
    set(up ? 'b' : 'a', up ? mid - 1 : mid + 1, 1 + random.below(5000));
  }
  for (let n = random.below(6); n > 0; n--) {
    const side = random.bernoulli(0.5) ? 'b' : 'a';
    const away = 1 + random.below(15);
    set(side, side === 'b' ? mid - away : mid + away, away > 2 && random.bernoulli(0.3) ? 0 : 1 + random.below(5000));
  }
  return { mid, b, a };
}

const price = (ticks: number): string => `${(ticks / 10).toFixed(1)}0`;
const size = (lots: number): string => (lots / 1000).toFixed(3);
