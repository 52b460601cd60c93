import { assert, JsonCursor, NO_TIME, type VenueTime } from '../../core/index.ts';
import type { Conversation, FeedInstrument, LinkSink, Outgoing, Resync } from '../../feed/index.ts';
import { Fault, Side } from '../../market/index.ts';
import { findStream, LevelStream } from './level-stream.ts';
import { NumberChain, Step } from './number-chain.ts';
import { venueError } from './refusal.ts';
import { TradeEvents } from './trade-events.ts';
import { UpdateScanner } from './update-scanner.ts';

const bytesOf = (text: string): Buffer => Buffer.from(text);
const CHANNEL = bytesOf('channel');
const TIMESTAMP = bytesOf('timestamp');
const SEQUENCE = bytesOf('sequence_num');
const EVENTS = bytesOf('events');
const TYPE = bytesOf('type');
const ERROR = bytesOf('error');
const MESSAGE = bytesOf('message');
const L2_DATA = bytesOf('l2_data');
const TRADES_CHANNEL = bytesOf('market_trades');
const HEARTBEATS = bytesOf('heartbeats');
const PRODUCT = bytesOf('product_id');
const UPDATES = bytesOf('updates');
const SNAPSHOT = bytesOf('snapshot');
const UPDATE = bytesOf('update');
const SIDE = bytesOf('side');
const EVENT_TIME = bytesOf('event_time');
const PRICE_LEVEL = bytesOf('price_level');
const NEW_QUANTITY = bytesOf('new_quantity');
const BID = bytesOf('bid');
const OFFER = bytesOf('offer');

const Channel = { OTHER: 0, LEVELS: 1, TRADES: 2, HEARTBEATS: 3 } as const;
type Channel = (typeof Channel)[keyof typeof Channel];

const EventType = { UNKNOWN: 0, SNAPSHOT: 1, UPDATE: 2, OTHER: 3 } as const;
type EventType = (typeof EventType)[keyof typeof EventType];

/**
 * One connection of Coinbase Advanced Trade. The venue's recipe (docs.cdp.coinbase.com, Advanced Trade WebSocket channels):
 *
 *   - Subscribe to `level2`: messages come as channel `l2_data`, `events` of type `snapshot` and then `update`, each with
 *     `updates` of `side` (bid, offer), `price_level` and `new_quantity`: the size now, not a change; "0" removes the level.
 *   - `sequence_num` is in every message and counts the connection, over all of its channels, from 0 by one. What is skipped
 *     was dropped and is not sent again; what is lower came out of order or twice, and is passed over.
 *   - Subscribe to `heartbeats` as well, or quiet channels close within 60 to 90 seconds.
 *
 * So a skipped number loses every book of the connection, for nobody knows whose message it was; each is brought back by
 * subscribing to its product anew, on the same connection. A level may be removed that was never told: it came and went
 * between two messages.
 *
 * `side` of a trade is the maker's. In the recorded session 71 of 78 trades that came after the book were at or beyond its
 * touch, all 71 with SELL at the ask and BUY at the bid; the other 7 lay within the spread. So SELL means that a buyer struck.
 * The first message of `market_trades` tells the past: its trades are no events.
 */
export class AdvancedConversation implements Conversation {
  readonly #sink: LinkSink;
  readonly #streams: readonly LevelStream[];
  readonly #time: VenueTime;
  readonly #cursor = new JsonCursor();
  readonly #scanner = new UpdateScanner();
  /** The first message has number 0. */
  readonly #chain = new NumberChain(-1);
  readonly #trades: TradeEvents;
  // Of the message being read.
  #channel: Channel = Channel.OTHER;
  #sequence = Number.NaN;
  #timeNs = Number.NaN;
  #recvNs = 0;
  #taken = false;
  #judged = false;
  #error: string | null = null;

  constructor(instruments: readonly FeedInstrument[], sink: LinkSink) {
    assert(instruments.length > 0, 'a connection carries an instrument');
    this.#sink = sink;
    this.#streams = instruments.map((instrument, i) => new LevelStream(instrument, i, sink));
    this.#time = this.#streams[0].time;
    this.#trades = new TradeEvents(this.#cursor, this.#streams);
  }

  greeting(): readonly Outgoing[] {
    const products = this.#streams.map((stream) => stream.symbol.toString());
    return [
      say({ type: 'subscribe', channel: 'heartbeats' }),
      say({ type: 'subscribe', channel: 'market_trades', product_ids: products }),
      say({ type: 'subscribe', channel: 'level2', product_ids: products }),
    ];
  }

  resync(i: number): Resync {
    const products = [this.#streams[i].symbol.toString()];
    return {
      by: 'messages',
      messages: [
        say({ type: 'unsubscribe', channel: 'level2', product_ids: products }),
        say({ type: 'subscribe', channel: 'level2', product_ids: products }),
      ],
    };
  }

  answer(): void {
    assert(false, 'a book of Advanced Trade comes on its connection, not as an answer');
  }

  receive(bytes: Buffer, from: number, to: number, recvNs: number): void {
    const c = this.#cursor;
    c.reset(bytes, from, to);
    this.#begin(recvNs);
    this.#envelope();
    c.finished();
    const readable = c.why === null;
    if (readable && this.#taken) this.#trades.tell(this.#orElse(this.#timeNs, recvNs), this.#sequence, recvNs);
    for (const stream of this.#streams) stream.close(readable, from, recvNs);
    if (!readable) {
      this.#sink.unreadable(null, c.why ?? '', c.at - from, recvNs);
      // It may have been anybody's: and its number may stand in the part that cannot be read.
      if (!this.#judged) this.#chain.last = Number.NaN;
      this.#sink.fault(null, Fault.GAP, `a message that could not be read: ${c.why}`);
    } else if (this.#error !== null) {
      this.#sink.refused(this.#indexIn(this.#error), venueError('coinbase', this.#error));
    } else if (this.#taken && this.#channel === Channel.HEARTBEATS) this.#sink.heartbeat();
  }

  #begin(recvNs: number): void {
    this.#recvNs = recvNs;
    this.#channel = Channel.OTHER;
    this.#sequence = this.#timeNs = Number.NaN;
    this.#taken = this.#judged = false;
    this.#error = null;
    this.#trades.clear();
  }

  /** `{"channel":…,"timestamp":…,"sequence_num":…,"events":[…]}`, or `{"type":"error","message":…}`. */
  #envelope(): void {
    const c = this.#cursor;
    let eventsAt = -1;
    let isError = false;
    let message = '';
    if (!c.openObject()) return;
    while (c.key()) {
      if (c.keyIs(CHANNEL)) {
        if (this.#judged) c.fail('"channel" behind "events" again');
        if (c.text()) this.#channel = this.#channelRead();
      } else if (c.keyIs(TIMESTAMP)) {
        if (c.text()) this.#timeNs = this.#timeRead();
      } else if (c.keyIs(SEQUENCE)) {
        if (this.#judged) c.fail('"sequence_num" behind "events" again');
        this.#sequence = c.integer();
      } else if (c.keyIs(EVENTS)) {
        if (this.#judged) c.fail('"events" twice');
        eventsAt = c.at;
        // The order that the venue writes; any other is read once its number is known.
        if (this.#channel !== Channel.OTHER && this.#sequence >= 0) this.#events();
        else c.skip();
      } else if (c.keyIs(TYPE)) {
        if (c.text()) isError = c.keyIs(ERROR);
      } else if (c.keyIs(MESSAGE)) {
        const start = c.at;
        c.skip();
        message = c.bytes.toString('utf8', start, c.at).trim();
      } else c.skip();
    }
    if (c.why !== null) return;
    if (isError) this.#error = message;
    else if (Number.isNaN(this.#sequence)) c.fail('a message without "sequence_num"');
    else if (!this.#judged) {
      const { at } = c;
      if (this.#channel === Channel.OTHER) this.#judge();
      else if (eventsAt < 0) c.fail('a message without "events"');
      else {
        c.at = eventsAt;
        this.#events();
        if (c.why === null) c.at = at;
      }
    }
  }

  #channelRead(): Channel {
    const c = this.#cursor;
    if (c.keyIs(L2_DATA)) return Channel.LEVELS;
    if (c.keyIs(TRADES_CHANNEL)) return Channel.TRADES;
    return c.keyIs(HEARTBEATS) ? Channel.HEARTBEATS : Channel.OTHER;
  }

  /** The number says whether the message is taken. */
  #judge(): void {
    this.#judged = true;
    const { last } = this.#chain;
    const step = this.#chain.judge(this.#sequence, this.#timeNs);
    this.#taken = step !== Step.OLD;
    if (step === Step.GAP) {
      this.#sink.fault(null, Fault.GAP, `sequence_num ${this.#sequence} after ${last}: messages were lost`);
    } else if (step === Step.ANEW) {
      for (const stream of this.#streams) stream.restart();
      this.#sink.fault(null, Fault.GAP, `sequence_num ${this.#sequence} after ${last}: the numbers began anew`);
    }
  }

  #events(): void {
    const c = this.#cursor;
    this.#judge();
    if (!this.#taken || this.#channel === Channel.HEARTBEATS) {
      c.skip();
      return;
    }
    if (!c.openArray()) return;
    while (c.element()) {
      if (this.#channel === Channel.LEVELS) this.#levelEvent();
      else this.#trades.read();
    }
  }

  /** `{"type":"update","product_id":"BTC-USD","updates":[…]}` */
  #levelEvent(): void {
    const c = this.#cursor;
    let kind: EventType = EventType.UNKNOWN;
    let stream: LevelStream | null | undefined;
    let updatesAt = -1;
    let done = false;
    if (!c.openObject()) return;
    while (c.key()) {
      if (c.keyIs(TYPE)) {
        if (c.text()) kind = this.#typeRead();
      } else if (c.keyIs(PRODUCT)) {
        if (c.text()) stream = findStream(this.#streams, c.bytes, c.from, c.to);
      } else if (c.keyIs(UPDATES)) {
        if (done) c.fail('"updates" twice');
        updatesAt = c.at;
        done = kind !== EventType.UNKNOWN && stream !== undefined;
        if (done && stream) this.#updates(stream, kind);
        else c.skip();
      } else c.skip();
    }
    if (c.why !== null || done) return;
    if (kind === EventType.UNKNOWN || stream === undefined || updatesAt < 0) {
      c.fail('a book event without "type", "product_id" and "updates"');
      return;
    }
    const { at } = c;
    c.at = updatesAt;
    if (stream !== null) this.#updates(stream, kind);
    if (c.why === null) c.at = at;
  }

  #typeRead(): EventType {
    const c = this.#cursor;
    return c.keyIs(SNAPSHOT) ? EventType.SNAPSHOT : c.keyIs(UPDATE) ? EventType.UPDATE : EventType.OTHER;
  }

  /** `[{"side":"bid","event_time":"…","price_level":"65083.66","new_quantity":"0.2"},…]` */
  #updates(stream: LevelStream, kind: EventType): void {
    const c = this.#cursor;
    const { bytes } = c;
    if (kind === EventType.OTHER) {
      stream.refuse('a book event of another type than snapshot or update', c.at);
      c.skip();
      return;
    }
    if (!c.openArray()) return;
    stream.begin(kind === EventType.SNAPSHOT, this.#sequence, this.#recvNs);
    const messageNs = this.#orElse(this.#timeNs, this.#recvNs);
    const level = this.#scanner;
    let eventNs = messageNs;
    let timeFrom = 0;
    let timeTo = 0;
    while (c.element()) {
      const end = level.scan(bytes, c.at);
      if (end < 0 || end > c.end) {
        if (!this.#readLevel()) return;
      } else c.at = end;
      // All levels of a message are of one time, as a rule.
      if (!same(bytes, timeFrom, timeTo, level.timeFrom, level.timeTo)) {
        ({ timeFrom, timeTo } = level);
        const ns = timeTo < 0 ? NO_TIME : stream.time.read(bytes, timeFrom, timeTo);
        if (Number.isNaN(ns)) {
          c.fail('no RFC 3339 time', timeFrom);
          return;
        }
        eventNs = this.#orElse(ns, messageNs);
      }
      stream.level(level.side, bytes, level.priceFrom, level.priceTo, level.sizeFrom, level.sizeTo, eventNs);
    }
    if (c.why === null) stream.end(eventNs, false);
  }

  /** A level in any form of JSON, into `#scanner`; false where the message cannot be read. */
  #readLevel(): boolean {
    const c = this.#cursor;
    const level = this.#scanner;
    level.side = Side.NONE;
    level.timeFrom = level.timeTo = level.priceFrom = level.sizeFrom = -1;
    if (!c.openObject()) return false;
    while (c.key()) {
      if (c.keyIs(PRICE_LEVEL)) {
        if (c.text()) [level.priceFrom, level.priceTo] = [c.from, c.to];
      } else if (c.keyIs(NEW_QUANTITY)) {
        if (c.text()) [level.sizeFrom, level.sizeTo] = [c.from, c.to];
      } else if (c.keyIs(SIDE)) {
        if (c.text()) level.side = c.keyIs(BID) ? Side.BID : c.keyIs(OFFER) ? Side.ASK : Side.NONE;
      } else if (c.keyIs(EVENT_TIME)) {
        if (c.text()) [level.timeFrom, level.timeTo] = [c.from, c.to];
      } else c.skip();
    }
    if (c.why !== null) return false;
    if (level.side !== Side.NONE && level.priceFrom >= 0 && level.sizeFrom >= 0) return true;
    return c.fail('a level without side (bid or offer), price_level and new_quantity');
  }

  /** The time in the text read last; text that is none fails the message. */
  #timeRead(): number {
    const c = this.#cursor;
    const ns = this.#time.read(c.bytes, c.from, c.to);
    if (Number.isNaN(ns)) c.fail('no RFC 3339 time', c.from);
    return ns;
  }

  /** A time that the venue gave, or else another. */
  #orElse(timeNs: number, otherNs: number): number {
    return Number.isFinite(timeNs) ? timeNs : otherNs;
  }

  /** The one product that the venue's error names; null where it names none, or several. */
  #indexIn(error: string): number | null {
    const named = this.#streams.filter((stream) => error.includes(stream.symbol.toString()));
    return named.length === 1 ? named[0].index : null;
  }
}

function same(bytes: Buffer, from: number, to: number, otherFrom: number, otherTo: number): boolean {
  if (to - from !== otherTo - otherFrom) return false;
  for (; from < to; from++, otherFrom++) if (bytes[from] !== bytes[otherFrom]) return false;
  return true;
}

function say(message: object): Outgoing {
  return { text: JSON.stringify(message) };
}
