import { assert, type DecimalStep, NO_PRICE } from '../../src/core/index.ts';
import {
  BatchBuilder,
  BookSync,
  EventKind,
  instrumentKey,
  LadderBook,
  messageEnd,
  priceStep,
  Side,
  sizeStep,
} from '../../src/market/index.ts';
import { BinanceDecoder } from '../../src/venues/binance/decode.ts';
import { DiffKernel } from '../../src/venues/binance/diff-kernel.ts';
import type { Racer } from '../harness.ts';
import { type CcxtClasses, CcxtFeed } from './ccxt-binance.ts';
import type { DepthStream } from './depth-stream.ts';

const SPACE = 32;
const POINT = 46;
const ZERO = 48;
/** Wide enough for spot, whose ticks are fine: of 100 levels that change, 98 lie within it. The same for all sides. */
const LADDER = { windowTicks: 1 << 18 };

/** The lines of a stream in order; what is made of them is for each to say. */
abstract class DepthRacer implements Racer {
  protected readonly stream: DepthStream;
  #next = 0;

  constructor(stream: DepthStream) {
    this.stream = stream;
  }

  /** Begins anew with the stream's snapshot. */
  protected abstract begin(): void;
  /** Takes the line `bytes[from, to)`. */
  protected abstract take(bytes: Buffer, from: number, to: number): void;
  /** The lines of a chunk were all taken. */
  protected settle(): void {}
  abstract hash(): string;

  start(): void {
    this.#next = 0;
    this.begin();
  }

  run(_from: number, to: number): void {
    const { eventsUpTo, chunks, chunk, from, to: ends } = this.stream;
    let next = this.#next;
    for (; next < from.length && eventsUpTo[next] <= to; next++) {
      this.take(chunks[chunk[next]], from[next], ends[next]);
    }
    this.#next = next;
    this.settle();
  }
}

/** Lines → events → `BookSync` → ladder, as in a replay; how a line becomes events is for the sides to differ in. */
abstract class Replay extends DepthRacer {
  protected readonly builder: BatchBuilder;
  /** The same in all passes: its memory is the machine's after the first. */
  readonly #book = new LadderBook(LADDER);
  #sync: BookSync;

  constructor(stream: DepthStream, builder: BatchBuilder) {
    super(stream);
    this.builder = builder;
    this.#sync = new BookSync(stream.instrument, this.#book);
  }

  protected override begin(): void {
    this.#sync = new BookSync(this.stream.instrument, this.#book);
    this.take(this.stream.snapshot, 0, this.stream.snapshot.length);
    this.settle();
  }

  protected abstract decode(bytes: Buffer, from: number, to: number): void;

  protected override take(bytes: Buffer, from: number, to: number): void {
    this.decode(bytes, from, to);
    if (this.builder.full) this.settle();
  }

  protected override settle(): void {
    const batch = this.builder.lend();
    if (batch === null) return;
    for (let i = 0; i < batch.length; ) {
      const end = messageEnd(batch, i);
      this.#sync.applyMessage(batch, i, end);
      i = end;
    }
  }

  hash(): string {
    return `${this.#sync.levels.hash()} as of ${this.#sync.lastSequence}`;
  }
}

/** As a recording is replayed. */
export class Ours extends Replay {
  readonly #decoder: BinanceDecoder;
  #held: Buffer | null = null;

  constructor(stream: DepthStream) {
    const kernel = DiffKernel.create();
    assert(kernel !== null, 'there is WebAssembly');
    super(stream, kernel.builder(instrumentKey(stream.instrument), stream.day));
    this.#decoder = new BinanceDecoder(stream.instrument, stream.symbol, this.builder, false, kernel);
  }

  protected override decode(bytes: Buffer, from: number, to: number): void {
    if (bytes !== this.#held) {
      this.#decoder.hold(bytes);
      this.#held = bytes;
    }
    this.#decoder.decode(bytes, from, to);
  }
}

type Levels = [string, string][];
interface Snapshot {
  lastUpdateId: number;
  bids: Levels;
  asks: Levels;
}
interface Diff {
  data: { T?: number; E: number; U: number; u: number; pu?: number; b: Levels; a: Levels };
}

function textOf(bytes: Buffer, from: number, to: number): string {
  return bytes.toString('latin1', bytes.indexOf(SPACE, from) + 1, to);
}

/** Decimal text → steps, exactly. */
function converter(unit: DecimalStep): (text: string) => number {
  const powers = Array.from({ length: 16 }, (_, i) => 10 ** i);
  return (text) => {
    let digits = 0;
    let decimals = -1;
    for (let i = 0; i < text.length; i++) {
      const c = text.charCodeAt(i);
      if (c === POINT) decimals = 0;
      else {
        digits = digits * 10 + c - ZERO;
        if (decimals >= 0) decimals++;
      }
    }
    const excess = Math.max(decimals, 0) - unit.scale;
    return excess > 0 ? digits / powers[excess] / unit.step : (digits * powers[-excess]) / unit.step;
  };
}

/** The same events by way of `JSON.parse`. */
export class JsonParse extends Replay {
  readonly #ticks: (text: string) => number;
  readonly #lots: (text: string) => number;
  readonly #daySeconds: number;

  constructor(stream: DepthStream) {
    super(stream, new BatchBuilder(instrumentKey(stream.instrument), stream.day));
    this.#ticks = converter(priceStep(stream.instrument));
    this.#lots = converter(sizeStep(stream.instrument));
    this.#daySeconds = stream.day * 86400;
  }

  protected override decode(bytes: Buffer, from: number, to: number): void {
    const line = JSON.parse(textOf(bytes, from, to)) as Snapshot | Diff;
    const seconds = Number(bytes.toString('latin1', from, from + 10));
    const recvNs = (seconds - this.#daySeconds) * 1e9 + Number(bytes.toString('latin1', from + 10, from + 19));
    if ('data' in line) {
      const { T, E, U, u, pu, b, a } = line.data;
      const eventNs = ((T ?? E) - this.#daySeconds * 1e3) * 1e6;
      this.builder.push(EventKind.DELTA, Side.NONE, NO_PRICE, 0, eventNs, recvNs, u, pu ?? U - 1);
      this.#push(Side.BID, b, eventNs, recvNs, u);
      this.#push(Side.ASK, a, eventNs, recvNs, u);
    } else {
      const id = line.lastUpdateId;
      this.builder.push(EventKind.SNAPSHOT, Side.NONE, NO_PRICE, 0, recvNs, recvNs, id, 0);
      this.#push(Side.BID, line.bids, recvNs, recvNs, id);
      this.#push(Side.ASK, line.asks, recvNs, recvNs, id);
    }
    this.builder.endMessage();
  }

  #push(side: Side, levels: Levels, eventNs: number, recvNs: number, id: number): void {
    for (const [price, size] of levels) {
      const ticks = this.#ticks(price);
      this.builder.push(EventKind.LEVEL, side, ticks, this.#lots(size), eventNs, recvNs, id, 0);
    }
  }
}

/** `JSON.parse` straight into the ladder: no times, no events kept, no chain checked. */
export class JsonParseAlone extends DepthRacer {
  readonly #ticks: (text: string) => number;
  readonly #lots: (text: string) => number;
  readonly #book = new LadderBook(LADDER);
  #last = 0;

  constructor(stream: DepthStream) {
    super(stream);
    this.#ticks = converter(priceStep(stream.instrument));
    this.#lots = converter(sizeStep(stream.instrument));
  }

  protected override begin(): void {
    this.#book.clear();
    const { snapshot: line } = this.stream;
    const snapshot = JSON.parse(textOf(line, 0, line.length)) as Snapshot;
    this.#last = snapshot.lastUpdateId;
    this.#apply(Side.BID, snapshot.bids);
    this.#apply(Side.ASK, snapshot.asks);
  }

  protected override take(bytes: Buffer, from: number, to: number): void {
    const { data } = JSON.parse(textOf(bytes, from, to)) as Diff;
    this.#last = data.u;
    this.#apply(Side.BID, data.b);
    this.#apply(Side.ASK, data.a);
  }

  hash(): string {
    return `${this.#book.hash()} as of ${this.#last}`;
  }

  #apply(side: Side, levels: Levels): void {
    for (const [price, size] of levels) this.#book.setLevel(side, this.#ticks(price), this.#lots(size));
  }
}

/** The text through ccxt, from its websocket client on. */
export class Ccxt extends DepthRacer {
  readonly #feed: CcxtFeed;

  constructor(stream: DepthStream, classes: CcxtClasses) {
    super(stream);
    this.#feed = new CcxtFeed(classes, [stream.symbol], stream.instrument.sequencing === 'spanning');
  }

  protected override begin(): void {
    const { snapshot: line, chunks, from, to, instrument, symbol } = this.stream;
    const snapshot = JSON.parse(textOf(line, 0, line.length)) as Snapshot;
    const { data } = JSON.parse(textOf(chunks[0], from[0], to[0])) as Diff;
    // On futures ccxt refuses the first diff where the snapshot's id lies between the diff before and it, as it does here.
    const nonce = instrument.sequencing === 'linked' ? (data.pu ?? 0) : snapshot.lastUpdateId;
    this.#feed.snapshot(symbol, snapshot.bids, snapshot.asks, nonce);
  }

  protected override take(bytes: Buffer, from: number, to: number): void {
    this.#feed.receive(textOf(bytes, from, to));
  }

  hash(): string {
    const { symbol, instrument } = this.stream;
    const book = this.#feed.book(symbol, priceStep(instrument), sizeStep(instrument));
    return `${book.hash()} as of ${this.#feed.nonce(symbol)}`;
  }
}
