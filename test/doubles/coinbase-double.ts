import { isoMicros } from './iso-time.ts';
import { type BookSide, shortText } from './level-book.ts';
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
  /** Products by channel, as the client named them. */
  readonly channels: Map<string, Set<string>>;
  nextNumber: number;
}

const CHANNELS = ['level2', 'market_trades', 'heartbeats', 'ticker', 'candles', 'status'];

/**
 * Coinbase Advanced Trade: `level2` (arrives as `l2_data`), `market_trades`, `heartbeats`, each acknowledged by `subscriptions`.
 * Every envelope of a connection has the next `sequence_num`, from 0, whatever its channel. REST: the public products.
 */
export class CoinbaseDouble extends VenueDouble {
  #heartbeats = 41_000;

  constructor(setup: DoubleSetup) {
    super(setup);
    this.every(1000, () => this.#beat());
  }

  weight(): number {
    return 1;
  }

  protected open(_url: URL, wire: Wire): Client {
    const client: Client = {
      wire,
      channels: new Map(),
      nextNumber: 0,
      received: (text) => this.#request(client, text),
    };
    // A client has five seconds to say what it wants.
    this.after(5000, () => {
      if (client.channels.size === 0) this.drop(client, 1008, 'no subscription');
    });
    return client;
  }

  protected answer(url: URL): Reply {
    const path = /\/api\/v3\/brokerage\/market\/products(?:\/([^/]+))?$/.exec(url.pathname);
    if (path === null) return json({ error: 'NOT_FOUND', message: 'route not found' }, 404);
    const products = [...this.markets.values()].map(({ product }) => listing(product));
    if (path[1] === undefined) {
      const ids = url.searchParams.getAll('product_ids');
      const wanted = ids.length === 0 ? products : products.filter((one) => ids.includes(one.product_id));
      return json({ products: wanted, num_products: wanted.length });
    }
    const one = products.find((product) => product.product_id === path[1]);
    return one === undefined ? json({ error: 'NOT_FOUND', message: 'ProductID is invalid' }, 404) : json(one);
  }

  #request(client: Client, text: string): void {
    const { type, channel, product_ids = [] } = JSON.parse(text);
    const unknown = product_ids.filter((id: string) => !this.markets.has(id));
    const wrong = !CHANNELS.includes(channel) || unknown.length > 0 || (type !== 'subscribe' && type !== 'unsubscribe');
    if (wrong || this.plan.strikes('subscribeError', this.nowMs)) {
      const message = wrong ? `failure to ${type}: ${channel} ${unknown.join()}` : 'rate limit exceeded';
      client.wire.send(JSON.stringify({ type: 'error', message }), { revealed: true });
      return;
    }
    const had = client.channels.get(channel) ?? new Set();
    const now = new Set(had);
    for (const id of product_ids)
      if (type === 'subscribe') now.add(id);
      else now.delete(id);
    if (now.size === 0 && channel !== 'heartbeats') client.channels.delete(channel);
    else client.channels.set(channel, now);
    if (type === 'subscribe') {
      for (const id of product_ids) if (!had.has(id)) this.#welcome(client, channel, this.markets.get(id)!);
    }
    const subscriptions = Object.fromEntries([...client.channels].map(([name, ids]) => [name, [...ids]]));
    this.#tell(client, 'subscriptions', [{ subscriptions }]);
  }

  /** What a new subscription begins with. */
  #welcome(client: Client, channel: string, market: Market): void {
    const { product } = market;
    if (channel === 'level2') {
      const updates = ([0, 1] as const).flatMap((side) =>
        market.book.best(side).map(([price, size]) => this.#update(market, side, price, size)),
      );
      this.#tell(client, 'l2_data', [{ type: 'snapshot', product_id: product.symbol, updates }], market);
    } else if (channel === 'market_trades') {
      const ids = [...market.trades.keys()].slice(-20).reverse();
      const trades = ids.map((id) => this.#trade(market, id));
      this.#tell(client, 'market_trades', [{ type: 'snapshot', trades }], market);
    }
  }

  protected happened(market: Market, happenings: readonly Happening[]): void {
    const { symbol } = market.product;
    const changed = new Map<string, readonly [BookSide, number, number]>();
    for (const { changes } of happenings) {
      for (const { side, price, size } of changes) changed.set(`${side}:${price}`, [side, price, size]);
    }
    const ids = happenings.flatMap(({ trade }) => (trade === null ? [] : [trade.id]));
    const updates = [...changed.values()].map((change) => this.#update(market, ...change));
    for (const client of this.connections as Set<Client>) {
      if (ids.length > 0 && client.channels.get('market_trades')?.has(symbol)) {
        // The newest first, as the venue sends them.
        const trades = ids.toReversed().map((id) => this.#trade(market, id));
        this.#tell(client, 'market_trades', [{ type: 'update', trades }], market, { symbol, ids });
      }
      if (updates.length > 0 && client.channels.get('level2')?.has(symbol)) {
        this.#tell(client, 'l2_data', [{ type: 'update', product_id: symbol, updates }], market);
      }
    }
  }

  /** The connections stay, and count from 0 again. */
  protected override restart(): void {
    for (const client of this.connections as Set<Client>) client.nextNumber = 0;
  }

  #beat(): void {
    this.#heartbeats++;
    const current_time = `${isoMicros(this.nowUs).replace('T', ' ').replace('Z', '000')} +0000 UTC m=+41691.260485341`;
    for (const client of this.connections as Set<Client>) {
      if (!client.channels.has('heartbeats')) continue;
      this.#tell(client, 'heartbeats', [{ current_time, heartbeat_counter: this.#heartbeats }]);
    }
  }

  #update(market: Market, side: BookSide, price: number, size: number): object {
    const { priceDecimals, sizeDecimals } = market.product;
    return {
      side: side === 0 ? 'bid' : 'offer',
      event_time: isoMicros(this.stampUs(market)),
      price_level: shortText(price, priceDecimals),
      new_quantity: shortText(size, sizeDecimals),
    };
  }

  #trade({ product, trades }: Market, id: number): object {
    const { price, size, makerSide } = trades.get(id)!;
    return {
      product_id: product.symbol,
      trade_id: String(id),
      price: shortText(price, product.priceDecimals),
      size: shortText(size, product.sizeDecimals),
      time: isoMicros(this.nowUs),
      // The maker's, as in the recording of 2026-08-09: trades at the ask say SELL.
      side: makerSide === 0 ? 'BUY' : 'SELL',
    };
  }

  #tell(client: Client, channel: string, events: unknown[], market?: Market, trades?: MessageMark['trades']): void {
    const us = market === undefined ? this.nowUs : this.stampUs(market);
    // Nanoseconds, and half a microsecond after the event.
    const timestamp = isoMicros(us).replace('Z', '500Z');
    const sequence_num = client.nextNumber++;
    const mark = { revealed: true, ...(trades === undefined ? {} : { trades }) };
    client.wire.send(JSON.stringify({ channel, timestamp, sequence_num, events }), mark);
  }
}

function listing(product: Product): { product_id: string } {
  const tick = shortText(product.tick, product.priceDecimals);
  const rest = {
    price: shortText(product.middle, product.priceDecimals),
    base_increment: shortText(product.lot, product.sizeDecimals),
    quote_increment: tick,
    price_increment: tick,
    base_currency_id: product.base,
    quote_currency_id: product.quote,
    product_type: 'SPOT',
    status: 'online',
    is_disabled: false,
    trading_disabled: false,
    alias: '',
    alias_to: [],
  };
  return { product_id: product.symbol, ...rest };
}
