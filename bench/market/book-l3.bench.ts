import { OrderBook as RivalBook, type Side as RivalSide } from 'nodejs-order-book';
import { OrderBook, Side } from '../../src/market/index.ts';
import { type Benchmark, type BenchResult, hashNumbers, packageVersion, type Racer, race } from '../harness.ts';
import { Op, type OrderStream, syntheticOrders } from './order-streams.ts';

/** Levels of both sides in one order, whoever lists them. */
function hashLevels(bids: readonly (readonly number[])[], asks: readonly (readonly number[])[]): string {
  const sorted = [bids, asks].map((levels) => [...levels].sort((a, b) => a[0] - b[0]).flat());
  return hashNumbers([...sorted[0], Number.NaN, ...sorted[1]]);
}

class Ours implements Racer {
  readonly #stream: OrderStream;
  readonly #book = new OrderBook();

  constructor(stream: OrderStream) {
    this.#stream = stream;
  }

  start(): void {
    this.#book.clear();
    this.#apply(0, this.#stream.timedFrom);
  }

  run(from: number, to: number): void {
    this.#apply(this.#stream.timedFrom + from, this.#stream.timedFrom + to);
  }

  hash(): string {
    const [bids, asks] = [Side.BID, Side.ASK].map((side) => {
      const n = this.#book.levels.levelCount(side);
      const ticks = new Int32Array(n);
      const lots = new Float64Array(n);
      this.#book.levels.top(side, n, ticks, lots);
      return Array.from(ticks, (price, i) => [price, lots[i]]);
    });
    return hashLevels(bids, asks);
  }

  #apply(from: number, to: number): void {
    const { op, side, ticks, lots, id } = this.#stream;
    const book = this.#book;
    for (let i = from; i < to; i++) {
      switch (op[i]) {
        case Op.ADD:
          book.add(side[i] as Side, ticks[i], lots[i], id[i]);
          break;
        case Op.REMOVE:
          book.remove(id[i]);
          break;
        case Op.EXECUTE:
          book.execute(id[i], lots[i]);
          break;
        default:
          book.remove(id[i]);
          book.add(side[i] as Side, ticks[i], lots[i], id[i]);
      }
    }
  }
}

/** A matching engine: an execution is a market order, which meets the order first in turn. */
class Rival implements Racer {
  readonly #stream: OrderStream;
  /** It knows orders by text; made beforehand, so that it does not pay for that. */
  readonly #ids: readonly string[];
  #book = new RivalBook();

  constructor(stream: OrderStream) {
    this.#stream = stream;
    this.#ids = Array.from(stream.id, String);
  }

  start(): void {
    this.#book = new RivalBook();
    this.#apply(0, this.#stream.timedFrom);
  }

  run(from: number, to: number): void {
    this.#apply(this.#stream.timedFrom + from, this.#stream.timedFrom + to);
  }

  hash(): string {
    const [asks, bids] = this.#book.depth();
    return hashLevels(bids, asks);
  }

  #apply(from: number, to: number): void {
    const { op, side, ticks, lots } = this.#stream;
    const book = this.#book;
    const ids = this.#ids;
    // The package declares its sides as an enum; these are its values.
    const names = ['buy', 'sell'] as RivalSide[];
    for (let i = from; i < to; i++) {
      switch (op[i]) {
        case Op.ADD:
          book.limit({ id: ids[i], side: names[side[i]], price: ticks[i], size: lots[i] });
          break;
        case Op.REMOVE:
          book.cancel(ids[i]);
          break;
        case Op.EXECUTE:
          book.market({ side: names[1 - side[i]], size: lots[i] });
          break;
        default:
          book.modify(ids[i], { price: ticks[i], size: lots[i] });
      }
    }
  }
}

async function run({ smoke }: { smoke: boolean }): Promise<BenchResult[]> {
  const live = smoke ? 1_000 : 10_000;
  const count = smoke ? 2_000 : 20_000;
  const stream = syntheticOrders(1, live, count);
  return [
    race({
      case: `synthetic, ${live} live orders`,
      rival: packageVersion('nodejs-order-book'),
      ours: new Ours(stream),
      theirs: new Rival(stream),
      length: count,
      chunk: 1000,
      rivalChunk: 20,
      rounds: smoke ? 1 : 5,
      passes: smoke ? 1 : 20,
      warmups: smoke ? 2 : 30,
    }),
  ];
}

/** Adds, removals, executions and replacements of single orders, against a matching engine's book. */
export const bench: Benchmark = { name: 'book-l3', run };
