import { type BookSide, decimalText } from './level-book.ts';
import type { Happening, Market } from './market.ts';
import type { Product } from './products.ts';
import {
  type Connection,
  type DoubleSetup,
  json,
  type MessageMark,
  type Reply,
  VenueDouble,
  type Wire,
} from './venue-double.ts';

export type BinanceMarket = 'spot' | 'usdm' | 'coinm';

interface Client extends Connection {
  readonly streams: Set<string>;
  /** `/stream` wraps what `/ws` sends bare. */
  readonly combined: boolean;
}

/** Changes of one book since its last diff. */
interface Pending {
  firstId: number;
  lastId: number;
  readonly levels: Map<string, number>;
  previousId: number;
}

const PREFIX: Record<BinanceMarket, string> = { spot: '/api/v3', usdm: '/fapi/v1', coinm: '/dapi/v1' };
const DEPTH_WEIGHTS: Record<BinanceMarket, readonly [number, number][]> = {
  spot: [
    [100, 5],
    [500, 25],
    [1000, 50],
    [5000, 250],
  ],
  usdm: [
    [50, 2],
    [100, 5],
    [500, 10],
    [1000, 20],
  ],
  coinm: [
    [50, 2],
    [100, 5],
    [500, 10],
    [1000, 20],
  ],
};
const FUTURES_LIMITS = [5, 10, 20, 50, 100, 500, 1000];

/**
 * Binance: spot, USD-M or COIN-M futures. Streams by URL (`/stream?streams=`, `/ws/…`) or SUBSCRIBE; `depth`, `depth@100ms`,
 * `trade`, `aggTrade`, `bookTicker`; REST `exchangeInfo`, `depth`, `ping`, `time`.
 * As measured on recordings: spot ids join (`U` is the last `u` + 1); futures name `pu`, ids between are missing, and a snapshot's
 * id may lie in such a hole.
 */
export class BinanceDouble extends VenueDouble {
  readonly market: BinanceMarket;
  readonly #pending = new Map<string, Pending>();
  readonly #tops = new Map<string, string>();
  #aggTradeId = 900_000;

  constructor(market: BinanceMarket, setup: DoubleSetup) {
    super(setup);
    this.market = market;
    for (const one of this.markets.values()) this.renumbered(one);
    this.every(100, () => {
      for (const one of this.markets.values()) this.#publishDepth(one);
    });
    this.every(market === 'spot' ? 20_000 : 180_000, () => {
      for (const { wire } of this.connections) wire.ping();
    });
  }

  weight(url: string): number {
    const { pathname, searchParams } = new URL(url);
    if (pathname.endsWith('/exchangeInfo')) return this.market === 'spot' ? 20 : 1;
    if (!pathname.endsWith('/depth')) return 1;
    const limit = Number(searchParams.get('limit') ?? (this.market === 'spot' ? 100 : 500));
    const row = DEPTH_WEIGHTS[this.market].find(([most]) => limit <= most);
    return row?.[1] ?? 250;
  }

  protected open(url: URL, wire: Wire): Client | null {
    const combined = url.pathname.endsWith('/stream');
    const bare = /\/ws(?:\/(.*))?$/.exec(url.pathname);
    if (!combined && bare === null) return null;
    const names = (combined ? url.searchParams.get('streams') : bare?.[1]) ?? '';
    const streams = new Set(names.split('/').filter((name) => name !== ''));
    const client: Client = { wire, streams, combined, received: (text) => this.#request(client, text) };
    return client;
  }

  #request(client: Client, text: string): void {
    const { method, params, id } = JSON.parse(text);
    if (this.plan.strikes('subscribeError', this.nowMs)) {
      client.wire.send(JSON.stringify({ error: { code: 2, msg: 'Invalid request: unknown variant' }, id }), {
        revealed: true,
      });
      return;
    }
    for (const name of params ?? []) {
      if (method === 'SUBSCRIBE') client.streams.add(name);
      else client.streams.delete(name);
    }
    client.wire.send(JSON.stringify({ result: null, id }), { revealed: true });
  }

  protected answer(url: URL): Reply {
    const path = url.pathname;
    if (!path.includes(PREFIX[this.market])) return json({ code: -1, msg: 'not found' }, 404);
    if (path.endsWith('/exchangeInfo')) return this.#exchangeInfo(url);
    if (path.endsWith('/depth')) return this.#depthSnapshot(url);
    if (path.endsWith('/time')) return json({ serverTime: this.epochMs });
    return path.endsWith('/ping') ? json({}) : json({ code: -1, msg: 'not found' }, 404);
  }

  #exchangeInfo(url: URL): Reply {
    const wanted = this.market === 'spot' ? this.#symbolsOf(url) : null;
    if (wanted?.some((symbol) => !this.markets.has(symbol))) return json({ code: -1121, msg: 'Invalid symbol.' }, 400);
    const listed = [...this.markets.values()].filter(
      ({ product }) => wanted === null || wanted.includes(product.symbol),
    );
    const symbols = listed.map(({ product }) => this.#listing(product));
    return json({ timezone: 'UTC', serverTime: this.epochMs, rateLimits: [], exchangeFilters: [], symbols });
  }

  #symbolsOf(url: URL): string[] | null {
    const one = url.searchParams.get('symbol');
    const many = url.searchParams.get('symbols');
    return one !== null ? [one] : many !== null ? JSON.parse(many) : null;
  }

  #listing(product: Product): unknown {
    const text = (units: number, decimals: number): string => decimalText(units, decimals);
    const tickSize = text(product.tick, product.priceDecimals);
    const stepSize = text(product.lot, product.sizeDecimals);
    const filters = [
      { filterType: 'PRICE_FILTER', minPrice: tickSize, maxPrice: '1000000.00000000', tickSize },
      { filterType: 'LOT_SIZE', minQty: stepSize, maxQty: '9000.00000000', stepSize },
      { filterType: 'MARKET_LOT_SIZE', minQty: '0.00000000', maxQty: '100.00000000', stepSize: '0.00000000' },
    ];
    const { symbol, base: baseAsset, quote: quoteAsset } = product;
    const shared = { symbol, baseAsset, quoteAsset, filters };
    if (this.market === 'spot')
      return { ...shared, status: 'TRADING', baseAssetPrecision: 8, isSpotTradingAllowed: true };
    const futures = {
      ...shared,
      pair: `${baseAsset}${quoteAsset}`,
      contractType: 'PERPETUAL',
      pricePrecision: product.priceDecimals,
    };
    if (this.market === 'usdm') return { ...futures, status: 'TRADING', quantityPrecision: product.sizeDecimals };
    return { ...futures, contractStatus: 'TRADING', contractSize: 100, quantityPrecision: 0 };
  }

  #depthSnapshot(url: URL): Reply {
    const market = this.markets.get(url.searchParams.get('symbol') ?? '');
    if (market === undefined) return json({ code: -1121, msg: 'Invalid symbol.' }, 400);
    const limit = Number(url.searchParams.get('limit') ?? (this.market === 'spot' ? 100 : 500));
    if (this.market !== 'spot' && !FUTURES_LIMITS.includes(limit))
      return json({ code: -4021, msg: `Limit ${limit} not allowed.` }, 400);
    const stale = this.plan.strikes('staleSnapshot', this.nowMs);
    const ago = stale ? this.staleUs(market) : this.stampUs(market);
    const book = stale ? market.truth.atTime(ago).book : market.book;
    const lastUpdateId = stale ? market.truth.numberAtTime('updateId', ago) : market.lastUpdateId;
    const side = (of: BookSide): string[][] =>
      book.best(of, Math.min(limit, 5000)).map(([price, size]) => this.#level(market.product, price, size));
    const times = this.market === 'spot' ? {} : { E: this.epochMs, T: this.epochMs - 2 };
    const names =
      this.market === 'coinm'
        ? { symbol: market.product.symbol, pair: `${market.product.base}${market.product.quote}` }
        : {};
    const delayMs = this.plan.strikes('lateSnapshot', this.nowMs) ? 4000 : 0;
    return json({ lastUpdateId, ...times, ...names, bids: side(0), asks: side(1) }, 200, { delayMs });
  }

  #level({ priceDecimals, sizeDecimals }: Product, price: number, size: number): string[] {
    return [decimalText(price, priceDecimals), decimalText(size, sizeDecimals)];
  }

  protected happened(market: Market, happenings: readonly Happening[]): void {
    for (const one of happenings) {
      if (one.raw !== null) {
        this.#forward(market, one);
        continue;
      }
      if (one.changes.length > 0) this.#collect(market, one);
      if (one.trade !== null) this.#publishTrade(market, one);
    }
    if (happenings.some((one) => one.changes.length > 0 && one.raw === null)) this.#publishTicker(market);
  }

  #collect(market: Market, { changes, updateId }: Happening): void {
    const pending = this.#pending.get(market.product.symbol)!;
    if (pending.levels.size === 0) pending.firstId = this.market === 'spot' ? pending.previousId + 1 : updateId;
    pending.lastId = updateId;
    for (const { side, price, size } of changes) pending.levels.set(`${side}:${price}`, size);
  }

  protected override renumbered(market: Market): void {
    const { lastUpdateId } = market;
    const pending = { firstId: 0, lastId: 0, levels: new Map(), previousId: lastUpdateId };
    this.#pending.set(market.product.symbol, pending);
  }

  #publishDepth(market: Market): void {
    const { product } = market;
    const pending = this.#pending.get(product.symbol);
    if (pending === undefined || pending.levels.size === 0) return;
    const side = (of: BookSide): string[][] => {
      const rows: string[][] = [];
      for (const [key, size] of pending.levels) {
        if (Number(key[0]) === of) rows.push(this.#level(product, Number(key.slice(2)), size));
      }
      return rows;
    };
    const { firstId: U, lastId: u, previousId: pu } = pending;
    const head = { e: 'depthUpdate', E: this.epochMs };
    const data =
      this.market === 'spot'
        ? { ...head, s: product.symbol, U, u, b: side(0), a: side(1) }
        : { ...head, T: this.epochMs - 1, s: product.symbol, ...this.#pair(product), U, u, pu, b: side(0), a: side(1) };
    pending.levels.clear();
    pending.previousId = u;
    this.#send(product, ['depth', 'depth@100ms', 'depth@0ms', 'depth@500ms', 'depth@250ms'], data, { revealed: true });
  }

  #pair(product: Product): object {
    return this.market === 'coinm' ? { ps: `${product.base}${product.quote}` } : {};
  }

  #publishTrade({ product }: Market, { trade }: Happening): void {
    const { id, price, size, makerSide } = trade!;
    const [p, q] = this.#level(product, price, size);
    const head = { E: this.epochMs, s: product.symbol };
    // m: the buyer was the maker.
    const tail = { p, q, T: this.epochMs - 1, m: makerSide === 0 };
    const more = this.market === 'spot' ? { M: true } : { X: 'MARKET' };
    const trades = { symbol: product.symbol, ids: [id] };
    this.#send(product, ['trade'], { e: 'trade', ...head, t: id, ...tail, ...more }, { revealed: true, trades });
    // Each trade on its own: aggregates of one are aggregates.
    const a = ++this.#aggTradeId;
    this.#send(product, ['aggTrade'], { e: 'aggTrade', ...head, a, f: id, l: id, ...tail }, { revealed: true });
  }

  #publishTicker(market: Market): void {
    const { product } = market;
    const { book } = market;
    const bid = book.touch(0);
    const ask = book.touch(1);
    if (Number.isNaN(bid) || Number.isNaN(ask)) return;
    const [b, B] = this.#level(product, bid, book.size(0, bid));
    const [a, A] = this.#level(product, ask, book.size(1, ask));
    const top = [b, B, a, A].join();
    if (this.#tops.get(product.symbol) === top) return;
    this.#tops.set(product.symbol, top);
    const body = { u: market.lastUpdateId, s: product.symbol, b, B, a, A };
    const times = { T: this.epochMs - 1, E: this.epochMs };
    const data = this.market === 'spot' ? body : { e: 'bookTicker', ...body, ...this.#pair(product), ...times };
    this.#send(product, ['bookTicker'], data, { revealed: true });
  }

  #send({ symbol }: Product, kinds: readonly string[], data: object, mark: MessageMark): void {
    for (const client of this.connections as Set<Client>) {
      for (const kind of kinds) {
        const stream = `${symbol.toLowerCase()}@${kind}`;
        if (!client.streams.has(stream)) continue;
        client.wire.send(JSON.stringify(client.combined ? { stream, data } : data), mark);
      }
    }
  }

  /** A recorded line goes out as it is. */
  #forward({ product }: Market, { raw, trade }: Happening): void {
    const stream = /^\{"stream":"([^"]+)"/.exec(raw!)?.[1] ?? '';
    const kind = stream.slice(stream.indexOf('@') + 1);
    const mark = { revealed: true, ...(trade === null ? {} : { trades: { symbol: product.symbol, ids: [trade.id] } }) };
    for (const client of this.connections as Set<Client>) {
      const wanted =
        client.streams.has(stream) ||
        (kind.startsWith('depth') && [...client.streams].some((name) => name.includes('@depth')));
      if (wanted) client.wire.send(raw!, mark);
    }
  }

  protected override shutdownNotice(): string {
    return JSON.stringify({ e: 'serverShutdown', E: this.epochMs });
  }
}
