import { assert, JsonCursor, NO_TIME } from '../../core/index.ts';
import type { Conversation, FeedInstrument, LinkSink, Outgoing, Resync } from '../../feed/index.ts';
import { Fault, Side } from '../../market/index.ts';
import { findStream, LevelStream, show } from './level-stream.ts';
import { venueError } from './refusal.ts';
import { BEYOND } from './steps.ts';

const bytesOf = (text: string): Buffer => Buffer.from(text);
const TYPE = bytesOf('type');
const PRODUCT = bytesOf('product_id');
const BUY = bytesOf('buy');
const SELL = bytesOf('sell');

/** Keys that are read once the whole message has been seen, so that they may stand anywhere in it. */
const FIELDS = [
  'time',
  'trade_id',
  'last_trade_id',
  'price',
  'size',
  'side',
  'message',
  'reason',
  'bids',
  'asks',
  'changes',
].map(bytesOf);
const [TIME, TRADE_ID, LAST_TRADE_ID, PRICE, SIZE, SIDE, MESSAGE, REASON, BIDS, ASKS, CHANGES] = FIELDS.keys();

const Kind = { OTHER: 0, SNAPSHOT: 1, UPDATE: 2, MATCH: 3, LAST_MATCH: 4, HEARTBEAT: 5, ERROR: 6 } as const;
type Kind = (typeof Kind)[keyof typeof Kind];
const KINDS: readonly (readonly [Buffer, Kind])[] = [
  [bytesOf('l2update'), Kind.UPDATE],
  [bytesOf('match'), Kind.MATCH],
  [bytesOf('heartbeat'), Kind.HEARTBEAT],
  [bytesOf('snapshot'), Kind.SNAPSHOT],
  [bytesOf('last_match'), Kind.LAST_MATCH],
  [bytesOf('error'), Kind.ERROR],
];

/** What is known of one product on this connection. */
class Product {
  readonly stream: LevelStream;
  /** Book messages so far: the venue does not number them, so we do. */
  messages = 0;
  /** Time of the last change; changes never go back in time. */
  changedNs = NO_TIME;
  /** Newest trade; `NaN` until there was one. */
  tradeId = Number.NaN;
  /** What the last heartbeat named as the newest trade. */
  promisedTradeId = Number.NaN;

  constructor(stream: LevelStream) {
    this.stream = stream;
  }
}

/**
 * One connection of Coinbase Exchange with books by price. The venue's recipe (docs.cdp.coinbase.com, Exchange WebSocket
 * channels):
 *
 *   - `level2_batch`: first a `snapshot` with `bids` and `asks` of [price, size], then every 50 ms an `l2update` with `changes`
 *     of [side, price, size]: the size now, not a change; "0" removes the level. `level2` is the same, unbatched.
 *   - `matches`: each trade; `heartbeat`: once a second, with the newest trade's id.
 *
 * Book messages have no numbers. The venue guarantees their delivery, and that is all that the book rests on (proof `delivery`):
 * one that it does lose, and one that a broken proxy drops, cannot be noticed as such. What can be noticed ends in a resync
 * of the product, by subscribing to it anew:
 *
 *   - a change older than the one before it (in 221,660 recorded changes there was none);
 *   - a hole in the ids of trades, or a trade that a heartbeat named and that has not come by the next one: they come on
 *     the same connection, so what lost them may have lost changes;
 *   - a message that cannot be read; a crossed book (`BookSync`).
 *
 * A trade's `side` is the maker's: the aggressor is the other one. `last_match`, the first message, tells of the past.
 */
export class BatchConversation implements Conversation {
  readonly #sink: LinkSink;
  readonly #streams: readonly LevelStream[];
  readonly #products: readonly Product[];
  readonly #cursor = new JsonCursor();
  // Of the message being read.
  #kind: Kind = Kind.OTHER;
  #product: Product | null = null;
  #recvNs = 0;
  #hasBook = false;
  /** Where the values of `FIELDS` begin; −1 where the message has none. */
  readonly #valueAt = new Int32Array(FIELDS.length);

  constructor(instruments: readonly FeedInstrument[], sink: LinkSink) {
    this.#sink = sink;
    this.#streams = instruments.map((instrument, i) => new LevelStream(instrument, i, sink));
    this.#products = this.#streams.map((stream) => new Product(stream));
  }

  greeting(): readonly Outgoing[] {
    const product_ids = this.#streams.map((stream) => stream.symbol.toString());
    return [say({ type: 'subscribe', product_ids, channels: ['heartbeat', 'matches', 'level2_batch'] })];
  }

  resync(i: number): Resync {
    const product_ids = [this.#streams[i].symbol.toString()];
    return {
      by: 'messages',
      messages: ['unsubscribe', 'subscribe'].map((type) => say({ type, product_ids, channels: ['level2_batch'] })),
    };
  }

  answer(): void {
    assert(false, 'a book of level2_batch comes on its connection, not as an answer');
  }

  receive(bytes: Buffer, from: number, to: number, recvNs: number): void {
    const c = this.#cursor;
    c.reset(bytes, from, to);
    this.#begin(recvNs);
    this.#read();
    c.finished();
    if (c.why === null) this.#finish();
    for (const stream of this.#streams) stream.close(c.why === null, from, recvNs);
    if (c.why !== null) {
      this.#sink.unreadable(null, c.why, c.at - from, recvNs);
      // It may have been anybody's.
      this.#sink.fault(null, Fault.GAP, `a message that could not be read: ${c.why}`);
    } else if (this.#kind === Kind.ERROR) {
      const said = this.#said();
      this.#sink.refused(this.#indexIn(said), venueError('coinbase-exchange', said));
    } else if (this.#kind === Kind.HEARTBEAT) this.#heartbeat();
  }

  #begin(recvNs: number): void {
    this.#recvNs = recvNs;
    this.#kind = Kind.OTHER;
    this.#product = null;
    this.#hasBook = false;
    this.#valueAt.fill(-1);
  }

  /** Any message. The venue begins with `type` and `product_id`; then levels are read as they come. */
  #read(): void {
    const c = this.#cursor;
    let known = false;
    if (!c.openObject()) return;
    while (c.key()) {
      if (c.keyIs(TYPE)) {
        if (c.text()) this.#kind = this.#kindRead();
      } else if (c.keyIs(PRODUCT)) {
        // Levels may have been read as the first one's.
        if (known) {
          c.fail('a second "product_id"');
          return;
        }
        if (!c.text()) return;
        const stream = findStream(this.#streams, c.bytes, c.from, c.to);
        this.#product = stream === null ? null : this.#products[stream.index];
        known = true;
      } else {
        const field = FIELDS.findIndex((name) => c.keyIs(name));
        if (field >= BIDS && known && this.#kind !== Kind.OTHER) this.#levels(field);
        else {
          if (field >= 0) this.#valueAt[field] = c.at;
          c.skip();
        }
      }
    }
  }

  #kindRead(): Kind {
    for (const [name, kind] of KINDS) if (this.#cursor.keyIs(name)) return kind;
    return Kind.OTHER;
  }

  /** Goes to the value of a field; false where the message has none. */
  #goTo(field: number): boolean {
    const at = this.#valueAt[field];
    if (at >= 0) this.#cursor.at = at;
    return at >= 0;
  }

  #sideRead(): Side {
    const c = this.#cursor;
    return c.keyIs(BUY) ? Side.BID : c.keyIs(SELL) ? Side.ASK : Side.NONE;
  }

  /** `[["14.8024","12.77"],…]` of a snapshot's side, or `[["sell","0.00001306","660.5"],…]`. */
  #levels(field: number): void {
    const c = this.#cursor;
    const product = this.#product;
    const isSnapshot = this.#kind === Kind.SNAPSHOT;
    if (product === null || (field === CHANGES ? this.#kind !== Kind.UPDATE : !isSnapshot)) {
      c.skip();
      return;
    }
    if (!this.#hasBook) product.stream.begin(isSnapshot, ++product.messages, this.#recvNs);
    this.#hasBook = true;
    let side: Side = field === BIDS ? Side.BID : Side.ASK;
    if (!c.openArray()) return;
    while (c.element()) {
      if (!c.openArray()) return;
      if (field === CHANGES) {
        if (!c.element() || !c.text()) {
          this.#broken();
          return;
        }
        side = this.#sideRead();
        if (side === Side.NONE) {
          this.#broken();
          return;
        }
      }
      if (!c.element() || !c.text()) {
        this.#broken();
        return;
      }
      const { from, to } = c;
      if (!c.element() || !c.text()) {
        this.#broken();
        return;
      }
      product.stream.level(side, c.bytes, from, to, c.from, c.to, this.#recvNs);
      if (c.element()) {
        this.#broken();
        return;
      }
    }
  }

  #broken(): void {
    this.#cursor.fail('no level of [price, size], or change of [side (buy or sell), price, size]');
  }

  /** The message is sound JSON: what it says. */
  #finish(): void {
    const kind = this.#kind;
    const product = this.#product;
    if (product === null) return;
    if (kind === Kind.SNAPSHOT || kind === Kind.UPDATE) {
      for (const field of [BIDS, ASKS, CHANGES]) if (this.#goTo(field)) this.#levels(field);
      if (this.#cursor.why !== null) return;
      if (this.#hasBook) this.#endBook(product, kind);
      else product.stream.refuse('a book message without its levels', this.#cursor.at);
    } else if (kind === Kind.MATCH || kind === Kind.LAST_MATCH) this.#trade(product);
  }

  /** The venue's time; ours where it gives none. */
  #time(product: Product): number {
    const c = this.#cursor;
    if (!this.#goTo(TIME) || !c.text()) return this.#recvNs;
    const ns = product.stream.time.read(c.bytes, c.from, c.to);
    if (Number.isNaN(ns)) product.stream.refuse(`the time is ${show(c.bytes, c.from, c.to)}`, c.from);
    return Number.isFinite(ns) ? ns : this.#recvNs;
  }

  #endBook(product: Product, kind: Kind): void {
    const { stream, changedNs } = product;
    const timed = this.#valueAt[TIME] >= 0;
    const timeNs = this.#time(product);
    stream.end(timeNs, true);
    if (kind !== Kind.UPDATE || !timed) return;
    if (timeNs < changedNs) stream.refuse('a change older than the one before it', -1);
    else product.changedNs = timeNs;
  }

  #trade(product: Product): void {
    const c = this.#cursor;
    const { stream, tradeId } = product;
    const start = c.at;
    const id = this.#goTo(TRADE_ID) ? c.integer() : Number.NaN;
    const maker = this.#goTo(SIDE) && c.text() ? this.#sideRead() : Side.NONE;
    const ticks = this.#goTo(PRICE) && c.text() ? stream.steps.ticks(c.bytes, c.from, c.to) : Number.NaN;
    const lots = this.#goTo(SIZE) && c.text() ? stream.steps.lots(c.bytes, c.from, c.to) : Number.NaN;
    const timeNs = this.#time(product);
    if (c.why !== null) return;
    if (Number.isNaN(id) || maker === Side.NONE || !(ticks < BEYOND) || !(lots > 0)) {
      stream.refuse('a trade whose trade_id, price, size and side (buy or sell) are not all there and sound', start);
      return;
    }
    if (!(id <= tradeId)) product.tradeId = id;
    if (this.#kind === Kind.LAST_MATCH) return;
    if (id > tradeId + 1) {
      this.#sink.fault(stream.index, Fault.GAP, `trade ${id} came after ${tradeId}: messages were lost`);
    }
    stream.trade(id, maker, ticks, lots, timeNs, product.messages, this.#recvNs);
  }

  #heartbeat(): void {
    this.#sink.heartbeat();
    const product = this.#product;
    if (product === null) return;
    const { promisedTradeId } = product;
    if (promisedTradeId > product.tradeId) {
      // Said once: what comes later is compared with the trades that come from now on.
      product.tradeId = promisedTradeId;
      const why = `trade ${promisedTradeId} was named a heartbeat ago and has not come: messages were lost`;
      this.#sink.fault(product.stream.index, Fault.GAP, why);
    }
    if (this.#goTo(LAST_TRADE_ID)) product.promisedTradeId = this.#cursor.integer();
  }

  /** What the venue says against a request of ours, as it stands in the message. */
  #said(): string {
    const c = this.#cursor;
    const parts: string[] = [];
    for (const field of [MESSAGE, REASON]) {
      if (this.#goTo(field) && c.skip()) parts.push(c.bytes.toString('utf8', this.#valueAt[field], c.at).trim());
    }
    return parts.join(': ');
  }

  #indexIn(said: string): number | null {
    const named = this.#streams.filter((stream) => said.includes(stream.symbol.toString()));
    return named.length === 1 ? named[0].index : null;
  }
}

function say(message: object): Outgoing {
  return { text: JSON.stringify(message) };
}
