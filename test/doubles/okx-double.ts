import { shortText } from './level-book.ts';
import type { Happening, Market, MarketTrade } from './market.ts';
import type { Product } from './products.ts';
import { type Connection, type DoubleSetup, json, type Reply, VenueDouble, type Wire } from './venue-double.ts';

interface Client extends Connection {
  /** By symbol: whether the subscription has begun, which it does with the next push. */
  readonly books: Map<string, boolean>;
  readonly trades: Set<string>;
  /** When something last passed. */
  passedMs: number;
}

/** What was pushed of one book. */
interface Feed {
  /** Number of the last push; `NaN` before any. */
  seqId: number;
  pushedMs: number;
  /** What changed since, in order. */
  touched: { timeUs: number; side: 0 | 1; price: number }[];
}

interface Request {
  readonly id?: string;
  readonly op: string;
  readonly args?: readonly { readonly channel: string; readonly instId: string }[];
}

const PUSH_MS = 100;
const QUIET_MS = 60_000;
const SILENCE_MS = 30_000;
const LEVELS = 400;

/**
 * OKX's public WebSocket v5: `books` (every 100 ms what changed, with `prevSeqId` and `seqId`), `trades` (one message for a taker's
 * matches at one price), `ping`; REST `instruments` and `books`. Numbers are the matching engine's own and leave holes; they begin
 * anew while connections stay. All times are of whole ms, and what is told is the book at exactly that time.
 */
export class OkxDouble extends VenueDouble {
  /** A snapshot comes with each subscription; false: clients ask REST, as the venue announced for some day. */
  readonly sendsSnapshots: boolean;
  readonly #feeds = new Map<string, Feed>();

  constructor(setup: DoubleSetup & { sendsSnapshots?: boolean }) {
    super(setup);
    this.sendsSnapshots = setup.sendsSnapshots ?? true;
    for (const symbol of this.markets.keys()) this.#feeds.set(symbol, { seqId: Number.NaN, pushedMs: 0, touched: [] });
    this.every(PUSH_MS, () => {
      for (const market of this.markets.values()) this.#push(market);
    });
    this.every(1000, () => {
      for (const client of [...this.connections] as Client[]) {
        if (this.nowMs - client.passedMs > SILENCE_MS) this.drop(client, 4004, 'No data received in 30s.');
      }
    });
  }

  weight(): number {
    return 1;
  }

  protected open(url: URL, wire: Wire): Client | null {
    if (!url.pathname.endsWith('/ws/v5/public')) return null;
    const client: Client = {
      wire,
      books: new Map(),
      trades: new Set(),
      passedMs: this.nowMs,
      received: (text) => this.#received(client, text),
    };
    return client;
  }

  /** The numbers begin anew, and the connections stay. */
  protected override restart(): void {
    for (const market of this.markets.values()) market.renumber();
  }

  protected override shutdownNotice(): string {
    const msg = 'The connection will soon be closed for a service upgrade. Please reconnect.';
    return JSON.stringify({ event: 'notice', code: '64008', msg, connId: 'a4d3ae55' });
  }

  protected answer(url: URL): Reply {
    const refusal = (code: string, msg: string, status = 200): Reply => json({ code, msg, data: [] }, status);
    if (url.pathname.endsWith('/api/v5/public/instruments')) {
      const type = url.searchParams.get('instType') ?? '';
      if (!['SPOT', 'SWAP', 'FUTURES', 'OPTION'].includes(type))
        return refusal('51000', 'Parameter instType error', 400);
      const products = [...this.markets.values()].map(({ product }) => product);
      return json({ code: '0', msg: '', data: products.filter((one) => typeOf(one) === type).map(listing) });
    }
    if (!url.pathname.endsWith('/api/v5/market/books')) return json({ code: '404', msg: 'Not Found' }, 404);
    const market = this.markets.get(url.searchParams.get('instId') ?? '');
    if (market === undefined) return refusal('51001', "Instrument ID doesn't exist");
    return this.#books(market, Math.min(LEVELS, Number(url.searchParams.get('sz') ?? 1)));
  }

  #books(market: Market, levels: number): Reply {
    const stale = this.plan.strikes('staleSnapshot', this.nowMs);
    const ms = stale ? Math.min(this.epochMs, Math.ceil(this.staleUs(market) / 1000)) : this.epochMs;
    const seqId = market.truth.numberAtTime('updateId', ms * 1000);
    const { book } = market.truth.atTime(ms * 1000);
    const [bids, asks] = ([0, 1] as const).map((side) => rows(market.product, book.best(side, levels)));
    const delayMs = this.plan.strikes('lateSnapshot', this.nowMs) ? 4000 : 0;
    return json({ code: '0', msg: '', data: [{ asks, bids, ts: String(ms), seqId }] }, 200, { delayMs });
  }

  #received(client: Client, text: string): void {
    client.passedMs = this.nowMs;
    if (text === 'ping') {
      this.#say(client, 'pong');
      return;
    }
    const { id, op, args } = JSON.parse(text) as Request;
    const tail = { ...(id === undefined ? {} : { id }), connId: 'a4d3ae55' };
    const refuse = (code: string, msg: string): void =>
      this.#say(client, JSON.stringify({ event: 'error', code, msg, ...tail }));
    if (!['subscribe', 'unsubscribe'].includes(op) || args === undefined) {
      refuse('60012', `Invalid request: ${text}`);
      return;
    }
    if (this.plan.strikes('subscribeError', this.nowMs)) {
      refuse('60014', 'Requests too frequent');
      return;
    }
    for (const arg of args) {
      const { channel, instId } = arg;
      if (!['books', 'trades'].includes(channel) || !this.markets.has(instId)) {
        refuse('60018', `Wrong URL or channel:${channel},instId:${instId} doesn't exist. Please use the correct URL.`);
        continue;
      }
      this.#say(client, JSON.stringify({ event: op, arg, ...tail }));
      if (op === 'unsubscribe') (channel === 'books' ? client.books : client.trades).delete(instId);
      else if (channel === 'trades') client.trades.add(instId);
      else if (!client.books.has(instId)) client.books.set(instId, false);
    }
  }

  protected happened(market: Market, happenings: readonly Happening[]): void {
    const feed = this.#feeds.get(market.product.symbol)!;
    for (const { changes, timeUs } of happenings) {
      for (const { side, price } of changes) feed.touched.push({ timeUs, side, price });
    }
    const trades = happenings.flatMap(({ trade }) => (trade === null ? [] : [trade]));
    for (let from = 0; from < trades.length; ) {
      let to = from + 1;
      while (to < trades.length && isSame(trades[from], trades[to])) to++;
      this.#tellTrades(market, trades.slice(from, to));
      from = to;
    }
  }

  /** One message for what a taker got at one price; what the venue tells as one trade is one, here and in the market's record. */
  #tellTrades(market: Market, parts: readonly MarketTrade[]): void {
    const { product } = market;
    const last = parts[parts.length - 1];
    const size = parts.reduce((sum, part) => sum + part.size, 0);
    const record = market.trades as Map<number, MarketTrade>;
    for (const { id } of parts) record.delete(id);
    record.set(last.id, { ...last, size });
    const { symbol } = product;
    const data = {
      instId: symbol,
      tradeId: String(last.id),
      px: shortText(last.price, product.priceDecimals),
      sz: shortText(size, product.sizeDecimals),
      side: last.makerSide === 0 ? 'sell' : 'buy',
      ts: String(this.epochMs),
      count: String(parts.length),
      source: '0',
      seqId: market.lastUpdateId,
    };
    const text = JSON.stringify({ arg: { channel: 'trades', instId: symbol }, data: [data] });
    for (const client of this.connections as Set<Client>) {
      if (!client.trades.has(symbol)) continue;
      this.#say(client, text, { revealed: true, trades: { symbol, ids: [last.id] } });
    }
  }

  /** Pushes what changed up to now, a whole ms, to all; the book itself to those that subscribed since. */
  #push(market: Market): void {
    const { product, truth } = market;
    const feed = this.#feeds.get(product.symbol)!;
    const { nowUs } = this;
    const due = feed.touched.filter(({ timeUs }) => timeUs <= nowUs);
    feed.touched = feed.touched.filter(({ timeUs }) => timeUs > nowUs);
    const { book } = truth.atTime(nowUs);
    const number = truth.numberAtTime('updateId', nowUs);
    const previous = feed.seqId;
    const first = Number.isNaN(previous);
    const changed = due.length > 0 || number < previous;
    if (first || changed) feed.seqId = number;
    if (changed || this.nowMs - feed.pushedMs >= QUIET_MS) {
      feed.pushedMs = this.nowMs;
      const sides = ([0, 1] as const).map((side) => {
        const prices = new Set(due.filter((one) => one.side === side).map(({ price }) => price));
        return [...prices].map((price): [number, number] => [price, book.size(side, price)]);
      });
      const text = this.#message(product, 'update', sides, first ? feed.seqId : previous, feed.seqId);
      for (const client of this.connections as Set<Client>) {
        if (client.books.get(product.symbol) === true) this.#say(client, text);
      }
    }
    for (const client of this.connections as Set<Client>) {
      if (client.books.get(product.symbol) !== false) continue;
      client.books.set(product.symbol, true);
      if (!this.sendsSnapshots) continue;
      const sides = ([0, 1] as const).map((side) => book.best(side, LEVELS));
      this.#say(client, this.#message(product, 'snapshot', sides, -1, feed.seqId));
    }
  }

  #message(
    product: Product,
    action: 'snapshot' | 'update',
    [bids, asks]: readonly (readonly [number, number][])[],
    prevSeqId: number,
    seqId: number,
  ): string {
    const arg = { channel: 'books', instId: product.symbol };
    const levels = { asks: rows(product, asks), bids: rows(product, bids) };
    return JSON.stringify({
      arg,
      action,
      data: [{ ...levels, ts: String(this.epochMs), checksum: 0, prevSeqId, seqId }],
    });
  }

  #say(client: Client, text: string, mark: Parameters<Wire['send']>[1] = { revealed: true }): void {
    client.passedMs = this.nowMs;
    client.wire.send(text, mark);
  }
}

function isSame(a: MarketTrade, b: MarketTrade): boolean {
  return a.takerId === b.takerId && a.price === b.price && a.makerSide === b.makerSide;
}

function rows({ priceDecimals, sizeDecimals }: Product, levels: readonly (readonly [number, number])[]): string[][] {
  return levels.map(([price, size]) => [shortText(price, priceDecimals), shortText(size, sizeDecimals), '0', '1']);
}

function typeOf({ symbol }: Product): string {
  return symbol.endsWith('-SWAP') ? 'SWAP' : 'SPOT';
}

function listing(product: Product): object {
  const { symbol: instId, base, quote } = product;
  const swap = typeOf(product) === 'SWAP';
  return {
    instType: typeOf(product),
    instId,
    baseCcy: swap ? '' : base,
    quoteCcy: swap ? '' : quote,
    ctVal: swap ? '0.01' : '',
    ctValCcy: swap ? base : '',
    tickSz: shortText(product.tick, product.priceDecimals),
    lotSz: shortText(product.lot, product.sizeDecimals),
    minSz: shortText(product.lot, product.sizeDecimals),
    state: 'live',
  };
}
