import { MAX_PRICE_TICKS, NO_PRICE } from '../core/index.ts';
import { type LadderBook, Side } from '../market/index.ts';

/**
 * One side of a book as signals see it: its best levels now and before the last book message, best first, each array `depth`
 * long. A level that does not exist has size 0 and lies infinitely far away (`NO_PRICE` for bids, `MAX_PRICE_TICKS` for asks).
 */
export class ViewSide {
  ticks: Int32Array;
  lots: Float64Array;
  /** The arrays of now where the last message left the best levels alone. */
  oldTicks: Int32Array;
  oldLots: Float64Array;
  /** Levels that exist, at most `depth`. */
  levels = 0;
  oldLevels = 0;
  /** The last message changed one of the levels. */
  changed = false;
  /** Lots on the best m + 1 levels; lots × distance in ticks from the best price, over them. */
  readonly sumLots: Float64Array;
  readonly sumReach: Float64Array;
  /** The first level that the last message changed; `depth` where it changed none. */
  firstChanged = 0;
  readonly #side: Side;
  /** 1 for bids, −1 for asks: sign × price falls from level to level. */
  readonly #sign: number;
  /** With which ticks are inverted so that a better price is a greater number: 0 for bids, −1 (every bit) for asks. */
  readonly #flip: number;
  readonly #absent: number;
  readonly #depth: number;
  /** Two sets of arrays that take turns. */
  readonly #ticks: readonly [Int32Array, Int32Array];
  readonly #lots: readonly [Float64Array, Float64Array];
  #turn = 0;
  #version = Number.NaN;

  constructor(side: Side, depth: number) {
    this.#side = side;
    this.#sign = side === Side.BID ? 1 : -1;
    this.#flip = side === Side.BID ? 0 : -1;
    this.#absent = side === Side.BID ? NO_PRICE : MAX_PRICE_TICKS;
    this.#depth = depth;
    this.#ticks = [new Int32Array(depth), new Int32Array(depth)];
    this.#lots = [new Float64Array(depth), new Float64Array(depth)];
    this.ticks = this.#ticks[0];
    this.lots = this.#lots[0];
    this.oldTicks = this.ticks;
    this.oldLots = this.lots;
    this.sumLots = new Float64Array(depth);
    this.sumReach = new Float64Array(depth);
    this.reset();
  }

  /** All lots of the levels. */
  get total(): number {
    return this.sumLots[this.#depth - 1];
  }

  /** The book after a message that changed it. What the message left alone is not read again. */
  apply(book: LadderBook): void {
    this.oldTicks = this.ticks;
    this.oldLots = this.lots;
    this.oldLevels = this.levels;
    this.changed = book.topVersion(this.#side) !== this.#version;
    if (this.changed) this.#read(book);
    else this.firstChanged = this.#depth;
  }

  /** The first book after a reset: a state that nothing led to. */
  start(book: LadderBook): void {
    this.#read(book);
    this.oldTicks = this.ticks;
    this.oldLots = this.lots;
    this.oldLevels = this.levels;
  }

  reset(): void {
    this.changed = false;
    this.levels = 0;
    this.oldLevels = 0;
    this.ticks.fill(this.#absent);
    this.lots.fill(0);
    this.oldTicks = this.ticks;
    this.oldLots = this.lots;
    this.sumLots.fill(0);
    this.sumReach.fill(0);
    this.firstChanged = 0;
  }

  #read(book: LadderBook): void {
    this.#turn ^= 1;
    const depth = this.#depth;
    const ticks = this.#ticks[this.#turn];
    const lots = this.#lots[this.#turn];
    this.ticks = ticks;
    this.lots = lots;
    this.#version = book.topVersion(this.#side);
    const levels = book.top(this.#side, depth, ticks, lots);
    this.levels = levels;
    for (let m = levels; m < depth; m++) {
      ticks[m] = this.#absent;
      lots[m] = 0;
    }
    this.#measure(ticks, lots);
  }

  /** The sums, from the first level that is another than before. */
  #measure(ticks: Int32Array, lots: Float64Array): void {
    const { oldTicks, oldLots, sumLots, sumReach } = this;
    const depth = this.#depth;
    const sign = this.#sign;
    const best = ticks[0];
    let m = 0;
    // A best price that moved moves every distance.
    while (m < depth && ticks[m] === oldTicks[m] && lots[m] === oldLots[m]) m++;
    this.firstChanged = m;
    if (m === depth) return;
    if (best !== oldTicks[0]) m = 0;
    let sum = m === 0 ? 0 : sumLots[m - 1];
    let reach = m === 0 ? 0 : sumReach[m - 1];
    for (; m < depth; m++) {
      const size = lots[m];
      sum += size;
      // The product of an absent level is 0: it is far away, but its size is 0.
      reach += size * (sign * (best - ticks[m]));
      sumLots[m] = sum;
      sumReach[m] = reach;
    }
  }

  /** Adds what the last message made join less what it made leave, by level, times `weight` (`MarketView.flowLots`). */
  addFlow(flowLots: Float64Array, weight: number): void {
    const { ticks, lots, oldTicks, oldLots } = this;
    const flip = this.#flip;
    for (let m = this.firstChanged; m < flowLots.length; m++) {
      const now = ticks[m] ^ flip;
      const before = oldTicks[m] ^ flip;
      flowLots[m] += weight * ((now >= before ? lots[m] : 0) - (now <= before ? oldLots[m] : 0));
    }
  }
}
