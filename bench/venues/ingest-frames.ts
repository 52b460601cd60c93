import { assert, formatSteps } from '../../src/core/index.ts';
import type { FeedInstrument } from '../../src/feed/index.ts';
import { Side as BookSide, type Instrument, type LadderBook, priceStep, sizeStep } from '../../src/market/index.ts';
import { type BinanceMarket, binanceInstrument, knownSteps } from '../../src/venues/binance/instruments.ts';

/** A recording's messages as the venue sends them, to be played round and round under any symbol. */
export interface FrameTape {
  readonly market: BinanceMarket;
  /** The recorded symbol, in whose place others of the same length are written. */
  readonly symbol: string;
  readonly frames: readonly Frame[];
  /** The answers to requests of the book as it is before each of these frames, whose places rise. */
  snapshots(places: readonly number[]): Buffer[];
}

interface Frame {
  readonly bytes: Buffer;
  readonly events: number;
  /** Where the symbol stands, in lower and in upper case. */
  readonly lower: number;
  readonly upper: number;
  /** Numbers that rise from round to round: where their digits begin, how many there are, and the first round's value. */
  readonly numbers: readonly {
    readonly at: number;
    readonly width: number;
    readonly value: number;
    readonly span: number;
  }[];
}

interface Diff {
  readonly U: number;
  readonly u: number;
  readonly pu?: number;
  readonly b: readonly [string, string][];
  readonly a: readonly [string, string][];
}
type Side = Map<string, string>;

/**
 * Makes a tape of recorded lines. Its last frame is a diff of our own that turns the book back into the first one, so that the
 * chain of ids and the prices go on from round to round without a break.
 */
export function frameTape(market: BinanceMarket, symbol: string, lines: readonly Buffer[]): FrameTape {
  const texts = lines.map((line) => line.toString('latin1')).map((line) => line.slice(line.indexOf(' ') + 1));
  const snapshot = JSON.parse(texts.find((text) => text.startsWith('{"lastUpdateId"'))!) as {
    lastUpdateId: number;
    bids: [string, string][];
    asks: [string, string][];
  };
  const played = texts.filter((text) => text.startsWith('{"stream"') && !/"q":"0(\.0+)?",/.test(text));
  const first = played.findIndex((text) => text.includes('"depthUpdate"') && diffOf(text).u > snapshot.lastUpdateId);
  const last = played.findLastIndex((text) => text.includes('"depthUpdate"'));
  assert(first >= 0 && first < last, 'a recording has diffs behind its snapshot');
  const kept = played.slice(first, last + 1);
  const opening = diffOf(kept[0]);
  const base = opening.pu ?? opening.U - 1;
  const end = diffOf(kept[kept.length - 1]).u;
  const start = [new Map(snapshot.bids), new Map(snapshot.asks)];
  const sides = start.map((side) => new Map(side));
  for (const text of kept) if (text.includes('"depthUpdate"')) applyDiff(sides, diffOf(text));
  kept.push(turnBack(kept[0], sides, start, end));
  const trades = kept.filter((text) => text.includes('"e":"trade"')).map((text) => Number(/"t":(\d+)/.exec(text)![1]));
  const idSpan = end + 1 - base;
  const tradeSpan = trades.length === 0 ? 0 : trades[trades.length - 1] + 1 - trades[0];
  return {
    market,
    symbol,
    frames: kept.map((text) => frameOf(text, symbol, idSpan, tradeSpan)),
    snapshots(places) {
      const book = start.map((side) => new Map(side));
      let id = base;
      let next = 0;
      return places.map((place) => {
        for (; next < place; next++) {
          if (!kept[next].includes('"depthUpdate"')) continue;
          const diff = diffOf(kept[next]);
          applyDiff(book, diff);
          id = diff.u;
        }
        const [bids, asks] = book.map((side) => [...side]);
        return Buffer.from(JSON.stringify({ lastUpdateId: id, bids, asks }));
      });
    },
  };
}

function diffOf(text: string): Diff {
  return (JSON.parse(text) as { data: Diff }).data;
}

function applyDiff([bids, asks]: readonly Side[], { b, a }: Diff): void {
  for (const [side, levels] of [
    [bids, b],
    [asks, a],
  ] as const) {
    for (const [price, size] of levels) {
      if (Number(size) === 0) side.delete(price);
      else side.set(price, size);
    }
  }
}

/** The diff after `end` that makes the books `to` out of `from`, with the header of `like`. */
function turnBack(like: string, from: readonly Side[], to: readonly Side[], end: number): string {
  const changes = from.map((side, i) => {
    const gone = [...side.keys()].filter((price) => !to[i].has(price)).map((price) => [price, '0']);
    const other = [...to[i]].filter(([price, size]) => side.get(price) !== size);
    return JSON.stringify([...gone, ...other]);
  });
  const header = like
    .slice(0, like.indexOf('"b":['))
    .replace(/"U":\d+/, `"U":${end + 1}`)
    .replace(/"u":\d+/, `"u":${end + 1}`)
    .replace(/"pu":\d+/, `"pu":${end}`);
  return `${header}"b":${changes[0]},"a":${changes[1]}}}`;
}

function frameOf(text: string, symbol: string, idSpan: number, tradeSpan: number): Frame {
  const isDiff = text.includes('"depthUpdate"');
  const numbers = [...text.matchAll(isDiff ? /"(?:U|u|pu)":(\d+)/g : /"t":(\d+)/g)].map((match) => ({
    at: match.index + match[0].length - match[1].length,
    width: match[1].length,
    value: Number(match[1]),
    span: isDiff ? idSpan : tradeSpan,
  }));
  return {
    bytes: Buffer.from(text, 'latin1'),
    events: isDiff ? 1 + (text.match(/\["/g)?.length ?? 0) : text.includes('"e":"trade"') ? 1 : 2,
    lower: text.indexOf(symbol.toLowerCase()),
    upper: text.indexOf(`"s":"${symbol}"`) + 5,
    numbers,
  };
}

const ZERO = 48;
/** What integers of 32 bits can hold is taken apart twice as fast. */
const HALF = 1e7;

function writeDigits(into: Buffer, at: number, width: number, value: number): void {
  const high = Math.floor(value / HALF);
  const last = at + width - 1;
  for (let part = 0; part < 2; part++) {
    let left = (part === 0 ? value - high * HALF : high) | 0;
    const end = Math.max(at, last - 6 - 7 * part);
    for (let digit = last - 7 * part; digit >= end; digit--) {
      const rest = (left / 10) | 0;
      into[digit] = ZERO + left - rest * 10;
      left = rest;
    }
  }
}

/** An instrument's part in what is played. */
export interface Part {
  readonly tape: FrameTape;
  readonly symbol: string;
  readonly at: number;
  readonly snapshot: Buffer;
}

/** One instrument's messages, one after the other for ever. */
export class Player {
  readonly feed: FeedInstrument;
  /** The answer to a request of its book, as of the first frame. */
  readonly snapshot: Buffer;
  readonly #tape: FrameTape;
  readonly #lower: Buffer;
  readonly #upper: Buffer;
  #at: number;
  #round = 0;
  /** Of the frame last taken. */
  events = 0;

  /** Begins with frame `at`; `snapshot` is of the book before it. */
  constructor({ tape, symbol, at, snapshot }: Part) {
    assert(symbol.length === tape.symbol.length, 'a symbol takes the place of another one of its length');
    this.#tape = tape;
    this.#at = at;
    this.#lower = Buffer.from(symbol.toLowerCase());
    this.#upper = Buffer.from(symbol);
    this.snapshot = snapshot;
    const instrument = binanceInstrument(symbol, tape.market, knownSteps(tape.symbol, tape.market)!);
    this.feed = { instrument, symbol, book: 'levels', proof: 'sequence' };
  }

  /** Writes the next frame into `into` and returns its length. */
  next(into: Buffer): number {
    const frame = this.#tape.frames[this.#at];
    const { bytes } = frame;
    bytes.copy(into);
    this.#lower.copy(into, frame.lower);
    this.#upper.copy(into, frame.upper);
    if (this.#round > 0) {
      for (const { at, width, value, span } of frame.numbers) writeDigits(into, at, width, value + this.#round * span);
    }
    if (++this.#at === this.#tape.frames.length) {
      this.#at = 0;
      this.#round++;
    }
    this.events = frame.events;
    return bytes.length;
  }
}

const SNAPSHOT_LEVELS = 1000;

/** A REST depth snapshot of a book, as of `id`. */
export function snapshotOf(levels: LadderBook, id: number, instrument: Instrument): Buffer {
  const price = priceStep(instrument);
  const size = sizeStep(instrument);
  const ticks = new Int32Array(SNAPSHOT_LEVELS);
  const lots = new Float64Array(SNAPSHOT_LEVELS);
  const side = (of: BookSide): string[][] =>
    Array.from({ length: levels.top(of, SNAPSHOT_LEVELS, ticks, lots) }, (_, i) => [
      formatSteps(ticks[i], price),
      formatSteps(lots[i], size),
    ]);
  return Buffer.from(JSON.stringify({ lastUpdateId: id, bids: side(BookSide.BID), asks: side(BookSide.ASK) }));
}
