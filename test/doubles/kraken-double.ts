import { crc32 } from 'node:zlib';
import { isoMicros } from './iso-time.ts';
import { decimalText, shortText } from './level-book.ts';
import type { Happening, Market } from './market.ts';
import type { Product } from './products.ts';
import { type Connection, type DoubleSetup, json, type Reply, VenueDouble, type Wire } from './venue-double.ts';

interface BookSubscription {
  readonly depth: number;
  /** What the client was told: the best `depth` levels a side. */
  readonly view: readonly [Map<number, number>, Map<number, number>];
}

interface Client extends Connection {
  readonly books: Map<string, BookSubscription>;
  readonly trades: Set<string>;
  saidAtMs: number;
}

const DEPTHS = [10, 25, 100, 500, 1000];
/**
 * Kraken WebSocket v2: `book` with CRC32 on every message, `trade`, `instrument`, `heartbeat` and `status`; REST `AssetPairs`.
 * A book message names what changed within the subscribed depth; what leaves it because better levels came is not
 * named, and clients truncate.
 */
export class KrakenDouble extends VenueDouble {
  /** JSON numbers with all their zeros, as the venue writes them; false: as `JSON.stringify` would. */
  readonly fullNumerals: boolean;
  #connectionId = 7_000_000_000;

  constructor(setup: DoubleSetup & { fullNumerals?: boolean }) {
    super(setup);
    this.fullNumerals = setup.fullNumerals ?? true;
    this.every(1000, () => {
      for (const client of this.connections as Set<Client>) {
        const subscribed = client.books.size + client.trades.size > 0;
        if (subscribed && this.nowMs - client.saidAtMs >= 900) this.#say(client, '{"channel":"heartbeat"}');
      }
    });
  }

  weight(): number {
    return 1;
  }

  protected open(url: URL, wire: Wire): Client | null {
    if (!url.pathname.endsWith('/v2')) return null;
    const client: Client = {
      wire,
      books: new Map(),
      trades: new Set(),
      saidAtMs: this.nowMs,
      received: (text) => this.#request(client, text),
    };
    const data = [{ version: '2.0.10', system: 'online', api_version: 'v2', connection_id: ++this.#connectionId }];
    this.after(0, () => this.#say(client, JSON.stringify({ channel: 'status', type: 'update', data })));
    return client;
  }

  protected answer(url: URL): Reply {
    if (!url.pathname.endsWith('/0/public/AssetPairs')) return json({ error: ['EGeneral:Unknown method'] }, 404);
    const result: Record<string, unknown> = {};
    for (const { product } of this.markets.values()) {
      const { base, quote, priceDecimals, sizeDecimals } = product;
      // The old names: XBT, and an X or Z before the oldest currencies.
      const key = base === 'XBT' || base === 'ETH' ? `X${base}Z${quote}` : `${base}${quote}`;
      result[key] = {
        altname: `${base}${quote}`,
        wsname: `${base}/${quote}`,
        aclass_base: 'currency',
        base,
        aclass_quote: 'currency',
        quote: `Z${quote}`,
        pair_decimals: priceDecimals,
        cost_decimals: 5,
        lot_decimals: sizeDecimals,
        lot_multiplier: 1,
        ordermin: '0.0001',
        tick_size: shortText(product.tick, priceDecimals),
        status: 'online',
      };
    }
    return json({ error: [], result });
  }

  #request(client: Client, text: string): void {
    const { method, params, req_id } = JSON.parse(text);
    const time = isoMicros(this.nowUs);
    const ack = (more: object): void => {
      const tail = { time_in: time, time_out: time, ...(req_id === undefined ? {} : { req_id }) };
      this.#say(client, JSON.stringify({ method, ...more, ...tail }));
    };
    if (method === 'ping') {
      this.#say(client, JSON.stringify({ method: 'pong', time_in: time, time_out: time, req_id }));
      return;
    }
    if (params?.channel === 'instrument') {
      ack({ result: { channel: 'instrument', snapshot: true }, success: true });
      this.#say(client, this.#instruments());
      return;
    }
    for (const symbol of params?.symbol ?? []) {
      const error = this.#refusal(client, method, params, symbol);
      if (error !== null) ack({ error, success: false, symbol });
      else this.#subscribe(client, method, params, symbol, ack);
    }
  }

  #refusal(client: Client, method: string, params: { channel: string; depth?: number }, symbol: string): string | null {
    if (this.plan.strikes('subscribeError', this.nowMs)) return 'EGeneral:Internal error';
    const { channel, depth = 10 } = params;
    const has = channel === 'book' ? client.books.has(symbol) : client.trades.has(symbol);
    if (method === 'subscribe') {
      if (!this.markets.has(symbol)) return `Currency pair not supported ${symbol}`;
      if (channel === 'book' && !DEPTHS.includes(depth)) return `Subscription depth not supported`;
      return has ? 'Already subscribed' : null;
    }
    return has ? null : 'Subscription Not Found';
  }

  #subscribe(
    client: Client,
    method: string,
    params: { channel: string; depth?: number; snapshot?: boolean },
    symbol: string,
    ack: (more: object) => void,
  ): void {
    const { channel, depth = 10 } = params;
    const market = this.markets.get(symbol)!;
    const book = channel === 'book';
    const result = book
      ? { channel, depth, snapshot: params.snapshot ?? true, symbol }
      : { channel, snapshot: params.snapshot ?? false, symbol };
    if (method === 'unsubscribe') {
      if (book) client.books.delete(symbol);
      else client.trades.delete(symbol);
      ack({ result: book ? { channel, depth, symbol } : { channel, symbol }, success: true });
      return;
    }
    ack({ result, success: true });
    if (!book) {
      client.trades.add(symbol);
      if (params.snapshot === true) this.#tellTrades(client, market, [...market.trades.keys()].slice(-50), 'snapshot');
      return;
    }
    const subscription: BookSubscription = { depth, view: [new Map(), new Map()] };
    client.books.set(symbol, subscription);
    const late = this.plan.strikes('lateSnapshot', this.nowMs) ? 2000 : 0;
    this.after(late, () => {
      if (client.books.get(symbol) !== subscription) return;
      this.#tellBook(client, market, subscription, 'snapshot');
    });
  }

  protected happened(market: Market, happenings: readonly Happening[]): void {
    const { symbol } = market.product;
    const ids = happenings.flatMap((one) => (one.trade === null ? [] : [one.trade.id]));
    const changed = happenings.some((one) => one.changes.length > 0);
    for (const client of this.connections as Set<Client>) {
      const book = client.books.get(symbol);
      if (ids.length > 0 && client.trades.has(symbol)) this.#tellTrades(client, market, ids, 'update');
      // Before the snapshot there is nothing to change.
      if (changed && book !== undefined && book.view[0].size > 0) this.#tellBook(client, market, book, 'update');
    }
  }

  #tellBook(client: Client, market: Market, { depth, view }: BookSubscription, type: 'snapshot' | 'update'): void {
    const changes: [number, number][][] = [[], []];
    const best = ([0, 1] as const).map((side) => market.book.best(side, depth));
    for (const side of [0, 1] as const) {
      const now = new Map(best[side]);
      for (const price of view[side].keys()) {
        if (!now.has(price) && market.book.size(side, price) === 0) changes[side].push([price, 0]);
      }
      for (const [price, size] of now) if (view[side].get(price) !== size) changes[side].push([price, size]);
      view[side].clear();
      for (const [price, size] of now) view[side].set(price, size);
    }
    if (type === 'update' && changes[0].length + changes[1].length === 0) return;
    const { product } = market;
    const wrong = this.plan.strikes('checksum', this.nowMs);
    const checksum = (checksumOf(product, best[0], best[1]) ^ (wrong ? 0x5a5a5a5a : 0)) >>> 0;
    const [bids, asks] = ([0, 1] as const).map((side) =>
      this.#levels(product, type === 'snapshot' ? best[side] : changes[side]),
    );
    const symbol = JSON.stringify(product.symbol);
    const body = `{"symbol":${symbol},"bids":[${bids}],"asks":[${asks}],"checksum":${checksum},"timestamp":"${isoMicros(this.stampUs(market))}"}`;
    // Ten levels are what the checksum covers: where there are more, a loss could stay unseen.
    const mark = { revealed: depth === 10 };
    this.#say(client, `{"channel":"book","type":"${type}","data":[${body}]}`, mark);
  }

  #levels(product: Product, levels: readonly [number, number][]): string {
    const price = this.#numeral(product.priceDecimals);
    const size = this.#numeral(product.sizeDecimals);
    return levels.map((level) => `{"price":${price(level[0])},"qty":${size(level[1])}}`).join();
  }

  #numeral(decimals: number): (units: number) => string {
    return this.fullNumerals ? numeral(decimals) : (units) => shortText(units, decimals);
  }

  #tellTrades(client: Client, market: Market, ids: readonly number[], type: 'snapshot' | 'update'): void {
    const { symbol, priceDecimals, sizeDecimals } = market.product;
    const rows = ids.map((id) => {
      const { price, size, makerSide } = market.trades.get(id)!;
      const side = makerSide === 0 ? 'sell' : 'buy';
      const amounts = `"price":${this.#numeral(priceDecimals)(price)},"qty":${this.#numeral(sizeDecimals)(size)}`;
      return `{"symbol":"${symbol}","side":"${side}",${amounts},"ord_type":"market","trade_id":${id},"timestamp":"${isoMicros(this.stampUs(market))}"}`;
    });
    const mark = type === 'update' ? { revealed: true, trades: { symbol, ids } } : { revealed: true };
    this.#say(client, `{"channel":"trade","type":"${type}","data":[${rows.join()}]}`, mark);
  }

  #instruments(): string {
    const pairs = [...this.markets.values()].map(({ product }) => ({
      symbol: product.symbol,
      base: product.base === 'XBT' ? 'BTC' : product.base,
      quote: product.quote,
      status: 'online',
      qty_precision: product.sizeDecimals,
      price_precision: product.priceDecimals,
      qty_increment: Number(shortText(product.lot, product.sizeDecimals)),
      price_increment: Number(shortText(product.tick, product.priceDecimals)),
    }));
    return JSON.stringify({ channel: 'instrument', type: 'snapshot', data: { assets: [], pairs } });
  }

  #say(client: Client, text: string, mark = { revealed: true }): void {
    client.saidAtMs = this.nowMs;
    client.wire.send(text, mark);
  }
}

const numeral = (decimals: number) => (units: number) => decimalText(units, decimals);

/**
 * CRC32 of the ten best asks, then the ten best bids: price and size as written with all their decimals, without the point and
 * without leading zeros (docs.kraken.com, guides, websockets, book-checksum-v2).
 */
export function checksumOf(
  product: Pick<Product, 'priceDecimals' | 'sizeDecimals'>,
  bids: readonly [number, number][],
  asks: readonly [number, number][],
): number {
  const bare = (units: number, decimals: number): string =>
    decimalText(units, decimals).replace('.', '').replace(/^0+/, '');
  const row = ([price, size]: [number, number]): string =>
    bare(price, product.priceDecimals) + bare(size, product.sizeDecimals);
  const text = [...asks.slice(0, 10), ...bids.slice(0, 10)].map(row).join('');
  return crc32(text);
}
