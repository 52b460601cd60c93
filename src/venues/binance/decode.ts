import { BookcastError, MAX_PRICE_TICKS, NO_PRICE } from '../../core/index.ts';
import { type BatchBuilder, EventKind, Fault, type Instrument, priceStep, Side, sizeStep } from '../../market/index.ts';
import { canonicalise, type Problem, problemOf, problemOfWhole } from './canonical.ts';
import { Decoded } from './decoded.ts';
import { DecoderLog } from './decoder-log.ts';
import { cutHeader } from './diff-header.ts';
import { type DiffKernel, DiffShape, sharedKernel } from './diff-kernel.ts';
import { Field, FieldType, FlatScanner, holds, textEnd } from './flat-scanner.ts';
import { LevelScanner } from './level-scanner.ts';
import { ReceiveTime, VenueTime } from './receive-time.ts';
import { SnapshotHeader } from './snapshot-header.ts';
import { StepReader } from './step-reader.ts';
import { isPartialDepth, WRAPPER } from './stream-name.ts';

const CLOSE_ARRAY = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;
const DATA = Buffer.from(',"data":{');
const THEN_ASKS = Buffer.from(',"a":[');
const THEN_SNAPSHOT_ASKS = Buffer.from(',"asks":[');
const DEPTH = Buffer.from('depthUpdate');
const TICKER = Buffer.from('bookTicker');
const TRADE = Buffer.from('trade');
const AGG_TRADE = Buffer.from('aggTrade');
const MARKET = Buffer.from('MARKET');

/** The shortest level, `["1","0"]`. */
const LEVEL_BYTES = 9;

/**
 * Messages of Binance → events. Pure: bytes in, rows of the builder out. `decodeMessage` takes one message as received, `decode` a
 * line `<receive time> <json>` of a recording.
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
 * A line that cannot be read, and any negative size, is a FAULT `UNPARSABLE`: whether a diff was lost with it shows in the ids. A price or
 * size that the instrument's steps do not divide throws `bad-input` in a line; of a message it is `problem.offStep`.
 */
export class BinanceDecoder {
  readonly log = new DecoderLog();
  /** Name of the file and number of the line last decoded, for messages; the caller sets the name, and 0 for a new file. */
  source = '';
  /** What `line` counts. */
  place = 'line';
  line = 0;
  /** Where rows go. The caller may set another one of the same day between messages. */
  builder: BatchBuilder;
  /** Of the last trade or placeholder. */
  tradeId = 0;
  /** Of the last ticker; 0 for an empty side. */
  bidTicks = 0;
  askTicks = 0;
  /** Of the last message that was unreadable. */
  problem: Problem = problemOfWhole('');
  readonly #symbol: Buffer;
  readonly #severalSymbols: boolean;
  readonly #linked: boolean;
  readonly #price: StepReader;
  readonly #size: StepReader;
  readonly #levels: LevelScanner;
  readonly #fields = new FlatScanner();
  readonly #kernel: DiffKernel | null;
  /** Of the last diff that the scanners read, with the field of its time; null before any, or where the kernel cannot help. */
  #shape: DiffShape | null = null;
  #shapeTime: number = Field.EVENT_TIME;
  readonly #receiveTime: ReceiveTime;
  readonly #snapshot = new SnapshotHeader();
  readonly #time: VenueTime;
  #recvNs = 0;
  /** Of the last message that told the venue's time. */
  #venueNs = Number.NaN;
  /** `TRADE` or `AGG_TRADE`, whichever came first; null before any trade. */
  #tradeEvent: Buffer | null = null;

  /**
   * `symbol` is the venue's; `severalSymbols`: the recording has more, and only lines that name this one count. Without a
   * `kernel` the scanners read all, with the same result.
   */
  constructor(
    instrument: Instrument,
    symbol: string,
    builder: BatchBuilder,
    severalSymbols = false,
    kernel = sharedKernel(),
  ) {
    this.builder = builder;
    this.#symbol = Buffer.from(symbol);
    this.#severalSymbols = severalSymbols;
    this.#linked = instrument.sequencing === 'linked';
    this.#price = new StepReader(priceStep(instrument));
    this.#size = new StepReader(sizeStep(instrument));
    this.#levels = new LevelScanner(this.#price, this.#size);
    this.#kernel = kernel?.reads(this.#price.unit) && kernel.reads(this.#size.unit) ? kernel : null;
    this.#receiveTime = new ReceiveTime(builder.day);
    this.#time = new VenueTime(builder.day);
  }

  /** Many messages in `bytes` come next, which do not change until others are held: this makes them faster to decode. */
  hold(bytes: Buffer): void {
    this.#kernel?.hold(bytes);
  }

  /** Decodes the line `bytes[from, to)`: no message, or one. */
  decode(bytes: Buffer, from: number, to: number): void {
    this.line++;
    this.log.messages++;
    const at = this.#receiveTime.read(bytes, from, to);
    this.#recvNs = this.#receiveTime.ns;
    if (at < 0) {
      this.#fault('it does not begin with a receive time of 13, 16 or 19 digits and a space');
      return;
    }
    if (this.#decode(bytes, at, to) !== Decoded.UNREADABLE) return;
    if (this.problem.offStep) throw this.#offStep(this.problem.reason);
    this.#fault(this.problem.reason);
  }

  /** Decodes the message `bytes[from, to)`, received at `recvNs` since the builder's day. */
  decodeMessage(bytes: Buffer, from: number, to: number, recvNs: number): Decoded {
    this.#recvNs = recvNs;
    return this.#decode(bytes, from, to);
  }

  /** Decodes the answer `bytes[from, to)` to a request of the symbol's depth: `SNAPSHOT`, or `UNREADABLE`. */
  decodeSnapshot(bytes: Buffer, from: number, to: number, recvNs: number): Decoded {
    this.#recvNs = recvNs;
    const start = this.builder.length;
    const header = this.#snapshot;
    const at = header.scan(bytes, from);
    if (at >= 0) {
      const eventNs = Number.isNaN(header.time) ? recvNs : this.#time.since(header.time);
      if (this.#pushLevels(bytes, at, to, 1, EventKind.SNAPSHOT, eventNs, header.id, 0, THEN_SNAPSHOT_ASKS)) {
        this.log.snapshots++;
        return Decoded.SNAPSHOT;
      }
      this.builder.rewind(start);
    }
    const decoded = this.#decodeSlowly(bytes.toString('utf8', from, to));
    if (decoded === Decoded.SNAPSHOT || decoded === Decoded.UNREADABLE) return decoded;
    this.builder.rewind(start);
    return this.#refuse(problemOfWhole('the answer is no snapshot of the depth'));
  }

  #decode(bytes: Buffer, from: number, to: number): Decoded {
    const builder = this.builder;
    const start = builder.length;
    if (this.#readLikeLast(bytes, from, to)) return Decoded.DIFF;
    builder.rewind(start);
    const decoded = this.#scan(bytes, from, to, false);
    if (decoded !== Decoded.UNREADABLE) return decoded;
    builder.rewind(start);
    return this.#decodeSlowly(bytes.toString('utf8', from, to));
  }

  /** Any message that the scanner did not understand as it stands. */
  #decodeSlowly(text: string): Decoded {
    const found = canonicalise(text);
    if (found.kind === 'unreadable') return this.#refuse(problemOfWhole(found.reason));
    if (found.kind === 'other') return this.#countOther(found.name);
    const start = this.builder.length;
    const decoded = this.#scan(found.bytes, 0, found.bytes.length, found.kind === 'snapshot');
    if (decoded !== Decoded.UNREADABLE) return decoded;
    this.builder.rewind(start);
    return this.#refuse(problemOf(found.message, found.kind, this.#price, this.#size));
  }

  #refuse(problem: Problem): Decoded {
    this.problem = problem;
    return Decoded.UNREADABLE;
  }

  #countOther(name: string): Decoded {
    this.log.countOther(name);
    return Decoded.OTHER;
  }

  #offStep(what: string): BookcastError {
    const steps = `ticks of ${this.#price.unit.value}, lots of ${this.#size.unit.value}`;
    return new BookcastError(
      'bad-input',
      `${this.source}, ${this.place} ${this.line}: ${what} is no whole number of steps (${steps}), or too many of them: give the instrument's steps with --tick and --lot`,
      { path: this.source, line: this.line },
    );
  }

  /** `UNREADABLE` where the text is not in the form known here, or a value is not what it must be; rows may then be half written. */
  #scan(bytes: Buffer, from: number, to: number, snapshot: boolean): Decoded {
    const fields = this.#fields;
    let at = from;
    let partial = false;
    let close = 1;
    if (holds(bytes, at, WRAPPER)) {
      const name = at + WRAPPER.length;
      at = textEnd(bytes, name);
      if (at < 0 || !holds(bytes, at + 1, DATA)) return Decoded.UNREADABLE;
      partial = isPartialDepth(bytes, name, at);
      at += 1 + DATA.length;
      close = 2;
    } else if (bytes[at] === OPEN_OBJECT) {
      at++;
    } else {
      return Decoded.UNREADABLE;
    }
    at = fields.scan(bytes, at);
    if (at < 0) return Decoded.UNREADABLE;
    if (fields.arrayField === Field.BID) {
      if (snapshot || fields.is(bytes, Field.EVENT, DEPTH)) {
        return this.#scanDepth(bytes, from, at, to, close, snapshot, partial);
      }
      return Decoded.UNREADABLE;
    }
    if (fields.arrayField >= 0 || at + close - 1 !== to || (close === 2 && bytes[at] !== CLOSE_OBJECT))
      return Decoded.UNREADABLE;
    if (fields.type[Field.EVENT] === FieldType.ABSENT) return this.#pushTicker(bytes);
    if (fields.type[Field.EVENT] !== FieldType.TEXT) return Decoded.UNREADABLE;
    if (fields.is(bytes, Field.EVENT, TICKER)) return this.#pushTicker(bytes);
    if (fields.is(bytes, Field.EVENT, TRADE)) return this.#pushTrade(bytes, TRADE, Field.TRADE_ID);
    if (fields.is(bytes, Field.EVENT, AGG_TRADE)) return this.#pushTrade(bytes, AGG_TRADE, Field.ASK);
    if (fields.is(bytes, Field.EVENT, DEPTH)) return Decoded.UNREADABLE;
    return this.#countOther(bytes.toString('latin1', fields.from[Field.EVENT], fields.to[Field.EVENT]));
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
  ): Decoded {
    const { type, number } = this.#fields;
    if (type[Field.LAST_ID] !== FieldType.NUMBER) return Decoded.UNREADABLE;
    if (partial) return this.#countOther('depth of a few levels (not a diff)');
    const named = type[Field.SYMBOL] === FieldType.TEXT;
    if (!snapshot && !named) return Decoded.UNREADABLE;
    if (named && !this.#fields.is(bytes, Field.SYMBOL, this.#symbol)) return this.#countOtherSymbol();
    if (!named && this.#severalSymbols) {
      this.log.snapshotsLeftOut++;
      return Decoded.OTHER;
    }
    const eventNs = this.#eventTime();
    if (snapshot) {
      if (!this.#pushLevels(bytes, at, to, close, EventKind.SNAPSHOT, eventNs, number[Field.LAST_ID], 0))
        return Decoded.UNREADABLE;
      this.log.snapshots++;
      return Decoded.SNAPSHOT;
    }
    if (type[Field.FIRST_ID] !== FieldType.NUMBER || (this.#linked && type[Field.PREVIOUS] !== FieldType.NUMBER))
      return Decoded.UNREADABLE;
    const previous = this.#linked ? number[Field.PREVIOUS] : number[Field.FIRST_ID] - 1;
    if (!this.#pushLevels(bytes, at, to, close, EventKind.DELTA, eventNs, number[Field.LAST_ID], previous))
      return Decoded.UNREADABLE;
    const timeField = this.#timeField();
    if (timeField >= 0 && this.#kernel !== null) {
      const shape = new DiffShape(cutHeader(bytes, from, at), close);
      this.#shape = shape.fits ? shape : null;
      this.#shapeTime = timeField;
    }
    return Decoded.DIFF;
  }

  /** A diff whose header reads as the last one's did: the same stream and symbol, the same keys in the same order. */
  #readLikeLast(bytes: Buffer, from: number, to: number): boolean {
    const kernel = this.#kernel;
    if (kernel === null || this.#shape === null || !kernel.match(this.#shape, bytes, from, to)) return false;
    const { number } = kernel;
    const eventNs = this.#time.since(number[this.#shapeTime]);
    const id = number[Field.LAST_ID];
    const previous = this.#linked ? number[Field.PREVIOUS] : number[Field.FIRST_ID] - 1;
    const { scale } = this.#price.unit;
    if (!kernel.push(this.builder, scale, this.#size.unit.scale, eventNs, this.#recvNs, id, previous)) return false;
    this.#venueNs = eventNs;
    return true;
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
    thenAsks = THEN_ASKS,
  ): boolean {
    this.builder.push(head, Side.NONE, NO_PRICE, 0, eventNs, this.#recvNs, id, previous);
    at = this.#scanLevels(bytes, at, to, Side.BID, eventNs, id);
    if (at < 0 || !holds(bytes, at, thenAsks)) return false;
    at = this.#scanLevels(bytes, at + thenAsks.length, to, Side.ASK, eventNs, id);
    if (at < 0 || at + close !== to || bytes[at] !== CLOSE_OBJECT || bytes[to - 1] !== CLOSE_OBJECT) return false;
    this.builder.endMessage();
    this.#venueNs = eventNs;
    return true;
  }

  /** Levels `["price","size"],…]` up to `to` → LEVEL rows. Returns the position behind the closing bracket, or -1. */
  #scanLevels(bytes: Buffer, at: number, to: number, side: Side, eventNs: number, id: number): number {
    if (bytes[at] === CLOSE_ARRAY) return at + 1;
    const builder = this.builder;
    const rows = builder.reserve(Math.ceil((to - at) / LEVEL_BYTES));
    const levels = this.#levels;
    levels.row = builder.length;
    at = levels.scan(bytes, at, rows, side, eventNs, this.#recvNs, id);
    if (at >= 0) builder.length = levels.row;
    return at;
  }

  #pushTicker(bytes: Buffer): Decoded {
    const fields = this.#fields;
    if (fields.type[Field.LAST_ID] !== FieldType.NUMBER || fields.type[Field.SYMBOL] !== FieldType.TEXT)
      return Decoded.UNREADABLE;
    if (!fields.is(bytes, Field.SYMBOL, this.#symbol)) return this.#countOtherSymbol();
    const bidTicks = this.#readField(bytes, Field.BID, this.#price);
    const bidLots = this.#readField(bytes, Field.BID_SIZE, this.#size);
    const askTicks = this.#readField(bytes, Field.ASK, this.#price);
    const askLots = this.#readField(bytes, Field.ASK_SIZE, this.#size);
    if (!(bidTicks <= MAX_PRICE_TICKS && askTicks <= MAX_PRICE_TICKS && bidLots >= 0 && askLots >= 0))
      return Decoded.UNREADABLE;
    this.bidTicks = bidTicks;
    this.askTicks = askTicks;
    const builder = this.builder;
    const eventNs = this.#eventTime();
    const id = fields.number[Field.LAST_ID];
    builder.push(EventKind.BBO, Side.BID, bidTicks === 0 ? NO_PRICE : bidTicks, bidLots, eventNs, this.#recvNs, id, 0);
    builder.push(EventKind.BBO, Side.ASK, askTicks === 0 ? NO_PRICE : askTicks, askLots, eventNs, this.#recvNs, id, 0);
    builder.endMessage();
    return Decoded.TICKER;
  }

  #pushTrade(bytes: Buffer, event: Buffer, idField: number): Decoded {
    const fields = this.#fields;
    if (fields.type[idField] !== FieldType.NUMBER || fields.type[Field.SYMBOL] !== FieldType.TEXT)
      return Decoded.UNREADABLE;
    if (!fields.is(bytes, Field.SYMBOL, this.#symbol)) return this.#countOtherSymbol();
    const maker = fields.type[Field.BUYER_IS_MAKER];
    const ticks = this.#readField(bytes, Field.PRICE, this.#price);
    const lots = this.#readField(bytes, Field.SIZE, this.#size);
    if (!(lots >= 0) || !(ticks <= MAX_PRICE_TICKS) || (maker !== FieldType.TRUE && maker !== FieldType.FALSE)) {
      return Decoded.UNREADABLE;
    }
    const id = fields.number[idField];
    this.tradeId = id;
    // Futures write placeholders of price and size 0, which keep the ids of the trades without a gap.
    if (lots === 0) return Decoded.PLACEHOLDER;
    if (ticks === 0) return Decoded.UNREADABLE;
    this.#tradeEvent ??= event;
    if (this.#tradeEvent !== event) {
      return this.#countOther(event === TRADE ? 'trade (aggTrade tells the same)' : 'aggTrade (trade tells the same)');
    }
    const forced = fields.type[Field.TRADE_KIND] !== FieldType.ABSENT && !fields.is(bytes, Field.TRADE_KIND, MARKET);
    const side = forced ? Side.NONE : maker === FieldType.TRUE ? Side.ASK : Side.BID;
    const eventNs = this.#eventTime();
    this.builder.push(EventKind.TRADE, side, ticks, lots, eventNs, this.#recvNs, id, id);
    this.builder.endMessage();
    this.#venueNs = eventNs;
    return Decoded.TRADE;
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
    return field < 0 ? this.#recvNs : this.#time.since(this.#fields.number[field]);
  }

  #countOtherSymbol(): Decoded {
    this.log.otherSymbols++;
    return Decoded.OTHER;
  }

  #fault(reason: string): void {
    this.log.countUnparsable(`${this.source}, ${this.place} ${this.line}`, reason);
    const venueNs = Number.isNaN(this.#venueNs) ? this.#recvNs : this.#venueNs;
    this.builder.push(EventKind.FAULT, Side.NONE, NO_PRICE, Fault.UNPARSABLE, venueNs, this.#recvNs, 0, 0);
    this.builder.endMessage();
  }
}
