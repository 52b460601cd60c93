/**
 * Books and trades out of Coinbase's messages by `JSON.parse`, `Map`s and `BigInt`s: slow, plain, and sharing nothing with the
 * decoders it is compared with.
 */
export interface NaiveBook {
  readonly bids: Map<bigint, bigint>;
  readonly asks: Map<bigint, bigint>;
  /** Levels removed that were not there. */
  unknown: number;
  crossed: number;
  readonly trades: { id: number; ticks: bigint; lots: bigint; buyer: boolean; time: string }[];
}

export function naiveBook(): NaiveBook {
  return { bids: new Map(), asks: new Map(), unknown: 0, crossed: 0, trades: [] };
}

/** Decimal text in units of 10^-decimals. */
export function units(text: string, decimals: number): bigint {
  const match = /^(\d+)(?:\.(\d+))?$/.exec(text);
  if (match === null) throw new Error(`"${text}" is no decimal`);
  const fraction = (match[2] ?? '').padEnd(decimals, '0');
  if (/[1-9]/.test(fraction.slice(decimals))) throw new Error(`"${text}" has more than ${decimals} decimals`);
  return BigInt(match[1] + fraction.slice(0, decimals));
}

const MAX_TICKS = 2n ** 31n - 1n;

export function setLevel(book: NaiveBook, isBid: boolean, ticks: bigint, lots: bigint): void {
  if (ticks > MAX_TICKS) return;
  const levels = isBid ? book.bids : book.asks;
  if (lots > 0n) levels.set(ticks, lots);
  else if (!levels.delete(ticks)) book.unknown++;
}

function check(book: NaiveBook): void {
  let bid = -1n;
  let ask = MAX_TICKS + 1n;
  for (const ticks of book.bids.keys()) if (ticks > bid) bid = ticks;
  for (const ticks of book.asks.keys()) if (ticks < ask) ask = ticks;
  if (bid >= ask) book.crossed++;
}

interface Decimals {
  readonly price: number;
  readonly size: number;
}

/** Advanced Trade. `checkTouch`: look whether the book crossed, which costs a walk through it. */
export function naiveAdvanced(
  book: NaiveBook,
  product: string,
  decimals: Decimals,
  text: string,
  checkTouch = true,
): void {
  const { channel, events } = JSON.parse(text);
  for (const event of events ?? []) {
    if (channel === 'l2_data' && event.product_id === product) {
      if (event.type === 'snapshot') {
        book.bids.clear();
        book.asks.clear();
      }
      for (const { side, price_level, new_quantity } of event.updates) {
        setLevel(book, side === 'bid', units(price_level, decimals.price), units(new_quantity, decimals.size));
      }
      if (checkTouch) check(book);
    } else if (channel === 'market_trades' && event.type === 'update') {
      for (const trade of event.trades.toReversed()) {
        if (trade.product_id === product) push(book, decimals, trade, trade.side === 'SELL');
      }
    }
  }
}

/** Coinbase Exchange, by price. */
export function naiveExchange(
  book: NaiveBook,
  product: string,
  decimals: Decimals,
  text: string,
  checkTouch = true,
): void {
  const message = JSON.parse(text);
  if (message.product_id !== product) return;
  if (message.type === 'snapshot') {
    book.bids.clear();
    book.asks.clear();
    for (const [price, size] of message.bids)
      setLevel(book, true, units(price, decimals.price), units(size, decimals.size));
    for (const [price, size] of message.asks)
      setLevel(book, false, units(price, decimals.price), units(size, decimals.size));
  } else if (message.type === 'l2update') {
    for (const [side, price, size] of message.changes) {
      setLevel(book, side === 'buy', units(price, decimals.price), units(size, decimals.size));
    }
  } else if (message.type === 'match') push(book, decimals, message, message.side === 'sell');
  if (checkTouch && message.type !== 'match') check(book);
}

function push(
  book: NaiveBook,
  decimals: Decimals,
  trade: { trade_id: string | number; price: string; size: string; time: string },
  buyer: boolean,
): void {
  const { trade_id, price, size, time } = trade;
  book.trades.push({
    id: Number(trade_id),
    ticks: units(price, decimals.price),
    lots: units(size, decimals.size),
    buyer,
    time,
  });
}

/** Best first, as plain numbers. */
export function naiveLevels(
  { bids, asks }: NaiveBook,
  n = 1000,
): { bids: [number, number][]; asks: [number, number][] } {
  const side = (levels: Map<bigint, bigint>, sign: bigint): [number, number][] =>
    [...levels]
      .sort(([a], [b]) => Number(sign * (a - b)))
      .slice(0, n)
      .map(([ticks, lots]) => [Number(ticks), Number(lots)]);
  return { bids: side(bids, -1n), asks: side(asks, 1n) };
}
