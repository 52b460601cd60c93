import { JsonCursor, VenueTime } from '../../core/index.ts';
import type { Conversation, FeedInstrument, LinkSink, Outgoing, Resync } from '../../feed/index.ts';
import { Fault, Side } from '../../market/index.ts';
import { BookStream } from './book-stream.ts';
import { venueError } from './venue-error.ts';

const key = (text: string): Buffer => Buffer.from(text);
const CHANNEL = key('channel');
const TYPE = key('type');
const DATA = key('data');
const METHOD = key('method');
const ERROR = key('error');
const SYMBOL = key('symbol');
const BIDS = key('bids');
const ASKS = key('asks');
const PRICE = key('price');
const QTY = key('qty');
const CHECKSUM = key('checksum');
const TIMESTAMP = key('timestamp');
const SIDE = key('side');
const TRADE_ID = key('trade_id');
const BUY = key('buy');
const SELL = key('sell');
const SNAPSHOT = key('snapshot');
const UPDATE = key('update');
const MAX_CHECKSUM = 0xffffffff;

/** What a message is about. */
const About = { NOTHING: 0, BOOK: 1, TRADE: 2, HEARTBEAT: 3, STATUS: 4, ELSE: 5 } as const;
type About = (typeof About)[keyof typeof About];
const CHANNELS: readonly [name: Buffer, about: About][] = [
  [key('book'), About.BOOK],
  [key('trade'), About.TRADE],
  [key('heartbeat'), About.HEARTBEAT],
  [key('status'), About.STATUS],
];

/** Where in the bytes a value stands, and ends; −1 where it is absent. */
class Span {
  from = -1;
  to = -1;

  set(from: number, to: number): void {
    this.from = from;
    this.to = to;
  }

  clear(): void {
    this.from = this.to = -1;
  }
}

/**
 * A conversation in Kraken's WebSocket v2 (docs.kraken.com, "Book (Level 2)", "Trades", "Book checksum (WebSocket v2)"):
 *
 *   → {"method":"subscribe","params":{"channel":"book","symbol":["BTC/USD"],"depth":10,"snapshot":true}}
 *   ← {"method":"subscribe","result":{"channel":"book","depth":10,"snapshot":true,"symbol":"BTC/USD"},"success":true, …}
 *   ← {"channel":"book","type":"snapshot","data":[{"symbol":"BTC/USD","bids":[{"price":45283.5,"qty":0.10000000}, …],
 *      "asks":[…],"checksum":3310070434,"timestamp":"2023-10-06T17:35:55.440295Z"}]}
 *   ← {"channel":"book","type":"update","data":[ … the same, levels that changed; "qty":0 removes …]}
 *   ← {"channel":"trade","type":"update","data":[{"symbol":"BTC/USD","side":"sell","price":…,"qty":…,"trade_id":…,"timestamp":…}]}
 *   ← {"channel":"heartbeat"}
 *
 * 1. Apply the whole message, then cut the book to the subscribed depth: levels that better ones push out are not named.
 * 2. The checksum, of the ten best levels a side, must be the book's. There are no sequence numbers: it is the only proof.
 * 3. Where it is not, unsubscribe and subscribe the one symbol anew; the snapshot comes by itself.
 *
 * Prices and sizes are JSON numbers whose trailing zeros the checksum needs, so their digits are read from the bytes.
 */
export class V2Conversation implements Conversation {
  readonly #instruments: readonly FeedInstrument[];
  readonly #sink: LinkSink;
  readonly #books: readonly BookStream[];
  /** Index by symbol. */
  readonly #indexes: ReadonlyMap<string, number>;
  readonly #time: VenueTime;
  readonly #json = new JsonCursor();
  readonly #price = new Span();
  readonly #qty = new Span();
  #bytes: Buffer = Buffer.alloc(0);
  #from = 0;
  #to = 0;
  #recvNs = 0;
  #halted = false;
  #lastIndex = 0;
  #lastSymbol: Buffer;

  constructor(instruments: readonly FeedInstrument[], sink: LinkSink) {
    this.#instruments = instruments;
    this.#sink = sink;
    this.#books = instruments.map((instrument, i) => new BookStream(instrument, i, sink));
    this.#indexes = new Map(instruments.map(({ symbol }, i) => [symbol, i]));
    this.#lastSymbol = Buffer.from(instruments[0].symbol);
    this.#time = new VenueTime(sink.builder(0).day);
  }

  greeting(): readonly Outgoing[] {
    const symbols = this.#instruments.map(({ symbol }) => symbol);
    // Trades first: one that changes the book is then not missed while the books' snapshots are made.
    return [
      say('subscribe', { channel: 'trade', symbol: symbols, snapshot: false }),
      say('subscribe', { channel: 'book', symbol: symbols, depth: this.#depthOf(0), snapshot: true }),
    ];
  }

  resync(i: number): Resync {
    const book = { channel: 'book', symbol: [this.#instruments[i].symbol], depth: this.#depthOf(i) };
    return { by: 'messages', messages: [say('unsubscribe', book), say('subscribe', { ...book, snapshot: true })] };
  }

  answer(): void {
    // Nothing is asked for over HTTP.
  }

  receive(bytes: Buffer, from: number, to: number, recvNs: number): void {
    this.#bytes = bytes;
    this.#from = from;
    this.#to = to;
    this.#recvNs = recvNs;
    const json = this.#json;
    json.reset(bytes, from, to);
    let about: About = About.NOTHING;
    let dataAt = -1;
    let snapshot = false;
    let update = false;
    let answers = false;
    if (json.openObject()) {
      while (json.key()) {
        if (json.keyIs(CHANNEL)) about = json.text() ? this.#channel() : about;
        else if (json.keyIs(TYPE)) {
          json.text();
          snapshot = json.keyIs(SNAPSHOT);
          update = json.keyIs(UPDATE);
        } else if (json.keyIs(DATA)) {
          dataAt = json.at;
          json.skip();
        } else {
          if (json.keyIs(METHOD) || json.keyIs(ERROR)) answers = true;
          json.skip();
        }
      }
      json.finished();
    }
    if (json.why !== null) this.#lost(null, json.why, json.at);
    else if (about === About.HEARTBEAT) this.#sink.heartbeat();
    else if (about === About.BOOK) this.#data(dataAt, snapshot, snapshot || update, About.BOOK);
    else if (about === About.TRADE) this.#data(dataAt, snapshot, snapshot || update, About.TRADE);
    else if (about === About.STATUS) this.#status();
    else if (answers) this.#answered();
    else if (about === About.NOTHING) this.#unreadable(null, 'neither a "channel" nor a "method"', from);
  }

  #channel(): About {
    for (const [name, about] of CHANNELS) if (this.#json.keyIs(name)) return about;
    return About.ELSE;
  }

  /** The elements of "data", each of one symbol; the whole text is known to be JSON. */
  #data(at: number, snapshot: boolean, typed: boolean, about: About): void {
    const json = this.#json;
    if (at < 0 || !typed) {
      const what = at < 0 ? 'a message without "data"' : 'a "type" that is neither "snapshot" nor "update"';
      if (about === About.BOOK) this.#lost(null, what, this.#from);
      else this.#unreadable(null, what, this.#from);
      return;
    }
    json.seek(at);
    if (json.openArray()) {
      while (json.element()) {
        const start = json.at;
        const end = about === About.BOOK ? this.#book(snapshot) : this.#trade(snapshot);
        if (end >= 0) json.seek(end);
        else {
          // Whatever was wrong with this element, the next one stands behind it.
          json.reset(this.#bytes, start, this.#to);
          json.skip();
        }
      }
    }
    if (json.why !== null && about === About.BOOK) this.#lost(null, json.why, json.at);
    else if (json.why !== null) this.#unreadable(null, json.why, json.at);
  }

  /** Returns where the element ends; −1 where it cannot be read. */
  #book(snapshot: boolean): number {
    const json = this.#json;
    const start = json.at;
    let index: number | null = null;
    let named = false;
    let bidsAt = -1;
    let asksAt = -1;
    let checksum = Number.NaN;
    let eventNs = this.#recvNs;
    if (json.openObject()) {
      while (json.key()) {
        if (json.keyIs(SYMBOL)) {
          named = json.text();
          index = this.#index();
        } else if (json.keyIs(BIDS)) {
          bidsAt = json.at;
          json.skip();
        } else if (json.keyIs(ASKS)) {
          asksAt = json.at;
          json.skip();
        } else if (json.keyIs(CHECKSUM)) checksum = json.integer();
        else if (json.keyIs(TIMESTAMP)) eventNs = this.#readTime();
        else json.skip();
      }
    }
    if (json.why === null && !named) json.fail('a book without "symbol"', start);
    if (json.why === null && !(checksum <= MAX_CHECKSUM)) json.fail('a book without a "checksum" of 32 bits', start);
    if (json.why !== null) {
      this.#lost(index, json.why, json.at);
      return -1;
    }
    const end = json.at;
    // Another symbol on a connection of ours: none of our books.
    if (index === null) return end;
    const book = this.#books[index];
    if (!book.begin(snapshot, this.#recvNs)) return end;
    if (this.#levels(book, Side.BID, bidsAt) && this.#levels(book, Side.ASK, asksAt)) {
      book.end(eventNs, checksum, this.#recvNs);
      return end;
    }
    book.abandon();
    this.#lost(index, json.why ?? book.why, json.why === null ? book.whyAt : json.at);
    return -1;
  }

  /** The levels of a side; a side that is absent did not change. */
  #levels(book: BookStream, side: Side, at: number): boolean {
    if (at < 0) return true;
    const json = this.#json;
    const bytes = this.#bytes;
    const recvNs = this.#recvNs;
    json.seek(at);
    if (!json.openArray()) return false;
    while (json.element()) {
      if (!this.#amounts()) return false;
      const price = this.#price;
      const qty = this.#qty;
      if (!book.level(side, bytes, price.from, price.to, qty.from, qty.to, recvNs)) return false;
    }
    return json.why === null;
  }

  /** An object with "price" and "qty", into `#price` and `#qty`. */
  #amounts(): boolean {
    const json = this.#json;
    const start = json.at;
    this.#price.clear();
    this.#qty.clear();
    if (!json.openObject()) return false;
    while (json.key()) {
      if (json.keyIs(PRICE)) this.#number(this.#price);
      else if (json.keyIs(QTY)) this.#number(this.#qty);
      else json.skip();
    }
    if (json.why !== null) return false;
    if (this.#price.from < 0 || this.#qty.from < 0) return json.fail('a level without "price" and "qty"', start);
    return true;
  }

  #number(into: Span): void {
    if (this.#json.number()) into.set(this.#json.from, this.#json.to);
  }

  /** `past`: history that is sent on subscribing: told as ids, not as events. Returns as `#book`. */
  #trade(past: boolean): number {
    const json = this.#json;
    const start = json.at;
    const price = this.#price;
    const qty = this.#qty;
    price.clear();
    qty.clear();
    let index: number | null = null;
    let named = false;
    let side: Side = Side.NONE;
    let id = Number.NaN;
    let eventNs = this.#recvNs;
    if (json.openObject()) {
      while (json.key()) {
        if (json.keyIs(SYMBOL)) {
          named = json.text();
          index = this.#index();
        } else if (json.keyIs(SIDE)) {
          json.text();
          side = json.keyIs(BUY) ? Side.BID : json.keyIs(SELL) ? Side.ASK : Side.NONE;
        } else if (json.keyIs(PRICE)) this.#number(price);
        else if (json.keyIs(QTY)) this.#number(qty);
        else if (json.keyIs(TRADE_ID)) id = json.integer();
        else if (json.keyIs(TIMESTAMP)) eventNs = this.#readTime();
        else json.skip();
      }
    }
    if (json.why === null && (!named || side === Side.NONE || price.from < 0 || qty.from < 0 || Number.isNaN(id))) {
      json.fail('a trade without "symbol", "side", "price", "qty" and "trade_id"', start);
    }
    if (json.why !== null) {
      this.#unreadable(index, json.why, json.at);
      return -1;
    }
    if (index === null || !this.#sink.freshTrade(index, id) || past) return json.at;
    const book = this.#books[index];
    if (!book.trade(side, this.#bytes, price.from, price.to, qty.from, qty.to, eventNs, this.#recvNs, id)) {
      this.#unreadable(index, book.why, book.whyAt);
    }
    return json.at;
  }

  /** The instrument that the text read last names; null where it is none of ours. */
  #index(): number | null {
    const json = this.#json;
    // Messages of one pair often follow each other, and most connections have one.
    if (!json.keyIs(this.#lastSymbol)) {
      const index = this.#indexes.get(this.#bytes.toString('latin1', json.from, json.to));
      if (index === undefined) return null;
      this.#lastIndex = index;
      this.#lastSymbol = Buffer.from(this.#instruments[index].symbol);
    }
    return this.#lastIndex;
  }

  #readTime(): number {
    const json = this.#json;
    if (!json.text()) return Number.NaN;
    const ns = this.#time.read(this.#bytes, json.from, json.to);
    if (Number.isFinite(ns)) return ns;
    json.fail('a "timestamp" that is no time', json.from);
    return this.#recvNs;
  }

  /** {"channel":"status","type":"update","data":[{"system":"online", …}]}: anything but online means that nothing trades. */
  #status(): void {
    const { data } = this.#parse();
    const [state] = (Array.isArray(data) ? data : []) as readonly ({ system?: unknown } | null)[];
    if (typeof state?.system === 'string') this.#system(state.system === 'online', state.system);
  }

  #system(online: boolean, state: string): void {
    if (online !== this.#halted) return;
    this.#halted = !online;
    this.#sink.fault(null, online ? Fault.RESUME : Fault.HALT, `Kraken says that it is in state ${state}`);
  }

  /** The answer to a request: only a refusal matters, and not that of an end to what never began. */
  #answered(): void {
    const { method, success, error, symbol } = this.#parse();
    if (method === 'unsubscribe' || (success !== false && error === undefined)) return;
    const index = typeof symbol === 'string' ? (this.#indexes.get(symbol) ?? null) : null;
    const what = index === null ? 'a request' : `subscribing to ${symbol}`;
    this.#sink.refused(index, venueError(typeof error === 'string' ? error : 'no reason given', what));
  }

  /** The message as an object: it is known to be one, and not of the kinds that come often. */
  #parse(): Readonly<Record<string, unknown>> {
    return JSON.parse(this.#bytes.toString('utf8', this.#from, this.#to)) as Record<string, unknown>;
  }

  /** What cannot be read may have changed a book, or all of them. */
  #lost(index: number | null, why: string, at: number): void {
    this.#unreadable(index, why, at);
    this.#sink.fault(index, Fault.GAP, `a message that could not be read: ${why}`);
  }

  #unreadable(index: number | null, why: string, at: number): void {
    this.#sink.unreadable(index, why, at - this.#from, this.#recvNs);
  }

  #depthOf(i: number): number {
    return this.#instruments[i].instrument.depthLimit!;
  }
}

function say(method: 'subscribe' | 'unsubscribe', params: object): Outgoing {
  return { text: JSON.stringify({ method, params }) };
}
