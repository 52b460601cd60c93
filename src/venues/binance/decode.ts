import { BookcastError, MAX_PRICE_TICKS, NO_PRICE, NS_PER_DAY, NS_PER_MS, NS_PER_US } from '../../core/index.ts';
import { type BatchBuilder, EventKind, Fault, type Instrument, priceStep, Side, sizeStep } from '../../market/index.ts';
import { canonicalise, problemOf } from './canonical.ts';
import { DecoderLog } from './decoder-log.ts';
import { DepthHeader } from './depth-header.ts';
import { Field, FieldType, FlatScanner, holds, textEnd } from './flat-scanner.ts';
import { LevelScanner } from './level-scanner.ts';
import { StepReader } from './step-reader.ts';

const SPACE = 32;
const ZERO = 48;
const AT = 64;
const CLOSE_ARRAY = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;

const WRAPPER = Buffer.from('{"stream":"');
const DATA = Buffer.from(',"data":{');
const THEN_ASKS = Buffer.from(',"a":[');
const DEPTH = Buffer.from('depthUpdate');
const TICKER = Buffer.from('bookTicker');
const TRADE = Buffer.from('trade');
const AGG_TRADE = Buffer.from('aggTrade');
const MARKET = Buffer.from('MARKET');
const PARTIAL = Buffer.from('@depth');

/** Receive times by their number of digits since 1970: 13 are milliseconds, 16 microseconds, 19 nanoseconds. */
const FRACTION_FACTOR: Readonly<Record<number, number>> = { 3: 1e6, 6: 1e3, 9: 1 };
const SECOND_DIGITS = 10;
/** Venue times above this count microseconds (Binance's `timeUnit=MICROSECOND`), below it milliseconds. */
const MICROSECONDS_FROM = 1e14;
/** The shortest level, `["1","0"]`. */
const LEVEL_BYTES = 9;

/**
 * Lines `<receive time> <json>` of a Binance recording → events. Pure: bytes in, rows of the builder out.
 *
 * - diff (`depthUpdate`): DELTA (sequence = `u`; orderId = the previous id: `pu`, on spot `U − 1`), then LEVEL rows;
 * - REST snapshot (the one line that is no stream's): SNAPSHOT (sequence = `lastUpdateId`), then LEVEL rows;
 * - `trade` or `aggTrade`: one TRADE (sequence = orderId = the trade's id). Where a recording has both, the kind that came
 *   first is taken, for they tell the same trades. `m` true: the buyer was the maker, so the aggressor sold. Trades of
 *   the insurance fund and of deleveraging have no aggressor (side NONE); placeholders of size 0 are left out;
 * - `bookTicker`: two BBO rows, bid and ask (sequence = `u`); an empty side has `NO_PRICE` and size 0.
 *
 * tsEventNs is the venue's: `T` (transaction time), else `E`; what carries neither (spot tickers, spot snapshots) has our
 * receive time, which is another clock. tsRecvNs is the line's, never corrected, though it may run behind the venue's.
 *
 * A line that cannot be read, and any negative size, is a FAULT `UNPARSABLE` and the decoder goes on: whether a diff was lost
 * with it shows in the ids. A price or size that the instrument's steps do not divide throws `bad-input`.
 */
export class BinanceDecoder {
  readonly log = new DecoderLog();
  /** Name of the file and number of the line last decoded, for messages; the caller sets the name, and 0 for a new file. */
  source = '';
  line = 0;
  readonly #builder: BatchBuilder;
  readonly #symbol: Buffer;
  readonly #severalSymbols: boolean;
  readonly #linked: boolean;
  readonly #price: StepReader;
  readonly #size: StepReader;
  readonly #levels: LevelScanner;
  readonly #fields = new FlatScanner();
  /** The header of the last diff, with the field of its time and its closing braces. */
  readonly #header = new DepthHeader();
  #headerTime: number = Field.EVENT_TIME;
  #headerClose = 2;
  readonly #dayMs: number;
  readonly #daySeconds: number;
  #recvNs = 0;
  /** Of the last message that told the venue's time. */
  #venueNs = Number.NaN;
  /** `TRADE` or `AGG_TRADE`, whichever came first; null before any trade. */
  #tradeEvent: Buffer | null = null;

  /** `symbol` is the venue's; `severalSymbols`: the recording has more, and only lines that name this one count. */
  constructor(instrument: Instrument, symbol: string, builder: BatchBuilder, severalSymbols = false) {
    this.#builder = builder;
    this.#symbol = Buffer.from(symbol);
    this.#severalSymbols = severalSymbols;
    this.#linked = instrument.sequencing === 'linked';
    this.#price = new StepReader(priceStep(instrument));
    this.#size = new StepReader(sizeStep(instrument));
    this.#levels = new LevelScanner(this.#price, this.#size);
    this.#daySeconds = builder.day * (NS_PER_DAY / 1e9);
    this.#dayMs = builder.day * (NS_PER_DAY / NS_PER_MS);
  }

  /** Decodes the line `bytes[from, to)`: no message, or one. */
  decode(bytes: Buffer, from: number, to: number): void {
    this.line++;
    this.log.messages++;
    const builder = this.#builder;
    const start = builder.length;
    const at = this.#readReceiveTime(bytes, from, to);
    if (at < 0) {
      this.#fault('it does not begin with a receive time of 13, 16 or 19 digits and a space');
      return;
    }
    if (this.#scanLikeLast(bytes, at, to)) return;
    builder.rewind(start);
    if (this.#scan(bytes, at, to, false)) return;
    builder.rewind(start);
    this.#decodeSlowly(bytes.toString('utf8', at, to));
  }

  /** Any line that the scanner did not understand as it stands. */
  #decodeSlowly(text: string): void {
    const found = canonicalise(text);
    if (found.kind === 'unreadable') this.#fault(found.reason);
    else if (found.kind === 'other') this.log.countOther(found.name);
    else {
      const start = this.#builder.length;
      if (this.#scan(found.bytes, 0, found.bytes.length, found.kind === 'snapshot')) return;
      this.#builder.rewind(start);
      const problem = problemOf(found.message, found.kind, this.#price, this.#size);
      if (problem.offStep) throw this.#offStep(problem.reason);
      this.#fault(problem.reason);
    }
  }

  #offStep(what: string): BookcastError {
    const { value: tick } = this.#price.unit;
    const { value: lot } = this.#size.unit;
    return new BookcastError(
      'bad-input',
      `${this.source}, line ${this.line}: ${what} is no whole number of steps (ticks of ${tick}, lots of ${lot}), or too ` +
        "many of them: give the instrument's steps with --tick and --lot",
      { path: this.source, line: this.line },
    );
  }

  /** Returns where the JSON begins, or -1. Sets the receive time. */
  #readReceiveTime(bytes: Buffer, from: number, to: number): number {
    let at = from;
    let seconds = 0;
    let fraction = 0;
    for (; at < to && bytes[at] !== SPACE; at++) {
      const digit = bytes[at] - ZERO;
      if (digit < 0 || digit > 9) return -1;
      // Neither leaves 32 bits: nine digits of the fraction at most count, and seconds fit until the year 2106.
      if (at - from < SECOND_DIGITS) seconds = (Math.imul(seconds, 10) + digit) >>> 0;
      else fraction = (Math.imul(fraction, 10) + digit) | 0;
    }
    const factor = FRACTION_FACTOR[at - from - SECOND_DIGITS];
    if (factor === undefined || at === to) return -1;
    this.#recvNs = (seconds - this.#daySeconds) * 1e9 + fraction * factor;
    return at + 1;
  }

  /** False where the text is not in the form known here, or a value is not what it must be; rows may then be half written. */
  #scan(bytes: Buffer, from: number, to: number, snapshot: boolean): boolean {
    const fields = this.#fields;
    let at = from;
    let partial = false;
    let close = 1;
    if (holds(bytes, at, WRAPPER)) {
      const name = at + WRAPPER.length;
      at = textEnd(bytes, name);
      if (at < 0 || !holds(bytes, at + 1, DATA)) return false;
      partial = isPartialDepth(bytes, name, at);
      at += 1 + DATA.length;
      close = 2;
    } else if (bytes[at] === OPEN_OBJECT) {
      at++;
    } else {
      return false;
    }
    at = fields.scan(bytes, at);
    if (at < 0) return false;
    if (fields.arrayField === Field.BID) {
      if (snapshot || fields.is(bytes, Field.EVENT, DEPTH)) {
        return this.#scanDepth(bytes, from, at, to, close, snapshot, partial);
      }
      return false;
    }
    if (fields.arrayField >= 0 || at + close - 1 !== to || (close === 2 && bytes[at] !== CLOSE_OBJECT)) return false;
    if (fields.type[Field.EVENT] === FieldType.ABSENT) return this.#pushTicker(bytes);
    if (fields.type[Field.EVENT] !== FieldType.TEXT) return false;
    if (fields.is(bytes, Field.EVENT, TICKER)) return this.#pushTicker(bytes);
    if (fields.is(bytes, Field.EVENT, TRADE)) return this.#pushTrade(bytes, TRADE, Field.TRADE_ID);
    if (fields.is(bytes, Field.EVENT, AGG_TRADE)) return this.#pushTrade(bytes, AGG_TRADE, Field.ASK);
    if (fields.is(bytes, Field.EVENT, DEPTH)) return false;
    this.log.countOther(bytes.toString('latin1', fields.from[Field.EVENT], fields.to[Field.EVENT]));
    return true;
  }

  /** A diff's or snapshot's header was scanned into the fields; `at` is behind the bracket that opens the bids. */
  #scanDepth(
    bytes: Buffer,
    from: number,
    at: number,
    to: number,
    close: number,
    snapshot: boolean,
    partial: boolean,
  ): boolean {
    const { type, number } = this.#fields;
    if (type[Field.LAST_ID] !== FieldType.NUMBER) return false;
    if (partial) {
      this.log.countOther('depth of a few levels (not a diff)');
      return true;
    }
    const named = type[Field.SYMBOL] === FieldType.TEXT;
    if (!snapshot && !named) return false;
    if (named && !this.#fields.is(bytes, Field.SYMBOL, this.#symbol)) return this.#countOtherSymbol();
    if (!named && this.#severalSymbols) {
      this.log.snapshotsLeftOut++;
      return true;
    }
    const eventNs = this.#eventTime();
    if (snapshot) {
      if (!this.#pushLevels(bytes, at, to, close, EventKind.SNAPSHOT, eventNs, number[Field.LAST_ID], 0)) return false;
      this.log.snapshots++;
      return true;
    }
    if (type[Field.FIRST_ID] !== FieldType.NUMBER || (this.#linked && type[Field.PREVIOUS] !== FieldType.NUMBER))
      return false;
    const previous = this.#linked ? number[Field.PREVIOUS] : number[Field.FIRST_ID] - 1;
    if (!this.#pushLevels(bytes, at, to, close, EventKind.DELTA, eventNs, number[Field.LAST_ID], previous))
      return false;
    const timeField = this.#timeField();
    if (timeField >= 0) {
      this.#header.learn(bytes, from, at);
      this.#headerTime = timeField;
      this.#headerClose = close;
    }
    return true;
  }

  /** A diff whose header reads as the last one's did: the same stream and symbol, the same keys in the same order. */
  #scanLikeLast(bytes: Buffer, from: number, to: number): boolean {
    const at = this.#header.match(bytes, from);
    if (at < 0) return false;
    const { number } = this.#header;
    const previous = this.#linked ? number[Field.PREVIOUS] : number[Field.FIRST_ID] - 1;
    const eventNs = this.#sinceDay(number[this.#headerTime]);
    return this.#pushLevels(
      bytes,
      at,
      to,
      this.#headerClose,
      EventKind.DELTA,
      eventNs,
      number[Field.LAST_ID],
      previous,
    );
  }

  /** The head and the levels of a whole message; `close` braces end it. */
  #pushLevels(
    bytes: Buffer,
    at: number,
    to: number,
    close: number,
    head: EventKind,
    eventNs: number,
    id: number,
    previous: number,
  ): boolean {
    this.#builder.push(head, Side.NONE, NO_PRICE, 0, eventNs, this.#recvNs, id, previous);
    at = this.#scanLevels(bytes, at, to, Side.BID, eventNs, id);
    if (at < 0 || !holds(bytes, at, THEN_ASKS)) return false;
    at = this.#scanLevels(bytes, at + THEN_ASKS.length, to, Side.ASK, eventNs, id);
    if (at < 0 || at + close !== to || bytes[at] !== CLOSE_OBJECT || bytes[to - 1] !== CLOSE_OBJECT) return false;
    this.#builder.endMessage();
    this.#venueNs = eventNs;
    return true;
  }

  /** Levels `["price","size"],…]` up to `to` → LEVEL rows. Returns the position behind the closing bracket, or -1. */
  #scanLevels(bytes: Buffer, at: number, to: number, side: Side, eventNs: number, id: number): number {
    if (bytes[at] === CLOSE_ARRAY) return at + 1;
    const builder = this.#builder;
    const rows = builder.reserve(Math.ceil((to - at) / LEVEL_BYTES));
    const levels = this.#levels;
    levels.row = builder.length;
    at = levels.scan(bytes, at, rows, side, eventNs, this.#recvNs, id);
    if (at >= 0) builder.length = levels.row;
    return at;
  }

  #pushTicker(bytes: Buffer): boolean {
    const fields = this.#fields;
    if (fields.type[Field.LAST_ID] !== FieldType.NUMBER || fields.type[Field.SYMBOL] !== FieldType.TEXT) return false;
    if (!fields.is(bytes, Field.SYMBOL, this.#symbol)) return this.#countOtherSymbol();
    const bidTicks = this.#readField(bytes, Field.BID, this.#price);
    const bidLots = this.#readField(bytes, Field.BID_SIZE, this.#size);
    const askTicks = this.#readField(bytes, Field.ASK, this.#price);
    const askLots = this.#readField(bytes, Field.ASK_SIZE, this.#size);
    if (!(bidTicks <= MAX_PRICE_TICKS && askTicks <= MAX_PRICE_TICKS && bidLots >= 0 && askLots >= 0)) return false;
    const builder = this.#builder;
    const eventNs = this.#eventTime();
    const recvNs = this.#recvNs;
    const id = fields.number[Field.LAST_ID];
    builder.push(EventKind.BBO, Side.BID, bidTicks === 0 ? NO_PRICE : bidTicks, bidLots, eventNs, recvNs, id, 0);
    builder.push(EventKind.BBO, Side.ASK, askTicks === 0 ? NO_PRICE : askTicks, askLots, eventNs, recvNs, id, 0);
    builder.endMessage();
    return true;
  }

  #pushTrade(bytes: Buffer, event: Buffer, idField: number): boolean {
    const fields = this.#fields;
    if (fields.type[idField] !== FieldType.NUMBER || fields.type[Field.SYMBOL] !== FieldType.TEXT) return false;
    if (!fields.is(bytes, Field.SYMBOL, this.#symbol)) return this.#countOtherSymbol();
    const maker = fields.type[Field.BUYER_IS_MAKER];
    const ticks = this.#readField(bytes, Field.PRICE, this.#price);
    const lots = this.#readField(bytes, Field.SIZE, this.#size);
    if (!(lots >= 0) || !(ticks <= MAX_PRICE_TICKS) || (maker !== FieldType.TRUE && maker !== FieldType.FALSE)) {
      return false;
    }
    // Futures write placeholders of price and size 0, which keep the ids of the trades without a gap.
    if (lots === 0) return true;
    if (ticks === 0) return false;
    this.#tradeEvent ??= event;
    if (this.#tradeEvent !== event) {
      this.log.countOther(event === TRADE ? 'trade (aggTrade tells the same)' : 'aggTrade (trade tells the same)');
      return true;
    }
    const forced = fields.type[Field.TRADE_KIND] !== FieldType.ABSENT && !fields.is(bytes, Field.TRADE_KIND, MARKET);
    const side = forced ? Side.NONE : maker === FieldType.TRUE ? Side.ASK : Side.BID;
    const id = fields.number[idField];
    const eventNs = this.#eventTime();
    this.#builder.push(EventKind.TRADE, side, ticks, lots, eventNs, this.#recvNs, id, id);
    this.#builder.endMessage();
    this.#venueNs = eventNs;
    return true;
  }

  #readField(bytes: Buffer, field: number, reader: StepReader): number {
    if (this.#fields.type[field] !== FieldType.TEXT) return Number.NaN;
    return reader.read(bytes, this.#fields.from[field]);
  }

  /** The field that tells the venue's time: `T`, else `E`; -1 for neither. */
  #timeField(): number {
    const { type } = this.#fields;
    if (type[Field.TRANSACTION_TIME] === FieldType.NUMBER) return Field.TRANSACTION_TIME;
    return type[Field.EVENT_TIME] === FieldType.NUMBER ? Field.EVENT_TIME : -1;
  }

  /** The venue's time, else our receive time. */
  #eventTime(): number {
    const field = this.#timeField();
    return field < 0 ? this.#recvNs : this.#sinceDay(this.#fields.number[field]);
  }

  #sinceDay(time: number): number {
    if (time < MICROSECONDS_FROM) return (time - this.#dayMs) * NS_PER_MS;
    return (time - this.#dayMs * 1e3) * NS_PER_US;
  }

  #countOtherSymbol(): true {
    this.log.otherSymbols++;
    return true;
  }

  #fault(reason: string): void {
    this.log.countUnparsable(`${this.source}, line ${this.line}`, reason);
    const venueNs = Number.isNaN(this.#venueNs) ? this.#recvNs : this.#venueNs;
    this.#builder.push(EventKind.FAULT, Side.NONE, NO_PRICE, Fault.UNPARSABLE, venueNs, this.#recvNs, 0, 0);
    this.#builder.endMessage();
  }
}

/**
 * A stream such as `btcusdt@depth20@100ms` sends the best 20 levels each time. On futures its messages look exactly like
 * diffs, and only the stream's name tells.
 */
function isPartialDepth(bytes: Buffer, from: number, to: number): boolean {
  let at = from;
  while (at < to && bytes[at] !== AT) at++;
  const digit = bytes[at + PARTIAL.length] - ZERO;
  return digit >= 0 && digit <= 9 && at + PARTIAL.length < to && holds(bytes, at, PARTIAL);
}
