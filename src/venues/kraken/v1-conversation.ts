import { digitsOf, JsonCursor, NS_PER_DAY, NS_PER_SECOND, textOf } from '../../core/index.ts';
import type { Conversation, FeedInstrument, LinkSink, Outgoing, Resync } from '../../feed/index.ts';
import { Fault, Side } from '../../market/index.ts';
import { BookStream } from './book-stream.ts';
import { venueError } from './venue-error.ts';

const key = (text: string): Buffer => Buffer.from(text);
const BOOK = key('book-');
const TRADE = key('trade');
const ALL_ASKS = key('as');
const ALL_BIDS = key('bs');
const ASKS = key('a');
const BIDS = key('b');
const CHECKSUM = key('c');
const BUY = 98;
const SELL = 115;
const OPEN_ARRAY = 91;
const OPEN_OBJECT = 123;
const QUOTE = 34;
const POINT = 46;
const MAX_CHECKSUM = 0xffffffff;
const NS_DIGITS = 9;
const DAYS_SECONDS = NS_PER_DAY / NS_PER_SECOND;

/** Objects or arrays in a message, at most: both sides of a book come as two. */
const MAX_PARTS = 8;
/** Text of a level or trade, at most: ["price","size","time","side","type","misc"]. */
const MAX_FIELDS = 6;

/**
 * Kraken's WebSocket v1, in recordings (docs.kraken.com, "Book", "Trade", "Book checksum (WebSocket v1)"):
 *
 *   [1360,{"as":[["0.000022900","13355.87450757","1618678123.481570"], …],"bs":[…]},"book-1000","ADA/XBT"]      snapshot
 *   [992,{"b":[["354.15000000","5.00000000","1618678133.365913"]],"c":"2583817756"},"book-1000","XMR/USD"]     change
 *   [1920,{"a":[…]},{"b":[…],"c":"4105471083"},"book-1000","SC/EUR"]                                           of both sides
 *   [993,[["354.11000000","0.89594024","1618678142.557535","s","l",""]],"trade","XMR/USD"]
 *   {"event":"heartbeat"}
 *
 * Changes apply in the order of the text; a fourth field "r" marks a level that is told again because others went. The
 * snapshot has no checksum, every change has one. Trades have no ids. Nothing is subscribed to by this conversation.
 */
export class V1Conversation implements Conversation {
  readonly #sink: LinkSink;
  readonly #books: readonly BookStream[];
  readonly #symbols: readonly Buffer[];
  readonly #json = new JsonCursor();
  readonly #day: number;
  /** Where the parts of the message stand. */
  readonly #parts = new Float64Array(MAX_PARTS);
  /** From and to of the fields of a level or trade. */
  readonly #fields = new Float64Array(2 * MAX_FIELDS);
  #bytes: Buffer = Buffer.alloc(0);
  #from = 0;
  #to = 0;
  #recvNs = 0;
  /** Of the book message being read. */
  #checksum = Number.NaN;
  #eventNs = Number.NaN;

  constructor(instruments: readonly FeedInstrument[], sink: LinkSink) {
    this.#sink = sink;
    this.#books = instruments.map((instrument, i) => new BookStream(instrument, i, sink));
    this.#symbols = instruments.map(({ symbol }) => Buffer.from(symbol));
    this.#day = sink.builder(0).day;
  }

  greeting(): readonly Outgoing[] {
    return [];
  }

  resync(): Resync {
    return { by: 'messages', messages: [] };
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
    if (json.peek() === OPEN_OBJECT) {
      json.skip();
      if (json.finished()) this.#event();
      else this.#lost(null, json.why ?? '', json.at);
    } else this.#message();
  }

  /** {"event": …}: the venue's own words. */
  #event(): void {
    const { event, status, errorMessage } = JSON.parse(this.#bytes.toString('utf8', this.#from, this.#to)) as Record<
      string,
      unknown
    >;
    if (event === 'heartbeat') this.#sink.heartbeat();
    else if (status === 'error') this.#sink.refused(null, venueError(textOf(errorMessage) || 'no reason', 'a request'));
  }

  /** [channel, part, …, name of the channel, pair]. */
  #message(): void {
    const json = this.#json;
    let parts = 0;
    // The last two texts.
    let nameFrom = 0;
    let nameTo = 0;
    let pairFrom = 0;
    let pairTo = 0;
    if (json.openArray()) {
      while (json.element()) {
        const c = json.peek();
        if (c === QUOTE) {
          nameFrom = pairFrom;
          nameTo = pairTo;
          json.text();
          pairFrom = json.from;
          pairTo = json.to;
          continue;
        }
        if ((c === OPEN_OBJECT || c === OPEN_ARRAY) && parts < MAX_PARTS) this.#parts[parts++] = json.at;
        json.skip();
      }
      json.finished();
    }
    if (json.why !== null) {
      this.#lost(null, json.why, json.at);
      return;
    }
    const index = this.#indexOf(pairFrom, pairTo);
    if (index < 0) return;
    if (this.#begins(nameFrom, nameTo, BOOK)) this.#book(index, parts);
    else if (this.#begins(nameFrom, nameTo, TRADE)) this.#trades(index, parts);
  }

  #indexOf(from: number, to: number): number {
    for (let i = 0; i < this.#symbols.length; i++) {
      const symbol = this.#symbols[i];
      if (to - from === symbol.length && this.#begins(from, to, symbol)) return i;
    }
    return -1;
  }

  #begins(from: number, to: number, name: Buffer): boolean {
    if (to - from < name.length) return false;
    for (let i = 0; i < name.length; i++) if (this.#bytes[from + i] !== name[i]) return false;
    return true;
  }

  #book(index: number, parts: number): void {
    const json = this.#json;
    const book = this.#books[index];
    const snapshot = this.#isSnapshot(parts);
    if (!book.begin(snapshot, this.#recvNs)) return;
    this.#checksum = this.#eventNs = Number.NaN;
    let read = true;
    for (let i = 0; i < parts && read; i++) {
      json.seek(this.#parts[i]);
      read = this.#sides(book);
    }
    if (read && !snapshot && Number.isNaN(this.#checksum)) read = json.fail('a change without a checksum', this.#from);
    if (!read) {
      book.abandon();
      this.#lost(index, json.why ?? book.why, json.why === null ? book.whyAt : json.at);
    } else book.end(Number.isNaN(this.#eventNs) ? this.#recvNs : this.#eventNs, this.#checksum, this.#recvNs);
  }

  /** Whether the first part has "as" or "bs". */
  #isSnapshot(parts: number): boolean {
    const json = this.#json;
    if (parts === 0 || this.#bytes[this.#parts[0]] !== OPEN_OBJECT) return false;
    json.seek(this.#parts[0]);
    let found = false;
    json.openObject();
    while (json.key()) {
      if (json.keyIs(ALL_ASKS) || json.keyIs(ALL_BIDS)) found = true;
      json.skip();
    }
    return found;
  }

  #sides(book: BookStream): boolean {
    const json = this.#json;
    if (!json.openObject()) return false;
    while (json.key()) {
      if (json.keyIs(ASKS) || json.keyIs(ALL_ASKS)) {
        if (!this.#levels(book, Side.ASK)) return false;
      } else if (json.keyIs(BIDS) || json.keyIs(ALL_BIDS)) {
        if (!this.#levels(book, Side.BID)) return false;
      } else if (json.keyIs(CHECKSUM)) {
        if (!json.text()) return false;
        this.#checksum = digitsOf(this.#bytes, json.from, json.to);
        if (!(this.#checksum <= MAX_CHECKSUM)) return json.fail('a checksum that is no number of 32 bits', json.from);
      } else json.skip();
    }
    return json.why === null;
  }

  #levels(book: BookStream, side: Side): boolean {
    const json = this.#json;
    const bytes = this.#bytes;
    const f = this.#fields;
    if (!json.openArray()) return false;
    while (json.element()) {
      if (!this.#readFields(3)) return false;
      const ns = this.#time(f[4], f[5]);
      if (Number.isNaN(ns)) return json.fail('a time that is none', f[4]);
      // The newest: levels that are told again keep their old times.
      if (!(ns <= this.#eventNs)) this.#eventNs = ns;
      if (!book.level(side, bytes, f[0], f[1], f[2], f[3], this.#recvNs)) return false;
    }
    return json.why === null;
  }

  #trades(index: number, parts: number): void {
    const json = this.#json;
    const book = this.#books[index];
    const f = this.#fields;
    for (let i = 0; i < parts; i++) {
      json.seek(this.#parts[i]);
      if (json.openArray()) {
        while (json.element()) {
          if (!this.#readFields(4)) break;
          const ns = this.#time(f[4], f[5]);
          const c = f[7] - f[6] === 1 ? this.#bytes[f[6]] : 0;
          if (Number.isNaN(ns) || (c !== BUY && c !== SELL)) {
            json.fail('a trade without its time and side', f[4]);
            break;
          }
          const side = c === BUY ? Side.BID : Side.ASK;
          if (book.trade(side, this.#bytes, f[0], f[1], f[2], f[3], ns, this.#recvNs, 0)) continue;
          this.#unreadable(index, book.why, book.whyAt);
        }
      }
      if (json.why !== null) {
        this.#unreadable(index, json.why, json.at);
        return;
      }
    }
  }

  /** The texts of an array, at least `needed` of them, into `#fields`. */
  #readFields(needed: number): boolean {
    const json = this.#json;
    const start = json.at;
    let count = 0;
    if (!json.openArray()) return false;
    while (json.element()) {
      if (!json.text()) return false;
      if (count === MAX_FIELDS) continue;
      this.#fields[2 * count] = json.from;
      this.#fields[2 * count + 1] = json.to;
      count++;
    }
    if (json.why !== null) return false;
    return count >= needed || json.fail(`fewer than ${needed} fields`, start);
  }

  /** Epoch seconds `1618678123.481570` as ns since the day; `NaN` where the text is no such time. */
  #time(from: number, to: number): number {
    const bytes = this.#bytes;
    let point = from;
    while (point < to && bytes[point] !== POINT) point++;
    const seconds = digitsOf(bytes, from, point);
    if (point === to) return (seconds - this.#day * DAYS_SECONDS) * NS_PER_SECOND;
    let ns = 0;
    for (let i = 1; i <= NS_DIGITS; i++) {
      const digit = point + i < to ? bytes[point + i] - 48 : 0;
      if (!(digit >= 0 && digit <= 9)) return Number.NaN;
      ns = ns * 10 + digit;
    }
    return (seconds - this.#day * DAYS_SECONDS) * NS_PER_SECOND + ns;
  }

  #lost(index: number | null, why: string, at: number): void {
    this.#unreadable(index, why, at);
    this.#sink.fault(index, Fault.GAP, `a message that could not be read: ${why}`);
  }

  #unreadable(index: number | null, why: string, at: number): void {
    this.#sink.unreadable(index, why, at - this.#from, this.#recvNs);
  }
}
