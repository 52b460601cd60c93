import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { LadderBook, Side } from '../../src/market/index.ts';
import { dataPath } from '../../test/support/data.ts';
import {
  type Benchmark,
  type BenchResult,
  hashNumbers,
  packageFolder,
  packageVersion,
  type Racer,
  race,
} from '../harness.ts';
import { type LevelStream, recordedLevels, syntheticLevels } from './level-streams.ts';

/** What is read after each message: nothing; or the best quotes, and ten levels a side. */
type Reads = 'none' | 'bbo+top10';

/** Sums of what was read, so that both sides show that they read the same, and none of it is optimised away. */
class Readings {
  bbo = 0;
  top = 0;
}

class Ladder implements Racer {
  readonly #stream: LevelStream;
  readonly #reads: Reads;
  readonly #ticks = new Int32Array(10);
  readonly #lots = new Float64Array(10);
  #book = new LadderBook();
  #readings = new Readings();

  constructor(stream: LevelStream, reads: Reads) {
    this.#stream = stream;
    this.#reads = reads;
  }

  start(): void {
    this.#book = new LadderBook();
    this.#readings = new Readings();
    this.#apply(0, this.#stream.timedFrom);
  }

  run(from: number, to: number): void {
    const { timedFrom } = this.#stream;
    if (this.#reads === 'none') this.#apply(timedFrom + from, timedFrom + to);
    else this.#applyAndRead(timedFrom + from, timedFrom + to);
  }

  hash(): string {
    return hashNumbers([...this.#best(), this.#readings.bbo, this.#readings.top]);
  }

  #apply(from: number, to: number): void {
    const { side, ticks, lots } = this.#stream;
    const book = this.#book;
    for (let i = from; i < to; i++) book.setLevel(side[i] as Side, ticks[i], lots[i]);
  }

  #applyAndRead(from: number, to: number): void {
    const { side, ticks, lots, ends } = this.#stream;
    const book = this.#book;
    let bbo = 0;
    let top = 0;
    for (let i = from; i < to; i++) {
      book.setLevel(side[i] as Side, ticks[i], lots[i]);
      if (ends[i] === 0) continue;
      bbo += book.bestBidTicks + book.bestBidLots + book.bestAskTicks + book.bestAskLots;
      for (let at = 0; at < 2; at++) {
        const count = book.top(at as Side, 10, this.#ticks, this.#lots);
        for (let k = 0; k < count; k++) top += this.#ticks[k] * (k + 1) + this.#lots[k];
      }
    }
    this.#readings.bbo += bbo;
    this.#readings.top += top;
  }

  #best(): number[] {
    return [Side.BID, Side.ASK].flatMap((side) => {
      const count = this.#book.top(side, 10, this.#ticks, this.#lots);
      return Array.from({ length: count }, (_, k) => [this.#ticks[k], this.#lots[k]]).flat();
    });
  }
}

/** A side of ccxt's book is an array of `[price, size]`, best first. */
interface CcxtSide extends Array<[number, number]> {
  store(price: number, size: number): void;
}
interface CcxtBook {
  bids: CcxtSide;
  asks: CcxtSide;
}
type CcxtClass = new () => CcxtBook;

/** Its order book alone: the package's entry point loads every exchange it knows. */
async function ccxtOrderBook(): Promise<CcxtClass> {
  const file = join(packageFolder('ccxt'), 'js/src/base/ws/OrderBook.js');
  return ((await import(pathToFileURL(file).href)) as { OrderBook: CcxtClass }).OrderBook;
}

/** ccxt is given the same integers, so neither side pays for decimals. */
class Ccxt implements Racer {
  readonly #Book: CcxtClass;
  readonly #stream: LevelStream;
  readonly #reads: Reads;
  #book: CcxtBook;
  #readings = new Readings();

  constructor(Book: CcxtClass, stream: LevelStream, reads: Reads) {
    this.#Book = Book;
    this.#book = new Book();
    this.#stream = stream;
    this.#reads = reads;
  }

  start(): void {
    this.#book = new this.#Book();
    this.#readings = new Readings();
    this.#apply(0, this.#stream.timedFrom);
  }

  run(from: number, to: number): void {
    const { timedFrom } = this.#stream;
    if (this.#reads === 'none') this.#apply(timedFrom + from, timedFrom + to);
    else this.#applyAndRead(timedFrom + from, timedFrom + to);
  }

  hash(): string {
    const best = [this.#book.bids, this.#book.asks].flatMap((side) => side.slice(0, 10).flat());
    return hashNumbers([...best, this.#readings.bbo, this.#readings.top]);
  }

  #apply(from: number, to: number): void {
    const { side, ticks, lots } = this.#stream;
    const { bids, asks } = this.#book;
    for (let i = from; i < to; i++) (side[i] === Side.BID ? bids : asks).store(ticks[i], lots[i]);
  }

  #applyAndRead(from: number, to: number): void {
    const { side, ticks, lots, ends } = this.#stream;
    const { bids, asks } = this.#book;
    let bbo = 0;
    let top = 0;
    for (let i = from; i < to; i++) {
      (side[i] === Side.BID ? bids : asks).store(ticks[i], lots[i]);
      if (ends[i] === 0) continue;
      bbo += bids[0][0] + bids[0][1] + asks[0][0] + asks[0][1];
      for (let at = 0; at < 2; at++) {
        const levels = at === 0 ? bids : asks;
        const count = Math.min(10, levels.length);
        for (let k = 0; k < count; k++) top += levels[k][0] * (k + 1) + levels[k][1];
      }
    }
    this.#readings.bbo += bbo;
    this.#readings.top += top;
  }
}

function streams(smoke: boolean): [string, LevelStream][] {
  const found: [string, LevelStream][] = [
    ['synthetic, 1000 levels a side', syntheticLevels(1, 1000, smoke ? 8_000 : 200_000)],
  ];
  // The first file has the snapshot; only the second is timed.
  const files = ['usdm_btcusdt_20240718.gz', 'usdm_btcusdt_20240719.gz'].map((name) => dataPath(`binance/${name}`));
  if (!smoke && files.every((file) => file !== null)) {
    found.push(['recorded Binance BTCUSDT futures', recordedLevels(files, '0.10', '0.001', 200_000)]);
  }
  return found;
}

async function run({ smoke }: { smoke: boolean }): Promise<BenchResult[]> {
  const Book = await ccxtOrderBook();
  const results: BenchResult[] = [];
  for (const [name, stream] of streams(smoke)) {
    for (const reads of ['none', 'bbo+top10'] as const) {
      results.push(
        race({
          case: `${name}: update${reads === 'none' ? '' : ', best quotes and 10 levels read each message'}`,
          rival: packageVersion('ccxt'),
          ours: new Ladder(stream, reads),
          theirs: new Ccxt(Book, stream, reads),
          length: stream.side.length - stream.timedFrom,
          chunk: smoke ? 1000 : 4000,
          rivalChunk: 200,
          rounds: smoke ? 1 : 5,
          warmups: smoke ? 1 : 5,
        }),
      );
    }
  }
  return results;
}

/** Absolute levels into an L2 book, against the book that every ccxt stream keeps. */
export const bench: Benchmark = { name: 'book-l2', run };
