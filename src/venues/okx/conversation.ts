import { digitsOf, JsonCursor, textOf } from '../../core/index.ts';
import type { Conversation, FeedInstrument, HttpRequest, LinkSink, Outgoing, Resync } from '../../feed/index.ts';
import { Fault, Side } from '../../market/index.ts';
import { BookFields, readBook, readLevel, readTrade, Span, TradeFields } from './decode.ts';
import { BOOK_LEVELS, nameOf } from './instruments.ts';
import { OkxStream } from './stream.ts';
import { venueError } from './venue-error.ts';

const key = (text: string): Buffer => Buffer.from(text);
const PONG = key('pong');
const ARG = key('arg');
const CHANNEL = key('channel');
const INST_ID = key('instId');
const ACTION = key('action');
const DATA = key('data');
const EVENT = key('event');
const BOOKS = key('books');
const TRADES = key('trades');
const SNAPSHOT = key('snapshot');
const UPDATE = key('update');
const CODE = key('code');
const MSG = key('msg');
/** On one connection, however long it lives: the venue allows 480 an hour. */
const MAX_SUBSCRIPTIONS = 400;
/** The notice of an upgrade. */
const UPGRADE = '64008';

/** What a message is about. */
const About = { NOTHING: 0, BOOK: 1, TRADE: 2, ANSWER: 3, ELSE: 4 } as const;
type About = (typeof About)[keyof typeof About];

/**
 * A conversation with OKX's public WebSocket v5 (www.okx.com/docs-v5, "Order book channel", "Trades channel"):
 *
 *   → {"id":"all","op":"subscribe","args":[{"channel":"trades","instId":"BTC-USDT"},{"channel":"books","instId":"BTC-USDT"}]}
 *   ← {"id":"all","event":"subscribe","arg":{"channel":"books","instId":"BTC-USDT"},"connId":"a4d3ae55"}
 *   ← {"arg":{"channel":"books","instId":"BTC-USDT"},"action":"snapshot","data":[{"asks":[["8476.98","415","0","13"],…],
 *      "bids":[…],"ts":"1597026383085","checksum":0,"prevSeqId":-1,"seqId":123456}]}
 *   ← the same with "action":"update", levels that changed, "prevSeqId":123456 and "seqId":123457
 *   ← {"arg":{"channel":"trades",…},"data":[{"instId":"BTC-USDT","tradeId":"130639474","px":"42219.9","sz":"0.12","side":"buy",…}]}
 *   → ping
 *   ← pong
 *
 * 1. Steps: `tickSz` and `lotSz` of REST `instruments`.
 * 2. A fresh book: with the subscription; after that from REST `books`, whose `seqId` is of the same count. The venue means to
 *    send no snapshot on the connection one day (changelog of February 2026): then the first comes from REST too.
 * 3. Chain: "The prevSeqId in the new message matches with seqId of the previous message"; a message without changes after about
 *    60 s has both alike. To a snapshot from REST joins the first change with prevSeqId <= its seqId < seqId.
 * 4. A lost message breaks the chain: proof by `sequence`. The checksum is fixed at 0 since June 2026.
 * 5. Sizes are absolute, by price; 0 removes.
 * 6. Limits: `feed.ts`.
 */
export class OkxConversation implements Conversation {
  readonly #instruments: readonly FeedInstrument[];
  readonly #sink: LinkSink;
  readonly #request: (symbol: string, levels: number) => HttpRequest;
  readonly #streams: readonly OkxStream[];
  /** Index by symbol. */
  readonly #indexes: ReadonlyMap<string, number>;
  readonly #day: number;
  readonly #json = new JsonCursor();
  readonly #book = new BookFields();
  readonly #trade = new TradeFields();
  readonly #price = new Span();
  readonly #size = new Span();
  #subscriptions = 0;
  #recvNs = 0;
  #from = 0;
  #about: About = About.NOTHING;
  #index: number | null = null;
  #lastIndex = 0;
  #lastSymbol: Buffer;

  constructor(
    instruments: readonly FeedInstrument[],
    sink: LinkSink,
    request: (symbol: string, levels: number) => HttpRequest,
  ) {
    this.#instruments = instruments;
    this.#sink = sink;
    this.#request = request;
    this.#streams = instruments.map((instrument, i) => new OkxStream(instrument, i, sink));
    this.#indexes = new Map(instruments.map(({ symbol }, i) => [symbol, i]));
    this.#lastSymbol = key(instruments[0].symbol);
    this.#day = sink.builder(0).day;
  }

  greeting(): readonly Outgoing[] {
    return this.#subscribe('all', this.#instruments);
  }

  ping(): Outgoing {
    return { text: 'ping' };
  }

  /** Where no book message came yet the subscription may have been refused, and is repeated: its answer names the instrument. */
  resync(i: number): Resync {
    const instrument = this.#instruments[i];
    if (this.#streams[i].heard) return { by: 'request', request: this.#request(instrument.symbol, BOOK_LEVELS) };
    return { by: 'messages', messages: this.#subscribe(`i${i}`, [instrument]) };
  }

  /** {"code":"0","msg":"","data":[{"asks":[…],"bids":[…],"ts":"1629966436396","seqId":3235851742}]}. */
  answer(i: number, body: Buffer, recvNs: number): void {
    const json = this.#reset(body, 0, body.length, recvNs);
    this.#about = About.ANSWER;
    let dataAt = -1;
    let code = '';
    let words = '';
    if (json.openObject()) {
      while (json.key()) {
        if (json.keyIs(DATA)) dataAt = this.#skipped();
        else if (json.keyIs(CODE)) code = this.#text();
        else if (json.keyIs(MSG)) words = this.#text();
        else json.skip();
      }
      json.finished();
    }
    if (json.why !== null) this.#broken(i, json.why, json.at);
    else if (code !== '0') this.#refused(i, code, words, `a book of ${nameOf(this.#instruments[i])}`);
    else this.#data(dataAt, () => this.#answered(i), i);
  }

  receive(bytes: Buffer, from: number, to: number, recvNs: number): void {
    const json = this.#reset(bytes, from, to, recvNs);
    // A sign of life of the venue's front, not of what stands behind it.
    if (to - from === PONG.length && bytes.compare(PONG, 0, PONG.length, from, to) === 0) return;
    let dataAt = -1;
    let snapshot = false;
    let update = false;
    let event = false;
    if (json.openObject()) {
      while (json.key()) {
        if (json.keyIs(ARG)) this.#argument();
        else if (json.keyIs(ACTION)) {
          json.text();
          snapshot = json.keyIs(SNAPSHOT);
          update = json.keyIs(UPDATE);
        } else if (json.keyIs(DATA)) dataAt = this.#skipped();
        else {
          if (json.keyIs(EVENT)) event = true;
          json.skip();
        }
      }
      json.finished();
    }
    const index = this.#index;
    if (json.why !== null) this.#broken(index, json.why, json.at);
    else if (event) this.#event(bytes.toString('utf8', from, to));
    else if (this.#about === About.NOTHING)
      this.#unreadable(null, 'neither an "event" nor an "arg" with a "channel"', from);
    // Of another channel or instrument on a connection of ours: none of our books.
    else if (this.#about === About.ELSE || index === null) return;
    else if (this.#about === About.TRADE) this.#data(dataAt, () => this.#traded(index), index);
    else if (!snapshot && !update) this.#broken(index, 'an "action" that is neither "snapshot" nor "update"', from);
    else this.#data(dataAt, () => this.#booked(index, snapshot), index);
  }

  /** Nothing where too much was asked on this connection already: what the venue refused so often stays refused. */
  #subscribe(id: string, instruments: readonly FeedInstrument[]): readonly Outgoing[] {
    if (this.#subscriptions === MAX_SUBSCRIPTIONS) return [];
    if (++this.#subscriptions === MAX_SUBSCRIPTIONS) {
      this.#sink.note?.(
        null,
        `${MAX_SUBSCRIPTIONS} subscriptions were asked for on this connection, and no more will be`,
      );
    }
    // Trades first: one that changes the book is then not missed while the books' snapshots are made.
    const args = ['trades', 'books'].flatMap((channel) =>
      instruments.map(({ symbol }) => ({ channel, instId: symbol })),
    );
    return [{ text: JSON.stringify({ id, op: 'subscribe', args }) }];
  }

  #reset(bytes: Buffer, from: number, to: number, recvNs: number): JsonCursor {
    this.#from = from;
    this.#recvNs = recvNs;
    this.#about = About.NOTHING;
    this.#index = null;
    this.#json.reset(bytes, from, to);
    return this.#json;
  }

  /** {"channel":"books","instId":"BTC-USDT"}. */
  #argument(): void {
    const json = this.#json;
    if (!json.openObject()) return;
    while (json.key()) {
      if (json.keyIs(CHANNEL)) {
        json.text();
        this.#about = json.keyIs(BOOKS) ? About.BOOK : json.keyIs(TRADES) ? About.TRADE : About.ELSE;
      } else if (json.keyIs(INST_ID)) {
        if (json.text()) this.#index = this.#indexOf();
      } else json.skip();
    }
  }

  /** The instrument that the text read last names; null where it is none of ours. */
  #indexOf(): number | null {
    const json = this.#json;
    // Messages of one instrument often follow each other, and many connections have one.
    if (!json.keyIs(this.#lastSymbol)) {
      const index = this.#indexes.get(json.bytes.toString('latin1', json.from, json.to));
      if (index === undefined) return null;
      this.#lastIndex = index;
      this.#lastSymbol = key(this.#instruments[index].symbol);
    }
    return this.#lastIndex;
  }

  /** The elements of "data"; `take` returns where one ends, −1 where it cannot be read. The whole text is known to be JSON. */
  #data(at: number, take: () => number, index: number): void {
    const json = this.#json;
    if (at < 0) json.fail('a message without "data"', this.#from);
    else json.seek(at);
    if (json.openArray()) {
      while (json.element()) {
        const start = json.at;
        const end = take();
        if (end >= 0) json.seek(end);
        else {
          // Whatever was wrong with this element, the next one stands behind it.
          json.reset(json.bytes, start, json.end);
          json.skip();
        }
      }
    }
    if (json.why !== null) this.#broken(index, json.why, json.at);
  }

  #booked(index: number, snapshot: boolean): number {
    const book = this.#book;
    const json = this.#json;
    const start = json.at;
    if (!readBook(json, this.#day, book)) return this.#broken(index, json.why ?? '', json.at);
    if (!snapshot && Number.isNaN(book.previous)) return this.#broken(index, 'an update without "prevSeqId"', start);
    this.#sink.heartbeat();
    const stream = this.#streams[index];
    if (snapshot) stream.beginSnapshot(book.sequence, book.eventNs, this.#recvNs);
    else if (!stream.beginUpdate(book.previous, book.sequence, book.eventNs, this.#recvNs)) return book.end;
    return this.#levels(stream, book);
  }

  #answered(index: number): number {
    const book = this.#book;
    const json = this.#json;
    if (!readBook(json, this.#day, book)) return this.#broken(index, json.why ?? '', json.at);
    const stream = this.#streams[index];
    if (!stream.beginAnswer(book.sequence, book.eventNs, this.#recvNs)) return book.end;
    return this.#levels(stream, book);
  }

  /** Both sides of a book message that was begun, and its end. */
  #levels(stream: OkxStream, { bidsAt, asksAt, end }: BookFields): number {
    if (this.#side(stream, Side.BID, bidsAt) && this.#side(stream, Side.ASK, asksAt)) {
      stream.end();
      return end;
    }
    stream.abandon();
    const json = this.#json;
    return this.#broken(stream.index, json.why ?? stream.why, json.why === null ? stream.whyAt : json.at);
  }

  #side(stream: OkxStream, side: Side, at: number): boolean {
    const json = this.#json;
    json.seek(at);
    if (!json.openArray()) return false;
    while (json.element()) {
      if (!readLevel(json, this.#price, this.#size)) return false;
      if (!stream.level(side, json.bytes, this.#price, this.#size)) return false;
    }
    return json.why === null;
  }

  #traded(index: number): number {
    const json = this.#json;
    const trade = this.#trade;
    if (!readTrade(json, this.#day, trade)) return this.#broken(index, json.why ?? '', json.at);
    const end = json.at;
    const stream = this.#streams[index];
    if (!stream.trade(trade, json.bytes, this.#recvNs)) this.#unreadable(index, stream.why, stream.whyAt);
    return end;
  }

  /** Answers to subscriptions, refusals, notices. The text is known to be a JSON object. */
  #event(text: string): void {
    const { event, code, msg, id } = JSON.parse(text) as Record<string, unknown>;
    if (event === 'error') {
      const index = this.#askedFor(textOf(id), textOf(msg));
      const what = index === null ? 'a request' : `subscribing to ${nameOf(this.#instruments[index])}`;
      this.#refused(index, textOf(code), textOf(msg), what);
    } else if (event === 'notice' && code === UPGRADE) {
      this.#sink.closing(
        `OKX gives notice ${UPGRADE}: ${textOf(msg).slice(0, 200) || 'the connection will be closed'}`,
      );
    } else if (event === 'notice') {
      this.#sink.note?.(null, `OKX gives notice ${textOf(code).slice(0, 40)}: ${textOf(msg).slice(0, 200)}`);
    }
  }

  /** The instrument that a refusal is about, by the id of our request, or by the venue's own words; null where it is of all. */
  #askedFor(id: string, words: string): number | null {
    const number = /^i\d{1,4}$/.test(id) ? digitsOf(Buffer.from(id), 1, id.length) : Number.NaN;
    if (number < this.#instruments.length) return number;
    const named = /\binstId:([A-Za-z0-9_-]+)/.exec(words);
    return named === null ? null : (this.#indexes.get(named[1]) ?? null);
  }

  #text(): string {
    const json = this.#json;
    return json.text() ? json.bytes.toString('utf8', json.from, json.to) : '';
  }

  /** Passes over a value; returns where it begins. */
  #skipped(): number {
    const { at } = this.#json;
    this.#json.skip();
    return at;
  }

  #refused(index: number | null, code: string, words: string, what: string): void {
    this.#sink.refused(index, venueError(code, words, what));
  }

  /** What cannot be read may have changed a book, or all of them; trades and answers change none. Always −1. */
  #broken(index: number | null, why: string, at: number): -1 {
    this.#unreadable(index, why, at);
    if (this.#about === About.TRADE || this.#about === About.ANSWER) return -1;
    this.#sink.fault(index, Fault.GAP, `a message that could not be read: ${why}`);
    return -1;
  }

  #unreadable(index: number | null, why: string, at: number): void {
    this.#sink.unreadable(index, why, at - this.#from, this.#recvNs);
  }
}
