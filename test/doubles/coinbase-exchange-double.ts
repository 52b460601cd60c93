import { isoMicros } from './iso-time.ts';
import { type BookSide, decimalText, shortText } from './level-book.ts';
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

interface Client extends Connection {
  /** Products by channel. */
  readonly channels: Map<string, Set<string>>;
}

const CHANNELS = ['level2', 'level2_batch', 'full', 'matches', 'heartbeat', 'ticker', 'status'];
const BATCH_MS = 50;
/** What the venue takes for a signed subscription; the double looks at no signature, only whether there is one. */
const SIGNED = ['level2', 'full'];

/**
 * Coinbase Exchange: `level2_batch` (a snapshot, then changes every 50 ms, without any number), `full` (every order message, with
 * the product's sequence), `matches`, `heartbeat`; REST `products` and `book?level=3`.
 */
export class CoinbaseExchangeDouble extends VenueDouble {
  readonly #changed = new Map<string, Map<string, readonly [BookSide, number, number]>>();

  constructor(setup: DoubleSetup) {
    super(setup);
    for (const symbol of this.markets.keys()) this.#changed.set(symbol, new Map());
    this.every(BATCH_MS, () => {
      for (const market of this.markets.values()) this.#publishBatch(market);
    });
    this.every(1000, () => this.#beat());
  }

  weight(): number {
    return 1;
  }

  protected open(_url: URL, wire: Wire): Client {
    const client: Client = { wire, channels: new Map(), received: (text) => this.#request(client, text) };
    this.after(5000, () => {
      if (client.channels.size === 0) this.drop(client, 1008, 'did not subscribe within 5 s');
    });
    return client;
  }

  protected answer(url: URL): Reply {
    const parts = url.pathname.split('/').filter((part) => part !== '');
    const at = parts.indexOf('products');
    if (at < 0) return json({ message: 'NotFound' }, 404);
    if (parts.length === at + 1) return json([...this.markets.values()].map(({ product }) => listing(product)));
    const market = this.markets.get(parts[at + 1]);
    if (market === undefined) return json({ message: 'NotFound' }, 404);
    if (parts[at + 2] === undefined) return json(listing(market.product));
    if (parts[at + 2] !== 'book' || url.searchParams.get('level') !== '3') return json({ message: 'NotFound' }, 404);
    return this.#orders(market);
  }

  #orders(market: Market): Reply {
    const { product } = market;
    const stale = this.plan.strikes('staleSnapshot', this.nowMs);
    const ago = stale ? this.staleUs(market) : this.stampUs(market);
    const orders = [...(stale ? market.truth.atTime(ago).orders : market.orders).values()];
    const sequence = stale ? market.truth.numberAtTime('sequence', ago) : market.lastSequence;
    const side = (of: BookSide): string[][] =>
      orders
        .filter((order) => order.side === of)
        // Stable: orders of one price keep the order of their queue.
        .sort((a, b) => (of === 0 ? b.price - a.price : a.price - b.price))
        .map(({ id, price, size }) => [price2(product, price), size8(product, size), id]);
    const body = { bids: side(0), asks: side(1), sequence, auction_mode: false, auction: null, time: isoMicros(ago) };
    return json(body, 200, { delayMs: this.plan.strikes('lateSnapshot', this.nowMs) ? 4000 : 0 });
  }

  #request(client: Client, text: string): void {
    const { type, product_ids = [], channels = [], signature } = JSON.parse(text);
    const asked: [string, string[]][] = channels.map((one: string | { name: string; product_ids?: string[] }) =>
      typeof one === 'string' ? [one, product_ids] : [one.name, one.product_ids ?? product_ids],
    );
    const wrong = this.#wrong(asked, signature);
    if (wrong !== null || this.plan.strikes('subscribeError', this.nowMs)) {
      const error = { type: 'error', message: 'Failed to subscribe', reason: wrong ?? 'internal error' };
      client.wire.send(JSON.stringify(error), { revealed: true });
      return;
    }
    const fresh: [string, Market][] = [];
    for (const [name, ids] of asked) {
      const now = client.channels.get(name) ?? new Set<string>();
      for (const id of ids) {
        if (type === 'unsubscribe') now.delete(id);
        else if (!now.has(id)) {
          now.add(id);
          fresh.push([name, this.markets.get(id)!]);
        }
      }
      if (now.size === 0) client.channels.delete(name);
      else client.channels.set(name, now);
    }
    const list = [...client.channels].map(([name, ids]) => ({ name, product_ids: [...ids], account_ids: null }));
    client.wire.send(JSON.stringify({ type: 'subscriptions', channels: list }), { revealed: true });
    for (const [name, market] of fresh) this.#welcome(client, name, market);
  }

  #wrong(asked: readonly [string, string[]][], signature: unknown): string | null {
    for (const [name, ids] of asked) {
      if (!CHANNELS.includes(name)) return `${name} is not a valid channel`;
      const unknown = ids.find((id) => !this.markets.has(id));
      if (unknown !== undefined) return `${unknown} is not a valid product`;
      if (SIGNED.includes(name) && typeof signature !== 'string') return `${name} requires authentication`;
    }
    return null;
  }

  #welcome(client: Client, channel: string, market: Market): void {
    const { product } = market;
    if (channel === 'level2_batch') {
      const side = (of: BookSide): string[][] =>
        market.book.best(of).map(([price, size]) => [price2(product, price), size8(product, size)]);
      const head = { type: 'snapshot', product_id: product.symbol };
      const time = isoMicros(this.stampUs(market));
      client.wire.send(JSON.stringify({ ...head, asks: side(1), bids: side(0), time }), { revealed: false });
    } else if (channel === 'matches' && market.trades.has(market.lastTradeId)) {
      const last = { ...this.#match(market, market.lastTradeId), type: 'last_match' };
      client.wire.send(JSON.stringify({ ...last, sequence: market.lastSequence }), { revealed: true });
    }
  }

  protected happened(market: Market, happenings: readonly Happening[]): void {
    const { symbol } = market.product;
    const changed = this.#changed.get(symbol)!;
    for (const one of happenings) {
      for (const { side, price, size } of one.changes) changed.set(`${side}:${price}`, [side, price, size]);
      const text = this.#full(market, one);
      const mark: MessageMark =
        one.trade === null ? { revealed: true } : { revealed: true, trades: { symbol, ids: [one.trade.id] } };
      for (const client of this.connections as Set<Client>) {
        const full = client.channels.get('full')?.has(symbol);
        const matches = one.trade !== null && client.channels.get('matches')?.has(symbol);
        if (full || matches) client.wire.send(text, mark);
      }
    }
  }

  #publishBatch(market: Market): void {
    const { product } = market;
    const changed = this.#changed.get(product.symbol)!;
    if (changed.size === 0) return;
    const changes = [...changed.values()].map(([side, price, size]) => [
      side === 0 ? 'buy' : 'sell',
      price2(product, price),
      size8(product, size),
    ]);
    changed.clear();
    const time = isoMicros(this.stampUs(market));
    const text = JSON.stringify({ type: 'l2update', product_id: product.symbol, changes, time });
    for (const client of this.connections as Set<Client>) {
      if (client.channels.get('level2_batch')?.has(product.symbol)) client.wire.send(text, { revealed: false });
    }
  }

  #beat(): void {
    for (const client of this.connections as Set<Client>) {
      for (const symbol of client.channels.get('heartbeat') ?? []) {
        const { lastSequence: sequence, lastTradeId: last_trade_id } = this.markets.get(symbol)!;
        const beat = { type: 'heartbeat', last_trade_id, product_id: symbol, sequence, time: isoMicros(this.nowUs) };
        client.wire.send(JSON.stringify(beat), { revealed: true });
      }
    }
  }

  #full(market: Market, { type, sequence, timeUs, order, oldSize, reason, trade }: Happening): string {
    const { product } = market;
    const tail = { product_id: product.symbol, sequence, time: isoMicros(timeUs) };
    if (trade !== null) return JSON.stringify({ ...this.#match(market, trade.id), sequence, time: tail.time });
    const { id, side: of, price: units, size: lots } = order!;
    const side = of === 0 ? 'buy' : 'sell';
    const price = price2(product, units);
    const size = size8(product, lots);
    const old = size8(product, oldSize);
    const limit = units > 0;
    switch (type) {
      case 'received':
        return JSON.stringify({
          type,
          order_id: id,
          ...(limit ? { order_type: 'limit', size, price } : { order_type: 'market', size }),
          side,
          ...tail,
        });
      case 'open':
        return JSON.stringify({ type, order_id: id, price, remaining_size: size, side, ...tail });
      case 'change':
        return JSON.stringify({
          type,
          reason: 'STP',
          order_id: id,
          price,
          new_size: size,
          old_size: old,
          side,
          ...tail,
        });
      default:
        return JSON.stringify({
          type: 'done',
          order_id: id,
          reason,
          ...(limit ? { price, remaining_size: old } : { remaining_size: old }),
          side,
          ...tail,
        });
    }
  }

  #match({ product, trades, lastSequence }: Market, id: number): object {
    const { price, size, makerSide, makerId, takerId } = trades.get(id)!;
    return {
      type: 'match',
      trade_id: id,
      maker_order_id: makerId,
      taker_order_id: takerId,
      size: size8(product, size),
      price: price2(product, price),
      side: makerSide === 0 ? 'buy' : 'sell',
      product_id: product.symbol,
      sequence: lastSequence,
      time: isoMicros(this.nowUs),
    };
  }
}

/** Prices have at least two decimals here. */
const price2 = ({ priceDecimals }: Product, price: number): string =>
  priceDecimals <= 2 ? decimalText(price, priceDecimals) : shortText(price, priceDecimals);

const size8 = ({ sizeDecimals }: Product, size: number): string => {
  if (size === 0) return '0';
  return sizeDecimals === 0 ? decimalText(size, 0) : decimalText(size, sizeDecimals);
};

function listing(product: Product): object {
  return {
    id: product.symbol,
    base_currency: product.base,
    quote_currency: product.quote,
    quote_increment: shortText(product.tick, product.priceDecimals),
    base_increment: shortText(product.lot, product.sizeDecimals),
    display_name: product.symbol.replace('-', '/'),
    min_market_funds: '1',
    status: 'online',
    status_message: '',
    trading_disabled: false,
    post_only: false,
    limit_only: false,
    cancel_only: false,
    auction_mode: false,
  };
}
