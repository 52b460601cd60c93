import { digitsOf, type JsonCursor, NS_PER_MS } from '../../core/index.ts';
import { Side } from '../../market/index.ts';

const key = (text: string): Buffer => Buffer.from(text);
const ASKS = key('asks');
const BIDS = key('bids');
const TS = key('ts');
const SEQ_ID = key('seqId');
const PREV_SEQ_ID = key('prevSeqId');
const TRADE_ID = key('tradeId');
const PX = key('px');
const SZ = key('sz');
const SIDE = key('side');
const COUNT = key('count');
const BUY = key('buy');
const SELL = key('sell');
const MS_PER_DAY = 86_400_000;
/** Times further from today than this are no times; and in ns they would not be exact. */
const MAX_DAYS = 100;

/** Where in the bytes a text stands, and ends. */
export class Span {
  from = 0;
  to = 0;
}

/** One element of a book's "data"; places are offsets in the cursor's bytes. */
export class BookFields {
  asksAt = -1;
  bidsAt = -1;
  /** Ns since the builders' day. */
  eventNs = Number.NaN;
  /** `NaN` where absent, as in answers of REST; −1 in a snapshot. */
  previous = Number.NaN;
  sequence = Number.NaN;
  /** Behind the element. */
  end = -1;
}

/** One element of a trade's "data". */
export class TradeFields {
  readonly price = new Span();
  readonly size = new Span();
  /** The taker's: who bought is BID. */
  side: Side = Side.NONE;
  id = Number.NaN;
  /** Trades in it, of the ids up to `id`. */
  count = 1;
  eventNs = Number.NaN;
}

/**
 * Reads {"asks":[["41006.8","0.60038921","0","1"],…],"bids":[…],"ts":"1629966436396","checksum":0,"prevSeqId":-1,"seqId":123456}.
 * The checksum is fixed at 0 and passed over. False where it is none such: `json.why`.
 */
export function readBook(json: JsonCursor, day: number, into: BookFields): boolean {
  const start = json.at;
  into.asksAt = into.bidsAt = -1;
  into.eventNs = into.previous = into.sequence = Number.NaN;
  if (!json.openObject()) return false;
  while (json.key()) {
    if (json.keyIs(ASKS)) into.asksAt = skipped(json);
    else if (json.keyIs(BIDS)) into.bidsAt = skipped(json);
    else if (json.keyIs(TS)) into.eventNs = readTime(json, day);
    else if (json.keyIs(SEQ_ID)) into.sequence = json.integer();
    else if (json.keyIs(PREV_SEQ_ID)) into.previous = readPrevious(json);
    else json.skip();
  }
  if (json.why !== null) return false;
  into.end = json.at;
  if (into.asksAt >= 0 && into.bidsAt >= 0 && into.sequence >= 0 && !Number.isNaN(into.eventNs)) return true;
  return json.fail('a book without "asks", "bids", "ts" and "seqId"', start);
}

/**
 * Reads {"instId":"BTC-USDT","tradeId":"130639474","px":"42219.9","sz":"0.12060306","side":"buy","ts":"1630048897897","count":"3",…}:
 * three trades of one taker at one price, the last of which has this id. False where it is none such: `json.why`.
 */
export function readTrade(json: JsonCursor, day: number, into: TradeFields): boolean {
  const start = json.at;
  let [hasPrice, hasSize] = [false, false];
  into.side = Side.NONE;
  into.id = into.eventNs = Number.NaN;
  into.count = 1;
  if (!json.openObject()) return false;
  while (json.key()) {
    if (json.keyIs(TRADE_ID)) into.id = readDigits(json);
    else if (json.keyIs(PX)) hasPrice = readSpan(json, into.price);
    else if (json.keyIs(SZ)) hasSize = readSpan(json, into.size);
    else if (json.keyIs(SIDE)) {
      json.text();
      into.side = json.keyIs(BUY) ? Side.BID : json.keyIs(SELL) ? Side.ASK : Side.NONE;
    } else if (json.keyIs(TS)) into.eventNs = readTime(json, day);
    else if (json.keyIs(COUNT)) into.count = readDigits(json);
    else json.skip();
  }
  if (json.why !== null) return false;
  const numbered = into.id >= 1 && into.count >= 1;
  if (hasPrice && hasSize && into.side !== Side.NONE && numbered && !Number.isNaN(into.eventNs)) return true;
  return json.fail('a trade without "tradeId", "px", "sz", "side" and "ts"', start);
}

/** Reads the price and the size at the head of a level: ["41006.8","0.60038921","0","1"]. False: `json.why`. */
export function readLevel(json: JsonCursor, price: Span, size: Span): boolean {
  const start = json.at;
  if (!json.openArray()) return false;
  const whole = json.element() && readSpan(json, price) && json.element() && readSpan(json, size);
  if (!whole) return json.fail('a level without a price and a size', start);
  // The number of orders, and a field that is no longer used.
  while (json.element()) json.skip();
  return json.why === null;
}

/** Passes over a value; returns where it begins. */
function skipped(json: JsonCursor): number {
  const { at } = json;
  json.skip();
  return at;
}

function readSpan(json: JsonCursor, into: Span): boolean {
  if (!json.text()) return false;
  into.from = json.from;
  into.to = json.to;
  return true;
}

/** A whole number in quotes; `NaN` where it is none. */
function readDigits(json: JsonCursor): number {
  return json.text() ? digitsOf(json.bytes, json.from, json.to) : Number.NaN;
}

/** Milliseconds since 1970 in quotes, as ns since the day; `NaN` where they are no time near it. */
function readTime(json: JsonCursor, day: number): number {
  const ms = readDigits(json) - day * MS_PER_DAY;
  return Math.abs(ms) <= MAX_DAYS * MS_PER_DAY ? ms * NS_PER_MS : Number.NaN;
}

/** A whole number, or −1. */
function readPrevious(json: JsonCursor): number {
  if (!json.number()) return Number.NaN;
  const { bytes, from, to } = json;
  if (to - from === 2 && bytes[from] === 45 && bytes[from + 1] === 49) return -1;
  const value = digitsOf(bytes, from, to);
  if (Number.isNaN(value)) json.fail('"prevSeqId" is neither a whole number nor -1', from);
  return value;
}
