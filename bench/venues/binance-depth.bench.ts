import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { type DecimalStep, NO_PRICE, Random } from '../../src/core/index.ts';
import {
  BatchBuilder,
  BookSync,
  EventKind,
  type Instrument,
  instrumentKey,
  LadderBook,
  messageEnd,
  priceStep,
  Side,
  sizeStep,
} from '../../src/market/index.ts';
import { BinanceDecoder } from '../../src/venues/binance/decode.ts';
import { DiffKernel } from '../../src/venues/binance/diff-kernel.ts';
import { type BinanceMarket, binanceInstrument, knownSteps } from '../../src/venues/binance/instruments.ts';
import { dataPath } from '../../test/support/data.ts';
import type { Benchmark, BenchResult, Racer } from '../harness.ts';
import { race } from '../harness.ts';

/** Depth messages as recorded bytes: a snapshot that bridges, then the diffs after it. */
interface DepthStream {
  readonly instrument: Instrument;
  readonly symbol: string;
  readonly day: number;
  readonly bytes: Buffer;
  readonly snapshot: { from: number; to: number };
  /** Bounds of the diffs' lines in `bytes`. */
  readonly from: Int32Array;
  readonly to: Int32Array;
  /** Events of all diffs up to and including this one, heads included. */
  readonly eventsUpTo: Float64Array;
}

const NEWLINE = 10;
const SPACE = 32;
const POINT = 46;
const ZERO = 48;
/** Wide enough for spot, whose ticks are fine: nearly all levels that change lie within 655 dollars of the best. */
const LADDER = { windowTicks: 1 << 17 };

function depthStream(
  symbol: string,
  market: BinanceMarket,
  day: number,
  lines: Buffer[],
  maxEvents: number,
): DepthStream {
  const snapshotAt = lines.findIndex((line) => line.includes('"lastUpdateId"'));
  const id = Number(/"lastUpdateId": ?(\d+)/.exec(lines[snapshotAt].toString('latin1'))![1]);
  const kept: Buffer[] = [lines[snapshotAt]];
  const eventsUpTo: number[] = [];
  let events = 0;
  for (const line of lines) {
    if (!line.includes('"depthUpdate"')) continue;
    const text = line.toString('latin1');
    if (Number(/"u":(\d+)/.exec(text)![1]) <= id) continue;
    events += 1 + (text.match(/\["/g)?.length ?? 0);
    if (events > maxEvents) break;
    kept.push(line);
    eventsUpTo.push(events);
  }
  const bytes = Buffer.concat(kept.flatMap((line) => [line, Buffer.from('\n')]));
  const from = new Int32Array(kept.length);
  const to = new Int32Array(kept.length);
  for (let i = 0, at = 0; i < kept.length; i++) {
    from[i] = at;
    to[i] = bytes.indexOf(NEWLINE, at);
    at = to[i] + 1;
  }
  return {
    instrument: binanceInstrument(symbol, market, knownSteps(symbol, market)!),
    symbol,
    day,
    bytes,
    snapshot: { from: from[0], to: to[0] },
    from: from.slice(1),
    to: to.slice(1),
    eventsUpTo: Float64Array.from(eventsUpTo),
  };
}

function recorded(path: string): Buffer[] {
  const all = gunzipSync(readFileSync(path));
  const lines: Buffer[] = [];
  for (let at = 0, end = all.indexOf(NEWLINE); end >= 0; at = end + 1, end = all.indexOf(NEWLINE, at)) {
    lines.push(all.subarray(at, end));
  }
  return lines;
}

/** Seeded messages of the shape of a USD-M recording around a mid that stands still, for machines without one. */
function synthetic(messages: number): Buffer[] {
  const random = new Random(20240808);
  const text = (value: number, decimals: number): string => (value / 10 ** decimals).toFixed(decimals);
  const level = (mid: number, sign: number, present: number): string => {
    const price = mid + sign * (1 + random.geometric(0.01));
    const size = random.bernoulli(present) ? 1 + random.geometric(0.001) : 0;
    return `["${text(price * 10, 2)}","${text(size, 3)}"]`;
  };
  const side = (mid: number, sign: number, n: number, present: number): string =>
    Array.from({ length: n }, () => level(mid, sign, present)).join(',');
  const mid = 618000;
  let id = 5_123_107_832_006;
  let time = 1_723_161_256_298;
  const lines = [
    `${time}000000 {"lastUpdateId":${id},"E":${time},"T":${time},"bids":[${side(mid, -1, 1000, 1)}],"asks":[${side(mid, 1, 1000, 1)}]}`,
  ];
  for (let i = 0; i < messages; i++) {
    const next = id + 1 + random.below(5000);
    time += 30 + random.below(60);
    lines.push(
      `${time}000000 {"stream":"btcusdt@depth@0ms","data":{"e":"depthUpdate","E":${time},"T":${time},"s":"BTCUSDT","U":${id + 1},` +
        `"u":${next},"pu":${id},"b":[${side(mid, -1, random.below(70), 0.6)}],"a":[${side(mid, 1, random.below(70), 0.6)}]}}`,
    );
    id = next;
  }
  return lines.map((line) => Buffer.from(line));
}

/** Lines → events → `BookSync` → ladder, as in a replay; how a line becomes events is for the two sides to differ in. */
abstract class Replay implements Racer {
  protected readonly stream: DepthStream;
  protected readonly builder: BatchBuilder;
  #sync: BookSync;
  #next = 0;

  constructor(stream: DepthStream, builder = new BatchBuilder(instrumentKey(stream.instrument), stream.day)) {
    this.stream = stream;
    this.builder = builder;
    this.#sync = new BookSync(stream.instrument, new LadderBook(LADDER));
  }

  protected abstract decode(from: number, to: number): void;

  start(): void {
    this.#sync = new BookSync(this.stream.instrument, new LadderBook(LADDER));
    this.#next = 0;
    this.decode(this.stream.snapshot.from, this.stream.snapshot.to);
    this.#apply();
  }

  run(_from: number, to: number): void {
    const stream = this.stream;
    while (this.#next < stream.from.length && stream.eventsUpTo[this.#next] <= to) {
      this.decode(stream.from[this.#next], stream.to[this.#next]);
      this.#next++;
      if (this.builder.full) this.#apply();
    }
    this.#apply();
  }

  hash(): string {
    return `${this.#sync.levels.hash()} as of ${this.#sync.lastSequence}`;
  }

  #apply(): void {
    const batch = this.builder.lend();
    if (batch === null) return;
    for (let i = 0; i < batch.length; ) {
      const end = messageEnd(batch, i);
      this.#sync.applyMessage(batch, i, end);
      i = end;
    }
  }
}

class Ours extends Replay {
  readonly #decoder: BinanceDecoder;

  constructor(stream: DepthStream) {
    const kernel = DiffKernel.create()!;
    super(stream, kernel.builder(instrumentKey(stream.instrument), stream.day, 4096));
    this.#decoder = new BinanceDecoder(stream.instrument, stream.symbol, this.builder, false, kernel);
  }

  protected override decode(from: number, to: number): void {
    this.#decoder.decode(this.stream.bytes, from, to);
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

function parse(bytes: Buffer, from: number, to: number): unknown {
  return JSON.parse(bytes.toString('latin1', bytes.indexOf(SPACE, from) + 1, to));
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
class JsonParse extends Replay {
  readonly #ticks: (text: string) => number;
  readonly #lots: (text: string) => number;
  readonly #daySeconds: number;

  constructor(stream: DepthStream) {
    super(stream);
    this.#ticks = converter(priceStep(stream.instrument));
    this.#lots = converter(sizeStep(stream.instrument));
    this.#daySeconds = stream.day * 86400;
  }

  protected override decode(from: number, to: number): void {
    const { bytes } = this.stream;
    const line = parse(bytes, from, to) as Snapshot | Diff;
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
class JsonParseAlone implements Racer {
  readonly #stream: DepthStream;
  readonly #ticks: (text: string) => number;
  readonly #lots: (text: string) => number;
  #book = new LadderBook(LADDER);
  #last = 0;
  #next = 0;

  constructor(stream: DepthStream) {
    this.#stream = stream;
    this.#ticks = converter(priceStep(stream.instrument));
    this.#lots = converter(sizeStep(stream.instrument));
  }

  start(): void {
    this.#book = new LadderBook(LADDER);
    this.#next = 0;
    const { from, to } = this.#stream.snapshot;
    const snapshot = parse(this.#stream.bytes, from, to) as Snapshot;
    this.#last = snapshot.lastUpdateId;
    this.#apply(Side.BID, snapshot.bids);
    this.#apply(Side.ASK, snapshot.asks);
  }

  run(_from: number, to: number): void {
    const stream = this.#stream;
    while (this.#next < stream.from.length && stream.eventsUpTo[this.#next] <= to) {
      const { data } = parse(stream.bytes, stream.from[this.#next], stream.to[this.#next]) as Diff;
      this.#next++;
      this.#last = data.u;
      this.#apply(Side.BID, data.b);
      this.#apply(Side.ASK, data.a);
    }
  }

  hash(): string {
    return `${this.#book.hash()} as of ${this.#last}`;
  }

  #apply(side: Side, levels: Levels): void {
    for (const [price, size] of levels) this.#book.setLevel(side, this.#ticks(price), this.#lots(size));
  }
}

const RECORDINGS: readonly [file: string, symbol: string, market: BinanceMarket][] = [
  ['usdm_btcusdt_20240808.gz', 'BTCUSDT', 'USDM'],
  ['spot_btcusdt_20240808.gz', 'BTCUSDT', 'SPOT'],
  ['cm_btcusd_perp_20240808.gz', 'BTCUSD_PERP', 'COINM'],
];
const DAY_20240808 = 19943;

/** From the recorded bytes of a depth message to a ladder that has applied it. An event is one level, or the message's head. */
export const bench: Benchmark = {
  name: 'binance-depth',
  run({ smoke }): Promise<BenchResult[]> {
    const maxEvents = smoke ? 8_000 : 300_000;
    const streams: [string, DepthStream][] = [];
    for (const [file, symbol, market] of RECORDINGS) {
      const path = dataPath(`binance/${file}`);
      if (path === null) continue;
      streams.push([`recorded ${file}`, depthStream(symbol, market, DAY_20240808, recorded(path), maxEvents)]);
    }
    if (streams.length === 0) {
      const lines = synthetic(maxEvents / 50);
      streams.push([
        'synthetic USD-M (no recording here)',
        depthStream('BTCUSDT', 'USDM', DAY_20240808, lines, maxEvents),
      ]);
    }
    const results = streams.flatMap(([name, stream]) =>
      [
        { what: 'both keep events and check the chain', theirs: new JsonParse(stream) },
        { what: 'the rival does neither', theirs: new JsonParseAlone(stream) },
      ].map(({ what, theirs }) =>
        race({
          case: `bytes to applied ladder, ${name}; ${what}`,
          rival: 'JSON.parse',
          ours: new Ours(stream),
          theirs,
          length: stream.eventsUpTo[stream.eventsUpTo.length - 1],
          chunk: 4096,
          rivalChunk: 4096,
          rounds: smoke ? 1 : 5,
          passes: smoke ? 1 : 5,
          warmups: smoke ? 1 : 8,
        }),
      ),
    );
    return Promise.resolve(results);
  },
};
